//! The list's filter by state is written in SQL; what a task's state is, [`domain::Task::state_at`] says. Here the two
//! are held together over random tasks and instants.

use calendar::{WeeklyWindows, Zone};
use domain::{
    AccountId, Closure, DialTimeGroupId, Generation, GroupDraft, TaskBounds, TaskDraft, TaskId, TaskInGroup,
    TaskState,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{
    collection::vec, option, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner,
};
use rstest::rstest;
use store::{
    Page, edits,
    tasks::{TaskFilter, TaskScope},
};

use crate::support::{ALL, Database, World, anything, change_at, group_draft, task_draft, windows};

const TASKS: usize = 300;
const INSTANTS: usize = 60;

/// Half hours of nine days around the Spring Festival of 2025, so that windows, bounds, closures and the instants
/// that are asked about often meet exactly.
fn instant() -> impl Strategy<Value = Timestamp> {
    let first: Timestamp = "2025-01-25T00:00:00Z".parse().unwrap();
    (0..9 * 48_i64).prop_map(move |halves| first + SignedDuration::from_mins(30 * halves))
}

/// An instant, or its neighbour on either side.
fn asked_instant() -> impl Strategy<Value = Timestamp> {
    (instant(), -1..=1_i64)
        .prop_map(|(instant, microseconds)| instant + SignedDuration::from_micros(microseconds))
}

fn bounds() -> impl Strategy<Value = TaskBounds> {
    let closure = (instant(), instant()).prop_map(|(begin, end)| Closure { begin, end });
    let hours = option::weighted(0.3, weekly_windows());
    (option::of(instant()), option::of(instant()), vec(closure, 0..4), hours)
        .prop_map(|(start, stop, closures, hours)| TaskBounds { start, stop, closures, hours })
}

fn weekly_windows() -> impl Strategy<Value = WeeklyWindows> {
    let always: Vec<String> = (0..7)
        .map(|week| {
            format!(r#"{{"week": {week}, "times": [{{"begin_time": "00:00", "end_time": "24:00"}}]}}"#)
        })
        .collect();
    let day =
        (0..7, select(vec![("09:00", "18:00"), ("22:00", "06:00"), ("00:00", "24:00"), ("12:30", "13:00")]))
            .prop_map(|(week, (begin, end))| {
                format!(r#"{{"week": {week}, "times": [{{"begin_time": "{begin}", "end_time": "{end}"}}]}}"#)
            });
    prop_oneof![Just(always), vec(day, 0..8)].prop_map(|days| windows(&format!("[{}]", days.join(","))))
}

fn group() -> impl Strategy<Value = GroupDraft> {
    let zones = vec!["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu"];
    (weekly_windows(), any::<bool>(), select(zones)).prop_map(|(content, skip_holiday, zone)| GroupDraft {
        content,
        skip_holiday,
        timezone: Zone::parse(zone).unwrap(),
        ..group_draft("group")
    })
}

/// The same values in every run.
struct Sampler(TestRunner);

impl Sampler {
    fn new() -> Self {
        Self(TestRunner::deterministic())
    }

    fn sample<S: Strategy>(&mut self, strategy: S) -> S::Value {
        strategy.new_tree(&mut self.0).unwrap().current()
    }
}

/// The world's account and two sub-users of it with random groups and tasks, and what was made, newest first.
async fn populate(world: &World, sampler: &mut Sampler) -> Vec<TaskInGroup> {
    let mut places: Vec<(AccountId, DialTimeGroupId)> = Vec::new();
    for owner in [world.account, world.create_sub_user().await, world.create_sub_user().await] {
        for _ in 0..6 {
            let draft = sampler.sample(group());
            places.push((owner, world.create_group(owner, &draft).await.unwrap().id));
        }
    }
    let mut made = Vec::new();
    let mut tx = world.store.begin().await.unwrap();
    for _ in 0..TASKS {
        let ((owner, group), bounds) = sampler.sample((select(places.clone()), bounds()));
        let change = change_at(sampler.sample(0..50_i64));
        let (id, draft) = (TaskId::new(anything()), TaskDraft { bounds, ..task_draft(group) });
        edits::tasks::create(&mut tx, owner, id, Generation::V1, draft, &change).await.unwrap();
        let enabled = sampler.sample(prop::bool::weighted(0.85));
        let task = edits::tasks::lock(&mut tx, owner, id, None, change.at).await.unwrap();
        made.push(edits::tasks::set_enabled(&mut tx, &task, enabled, &change).await.unwrap());
    }
    tx.commit().await.unwrap();
    made.sort_by_key(|item| (item.task.created_at, item.task.id));
    made.reverse();
    made
}

fn is_in(scope: TaskScope, item: &TaskInGroup, user: AccountId) -> bool {
    match scope {
        TaskScope::Account(account) => item.task.account_id == account,
        TaskScope::SubUsers(_) => item.task.account_id != user,
        TaskScope::Group(account, group) => item.task.account_id == account && item.group.id == group,
    }
}

fn ids<'i>(items: impl IntoIterator<Item = &'i TaskInGroup>) -> Vec<TaskId> {
    items.into_iter().map(|item| item.task.id).collect()
}

#[rstest]
#[tokio::test]
async fn the_filter_by_state_says_what_the_state_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut sampler = Sampler::new();
    let made = populate(&world, &mut sampler).await;
    let first = &made[0];
    let scopes = vec![
        TaskScope::Account(world.account),
        TaskScope::SubUsers(world.account),
        TaskScope::Group(first.task.account_id, first.group.id),
        TaskScope::Account(world.stranger),
    ];
    let mut seen = [0; 4];
    for _ in 0..INSTANTS {
        let now = sampler.sample(asked_instant());
        let sets = [
            vec![TaskState::Paused],
            vec![TaskState::Running],
            vec![TaskState::Waiting],
            sampler
                .sample(vec(select(vec![TaskState::Paused, TaskState::Running, TaskState::Waiting]), 0..4)),
        ];
        for (states, seen) in sets.into_iter().zip(&mut seen) {
            let scope = sampler.sample(select(scopes.clone()));
            let wanted = made
                .iter()
                .filter(|item| is_in(scope, item, world.account) && states.contains(&item.state_at(now)));
            let wanted = ids(wanted);
            let filter = TaskFilter { states: Some(states), ..TaskFilter::default() };
            let listed = world.list_tasks(scope, &filter, now, ALL).await.unwrap();
            assert_eq!(ids(&listed.items), wanted, "{now} {scope:?} {filter:?}");
            assert_eq!(listed.total, i64::try_from(wanted.len()).unwrap());
            *seen += wanted.len();
        }
    }
    // Every state was met often, or the test would have compared nothing with nothing.
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}

#[rstest]
#[tokio::test]
async fn a_page_of_a_filtered_list_is_a_part_of_the_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut sampler = Sampler::new();
    populate(&world, &mut sampler).await;
    let now = sampler.sample(asked_instant());
    let scope = TaskScope::SubUsers(world.account);
    let filter =
        TaskFilter { states: Some(vec![TaskState::Running, TaskState::Waiting]), ..TaskFilter::default() };
    let whole = world.list_tasks(scope, &filter, now, ALL).await.unwrap();
    assert!(whole.total > 100, "{}", whole.total);
    let mut pages = Vec::new();
    for number in 1..=u32::try_from(whole.total).unwrap().div_ceil(40) {
        let page = world.list_tasks(scope, &filter, now, Page { number, size: 40 }).await.unwrap();
        assert_eq!(page.total, whole.total);
        pages.extend(ids(&page.items));
    }
    assert_eq!(pages, ids(&whole.items));
}

