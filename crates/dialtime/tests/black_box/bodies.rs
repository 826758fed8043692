//! Bodies as clients write them: what cannot be misread is taken, what could change when or whom we call is refused by
//! name, and every fault is told at once.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World, group, task};

const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];
const LINE: &str = "1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b";

/// A body with some of its fields replaced or added.
fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A body whose `task_extras` have some fields replaced or added.
fn with_extras(mut body: Value, fields: &Value) -> Value {
    body["task_extras"] = with(body["task_extras"].clone(), fields);
    body
}

fn form(world: &World, method: &str, path: &str, body: &str) -> Reply {
    world.client.send(method, path, &FORM, Some(body))
}

#[rstest]
fn what_cannot_be_misread_is_taken(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let monday = group("x")["content"].clone();
    for (yes, no) in [
        (json!(true), json!(false)),
        (json!(1), json!(0)),
        (json!("1"), json!("0")),
        (json!("true"), json!("False")),
        (json!(1.0), json!(0.0)),
    ] {
        let fields = json!({"skip_holiday": yes, "is_default": no});
        let saved = world.client.post(&groups, &with(group("flags"), &fields)).data().clone();
        assert_eq!((&saved["skip_holiday"], &saved["is_default"]), (&json!(true), &json!(false)), "{fields}");
    }
    for week in [json!(1), json!("1"), json!(1.0), json!("1.0")] {
        let mut body = group("week");
        body["content"][0]["week"] = week.clone();
        assert_eq!(world.client.post(&groups, &body).data()["content"], monday, "{week}");
    }
    for bad in [json!(2), json!("yes"), json!(-1), json!([]), json!(""), json!(0.5)] {
        let refused = world.client.post(&groups, &with(group("x"), &json!({"is_default": bad})));
        assert_eq!(refused.faults(), [("is_default", "type")], "{bad}");
    }
    let id = world.group("group");
    let fields = json!({"dial_time_id": id.to_string(), "maximumcall": 2.0, "elasticity_type": "0", "end_action": "1",
                        "call_pause_second": "10.0"});
    let made = world.client.post(&world.path("/task"), &with(task(id), &fields));
    assert_eq!((&made.data()["maximumcall"], &made.data()["dial_time_id"]), (&json!(2), &json!(id)));
    for bad in
        [json!(2.5), json!("2.5"), json!("two"), json!(true), json!(1e300), json!(9_007_199_254_740_994.0)]
    {
        let refused = world.client.post(&world.path("/task"), &with(task(id), &json!({"maximumcall": bad})));
        assert_eq!(refused.faults(), [("maximumcall", "type")], "{bad}");
    }
    let question = json!({"queries": [{"group_id": id.to_string()}]});
    assert_eq!(world.client.post(&world.path("/decisions"), &question).data()[0]["code"], 200);
    let encoded = with(group("as text"), &json!({"content": group("x")["content"].to_string()}));
    assert_eq!(world.client.post(&groups, &encoded).data()["content"], monday);
}

#[rstest]
fn forms_say_the_same_as_json(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let expected = with(group("周一"), &json!({"skip_holiday": true}));
    let nested = "name=%E5%91%A8%E4%B8%80&is_default=0&skip_holiday=1&content[0][week]=1\
                  &content[0][times][0][begin_time]=08:00&content[0][times][0][end_time]=20%3A00";
    let as_json = "name=%E5%91%A8%E4%B8%80&is_default=false&skip_holiday=true&\
                   content=[{\"week\":1,\"times\":[{\"begin_time\":\"08:00\",\"end_time\":\"20:00\"}]}]";
    for body in [nested.to_owned(), nested.replace('[', "%5B").replace(']', "%5D"), as_json.to_owned()] {
        let saved = form(&world, "POST", &groups, &body);
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(saved.data()[field], *value, "{body}: {field}");
        }
    }
    // What curl says of any body unless it is told otherwise.
    let mislabelled = form(&world, "POST", &groups, &group("json").to_string());
    assert_eq!(mislabelled.data()["name"], "json");
    for events in ["events[]=task.running&events[]=task.paused", "events=task.running&events=task.paused"] {
        let body = format!("url=https%3A%2F%2Fexample.com&enabled=0&{events}");
        let made = form(&world, "POST", &world.path("/webhook"), &body);
        assert_eq!(made.data()["events"], json!(["task.running", "task.paused"]));
    }
    let one = form(
        &world,
        "POST",
        &world.path("/webhook"),
        "url=https://example.com&enabled=0&events=task.running",
    );
    assert_eq!(one.data()["events"], json!(["task.running"]));
    let bad = form(&world, "POST", &groups, "name=x&content[0][week]=9&content[0][times][0][begin_time]=1");
    let faults = ["content[0].times[0].end_time", "content[0].week", "content[0].times[0].begin_time"];
    assert_eq!(bad.faulty_fields(), [&faults[..], &["is_default", "skip_holiday"]].concat());
    assert_eq!(form(&world, "POST", &groups, "name=%ff").status, 400);
    let empty = form(&world, "POST", &groups, "");
    assert_eq!(empty.faulty_fields(), ["name", "content", "is_default", "skip_holiday"]);
    let multipart = [("Content-Type", "multipart/form-data; boundary=x")];
    assert_eq!(world.client.send("POST", &groups, &multipart, Some("--x--")).status, 415);
}

