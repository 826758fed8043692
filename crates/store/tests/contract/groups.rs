//! Dial time groups: whose they are, what a change leaves, which one is the default, when one can go.

use std::sync::Arc;

use calendar::{BeyondHorizon, HolidayPolicy, MakeupPolicy, Zone};
use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, FollowedCalendars, GroupChange, GroupDraft, HolidayCalendarId,
};
use rstest::rstest;
use store::{Error, Kind};

use crate::support::{
    ALL, Database, World, anything, assert_same, at, change_at, default_draft, exceptions, group_draft,
    make_default, name, rename, task_draft, windows,
};

/// A draft that differs from [`group_draft`] in everything.
fn other_draft() -> GroupDraft {
    GroupDraft {
        name: name("周末 '\"\\ 🙂"),
        content: windows(
            r#"[{"week": 6, "times": [{"begin_time": "22:00", "end_time": "06:00"},
                                      {"begin_time": "9:00", "end_time": "24:00"}]},
                {"week": 0, "times": []}, {"week": 6, "times": [{"begin_time": "00:00", "end_time": "00:01"}]}]"#,
        ),
        is_default: true,
        skip_holiday: true,
        timezone: Zone::parse("America/New_York").unwrap(),
        seasons: serde_json::from_str(
            r#"[{"name": "夏令 '\"\\ 🙂", "begin_date": "06-01", "end_date": "08-31", "content": []},
                {"every_weeks": 2, "anchor_date": "2026-12-05",
                 "content": [{"week": 6, "times": [{"begin_time": "9:00", "end_time": "12:00"}]}]}]"#,
        )
        .unwrap(),
        holiday_calendars: FollowedCalendars::new(["elsewhere", "CN"].map(HolidayCalendarId::new).into())
            .unwrap(),
        holiday_policy: HolidayPolicy::OwnWindows,
        holiday_windows: serde_json::from_str(r#"[{"begin_time": "10:00", "end_time": "16:00"}]"#).unwrap(),
        makeup_policy: MakeupPolicy::AsWorkday,
        beyond_horizon: BeyondHorizon::Closed,
        exceptions: exceptions(
            r#"[{"name": "年会 '\"\\ 🙂", "begin_date": "2026-12-31", "end_date": "2027-01-01", "times": []},
                {"name": "half", "begin_date": "02-29", "times": [{"begin_time": "9:00", "end_time": "12:00"}]},
                {"effect": "close", "on": "nth_weekday", "week": 4, "nth": -1, "month": 11}]"#,
        ),
    }
}

/// Imports the calendar that [`other_draft`] follows.
async fn know_elsewhere(world: &World) {
    let years = crate::holidays::years("elsewhere", [2026], "x");
    world.write(async |tx| store::holidays::import(tx, &years, &world.change).await).await.unwrap();
}

/// The draft as a change of everything.
fn whole_change(draft: &GroupDraft) -> GroupChange {
    GroupChange {
        name: draft.name.clone(),
        content: Some(draft.content.clone()),
        is_default: Some(draft.is_default),
        skip_holiday: Some(draft.skip_holiday),
        timezone: Some(draft.timezone),
        seasons: Some(draft.seasons.clone()),
        holiday_calendars: Some(draft.holiday_calendars.clone()),
        holiday_policy: Some(draft.holiday_policy),
        holiday_windows: Some(draft.holiday_windows.clone()),
        makeup_policy: Some(draft.makeup_policy),
        beyond_horizon: Some(draft.beyond_horizon),
        exceptions: Some(draft.exceptions.clone()),
    }
}

pub(crate) async fn total(world: &World, owner: AccountId) -> i64 {
    let listed = world.list_groups(owner, ALL).await.unwrap();
    assert_eq!(listed.total, i64::try_from(listed.items.len()).unwrap());
    listed.total
}

#[rstest]
#[tokio::test]
async fn a_group_is_found_as_it_was_made(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let mut world = World::new(database).await;
    know_elsewhere(&world).await;
    world.change = change_at(3);
    for draft in [group_draft("group"), other_draft()] {
        let made = world.create_group(world.account, &draft).await.unwrap();
        let expected = DialTimeGroup {
            id: made.id,
            account_id: world.account,
            draft,
            over: None,
            remark: None,
            version: 1,
            holidays_revision: 1,
            closures_revision: 0,
            ceilings_revision: 0,
            created_at: at(3),
            updated_at: at(3),
        };
        assert_same(&made, &expected);
        assert_same(&world.get_group(world.account, made.id).await.unwrap(), &expected);
    }
}

