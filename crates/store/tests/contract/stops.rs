//! The kill switch: what it covers, what its commit changes at once, and what is published of it, step by step.

use std::collections::HashSet;

use domain::{
    AccountHold, AccountId, AccountKind, EventCause, EventDetail, EventKind, GroupDraft, LineId, LoggedEvent,
    Name, Resume, SetBy, StatedReason, Stop, StopLevel, StopTarget, TaskDraft, TaskId, TaskState, TokenId,
};
use jiff::SignedDuration;
use rstest::rstest;
use store::{
    Error, Kind,
    audit::{self, Change, NO_ACCOUNT, Subject},
    edits::{self, accounts::Whom},
    events,
    stops::{self, StopFilter, StoppedAmong},
    tasks::{TaskFilter, TaskScope},
    transitions::{self, Step},
};

use crate::{
    lines,
    support::{
        ALL, Database, World, anything, at, change_at, group_draft, new_account, rename, task_draft, windows,
    },
};

fn by() -> SetBy {
    SetBy::Token(TokenId::new(anything()), Name::parse("ops").unwrap())
}

fn reason(text: &str) -> StatedReason {
    StatedReason::parse(text).unwrap()
}

async fn stop(world: &World, target: StopTarget, change: &Change) -> store::Result<bool> {
    world
        .write(async |tx| edits::stops::stop(tx, target, Some(reason("complaint")), by(), change).await)
        .await
}

async fn resume(world: &World, target: StopTarget, change: &Change) -> store::Result<Option<Stop>> {
    world.write(async |tx| edits::stops::resume(tx, target, None, &SetBy::CommandLine, change).await).await
}

/// Publishes all that is due, as the runner does.
async fn publish(world: &World, seconds: i64) {
    while world.write(async |tx| transitions::publish_stops(tx, at(seconds)).await).await.unwrap()
        == Step::Published
    {}
    while world.write(async |tx| transitions::step(tx, at(seconds)).await).await.unwrap() == Step::Published {
    }
}

/// What the log of an account says after so many events: the kind, the cause, and when it was to happen.
async fn told(world: &World, account: AccountId, after: i64) -> Vec<(EventKind, EventCause, i64)> {
    let log: Vec<LoggedEvent> = events::list(&mut world.read().await, account, after, 10_000).await.unwrap();
    log.iter()
        .map(|LoggedEvent { event, .. }| {
            (event.kind, event.cause, event.due_at.duration_since(at(0)).as_secs())
        })
        .collect()
}

async fn newest(world: &World, account: AccountId) -> i64 {
    events::extent(&mut world.read().await, account).await.unwrap().newest
}

