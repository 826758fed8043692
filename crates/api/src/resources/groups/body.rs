//! The bodies that a group is saved from and updated with.

use calendar::{
    BeyondHorizon, DayWindowsInput, ExceptionInput, Exceptions, MakeupPolicy, WeeklyWindows, Zone,
};
use domain::{
    DialTimeGroupId, Fault, FaultRule, Faults, GroupChange, GroupDraft, HolidayCalendarId, Name, legible,
};
use utoipa::ToSchema;

use super::{
    view::{BeyondHorizonChoice, MakeupPolicyChoice},
    windows::{ExceptionBody, WeekdayWindows},
};
use crate::http::{
    body::{Number, fields, required_name},
    formats::{HolidayCalendarIdSchema, NameSchema, TimezoneSchema},
};

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
pub(crate) const GIVEN_BACK: &[&str] =
    &["user_id", "remark", "version", "created_at", "updated_at", "task_count"];

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
    /// Whether it is the account's default; it takes the flag off the present one.
    #[schema(value_type = bool, required = true)]
    is_default: Option<bool>,
    /// Whether statutory days off are closed.
    #[schema(value_type = bool, required = true)]
    skip_holiday: Option<bool>,
    /// An IANA zone; left out, the server's.
    #[schema(value_type = Option<TimezoneSchema>)]
    timezone: Option<String>,
    /// The holiday calendar whose days off are closed with `skip_holiday`; left out, `CN`.
    #[schema(value_type = Option<HolidayCalendarIdSchema>)]
    holiday_calendar: Option<String>,
    /// What a make-up workday does; left out, `as_is`.
    makeup_policy: Option<MakeupPolicyChoice>,
    /// What holds after the last day the holiday calendar knows; left out, `weekly`.
    beyond_horizon: Option<BeyondHorizonChoice>,
    /// Days that follow windows of their own, or none; at most 400.
    #[schema(max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(SaveGroup {
    id, name, content, is_default, skip_holiday, timezone, holiday_calendar, makeup_policy, beyond_horizon, exceptions,
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
        let exceptions = exceptions(self.exceptions, &mut faults).unwrap_or_default();
        let draft = name.zip(content).zip(is_default.zip(skip_holiday)).map(
            |((name, content), (is_default, skip_holiday))| GroupDraft {
                name,
                content,
                is_default,
                skip_holiday,
                timezone,
                holiday_calendar: self.holiday_calendar.map(HolidayCalendarId::new).unwrap_or_default(),
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
    /// Whether it is the account's default; it takes the flag off the present one.
    is_default: Option<bool>,
    /// Whether statutory days off are closed.
    skip_holiday: Option<bool>,
    /// An IANA zone.
    #[schema(value_type = Option<TimezoneSchema>)]
    timezone: Option<String>,
    /// The holiday calendar whose days off are closed with `skip_holiday`.
    #[schema(value_type = Option<HolidayCalendarIdSchema>)]
    holiday_calendar: Option<String>,
    /// What a make-up workday does.
    makeup_policy: Option<MakeupPolicyChoice>,
    /// What holds after the last day the holiday calendar knows.
    beyond_horizon: Option<BeyondHorizonChoice>,
    /// Days that follow windows of their own, or none; at most 400. They replace the old ones as a whole.
    #[schema(max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(UpdateGroup {
    id, name, content, is_default, skip_holiday, timezone, holiday_calendar, makeup_policy, beyond_horizon, exceptions,
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
        let exceptions = exceptions(self.exceptions, &mut faults);
        faults.finish(name.map(|name| GroupChange {
            name,
            content,
            is_default: self.is_default,
            skip_holiday: self.skip_holiday,
            timezone,
            holiday_calendar: self.holiday_calendar.map(HolidayCalendarId::new),
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

fn exceptions(given: Option<Vec<ExceptionBody>>, faults: &mut Faults) -> Option<Exceptions> {
    let given = given?;
    for (index, exception) in given.iter().enumerate() {
        faults.check(&format!("exceptions[{index}].name"), legible(&exception.name));
    }
    let given = given.into_iter().map(ExceptionInput::from).collect();
    Exceptions::parse(given).map_err(|found| faults.calendar("exceptions", found)).ok()
}
