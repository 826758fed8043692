//! The cache of compiled schedules: of each group the last one that was asked for, and the holiday calendars.
//!
//! A schedule depends on its group's version and on the revision of the holiday calendars, and every group is read
//! together with both. So a schedule that was compiled before is found again without a question to the database, and an
//! edit or an import by any node is seen by the very next read. The cache is bounded in bytes, since a schedule takes
//! anything from one to hundreds of kilobytes; the least useful go first.

use std::sync::{Arc, Mutex};

use calendar::EffectiveSchedule;
use domain::{AccountId, DialTimeGroup, DialTimeGroupId, HolidayCalendars};
use jiff::Timestamp;
use quick_cache::{Weighter, sync::Cache};

/// How many bytes of schedules are cached, about.
const SCHEDULE_BYTES: u64 = 128 * 1024 * 1024;

/// How many bytes of the schedules of ceilings are cached, about: there are few, and many share each.
const CEILING_BYTES: u64 = 16 * 1024 * 1024;

/// How many that is, about.
const CEILINGS: usize = 1_000;

/// What a cached schedule takes beside itself, about, in bytes.
const OVERHEAD: usize = 256;

type ScheduleKey = (AccountId, DialTimeGroupId);

/// What a schedule was compiled from. A group that was deleted may come again with its id and its first version, but not with
/// its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CompiledFrom {
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    holidays_revision: i64,
    closures_revision: i64,
    ceilings_revision: i64,
}

impl CompiledFrom {
    const fn of(group: &DialTimeGroup) -> Self {
        Self {
            version: group.version,
            created_at: group.created_at,
            updated_at: group.updated_at,
            holidays_revision: group.holidays_revision,
            closures_revision: group.closures_revision,
            ceilings_revision: group.ceilings_revision,
        }
    }
}

/// A compiled schedule and what it was compiled from.
#[derive(Clone)]
struct CachedSchedule {
    source: CompiledFrom,
    schedule: Arc<EffectiveSchedule>,
    /// What it was reckoned to take when it was cached. A schedule grows as more years are asked about, and the cache, which adds up
    /// and takes away these, must be told the same each time.
    bytes: u64,
}

impl CachedSchedule {
    fn new(group: &DialTimeGroup, schedule: Arc<EffectiveSchedule>) -> Self {
        let bytes = u64::try_from(schedule.size_in_bytes() + OVERHEAD).unwrap_or(u64::MAX);
        Self { source: CompiledFrom::of(group), schedule, bytes }
    }