/// The instants at which the answer turns, spelled out.
#[rstest]
#[tokio::test]
async fn a_state_turns_exactly_at_the_edges_of_bounds_closures_and_windows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let moment = |text: &str| -> Timestamp { format!("2025-03-03T{text}+08:00").parse().unwrap() };
    let group = world.group("Monday from 08:00 to 20:00").await;
    let bounds = TaskBounds {
        start: Some(moment("09:00:00")),
        stop: Some(moment("21:00:00")),
        closures: vec![Closure { begin: moment("12:00:00"), end: moment("13:00:00") }],
        hours: Some(windows(r#"[{"week":1,"times":[{"begin_time":"08:00","end_time":"19:00"}]}]"#)),
    };
    let draft = TaskDraft { bounds, ..task_draft(group) };
    let task = world.create_task(world.account, Generation::V1, draft).await.unwrap().task.id;
    world.set_enabled(world.account, task, true).await.unwrap();

    let cases = [
        ("08:59:59.999999", TaskState::Waiting),
        ("09:00:00", TaskState::Running),
        ("11:59:59.999999", TaskState::Running),
        ("12:00:00", TaskState::Waiting),
        ("12:59:59.999999", TaskState::Waiting),
        ("13:00:00", TaskState::Running),
        ("18:59:59.999999", TaskState::Running),
        ("19:00:00", TaskState::Waiting),
        ("21:00:00", TaskState::Waiting),
    ];
    for (text, expected) in cases {
        for state in [TaskState::Paused, TaskState::Running, TaskState::Waiting] {
            let filter = TaskFilter { states: Some(vec![state]), ..TaskFilter::default() };
            let scope = TaskScope::Account(world.account);
            let listed = world.list_tasks(scope, &filter, moment(text), ALL).await.unwrap();
            assert_eq!(listed.total == 1, state == expected, "{text} {state:?}");
        }
    }
}
