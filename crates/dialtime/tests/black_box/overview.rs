//! All groups of a user and its sub-users at a glance.

use std::time::Instant;

use calendar::{WeeklyWindows, Zone};
use domain::{GroupDraft, Name};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World, group};

fn overview(world: &World, query: &str) -> Reply {
    world.client.get(&world.path(&format!("/overview{query}")))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

/// The spans of the group of this name, as `begin state rule name`.
fn spans(reply: &Reply, name: &str) -> Vec<String> {
    let groups = reply.data().as_array().unwrap();
    let group = groups.iter().find(|group| group["name"] == name).unwrap();
    let line = |span: &Value| {
        let state = if span["open"] == true { "open" } else { "closed" };
        let begin = text(&span["begin_at"])[5..16].to_owned();
        format!("{begin} {state} {} {}", text(&span["rule"]), text(&span["name"]))
    };
    group["spans"].as_array().unwrap().iter().map(line).collect()
}

/// Saves a group with a name and these fields beside the usual; gives its id.
fn saved(world: &World, name: &str, query: &str, fields: &Value) -> i64 {
    let mut body = group(name);
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    world.client.post(&world.path(&format!("/dial-time-group{query}")), &body).data()["id"].as_i64().unwrap()
}

/// Monday to Friday, from 09:00 to 18:00.
fn weekdays() -> Value {
    let day = |week| json!({"week": week, "times": [{"begin_time": "09:00", "end_time": "18:00"}]});
    (1..=5).map(day).collect()
}

#[rstest]
fn every_groups_spans_are_told_with_what_opens_and_closes_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-09-28T07:00:00+08:00");
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    let days = weekdays();
    saved(&world, "holidays", "", &json!({"content": days, "skip_holiday": true}));
    let lunch = json!([{"name": "lunch", "effect": "close", "begin_date": "2026-09-30",
                        "times": [{"begin_time": "12:00", "end_time": "13:00"}]}]);
    saved(&world, "lunch", &of_sub_user, &json!({"content": days, "exceptions": lunch}));
    let overridden = saved(&world, "overridden", "", &json!({"content": days}));
    let over = json!({"state": "closed", "until": "2026-09-30 12:00:00", "reason": "drill"});
    world.client.put(&world.path(&format!("/dial-time-group/{overridden}/override")), &over).data();
    let fair = json!({"name": "fair", "begin": "2026-09-30 16:00:00", "end": "2026-10-01 10:00:00"});
    world.client.post(&world.path("/closure"), &fair).data();

    let days = "?from=2026-09-30&to=2026-10-02";
    let told = overview(&world, days);
    assert_eq!((told.message(), &told.body["meta"]["total"]), ("返回呼叫时间组总览成功", &json!(3)));
    assert_eq!(
        spans(&told, "holidays"),
        [
            "09-30T00:00 closed weekly -",
            "09-30T09:00 open weekly -",
            "09-30T16:00 closed closure fair",
            "10-01T10:00 closed holiday 国庆节",
        ]
    );
    assert_eq!(
        spans(&told, "lunch"),
        [
            "09-30T00:00 closed weekly -",
            "09-30T09:00 open weekly -",
            "09-30T12:00 closed exception lunch",
            "09-30T13:00 open weekly -",
            "09-30T16:00 closed closure fair",
            "10-01T10:00 open weekly -",
            "10-01T18:00 closed weekly -",
        ]
    );
    assert_eq!(
        spans(&told, "overridden")[..2],
        ["09-30T00:00 closed override drill", "09-30T12:00 open weekly -"]
    );
    let lunch =
        told.data().as_array().unwrap().iter().find(|group| group["name"] == "lunch").unwrap().clone();
    assert_eq!((&lunch["user_id"], &lunch["open_seconds"]), (&json!(world.sub_user), &json!(14 * 3_600)));
    let its_own = overview(&world, &format!("{days}&sub_user_id={}", world.sub_user));
    assert_eq!(*its_own.data(), json!([lunch]));
}