    /// The schedule, if it was compiled from the group as it is.
    fn of(self, group: &DialTimeGroup) -> Option<Arc<EffectiveSchedule>> {
        (self.source == CompiledFrom::of(group)).then_some(self.schedule)
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ScheduleKey, CachedSchedule> for ByBytes {
    fn weight(&self, _: &ScheduleKey, cached: &CachedSchedule) -> u64 {
        cached.bytes
    }
}

/// The schedules and calendars that a store has compiled so far.
pub(crate) struct ScheduleCache {
    schedules: Cache<ScheduleKey, CachedSchedule, ByBytes>,
    /// Those of groups as ceilings: without what lies above them.
    ceilings: Cache<ScheduleKey, CachedSchedule, ByBytes>,
    calendars: Mutex<Arc<HolidayCalendars>>,
}

impl ScheduleCache {
    pub(crate) fn new() -> Self {
        let calendars = Mutex::new(Arc::new(HolidayCalendars::built_in()));
        let groups = usize::try_from(SCHEDULE_BYTES).unwrap_or(usize::MAX) / (16 * 1024);
        Self {
            schedules: Cache::with_weighter(groups, SCHEDULE_BYTES, ByBytes),
            ceilings: Cache::with_weighter(CEILINGS, CEILING_BYTES, ByBytes),
            calendars,
        }
    }

    pub(crate) fn schedule(&self, group: &DialTimeGroup) -> Option<Arc<EffectiveSchedule>> {
        self.schedules.get(&(group.account_id, group.id))?.of(group)
    }

    pub(crate) fn put_schedule(&self, group: &DialTimeGroup, schedule: Arc<EffectiveSchedule>) {
        self.schedules.insert((group.account_id, group.id), CachedSchedule::new(group, schedule));
    }

    pub(crate) fn ceiling(&self, group: &DialTimeGroup) -> Option<Arc<EffectiveSchedule>> {
        self.ceilings.get(&(group.account_id, group.id))?.of(group)
    }

    pub(crate) fn put_ceiling(&self, group: &DialTimeGroup, schedule: Arc<EffectiveSchedule>) {
        self.ceilings.insert((group.account_id, group.id), CachedSchedule::new(group, schedule));
    }

    pub(crate) fn calendars(&self) -> Arc<HolidayCalendars> {
        self.calendars.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub(crate) fn put_calendars(&self, calendars: Arc<HolidayCalendars>) {
        *self.calendars.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = calendars;
    }
}

impl std::fmt::Debug for ScheduleCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ScheduleCache")
            .field("schedules", &self.schedules.len())
            .finish_non_exhaustive()
    }
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
            over: None,
            remark: None,
            version,
            holidays_revision: 0,
            closures_revision: 0,
            ceilings_revision: 0,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn schedule(group: &DialTimeGroup) -> Arc<EffectiveSchedule> {
        Arc::new(group.schedule(&HolidayCalendars::built_in()))
    }

    #[test]
    fn of_each_group_one_version_is_cached() {
        let cache = ScheduleCache::new();
        for version in 1..=100 {
            let group = group(1, version, 1);
            cache.put_schedule(&group, schedule(&group));
            assert!(cache.schedule(&group).is_some());
            assert_eq!(cache.schedules.len(), 1);
        }
        assert!(cache.schedule(&group(1, 99, 1)).is_none(), "an older version");
    }

    #[test]
    fn a_group_that_takes_a_deleted_ones_id_and_version_is_another() {
        let cache = ScheduleCache::new();
        let deleted = group(1, 1, 1);
        cache.put_schedule(&deleted, schedule(&deleted));
        let again = DialTimeGroup { created_at: "2026-01-01T00:00:00Z".parse().unwrap(), ..deleted.clone() };
        assert!(cache.schedule(&again).is_none());
        let other = DialTimeGroup { account_id: AccountId::new(Uuid::max()), ..deleted.clone() };
        assert!(cache.schedule(&other).is_none(), "another account's of the same id");
        assert!(cache.schedule(&deleted).is_some());
    }

    #[test]
    fn a_schedule_that_grows_while_it_is_cached_is_taken_away_as_it_was_counted() {
        let cache = ScheduleCache::new();
        let holidays = r#"[{"effect": "close", "on": "nth_weekday", "week": 1, "nth": 1}]"#;
        let mut draft = group(1, 1, 100).draft;
        draft.exceptions = serde_json::from_str(holidays).unwrap();
        for version in 1..=20 {
            let group = DialTimeGroup { draft: draft.clone(), ..group(1, version, 1) };
            let schedule = schedule(&group);
            let before = schedule.size_in_bytes();
            cache.put_schedule(&group, schedule.clone());
            for year in 1971..2200 {
                schedule.is_open(format!("{year}-06-01T00:00:00Z").parse().unwrap());
            }
            assert!(schedule.size_in_bytes() > before, "or this test shows nothing");
            let weight = usize::try_from(cache.schedules.weight()).unwrap();
            assert_eq!(weight, before + OVERHEAD, "version {version}");
        }
    }

    #[test]
    fn the_cache_is_bounded_in_bytes() {
        let cache = ScheduleCache::new();
        let large = group(1, 1, 500);
        let schedule = schedule(&large);
        let each = u64::try_from(schedule.size_in_bytes()).unwrap();
        let many = i64::try_from(SCHEDULE_BYTES / each).unwrap() * 2;
        for id in 1..=many {
            let group = DialTimeGroup { id: DialTimeGroupId::new(id), ..large.clone() };
            cache.put_schedule(&group, schedule.clone());
        }
        assert!(cache.schedules.weight() <= SCHEDULE_BYTES);
        let cached = u64::try_from(cache.schedules.len()).unwrap();
        assert!(cached * each > SCHEDULE_BYTES / 2, "and most of the bytes are used");
    }
}
