//! What came of conversations: who writes it and when, what is refused, who sees it, and what is found and counted by it.

use domain::Attempt;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::answered_attempt;

use crate::support::{Database, World, register, task_id, until};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A task with so many answered calls, one an hour from 8 May 2023 at 08:30 on.
fn called(world: &World, calls: usize) -> (String, Vec<Attempt>) {
    let task = world.task(world.group("called"));
    let (account, id) = (world.account(), task_id(&task));
    let dialed = |hour: usize| {
        at("2023-05-08T08:30:00+08:00") + SignedDuration::from_hours(i64::try_from(hour).unwrap())
    };
    let attempts: Vec<Attempt> = (0..calls).map(|hour| answered_attempt(account, id, dialed(hour))).collect();
    world.record_all(&attempts);
    (task, attempts)
}

fn result_of(world: &World, attempt: &Attempt) -> String {
    world.path(&format!("/record/{}/result", attempt.id))
}

fn conversation() -> Value {
    json!([
        {"offset": 500, "speaker": "bot", "text": "您好"},
        {"at": "2023-05-08T08:30:13+08:00", "speaker": "callee", "text": "你好，"},
        {"at": "2023-05-08T08:30:13.250+08:00", "speaker": "callee", "text": "打 138 0000 1234"},
        {"offset": 5_000, "speaker": "bot", "text": "好的"},
        {"offset": 9_000, "speaker": "callee", "text": "再见"},
    ])
}

#[rstest]
fn a_result_is_written_field_by_field(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 2);
    let path = result_of(&world, &attempts[0]);
    let empty = world.client.get(&path).data().clone();
    assert_eq!(
        (&empty["transcript"], &empty["intention"], &empty["rounds"]),
        (&json!([]), &Value::Null, &json!(0))
    );
    assert_eq!(empty["updated_at"], Value::Null);
    let sent = json!({
        "transcript": conversation(), "tags": ["要回电", "老客户", "要回电"], "intention": 2, "score": "72.50",
        "summary": "要回电\n13800001234", "fields": {"city": "上海", "visits": 2, "vip": true, "phone": 13_800_001_234_i64},
    });
    let written = world.client.put(&path, &sent).data().clone();
    assert_eq!(&written, world.client.get(&path).data());
    for (field, value) in [
        ("tags", json!(["要回电", "老客户"])),
        ("intention", json!("B")),
        ("intention_results", json!(2)),
        ("score", json!(72.5)),
        ("rounds", json!(2)),
        ("fields", sent["fields"].clone()),
    ] {
        assert_eq!(written[field], value, "{field}");
    }
    let turns = written["transcript"].as_array().unwrap();
    let turn =
        |number: usize| ["at", "offset", "speaker", "text"].map(|name| turns[number - 1][name].clone());
    assert_eq!(turns[0]["number"], 1);
    assert_eq!(turn(1), [json!("2023-05-08T08:30:10.5+08:00"), json!(500), json!("bot"), json!("您好")]);
    assert_eq!(turn(2), [json!("2023-05-08T08:30:13+08:00"), json!(3_000), json!("callee"), json!("你好，")]);
    assert_eq!(
        world.client.get(&result_of(&world, &attempts[1])).data()["rounds"],
        0,
        "another's is its own"
    );
}

#[rstest]
fn what_is_left_out_stays_and_null_takes_away(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let path = result_of(&world, &attempts[0]);
    let sent =
        json!({"transcript": conversation(), "tags": ["要回电"], "summary": "x", "fields": {"city": "上海"}});
    let written = world.client.put(&path, &sent).data().clone();
    let again = world.client.put(&path, &written);
    assert_eq!(again.data()["transcript"], written["transcript"], "what was read can be sent back");
    let turns = json!({"turns": [{"offset": 10_000, "speaker": "bot", "text": "x"}, {"offset": 11_000, "speaker": "callee", "text": "y"}]});
    let grown = world.client.post(&world.path(&format!("/record/{}/transcript", attempts[0].id)), &turns);
    assert_eq!(
        (&grown.data()["turns"], &grown.data()["rounds"]),
        (&json!(7), &json!(3)),
        "and is counted as before"
    );
    let kept =
        world.client.put(&path, &json!({"intention": "c", "summary": null, "score": -3})).data().clone();
    assert_eq!(
        (&kept["intention"], &kept["summary"], &kept["score"]),
        (&json!("C"), &Value::Null, &json!(-3))
    );
    assert_eq!((&kept["transcript"][0], &kept["tags"]), (&written["transcript"][0], &written["tags"]));
    let cleared = json!({"transcript": null, "tags": null, "intention": null, "score": null, "fields": null, "rounds": 7});
    let cleared = world.client.put(&path, &cleared).data().clone();
    assert_eq!(
        (&cleared["transcript"], &cleared["tags"], &cleared["fields"]),
        (&json!([]), &json!([]), &json!({}))
    );
    assert_eq!((&cleared["rounds"], &cleared["intention"]), (&json!(7), &Value::Null));
}

