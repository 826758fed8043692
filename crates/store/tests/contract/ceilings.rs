//! Ceilings: what they close at once, what is published of them, and that their groups' edits hold for all below.

use calendar::DecidingRule;
use domain::{
    AccountId, CeilingTarget, DialTimeGroupId, EventCause, EventKind, GroupCeiling, GroupChange, Name,
    OverrideEnd, OverrideOrder, SetBy, StatedReason, TaskId, TaskState, TokenId,
};
use rstest::rstest;
use store::{Error, Kind, ceilings, edits};

use crate::{
    from_above::{always, enabled, newest, publish, state, told},
    support::{Database, World, anything, at, change_at, group_draft, name, update_group},
};

fn by() -> SetBy {
    SetBy::Token(TokenId::new(anything()), Name::parse("ops").unwrap())
}

/// Makes a group a ceiling at a second.
async fn set(
    world: &World,
    target: CeilingTarget,
    group: (AccountId, DialTimeGroupId),
    second: i64,
) -> store::Result<GroupCeiling> {
    world.write(async |tx| edits::ceilings::set(tx, target, group, &by(), &change_at(second)).await).await
}

async fn remove(world: &World, target: CeilingTarget, second: i64) -> store::Result<()> {
    world.write(async |tx| edits::ceilings::remove(tx, target, &by(), &change_at(second)).await).await
}

/// Opens a group of the user for a while.
async fn open_group(world: &World, group: DialTimeGroupId, second: i64) {
    let order = OverrideOrder {
        open: true,
        until: OverrideEnd::At(at(9_000)),
        reason: StatedReason::parse("x").unwrap(),
        by: SetBy::CommandLine,
    };
    world
        .write(async |tx| {
            let group = edits::groups::lock_to_override(tx, world.account, group).await?;
            edits::groups::set_override(tx, group, order, &change_at(second)).await
        })
        .await
        .unwrap();
}

/// Edits a group of the user at a second.
async fn edit(world: &World, group: DialTimeGroupId, edit: GroupChange, second: i64) {
    let change = change_at(second);
    world.write(async |tx| update_group(tx, world.account, group, edit, None, &change).await).await.unwrap();
}

async fn assert_closed_by(world: &World, account: AccountId, task: TaskId, (second, name): (i64, &str)) {
    assert_eq!(state(world, account, task, second).await, TaskState::Waiting);
    let item = world.get_task(account, task).await.unwrap();
    let reason = item.decide(at(second)).group.reason;
    assert_eq!((reason.rule, reason.name), (DecidingRule::Ceiling, Some(name)));
}

/// What becomes of a group and its task.
const CLOSING: [EventKind; 2] = [EventKind::GroupClosed, EventKind::TaskWaiting];
const OPENING: [EventKind; 2] = [EventKind::GroupOpened, EventKind::TaskRunning];

/// What is told of a ceiling that changes at a second, and of what comes of that: all of it by the ceiling.
fn by_ceiling([group, task]: [EventKind; 2], second: i64) -> [(EventKind, EventCause, i64); 3] {
    [EventKind::CeilingChanged, group, task].map(|kind| (kind, EventCause::Ceiling, second))
}

#[rstest]
#[tokio::test]
async fn a_ceiling_closes_all_below_at_its_commit_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::new(database).await;
    let target = if of_partner {
        CeilingTarget::Partner(world.partner)
    } else {
        CeilingTarget::Account(world.partner, world.account)
    };
    let sub_user = world.create_sub_user().await;
    let below =
        [(world.account, enabled(&world, world.account).await), (sub_user, enabled(&world, sub_user).await)];
    let of_stranger = enabled(&world, world.stranger).await;
    // Open on Mondays: not on the day that this is.
    let law = world.group("law").await;
    publish(&world, 1).await;
    let before = newest(&world, sub_user).await;
    let of_ceiling = set(&world, target, (world.account, law), 100).await.unwrap();
    assert_eq!((of_ceiling.group, of_ceiling.name.as_str()), (law, "law"));
    for (account, task) in below {
        assert_closed_by(&world, account, task, (100, "law")).await;
    }
    // Nothing that lies below beats it.
    open_group(&world, world.get_task(world.account, below[0].1).await.unwrap().group.id, 110).await;
    assert_closed_by(&world, world.account, below[0].1, (110, "law")).await;
    // Another user of the partner.
    let strangers = if of_partner { TaskState::Waiting } else { TaskState::Running };
    assert_eq!(state(&world, world.stranger, of_stranger, 110).await, strangers);
    publish(&world, 120).await;
    assert_eq!(told(&world, sub_user, before).await, by_ceiling(CLOSING, 100));

    remove(&world, target, 300).await.unwrap();
    for (account, task) in below {
        assert_eq!(state(&world, account, task, 300).await, TaskState::Running);
    }
    publish(&world, 301).await;
    assert_eq!(told(&world, sub_user, before + 3).await, by_ceiling(OPENING, 300));
    let again = remove(&world, target, 400).await;
    assert!(matches!(again, Err(Error::NotFound(Kind::Ceiling))), "{again:?}");
}

