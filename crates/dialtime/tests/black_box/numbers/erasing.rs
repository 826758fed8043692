//! A number is erased from all that is stored of an account, over the API and at the command line.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{self, Database, World};

const PHONE: &str = "13800001234";

/// How many rows a condition finds.
fn count(world: &World, rows: &str) -> u32 {
    world.database.texts_in_order(&format!("SELECT CAST(count(*) AS TEXT) FROM {rows}"))[0].parse().unwrap()
}

/// Where the number still stands, beside the entry that keeps it from being called.
fn places(world: &World) -> Vec<&'static str> {
    let places = [
        "numbers WHERE e164 = 8613800001234",
        "attempts WHERE e164 = 8613800001234",
        "number_callbacks WHERE numbers LIKE '%0001234%'",
        "number_refusals WHERE content LIKE '%0001234%'",
        "audit WHERE subject_id LIKE '%0001234%' OR before LIKE '%0001234%'",
    ];
    places.into_iter().filter(|rows| count(world, rows) > 0).collect()
}

fn erase(world: &World, body: &Value) -> Value {
    world.client.post(&world.path("/erase-number"), body).data().clone()
}

/// Has the number stand wherever it can: in tasks of the user and of its sub-user, in a record, a callback, refused rows, do-not-call and the audit.
fn spread(world: &World) -> String {
    let webhook = json!({"url": "https://example.com", "enabled": false, "format": "platform"});
    world.client.post(&world.path("/webhook"), &webhook).data();
    let task = world.list();
    world.add_numbers(&task, &[PHONE, "13800138001"]).data();
    let suffixed = json!({"data": [{"phone": PHONE}], "number_add_suffix": true});
    world.client.post(&world.task_path(&task, "number"), &suffixed).data();
    world.imported(
        &task,
        "",
        format!("phone,name\n{PHONE},张三\n138-0000-1234,李四\n13800138001,王五\n").as_bytes(),
    );
    world.record(&task);
    let listed = world.path("/do-not-call");
    let entries = |reason: &str| json!({"data": [{"phone": PHONE, "reason": reason}]});
    world.client.post(&listed, &entries("a")).data();
    world.client.delete(&format!("{listed}/{PHONE}")).data();
    world.client.post(&listed, &entries("张三不愿意")).data();
    task
}

#[rstest]
fn a_number_is_erased_wherever_it_stands(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = spread(&world);
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    let group =
        world.client.post(&world.path(&format!("/dial-time-group{of_sub_user}")), &support::group("g"));
    let body = support::task(group.data()["id"].as_i64().unwrap());
    let theirs = world.client.post(&world.path(&format!("/task{of_sub_user}")), &body).data()["uuid"].clone();
    let numbers = world.path(&format!("/task/{}/number{of_sub_user}", theirs.as_str().unwrap()));
    world.client.post(&numbers, &json!({"data": [{"phone": PHONE}]})).data();
    assert_eq!(places(&world).len(), 5, "it stands everywhere");
    let erased = erase(&world, &json!({"phone": "+86 138-0000-1234"}));
    assert_eq!(places(&world), Vec::<&str>::new());
    let id = erased["erasure_id"].clone();
    let expected = json!({
        "erasure_id": id, "numbers": 3, "left_out": 0, "records": 1, "callbacks": 2, "refused_rows": 2, "entries": 1,
        "running_imports": 0, "suppressed": true,
    });
    assert_eq!(erased, expected);
    // What is left is that it must not be called, without a reason.
    let entry = world.client.get(&world.path(&format!("/do-not-call/{PHONE}"))).data().clone();
    assert_eq!(
        (&entry["reason"], &entry["source"], &entry["until"]),
        (&Value::Null, &json!("erasure"), &Value::Null)
    );
    // Others stay, and counts are those of the rows.
    assert_eq!(world.phones(&task), ["13800138001"]);
    let records = world.client.get(&world.path("/record?all=1"));
    assert_eq!((records.body["meta"]["total"].clone(), records.data()), (json!(0), &json!([])));
    assert_eq!(count(&world, "attempt_hours"), 0);
    let audit = "SELECT subject_id FROM audit WHERE subject = 'erasure'";
    let ids: Vec<String> = world.database.texts_in_order(audit);
    assert_eq!(ids, [id.as_str().unwrap()]);
    // Again there is nothing to erase, and it may be said again.
    let again = erase(&world, &json!({"phone": PHONE}));
    for what in ["numbers", "records", "callbacks", "refused_rows", "entries"] {
        assert_eq!(again[what], 0, "{what}");
    }
    erase(&world, &json!({"phone": PHONE, "suppress": false}));
    assert_eq!(count(&world, "do_not_call"), 0);
    assert_eq!(count(&world, "do_not_call_counts WHERE entries <> 0"), 0);
}

