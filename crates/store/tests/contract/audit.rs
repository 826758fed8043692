//! Who changed what, when, and what it was before.

use domain::{Closure, DialTimeGroupId, GroupChange, TaskBounds, TaskDraft, TokenId};
use rstest::rstest;
use serde_json::{Value, json};
use store::{
    attempts,
    audit::{self, Actor, AuditFilter, AuditLog, Change, HistoryRow, retention},
    events,
};
use test_support::answered_attempt;

use crate::{
    lines,
    support::{
        ALL, Database, World, anything, at, change_at, default_draft, group_draft, make_default, name,
        rename, task_draft,
    },
};

/// What a row says, its before-image apart.
fn told(row: &HistoryRow) -> (i64, String, &str, Option<i64>) {
    (row.at, row.actor.clone(), &row.action, row.version)
}

/// What a row of `change` must say.
fn expected(change: Change, action: &str, version: Option<i64>) -> (i64, String, &str, Option<i64>) {
    (change.at.as_microsecond(), change.actor.to_string(), action, version)
}

/// These members of the before-image.
fn before(row: &HistoryRow, members: &[&str]) -> Vec<Value> {
    let image: Value = serde_json::from_str(row.before.as_ref().unwrap()).unwrap();
    members.iter().map(|member| image[*member].clone()).collect()
}

#[rstest]
#[tokio::test]
async fn a_groups_history_tells_every_change_with_who_when_and_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let changes = [change_at(1), Change { actor: Actor::CommandLine, at: at(2) }, change_at(3)];
    world.change = changes[0];
    let id = world.group("first").await;
    world.change = changes[1];
    let change = GroupChange { skip_holiday: Some(true), ..rename("second") };
    world.update_group(world.account, id, change, None).await.unwrap();
    world.change = changes[2];
    world.delete_group(world.account, id, None).await.unwrap();

    let history = world.group_history(world.account, id).await;
    assert_eq!(history.len(), 3);
    assert_eq!(told(&history[0]), expected(changes[0], "create", None));
    assert_eq!(told(&history[1]), expected(changes[1], "update", Some(1)));
    assert_eq!(told(&history[2]), expected(changes[2], "delete", Some(2)));
    assert_eq!(history[0].before, None);
    let members = ["name", "skip_holiday", "version", "updated_at"];
    assert_eq!(before(&history[1], &members), [json!("first"), json!(false), json!(1), json!(history[0].at)]);
    assert_eq!(before(&history[2], &members), [json!("second"), json!(true), json!(2), json!(history[1].at)]);
}

#[rstest]
#[tokio::test]
async fn a_before_image_holds_the_whole_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let made = world.create_group(world.account, &default_draft("组 '\"\\")).await.unwrap();
    world.delete_group(world.account, made.id, None).await.unwrap();
    let history = world.group_history(world.account, made.id).await;
    let image: Value = serde_json::from_str(history[1].before.as_ref().unwrap()).unwrap();
    let whole = json!({
        "id": made.id,
        "account_id": world.account,
        "name": "组 '\"\\",
        "content": serde_json::to_string(&made.draft.content).unwrap(),
        "is_default": true,
        "skip_holiday": false,
        "timezone": "Asia/Shanghai",
        "remark": null,
        "version": 1,
        "created_at": made.created_at.as_microsecond(),
        "updated_at": made.updated_at.as_microsecond(),
        "holiday_calendar": "CN",
        "makeup_policy": "as_is",
        "beyond_horizon": "weekly",
        "exceptions": "[]",
        "seasons": "[]",
        "holiday_policy": "closed",
        "holiday_windows": "[]",
        "other_holiday_calendars": "[]",
        "override_set": null,
    });
    assert_eq!(image, whole);
}

#[rstest]
#[tokio::test]
async fn a_default_that_loses_its_flag_has_that_in_its_history(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let first = world.default_group("first").await;
    let changes = [change_at(1), change_at(2)];
    world.change = changes[0];
    let second = world.default_group("second").await;
    world.change = changes[1];
    world.update_group(world.account, first, make_default("first"), None).await.unwrap();

    let history = world.group_history(world.account, first).await;
    assert_eq!(history.len(), 3);
    assert_eq!(told(&history[1]), expected(changes[0], "update", Some(1)));
    assert_eq!(before(&history[1], &["is_default"]), [json!(true)]);
    assert_eq!(told(&history[2]), expected(changes[1], "update", Some(2)));
    assert_eq!(before(&history[2], &["is_default"]), [json!(false)]);
    let history = world.group_history(world.account, second).await;
    assert_eq!(told(history.last().unwrap()), expected(changes[1], "update", Some(1)));
}