#[rstest]
#[tokio::test]
async fn what_becomes_of_its_group_holds_for_all_below(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let task = enabled(&world, sub_user).await;
    let law = world.create_group(world.account, &always("law")).await.unwrap().id;
    publish(&world, 1).await;
    let target = CeilingTarget::Partner(world.partner);
    set(&world, target, (world.account, law), 100).await.unwrap();
    assert_eq!(state(&world, sub_user, task, 100).await, TaskState::Running);
    publish(&world, 101).await;
    let before = newest(&world, sub_user).await;

    let narrower =
        GroupChange { content: Some(group_draft("law").content), ..GroupChange::rename(name("new law")) };
    edit(&world, law, narrower, 200).await;
    assert_closed_by(&world, sub_user, task, (200, "new law")).await;
    publish(&world, 201).await;
    assert_eq!(told(&world, sub_user, before).await, by_ceiling(CLOSING, 200));

    let wider = GroupChange { content: Some(always("law").content), ..GroupChange::rename(name("wide law")) };
    edit(&world, law, wider, 250).await;
    publish(&world, 251).await;
    assert_eq!(told(&world, sub_user, before + 3).await, by_ceiling(OPENING, 250));
    let narrow =
        GroupChange { content: Some(group_draft("law").content), ..GroupChange::rename(name("new law")) };
    edit(&world, law, narrow, 260).await;
    publish(&world, 261).await;

    open_group(&world, law, 300).await;
    assert_eq!(state(&world, sub_user, task, 300).await, TaskState::Running);
    let item = world.get_task(sub_user, task).await.unwrap();
    assert_eq!(item.decide(at(300)).next_change, Some(at(9_000)), "the end of the override of the ceiling");
    publish(&world, 10_000).await;
    let closed = (EventKind::TaskWaiting, EventCause::Ceiling, 9_000);
    assert_eq!(told(&world, sub_user, before).await.last(), Some(&closed));
}

#[rstest]
#[tokio::test]
async fn those_of_all_levels_hold_and_are_listed_from_the_greatest(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let task = enabled(&world, sub_user).await;
    let targets = [
        CeilingTarget::Account(world.partner, sub_user),
        CeilingTarget::Account(world.partner, world.account),
        CeilingTarget::Partner(world.partner),
    ];
    let own = world.create_group(sub_user, &always("own")).await.unwrap().id;
    let of_user = world.create_group(world.account, &always("user's")).await.unwrap().id;
    let of_partner = world.group("partner's").await;
    let groups = [(sub_user, own), (world.account, of_user), (world.account, of_partner)];
    for (target, group) in targets.into_iter().zip(groups) {
        set(&world, target, group, 100).await.unwrap();
    }
    let names = async |account| {
        let found = ceilings::of_account(&mut world.read().await, account).await.unwrap();
        found.iter().map(|ceiling| ceiling.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(sub_user).await, ["partner's", "user's", "own"]);
    assert_eq!(names(world.account).await, ["partner's", "user's"]);
    assert_closed_by(&world, sub_user, task, (100, "partner's")).await;
    // Another takes its place.
    set(&world, targets[2], groups[1], 200).await.unwrap();
    assert_eq!(names(sub_user).await, ["user's", "user's", "own"]);
    assert_eq!(state(&world, sub_user, task, 200).await, TaskState::Running);
}

#[rstest]
#[tokio::test]
async fn a_group_that_is_one_stays_and_one_that_is_not_there_is_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let law = world.group("law").await;
    let target = CeilingTarget::Account(world.partner, world.account);
    let missing = set(&world, target, (world.account, DialTimeGroupId::new(999)), 100).await;
    assert!(matches!(missing, Err(Error::Unknown(Kind::Group))), "{missing:?}");
    set(&world, target, (world.account, law), 100).await.unwrap();
    let deleted = world.delete_group(world.account, law, None).await;
    assert!(matches!(deleted, Err(Error::InUse(Kind::Ceiling))), "{deleted:?}");
    // A group is not its own ceiling: its override is its own matter.
    open_group(&world, law, 200).await;
    remove(&world, target, 300).await.unwrap();
    world.delete_group(world.account, law, None).await.unwrap();
}

/// Whatever lands first, what holds is what was done last, and each turn is told once.
#[rstest]
#[tokio::test]
async fn ceilings_and_edits_of_their_groups_race(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = enabled(&world, world.account).await;
    let law = world.group("law").await;
    publish(&world, 1).await;
    let target = CeilingTarget::Account(world.partner, world.account);
    for round in 0..15_i64 {
        let second = 1_000 + round * 1_000;
        let before = newest(&world, world.account).await;
        let made_ceiling = async { set(&world, target, (world.account, law), second).await.unwrap() };
        let renamed = GroupChange::rename(name(&format!("law {round}")));
        let edited = edit(&world, law, renamed, second);
        tokio::join!(made_ceiling, edited, publish(&world, second));
        let item = world.get_task(world.account, task).await.unwrap();
        let current = format!("law {round}");
        assert_eq!(item.decide(at(second)).group.reason.name, Some(current.as_str()));
        let removed = async { remove(&world, target, second + 100).await.unwrap() };
        tokio::join!(removed, publish(&world, second + 100));
        assert_eq!(state(&world, world.account, task, second + 100).await, TaskState::Running);
        publish(&world, second + 900).await;
        let told = told(&world, world.account, before).await;
        let count = |kind| told.iter().filter(|told| told.0 == kind).count();
        assert_eq!(count(EventKind::TaskWaiting), count(EventKind::TaskRunning), "{told:?}");
        assert!(count(EventKind::TaskWaiting) <= 1, "{told:?}");
    }
}