#[rstest]
fn the_sub_user_of_any_body_is_acted_for_and_an_empty_id_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let of_sub_user = with(group("x"), &json!({"sub_user_id": world.sub_user}));
    let id = world.client.post(&groups, &of_sub_user).data()["id"].as_i64().unwrap();
    let path = format!("{groups}/{id}");
    let named = format!("sub_user_id={}", world.sub_user);
    assert_eq!(form(&world, "PUT", &path, &format!("{named}&name=renamed")).data()["name"], "renamed");
    // Unread, it would be a request about the user's own group.
    let multipart = [("Content-Type", "multipart/form-data; boundary=x")];
    assert_eq!(world.client.send("DELETE", &path, &multipart, Some(&named)).status, 415);
    for body in ["sub_user_id=", "sub_user_id[]=", "sub_user_id=x"] {
        assert_eq!(form(&world, "DELETE", &path, body).faulty_fields(), ["sub_user_id"], "{body}");
    }
    assert_eq!(form(&world, "DELETE", &path, &named).message(), "删除成功");
    for body in [json!({"sub_user_id": ""}), with(group("x"), &json!({"sub_user_id": ""}))] {
        assert_eq!(world.client.post(&groups, &body).faults()[0], ("sub_user_id", "empty"));
    }
    let id = world.group("group");
    let no_line = with(task(id), &json!({"caller_line_id": ""}));
    assert_eq!(world.client.post(&world.path("/task"), &no_line).faults(), [("caller_line_id", "empty")]);
    let question = json!({"queries": [{"task_id": ""}, {"group_id": ""}]});
    let answers = world.client.post(&world.path("/decisions"), &question).data().clone();
    assert_eq!((&answers[0]["code"], &answers[1]["code"]), (&json!(422), &json!(422)));
    for query in ["id=", "tenant_id="] {
        assert_eq!(world.client.get(&format!("/users?{query}")).faults()[0].1, "empty", "{query}");
    }
}

#[rstest]
fn every_fault_of_a_body_is_told_at_once_in_words(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = json!({
        "name": 5, "is_default": "maybe", "timezone": "Mars/Phobos", "makeup_policy": "never", "colour": "red",
        "content": [
            "Monday",
            {"week": 9, "times": [{"begin_time": "25:00", "end_time": 7}]},
            {"times": {"begin_time": "08:00"}, "weekday": 1},
        ],
        "exceptions": [{"name": "x", "begin_date": 20_261_010}, {"begin_date": "2026-02-30"}],
    });
    let path = world.path("/dial-time-group");
    let send = |language| world.client.json("POST", &path, &[("Accept-Language", language)], &body);
    let (chinese, english) = (send("zh"), send("en"));
    let mut faults = chinese.faults();
    faults.sort_unstable();
    let mut expected = [
        ("name", "type"),
        ("is_default", "type"),
        ("skip_holiday", "required"),
        ("timezone", "unknown_zone"),
        ("makeup_policy", "one_of"),
        ("colour", "unknown_field"),
        ("content[0]", "type"),
        ("content[1].week", "week_out_of_range"),
        ("content[1].times[0].begin_time", "time_out_of_range"),
        ("content[1].times[0].end_time", "type"),
        ("content[2].week", "required"),
        ("content[2].times", "type"),
        ("content[2].weekday", "unknown_field"),
        ("exceptions[0].begin_date", "type"),
        ("exceptions[1].begin_date", "date_does_not_exist"),
    ];
    expected.sort_unstable();
    assert_eq!(faults, expected);
    let message = |reply: &Reply, field: &str| {
        let faults = reply.body["data"].as_array().unwrap().clone();
        faults.iter().find(|fault| fault["field"] == field).unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message(&chinese, "name"), "必须为字符串");
    assert_eq!(message(&english, "name"), "must be text");
    assert_eq!(message(&chinese, "is_default"), "必须为布尔值：true或false");
    assert_eq!(message(&english, "content[0]"), "must be an object");
    let ignored = "is not known here, so the request is refused; look for a misspelling";
    assert_eq!(message(&english, "colour"), ignored);
    assert!(!english.text.contains("invalid type") && !chinese.text.contains("expected"));
}

