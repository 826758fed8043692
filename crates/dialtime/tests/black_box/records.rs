//! Records of calls: who sees them, what narrows them, and what is counted of them.

use domain::{
    AccountId, AnsweredBy, Answerer, AnswererReason, Attempt, BotFault, BotFaultKind, BotOfCall, BotUrl,
    EndReason, OutcomeClass,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::{SetClock, answered_attempt, refused_attempt};

use crate::support::{Client, Database, Server, World, register, task_id, until};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A task with five calls on 8 May 2023: answered, busy, no answer, one that counts no try, and one in the evening.
fn called(world: &World) -> (String, Vec<Attempt>) {
    let task = world.task(world.group("called"));
    let (account, id) = (world.account(), task_id(&task));
    let refused = |time, class| refused_attempt(account, id, at(time), class);
    let attempts = vec![
        answered_attempt(account, id, at("2023-05-08T09:59:30+08:00")),
        refused("2023-05-08T10:00:00+08:00", OutcomeClass::Busy),
        refused("2023-05-08T10:30:00+08:00", OutcomeClass::NoAnswer),
        refused("2023-05-08T10:40:00+08:00", OutcomeClass::LineFailure),
        refused("2023-05-08T20:15:00+08:00", OutcomeClass::Busy),
    ];
    world.record_all(&attempts);
    (task, attempts)
}

/// The rows of the records as CSV.
fn exported(client: &Client, world: &World, query: &str) -> Vec<Vec<String>> {
    let file = client.get(&world.path(&format!("/record/export?{query}")));
    assert_eq!(file.header("Content-Type"), "text/csv; charset=utf-8", "{}", file.text);
    let text = file.text.strip_prefix('\u{feff}').expect("Excel knows by it that it is UTF-8");
    let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).into_records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[rstest]
fn records_are_exported_for_spreadsheets(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (_, mut attempts) = called(&world);
    let mut formula = answered_attempt(world.account(), attempts[0].task_id, at("2023-05-09T10:00:00+08:00"));
    formula.number.details.name = Some("=HYPERLINK(\"https://example.com\")".to_owned());
    world.record_all(std::slice::from_ref(&formula));
    attempts.push(formula);
    let result = json!({"intention": "A", "tags": ["要回电", "13900001111"], "summary": "第一行\n\"第二行\"", "score": 8.5, "rounds": 3});
    world.client.put(&world.path(&format!("/record/{}/result", attempts[5].id)), &result).data();
    let rows = exported(&world.client, &world, "all=1");
    assert_eq!(rows.len(), 1 + attempts.len());
    let cell = |row: &[String], name: &str| {
        let place = rows[0].iter().position(|known| known == name).unwrap_or_else(|| panic!("{name}"));
        row[place].clone()
    };
    for (name, value) in [
        ("记录编号", attempts[5].id.to_string().as_str()),
        ("任务", "task"),
        ("被叫", "13800001234"),
        ("姓名", "'=HYPERLINK(\"https://example.com\")"),
        ("状态", "呼叫成功"),
        ("拨号时间", "2023-05-09 10:00:00"),
        ("振铃（秒）", "7.0"),
        ("通话（秒）", "40"),
        ("SIP代码", "200"),
        ("挂断方", "对方"),
        ("意向", "A"),
        ("标签", "要回电; 13900001111"),
        ("评分", "8.5"),
        ("对话轮次", "3"),
        ("摘要", "第一行\n\"第二行\""),
        ("录音（秒）", ""),
        ("模拟", "是"),
        ("接听者", ""),
    ] {
        assert_eq!(cell(&rows[1], name), value, "{name}");
    }
    assert_eq!((cell(&rows[3], "结果"), cell(&rows[3], "状态")), ("线路故障".to_owned(), String::new()));
    assert_eq!(cell(&rows[2], "通话（秒）"), "");

    let masked = world.token(&["--numbers", "masked"]);
    let header = [("Accept-Language", "en")];
    let file = masked.send("GET", &world.path("/record/export"), &header, None);
    assert!(file.text.starts_with("\u{feff}\"Record\",\"Task\","), "{}", file.text);
    assert!(file.text.contains("138****1234") && !file.text.contains("13800001234"), "{}", file.text);
    assert!(!file.text.contains("13900001111"), "{}", file.text);
    assert_eq!(masked.get(&world.path("/record/export?keyword=1234")).status, 403);
    assert_eq!(world.client.get(&world.path("/record/export?status=99")).faults()[0].0, "status");
}

#[rstest]
fn records_are_found_by_who_answered_and_why_they_ended(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, mut attempts) = called(&world);
    let task = attempts[0].task_id;
    let heard = |by| Answerer { by, reason: AnswererReason::TooLong, after: 900, beep_after: None };
    for (minute, by, end_reason) in [
        (1, AnsweredBy::Machine, Some(EndReason::AnsweringMachine)),
        (2, AnsweredBy::Human, Some(EndReason::TalkLimit)),
        (3, AnsweredBy::Unsure, None),
    ] {
        let dialed = at("2023-05-09T10:00:00+08:00") + SignedDuration::from_mins(minute);
        let call = answered_attempt(world.account(), task, dialed);
        attempts.push(Attempt { answerer: Some(heard(by)), end_reason, ..call });
    }
    world.record_all(&attempts[5..]);
    let path = world.path("/record");
    for (query, expected) in [
        ("answered_by=machine", vec![5]),
        ("answered_by=human&answered_by=unsure", vec![7, 6]),
        ("answered_by[]=human&end_reason[]=talk_limit", vec![6]),
        ("answered_by=human&end_reason=answering_machine", vec![]),
        ("end_reason=answering_machine&end_reason=talk_limit", vec![6, 5]),
        ("end_reason=talk_limit&intention_tags=A", vec![]),
        ("answered_by=machine&status=1", vec![5]),
    ] {
        let answer = world.client.get(&format!("{path}?{query}"));
        let expected: Vec<String> =
            expected.into_iter().map(|place: usize| attempts[place].id.to_string()).collect();
        assert_eq!(ids(answer.data()), expected, "{query}");
        assert_eq!(answer.body["meta"]["total"], json!(expected.len()), "{query}");
        assert_eq!(exported(&world.client, &world, query).len(), 1 + expected.len(), "{query}");
    }
    let english = world.client.send("GET", &format!("{path}/export"), &[("Accept-Language", "en")], None);
    for (by, chinese, word) in
        [("machine", "机器", "A machine"), ("human", "真人", "A person"), ("unsure", "不确定", "Not clear")]
    {
        let rows = exported(&world.client, &world, &format!("answered_by={by}"));
        let place = rows[0].iter().position(|name| name == "接听者").unwrap();
        assert_eq!(rows[1][place], chinese);
        assert!(english.text.contains("\"Answered by\"") && english.text.contains(word), "{}", english.text);
    }
    let refused = world.client.get(&format!("{path}?answered_by=robot&end_reason=bored"));
    let fields: Vec<_> = refused.faults().into_iter().map(|fault| fault.0).collect();
    assert_eq!((refused.status, fields), (422, vec!["answered_by", "end_reason"]));
}

