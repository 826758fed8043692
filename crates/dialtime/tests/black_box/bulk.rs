//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    closures::running,
    events::in_shanghai,
    support::{self, Database, World},
};

/// The state of a task.
fn status(world: &World, task: &str) -> i64 {
    world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["status"].as_i64().unwrap()
}

fn group(world: &World, id: i64) -> Value {
    world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data().clone()
}

/// Asks for an edit, at first only to see it.
fn dry_and_done(world: &World, what: &str, body: &Value) -> (Value, Value) {
    let dry = world.client.post(&world.path(&format!("/bulk/{what}?dry_run=true")), body);
    let dry = dry.data().clone();
    (dry, world.client.post(&world.path(&format!("/bulk/{what}")), body).data().clone())
}

/// What is the same whether it is done or not; instants of now are each request's own.
fn told(view: &Value) -> Value {
    let ends: Vec<_> = view["later"].as_array().unwrap().iter().map(|one| one["opens"].clone()).collect();
    json!([view["named"], view["stopping"]["total"], view["starting"]["total"], ends])
}

#[rstest]
fn an_exception_is_added_to_many_groups_or_to_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, ""), running(&world, "")];
    let ids: Vec<i64> = all.iter().map(|(group, _)| *group).collect();
    let day = |hours| in_shanghai(SignedDuration::from_hours(hours), "%Y-%m-%d");
    // Two days, should it be midnight meanwhile.
    let closed = json!([{"name": "盘点", "begin_date": day(0), "end_date": day(24)}]);

    let missing = json!({"group_ids": [ids[0], 999_999, ids[1]], "exceptions": closed});
    let refused = world.client.post(&world.path("/bulk/exception"), &missing);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(refused.faults(), [("group_ids[1]", "unknown")]);
    assert_eq!(group(&world, ids[0])["exceptions"], json!([]), "nothing of it is done");

    let body = json!({"group_ids": [ids[0], ids[1], ids[0]], "exceptions": closed});
    let (dry, done) = dry_and_done(&world, "exception", &body);
    assert_eq!((&dry["stored"], &done["stored"]), (&json!(false), &json!(true)));
    assert_eq!(told(&dry), json!([2, 2, 0, [false, false]]), "{dry}");
    assert_eq!(told(&done), told(&dry));
    assert_eq!(dry["later"][0]["group_id"], ids[0]);
    let named: Vec<_> =
        dry["stopping"]["tasks"].as_array().unwrap().iter().map(|task| task["uuid"].clone()).collect();
    assert!(named.contains(&json!(all[0].1)) && named.contains(&json!(all[1].1)), "{named:?}");
    for ((id, task), expected) in all.iter().zip([3, 3, 2]) {
        assert_eq!(status(&world, task), expected);
        let exceptions = group(&world, *id)["exceptions"].clone();
        assert_eq!(exceptions.as_array().unwrap().len(), usize::from(expected == 3));
        let version = if expected == 3 { 2 } else { 1 };
        assert_eq!(group(&world, *id)["version"], version, "one edit, and none to see it");
    }

    // One that cannot take them refuses all.
    let many: Vec<Value> =
        (0..399).map(|at| json!({"name": format!("x{at}"), "begin_date": "2198-01-01"})).collect();
    let body = json!({"group_ids": [ids[2]], "exceptions": many});
    world.client.post(&world.path("/bulk/exception"), &body).data();
    let two = json!([{"name": "y", "begin_date": "2198-01-02"}, {"name": "z", "begin_date": "2198-01-03"}]);
    let refused = world
        .client
        .post(&world.path("/bulk/exception"), &json!({"group_ids": [ids[0], ids[2]], "exceptions": two}));
    assert_eq!(
        refused.faults(),
        [("exceptions", "too_many_exceptions"), ("group_ids[1]", "too_many_exceptions")]
    );
    assert_eq!(group(&world, ids[0])["version"], 2);
}

