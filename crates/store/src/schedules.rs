//! Groups compiled into the form that answers: of each group the last one that was asked for.
//!
//! A schedule depends on its group's version and on the revision of the holiday calendars, and every group is read
//! together with both. So one that was compiled before is found again without a question to the database, and an
//! edit or an import by any node is seen by the very next read. What is kept is bounded in bytes, since a schedule takes
//! anything from one to hundreds of kilobytes; the least useful go first.

use std::sync::{Arc, Mutex};

use calendar::Schedule;
use domain::{AccountId, CompiledGroup, DialTimeGroup, DialTimeGroupId, HolidayCalendars, Task, TaskInGroup};
use jiff::Timestamp;
use quick_cache::{Weighter, sync::Cache};

use crate::{Result, Session, holidays};

/// How many bytes of compiled groups are kept, about.
const SCHEDULE_BYTES: u64 = 128 * 1024 * 1024;

/// What a kept group takes beside its schedule, about, in bytes.
const OVERHEAD: usize = 256;

type Key = (AccountId, DialTimeGroupId);

/// What a schedule was compiled from. A group that was deleted may come again with its id and its first version, but not with
/// its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    holidays_revision: i64,
}

impl Source {
    const fn of(group: &DialTimeGroup) -> Self {
        Self {
            version: group.version,
            created_at: group.created_at,
            updated_at: group.updated_at,
            holidays_revision: group.holidays_revision,
        }
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, (Source, Arc<Schedule>)> for ByBytes {
    fn weight(&self, _: &Key, (_, schedule): &(Source, Arc<Schedule>)) -> u64 {
        u64::try_from(schedule.size_in_bytes() + OVERHEAD).unwrap_or(u64::MAX)
    }
}

/// What a store has compiled so far.
pub(crate) struct Compiled {
    schedules: Cache<Key, (Source, Arc<Schedule>), ByBytes>,
    calendars: Mutex<Arc<HolidayCalendars>>,
}

impl Compiled {
    pub(crate) fn new() -> Self {
        let calendars = Mutex::new(Arc::new(HolidayCalendars::built_in()));
        let groups = usize::try_from(SCHEDULE_BYTES).unwrap_or(usize::MAX) / (16 * 1024);
        Self { schedules: Cache::with_weighter(groups, SCHEDULE_BYTES, ByBytes), calendars }
    }

    fn schedule(&self, group: &DialTimeGroup) -> Option<Arc<Schedule>> {
        let (source, schedule) = self.schedules.get(&(group.account_id, group.id))?;
        (source == Source::of(group)).then_some(schedule)
    }

    fn keep_schedule(&self, group: &DialTimeGroup, schedule: Arc<Schedule>) {
        self.schedules.insert((group.account_id, group.id), (Source::of(group), schedule));
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
    if let Some(schedule) = session.compiled().schedule(group) {
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
        session.compiled().keep_schedule(group, schedule.clone());
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
    (task, group, account_disabled): (Task, DialTimeGroup, bool),
) -> Result<TaskInGroup> {
    let schedule = of(session, &group).await?;
    Ok(TaskInGroup { task, group, schedule, account_disabled })
}

#[cfg(test)]
mod tests {
    use calendar::{WeeklyWindows, Zone};
    use domain::{GroupDraft, Name};
    use uuid::Uuid;

    use super::*;

    /// A group of so many windows, which opens at a minute past midnight.
    fn group(id: i64, version: i64, windows: usize) -> DialTimeGroup {
        let window = |number: usize| {
            let (hour, minute) = (number / 25 + 1, number % 25 * 2);
            format!(r#"{{"begin_time": "{hour:02}:{minute:02}", "end_time": "{hour:02}:{:02}"}}"#, minute + 1)
        };
        let times: Vec<_> = (0..windows).map(window).collect();
        let content = format!(r#"[{{"week": 1, "times": [{}]}}]"#, times.join(", "));
        let content: WeeklyWindows = serde_json::from_str(&content).unwrap();
        let name = Name::parse("group").unwrap();
        DialTimeGroup {
            id: DialTimeGroupId::new(id),
            account_id: AccountId::new(Uuid::nil()),
            draft: GroupDraft::new(name, content, Zone::parse("UTC").unwrap()),
            remark: None,
            version,
            holidays_revision: 0,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn schedule(group: &DialTimeGroup) -> Arc<Schedule> {
        Arc::new(group.draft.schedule(&HolidayCalendars::built_in()))
    }

    #[test]
    fn of_each_group_one_version_is_kept() {
        let compiled = Compiled::new();
        for version in 1..=100 {
            let group = group(1, version, 1);
            compiled.keep_schedule(&group, schedule(&group));
            assert!(compiled.schedule(&group).is_some());
            assert_eq!(compiled.schedules.len(), 1);
        }
        assert!(compiled.schedule(&group(1, 99, 1)).is_none(), "an older version");
    }

    #[test]
    fn a_group_that_takes_a_deleted_ones_id_and_version_is_another() {
        let compiled = Compiled::new();
        let deleted = group(1, 1, 1);
        compiled.keep_schedule(&deleted, schedule(&deleted));
        let again = DialTimeGroup { created_at: "2026-01-01T00:00:00Z".parse().unwrap(), ..deleted.clone() };
        assert!(compiled.schedule(&again).is_none());
        let other = DialTimeGroup { account_id: AccountId::new(Uuid::max()), ..deleted.clone() };
        assert!(compiled.schedule(&other).is_none(), "another account's of the same id");
        assert!(compiled.schedule(&deleted).is_some());
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let compiled = Compiled::new();
        let large = group(1, 1, 500);
        let schedule = schedule(&large);
        let each = u64::try_from(schedule.size_in_bytes()).unwrap();
        let many = i64::try_from(SCHEDULE_BYTES / each).unwrap() * 2;
        for id in 1..=many {
            let group = DialTimeGroup { id: DialTimeGroupId::new(id), ..large.clone() };
            compiled.keep_schedule(&group, schedule.clone());
        }
        assert!(compiled.schedules.weight() <= SCHEDULE_BYTES);
        let kept = u64::try_from(compiled.schedules.len()).unwrap();
        assert!(kept * each > SCHEDULE_BYTES / 2, "and most of the bytes are used");
    }
}
