//! The bodies that a group is saved from and updated with.

use calendar::{
    BeyondHorizon, DayWindowsInput, ExceptionInput, Exceptions, HolidayPolicy, HolidayWindows, MakeupPolicy,
    SeasonInput, Seasons, WeeklyWindows, Zone,
};
use domain::{
    DialTimeGroupId, Fault, FaultRule, Faults, FollowedCalendars, GroupChange, GroupDraft, HolidayCalendarId,
    Name, legible,
};
use utoipa::ToSchema;

use super::{
    exceptions::ExceptionBody,
    seasons::SeasonBody,
    view::{BeyondHorizonChoice, HolidayPolicyChoice, MakeupPolicyChoice},
    windows::{WeekdayWindows, WindowTimes},
};
use crate::http::{
    body::{Number, fields, required_name},
    formats::{HolidayCalendarIdSchema, NameSchema, TimezoneSchema},
};

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
pub(crate) const GIVEN_BACK: &[&str] =
    &["user_id", "remark", "override", "version", "created_at", "updated_at", "task_count", "warnings"];

/// What a group is saved from.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct SaveGroup {
    /// The id it had elsewhere, which no other group of the account may have; left out, a new one.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    id: Option<Number>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The weekly windows: at most 64 entries and 1,000 windows in all. Empty: never open.
    #[schema(required = true, value_type = Vec<WeekdayWindows>, max_items = 64)]
    content: Option<Vec<WeekdayWindows>>,
    /// The weeks that take the place of these windows for a while; at most 24.
    #[schema(max_items = 24)]
    seasons: Option<Vec<SeasonBody>>,
    /// Whether it is the account's default; it takes the flag off the present one.
    #[schema(value_type = bool, required = true)]
    is_default: Option<bool>,
    /// Whether days off do what `holiday_policy` says: if not, they are days like any other.
    #[schema(value_type = bool, required = true)]
    skip_holiday: Option<bool>,
    /// An IANA zone; left out, the server's.
    #[schema(value_type = Option<TimezoneSchema>)]
    timezone: Option<String>,
    /// The holiday calendar that it follows; left out, `CN`.
    #[schema(value_type = Option<HolidayCalendarIdSchema>)]
    holiday_calendar: Option<String>,
    /// The holiday calendars that it follows, `holiday_calendar` the first of them; a day off in any of them is one.
    #[schema(value_type = Option<Vec<HolidayCalendarIdSchema>>, min_items = 1, max_items = 8)]
    holiday_calendars: Option<Vec<String>>,
    /// What their days off do, with `skip_holiday`; left out, `closed`.
    holiday_policy: Option<HolidayPolicyChoice>,
    /// The windows of their days off under `own_windows`; without any they are closed.
    #[schema(max_items = 1_000)]
    holiday_windows: Option<Vec<WindowTimes>>,
    /// What a make-up workday does; left out, `as_is`.
    makeup_policy: Option<MakeupPolicyChoice>,
    /// What holds after the last day the holiday calendar knows; left out, `weekly`.
    beyond_horizon: Option<BeyondHorizonChoice>,
    /// Days on which something differs; at most 400.
    #[schema(max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(SaveGroup {
    id, name, content, seasons, is_default, skip_holiday, timezone, holiday_calendar, holiday_calendars, holiday_policy,
    holiday_windows, makeup_policy, beyond_horizon, exceptions,
} known GIVEN_BACK);