/// That one call takes a pause back, and what was started meanwhile is no hindrance.
fn assert_resumed_in_one_call(world: &World, tasks: &[&String]) {
    world.client.get(&world.path(&format!("/task_start/{}", tasks[0]))).data();
    let refused = world.client.post(
        &world.path("/bulk/resume"),
        &json!({"task_ids": [tasks[1], "00000000-0000-4000-8000-000000000000"]}),
    );
    assert_eq!(refused.faults(), [("task_ids[1]", "unknown")]);
    assert_eq!(status(world, tasks[1]), 1);
    let (dry, done) = dry_and_done(world, "resume", &json!({"task_ids": tasks}));
    assert_eq!((told(&dry), &dry["changed"]), (json!([2, 0, 1, [true]]), &json!(1)), "{dry}");
    assert_eq!((told(&done), &done["changed"]), (told(&dry), &json!(1)));
    for task in tasks {
        assert_eq!(status(world, task), 2);
    }
}

#[rstest]
fn many_tasks_are_moved_and_paused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, "")];
    let tasks: Vec<&String> = all.iter().map(|(_, task)| task).collect();
    let never = json!({"name": "never", "content": [], "is_default": false, "skip_holiday": false});
    let never = world.client.post(&world.path("/dial-time-group"), &never).data()["id"].as_i64().unwrap();
    let (dry, done) = dry_and_done(&world, "move", &json!({"task_ids": tasks, "dial_time_id": never}));
    assert_eq!(told(&dry), json!([2, 2, 0, [false, false]]), "{dry}");
    assert_eq!(told(&done), told(&dry));
    for task in &tasks {
        let found = world.client.get(&world.path(&format!("/task/{task}/edit"))).data().clone();
        assert_eq!((&found["dial_time_id"], &found["status"]), (&json!(never), &json!(3)), "{found}");
    }
    let (dry, done) = dry_and_done(&world, "move", &json!({"task_ids": tasks, "dial_time_id": all[0].0}));
    assert_eq!(told(&dry), json!([2, 0, 2, [true]]), "{dry}");
    assert_eq!(told(&done), told(&dry));

    let nobody = "00000000-0000-4000-8000-000000000000";
    for (what, body, field) in [
        ("move", json!({"task_ids": [tasks[0], nobody], "dial_time_id": never}), "task_ids[1]"),
        ("move", json!({"task_ids": tasks, "dial_time_id": 999_999}), "dial_time_id"),
        ("move", json!({"task_ids": [], "dial_time_id": never}), "task_ids"),
        ("pause", json!({"task_ids": [tasks[0], nobody]}), "task_ids[1]"),
        ("pause", json!({}), "task_ids"),
        ("exception", json!({"group_ids": [never], "exceptions": []}), "exceptions"),
        (
            "exception",
            json!({"group_ids": vec![never; 1_001], "exceptions": [{"begin_date": "2198-01-01"}]}),
            "group_ids",
        ),
    ] {
        let refused = world.client.post(&world.path(&format!("/bulk/{what}")), &body);
        assert_eq!((refused.status, &refused.body["data"][0]["field"]), (422, &json!(field)), "{body}");
    }
    assert_eq!(status(&world, tasks[0]), 2);
    let (dry, done) = dry_and_done(&world, "pause", &json!({"task_ids": tasks}));
    assert_eq!(told(&dry), json!([2, 2, 0, [false]]), "{dry}");
    assert_eq!((&dry["later"][0]["group_id"], &dry["later"][0]["tasks"]), (&json!(all[0].0), &json!(2)));
    assert_eq!(told(&done), told(&dry));
    assert_eq!(dry["changed"], 2);
    for task in &tasks {
        assert_eq!(status(&world, task), 1);
    }
    assert_resumed_in_one_call(&world, &tasks);
}

/// That exceptions which are there already are not added again.
fn assert_adds_nothing_again(world: &World, edit: &Value) {
    let (dry, again) = dry_and_done(world, "exception", edit);
    for view in [&dry, &again] {
        let counts = ["named", "changed", "unchanged"].map(|count| view[count].clone());
        assert_eq!(counts, [2, 0, 8].map(Value::from));
        assert_eq!((&view["undo"], &view["later"]), (&Value::Null, &json!([])));
    }
    let first = edit["group_ids"][0].as_i64().unwrap();
    assert_eq!(group(world, first)["exceptions"].as_array().unwrap().len(), 4);
}