/// Results that are refused, with the field that is named and the rule.
fn faulty_fields() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (json!({"intent": "A"}), "intent", "unknown_field"),
        (json!({"intention": "F"}), "intention", "one_of"),
        (json!({"intention": 0}), "intention", "one_of"),
        (json!({"score": "x"}), "score", "out_of_range"),
        (json!({"score": 1.234}), "score", "out_of_range"),
        (json!({"score": 1_000_001}), "score", "out_of_range"),
        (json!({"rounds": -1}), "rounds", "out_of_range"),
        (json!({"rounds": "many"}), "rounds", "type"),
        (json!({"tags": vec!["x"; 51]}), "tags", "too_many"),
        (json!({"tags": ["ok", " "]}), "tags[1]", "empty"),
        (json!({"tags": ["x".repeat(65)]}), "tags[0]", "too_long"),
        (json!({"summary": "x".repeat(10_001)}), "summary", "too_long"),
        (json!({"summary": "\u{0}"}), "summary", "control_character"),
        (json!({"fields": [1]}), "fields", "type"),
        (json!({"fields": {"a": {"b": 1}}}), "fields.a", "type"),
        (json!({"fields": {"a": "x".repeat(9_000)}}), "fields.a", "too_long"),
        (json!({"fields": {"a": "x".repeat(5_000), "b": "x".repeat(5_000)}}), "fields", "too_many_bytes"),
    ]
}

/// Transcripts that are refused.
fn faulty_transcripts() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (turns(1_001, "x"), "transcript", "too_many"),
        (turns(70, &"x".repeat(4_000)), "transcript", "too_many_bytes"),
        (turns(1, &"x".repeat(4_001)), "transcript[0].text", "too_long"),
        (turns(1, ""), "transcript[0].text", "empty"),
        (
            json!({"transcript": [turn("x"), {"speaker": "bot", "text": "x"}]}),
            "transcript[1].at",
            "one_needed",
        ),
        (
            json!({"transcript": [{"offset": -1, "speaker": "bot", "text": "x"}]}),
            "transcript[0].offset",
            "out_of_range",
        ),
        // And not that one of two is needed.
        (
            json!({"transcript": [{"offset": "soon", "speaker": "bot", "text": "x"}]}),
            "transcript[0].offset",
            "type",
        ),
        (
            json!({"transcript": [{"at": "now", "speaker": "bot", "text": "x"}]}),
            "transcript[0].at",
            "instant",
        ),
        (
            json!({"transcript": [{"offset": 1, "speaker": "dog", "text": "x"}]}),
            "transcript[0].speaker",
            "one_of",
        ),
        (
            json!({"transcript": [{"offset": 1, "speaker": "bot", "text": "x", "mood": 1}]}),
            "transcript[0].mood",
            "unknown_field",
        ),
        (
            json!({"transcript": [{"number": 2, "offset": 1, "speaker": "bot", "text": "x"}]}),
            "transcript[0].number",
            "out_of_range",
        ),
    ]
}

#[rstest]
fn a_turn_lies_in_its_call(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let record = world.path(&format!("/record/{}", attempts[0].id));
    let turn = |when: &Value| {
        let mut turn = json!({"speaker": "bot", "text": "x"});
        turn.as_object_mut().unwrap().extend(when.as_object().unwrap().clone());
        turn
    };
    // The call was answered 7 seconds after 08:30 and lasted 40; clocks may differ by minutes.
    for (when, field) in [
        (json!({"offset": 80_000_000}), "offset"),
        (json!({"offset": 27_000_000}), "offset"),
        (json!({"at": "2023-05-08T08:24:00+08:00"}), "at"),
        (json!({"at": "2023-05-08T09:00:00+08:00"}), "at"),
    ] {
        let appended = world.client.post(&format!("{record}/transcript"), &json!({"turns": [turn(&when)]}));
        assert_eq!(appended.faults(), [(&*format!("turns[0].{field}"), "outside_call")], "{when}");
        let early = turn(&json!({"offset": 0}));
        let written =
            world.client.put(&format!("{record}/result"), &json!({"transcript": [early, turn(&when)]}));
        assert_eq!(written.faults(), [(&*format!("transcript[1].{field}"), "outside_call")], "{when}");
    }
    let near = json!({"turns": [turn(&json!({"offset": 200_000})), turn(&json!({"at": "2023-05-08T08:26:00+08:00"}))]});
    assert_eq!(world.client.post(&format!("{record}/transcript"), &near).data()["turns"], 2);
}

