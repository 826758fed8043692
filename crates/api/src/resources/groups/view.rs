//! A group as it is returned.

use std::collections::BTreeMap;

use calendar::{BeyondHorizon, HolidayPolicy, MakeupPolicy, WeeklyWindows, Window, Zone};
use domain::{DialTimeGroup, GroupDraft, GroupOverride};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Ref, RefOr, Response},
};
use uuid::Uuid;

use super::{
    exceptions::ExceptionView,
    seasons::SeasonBody,
    windows::{WeekdayWindows, WindowTimes},
};
use crate::{
    Api,
    http::{
        choices::choice,
        formats::LocalTimeSchema,
        language::Language,
        problem::Problem,
        set_by::SetByView,
        time::stamp,
        warning::{FieldWarning, FieldWarningView},
    },
};

choice! {
    /// What a make-up workday (调休上班) does.
    pub(crate) enum MakeupPolicyChoice as MakeupPolicy for MakeupPolicy {
        /// Its own weekday's windows.
        AsIs = "as_is",
        /// The windows of the weekday it stands for by the notice, else Monday's.
        AsWorkday = "as_workday",
    }
}

choice! {
    /// What a group that skips holidays does on their days off.
    pub(crate) enum HolidayPolicyChoice as HolidayPolicy for HolidayPolicy {
        /// They are closed.
        Closed = "closed",
        /// Statutory days off (法定) are closed, moved ones (调休) are days like any other.
        StatutoryOnly = "statutory_only",
        /// They have the windows of `holiday_windows`.
        OwnWindows = "own_windows",
        /// They are days like any other.
        Open = "open",
    }
}

choice! {
    /// What a group that skips holidays does after the last day its calendar knows.
    pub(crate) enum BeyondHorizonChoice as BeyondHorizon for BeyondHorizon {
        /// No day is open.
        Closed = "closed",
        /// Monday to Friday follow the weekly windows.
        WeekdaysOnly = "weekdays_only",
        /// The weekly windows, with a warning in every answer.
        Weekly = "weekly",
    }
}

choice! {
    /// What a group is set to for a while.
    pub(crate) enum OverrideState as OverrideState {
        /// No call goes out.
        Closed = "closed",
        /// Calls may go out.
        Open = "open",
    }
}

impl OverrideState {
    const fn of(open: bool) -> Self {
        if open { Self::Open } else { Self::Closed }
    }
}

/// The override of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupOverride)]
pub(crate) struct OverrideView {
    state: OverrideState,
    /// Since when.
    #[schema(value_type = LocalTimeSchema)]
    begin: String,
    /// The first instant at which it does not hold any more: it ends by itself.
    #[schema(value_type = LocalTimeSchema)]
    until: String,
    /// Why.
    #[schema(example = "消防演练")]
    reason: String,
    set_by: SetByView,
    /// The override that held when this one took its place, if any: its removal restores it with `restore`, as long as it would still hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, required = false)]
    replaced: Option<Box<OverrideView>>,
}

impl OverrideView {
    pub(super) fn new(zone: Zone, over: &GroupOverride) -> Self {
        Self {
            state: OverrideState::of(over.open),
            begin: stamp(zone, over.begin),
            until: stamp(zone, over.end),
            reason: over.reason.as_str().to_owned(),
            set_by: SetByView::from(&over.by),
            replaced: over.replaced.as_deref().map(|replaced| Box::new(Self::new(zone, replaced))),
        }
    }
}

/// A group as it is returned everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    #[schema(minimum = 1, example = 427)]
    id: i64,
    name: String,
    /// The account that owns it.
    user_id: Uuid,
    /// The windows in the order sent; outside of them calling is forbidden.
    content: Vec<WeekdayWindows>,
    /// The weeks that take the place of these windows for a while.
    seasons: Vec<SeasonBody>,
    /// At most one group of an account is its default.
    is_default: bool,
    /// Whether days off do what `holiday_policy` says.
    skip_holiday: bool,
    remark: Option<String>,
    /// The IANA zone whose wall clock the windows are read on.
    #[schema(example = "Asia/Shanghai")]
    timezone: &'static str,
    /// The first of the holiday calendars.
    #[schema(example = "CN")]
    holiday_calendar: String,
    /// The holiday calendars that it follows: a day off in any of them is one.
    #[schema(min_items = 1, max_items = 8, example = json!(["CN"]))]
    holiday_calendars: Vec<String>,
    /// What their days off do, with `skip_holiday`.
    holiday_policy: HolidayPolicyChoice,
    /// The windows of their days off under `own_windows`.
    holiday_windows: Vec<WindowTimes>,
    /// What a make-up workday does: `as_is` (its own weekday's windows) or `as_workday` (those of the weekday it stands
    /// for).
    makeup_policy: MakeupPolicyChoice,
    /// What holds after the last day the holiday calendar knows.
    beyond_horizon: BeyondHorizonChoice,
    /// Days on which something differs.
    exceptions: Vec<ExceptionView>,
    /// What a person closed or opened it for, last; it holds from its `begin` to its `until`. `null`: nothing, or that was removed.
    #[serde(rename = "override")]
    over: Option<OverrideView>,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// Of a list with `task_count=true`: how many tasks use it, paused and finished ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 0)]
    task_count: Option<i64>,
    /// What was taken but may not be what was meant; left out where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<FieldWarningView>,
}