/// That a group is named in one removal, and removals stand alone.
fn assert_removals_are_refused(world: &World, undo: &Value, own: &Value) {
    let first = &undo["removals"][0];
    let other = json!({"group_ids": [first["group_ids"][0], 999_999], "exceptions": [own]});
    let twice = json!({"removals": [first, other]});
    assert_eq!(
        refused_with(world, "exception/remove", &twice),
        ["removals[1].group_ids[0] repeated", "removals[1].group_ids[1] unknown"]
    );
    let both = json!({"removals": undo["removals"], "group_ids": first["group_ids"]});
    assert_eq!(refused_with(world, "exception/remove", &both), ["group_ids excludes"]);
}

#[rstest]
fn exceptions_are_added_once_and_taken_back_by_the_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, ""), running(&world, "")];
    let ids: Vec<i64> = all.iter().map(|(group, _)| *group).collect();
    let own = json!({"name": "年会", "begin_date": "2198-01-01", "end_date": "2198-01-02", "times": [{"begin_time": "09:00", "end_time": "12:00"}]});
    let change = json!({"name": "first", "exceptions": [own]});
    world.client.put(&world.path(&format!("/dial-time-group/{}", ids[0])), &change).data();
    let before = group(&world, ids[0])["exceptions"].clone();

    let day = |hours| in_shanghai(SignedDuration::from_hours(hours), "%Y-%m-%d");
    // Of every effect, and one that the first group has already.
    let added = json!([
        {"name": "盘点", "begin_date": day(0), "end_date": day(24), "effect": "only", "times": [{"begin_time": "9:00", "end_time": "9:01"}]},
        {"name": "停电", "begin_date": day(0), "end_date": day(24), "effect": "close"},
        {"name": "周会", "on": "nth_weekday", "week": 1, "nth": 1, "begin_date": "2198-01-01", "effect": "add", "times": [{"begin_time": "9:00", "end_time": "24:00"}]},
        own,
    ]);
    let edit = json!({"group_ids": ids[..2], "exceptions": added});
    let (dry, done) = dry_and_done(&world, "exception", &edit);
    let counts = |view: &Value| ["named", "changed", "unchanged"].map(|count| view[count].clone());
    assert_eq!((counts(&dry), counts(&done)), ([2, 2, 1].map(Value::from), counts(&dry)));
    let undo = done["undo"].clone();
    let given: Vec<_> =
        undo["removals"].as_array().unwrap().iter().map(|one| one["group_ids"].clone()).collect();
    assert_eq!((&dry["undo"], given), (&undo, vec![json!([ids[0]]), json!([ids[1]])]));
    assert_adds_nothing_again(&world, &edit);
    assert_eq!(all.each_ref().map(|(_, task)| status(&world, task)), [3, 3, 2]);

    let missing = json!({"group_ids": [ids[0], 999_999], "exceptions": added});
    let refused = world.client.post(&world.path("/bulk/exception/remove"), &missing);
    assert_eq!(refused.faults(), [("group_ids[1]", "unknown")]);
    assert_eq!(status(&world, &all[0].1), 3, "nothing of it is done");

    assert_removals_are_refused(&world, &undo, &own);
    let (dry, done) = dry_and_done(&world, "exception/remove", &undo);
    assert_eq!((told(&dry), &dry["changed"]), (json!([2, 0, 2, [true, true]]), &json!(2)), "{dry}");
    assert_eq!((told(&done), &done["changed"]), (told(&dry), &json!(2)));
    assert_eq!(group(&world, ids[0])["exceptions"], before, "its own of the same days is left");
    assert_eq!(group(&world, ids[1])["exceptions"], json!([]));
    let versions = ids.iter().map(|id| group(&world, *id)["version"].clone()).collect::<Vec<_>>();
    assert_eq!(json!(versions), json!([4, 3, 1]), "what had none of them is not edited");
    assert_eq!(all.each_ref().map(|(_, task)| status(&world, task)), [2, 2, 2]);
    // Said again it does no more than is left to do.
    let (_, again) =
        dry_and_done(&world, "exception/remove", &json!({"group_ids": ids[1..], "exceptions": added}));
    assert_eq!((&again["changed"], &again["later"]), (&json!(0), &json!([])));
}