#[rstest]
fn records_are_found_by_their_bots(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = task_id(&world.task(world.group("called")));
    let bot = |url: &str, fault| BotOfCall { fault, ..BotOfCall::new(BotUrl::parse(url).unwrap()) };
    let lost = BotFault::new(BotFaultKind::Lost, "the connection was lost");
    let (one, other) = ("wss://one.example.com/media?a=1", "ws://10.0.0.1/");
    let bots = [vec![], vec![bot(one, None)], vec![bot(other, Some(lost)), bot(one, None)]];
    let attempts: Vec<Attempt> = (0..)
        .zip(bots)
        .map(|(minute, bots)| {
            let dialed = at("2023-05-09T10:00:00+08:00") + SignedDuration::from_mins(minute);
            Attempt { bots, ..answered_attempt(world.account(), task, dialed) }
        })
        .collect();
    world.record_all(&attempts);
    for (bot, expected) in [
        ("wss%3A%2F%2Fone.example.com%2Fmedia%3Fa%3D1", vec![2, 1]),
        ("ws://10.0.0.1", vec![2]),
        ("ws://10.0.0.1/&status=1", vec![2]),
        ("ws://10.0.0.1/&intention_tags=A", vec![]),
        ("one", vec![]),
        ("", vec![2, 1, 0]),
    ] {
        let answer = world.client.get(&world.path(&format!("/record?bot={bot}")));
        let expected: Vec<String> =
            expected.into_iter().map(|place: usize| attempts[place].id.to_string()).collect();
        assert_eq!(ids(answer.data()), expected, "{bot}");
        assert_eq!(answer.body["meta"]["total"], json!(expected.len()), "{bot}");
        assert_eq!(exported(&world.client, &world, &format!("bot={bot}")).len(), 1 + expected.len(), "{bot}");
    }
    let path = world.path(&format!("/task/{}/detail/{}", task.uuid(), attempts[2].id));
    let fault = json!({"kind": "lost", "words": "the connection was lost"});
    let shown = json!([{"url": other, "fault": fault}, {"url": one, "fault": null}]);
    assert_eq!(world.client.get(&path).data()["bots"], shown);
    let rows = exported(&world.client, &world, "bot=ws://10.0.0.1");
    let place = rows[0].iter().position(|name| name == "机器人").unwrap();
    assert_eq!(rows[1][place], format!("{other}; {one}"));
    let long = format!("/record?bot=ws://{}", "a".repeat(2_000));
    assert_eq!(world.client.get(&world.path(&long)).faults()[0].0, "bot");
}