/// What is said of a fault names what would be taken: the kind of value, its bounds and its form.
#[test]
fn refusals_say_what_would_be_taken() {
    let world = World::new(Database::Sqlite);
    let (_, attempts) = called(&world, 1);
    let path = result_of(&world, &attempts[0]);
    let english = [("Accept-Language", "en"), ("Content-Type", "application/json")];
    let said = |method: &str, path: &str, body: Option<&str>| {
        let in_both = [&english[..], &english[1..]].map(|headers| {
            let refused = world.client.send(method, path, headers, body);
            refused.body["data"][0]["message"].as_str().unwrap_or_default().to_owned()
        });
        in_both.join(" ")
    };
    let put = |body: &str| said("PUT", &path, Some(body));
    let records = |query: &str| said("GET", &world.path(&format!("/record?{query}")), None);
    for (said, parts) in [
        (put(r#"{"score": 1.234}"#), ["from -1000000 to 1000000 with at most 2 digits", "最多2位小数"]),
        (put(r#"{"fields": {"a": [1]}}"#), ["must be text, a number, true, false or null", "字符串、数字"]),
        (
            put(r#"{"transcript": [{"speaker": "bot", "text": "x"}]}"#),
            ["must be given: at, offset", "至少传其中一项：at、offset"],
        ),
        (records("levels=80-90"), ["60,80 or [[60,80],[90,100]]", "例如60,80或[[60,80],[90,100]]"]),
        (records("rounds=3"), ["1, 2~5, 6~10, 11~20, >20", "1、2~5、6~10、11~20、>20"]),
        (
            records("start_at=yesterday"),
            ["YYYY-MM-DD HH:MM:SS, YYYY-MM-DD HH:MM or a date, YYYY-MM-DD", "或日期YYYY-MM-DD"],
        ),
    ] {
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
    }
}

fn turn(text: &str) -> Value {
    json!({"offset": 0, "speaker": "bot", "text": text})
}

fn turns(count: usize, text: &str) -> Value {
    json!({"transcript": vec![turn(text); count]})
}

#[rstest]
fn what_is_faulty_is_refused_and_named(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let path = result_of(&world, &attempts[0]);
    for (body, field, rule) in [faulty_fields(), faulty_transcripts()].concat() {
        let refused = world.client.put(&path, &body);
        assert_eq!(refused.status, 422, "{field}: {:?}", refused.body);
        assert_eq!(refused.faults(), [(field, rule)]);
    }
    assert_eq!(world.client.get(&path).data()["updated_at"], Value::Null, "nothing was stored");
    let full = world.client.put(&path, &turns(65, &"x".repeat(4_000)));
    assert_eq!((full.status, full.data()["transcript"].as_array().unwrap().len()), (200, 65));
}

#[rstest]
fn a_transcript_grows_and_what_is_sent_again_is_stored_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let path = world.path(&format!("/record/{}/transcript", attempts[0].id));
    let turn = |number: Value, speaker: &str, text: &str| json!({"turns": [{"number": number, "offset": 1_000, "speaker": speaker, "text": text}]});
    let append = |body: &Value| world.client.post(&path, body);
    let first = append(&turn(json!(1), "bot", "a"));
    assert_eq!(*first.data(), json!({"record_id": attempts[0].id.to_string(), "turns": 1, "rounds": 0}));
    assert_eq!(append(&turn(json!(1), "bot", "a")).data()["turns"], 1, "it was sent again");
    assert_eq!(append(&turn(Value::Null, "callee", "b")).data()["turns"], 2);
    assert_eq!(append(&turn(json!(2), "callee", "c")).faults(), [("turns[0].number", "taken")]);
    assert_eq!(append(&turn(json!(4), "callee", "c")).faults(), [("turns[0].number", "out_of_range")]);
    assert_eq!(append(&json!({"turns": []})).faults(), [("turns", "empty")]);
    assert_eq!(append(&json!({})).faults(), [("turns", "required")]);
    let keyed =
        || world.client.json("POST", &path, &[("Idempotency-Key", "turn-3")], &turn(Value::Null, "bot", "d"));
    assert_eq!((keyed().data()["turns"].clone(), keyed().data()["turns"].clone()), (json!(3), json!(3)));
    let result = world.client.get(&result_of(&world, &attempts[0])).data().clone();
    let turns = result["transcript"].as_array().unwrap();
    let texts: Vec<&str> = turns.iter().map(|turn| turn["text"].as_str().unwrap()).collect();
    assert_eq!((texts, &result["rounds"]), (vec!["a", "b", "d"], &json!(1)));
}

#[rstest]
fn a_result_of_another_account_does_not_exist(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let (path, body) = (result_of(&world, &attempts[0]), json!({"summary": "secret"}));
    world.client.put(&path, &body).data();
    let other = register(&world.client, "/users");
    let elsewhere = format!("/agent-api/user/{other}/record/{}", attempts[0].id);
    let sub_user = register(&world.client, &world.path("/subset_users"));
    let (stranger, _) = world.stranger();
    let never = world.path("/record/f232d184-dd54-42a0-8ace-0bf8d660f4cc/result");
    for (client, path) in [
        (&world.client, format!("{elsewhere}/result")),
        (&world.client, format!("{path}?sub_user_id={sub_user}")),
        (&stranger, path.clone()),
        (&world.client, never),
    ] {
        assert_eq!((client.get(&path).status, client.put(&path, &body).status), (404, 404), "{path}");
    }
    let turns = json!({"turns": [{"offset": 0, "speaker": "bot", "text": "x"}]});
    assert_eq!(world.client.post(&format!("{elsewhere}/transcript"), &turns).status, 404);
    let reader = world.token(&["--scope", "read"]);
    assert_eq!((reader.get(&path).status, reader.put(&path, &body).status), (200, 403));
}

#[rstest]
fn who_sees_numbers_masked_sees_none_in_what_was_said(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 1);
    let path = result_of(&world, &attempts[0]);
    let body = json!({
        "transcript": [{"offset": 0, "speaker": "callee", "text": "打幺三八零零零零幺二三四，今天10:30"}],
        "summary": "回电 138-0000-1234", "tags": ["13800001234"], "fields": {"phone": 13_800_001_234_i64, "visits": 2},
    });
    world.client.put(&path, &body).data();
    let masked = world.token(&["--numbers", "masked"]);
    let shown = masked.get(&path).data().clone();
    assert_eq!(shown["transcript"][0]["text"], "打***********，今天10:30");
    assert_eq!(shown["summary"], "回电 ***-****-****");
    assert_eq!(shown["tags"], json!(["***********"]));
    assert_eq!(shown["fields"], json!({"phone": "***********", "visits": 2}));
}

/// A simulated line whose calls are answered and last so many seconds, and a task that calls one number over it.
fn one_call(world: &World, seconds: u32) -> String {
    let seconds = json!({"from": seconds, "to": seconds});
    let outcomes =
        json!([{"weight": 1, "outcome": "answered", "ring": {"from": 1, "to": 1}, "talk": seconds}]);
    let line = json!({
        "name": "line", "kind": "simulated", "channels": 5, "cps": 10, "simulation": {"outcomes": outcomes},
    });
    let line = world.client.post("/agent-api/line", &line).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 5})).data();
    let script = json!({"name": "script", "steps": [{"action": "hang_up"}]});
    let script = world.client.post(&world.path("/script"), &script).data()["id"].clone();
    let task = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": 1,
        "caller_line_id": line,
    });
    let task = world.client.post(&world.path("/task"), &task).data()["uuid"].as_str().unwrap().to_owned();
    let phones = json!({"data": [{"phone": "13800138000"}]});
    world.client.post(&world.path(&format!("/task/{task}/number")), &phones).data();
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    task
}