/// That what one of the groups cannot take, or what is no override, is refused for all.
fn assert_refused_for_all(world: &World, ids: &[i64], until: &str) {
    // Its next change is each group's own, and these never change: all are refused.
    let sometime = json!({"name": "x", "content": [{"week": 1, "times": [{"begin_time": "9:00", "end_time": "10:00"}]}]});
    world.client.put(&world.path(&format!("/dial-time-group/{}", ids[0])), &sometime).data();
    let refused = [
        (json!({"group_ids": ids, "state": "open", "reason": "x"}), "until"),
        (json!({"group_ids": ids, "state": "open", "until": until}), "reason"),
        (
            json!({"group_ids": [ids[0], 999_999], "state": "open", "until": until, "reason": "x"}),
            "group_ids[1]",
        ),
        (json!({"group_ids": [], "state": "open", "until": until, "reason": "x"}), "group_ids"),
        (json!({"group_ids": ids, "state": "open", "until": until, "reason": "x", "name": "x"}), "name"),
    ];
    for (body, field) in refused {
        let refused = world.client.post(&world.path("/bulk/override"), &body);
        assert_eq!(
            (refused.status, &refused.body["data"][0]["field"]),
            (422, &json!(field)),
            "{}",
            refused.body
        );
        assert_eq!(group(world, ids[0])["override"]["state"], "closed");
    }
    let refused =
        world.client.post(&world.path("/bulk/override/remove"), &json!({"group_ids": [ids[0], 999_999]}));
    assert_eq!(refused.faults(), [("group_ids[1]", "unknown")]);
}

#[rstest]
fn many_groups_are_overridden_and_follow_their_windows_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, "")];
    let ids: Vec<i64> = all.iter().map(|(group, _)| *group).collect();
    let until = in_shanghai(SignedDuration::from_hours(24), "%Y-%m-%d %H:%M:%S");
    let over = json!({"group_ids": ids, "state": "closed", "until": until, "reason": "消防演练"});
    let (dry, done) = dry_and_done(&world, "override", &over);
    assert_eq!((told(&dry), &dry["changed"]), (json!([2, 2, 0, [false, false]]), &json!(2)), "{dry}");
    assert_eq!(told(&done), told(&dry));
    for (id, task) in &all {
        assert_eq!(
            (&group(&world, *id)["override"]["reason"], status(&world, task)),
            (&json!("消防演练"), 3)
        );
    }
    assert_refused_for_all(&world, &ids, &until);

    let (dry, done) = dry_and_done(&world, "override/remove", &json!({"group_ids": ids[1..]}));
    assert_eq!((told(&dry), &dry["changed"]), (json!([1, 0, 1, [true]]), &json!(1)), "{dry}");
    assert_eq!(told(&done), told(&dry));
    assert_eq!((&group(&world, ids[1])["override"], status(&world, &all[1].1)), (&json!(null), 2));
    let (_, again) = dry_and_done(&world, "override/remove", &json!({"group_ids": ids[1..]}));
    assert_eq!(again["changed"], 0);
}

/// The id that nothing has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[rstest]
fn whatever_is_at_fault_is_named(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let [(one, task), (other, _)] = [running(&world, ""), running(&world, "")];
    let english = [("Accept-Language", "en")];
    let refusal = |what: &str, body: &Value| {
        let reply = world.client.send(
            "POST",
            &world.path(&format!("/bulk/{what}")),
            &english,
            Some(&body.to_string()),
        );
        let faults = reply.body["data"].as_array().unwrap().clone();
        let of = |name: &'static str| move |fault: &Value| fault[name].as_str().unwrap().to_owned();
        let fields: Vec<String> = faults.iter().map(of("field")).collect();
        (fields, faults.iter().map(of("message")).collect::<Vec<String>>())
    };
    let closed = json!([{"begin_date": "2198-01-01"}]);
    let groups = json!([999_999, one, 888_888, 999_999]);
    let over = json!({"group_ids": groups, "state": "closed", "until": "2198-01-01 00:00:00", "reason": "x"});
    for (what, body) in [
        ("exception", json!({"group_ids": groups, "exceptions": closed})),
        ("exception/remove", json!({"group_ids": groups, "exceptions": closed})),
        ("override", over),
        ("override/remove", json!({"group_ids": groups})),
    ] {
        let (fields, messages) = refusal(what, &body);
        assert_eq!(fields, ["group_ids[0]", "group_ids[2]", "group_ids[3]"], "{what}");
        assert_eq!(messages[1], "888888 does not exist");
    }
    let tasks = json!([NOBODY, task, "11111111-0000-4000-8000-000000000000"]);
    for (what, body) in [
        ("move", json!({"task_ids": tasks, "dial_time_id": other})),
        ("pause", json!({"task_ids": tasks})),
        ("resume", json!({"task_ids": tasks})),
    ] {
        let (fields, messages) = refusal(what, &body);
        assert_eq!(fields, ["task_ids[0]", "task_ids[2]"], "{what}");
        assert_eq!(messages[0], format!("{NOBODY} does not exist"));
    }
    // What single groups cannot take, too: the field, and each group.
    let never = json!({"group_ids": [one, other], "state": "closed", "reason": "x"});
    assert_eq!(refusal("override", &never).0, ["until", "group_ids[0]", "group_ids[1]"]);
    // Of very many the first hundred are told.
    let many: Vec<i64> = (0..500).map(|at| 900_000 + at).collect();
    let (fields, _) = refusal("override/remove", &json!({"group_ids": many}));
    assert_eq!((fields.len(), fields[99].as_str()), (100, "group_ids[99]"));
}