#[rstest]
#[tokio::test]
async fn a_tasks_history_tells_every_change_with_who_when_and_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let group = world.group("group").await;
    let changes = [1, 2, 3, 4].map(change_at);
    world.change = changes[0];
    let id = world.task(group).await;
    world.change = changes[1];
    let closures = vec![Closure { begin: at(1), end: at(2) }];
    let bounds = TaskBounds { start: Some(at(0)), closures, ..TaskBounds::default() };
    let draft = TaskDraft { name: name("second"), bounds, ..task_draft(group) };
    world.update_task(world.account, id, draft).await.unwrap();
    world.change = changes[2];
    world.set_enabled(world.account, id, true).await.unwrap();
    world.change = changes[3];
    world.delete_task(world.account, id).await.unwrap();

    let history = world.task_history(world.account, id).await;
    let actions = ["create", "update", "update", "delete"];
    assert_eq!(history.len(), 4);
    for ((row, change), action) in history.iter().zip(changes).zip(actions) {
        assert_eq!(told(row), expected(change, action, None));
    }
    assert_eq!(history[0].before, None);
    let members = ["name", "enabled", "start_at", "altered_at"];
    let (start, second, third) = (history[0].at - 1_000_000, history[1].at, history[2].at);
    assert_eq!(before(&history[1], &members), [json!("task"), json!(false), Value::Null, Value::Null]);
    assert_eq!(before(&history[2], &members), [json!("second"), json!(false), json!(start), json!(second)]);
    assert_eq!(before(&history[3], &members), [json!("second"), json!(true), json!(start), json!(third)]);
    let closures = json!(format!("[[{},{}]]", at(1).as_microsecond(), at(2).as_microsecond()));
    assert_eq!(before(&history[3], &["closures", "id"]), [closures, json!(id)]);
}