/// More than are read at once.
#[rstest]
fn a_long_list_is_exported_whole(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (account, task) = (world.account(), task_id(&world.task(world.group("called"))));
    let dialed = |place: i64| at("2023-05-08T10:00:00+08:00") + SignedDuration::from_secs(place / 7);
    let attempts: Vec<Attempt> =
        (0..1_200).map(|place| refused_attempt(account, task, dialed(place), OutcomeClass::Busy)).collect();
    world.record_all(&attempts);
    let rows = exported(&world.client, &world, "");
    let found: std::collections::BTreeSet<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!((rows.len(), found.len()), (1_201, 1_200));
}

fn ids(answer: &Value) -> Vec<&str> {
    answer.as_array().unwrap().iter().map(|record| record["record_id"].as_str().unwrap()).collect()
}

#[rstest]
fn a_record_says_what_came_of_a_call(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, attempts) = called(&world);
    let path = world.path(&format!("/task/{task}/detail/{}", attempts[0].id));
    let record = world.client.get(&path).data().clone();
    for (field, value) in [
        ("callid", json!(attempts[0].id.to_string())),
        ("phone", json!("13800001234")),
        ("name", json!("张三")),
        ("extra", json!("x-1")),
        ("status", json!(1)),
        ("status_str", json!("呼叫成功")),
        ("calldate", json!("2023-05-08 09:59:30")),
        ("answerdate", json!("2023-05-08 09:59:40")),
        ("hangupdate", json!("2023-05-08 10:00:20")),
        ("bill", json!(40)),
        ("duration", json!(50)),
        ("class", json!("answered")),
        ("ended_by", json!("callee")),
        ("records", json!([])),
        ("simulated", json!(true)),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert_eq!(record["times"]["ringing"], "2023-05-08T09:59:33+08:00");
    let busy = world.path(&format!("/task/{task}/detail/{}", attempts[1].id));
    let busy = world.client.get(&busy).data().clone();
    assert_eq!(busy["cause"], json!({"code": 486, "phrase": "Refused", "q850": 17, "local": false}));
    assert_eq!((&busy["answerdate"], &busy["bill"], &busy["status"]), (&Value::Null, &json!(0), &json!(8)));
    let old = world.client.get(&format!("/agent-api/task/{task}/detail/{}", attempts[1].id));
    assert_eq!(old.data(), &busy);
    let elsewhere =
        world.path(&format!("/task/{}/detail/{}", world.task(world.group("other")), attempts[0].id));
    assert_eq!(world.client.get(&elsewhere).status, 404, "it is another task's");
}

#[rstest]
fn a_member_of_a_filter_is_refused() {
    let world = World::new(Database::Sqlite);
    let member = world.client.get(&world.path("/record?intention_tags[a]=1"));
    assert_eq!(member.faults(), [("intention_tags[a]", "unknown_field")]);
}