#[rstest]
fn all_unknown_calendars_of_a_group_are_named(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let one = world.group("g");
    let calendars = json!({"name": "g", "holiday_calendars": ["CN", "XX", "YY"]});
    let refused = world.client.put(&world.path(&format!("/dial-time-group/{one}")), &calendars);
    let unknown = [("holiday_calendars[1]", "unknown"), ("holiday_calendars[2]", "unknown")];
    assert_eq!(refused.faults(), unknown);
    let preview = json!({"group_id": one, "holiday_calendars": ["CN", "XX", "YY"], "skip_holiday": true});
    assert_eq!(world.client.post(&world.path("/dial-time-group/preview"), &preview).faults(), unknown);
}

#[rstest]
fn a_move_from_several_groups_is_taken_back_by_its_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, ""), running(&world, "")];
    let [(one, first), (other, second), (to, third)] = &all;
    let group_of = |task: &String| {
        world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["dial_time_id"].as_i64().unwrap()
    };
    let moved = json!({"task_ids": [first, second, third], "dial_time_id": to});
    let (dry, done) = dry_and_done(&world, "move", &moved);
    let undo = done["undo"].clone();
    let back = json!({"moves": [
        {"task_ids": [first], "dial_time_id": one}, {"task_ids": [second], "dial_time_id": other}]});
    assert_eq!((&dry["undo"], &undo, &done["changed"]), (&back, &back, &json!(2)));
    assert_eq!([first, second, third].map(group_of), [*to; 3]);

    let refused = [
        (json!({"moves": []}), vec!["moves"]),
        (json!({}), vec!["dial_time_id", "task_ids"]),
        (json!({"moves": undo["moves"], "dial_time_id": one}), vec!["dial_time_id"]),
        (json!({"moves": [{"task_ids": [first]}]}), vec!["moves[0].dial_time_id"]),
        (
            json!({"moves": [{"task_ids": [first], "dial_time_id": one}, {"task_ids": [first], "dial_time_id": other}]}),
            vec!["moves[1].task_ids[0]"],
        ),
        (
            json!({"moves": [{"task_ids": [first], "dial_time_id": 999_999}, {"task_ids": [second], "dial_time_id": other}]}),
            vec!["moves[0].dial_time_id"],
        ),
        (
            json!({"moves": [{"task_ids": [first], "dial_time_id": one}, {"task_ids": [second, NOBODY], "dial_time_id": other}]}),
            vec!["moves[1].task_ids[1]"],
        ),
    ];
    for (body, expected) in refused {
        let reply = world.client.post(&world.path("/bulk/move"), &body);
        let fields: Vec<&str> = reply.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!((reply.status, fields), (422, expected), "{body}");
        assert_eq!([first, second, third].map(group_of), [*to; 3], "nothing of it is done");
    }
    let (_, done) = dry_and_done(&world, "move", &undo);
    assert_eq!([first, second, third].map(group_of), [*one, *other, *to]);
    assert_eq!((&done["named"], &done["changed"]), (&json!(2), &json!(2)));
    // That is taken back as well; and where nothing moves there is nothing to take back.
    let (_, again) = dry_and_done(&world, "move", &done["undo"]);
    assert_eq!([first, second, third].map(group_of), [*to; 3]);
    assert!(again["undo"].is_object());
    assert_eq!(dry_and_done(&world, "move", &moved).1["undo"], Value::Null);
}

