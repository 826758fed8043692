//! Groups compiled into the form that answers, each version once.
//!
//! A schedule depends on its group's version and on the revision of the holiday calendars, and every group is read
//! together with both. So one that was compiled before is found again without a question to the database, and an
//! edit or an import by any node is seen by the very next read.

use std::sync::{Arc, Mutex};

use calendar::Schedule;
use domain::{AccountId, CompiledGroup, DialTimeGroup, HolidayCalendars, Task, TaskInGroup};
use quick_cache::sync::Cache;

use crate::{Result, Session, holidays};

/// How many compiled groups are kept.
const SCHEDULES: usize = 20_000;

/// A group's account, id and version, and the revision of the holiday calendars.
type Key = (AccountId, i64, i64, i64);

/// What a store has compiled so far.
pub(crate) struct Compiled {
    schedules: Cache<Key, Arc<Schedule>>,
    calendars: Mutex<Arc<HolidayCalendars>>,
}

impl Compiled {
    pub(crate) fn new() -> Self {
        let calendars = Mutex::new(Arc::new(HolidayCalendars::built_in()));
        Self { schedules: Cache::new(SCHEDULES), calendars }
    }

    fn calendars(&self) -> Arc<HolidayCalendars> {
        self.calendars.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn keep_calendars(&self, calendars: Arc<HolidayCalendars>) {
        *self.calendars.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = calendars;
    }
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Compiled").field("schedules", &self.schedules.len()).finish_non_exhaustive()
    }
}

/// The group's windows in the form that answers whether a call may go out.
///
/// # Errors
/// When the database does not answer.
pub async fn of(session: &mut impl Session, group: &DialTimeGroup) -> Result<Arc<Schedule>> {
    let key = (group.account_id, group.id.get(), group.version, group.holidays_revision);
    if let Some(schedule) = session.compiled().schedules.get(&key) {
        return Ok(schedule);
    }
    let calendars = if group.draft.skip_holiday {
        calendars(session, group.holidays_revision).await?
    } else {
        session.compiled().calendars()
    };
    let schedule = Arc::new(group.draft.schedule(&calendars));
    // What a transaction sees may yet be rolled back, and its version then belongs to something else.
    if !session.sees_uncommitted() {
        session.compiled().schedules.insert(key, schedule.clone());
    }
    Ok(schedule)
}

/// Groups, each ready to answer.
///
/// # Errors
/// When the database does not answer.
pub async fn of_all(session: &mut impl Session, groups: Vec<DialTimeGroup>) -> Result<Vec<CompiledGroup>> {
    let mut compiled = Vec::with_capacity(groups.len());
    for group in groups {
        let schedule = of(session, &group).await?;
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
    let kept = session.compiled().calendars();
    if kept.revision() == revision {
        return Ok(kept);
    }
    let loaded = Arc::new(holidays::load(session).await?);
    if !session.sees_uncommitted() {
        session.compiled().keep_calendars(loaded.clone());
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
    task: Task,
    group: DialTimeGroup,
) -> Result<TaskInGroup> {
    let schedule = of(session, &group).await?;
    Ok(TaskInGroup { task, group, schedule })
}
