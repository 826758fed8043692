//! Planned closures: what they change at once and beforehand, what is published of them, and that revoking them opens at once.

use calendar::DecidingRule;
use domain::{
    AccountId, ClosureId, ClosureTarget, EventCause, EventKind, Name, OverrideEnd, OverrideOrder,
    PlannedClosure, SetBy, StatedReason, TaskId, TaskState, TokenId,
};
use rstest::rstest;
use store::{
    Error, Kind,
    closures::{self, ClosureFilter},
    edits,
};

use crate::{
    from_above::{enabled, newest, publish, state, told},
    support::{ALL, Database, World, anything, at, change_at},
};

/// Plans a closure at a second.
async fn plan(world: &World, target: ClosureTarget, (begin, end): (i64, i64), second: i64) -> ClosureId {
    let id = ClosureId::new(anything());
    let closure = PlannedClosure {
        id,
        target,
        name: Name::parse("fair").unwrap(),
        begin: at(begin),
        end: at(end),
        by: SetBy::Token(TokenId::new(anything()), Name::parse("ops").unwrap()),
        created_at: at(second),
    };
    world.write(async |tx| edits::closures::plan(tx, &closure, &change_at(second)).await).await.unwrap();
    id
}

async fn revoke(world: &World, id: ClosureId, second: i64) -> store::Result<PlannedClosure> {
    world
        .write(async |tx| edits::closures::revoke(tx, id, &SetBy::CommandLine, &change_at(second)).await)
        .await
}

/// Opens a group for a while, at second 150.
async fn open_group(world: &World, group: domain::DialTimeGroupId) {
    let order = OverrideOrder {
        open: true,
        until: OverrideEnd::At(at(9_000)),
        reason: StatedReason::parse("x").unwrap(),
        by: SetBy::CommandLine,
    };
    world
        .write(async |tx| {
            let group = edits::groups::lock_to_override(tx, world.account, group).await?;
            edits::groups::set_override(tx, group, order, &change_at(150)).await
        })
        .await
        .unwrap();
}

async fn assert_closed_from_200_to_300(world: &World, account: AccountId, task: TaskId) {
    for (second, expected) in [
        (199, TaskState::Running),
        (200, TaskState::Waiting),
        (299, TaskState::Waiting),
        (300, TaskState::Running),
    ] {
        assert_eq!(state(world, account, task, second).await, expected, "at {second}");
    }
    let item = world.get_task(account, task).await.unwrap();
    assert_eq!(item.decide(at(150)).next_change, Some(at(200)), "known beforehand");
    let decision = item.decide(at(250));
    assert_eq!((decision.allowed, decision.next_opening), (false, Some(at(300))));
    let reason = decision.group.reason;
    assert_eq!((reason.rule, reason.name), (DecidingRule::Closure, Some("fair")));
}

#[rstest]
#[tokio::test]
async fn a_planned_closure_is_known_beforehand_and_told_at_its_instants(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(0, 1, 2)] level: usize,
) {
    let world = World::new(database).await;
    let target = [
        ClosureTarget::Installation,
        ClosureTarget::Partner(world.partner),
        ClosureTarget::Account(world.partner, world.account),
    ][level];
    let sub_user = world.create_sub_user().await;
    let accounts = [world.account, sub_user];
    let tasks = [enabled(&world, world.account).await, enabled(&world, sub_user).await];
    let of_stranger = enabled(&world, world.stranger).await;
    publish(&world, 1).await;
    let before = newest(&world, sub_user).await;
    let id = plan(&world, target, (200, 300), 100).await;
    publish(&world, 101).await;

    for (account, task) in accounts.into_iter().zip(tasks) {
        assert_closed_from_200_to_300(&world, account, task).await;
    }
    let others = if level == 2 { TaskState::Running } else { TaskState::Waiting };
    assert_eq!(state(&world, world.stranger, of_stranger, 250).await, others);

    let by_it = EventCause::Closure;
    let planned = (EventKind::ClosurePlanned, by_it, 100);
    assert_eq!(told(&world, sub_user, before).await, [planned]);
    publish(&world, 199).await;
    assert_eq!(told(&world, sub_user, before).await, [planned]);
    publish(&world, 400).await;
    assert_eq!(
        told(&world, sub_user, before + 1).await,
        [
            (EventKind::GroupClosed, by_it, 200),
            (EventKind::TaskWaiting, by_it, 200),
            (EventKind::GroupOpened, by_it, 300),
            (EventKind::TaskRunning, by_it, 300),
        ]
    );
    for (second, ended, listed) in
        [(250, false, true), (250, true, false), (300, false, false), (300, true, true)]
    {
        assert_eq!(
            is_listed(&world, sub_user, id, second, ended).await,
            listed,
            "at {second}, ended: {ended}"
        );
    }
}