/// Always open.
fn always() -> GroupDraft {
    let days: Vec<String> = (0..7)
        .map(|week| {
            format!(r#"{{"week": {week}, "times": [{{"begin_time": "00:00", "end_time": "24:00"}}]}}"#)
        })
        .collect();
    GroupDraft { content: windows(&format!("[{}]", days.join(","))), ..group_draft("always") }
}

/// A running task in a group of an account that is always open.
async fn running(world: &World, account: AccountId, resume: Resume) -> TaskId {
    let group = world.create_group(account, &always()).await.unwrap().id;
    let draft = TaskDraft { resume, ..task_draft(group) };
    let task = world.create_task(account, domain::Generation::V1, draft).await.unwrap().task.id;
    world.set_enabled(account, task, true).await.unwrap();
    task
}

async fn state(world: &World, account: AccountId, task: TaskId) -> TaskState {
    let task = world.get_task(account, task).await.unwrap();
    assert!(task.hold.is_none() || task.hold == Some(AccountHold::Stopped));
    let state = task.state_at(at(100));
    let filter = TaskFilter { states: Some(vec![state]), ..TaskFilter::default() };
    let listed = world.list_tasks(TaskScope::Account(account), &filter, at(100), ALL).await.unwrap();
    assert!(listed.items.iter().any(|item| item.task.id == task.task.id), "the list agrees");
    state
}

#[rstest]
#[tokio::test]
async fn a_stop_holds_at_its_commit_and_its_log_says_it_before_what_it_closes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(StopLevel::Installation, StopLevel::Partner, StopLevel::Account)] level: StopLevel,
) {
    let world = World::new(database).await;
    let target = match level {
        StopLevel::Installation => StopTarget::Installation,
        StopLevel::Partner => StopTarget::Partner(world.partner),
        _ => StopTarget::Account(world.partner, world.account),
    };
    let sub_user = world.create_sub_user().await;
    let (task, of_sub_user) =
        (running(&world, world.account, Resume::Auto).await, running(&world, sub_user, Resume::Ask).await);
    let of_stranger = running(&world, world.stranger, Resume::Auto).await;
    publish(&world, 1).await;
    let before = [
        newest(&world, world.account).await,
        newest(&world, sub_user).await,
        newest(&world, world.stranger).await,
    ];

    assert!(stop(&world, target, &change_at(50)).await.unwrap());
    assert!(!stop(&world, target, &change_at(51)).await.unwrap(), "it is stopped already");
    let covered = [(world.account, task), (sub_user, of_sub_user)];
    for (account, task) in covered {
        assert_eq!(state(&world, account, task).await, TaskState::Waiting, "nothing was published yet");
    }
    let elsewhere = if level == StopLevel::Account { TaskState::Running } else { TaskState::Waiting };
    assert_eq!(state(&world, world.stranger, of_stranger).await, elsewhere);

    publish(&world, 52).await;
    let stopped = |kind| (kind, EventCause::Stopped, 50);
    let closings = [EventKind::DialingStopped, EventKind::GroupClosed];
    assert_eq!(
        told(&world, world.account, before[0]).await,
        [closings[0], closings[1], EventKind::TaskWaiting].map(stopped)
    );
    assert_eq!(
        told(&world, sub_user, before[1]).await,
        [closings[0], closings[1], EventKind::TaskPaused].map(stopped)
    );
    let others = told(&world, world.stranger, before[2]).await;
    assert_eq!(others.is_empty(), level == StopLevel::Account, "{others:?}");

    resumed(&world, target, (task, sub_user), before).await;
}

/// The end of a stop that the user's and the sub-user's log have as three events each.
async fn resumed(world: &World, target: StopTarget, (task, sub_user): (TaskId, AccountId), before: [i64; 3]) {
    let ended = resume(world, target, &change_at(60)).await.unwrap().unwrap();
    assert_eq!((ended.at, ended.reason), (at(50), Some(reason("complaint"))));
    assert!(resume(world, target, &change_at(61)).await.unwrap().is_none(), "there is nothing to resume");
    assert_eq!(state(world, world.account, task).await, TaskState::Running);
    publish(world, 62).await;
    let resumed = |kind| (kind, EventCause::Stopped, 60);
    let opened = [EventKind::DialingResumed, EventKind::GroupOpened, EventKind::TaskRunning].map(resumed);
    assert_eq!(told(world, world.account, before[0] + 3).await, opened);
    assert_eq!(told(world, sub_user, before[1] + 3).await, opened[..2], "it resumes only when asked");
}