#[rstest]
fn a_pause_says_when_tasks_would_have_run_in_the_next_four_weeks(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (group, task) = running(&world, "");
    // The other one stops for good after two days.
    let stop = in_shanghai(SignedDuration::from_hours(48), "%Y-%m-%d %H:%M:%S");
    let mut bounded = support::task(group);
    bounded["task_extras"]["stop_time"] = json!(stop);
    let bounded = world.client.post(&world.path("/task"), &bounded).data()["uuid"].clone();
    let bounded = bounded.as_str().unwrap();
    world.client.put(&world.path(&format!("/task_start/{bounded}")), &json!({})).data();
    let day = |hours| in_shanghai(SignedDuration::from_hours(hours), "%Y-%m-%d");
    let closed = json!([{"name": "盘点", "begin_date": day(24 * 7), "effect": "close"}]);
    world.client.post(&world.path("/bulk/exception"), &json!({"group_ids": [group], "exceptions": closed}));

    let body = json!({"task_ids": [task, bounded]});
    let (dry, done) = dry_and_done(&world, "pause", &body);
    let later = |view: &Value| {
        let of = |one: &Value| (one["opens"].as_bool().unwrap(), one["tasks"].as_i64().unwrap());
        let mut all: Vec<_> = view["later"].as_array().unwrap().iter().map(of).collect();
        all.sort_unstable();
        all
    };
    assert_eq!((later(&dry), &dry["later_total"]), (vec![(false, 1); 3], &json!(3)), "{dry}");
    assert_eq!(later(&done), later(&dry));
    let ends: Vec<&str> =
        dry["later"].as_array().unwrap().iter().map(|one| one["end_at"].as_str().unwrap()).collect();
    assert!(ends.contains(&format!("{}+08:00", stop.replace(' ', "T")).as_str()), "{ends:?}");
    let (dry, _) = dry_and_done(&world, "resume", &body);
    assert_eq!(later(&dry), vec![(true, 1); 3], "{dry}");
    // What is so already differs nowhere.
    assert_eq!(dry_and_done(&world, "resume", &body).0["later"], json!([]));
}

/// What was only to be shown is not done.
#[test]
fn a_look_ahead_that_nobody_knows_is_refused() {
    let world = World::new(Database::Sqlite);
    let group = world.group("one");
    let closure = json!({"name": "fair", "begin": "2199-01-01 10:00:00", "end": "2199-01-02 10:00:00", "scope": "account"});
    let refused = |reply: &support::Reply, field: &str| {
        assert_eq!((reply.status, reply.faults()), (422, vec![(field, "unknown_field")]), "{}", reply.text);
    };
    refused(&world.client.post(&world.path("/closure?dry_run=true"), &closure), "dry_run");
    refused(&world.client.delete(&world.path(&format!("/dial-time-group/{group}?dry_run=1"))), "dry_run");
    refused(
        &world.client.put(&world.path("/ceiling?dryrun=true"), &json!({"dial_time_id": group})),
        "dryrun",
    );
    let exceptions = json!({"group_ids": [group], "exceptions": [{"begin_date": "2199-01-01"}]});
    refused(&world.client.post(&world.path("/bulk/exception?dry-run=true"), &exceptions), "dry-run");
    let file = [("Content-Type", "text/csv")];
    let path = world.path("/holiday-calendar?name=x&dryRun=true");
    refused(&world.client.upload("POST", &path, &file, b"date,name,kind\n2199-05-20,x,holiday\n"), "dryRun");
    assert_eq!(
        world.client.get(&world.path(&format!("/dial-time-group/{group}"))).data()["exceptions"],
        json!([])
    );
    assert_eq!(world.client.get(&world.path("/closure")).data(), &json!([]));
}