#[rstest]
fn a_list_is_narrowed_and_counted(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, attempts) = called(&world);
    let expect = |query: &str, expected: &[usize]| {
        let expected: Vec<String> = expected.iter().map(|place| attempts[*place].id.to_string()).collect();
        let paths = [
            world.path(&format!("/task/{task}/record?{query}")),
            world.path(&format!("/record?task_id={task}&{query}")),
            world.path(&format!("/record?{query}")),
            format!("/agent-api/task/{task}/record?{query}"),
        ];
        for path in paths {
            let answer = world.client.get(&path);
            assert_eq!(ids(answer.data()), expected, "{path}: {:?}", answer.body);
            assert_eq!(answer.body["meta"]["total"], expected.len(), "{path}");
        }
        for query in [format!("task_id={task}&{query}"), query.to_owned()] {
            let exported = exported(&world.client, &world, &query);
            let found: Vec<&str> = exported[1..].iter().map(|row| row[0].as_str()).collect();
            assert_eq!(found, expected, "{query}");
        }
    };
    expect("", &[4, 2, 1, 0]);
    expect("all=1", &[4, 3, 2, 1, 0]);
    expect("status[]=8&status[]=4", &[4, 2, 1]);
    expect("status=8,4", &[4, 2, 1]);
    expect("start_at=2023-05-08%2010:00:00&end_at=2023-05-08%2010:30:00", &[2, 1]);
    expect("start_at=2023-05-08%2010:00:01", &[4, 2]);
    expect("end_at=2023-05-07", &[]);
    expect("start_at=2023-05-08&end_at=2023-05-08", &[4, 2, 1, 0]);
    expect("hangup_date[]=2023-05-08%2010:00:10&hangup_date[]=2023-05-08%2010:00:20", &[0]);
    expect("hangup_date=2023-05-08%2010:00:10,%202023-05-08%2010:00:20", &[0]);
    expect("keyword=0000-12", &[4, 2, 1, 0]);
    expect("keyword=%2B8613800001234&status=1", &[0]);
    expect("keyword=99", &[]);
    expect("levels[0][]=1&levels[0][]=2", &[]);
    expect("intention_tags[]=2", &[]);
    let page = world.client.get(&world.path(&format!("/task/{task}/record?per_page=3&page=2")));
    assert_eq!(ids(page.data()), [attempts[0].id.to_string()]);
    assert_eq!(
        page.body["meta"],
        json!({"has_pages": true, "total": 4, "last_page": 2, "current_page": 2, "per_page": "3"})
    );
}

#[rstest]
fn a_faulty_filter_is_refused_and_named(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, _) = called(&world);
    for (query, field) in [
        ("start_at=x", "start_at"),
        ("start_at=2023-05-09&end_at=2023-05-08", "end_at"),
        ("hangup_date[]=2023-05-08", "hangup_date"),
        ("hangup_date[]=2023-05-09&hangup_date[]=2023-05-08", "hangup_date"),
        ("status=13", "status"),
        ("status=1,", "status"),
        ("hangup_date=2023-05-08,2023-05-09,2023-05-10", "hangup_date"),
        ("per_page=101", "per_page"),
        ("levels[]=1", "levels"),
        ("levels=[[2,1]]", "levels"),
        ("levels=[[1,x]]", "levels"),
        ("intention_tags[]=1B", "intention_tags"),
        ("rounds[]=3", "rounds"),
        ("tags[]=%00", "tags"),
    ] {
        let refused = world.client.get(&world.path(&format!("/task/{task}/record?{query}")));
        assert_eq!((refused.status, refused.faulty_fields()), (422, vec![field]), "{query}");
    }
}

#[rstest]
fn records_outlive_their_task(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (task, attempts) = called(&world);
    assert_eq!(world.client.delete(&world.path(&format!("/task/{task}"))).status, 200);
    let list = world.client.get(&world.path(&format!("/task/{task}/record")));
    assert_eq!((list.status, list.body["meta"]["total"].as_i64()), (200, Some(4)));
    assert_eq!(list.data()[0]["task_name"], "task");
    let detail = world.path(&format!("/task/{task}/detail/{}", attempts[0].id));
    assert_eq!(world.client.get(&detail).status, 200);
    let never = world.path("/task/f232d184-dd54-42a0-8ace-0bf8d660f4cc/record");
    assert_eq!(world.client.get(&never).status, 404);
}