#[rstest]
fn a_result_is_written_while_the_call_is_under_way_and_after_its_task_is_gone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = one_call(&world, 4);
    let under_way = || world.client.get(&world.path("/call")).data().as_array().unwrap().first().cloned();
    until("it is under way", || under_way().is_some());
    let record = under_way().unwrap()["record_id"].as_str().unwrap().to_owned();
    let path = world.path(&format!("/record/{record}/result"));
    let turns = json!({"turns": [{"offset": 0, "speaker": "callee", "text": "喂"}]});
    assert_eq!(
        world.client.post(&world.path(&format!("/record/{record}/transcript")), &turns).data()["turns"],
        1
    );
    assert_eq!(world.client.put(&path, &json!({"intention": "A"})).status, 200);
    let list = world.path(&format!("/task/{task}/record"));
    assert!(under_way().is_some(), "it was written meanwhile");
    until("it has ended", || world.client.get(&list).body["meta"]["total"] == 1);
    let result = world.client.get(&path).data().clone();
    assert_eq!((&result["intention"], &result["rounds"]), (&json!("A"), &json!(1)));
    let found = world.client.get(&format!("{list}?intention_tags[]=1"));
    assert_eq!((found.column("record_id"), &found.body["meta"]["total"]), (vec![json!(record)], &json!(1)));
    let statistics = world.client.get(&world.path(&format!("/task/{task}/stat"))).data().clone();
    assert_eq!((&statistics["intention"][0]["total"], &statistics["rounds"]["1"]), (&json!(1), &json!(1)));
    assert_ne!(result["transcript"][0]["at"], Value::Null, "the answer is known");
    assert_eq!(world.client.delete(&world.path(&format!("/task/{task}"))).status, 200);
    assert_eq!(world.client.put(&path, &json!({"intention": "B"})).data()["intention"], "B");
}