impl GroupView {
    pub(crate) fn new(api: &Api, group: DialTimeGroup) -> Self {
        let zone = api.settings.zone;
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            user_id: group.account_id.uuid(),
            content: WeekdayWindows::of(&group.draft.content),
            seasons: SeasonBody::of(&group.draft.seasons),
            is_default: group.draft.is_default,
            skip_holiday: group.draft.skip_holiday,
            remark: group.remark,
            timezone: group.draft.timezone.name(),
            holiday_calendar: group.draft.holiday_calendars.first().as_str().to_owned(),
            holiday_calendars: group
                .draft
                .holiday_calendars
                .all()
                .iter()
                .map(|id| id.as_str().to_owned())
                .collect(),
            holiday_policy: group.draft.holiday_policy.into(),
            holiday_windows: WindowTimes::of(group.draft.holiday_windows.windows()),
            makeup_policy: group.draft.makeup_policy.into(),
            beyond_horizon: group.draft.beyond_horizon.into(),
            exceptions: ExceptionView::of(&group.draft.exceptions),
            over: group.over.map(|over| OverrideView::new(zone, &over)),
            version: group.version,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
            task_count: None,
            warnings: Vec::new(),
        }
    }

    /// The same with what deserves a second look, in the language of the answer.
    pub(super) fn with_warnings(self, warnings: Vec<FieldWarningView>) -> Self {
        Self { warnings, ..self }
    }

    /// The same with how many tasks use it, if that was asked for.
    pub(super) fn with_task_count(self, task_count: Option<i64>) -> Self {
        Self { task_count, ..self }
    }
}

/// What deserves a second look in a group.
pub(crate) fn warnings(draft: &GroupDraft, language: Language) -> Vec<FieldWarningView> {
    let warning = |field| FieldWarningView::new(field, FieldWarning::LastMinute, language);
    ends_before_midnight(draft).into_iter().map(warning).collect()
}

/// The ends of windows that leave the last minute of a day, as paths: `content[0].times[1].end_time`.
fn ends_before_midnight(draft: &GroupDraft) -> Vec<String> {
    let in_list = |path: &str, times: &[Window]| {
        let ends = times.iter().enumerate().filter(|(_, window)| window.end_time().minutes() == 23 * 60 + 59);
        ends.map(|(at, _)| format!("{path}[{at}].end_time")).collect::<Vec<_>>()
    };
    let in_times = |path: String, times: &[Window]| in_list(&format!("{path}times"), times);
    let in_week = |path: &str, week: &WeeklyWindows| {
        let days = week.days().iter().enumerate();
        days.flat_map(|(at, day)| in_times(format!("{path}content[{at}]."), &day.times)).collect::<Vec<_>>()
    };
    let mut found = in_week("", &draft.content);
    found.extend(in_list("holiday_windows", draft.holiday_windows.windows()));
    for (at, season) in draft.seasons.iter().enumerate() {
        found.extend(in_week(&format!("seasons[{at}]."), season.content()));
    }
    for (at, exception) in draft.exceptions.iter().enumerate() {
        found.extend(in_times(format!("exceptions[{at}]."), exception.times()));
    }
    found
}

/// How a replacement went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplacedView {
    /// How many tasks use the other group now.
    pub(super) tasks: u64,
}

/// The refusal to delete a group that tasks use, for the annotation of an operation.
pub(crate) enum GroupInUse {}

impl IntoResponses for GroupInUse {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let reference = Ref::new("#/components/responses/GroupInUse");
        [(Problem::GroupInUse.status().as_str().to_owned(), RefOr::Ref(reference))].into()
    }
}