#[rstest]
fn every_fault_of_a_task_a_webhook_and_a_user_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("group");
    let fields = json!({"name": "", "maximumcall": "x", "end_action": 7, "remark": 1, "caller_line_id": "x"});
    let body =
        with_extras(with(task(id), &fields), &json!({"stop_time": 7, "line": ["x", 1], "holiday": [{}]}));
    let mut faults = world.client.post(&world.new_path("/task"), &body).faults().len();
    faults += world
        .client
        .post(&world.path("/webhook"), &json!({"events": ["x", 7], "enabled": "x"}))
        .faults()
        .len();
    assert_eq!(faults, 10 + 4);
    let register = json!({"name": 1, "email": "x", "phone": 1, "password": 1, "tenant_id": "", "subset_data": {"sex": 9}});
    assert_eq!(world.client.post("/users", &register).faults().len(), 7);
}

fn groups_with_unknown_fields() -> Vec<(Value, &'static str)> {
    let mut in_day = group("x");
    in_day["content"][0]["except"] = json!([]);
    let mut in_window = group("x");
    in_window["content"][0]["times"][0]["weekdays"] = json!([1]);
    let exception = json!({"exceptions": [{"begin_date": "2026-10-10", "affect": "close"}]});
    vec![
        (with(group("x"), &json!({"terms": []})), "terms"),
        (
            with(group("x"), &json!({"seasons": [{"begin_date": "06-01", "content": [], "weeks": 2}]})),
            "seasons[0].weeks",
        ),
        (with(group("x"), &json!({"time_zone": "Asia/Tokyo"})), "time_zone"),
        (in_day, "content[0].except"),
        (in_window, "content[0].times[0].weekdays"),
        (with(group("x"), &exception), "exceptions[0].affect"),
    ]
}

fn tasks_with_unknown_fields(id: i64) -> Vec<(Value, (&'static str, &'static str))> {
    let hours = json!([{"wday": "-1", "begin": "02:30", "end": "02:31"}]);
    vec![
        (with_extras(task(id), &json!({"work_hour": "09:00-12:00"})), ("task_extras.work_hour", "type")),
        (
            with_extras(
                task(id),
                &json!({"work_hour": [{"wday": 1, "begin": "09:00", "end": "12:00", "yearly": true}]}),
            ),
            ("task_extras.work_hour[0].yearly", "unknown_field"),
        ),
        (
            with_extras(task(id), &json!({"line": [{"id": LINE, "limit": -1}]})),
            ("task_extras.line[0].limit", "out_of_range"),
        ),
        (with_extras(task(id), &json!({"interval_time": -1})), ("task_extras.interval_time", "out_of_range")),
        (
            with_extras(task(id), &json!({"interval_time": i64::MAX})),
            ("task_extras.interval_time", "out_of_range"),
        ),
        (with(task(id), &json!({"call_pause_second": 86_401})), ("call_pause_second", "out_of_range")),
        (with_extras(task(id), &json!({"work_hours": hours})), ("task_extras.work_hours", "unknown_field")),
        (with_extras(task(id), &json!({"blacklist": "x"})), ("task_extras.blacklist", "unknown_field")),
        (
            with_extras(
                task(id),
                &json!({"holiday": [{"start": "2026-01-01 00:00", "end": "2026-01-02 00:00", "yearly": true}]}),
            ),
            ("task_extras.holiday[0].yearly", "unknown_field"),
        ),
        (
            with_extras(task(id), &json!({"line": [{"id": LINE, "limit": 1, "from": "09:00"}]})),
            ("task_extras.line[0].from", "unknown_field"),
        ),
        (with(task(id), &json!({"work_hour": hours})), ("work_hour", "unknown_field")),
        (with(task(id), &json!({"stop_time": "2026-01-01 00:00:00"})), ("stop_time", "unknown_field")),
        (
            with(task(id), &json!({"disable_dial_timegroup": LINE})),
            ("disable_dial_timegroup", "unknown_field"),
        ),
    ]
}