#[rstest]
fn what_is_being_called_is_left_out_and_erased_later(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &[PHONE, "13800138001"]).data();
    world.dialed(PHONE, 0, 1);
    let erased = erase(&world, &json!({"phone": PHONE}));
    assert_eq!((&erased["numbers"], &erased["left_out"]), (&json!(0), &json!(1)));
    assert_eq!(
        world.client.get(&world.path(&format!("/do-not-call/{PHONE}"))).status,
        200,
        "it is not called again"
    );
    world.dialed(PHONE, 4, 3);
    let erased = erase(&world, &json!({"phone": PHONE}));
    assert_eq!((&erased["numbers"], &erased["left_out"]), (&json!(1), &json!(0)));
    assert_eq!(world.phones(&task), ["13800138001"]);
}

#[rstest]
fn a_number_is_erased_by_whom_it_is_known_and_by_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = spread(&world);
    let path = world.path("/erase-number");
    let body = json!({"phone": PHONE});
    assert_eq!(world.token(&["--scope", "read"]).post(&path, &body).status, 403);
    assert_eq!(world.token(&["--numbers", "masked"]).post(&path, &body).status, 403);
    let (stranger, _) = world.stranger();
    assert_eq!(stranger.post(&path, &body).status, 404);
    for (bad, fault) in [
        (json!({}), ("phone", "required")),
        (json!({"phone": "110"}), ("phone", "service_number")),
        (json!({"phone": PHONE, "also": 1}), ("also", "unknown_field")),
    ] {
        assert_eq!(world.client.post(&path, &bad).faults()[0].0, fault.0, "{bad}");
    }
    let of_sub_user = format!("{path}?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.post(&of_sub_user, &body).data()["numbers"], 0, "the user's stay");
    assert_eq!(world.phones(&task).len(), 3);
    let limited = world.token(&["--user", &world.user]);
    assert_eq!(limited.post(&path, &body).data()["numbers"], 2);
}

#[rstest]
fn a_number_is_erased_at_the_command_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    spread(&world);
    let run = |arguments: &[&str]| {
        let ended = support::run(&world.database.url, &[&["numbers", "erase"], arguments].concat());
        (ended.is_good(), ended.said())
    };
    assert!(!run(&[PHONE]).0, "of whom?");
    assert!(!run(&["110", "--user", &world.user]).0);
    assert!(!run(&[PHONE, "--user", "00000000-0000-4000-8000-000000000000"]).0);
    let (good, said) = run(&[PHONE, "--partner", &world.partner]);
    assert!(good && said.contains("erased 2 numbers, 1 records") && !said.contains(PHONE), "{said}");
    assert_eq!(places(&world), Vec::<&str>::new());
    assert_eq!(count(&world, "do_not_call"), 1);
    let (good, said) = run(&[PHONE, "--user", &world.user, "--may-be-called-again"]);
    assert!(good && said.contains("1 entries"), "{said}");
    assert_eq!(count(&world, "do_not_call"), 0);
    // A partner's users who never knew it are told nothing of it.
    let (good, said) = run(&[PHONE, "--partner", &world.partner]);
    assert!(good && !said.contains("erased"), "{said}");
}
