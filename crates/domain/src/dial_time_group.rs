//! The dial time group (呼叫时间组): when tasks may dial.

use std::sync::Arc;

use calendar::{
    BeyondHorizon, Ceiling, EffectiveSchedule, ExceptionDay, Exceptions, HolidayCalendar,
    HolidayCalendarInput, HolidayPolicy, HolidayWindows, MakeupPolicy, Schedule, Seasons, WeeklyWindows,
    Zone,
};
use jiff::Timestamp;

use crate::{
    AccountId, DialTimeGroupId, FollowedCalendars, GroupOverride, HolidayCalendarId, HolidayCalendars, Name,
};

/// A dial time group as it is stored.
#[derive(Clone, Debug)]
pub struct DialTimeGroup {
    /// Its id.
    pub id: DialTimeGroupId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// What the group is: all that a person can edit.
    pub draft: GroupDraft,
    /// What a person set it to for a while, last.
    pub over: Option<GroupOverride>,
    /// A remark; no request sets it.
    pub remark: Option<String>,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// The revision that the holiday calendars had when it was read.
    pub holidays_revision: i64,
    /// The revision that planned closures had when it was read; 0: there was never any.
    pub closures_revision: i64,
    /// The revision that ceilings had when it was read; 0: there was never any.
    pub ceilings_revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A group together with its compiled schedule.
#[derive(Clone, Debug)]
pub struct CompiledGroup {
    /// The group.
    pub group: DialTimeGroup,
    /// When it is open: its windows, compiled, with its override.
    pub schedule: Arc<EffectiveSchedule>,
}

impl DialTimeGroup {
    /// Compiles the group: its windows, with its override.
    pub fn schedule(&self, calendars: &HolidayCalendars) -> EffectiveSchedule {
        self.with_override(self.draft.schedule(calendars))
    }

    /// The group as the ceiling of others.
    pub fn as_ceiling(&self, calendars: &HolidayCalendars) -> Ceiling {
        Ceiling { name: self.draft.name.as_str().into(), schedule: Arc::new(self.schedule(calendars)) }
    }

    /// The group's override over windows that it has, or would have.
    pub fn with_override(&self, schedule: Schedule) -> EffectiveSchedule {
        EffectiveSchedule::new(Arc::new(schedule), self.over.as_ref().map(GroupOverride::as_override))
    }
}

/// All that a person decides about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDraft {
    /// Its name.
    pub name: Name,
    /// The weekly windows, in the order sent.
    pub content: WeeklyWindows,
    /// The weeks that take the place of these windows for a while.
    pub seasons: Seasons,
    /// Whether it is the account's default; at most one is.
    pub is_default: bool,
    /// Whether days off do what `holiday_policy` says: if not, they are days like any other.
    pub skip_holiday: bool,
    /// The zone whose wall clock the windows are read on.
    pub timezone: Zone,
    /// The holiday calendars that it follows.
    pub holiday_calendars: FollowedCalendars,
    /// What their days off do.
    pub holiday_policy: HolidayPolicy,
    /// The windows of their days off, under the policy that has some.
    pub holiday_windows: HolidayWindows,
    /// What their make-up workdays do.
    pub makeup_policy: MakeupPolicy,
    /// What holds after the last day that all of them know.
    pub beyond_horizon: BeyondHorizon,
    /// Days on which something differs.
    pub exceptions: Exceptions,
}

impl GroupDraft {
    /// A group with nothing but its windows: what a request leaves out is as here.
    pub fn new(name: Name, content: WeeklyWindows, timezone: Zone) -> Self {
        Self {
            name,
            content,
            seasons: Seasons::default(),
            is_default: false,
            skip_holiday: false,
            timezone,
            holiday_calendars: FollowedCalendars::default(),
            holiday_policy: HolidayPolicy::default(),
            holiday_windows: HolidayWindows::default(),
            makeup_policy: MakeupPolicy::default(),
            beyond_horizon: BeyondHorizon::default(),
            exceptions: Exceptions::default(),
        }
    }

    /// Compiles the draft.
    pub fn schedule(&self, calendars: &HolidayCalendars) -> Schedule {
        let mut builder = Schedule::builder(&self.content, &self.timezone)
            .seasons(&self.seasons)
            .holiday_policy(self.holiday_policy)
            .holiday_windows(self.holiday_windows.windows())
            .makeup_policy(self.makeup_policy)
            .beyond_horizon(self.beyond_horizon)
            .exceptions(&self.exceptions);
        if !self.looks_at_holidays() {
            return builder.compile();
        }
        for id in self.holiday_calendars.all() {
            let calendar = calendars.get(id.as_str()).cloned().unwrap_or_else(|| unknown(id));
            builder = if self.skip_holiday {
                builder.holidays(calendar)
            } else {
                builder.days_of_exceptions(calendar)
            };
        }
        builder.compile()
    }