#[rstest]
fn unknown_fields_that_could_change_when_or_whom_we_call_are_refused_by_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let id = world.open_group();
    for (body, fault) in groups_with_unknown_fields() {
        for refused in [
            world.client.post(&groups, &body),
            world.client.put(&format!("{groups}/{id}"), &body),
            world.client.post(&format!("{groups}/preview"), &body),
        ] {
            assert_eq!(refused.faults(), [(fault, "unknown_field")], "{body}");
        }
    }
    for (body, fault) in tasks_with_unknown_fields(id) {
        for base in [world.path("/task"), world.new_path("/task")] {
            assert_eq!(world.client.post(&base, &body).faults(), [fault], "{body}");
        }
    }
    assert_eq!(
        world.client.get(&world.path("/task?generation=all")).body["meta"]["total"],
        0,
        "nothing is stored"
    );
    // Elsewhere, and where nothing is said, it is ignored.
    let harmless = with_extras(task(id), &json!({"work_hour": [], "work_week": [], "blacklist": null}));
    assert_eq!(
        world.client.post(&world.new_path("/task"), &harmless).faults(),
        [("task_extras.blacklist", "unknown_field")]
    );
    let harmless = with_extras(
        with(task(id), &json!({"colour": "red", "holiday": []})),
        &json!({"work_hour": [], "work_week": []}),
    );
    world.client.post(&world.new_path("/task"), &harmless).data();
}

#[rstest]
fn what_was_read_can_be_changed_and_sent_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let exceptions = json!([{"name": "年会", "begin_date": "12-31", "end_date": "01-01", "times": []}]);
    let saved = world.client.post(&groups, &with(group("office"), &json!({"exceptions": exceptions})));
    let (id, other) = (saved.data()["id"].as_i64().unwrap(), world.open_group());
    let path = format!("{groups}/{id}");
    for read in [
        world.client.get(&path).data().clone(),
        world.client.get(&format!("{groups}?task_count=true&name=office")).data()[0].clone(),
    ] {
        let sent = with(read.clone(), &json!({"name": "office hours"}));
        assert_eq!(world.client.put(&path, &sent).data()["exceptions"], read["exceptions"]);
        world.client.put(&path, &json!({"name": "office"})).data();
    }
    let (first, second) = (world.task(id), world.new_task(id));
    let started = world.client.get(&world.new_path(&format!("/task_start/{second}")));
    assert_eq!(started.data()["enable"], true);
    for (base, task) in [(world.path("/task"), &first), (world.new_path("/task"), &second)] {
        let path = format!("{base}/{task}");
        // Once as it is, once into another group, once more as the platform's remote copy has the hours.
        for group in [id, other, id] {
            let mut read = world.client.get(&format!("{path}/edit")).data().clone();
            read["dial_time_id"] = json!(group);
            if group == id && read["task_extras"].is_object() {
                read["task_extras"]["work_hour"] = read["new_task_extra"]["work_hour"].clone();
            }
            assert_eq!(world.client.put(&path, &read).data()["dial_time_id"], group, "{read}");
        }
        let read = world.client.get(&format!("{path}/edit")).data().clone();
        world.client.post(&base, &with(read, &json!({"name": "made of what was read", "uuid": null}))).data();
    }
    let listed = world.client.get(&world.new_path("/task")).data()[0].clone();
    let path = world.new_path(&format!("/task/{}", listed["uuid"].as_str().unwrap()));
    world.client.put(&path, &listed).data();
    let read = world.client.get(&world.new_path(&format!("/task/{second}/edit"))).data().clone();
    assert_eq!(read["task_extras"]["own_hours"], false, "they were its group's");
}