/// Whether a closure is among those that have ended for an account, or among those that have not.
async fn is_listed(world: &World, account: AccountId, id: ClosureId, second: i64, ended: bool) -> bool {
    let filter = ClosureFilter { visible: None, account: Some(account), ended };
    let mut read = world.read().await;
    let found = closures::list(&mut read, Some(world.partner), filter, at(second), ALL).await.unwrap();
    found.items.iter().any(|closure| closure.id == id)
}

#[rstest]
#[tokio::test]
async fn a_closure_that_has_begun_holds_at_its_commit_and_is_revoked_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = enabled(&world, world.account).await;
    publish(&world, 1).await;
    let target = ClosureTarget::Account(world.partner, world.account);
    let before = newest(&world, world.account).await;
    let id = plan(&world, target, (50, 5_000), 100).await;
    // Nothing has been published yet.
    assert_eq!(state(&world, world.account, task, 100).await, TaskState::Waiting);
    assert_eq!(state(&world, world.account, task, 99).await, TaskState::Running, "not before it was made");
    publish(&world, 101).await;
    // An override of the group beats its windows, and not what lies above.
    let group = world.get_task(world.account, task).await.unwrap().group.id;
    open_group(&world, group).await;
    assert_eq!(state(&world, world.account, task, 200).await, TaskState::Waiting);

    revoke(&world, id, 300).await.unwrap();
    assert_eq!(state(&world, world.account, task, 300).await, TaskState::Running);
    publish(&world, 301).await;
    let by_it = EventCause::Closure;
    let told = told(&world, world.account, before).await;
    let turns: Vec<_> = told.into_iter().filter(|told| told.0 != EventKind::GroupUpdated).collect();
    assert_eq!(
        turns,
        [
            (EventKind::ClosurePlanned, by_it, 100),
            (EventKind::GroupClosed, by_it, 100),
            (EventKind::TaskWaiting, by_it, 100),
            (EventKind::ClosureRevoked, by_it, 300),
            (EventKind::GroupOpened, by_it, 300),
            (EventKind::TaskRunning, by_it, 300),
        ]
    );
    let again = revoke(&world, id, 400).await;
    assert!(matches!(again, Err(Error::NotFound(Kind::Closure))), "{again:?}");
    publish(&world, 6_000).await;
    assert_eq!(newest(&world, world.account).await, before + 7, "nothing is left of its end");
}

/// Whatever lands first, the group's log tells each turn once, and what holds is what was done last.
#[rstest]
#[tokio::test]
async fn closures_and_starts_of_tasks_race(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = enabled(&world, world.account).await;
    publish(&world, 1).await;
    let target = ClosureTarget::Account(world.partner, world.account);
    for round in 0..15_i64 {
        let second = 1_000 + round * 1_000;
        let before = newest(&world, world.account).await;
        let (id, ()) =
            tokio::join!(plan(&world, target, (second, second + 500), second), publish(&world, second));
        assert_eq!(state(&world, world.account, task, second).await, TaskState::Waiting);
        let revoked = async { revoke(&world, id, second + 100).await.unwrap() };
        tokio::join!(revoked, publish(&world, second + 100));
        assert_eq!(state(&world, world.account, task, second + 100).await, TaskState::Running);
        publish(&world, second + 900).await;
        let told = told(&world, world.account, before).await;
        let count = |kind| told.iter().filter(|told| told.0 == kind).count();
        assert_eq!(count(EventKind::GroupClosed), count(EventKind::GroupOpened), "{told:?}");
        assert!(count(EventKind::GroupClosed) <= 1, "{told:?}");
    }
}