#[rstest]
#[tokio::test]
async fn what_is_edited_and_made_while_it_is_stopped_stays_closed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let task = running(&world, world.account, Resume::Auto).await;
    publish(&world, 1).await;
    let target = StopTarget::Partner(world.partner);
    stop(&world, target, &change_at(50)).await.unwrap();
    publish(&world, 51).await;
    let before = newest(&world, world.account).await;
    world.change = change_at(55);
    let group = world.get_task(world.account, task).await.unwrap().group.id;
    world.update_group(world.account, group, rename("edited"), None).await.unwrap();
    let later = running(&world, world.account, Resume::Auto).await;
    publish(&world, 56).await;
    let kinds: Vec<EventKind> =
        told(&world, world.account, before).await.into_iter().map(|told| told.0).collect();
    assert_eq!(kinds, [EventKind::GroupUpdated, EventKind::TaskCreated, EventKind::TaskWaiting]);

    // An account that is made meanwhile, with a group and a task of its own.
    let made = world.create_account(&new_account(world.partner, AccountKind::User)).await.unwrap().id;
    let of_made = running(&world, made, Resume::Auto).await;
    assert_eq!(state(&world, made, of_made).await, TaskState::Waiting);
    publish(&world, 57).await;
    let kinds: Vec<EventKind> = told(&world, made, 0).await.into_iter().map(|told| told.0).collect();
    assert_eq!(kinds, [EventKind::TaskCreated, EventKind::TaskWaiting]);

    // Disabled and enabled meanwhile, nothing runs; nor does it at once when it is resumed while it is disabled.
    let whom = Whom::Account(world.partner, world.account);
    for disabled in [true, false] {
        world
            .write(async |tx| edits::accounts::set_disabled(tx, whom, disabled, &change_at(58)).await)
            .await
            .unwrap();
    }
    let quiet = newest(&world, world.account).await;
    assert_eq!(quiet, before + 3);
    resume(&world, target, &change_at(60)).await.unwrap();
    publish(&world, 61).await;
    let kinds: Vec<EventKind> =
        told(&world, world.account, quiet).await.into_iter().map(|told| told.0).collect();
    let opened = [EventKind::GroupOpened, EventKind::TaskRunning];
    assert_eq!(kinds, [&[EventKind::DialingResumed][..], &opened, &opened].concat());
    assert_eq!(state(&world, world.account, later).await, TaskState::Running);
    assert_eq!(state(&world, made, of_made).await, TaskState::Running);
}

#[rstest]
#[tokio::test]
async fn a_greater_stop_holds_on_when_a_smaller_one_ends(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let task = running(&world, sub_user, Resume::Auto).await;
    let of_sub_user = StopTarget::Account(world.partner, sub_user);
    let targets = [
        StopTarget::Installation,
        StopTarget::Partner(world.partner),
        StopTarget::Account(world.partner, world.account),
        of_sub_user,
    ];
    for target in targets.into_iter().rev() {
        assert!(stop(&world, target, &change_at(10)).await.unwrap());
    }
    let covering = async || {
        let found = stops::covering(&mut world.read().await, of_sub_user).await.unwrap();
        found.into_iter().map(|named| named.stop.target).collect::<Vec<_>>()
    };
    assert_eq!(covering().await, targets, "the greatest first");
    publish(&world, 11).await;
    for (number, target) in targets.into_iter().enumerate() {
        assert_eq!(state(&world, sub_user, task).await, TaskState::Waiting);
        assert_eq!(covering().await, targets[number..]);
        resume(&world, target, &change_at(20)).await.unwrap().unwrap();
        publish(&world, 21).await;
    }
    assert_eq!(state(&world, sub_user, task).await, TaskState::Running);
    let log = told(&world, sub_user, 0).await;
    let count = |kind| log.iter().filter(|told| told.0 == kind).count();
    assert_eq!((count(EventKind::DialingStopped), count(EventKind::DialingResumed)), (4, 4));
    assert_eq!((count(EventKind::GroupClosed), count(EventKind::GroupOpened)), (1, 2));
}

#[rstest]
#[tokio::test]
async fn a_stop_that_ends_before_it_is_published_closes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    running(&world, world.account, Resume::Ask).await;
    publish(&world, 1).await;
    let before = newest(&world, world.account).await;
    stop(&world, StopTarget::Installation, &change_at(10)).await.unwrap();
    resume(&world, StopTarget::Installation, &change_at(11)).await.unwrap();
    publish(&world, 12).await;
    let told = told(&world, world.account, before).await;
    assert_eq!(
        told.iter().map(|told| told.0).collect::<Vec<_>>(),
        [EventKind::DialingStopped, EventKind::DialingResumed]
    );
}