#[rstest]
fn names_that_cannot_be_seen_or_turn_the_text_around_them_are_refused_everywhere(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("group");
    for name in ["a\u{200B}b", "\u{202E}abc", "a\u{2028}b", "a\u{2066}b", "\u{FEFF}a", "a\u{200F}"] {
        let named = json!({"name": name});
        let account = json!({"name": name, "email": "x@example.com", "phone": "13900000000",
                             "password": "long enough", "password_confirmation": "long enough"});
        let exception = json!({"exceptions": [{"name": name, "begin_date": "12-31"}]});
        for (path, body, field) in [
            (world.path("/dial-time-group"), with(group("x"), &named), "name"),
            (world.path("/dial-time-group"), with(group("x"), &exception), "exceptions[0].name"),
            (world.path("/task"), with(task(id), &named), "name"),
            (world.new_path("/task"), with(task(id), &named), "name"),
            ("/users".to_owned(), account.clone(), "name"),
            (world.path("/subset_users"), account, "name"),
        ] {
            let refused = world.client.post(&path, &body);
            assert_eq!(
                refused.faults(),
                [(field, "invisible_character")],
                "{path} {}",
                name.escape_unicode()
            );
        }
    }
    let family = world.client.post(&world.path("/dial-time-group"), &group("👨\u{200D}👩\u{200D}👧"));
    assert_eq!(family.data()["name"], "👨\u{200D}👩\u{200D}👧");
}

/// What is our own, and not the platform's, can be strict: a name that is misspelt there would otherwise change what is done.
#[rstest]
fn misspelt_fields_of_our_own_operations_are_refused_by_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (client, group) = (&world.client, world.group("group"));
    let webhook = json!({"url": "https://example.com", "enabled": false, "events": ["task.paused"]});
    let made = client.post(&world.path("/webhook"), &webhook).data()["id"].as_str().unwrap().to_owned();
    let (webhooks, one) = (world.path("/webhook"), world.path(&format!("/webhook/{made}")));
    let of_group = |rest: &str| world.path(&format!("/dial-time-group/{group}/{rest}"));
    let questions = json!({"queries": [{"group_id": group}]});
    let passwords = json!({"password": "long enough", "password_confirmation": "long enough"});
    for (method, path, body, misspelt) in [
        ("POST", webhooks.clone(), &webhook, "event"),
        ("POST", webhooks.clone(), &webhook, "secret"),
        ("POST", webhooks, &webhook, "sub_user"),
        ("PUT", one.clone(), &webhook, "event"),
        ("PUT", one.clone(), &webhook, "Enabled"),
        ("POST", format!("{one}/test"), &json!({}), "sub_user"),
        ("POST", format!("{one}/rotate-secret"), &json!({}), "secret"),
        ("POST", format!("{one}/send-again"), &json!({}), "ids"),
        ("POST", format!("{one}/delivery/1/send-again"), &json!({}), "id"),
        ("DELETE", one.clone(), &json!({}), "sub_user"),
        ("POST", world.path("/decisions"), &questions, "at"),
        ("POST", of_group("replace"), &json!({"with": group + 1}), "dry_run"),
        ("POST", of_group("calendar-subscription"), &json!({}), "sub_user"),
        ("DELETE", of_group(&format!("calendar-subscription/{made}")), &json!({}), "sub_user"),
        ("POST", world.path("/dial-time-group/preview"), &json!({"group_id": group}), "form"),
        ("PUT", world.path("/password"), &passwords, "old_password"),
        ("POST", world.path("/disable"), &json!({}), "sub_user"),
        ("POST", world.path("/enable"), &json!({}), "until"),
        ("DELETE", world.path(""), &json!({}), "with_everything"),
    ] {
        let refused = client.json(method, &path, &[], &with(body.clone(), &json!({misspelt: true})));
        assert_eq!(refused.faults(), [(misspelt, "unknown_field")], "{method} {path}: {}", refused.text);
    }
    let kept = client.get(&one).data().clone();
    assert_eq!((&kept["events"], &kept["enabled"]), (&webhook["events"], &webhook["enabled"]));
    // What was read can be sent back.
    assert_eq!(client.put(&one, &kept).data()["events"], webhook["events"]);
}

/// A `sub_user_id` means that account; an operation on the whole user must not take it for nothing.
#[rstest]
fn what_is_done_to_a_user_is_not_asked_for_with_a_sub_user(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (client, sub_user) = (&world.client, &world.sub_user);
    let passwords = json!({"password": "long enough", "password_confirmation": "long enough"});
    let refused = [("sub_user_id", "unknown_field")];
    for (method, path, body) in [
        ("POST", "/disable", json!({})),
        ("POST", "/enable", json!({})),
        ("PUT", "/password", passwords.clone()),
        ("DELETE", "", json!({})),
    ] {
        let path = world.path(path);
        let in_query = client.json(method, &format!("{path}?sub_user_id={sub_user}"), &[], &body);
        assert_eq!(in_query.faults(), refused, "{method} {path}");
        let in_body = client.json(method, &path, &[], &with(body, &json!({"sub_user_id": sub_user})));
        assert_eq!(in_body.faults(), refused, "{method} {path}");
    }
    client.get(&world.path("/dial-time-group")).data();
    let own = world.path(&format!("/subset_users/{sub_user}/password"));
    client.put(&own, &with(passwords, &json!({"sub_user_id": sub_user}))).data();
}