#[rstest]
#[tokio::test]
async fn an_account_that_is_not_there_gets_no_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let nobody = AccountId::new(anything());
    assert_refused!(world.create_group(nobody, &group_draft("group")).await, Error::NotFound(_));
    assert_refused!(world.create_group(nobody, &default_draft("group")).await, Error::NotFound(_));
    assert_eq!(total(&world, nobody).await, 0);
}

#[rstest]
#[tokio::test]
async fn another_accounts_group_is_not_found_and_stays_as_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let own = world.group("own").await;
    let own_too = world.group("own too").await;
    let before = world.get_group(world.account, own).await.unwrap();
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let stranger = world.stranger;

    assert_refused!(world.get_group(stranger, own).await, Error::NotFound(_));
    for change in [rename("stolen"), make_default("stolen")] {
        assert_refused!(world.update_group(stranger, own, change.clone(), None).await, Error::NotFound(_));
        assert_refused!(world.update_group(stranger, own, change, Some(1)).await, Error::NotFound(_));
    }
    assert_refused!(world.delete_group(stranger, own, None).await, Error::NotFound(_));
    assert_refused!(world.delete_group(stranger, own, Some(1)).await, Error::NotFound(_));
    assert_refused!(world.replace_group(stranger, own, theirs, None).await, Error::NotFound(_));
    assert_refused!(world.replace_group(stranger, own, own_too, None).await, Error::NotFound(_));
    assert_refused!(world.replace_group(stranger, theirs, own, None).await, Error::Unknown(Kind::Group));

    let listed = world.list_groups(stranger, ALL).await.unwrap();
    assert_eq!(listed.items.iter().map(|group| group.id).collect::<Vec<_>>(), [theirs]);
    assert_same(&world.get_group(world.account, own).await.unwrap(), &before);
}

#[rstest]
#[tokio::test]
async fn a_group_that_is_not_there_is_not_found(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let account = world.account;
    for id in [0, -1, i64::MIN, i64::MAX, group.get() + 1].map(DialTimeGroupId::new) {
        assert_refused!(world.get_group(account, id).await, Error::NotFound(_));
        assert_refused!(world.update_group(account, id, rename("new"), None).await, Error::NotFound(_));
        assert_refused!(world.update_group(account, id, make_default("new"), None).await, Error::NotFound(_));
        assert_refused!(world.delete_group(account, id, None).await, Error::NotFound(_));
        assert_refused!(world.replace_group(account, id, group, None).await, Error::NotFound(_));
        assert_refused!(world.replace_group(account, group, id, None).await, Error::Unknown(Kind::Group));
    }
}

#[rstest]
#[tokio::test]
async fn a_change_keeps_what_it_leaves_out(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    know_elsewhere(&world).await;
    let made = world.create_group(world.account, &other_draft()).await.unwrap();
    world.change = change_at(60);
    let changed = world.update_group(world.account, made.id, rename("renamed"), None).await.unwrap();
    let expected = DialTimeGroup {
        draft: GroupDraft { name: name("renamed"), ..other_draft() },
        version: 2,
        updated_at: at(60),
        ..made
    };
    assert_same(&changed, &expected);
    assert_same(&world.get_group(world.account, changed.id).await.unwrap(), &expected);
}

#[rstest]
#[tokio::test]
async fn a_change_can_be_of_everything(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    know_elsewhere(&world).await;
    let id = world.group("group").await;
    for (number, draft) in [other_draft(), group_draft("back")].into_iter().enumerate() {
        let changed = world.update_group(world.account, id, whole_change(&draft), None).await.unwrap();
        assert_eq!((changed.version, &changed.draft), (i64::try_from(number).unwrap() + 2, &draft));
        assert_same(&world.get_group(world.account, id).await.unwrap(), &changed);
    }
}

#[rstest]
#[tokio::test]
async fn a_change_for_another_version_is_refused_and_leaves_no_trace(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let default = world.default_group("default").await;
    let id = world.group("group").await;
    let other = world.group("other").await;
    let rows = world.database.row_counts().await;
    let account = world.account;
    for version in [0, 2, -1, i64::MAX].map(Some) {
        let renamed = world.update_group(account, id, rename("new"), version).await;
        assert_refused!(renamed, Error::VersionMismatch(_));
        let made_default = world.update_group(account, id, make_default("new"), version).await;
        assert_refused!(made_default, Error::VersionMismatch(_));
        assert_refused!(world.delete_group(account, id, version).await, Error::VersionMismatch(_));
        assert_refused!(world.replace_group(account, id, other, version).await, Error::VersionMismatch(_));
    }
    assert_eq!(world.get_group(account, id).await.unwrap().version, 1);
    assert_eq!(world.defaults(account).await, [default]);
    assert_eq!(world.database.row_counts().await, rows);
}