/// More accounts than a step takes, and a group that was due before the stop and is told of first.
#[rstest]
#[tokio::test]
async fn a_large_installation_is_published_in_steps(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const USERS: usize = 230;
    let world = World::new(database).await;
    let mut users = vec![world.account, world.stranger];
    for _ in users.len()..USERS {
        users.push(world.create_user().await);
    }
    for user in &users {
        world.create_group(*user, &always()).await.unwrap();
    }
    publish(&world, 1).await;
    stop(&world, StopTarget::Installation, &change_at(10)).await.unwrap();
    let mut steps = 0;
    while world.write(async |tx| transitions::publish_stops(tx, at(11)).await).await.unwrap()
        == Step::Published
    {
        steps += 1;
    }
    assert_eq!(steps, 2);
    publish(&world, 12).await;
    for user in users {
        let told = told(&world, user, 0).await;
        let kinds: Vec<EventKind> = told.iter().map(|told| told.0).collect();
        assert_eq!(kinds[kinds.len() - 2..], [EventKind::DialingStopped, EventKind::GroupClosed]);
    }
}

#[rstest]
#[tokio::test]
async fn what_was_due_before_the_stop_is_told_as_it_was_due(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("mondays").await;
    let task = world.task(group).await;
    world.set_enabled(world.account, task, true).await.unwrap();
    publish(&world, 1).await;
    let before = newest(&world, world.account).await;
    // Monday, 2025-01-06, 08:00 in Shanghai, passes without a runner; then it is stopped.
    let opening = "2025-01-06T00:00:00Z".parse::<jiff::Timestamp>().unwrap().duration_since(at(0)).as_secs();
    stop(&world, StopTarget::Installation, &change_at(opening + 600)).await.unwrap();
    publish(&world, opening + 601).await;
    let told = told(&world, world.account, before).await;
    let after: Vec<_> = told.iter().map(|told| (told.0, told.1, told.2 - opening)).collect();
    assert_eq!(
        after,
        [
            (EventKind::DialingStopped, EventCause::Stopped, 600),
            (EventKind::GroupOpened, EventCause::Window, 0),
            (EventKind::TaskRunning, EventCause::Window, 0),
            (EventKind::GroupClosed, EventCause::Stopped, 600),
            (EventKind::TaskWaiting, EventCause::Stopped, 600),
        ]
    );
    // The windows' own close says nothing more, and neither does the next opening.
    publish(&world, opening + 8 * 24 * 3_600).await;
    assert_eq!(newest(&world, world.account).await, before + 5);
    let group = world.get_group(world.account, group).await.unwrap();
    assert!(
        group
            .draft
            .schedule(&domain::HolidayCalendars::built_in())
            .is_open(at(opening) + SignedDuration::from_mins(15))
    );
}

#[rstest]
#[tokio::test]
async fn lines_and_accounts_are_asked_for_together(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let (line, other) =
        (lines::create(&world, world.partner).await, lines::create(&world, world.partner).await);
    lines::allocate(&world, world.partner, line, world.account, 3).await;
    let among = async || {
        let accounts = [world.account, sub_user, world.stranger];
        stops::among(&mut world.read().await, &accounts, &[line, other]).await.unwrap()
    };
    let set = |accounts: &[AccountId], lines: &[LineId]| StoppedAmong {
        accounts: accounts.iter().copied().collect::<HashSet<_>>(),
        lines: lines.iter().copied().collect::<HashSet<_>>(),
    };
    assert_eq!(among().await, set(&[], &[]));
    let of_line = StopTarget::Line(world.partner, line);
    stop(&world, of_line, &change_at(10)).await.unwrap();
    assert_eq!(among().await, set(&[], &[line]));
    stop(&world, StopTarget::Account(world.partner, world.account), &change_at(11)).await.unwrap();
    assert_eq!(among().await, set(&[world.account, sub_user], &[line]));
    publish(&world, 12).await;
    // Who has a share of the line is told, and its sub-users; their groups turn by the account's stop alone.
    let levels = async |account| {
        let log = events::list(&mut world.read().await, account, 0, 100).await.unwrap();
        let level = |logged: &LoggedEvent| match &logged.event.detail {
            Some(EventDetail::Stop(stop)) => Some(stop.level),
            _ => None,
        };
        log.iter().filter_map(level).collect::<Vec<_>>()
    };
    assert_eq!(levels(world.account).await, [StopLevel::Line, StopLevel::Account]);
    assert_eq!(levels(sub_user).await, [StopLevel::Line, StopLevel::Account]);
    assert_eq!(levels(world.stranger).await, []);
    stop(&world, StopTarget::Installation, &change_at(13)).await.unwrap();
    assert_eq!(
        among().await,
        set(&[world.account, sub_user, world.stranger], &[line]),
        "a line has stops of its own"
    );
}