#[rstest]
fn who_sees_numbers_masked_cannot_look_for_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, _) = called(&world);
    let masked = world.token(&["--numbers", "masked"]);
    let path = world.path(&format!("/task/{task}/record"));
    let list = masked.get(&path);
    assert!(
        list.data().as_array().unwrap().iter().all(|record| record["phone"] == "138****1234"),
        "{list:?}"
    );
    assert_eq!(masked.get(&format!("{path}?keyword=1380")).status, 403);
}

#[rstest]
fn statistics_count_calls_of_whole_and_of_partial_hours(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, _) = called(&world);
    let counted = |query: &str| {
        let statistics = world.client.get(&world.path(&format!("/task/{task}/stat?{query}"))).data().clone();
        let rate = &statistics["answer_rate"];
        let busy = &statistics["number_status"][8];
        assert_eq!((&busy["status"], &busy["status_str"]), (&json!(8), &json!("占线、用户正忙")));
        [&rate["answered"], &rate["noAnswer"], &busy["count"]].map(|count| count.as_i64().unwrap())
    };
    assert_eq!(counted(""), [1, 3, 2]);
    let range = |from: &str, to: &str| format!("date[]=2023-05-08%20{from}&date[]=2023-05-08%20{to}");
    assert_eq!(counted(&range("09:00:00", "21:00:00")), [1, 3, 2]);
    assert_eq!(counted(&range("09:59:31", "20:14:59")), [0, 2, 1]);
    assert_eq!(counted(&range("09:59:30", "20:15:00")), [1, 3, 2]);
    assert_eq!(counted(&range("10:00:00", "10:00:00")), [0, 1, 1]);
    assert_eq!(counted("date[]=2023-05-09&date[]=2023-05-10"), [0, 0, 0]);
    let statistics = world.client.get(&world.path(&format!("/task/{task}/stat"))).data().clone();
    assert_eq!(statistics["answer_rate"]["callCompletetRate"], 25.0);
    let refused = world.client.get(&world.path(&format!("/task/{task}/stat?date[]=2023-05-09")));
    assert_eq!((refused.status, refused.faulty_fields()), (422, vec!["date"]));
}

#[rstest]
fn recordings_are_asked_for_by_at_least_one_record_and_at_most_30(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, attempts) = called(&world);
    let path = world.path(&format!("/task/{task}/batch_record/download-full-voice"));
    let record = format!("recordIds[]={}", attempts[0].id);
    for (query, status) in [
        (String::new(), 422),
        ("recordIds[]=x".to_owned(), 422),
        (vec![record.as_str(); 31].join("&"), 422),
        (vec![record.as_str(); 30].join("&"), 404),
    ] {
        assert_eq!(world.client.get(&format!("{path}?{query}")).status, status, "{query}");
    }
}

#[rstest]
fn old_records_are_forgotten_with_their_counters(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, attempts) = called(&world);
    let result = world.path(&format!("/record/{}/result", attempts[0].id));
    world.client.put(&result, &json!({"summary": "x"})).data();
    let recent = world.record(&task);
    let other = register(&world.client, "/users");
    let of_gone = AccountId::new(other.parse().unwrap());
    let gone = answered_attempt(of_gone, task_id(&task), at("2126-05-08T09:59:30+08:00"));
    world.record_all(&[gone]);
    assert_eq!(world.client.delete(&format!("/agent-api/user/{other}")).status, 200);
    // Houses are kept at a node's start.
    let housekeeper = Server::start(&world.database.url, &["--records-kept-days", "30"], SetClock::real());
    let client = Client::new(&housekeeper.base, world.client.token());
    let path = world.path(&format!("/task/{task}/record"));
    until("what is old is gone", || client.get(&path).body["meta"]["total"] == 1);
    assert_eq!(ids(client.get(&path).data()), [recent]);
    until("what was counted of it is gone", || {
        let rows = world.row_counts();
        let has = |begin: &str| rows.iter().any(|row| row.starts_with(begin));
        has("attempts 1") && has("attempt_hours 1") && !has("call_results") && !has("result_hours")
    });
}
