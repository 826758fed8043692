//! A task's decision against half hours looked at one by one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;

use calendar::{WeeklyWindows, Zone};
use domain::{
    AccountHold, AccountId, Closure, DialTimeGroup, DialTimeGroupId, Generation, GroupDraft, GroupOverride,
    HolidayCalendars, Name, Resume, SetBy, StatedReason, Task, TaskBounds, TaskDraft, TaskId, TaskInGroup,
    TaskReason, TaskSettings, TaskState,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

/// Everything in these tests begins and ends on a half hour after this Monday's midnight in Shanghai.
fn half_hour(number: i64) -> Timestamp {
    "2026-02-09T00:00:00+08:00".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(30 * number)
}

/// What the instants asked about, bounds and closures are chosen from: ten days.
const HALF_HOURS: i64 = 480;
/// How far is looked for the next change: beyond everything chosen, by the longest festival and two weeks.
const LOOKED_AT: i64 = HALF_HOURS + 48 * 24;

fn time_of_day(half_hour: u32) -> String {
    format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30)
}

fn windows() -> impl Strategy<Value = WeeklyWindows> {
    let window = (0..7_u32, 0..48_u32, 1..48_u32).prop_map(|(week, begin, length)| {
        serde_json::json!({"week": week, "times": [{
            "begin_time": time_of_day(begin), "end_time": time_of_day((begin + length) % 48),
        }]})
    });
    vec(window, 0..10).prop_map(|days| serde_json::from_value(days.into()).unwrap())
}

fn bounds() -> impl Strategy<Value = TaskBounds> {
    let instant = || (0..HALF_HOURS).prop_map(half_hour);
    let closure = (0..HALF_HOURS, 1..60_i64)
        .prop_map(|(begin, length)| Closure { begin: half_hour(begin), end: half_hour(begin + length) });
    let hours = option::weighted(0.4, windows());
    (option::of(instant()), option::of(instant()), vec(closure, 0..6), hours)
        .prop_map(|(start, stop, closures, hours)| TaskBounds { start, stop, closures, hours })
}

fn over() -> impl Strategy<Value = GroupOverride> {
    (any::<bool>(), 0..HALF_HOURS, 0..60_i64).prop_map(|(open, begin, length)| GroupOverride {
        open,
        begin: half_hour(begin),
        end: half_hour(begin + length),
        reason: StatedReason::parse("x").unwrap(),
        by: SetBy::CommandLine,
        replaced: None,
    })
}

fn name() -> Name {
    Name::parse("x").unwrap()
}

prop_compose! {
    fn task()(windows in windows(), over in option::weighted(0.4, over()), skip_holiday: bool, bounds in bounds(), enabled in prop::bool::weighted(0.9))
        -> TaskInGroup
    {
        let (account_id, id) = (AccountId::new(Uuid::nil()), DialTimeGroupId::new(1));
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let draft = GroupDraft { skip_holiday, ..GroupDraft::new(name(), windows, zone) };
        let at = half_hour(0);
        let group = DialTimeGroup {
            id, account_id, draft, over, remark: None, version: 1, holidays_revision: 0, closures_revision: 0, ceilings_revision: 0, created_at: at, updated_at: at,
        };
        let schedule = Arc::new(group.schedule(&HolidayCalendars::built_in()));
        let draft = TaskDraft { name: name(), dial_time_id: id, bounds, resume: Resume::default(), settings: TaskSettings::default() };
        let generation = Generation::V2;
        let task = Task {
            id: TaskId::new(Uuid::nil()), account_id, generation, enabled, draft, created_at: at, altered_at: None,
        };
        TaskInGroup::new(task, group, schedule, None)
    }
}

/// What the rules say of one instant, and nothing else.
fn allowed(item: &TaskInGroup, at: Timestamp) -> bool {
    let TaskBounds { start, stop, closures, .. } = &item.task.draft.bounds;
    item.task.enabled
        && start.is_none_or(|start| start <= at)
        && stop.is_none_or(|stop| at < stop)
        && !closures.iter().any(|closure| closure.begin <= at && at < closure.end)
        && item.schedule.is_open(at)
        && item.hours.as_ref().is_none_or(|hours| hours.is_open(at))
}

/// The first half hour after this one at which the answer is `wanted`.
fn first_after(item: &TaskInGroup, number: i64, wanted: bool) -> Option<i64> {
    (number + 1..LOOKED_AT).find(|number| allowed(item, half_hour(*number)) == wanted)
}

/// An instant found by looking ahead is the one; where none was found, there is none or it lies further on.
fn assert_found(said: Option<Timestamp>, found: Option<i64>) -> Result<(), TestCaseError> {
    match found {
        Some(found) => prop_assert_eq!(said, Some(half_hour(found))),
        None => prop_assert!(said.is_none_or(|said| half_hour(LOOKED_AT) <= said), "{:?}", said),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_task_is_decided_as_half_hours_looked_at_one_by_one_say(item in task(), number in 0..HALF_HOURS) {
        let at = half_hour(number);
        let decision = item.decide(at);
        let now = allowed(&item, at);
        prop_assert_eq!(decision.allowed, now);
        prop_assert_eq!(matches!(decision.reason, TaskReason::Group(group) if group.allowed), now);
        let change = first_after(&item, number, !now);
        assert_found(decision.next_change, change)?;
        let opening = if now { change.and_then(|change| first_after(&item, change, true)) } else { change };
        assert_found(decision.next_opening, opening)?;
        // Nothing that was said changes before it is no longer valid.
        for later in (number..LOOKED_AT).map(half_hour) {
            if decision.valid_until.is_some_and(|until| until <= later) {
                break;
            }
            prop_assert_eq!(allowed(&item, later), now);
        }
    }

    #[test]
    fn a_task_of_an_account_that_is_stopped_or_disabled_never_dials(
        item in task(),
        number in 0..HALF_HOURS,
        hold in prop_oneof![Just(AccountHold::Stopped), Just(AccountHold::Disabled)],
    ) {
        let item = TaskInGroup { hold: Some(hold), ..item };
        let decision = item.decide(half_hour(number));
        prop_assert!(!decision.allowed && matches!(decision.reason, TaskReason::Held(found) if found == hold));
        prop_assert_eq!((decision.next_change, decision.next_opening, decision.valid_until), (None, None, None));
        prop_assert_ne!(item.state_at(half_hour(number)), TaskState::Running);
    }

    #[test]
    fn the_strongest_reason_is_told(item in task(), number in 0..HALF_HOURS) {
        let at = half_hour(number);
        let TaskBounds { start, stop, closures, .. } = &item.task.draft.bounds;
        match item.decide(at).reason {
            TaskReason::Held(_) => prop_assert!(false, "no account is held"),
            TaskReason::Paused => prop_assert!(!item.task.enabled),
            TaskReason::AfterStop(told) => prop_assert!(*stop == Some(told) && told <= at),
            TaskReason::BeforeStart(told) => prop_assert!(*start == Some(told) && at < told),
            TaskReason::Closure(told) => {
                prop_assert!(closures.contains(&told) && told.begin <= at && at < told.end);
            }
            TaskReason::Hours => prop_assert!(item.schedule.is_open(at) && !allowed(&item, at)),
            TaskReason::Group(told) => {
                prop_assert_eq!(told.allowed, item.schedule.is_open(at));
                prop_assert_eq!(told.allowed, allowed(&item, at));
            }
        }
    }
}