#[rstest]
fn a_pause_is_taken_back_by_its_answer(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let [(_, running), (_, paused)] = [running(&world, ""), running(&world, "")];
    world.client.get(&world.path(&format!("/task_stop/{paused}"))).data();
    let statuses = || [&running, &paused].map(|task| status(&world, task));
    let both = json!({"task_ids": [running, paused]});
    let (dry, done) = dry_and_done(&world, "pause", &both);
    let undo = json!({"task_ids": [running]});
    assert_eq!((&dry["undo"], &done["undo"], statuses()), (&undo, &undo, [1, 1]));
    assert_eq!(dry_and_done(&world, "pause", &both).1["undo"], Value::Null, "nothing changes");
    let (dry, done) = dry_and_done(&world, "resume", &undo);
    assert_eq!(
        (&dry["undo"], &done["undo"], statuses()),
        (&undo, &undo, [2, 1]),
        "what was paused before stays so"
    );
    // That is taken back as well.
    let (_, again) = dry_and_done(&world, "pause", &done["undo"]);
    assert_eq!((&again["changed"], statuses()), (&json!(1), [1, 1]));
}

/// What a bulk edit is refused with, in the order of the fields.
fn refused_with(world: &World, what: &str, body: &Value) -> Vec<String> {
    let reply = world.client.post(&world.path(&format!("/bulk/{what}")), body);
    assert_eq!(reply.status, 422, "{}", reply.text);
    let mut faults: Vec<_> =
        reply.faults().into_iter().map(|(field, rule)| format!("{field} {rule}")).collect();
    faults.sort_unstable();
    faults
}

/// Faults of several kinds: values of a wrong type, ids that cannot be, and what is not there.
#[rstest]
fn all_that_is_wrong_with_groups_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (one, _) = running(&world, "");
    let groups = json!(["x", 999_999, -1, one, null, 888_888]);
    let of_groups = [
        "group_ids[0] type",
        "group_ids[1] unknown",
        "group_ids[2] out_of_range",
        "group_ids[4] type",
        "group_ids[5] unknown",
    ];
    let exceptions = json!([5, {"begin_date": "2198-13-01"}]);
    let of_exceptions = ["exceptions[0] type", "exceptions[1].begin_date date_does_not_exist"];
    for what in ["exception", "exception/remove"] {
        let faults = refused_with(&world, what, &json!({"group_ids": groups, "exceptions": exceptions}));
        assert_eq!(faults, [of_exceptions.as_slice(), &of_groups].concat(), "{what}");
    }
    let over = json!({"group_ids": groups, "state": "shut", "until": "2198-01-01 00:00:00"});
    let expected = [of_groups.as_slice(), &["reason required", "state one_of"]].concat();
    assert_eq!(refused_with(&world, "override", &over), expected);
    let end = json!({"group_ids": groups, "restore": "x"});
    assert_eq!(
        refused_with(&world, "override/remove", &end),
        [of_groups.as_slice(), &["restore type"]].concat()
    );
    assert_eq!(group(&world, one)["version"], 1, "nothing of it is done");
}

/// The same of tasks, and of the groups that they are to go to.
#[rstest]
fn all_that_is_wrong_with_tasks_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, task) = running(&world, "");
    let tasks = json!([5, NOBODY, task, "x", "11111111-0000-4000-8000-000000000000"]);
    let of_tasks = ["task_ids[0] uuid", "task_ids[1] unknown", "task_ids[3] uuid", "task_ids[4] unknown"];
    for what in ["pause", "resume"] {
        assert_eq!(refused_with(&world, what, &json!({"task_ids": tasks})), of_tasks, "{what}");
    }
    for (group, rule) in [(json!(999_999), "unknown"), (json!(-1), "out_of_range"), (json!("x"), "type")] {
        let faults = refused_with(&world, "move", &json!({"task_ids": tasks, "dial_time_id": group}));
        let of_group = format!("dial_time_id {rule}");
        assert_eq!(faults, [[of_group.as_str()].as_slice(), &of_tasks].concat());
    }
    let moves = json!({"moves": [7, {"task_ids": ["x", NOBODY], "dial_time_id": 999_999}]});
    let expected = [
        "moves[0] type",
        "moves[1].dial_time_id unknown",
        "moves[1].task_ids[0] uuid",
        "moves[1].task_ids[1] unknown",
    ];
    assert_eq!(refused_with(&world, "move", &moves), expected);
    assert_eq!(status(&world, &task), 2, "nothing of it is done");
}