/// What is the partner's is no sub-user's, and who names one means something else.
#[rstest]
fn what_is_the_partners_is_not_asked_for_with_a_sub_user(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let named = json!({"sub_user_id": world.sub_user});
    for (method, path, body) in [
        ("PUT", "/agent-api/holiday-calendar/CN-2/feed", json!({"url": "https://example.com/holidays.ics"})),
        ("PUT", "/agent-api/holiday-calendar/CN-2/day/2026-10-01", json!({"kind": "off", "name": "国庆节"})),
        ("POST", "/agent-api/line-group", json!({"name": "both", "lines": []})),
        ("PUT", "/agent-api/ceiling", json!({"account_id": world.user, "dial_time_id": 1})),
    ] {
        let answer = world.client.json(method, path, &[], &with(body, &named));
        assert!(
            answer.faults().contains(&("sub_user_id", "unknown_field")),
            "{method} {path}: {}",
            answer.text
        );
    }
}

#[rstest]
fn all_that_is_wrong_with_an_account_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let account = |email: &str, phone: &str, password: &str| {
        json!({"name": "x", "email": email, "phone": phone, "password": password,
               "password_confirmation": "long enough"})
    };
    let taken = account("one@example.com", "13900000001", "long enough");
    world.client.post("/users", &taken).data();
    world.client.post("/users", &account("two@example.com", "13900000002", "long enough")).data();
    for (email, phone, fields) in [
        ("one@example.com", "13900000001", &["email", "phone"][..]),
        ("one@example.com", "13900000002", &["email", "phone"]),
        ("one@example.com", "13900000003", &["email"]),
        ("three@example.com", "13900000001", &["phone"]),
    ] {
        for path in ["/users".to_owned(), world.path("/subset_users")] {
            let refused = world.client.post(&path, &account(email, phone, "long enough"));
            let expected: Vec<_> = fields.iter().map(|field| (*field, "taken")).collect();
            assert_eq!(refused.faults(), expected, "{email} {phone}");
        }
    }
    let both = [("password", "too_short"), ("password_confirmation", "differs")];
    let short = account("four@example.com", "13900000004", "short");
    assert_eq!(world.client.post("/users", &short).faults(), both);
    let passwords = json!({"password": "short", "password_confirmation": "long enough"});
    assert_eq!(world.client.put(&world.path("/password"), &passwords).faults(), both);
}

#[test]
fn only_the_faulty_part_of_a_path_is_blamed() {
    let world = World::new(Database::Sqlite);
    let user = &world.user;
    for (path, faults) in [
        (world.path("/dial-time-group/%FF"), &[("group_id", "out_of_range")][..]),
        (world.path("/task/%C3%28/edit"), &[("task_id", "uuid")]),
        (world.path("/webhook/%FF/delivery"), &[("webhook_id", "uuid")]),
        (format!("/agent-api/user/{user}%FF/dial-time-group/1"), &[("user_id", "uuid")]),
        (
            "/agent-api/user/%FF/dial-time-group/%FE".to_owned(),
            &[("user_id", "uuid"), ("group_id", "out_of_range")],
        ),
        (world.path("/dial-time-group/9007199254740992"), &[("group_id", "out_of_range")]),
    ] {
        assert_eq!(world.client.get(&path).faults(), faults, "{path}");
    }
    assert_eq!(world.client.get(&world.path("/dial-time-group/9007199254740991")).status, 404);
    let message = |reply: &Reply| reply.body["data"][0]["message"].clone();
    let in_path = world.client.get(&world.path("/dial-time-group/0"));
    let in_body = world.client.post(&world.path("/dial-time-group"), &with(group("x"), &json!({"id": 0})));
    let of_task = world.client.post(&world.path("/task"), &task(0));
    assert_eq!((message(&in_path), message(&of_task)), (message(&in_body), message(&in_body)));
}