#[rstest]
fn what_holds_an_account_closes_all_of_its_groups(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-09-28T07:00:00+08:00");
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    saved(&world, "user's", "", &json!({}));
    saved(&world, "sub-user's", &of_sub_user, &json!({}));
    let days = "?from=2026-09-28&to=2026-09-30";
    // A stop of the sub-user closes its own alone, and names itself.
    let stop = json!({"level": "account", "user_id": world.user, "sub_user_id": world.sub_user, "reason": "complaint"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    let told = overview(&world, days);
    assert_eq!(spans(&told, "sub-user's"), ["09-28T00:00 closed stopped complaint"]);
    assert_eq!(spans(&told, "user's").len(), 3);
    world
        .client
        .post("/agent-api/stop-dialing", &json!({"level": "account", "user_id": world.user, "reason": "all"}))
        .data();
    let told = overview(&world, days);
    for name in ["user's", "sub-user's"] {
        assert_eq!(spans(&told, name), ["09-28T00:00 closed stopped all"]);
    }
    world
        .client
        .post("/agent-api/resume-dialing", &json!({"level": "account", "user_id": world.user}))
        .data();
    world.client.post("/agent-api/resume-dialing", &stop).data();
    world.client.post(&world.path(&format!("/subset_users/{}/disable", world.sub_user)), &json!({})).data();
    assert_eq!(spans(&overview(&world, days), "sub-user's"), ["09-28T00:00 closed account_disabled -"]);
}

#[rstest]
fn days_and_pages_have_bounds(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::at(database, "2026-09-28T07:00:00+08:00");
    for name in ["a", "b", "c"] {
        world.group(name);
    }
    let first = overview(&world, "?per_page=2");
    assert_eq!(
        (first.column("name"), &first.body["meta"]["last_page"]),
        (vec![json!("c"), json!("b")], &json!(2))
    );
    assert_eq!(overview(&world, "?per_page=2&page=2").column("name"), ["a"]);
    // Four weeks from today on.
    let ends = |edge: &str| {
        first.data()[0]["spans"].as_array().unwrap().iter().map(|span| text(&span[edge])).collect::<Vec<_>>()
    };
    assert_eq!(ends("begin_at")[0], "2026-09-28T00:00:00+08:00");
    assert_eq!(ends("end_at").last().unwrap(), "2026-10-26T00:00:00+08:00");
    for (query, fault) in [
        ("?from=2026-10-01&to=2026-11-02", ("to", "too_many_days")),
        ("?from=2026-10-01&to=2026-10-01", ("to", "not_after")),
        ("?from=soon", ("from", "date_format")),
        ("?until=2026-10-01", ("until", "unknown_field")),
        ("?per_page=1001", ("per_page", "out_of_range")),
    ] {
        let refused = overview(&world, query);
        assert_eq!((refused.status, refused.faults()), (422, vec![fault]), "{query}");
    }
    assert_eq!(overview(&world, "?from=2026-10-01&to=2026-11-01").status, 200);
    // Forty groups that open and close a hundred times a day make too much of an answer for a month.
    let times: Value = (0..100)
        .map(|at| json!({"begin_time": format!("{:02}:{:02}", at / 5, at % 5 * 12), "end_time": format!("{:02}:{:02}", at / 5, at % 5 * 12 + 5)}))
        .collect();
    let busy: Value = (0..7).map(|week| json!({"week": week, "times": times})).collect();
    world.add_groups(&world.user, &vec![draft("busy", &busy, "Asia/Shanghai"); 40]);
    let month = "?from=2026-10-01&to=2026-11-01";
    assert_eq!(overview(&world, month).faults(), [("to", "too_many")]);
    assert_eq!(overview(&world, &format!("{month}&per_page=10")).status, 200);
}

fn draft(name: &str, content: &Value, zone: &str) -> GroupDraft {
    let content: WeeklyWindows = serde_json::from_value(content.clone()).unwrap();
    GroupDraft::new(Name::parse(name).unwrap(), content, Zone::parse(zone).unwrap())
}

/// One of a thousand groups: of three zones, some of which skip holidays.
fn one_of_many(place: usize) -> GroupDraft {
    let begin = place % 12;
    let window = |begin: usize, end: usize| json!({"begin_time": format!("{begin:02}:30"), "end_time": format!("{end:02}:00")});
    let content: Value = (0..7)
        .filter(|week| *week != place % 7)
        .map(|week| json!({"week": week, "times": [window(begin, begin + 4), window(begin + 6, (begin + 14) % 24)]}))
        .collect();
    let zone = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"][place % 3];
    GroupDraft { skip_holiday: place.is_multiple_of(2), ..draft(&format!("group {place}"), &content, zone) }
}

fn instant(text: &Value) -> Timestamp {
    text.as_str().unwrap().parse().unwrap()
}

/// What the overview says of an instant.
fn at(group: &Value, moment: Timestamp) -> &Value {
    let mut spans = group["spans"].as_array().unwrap().iter();
    spans.find(|span| instant(&span["begin_at"]) <= moment && moment < instant(&span["end_at"])).unwrap()
}

/// Holds what the overview says of an account's groups against its decisions: every group at nine instants, which lie on all days and at
/// all times of day.
fn compare(world: &World, own: &[&Value], query: &str) {
    let begin: Timestamp = "2026-09-27T16:00:00Z".parse().unwrap();
    let moment = |number: usize| {
        let minute = i64::try_from(number * 4_999 % (14 * 24 * 60)).unwrap();
        begin + SignedDuration::from_mins(minute)
    };
    let asked: Vec<_> = (0..own.len() * 9).map(|number| (own[number / 9], moment(number))).collect();
    let queries: Vec<Value> =
        asked.iter().map(|(group, at)| json!({"group_id": group["id"], "at": at.to_string()})).collect();
    let decided = world.client.post(&world.path(&format!("/decisions{query}")), &json!({"queries": queries}));
    for ((group, moment), decision) in asked.iter().zip(decided.data().as_array().unwrap()) {
        let (span, decision) = (at(group, *moment), &decision["data"]);
        let reason = &decision["reason"];
        let expected = (&decision["allowed"], &reason["rule"], &reason["name"]);
        assert_eq!((&span["open"], &span["rule"], &span["name"]), expected, "{moment} {group}");
    }
}

#[rstest]
fn a_thousand_groups_are_one_answer_that_agrees_with_every_decision(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-09-28T07:00:00+08:00");
    let drafts: Vec<GroupDraft> = (0..1_000).map(one_of_many).collect();
    world.add_groups(&world.user, &drafts[..700]);
    world.add_groups(&world.sub_user, &drafts[700..]);
    let fair = json!({"name": "fair", "begin": "2026-10-09 10:00:00", "end": "2026-10-11 15:30:00"});
    world.client.post(&world.path("/closure"), &fair).data();
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    let training = json!({"name": "training", "begin": "2026-10-05 00:00:00", "end": "2026-10-05 12:00:00"});
    world.client.post(&world.path(&format!("/closure{of_sub_user}")), &training).data();

    for round in ["cold", "warm"] {
        let begun = Instant::now();
        let told = overview(&world, "?from=2026-09-28&to=2026-10-12");
        eprintln!("{round}: {} bytes in {:?}", told.text.len(), begun.elapsed());
        assert_eq!(told.status, 200);
    }
    let told = overview(&world, "?from=2026-09-28&to=2026-10-12");
    let groups = told.data().as_array().unwrap();
    assert_eq!((groups.len(), &told.body["meta"]["total"]), (1_000, &json!(1_000)));
    for group in groups {
        let spans = group["spans"].as_array().unwrap();
        assert!(spans.windows(2).all(|pair| pair[0]["end_at"] == pair[1]["begin_at"]), "{group}");
        let edges = [&spans[0]["begin_at"], &spans[spans.len() - 1]["end_at"]].map(instant);
        assert_eq!(edges.map(|edge| edge.to_string()), ["2026-09-27T16:00:00Z", "2026-10-11T16:00:00Z"]);
        let open = spans.iter().filter(|span| span["open"] == true);
        let seconds =
            open.map(|span| instant(&span["end_at"]).duration_since(instant(&span["begin_at"])).as_secs());
        assert_eq!(group["open_seconds"], seconds.sum::<i64>());
    }
    for (owner, query) in [(&world.user, String::new()), (&world.sub_user, of_sub_user)] {
        let own: Vec<&Value> = groups.iter().filter(|group| group["user_id"] == **owner).collect();
        compare(&world, &own, &query);
    }
}