impl SaveGroup {
    /// The group that it asks for, and the id that its client chose.
    pub(crate) fn draft(
        self,
        server_zone: Zone,
        mut faults: Faults,
    ) -> Result<(Option<DialTimeGroupId>, GroupDraft), Vec<Fault>> {
        let id = self.id.and_then(|id| faults.check("id", DialTimeGroupId::parse(id.get())));
        let name = required_name(self.name, &mut faults);
        let content = faults.require("content", self.content).and_then(|days| content(days, &mut faults));
        let is_default = faults.require("is_default", self.is_default);
        let skip_holiday = faults.require("skip_holiday", self.skip_holiday);
        let timezone = timezone(self.timezone, &mut faults).unwrap_or(server_zone);
        let seasons = seasons(self.seasons, &mut faults).unwrap_or_default();
        let calendars =
            followed(self.holiday_calendar, self.holiday_calendars, &mut faults).unwrap_or_default();
        let holiday_windows = holiday_windows(self.holiday_windows, &mut faults).unwrap_or_default();
        let exceptions = exceptions(self.exceptions, &mut faults).unwrap_or_default();
        let draft = name.zip(content).zip(is_default.zip(skip_holiday)).map(
            |((name, content), (is_default, skip_holiday))| GroupDraft {
                name,
                content,
                seasons,
                is_default,
                skip_holiday,
                timezone,
                holiday_calendars: calendars,
                holiday_policy: self.holiday_policy.map(HolidayPolicy::from).unwrap_or_default(),
                holiday_windows,
                makeup_policy: self.makeup_policy.map(MakeupPolicy::from).unwrap_or_default(),
                beyond_horizon: self.beyond_horizon.map(BeyondHorizon::from).unwrap_or_default(),
                exceptions,
            },
        );
        faults.finish(draft.map(|draft| (id, draft)))
    }
}

/// What a group is updated with; a field left out keeps its value.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct UpdateGroup {
    /// The id of the group, which may be repeated; a group never gets another.
    #[schema(ignore)]
    id: Option<Number>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The weekly windows, which replace the old ones as a whole: at most 64 entries and 1,000 windows in all.
    #[schema(max_items = 64)]
    content: Option<Vec<WeekdayWindows>>,
    /// The weeks that take the place of these windows for a while; at most 24. They replace the old ones as a whole.
    #[schema(max_items = 24)]
    seasons: Option<Vec<SeasonBody>>,
    /// Whether it is the account's default; it takes the flag off the present one.
    is_default: Option<bool>,
    /// Whether days off do what `holiday_policy` says: if not, they are days like any other.
    skip_holiday: Option<bool>,
    /// An IANA zone.
    #[schema(value_type = Option<TimezoneSchema>)]
    timezone: Option<String>,
    /// The only holiday calendar that it follows from now on.
    #[schema(value_type = Option<HolidayCalendarIdSchema>)]
    holiday_calendar: Option<String>,
    /// The holiday calendars that it follows, `holiday_calendar` the first of them; a day off in any of them is one.
    #[schema(value_type = Option<Vec<HolidayCalendarIdSchema>>, min_items = 1, max_items = 8)]
    holiday_calendars: Option<Vec<String>>,
    /// What their days off do, with `skip_holiday`.
    holiday_policy: Option<HolidayPolicyChoice>,
    /// The windows of their days off under `own_windows`. They replace the old ones as a whole.
    #[schema(max_items = 1_000)]
    holiday_windows: Option<Vec<WindowTimes>>,
    /// What a make-up workday does.
    makeup_policy: Option<MakeupPolicyChoice>,
    /// What holds after the last day the holiday calendar knows.
    beyond_horizon: Option<BeyondHorizonChoice>,
    /// Days on which something differs; at most 400. They replace the old ones as a whole.
    #[schema(max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(UpdateGroup {
    id, name, content, seasons, is_default, skip_holiday, timezone, holiday_calendar, holiday_calendars, holiday_policy,
    holiday_windows, makeup_policy, beyond_horizon, exceptions,
} known GIVEN_BACK);

impl UpdateGroup {
    /// With this name, if it gives none.
    pub(crate) fn named_as(mut self, name: &Name) -> Self {
        self.name.get_or_insert_with(|| name.as_str().to_owned());
        self
    }