    /// Whether its schedule depends on the holiday calendars: it skips holidays, or an exception is about holidays or workdays.
    pub fn looks_at_holidays(&self) -> bool {
        let looks = |on| !matches!(on, ExceptionDay::Date | ExceptionDay::NthWeekday { .. });
        self.skip_holiday || self.exceptions.iter().any(|exception| looks(exception.on()))
    }

    /// The draft with a change applied: a field left out keeps its value.
    #[must_use]
    pub fn with(self, change: GroupChange) -> Self {
        Self {
            name: change.name,
            content: change.content.unwrap_or(self.content),
            seasons: change.seasons.unwrap_or(self.seasons),
            is_default: change.is_default.unwrap_or(self.is_default),
            skip_holiday: change.skip_holiday.unwrap_or(self.skip_holiday),
            timezone: change.timezone.unwrap_or(self.timezone),
            holiday_calendars: change.holiday_calendars.unwrap_or(self.holiday_calendars),
            holiday_policy: change.holiday_policy.unwrap_or(self.holiday_policy),
            holiday_windows: change.holiday_windows.unwrap_or(self.holiday_windows),
            makeup_policy: change.makeup_policy.unwrap_or(self.makeup_policy),
            beyond_horizon: change.beyond_horizon.unwrap_or(self.beyond_horizon),
            exceptions: change.exceptions.unwrap_or(self.exceptions),
        }
    }
}

/// Stands for a calendar that does not exist: every day lies beyond its horizon, so every answer has the warning.
fn unknown(id: &HolidayCalendarId) -> Arc<HolidayCalendar> {
    let input = HolidayCalendarInput {
        id: id.as_str().to_owned(),
        known_until: "1970-01-01".to_owned(),
        notices: Vec::new(),
        days: Vec::new(),
    };
    HolidayCalendar::parse(input).map_or_else(|_| HolidayCalendar::china(), Arc::new)
}

/// A change of a group; `None` keeps the present value. The name must be given, as documented.
#[derive(Clone, Debug)]
pub struct GroupChange {
    /// The new name.
    pub name: Name,
    /// The new windows, which replace the old ones as a whole.
    pub content: Option<WeeklyWindows>,
    /// The new seasons, which replace the old ones as a whole.
    pub seasons: Option<Seasons>,
    /// Whether it becomes, or stops being, the default.
    pub is_default: Option<bool>,
    /// Whether statutory days off are closed.
    pub skip_holiday: Option<bool>,
    /// The new zone.
    pub timezone: Option<Zone>,
    /// The new holiday calendars.
    pub holiday_calendars: Option<FollowedCalendars>,
    /// What their days off do.
    pub holiday_policy: Option<HolidayPolicy>,
    /// The new windows of days off, which replace the old ones as a whole.
    pub holiday_windows: Option<HolidayWindows>,
    /// What their make-up workdays do.
    pub makeup_policy: Option<MakeupPolicy>,
    /// What holds after the last day that all of them know.
    pub beyond_horizon: Option<BeyondHorizon>,
    /// The new exceptions, which replace the old ones as a whole.
    pub exceptions: Option<Exceptions>,
}

impl From<GroupDraft> for GroupChange {
    /// The change after which a group is as the draft says, whatever it was.
    fn from(draft: GroupDraft) -> Self {
        Self {
            name: draft.name,
            content: Some(draft.content),
            seasons: Some(draft.seasons),
            is_default: Some(draft.is_default),
            skip_holiday: Some(draft.skip_holiday),
            timezone: Some(draft.timezone),
            holiday_calendars: Some(draft.holiday_calendars),
            holiday_policy: Some(draft.holiday_policy),
            holiday_windows: Some(draft.holiday_windows),
            makeup_policy: Some(draft.makeup_policy),
            beyond_horizon: Some(draft.beyond_horizon),
            exceptions: Some(draft.exceptions),
        }
    }
}

impl GroupChange {
    /// A change of nothing but the name.
    pub fn rename(name: Name) -> Self {
        Self {
            name,
            content: None,
            seasons: None,
            is_default: None,
            skip_holiday: None,
            timezone: None,
            holiday_calendars: None,
            holiday_policy: None,
            holiday_windows: None,
            makeup_policy: None,
            beyond_horizon: None,
            exceptions: None,
        }
    }
}