#[rstest]
#[tokio::test]
async fn stops_are_listed_for_whom_they_concern_and_go_with_what_they_cover(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let line = lines::create(&world, world.partner).await;
    let other_partner = world.create_partner().await;
    let of_sub_user = StopTarget::Account(world.partner, sub_user);
    let targets = [
        StopTarget::Installation,
        StopTarget::Partner(world.partner),
        of_sub_user,
        StopTarget::Account(world.partner, world.stranger),
        StopTarget::Line(world.partner, line),
        StopTarget::Partner(other_partner),
    ];
    for (number, target) in targets.into_iter().enumerate() {
        // Of one level the newest comes first.
        stop(&world, target, &change_at(10 - i64::try_from(number).unwrap())).await.unwrap();
    }
    let list = async |filter| {
        let found = stops::list(&mut world.read().await, world.partner, filter, ALL).await.unwrap();
        assert_eq!(usize::try_from(found.total), Ok(found.items.len()));
        found.items
    };
    let targets_of =
        |found: &[stops::NamedStop]| found.iter().map(|named| named.stop.target).collect::<Vec<_>>();
    let all = list(StopFilter::default()).await;
    assert_eq!(targets_of(&all), targets[..5]);
    assert_eq!((all[2].user, all[3].user), (Some(world.account), None));
    assert!(all[0].name.is_none() && all[1..].iter().all(|named| named.name.is_some()));
    let visible = StopFilter { visible: Some(world.account), ..StopFilter::default() };
    assert_eq!(targets_of(&list(visible).await), targets[..3], "no line, and nobody else");
    let user = StopFilter { user: Some(world.account), ..StopFilter::default() };
    assert_eq!(targets_of(&list(user).await), targets[..2], "a sub-user's is not its user's");
    let both = StopFilter { sub_user: Some(sub_user), ..user };
    assert_eq!(targets_of(&list(both).await), targets[..3]);

    let whom = Whom::Partner(world.partner);
    world.write(async |tx| edits::accounts::delete(tx, whom, true, &change_at(30)).await).await.unwrap();
    assert_eq!(targets_of(&list(StopFilter::default()).await), targets[..1]);
    publish(&world, 31).await;
}

#[rstest]
#[tokio::test]
async fn what_is_another_partners_is_neither_stopped_nor_resumed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = lines::create(&world, world.partner).await;
    let other_partner = world.create_partner().await;
    stop(&world, StopTarget::Line(world.partner, line), &change_at(10)).await.unwrap();
    stop(&world, StopTarget::Account(world.partner, world.account), &change_at(10)).await.unwrap();
    for (target, kind) in [
        (StopTarget::Partner(domain::PartnerId::new(anything())), Kind::Partner),
        (StopTarget::Account(other_partner, world.account), Kind::Account),
        (StopTarget::Account(other_partner, world.stranger), Kind::Account),
        (StopTarget::Line(other_partner, line), Kind::Line),
    ] {
        assert!(resume(&world, target, &change_at(20)).await.unwrap().is_none(), "it is another's");
        let refused = stop(&world, target, &change_at(20)).await;
        assert!(matches!(refused, Err(Error::NotFound(found)) if found == kind), "{refused:?}");
        assert_eq!(stops::covering(&mut world.read().await, target).await.unwrap().len(), 0);
    }
}