#[rstest]
fn a_result_goes_with_its_number(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (_, attempts) = called(&world, 2);
    for attempt in &attempts {
        world.client.put(&result_of(&world, attempt), &json!({"summary": "x", "intention": "A"})).data();
    }
    let erased = world.client.post(&world.path("/erase-number"), &json!({"phone": "13800001234"}));
    assert_eq!(erased.status, 200, "{:?}", erased.body);
    let rows = world.row_counts();
    let left = |row: &String| row.starts_with("call_results") || row.starts_with("result_hours");
    assert!(!rows.iter().any(left), "{rows:?}");
}

/// Six calls, of which five have a result: intention, rounds, score and tags.
fn rated(world: &World) -> (String, Vec<Attempt>) {
    let (task, attempts) = called(world, 6);
    for (attempt, result) in attempts.iter().zip([
        json!({"intention": "A", "rounds": 1, "score": 80, "tags": ["要回电"]}),
        json!({"intention": "B", "rounds": 3, "score": 59.5}),
        json!({"intention": "A", "rounds": 7, "score": -1, "tags": ["要回电", "老客户"]}),
        json!({"intention": "C", "rounds": 15}),
        json!({"rounds": 30, "score": 100}),
    ]) {
        world.client.put(&result_of(world, attempt), &result).data();
    }
    (task, attempts)
}

#[rstest]
fn records_are_found_by_their_results(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, attempts) = rated(&world);
    let expect = |query: &str, expected: &[usize]| {
        let expected: Vec<Value> =
            expected.iter().map(|place| json!(attempts[*place].id.to_string())).collect();
        for path in [
            world.path(&format!("/task/{task}/record?{query}")),
            world.path(&format!("/record?{query}")),
            format!("/agent-api/task/{task}/record?{query}"),
        ] {
            let answer = world.client.get(&path);
            assert_eq!((answer.status, answer.column("record_id")), (200, expected.clone()), "{path}");
            assert_eq!(answer.body["meta"]["total"], expected.len(), "{path}");
        }
    };
    expect("intention_tags[]=1A", &[2, 0]);
    expect("intention_tags=[1,2]", &[2, 1, 0]);
    expect("intention_tags[]=C&intention_tags[]=e", &[3]);
    expect("intention_tags[]=5E", &[]);
    expect("rounds[]=1&rounds[]=%3E20", &[4, 0]);
    expect("intention_tags[]=A&rounds[]=6~10", &[2]);
    expect("levels[0][]=60&levels[0][]=100", &[4, 0]);
    expect("levels=[[-5,0],[59.5,60]]", &[2, 1]);
    expect("tags[]=%E8%A6%81%E5%9B%9E%E7%94%B5", &[2, 0]);
    expect("tags[]=%E8%80%81%E5%AE%A2%E6%88%B7&tags[]=x", &[2]);
    expect("intention_tags[]=1&keyword=1380", &[2, 0]);
    expect("intention_tags[]=1&status[]=8", &[]);
    expect("intention_tags[]=1&start_at=2023-05-08%2009:00:00", &[2]);
    expect("intention_tags[]=1&hangup_date[]=2023-05-08&hangup_date[]=2023-05-08%2009:00:00", &[0]);
    let page = world.client.get(&world.path("/record?intention_tags[]=1&per_page=1&page=2"));
    assert_eq!(page.column("record_id"), [json!(attempts[0].id.to_string())]);
    assert_eq!(page.body["meta"]["total"], 2);
    let shown = world.client.get(&world.path("/record?tags[]=%E8%80%81%E5%AE%A2%E6%88%B7")).data()[0].clone();
    assert_eq!(
        shown["tags"],
        json!([{"tag_id": null, "name": "要回电"}, {"tag_id": null, "name": "老客户"}])
    );
    assert_eq!(
        ["intention_results", "rounds", "score", "tag_groups"].map(|field| shown[field].clone()),
        [json!(1), json!(7), json!(-1), json!([])]
    );
    let masked = world.token(&["--numbers", "masked"]);
    assert_eq!(
        masked.get(&world.path("/record?tags[]=13800001234")).status,
        403,
        "it would tell whether it is there"
    );
}