#[rstest]
#[tokio::test]
async fn a_change_for_the_present_version_is_made(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (id, gone, other) = (world.group("a").await, world.group("b").await, world.group("c").await);
    let account = world.account;
    for version in 1..4 {
        let changed = world.update_group(account, id, rename("new"), Some(version)).await.unwrap();
        assert_eq!(changed.version, version + 1);
    }
    world.delete_group(account, id, Some(4)).await.unwrap();
    world.replace_group(account, gone, other, Some(1)).await.unwrap();
    assert_eq!(total(&world, account).await, 1);
}

#[rstest]
#[tokio::test]
async fn of_two_changes_for_one_version_one_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = world.group("group").await;
    for version in 1..=20 {
        let (one, other) = tokio::join!(
            world.update_group(world.account, id, rename("one"), Some(version)),
            world.update_group(world.account, id, rename("other"), Some(version)),
        );
        let (winner, loser) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(winner.unwrap().version, version + 1);
        assert_refused!(loser, Error::VersionMismatch(_));
    }
}

#[rstest]
#[tokio::test]
async fn a_new_default_takes_the_flag_off_the_old_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let account = world.account;
    let strangers = world.create_group(world.stranger, &default_draft("theirs")).await.unwrap().id;
    let first = world.default_group("first").await;
    assert_eq!(world.defaults(account).await, [first]);

    world.change = change_at(5);
    let second = world.default_group("second").await;
    assert_eq!(world.defaults(account).await, [second]);
    let unset = world.get_group(account, first).await.unwrap();
    assert_eq!((unset.version, unset.updated_at, unset.draft), (2, at(5), group_draft("first")));

    world.update_group(account, first, make_default("first"), Some(2)).await.unwrap();
    assert_eq!(world.defaults(account).await, [first]);
    assert_eq!(world.get_group(account, second).await.unwrap().version, 2);
    assert_eq!(world.defaults(world.stranger).await, [strangers]);
}

#[rstest]
#[tokio::test]
async fn the_default_saved_as_default_again_stays_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = world.default_group("default").await;
    let changed = world.update_group(world.account, id, make_default("renamed"), None).await.unwrap();
    assert_eq!(changed.version, 2);
    assert_eq!(world.defaults(world.account).await, [id]);
    world.update_group(world.account, id, rename("again"), None).await.unwrap();
    assert_eq!(world.defaults(world.account).await, [id]);
}

#[rstest]
#[tokio::test]
async fn a_default_may_be_unset_deleted_or_replaced_and_then_there_is_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let other = world.group("other").await;

    let unset = world.default_group("unset").await;
    let change = GroupChange { is_default: Some(false), ..rename("unset") };
    world.update_group(account, unset, change, None).await.unwrap();
    assert!(world.defaults(account).await.is_empty());

    let deleted = world.default_group("deleted").await;
    world.delete_group(account, deleted, None).await.unwrap();
    assert!(world.defaults(account).await.is_empty());

    let replaced = world.default_group("replaced").await;
    world.replace_group(account, replaced, other, None).await.unwrap();
    assert!(world.defaults(account).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_group_replaced_by_the_default_leaves_it_the_default(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let default = world.default_group("default").await;
    let replaced = world.group("replaced").await;
    world.replace_group(world.account, replaced, default, None).await.unwrap();
    assert_eq!(world.defaults(world.account).await, [default]);
    assert_eq!(world.get_group(world.account, default).await.unwrap().version, 1);
}

#[rstest]
#[tokio::test]
async fn defaults_saved_at_once_leave_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    let mut saves = tokio::task::JoinSet::new();
    for number in 0..24 {
        let world = Arc::clone(&world);
        saves.spawn(async move {
            let id = world.default_group(&format!("default {number}")).await;
            world.update_group(world.account, id, make_default("again"), None).await.unwrap();
        });
    }
    saves.join_all().await;
    assert_eq!(world.defaults(world.account).await.len(), 1);
    assert_eq!(total(&world, world.account).await, 24);
}

#[rstest]
#[tokio::test]
async fn the_database_itself_holds_one_default_per_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    world.default_group("default").await;
    world.group("other").await;
    let refused = world.database.try_execute("UPDATE dial_time_groups SET is_default = true").await;
    assert!(refused.unwrap_err().as_database_error().unwrap().is_unique_violation());
}