    /// What it changes of the group of this id.
    pub(crate) fn change(
        self,
        group: DialTimeGroupId,
        mut faults: Faults,
    ) -> Result<GroupChange, Vec<Fault>> {
        if self.id.is_some_and(|id| id.get() != group.get()) {
            faults.add("id", FaultRule::Differs("group_id"));
        }
        let name = required_name(self.name, &mut faults);
        let content = self.content.and_then(|days| content(days, &mut faults));
        let timezone = timezone(self.timezone, &mut faults);
        let seasons = seasons(self.seasons, &mut faults);
        let holiday_calendars = followed(self.holiday_calendar, self.holiday_calendars, &mut faults);
        let holiday_windows = holiday_windows(self.holiday_windows, &mut faults);
        let exceptions = exceptions(self.exceptions, &mut faults);
        faults.finish(name.map(|name| GroupChange {
            name,
            content,
            seasons,
            is_default: self.is_default,
            skip_holiday: self.skip_holiday,
            timezone,
            holiday_calendars,
            holiday_policy: self.holiday_policy.map(HolidayPolicy::from),
            holiday_windows,
            makeup_policy: self.makeup_policy.map(MakeupPolicy::from),
            beyond_horizon: self.beyond_horizon.map(BeyondHorizon::from),
            exceptions,
        }))
    }
}

/// The group to use instead.
#[derive(Debug, ToSchema)]
pub(crate) struct ReplaceGroup {
    /// The id of another group of the same account.
    #[schema(value_type = i64, required = true, minimum = 1, example = 428)]
    pub(super) with: Option<i64>,
}

fields!(ReplaceGroup { with } known &[]);

fn content(days: Vec<WeekdayWindows>, faults: &mut Faults) -> Option<WeeklyWindows> {
    let days = days.into_iter().map(DayWindowsInput::from).collect();
    WeeklyWindows::parse(days).map_err(|found| faults.calendar("content", found)).ok()
}

fn timezone(name: Option<String>, faults: &mut Faults) -> Option<Zone> {
    faults.check("timezone", Zone::parse(&name?).map_err(FaultRule::Calendar))
}

/// Exceptions as they were sent, checked.
pub(crate) fn exceptions(given: Option<Vec<ExceptionBody>>, faults: &mut Faults) -> Option<Exceptions> {
    let given = given?;
    for (index, exception) in given.iter().enumerate() {
        faults.check(&format!("exceptions[{index}].name"), legible(&exception.name));
    }
    let given = given.into_iter().map(ExceptionInput::from).collect();
    Exceptions::parse(given).map_err(|found| faults.calendar("exceptions", found)).ok()
}

fn seasons(given: Option<Vec<SeasonBody>>, faults: &mut Faults) -> Option<Seasons> {
    let given = given?;
    for (index, season) in given.iter().enumerate() {
        faults.check(&format!("seasons[{index}].name"), legible(&season.name));
    }
    let given = given.into_iter().map(SeasonInput::from).collect();
    Seasons::parse(given).map_err(|found| faults.calendar("seasons", found)).ok()
}

fn holiday_windows(given: Option<Vec<WindowTimes>>, faults: &mut Faults) -> Option<HolidayWindows> {
    let given = WindowTimes::into_input(given?);
    HolidayWindows::parse(&given).map_err(|found| faults.calendar("holiday_windows", found)).ok()
}

/// The calendars to follow: the one that clients of old name, or the list, whose first it must be where both are given.
fn followed(
    one: Option<String>,
    list: Option<Vec<String>>,
    faults: &mut Faults,
) -> Option<FollowedCalendars> {
    let Some(list) = list else { return one.map(|id| FollowedCalendars::one(HolidayCalendarId::new(id))) };
    if one.is_some_and(|one| list.first() != Some(&one)) {
        faults.add("holiday_calendar", FaultRule::Differs("holiday_calendars[0]"));
    }
    let list = list.into_iter().map(HolidayCalendarId::new).collect();
    faults.check("holiday_calendars", FollowedCalendars::new(list))
}