#[rstest]
fn a_record_shows_its_conversation_as_the_platform_does(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, attempts) = called(&world, 1);
    world.client.put(&result_of(&world, &attempts[0]), &json!({"transcript": conversation()})).data();
    let id = attempts[0].id;
    let record = world.client.get(&world.path(&format!("/task/{task}/detail/{id}"))).data().clone();
    assert_eq!(world.client.get(&format!("/agent-api/task/{task}/detail/{id}")).data(), &record);
    let rows: Vec<[Value; 5]> = record["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            ["sequence", "notify", "question", "answer_text", "created_at"].map(|field| row[field].clone())
        })
        .collect();
    let row = |sequence: i64, notify: &str, question: &str, answer: &str, second: &str| {
        [
            json!(sequence),
            json!(notify),
            json!(question),
            json!(answer),
            json!(format!("2023-05-08 08:30:{second}")),
        ]
    };
    let expected = [
        row(1, "enter", "", "您好", "10"),
        row(2, "asrmessage_notify", "你好，\n打 138 0000 1234", "好的", "13"),
        row(3, "asrmessage_notify", "再见", "", "19"),
    ];
    assert_eq!(rows, expected);
    let masked = world.token(&["--numbers", "masked"]);
    let masked = masked.get(&world.path(&format!("/task/{task}/detail/{id}"))).data().clone();
    assert_eq!(masked["records"][1]["question"], "你好，\n打 *** **** ****");
    assert_eq!(masked["records"][1]["callee"], "138****1234");
}

#[rstest]
fn statistics_count_results(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, attempts) = rated(&world);
    let counted = |query: &str| {
        let statistics = world.client.get(&world.path(&format!("/task/{task}/stat?{query}"))).data().clone();
        let intention: Vec<Value> =
            statistics["intention"].as_array().unwrap().iter().map(|one| one["total"].clone()).collect();
        (json!(intention), statistics["rounds"].clone(), statistics["intention"][0].clone())
    };
    let (intention, rounds, first) = counted("");
    assert_eq!(intention, json!([2, 1, 1, 0, 0]));
    assert_eq!(rounds, json!({"1": 1, "2~5": 1, "6~10": 1, "11~20": 1, ">20": 1}));
    assert_eq!(
        first,
        json!({"intention_results": 1, "name": "A级(有明确意向)", "total": 2, "percent": 50.0})
    );
    let range = |from: &str, to: &str| format!("date[]=2023-05-08%20{from}&date[]=2023-05-08%20{to}");
    assert_eq!(counted(&range("08:30:01", "11:29:59")).0, json!([1, 1, 0, 0, 0]));
    assert_eq!(counted(&range("08:00:00", "11:30:00")).0, json!([2, 1, 1, 0, 0]));
    // A result that changes moves its count.
    world.client.put(&result_of(&world, &attempts[0]), &json!({"intention": "E", "rounds": null})).data();
    assert_eq!(counted("").0, json!([1, 1, 1, 0, 1]));
    assert_eq!(counted("").1["1"], 0);
}

#[rstest]
fn who_follows_is_told_of_results_after_the_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, attempts) = called(&world, 1);
    let path = result_of(&world, &attempts[0]);
    for intention in ["A", "A", "B"] {
        world.client.put(&path, &json!({"intention": intention, "score": 7.5, "summary": "秘密"})).data();
    }
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let told: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["type"] == "call.result").collect();
    assert_eq!(told.len(), 2, "not of what changes nothing: {told:?}");
    let detail =
        json!({"record_id": attempts[0].id.to_string(), "intention_results": 2, "rounds": 0, "score": 7.5});
    assert_eq!((&told[1]["detail"], &told[1]["task_id"]), (&detail, &json!(task)));
}