#[rstest]
#[tokio::test]
async fn a_group_in_use_cannot_be_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let group = world.group("group").await;
    let (paused, enabled) = (world.task(group).await, world.task(group).await);
    world.set_enabled(account, enabled, true).await.unwrap();
    let rows = world.database.row_counts().await;

    assert_refused!(world.delete_group(account, group, None).await, Error::InUse(Kind::Group));
    assert_refused!(world.delete_group(account, group, Some(1)).await, Error::InUse(Kind::Group));
    assert_refused!(world.delete_group(account, group, Some(2)).await, Error::VersionMismatch(_));
    assert_refused!(world.delete_group(world.stranger, group, None).await, Error::NotFound(_));
    assert_eq!(world.database.row_counts().await, rows);
    assert_eq!(world.get_group(account, group).await.unwrap().version, 1);

    world.delete_task(account, enabled).await.unwrap();
    assert_refused!(world.delete_group(account, group, None).await, Error::InUse(Kind::Group));
    world.delete_task(account, paused).await.unwrap();
    world.delete_group(account, group, None).await.unwrap();
    assert_refused!(world.get_group(account, group).await, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_group_that_its_last_task_left_can_be_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (old, new) = (world.group("old").await, world.group("new").await);
    let task = world.task(old).await;
    world.update_task(world.account, task, task_draft(new)).await.unwrap();
    world.delete_group(world.account, old, None).await.unwrap();
    assert_refused!(world.delete_group(world.account, new, None).await, Error::InUse(Kind::Group));
}

#[rstest]
#[tokio::test]
async fn a_delete_beside_an_attach_leaves_no_task_without_its_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    for _ in 0..30 {
        let group = world.group("group").await;
        let draft = task_draft(group);
        let (deleted, attached) = tokio::join!(
            world.delete_group(account, group, None),
            world.create_task(account, domain::Generation::V2, draft),
        );
        match attached {
            Ok(task) => {
                assert_refused!(deleted, Error::InUse(Kind::Group));
                assert_eq!(world.get_task(account, task.task.id).await.unwrap().group.id, group);
            }
            Err(error) => {
                assert!(matches!(error, Error::Unknown(Kind::Group)), "{error:?}");
                deleted.unwrap();
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_replaced_group_hands_all_its_tasks_over_and_no_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let account = world.account;
    let (old, new, third) = (world.group("old").await, world.group("new").await, world.group("third").await);
    let mut moved = Vec::new();
    for _ in 0..3 {
        moved.push(world.task(old).await);
    }
    let (already, elsewhere) = (world.task(new).await, world.task(third).await);
    world.set_enabled(account, moved[0], true).await.unwrap();

    world.change = change_at(8);
    assert_eq!(world.replace_group(account, old, new, None).await.unwrap(), 3);
    assert_refused!(world.get_group(account, old).await, Error::NotFound(_));
    for &id in &moved {
        let found = world.get_task(account, id).await.unwrap();
        assert_eq!((found.group.id, found.task.draft.dial_time_id), (new, new));
        assert_eq!((found.task.altered_at, found.task.enabled), (Some(at(8)), id == moved[0]));
    }
    assert_eq!(world.get_task(account, already).await.unwrap().task.altered_at, None);
    assert_eq!(world.get_task(account, elsewhere).await.unwrap().group.id, third);
    assert_eq!(world.get_group(account, new).await.unwrap().version, 1);
}

#[rstest]
#[tokio::test]
async fn a_group_without_tasks_is_replaced_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (old, new) = (world.group("old").await, world.group("new").await);
    assert_eq!(world.replace_group(world.account, old, new, Some(1)).await.unwrap(), 0);
    assert_refused!(world.get_group(world.account, old).await, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_refused_replacement_leaves_the_tasks_where_they_are(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let (old, new) = (world.group("old").await, world.group("new").await);
    let task = world.task(old).await;
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let rows = world.database.row_counts().await;

    assert_refused!(world.replace_group(account, old, new, Some(2)).await, Error::VersionMismatch(_));
    assert_refused!(world.replace_group(account, old, theirs, None).await, Error::Unknown(Kind::Group));
    assert_refused!(world.replace_group(account, old, old, None).await, Error::InUse(Kind::Group));
    let found = world.get_task(account, task).await.unwrap();
    assert_eq!((found.group.id, found.task.altered_at), (old, None));
    assert_eq!(world.database.row_counts().await, rows);
}

#[rstest]
#[tokio::test]
async fn replacements_that_cross_leave_every_task_with_a_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    for _ in 0..20 {
        let (one, other) = (world.group("one").await, world.group("other").await);
        let tasks = [world.task(one).await, world.task(other).await];
        let results = tokio::join!(
            world.replace_group(account, one, other, None),
            world.replace_group(account, other, one, None),
        );
        let (kept, loser) = if results.0.is_ok() { (other, results.1) } else { (one, results.0) };
        assert_refused!(loser, Error::NotFound(_) | Error::Unknown(Kind::Group));
        for task in tasks {
            assert_eq!(world.get_task(account, task).await.unwrap().group.id, kept);
        }
    }
}