#[rstest]
#[tokio::test]
async fn who_stopped_and_resumed_stands_in_the_audit(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = StopTarget::Account(world.partner, world.account);
    for (target, owner, id) in [
        (account, world.account, format!("account {}", world.account)),
        (StopTarget::Installation, NO_ACCOUNT, "installation".to_owned()),
    ] {
        stop(&world, target, &change_at(10)).await.unwrap();
        stop(&world, target, &change_at(11)).await.unwrap();
        resume(&world, target, &change_at(12)).await.unwrap();
        let history = audit::history(&mut world.read().await, owner, Subject::Stop, &id).await.unwrap();
        let actions: Vec<&str> = history.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["create", "delete"], "what changes nothing is not in it");
        assert!(history[0].actor.starts_with("token "));
        assert!(history[1].before.as_deref().unwrap().contains("complaint"));
    }
}

/// Whoever wins, what is last in the log is what holds.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_race_with_starts_edits_and_new_groups(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const ROUNDS: i64 = 25;
    let mut world = World::new(database).await;
    world.change = change_at(90);
    let task = running(&world, world.account, Resume::Auto).await;
    let group = world.get_task(world.account, task).await.unwrap().group.id;
    publish(&world, 1).await;
    let target = StopTarget::Account(world.partner, world.account);
    let switch = async {
        for round in 0..ROUNDS {
            stop(&world, target, &change_at(10 + round)).await.unwrap();
            if round < ROUNDS - 1 {
                resume(&world, target, &change_at(10 + round)).await.unwrap();
            }
        }
    };
    let start = async {
        for round in 0..ROUNDS {
            world.set_enabled(world.account, task, round % 2 == 0).await.unwrap();
        }
    };
    let edit = async {
        for _ in 0..ROUNDS {
            world.update_group(world.account, group, rename("edited"), None).await.unwrap();
            world.create_group(world.account, &always()).await.unwrap();
        }
    };
    let publishing = async {
        for _ in 0..ROUNDS {
            let step = world.write(async |tx| transitions::publish_stops(tx, at(100)).await).await;
            step.and(world.write(async |tx| transitions::step(tx, at(100)).await).await).unwrap();
        }
    };
    tokio::join!(switch, start, edit, publishing);
    publish(&world, 200).await;
    let log = events::list(&mut world.read().await, world.account, 0, 10_000).await.unwrap();
    assert_orderly(&log, task);
    assert_eq!(state(&world, world.account, task).await, TaskState::Waiting);
}

/// Groups open and close by turns, close by stops alone, and so does the task; and all is closed in the end.
fn assert_orderly(log: &[LoggedEvent], task: TaskId) {
    let (mut stopped, mut open) = (false, HashSet::new());
    for LoggedEvent { event, .. } in log {
        let group = event.group.map(|(id, _)| id);
        match event.kind {
            EventKind::DialingStopped => stopped = true,
            EventKind::DialingResumed => stopped = false,
            EventKind::GroupOpened => assert!(open.insert(group), "opened twice"),
            EventKind::GroupClosed => {
                assert!(open.remove(&group), "closed twice");
                assert_eq!(event.cause, EventCause::Stopped);
            }
            _ => {}
        }
    }
    assert!(stopped && open.len() <= 1, "{stopped} {open:?}");
    let of_task: Vec<EventKind> = log
        .iter()
        .filter(|logged| logged.event.task == Some(task))
        .map(|logged| logged.event.kind)
        .filter(|kind| {
            matches!(kind, EventKind::TaskRunning | EventKind::TaskWaiting | EventKind::TaskPaused)
        })
        .collect();
    assert!(of_task.windows(2).all(|pair| pair[0] != pair[1]), "{of_task:?}");
    assert_eq!(of_task.last(), Some(&EventKind::TaskWaiting));
}
