//! Schedules: groups compiled into the form that says whether a call may go out.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use calendar::{ClosedSpans, EffectiveSchedule};
use domain::{AccountHold, AccountId, CompiledGroup, DialTimeGroup, HolidayCalendars, Task, TaskInGroup};

use crate::{Result, Session, closures, holidays};

/// When the group is open, in the form that answers whether a call may go out: its windows, with its override.
///
/// # Errors
/// When the database does not answer.
pub async fn of(session: &mut impl Session, group: &DialTimeGroup) -> Result<Arc<EffectiveSchedule>> {
    of_one(session, group, &mut HashMap::new()).await
}

/// The same, with the closures of accounts that are known already, or then are.
async fn of_one(
    session: &mut impl Session,
    group: &DialTimeGroup,
    closed: &mut HashMap<AccountId, ClosedSpans>,
) -> Result<Arc<EffectiveSchedule>> {
    if let Some(schedule) = session.schedules().schedule(group) {
        return Ok(schedule);
    }
    let calendars = if group.draft.looks_at_holidays() {
        calendars(session, group.holidays_revision).await?
    } else {
        session.schedules().calendars()
    };
    let closed = match (group.closures_revision, closed.entry(group.account_id)) {
        (0, _) => ClosedSpans::default(),
        (_, Entry::Occupied(known)) => known.get().clone(),
        (_, Entry::Vacant(place)) => {
            place.insert(closures::of_account(session, group.account_id).await?).clone()
        }
    };
    let schedule = Arc::new(group.schedule(&calendars).closed_in(closed));
    // What a transaction sees may yet be rolled back, and its version then belongs to something else.
    if !session.sees_uncommitted() {
        session.schedules().put_schedule(group, schedule.clone());
    }
    Ok(schedule)
}

/// Groups, each ready to answer. The closures of an account are read once for all of its groups.
///
/// # Errors
/// When the database does not answer.
pub async fn of_all(session: &mut impl Session, groups: Vec<DialTimeGroup>) -> Result<Vec<CompiledGroup>> {
    let (mut compiled, mut closed) = (Vec::with_capacity(groups.len()), HashMap::new());
    for group in groups {
        let schedule = of_one(session, &group, &mut closed).await?;
        compiled.push(CompiledGroup { group, schedule });
    }
    Ok(compiled)
}

/// The holiday calendars as they are now.
///
/// # Errors
/// When the database does not answer.
pub async fn current_calendars(session: &mut impl Session) -> Result<Arc<HolidayCalendars>> {
    let revision = holidays::revision(session).await?;
    calendars(session, revision).await
}

async fn calendars(session: &mut impl Session, revision: i64) -> Result<Arc<HolidayCalendars>> {
    let cached = session.schedules().calendars();
    if cached.revision() == revision {
        return Ok(cached);
    }
    let loaded = Arc::new(holidays::load(session).await?);
    if !session.sees_uncommitted() {
        session.schedules().put_calendars(loaded.clone());
    }
    Ok(loaded)
}

/// The data that schedules are made from beside the database's: another text with other zones or holidays.
pub fn built_in_data() -> String {
    let china = calendar::HolidayCalendar::china();
    let years = china.days().len();
    format!("tzdata {}, China to {} with {years} days", calendar::tzdata_version(), china.known_until())
}

/// A task with its group, ready to answer.
pub(crate) async fn in_group(
    session: &mut impl Session,
    (task, group, hold): (Task, DialTimeGroup, Option<AccountHold>),
) -> Result<TaskInGroup> {
    let schedule = of(session, &group).await?;
    Ok(TaskInGroup::new(task, group, schedule, hold))
}