#[rstest]
#[tokio::test]
async fn a_replacement_is_in_the_history_of_each_task_and_of_the_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let (old, new) = (world.group("old").await, world.group("new").await);
    let tasks = [world.task(old).await, world.task(old).await];
    let change = change_at(7);
    world.change = change;
    world.replace_group(world.account, old, new, None).await.unwrap();
    for task in tasks {
        let history = world.task_history(world.account, task).await;
        assert_eq!(history.len(), 2);
        assert_eq!(told(&history[1]), expected(change, "update", None));
        assert_eq!(before(&history[1], &["dial_time_id", "id"]), [json!(old), json!(task)]);
    }
    let history = world.group_history(world.account, old).await;
    assert_eq!(told(history.last().unwrap()), expected(change, "delete", Some(1)));
    assert_eq!(world.group_history(world.account, new).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_changes_nothing_and_what_is_refused_is_in_no_history(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let group = world.group("group").await;
    let task = world.task(group).await;
    world.set_enabled(account, task, false).await.unwrap();
    world.get_task_to_change(account, task, Some(group)).await.unwrap();
    world.delete_group(account, group, None).await.unwrap_err();
    world.update_group(account, group, rename("new"), Some(5)).await.unwrap_err();
    world.update_task(account, task, task_draft(DialTimeGroupId::new(0))).await.unwrap_err();
    world.delete_task(world.stranger, task).await.unwrap_err();
    assert_eq!(world.group_history(account, group).await.len(), 1);
    assert_eq!(world.task_history(account, task).await.len(), 1);
    assert!(world.task_history(world.stranger, task).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_history_is_one_things_and_one_accounts(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    world.group("other").await;
    world.create_group(world.stranger, &group_draft("theirs")).await.unwrap();
    assert_eq!(world.group_history(world.account, group).await.len(), 1);
    assert!(world.group_history(world.stranger, group).await.is_empty());
    assert!(world.group_history(world.account, DialTimeGroupId::new(0)).await.is_empty());
}

#[test]
fn an_actor_is_told_apart_by_its_token_and_never_shows_a_secret() {
    let id = TokenId::new(anything());
    assert_eq!(Actor::Token(id).to_string(), format!("token {id}"));
    assert_eq!(Actor::CommandLine.to_string(), "command line");
}

/// What an account's database holds of a group's before-images: `(text, compressed)`, by version.
async fn stored(world: &World, id: DialTimeGroupId) -> Vec<String> {
    world
        .database
        .texts(&format!(
            "SELECT coalesce(version, 0) || CASE WHEN before IS NULL THEN '' ELSE ' text' END \
                 || CASE WHEN before_compressed IS NULL THEN '' ELSE ' compressed' END \
             FROM audit WHERE subject = 'dial_time_group' AND subject_id = '{id}'"
        ))
        .await
}

#[rstest]
#[tokio::test]
async fn before_images_are_compressed_and_those_of_earlier_programs_stay_readable(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = world.group("first").await;
    world.update_group(world.account, id, rename("second"), None).await.unwrap();
    world.update_group(world.account, id, rename("third"), None).await.unwrap();
    assert_eq!(stored(&world, id).await, ["0", "1 compressed", "2 compressed"]);
    let old = r#"UPDATE audit SET before = '{"name":"old"}', before_compressed = NULL WHERE version = 1"#;
    world.database.execute(old).await;
    let history = world.group_history(world.account, id).await;
    let names: Vec<_> = history[1..].iter().flat_map(|row| before(row, &["name"])).collect();
    assert_eq!(names, ["old", "second"]);
}

/// Forgets what was before `instant`; gives the versions of the group that are left.
async fn forget(world: &World, id: DialTimeGroupId, instant: jiff::Timestamp) -> Vec<Option<i64>> {
    let in_use = retention::versions_in_use(&mut world.read().await).await.unwrap();
    let mut next = Some(0);
    while let Some(after) = next {
        let found =
            retention::find_expired(&mut world.read().await, after, instant, &in_use, 500).await.unwrap();
        world.write(async |tx| retention::delete(tx, &found.rows).await).await.unwrap();
        next = found.next;
    }
    world.group_history(world.account, id).await.iter().map(|row| row.version).collect()
}

#[rstest]
#[tokio::test]
async fn what_was_long_ago_is_forgotten_but_no_version_that_an_event_rests_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let (id, task_group) = (world.group("group").await, world.group("other").await);
    let task = world.task(task_group).await;
    for second in 1..=4 {
        world.change = change_at(second);
        world.update_group(world.account, id, rename(&format!("name {second}")), None).await.unwrap();
    }
    let account = world.account;
    let versions = async |world: &World| {
        let events = events::list(&mut world.read().await, account, 0, 100).await.unwrap();
        let of_group = events.iter().filter_map(|event| event.event.group).filter(|(group, _)| *group == id);
        of_group.map(|(_, version)| version).min()
    };
    assert_eq!(forget(&world, id, at(0)).await.len(), 5, "nothing is old");

    // The events of the first changes are gone.
    world.write(async |tx| events::delete_before(tx, at(3), 100).await).await.unwrap();
    let oldest = versions(&world).await.unwrap();
    assert_eq!(oldest, 4, "the change at 3 made version 4");
    assert_eq!(forget(&world, id, at(1_000)).await, [Some(4)], "the event of the change at 3 rests on it");
    assert_eq!(world.task_history(account, task).await.len(), 0, "nothing rests on what a task was");

    world.write(async |tx| events::delete_before(tx, at(1_000), 100).await).await.unwrap();
    assert!(forget(&world, id, at(1_000)).await.is_empty());
    world.update_group(account, id, rename("again"), None).await.unwrap();
    assert_eq!(forget(&world, id, at(4)).await, [Some(5)], "not that old");
}

/// What a task and a group were is known for as long as there is a record of before it was replaced.
#[rstest]
#[tokio::test]
async fn what_a_record_may_rest_on_is_not_forgotten(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let id = world.group("group").await;
    let task = world.task(id).await;
    let hours = |hours: i64| 3_600 * hours;
    for hour in [1, 3] {
        world.change = change_at(hours(hour));
        world.update_group(world.account, id, rename(&format!("name {hour}")), None).await.unwrap();
        world.update_task(world.account, task, task_draft(id)).await.unwrap();
    }
    let attempt = answered_attempt(world.account, task, at(hours(2)));
    world.write(async |tx| attempts::record(tx, &[attempt]).await).await.unwrap();
    world.write(async |tx| events::delete_before(tx, at(hours(9)), 100).await).await.unwrap();
    assert_eq!(forget(&world, id, at(hours(9))).await, [Some(2)], "it was replaced after the record");
    assert_eq!(world.task_history(world.account, task).await.len(), 1);
}

/// More than are looked at at once, and an old one that comes after a young one.
#[rstest]
#[tokio::test]
async fn all_that_is_old_is_found(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let id = world.group("group").await;
    let copies = "INSERT INTO audit (at, actor, account_id, subject, subject_id, action, version) \
        SELECT a.at, a.actor, a.account_id, a.subject, a.subject_id, 'update', 0 FROM audit a, \
            (WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200) SELECT n FROM n) AS many";
    world.database.execute(copies).await;
    world
        .database
        .execute("UPDATE audit SET at = at + 100000000 WHERE id = (SELECT min(id) FROM audit)")
        .await;
    assert_eq!(forget(&world, id, at(50)).await, [None], "the young one");
}

/// The migration's own statement, over rows as an earlier version wrote them.
#[rstest]
#[tokio::test]
async fn what_was_changed_before_partners_had_a_log_is_in_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = lines::create(&world, world.partner).await;
    let stranger = world.create_partner().await;
    let others = lines::create(&world, stranger).await;
    let log = async |partner| {
        let filter = AuditFilter { log: AuditLog::Partner(partner), ..AuditFilter::default() };
        let found = audit::list(&mut world.read().await, &filter, ALL).await.unwrap();
        found.items.into_iter().map(|change| change.subject_id).collect::<Vec<_>>()
    };
    let written = [vec![line.to_string()], vec![others.to_string()]];
    assert_eq!([log(world.partner).await, log(stranger).await], written);
    world.database.execute("UPDATE audit SET partner_id = NULL").await;
    assert_eq!(log(world.partner).await, [""; 0]);
    let migration = match database {
        Database::Sqlite => include_str!("../../migrations/sqlite/0059_audit_of_partners.sql"),
        Database::Postgres => include_str!("../../migrations/postgres/0059_audit_of_partners.sql"),
    };
    let update = &migration[migration.find("UPDATE").unwrap()..migration.find("CREATE INDEX").unwrap()];
    world.database.execute(update).await;
    assert_eq!([log(world.partner).await, log(stranger).await], written);
}
