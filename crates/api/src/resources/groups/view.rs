//! A group as it is returned.

use calendar::{BeyondHorizon, Exceptions, MakeupPolicy, WeeklyWindows};
use domain::{DialTimeGroup, HolidayCalendarId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        formats::{BeginTimeSchema, EndTimeSchema, ExceptionDateSchema, LocalTimeSchema},
        time::stamp,
    },
};

/// The windows of a weekday.
#[derive(ToSchema)]
#[schema(as = WeekdayWindows)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Day {
    /// **0 = Sunday, 1 = Monday, ... 6 = Saturday** (0 为周日, 1 为周一, ... 6 为周六).
    #[schema(minimum = 0, maximum = 6, example = 1)]
    week: i64,
    /// The windows that start on this weekday.
    #[schema(max_items = 1_000)]
    times: Vec<Window>,
}

/// A span in which calling is allowed: begin included, end not.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Window {
    #[schema(value_type = BeginTimeSchema)]
    begin_time: String,
    #[schema(value_type = EndTimeSchema)]
    end_time: String,
}

/// A dated exception: days that follow windows of their own, or none. The first in the list that speaks of a day
/// holds; one with a year beats a yearly one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct DatedException {
    /// What people call it.
    #[schema(max_length = 100, example = "年会")]
    name: String,
    /// The first day.
    #[schema(value_type = ExceptionDateSchema)]
    begin_date: String,
    /// The last day, included.
    #[schema(value_type = ExceptionDateSchema)]
    end_date: String,
    /// The windows that begin on each of these days; empty: closed.
    times: Vec<Window>,
}

/// A dated exception as it is sent.
#[derive(ToSchema)]
#[schema(as = DatedExceptionBody)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ExceptionSchema {
    /// What people call it.
    #[schema(required = false, max_length = 100, example = "年会")]
    name: String,
    /// The first day.
    #[schema(value_type = ExceptionDateSchema)]
    begin_date: String,
    /// The last day, included, in the same form; the first day if left out.
    #[schema(value_type = Option<ExceptionDateSchema>)]
    end_date: Option<String>,
    /// The windows that begin on each of these days; empty or left out: closed.
    #[schema(required = false, max_items = 1_000)]
    times: Vec<Window>,
}

/// What a make-up workday (调休上班) does.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum MakeupPolicySchema {
    /// Its own weekday's windows.
    AsIs,
    /// The windows of the weekday it stands for by the notice, else Monday's.
    AsWorkday,
}

/// What a group that skips holidays does after the last day its calendar knows.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum BeyondHorizonSchema {
    /// No day is open.
    Closed,
    /// Monday to Friday follow the weekly windows.
    WeekdaysOnly,
    /// The weekly windows, with a warning in every answer.
    Weekly,
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
    #[schema(value_type = Vec<Day>)]
    content: WeeklyWindows,
    /// At most one group of an account is its default.
    is_default: bool,
    /// Whether statutory days off are closed.
    skip_holiday: bool,
    remark: Option<String>,
    /// The IANA zone whose wall clock the windows are read on.
    #[schema(example = "Asia/Shanghai")]
    timezone: &'static str,
    /// The holiday calendar whose days off are closed with `skip_holiday`.
    #[schema(value_type = String, example = "CN")]
    holiday_calendar: HolidayCalendarId,
    /// What a make-up workday does: `as_is` (its own weekday's windows) or `as_workday` (those of the weekday it stands
    /// for).
    #[schema(value_type = MakeupPolicySchema)]
    makeup_policy: MakeupPolicy,
    /// What holds after the last day the holiday calendar knows.
    #[schema(value_type = BeyondHorizonSchema)]
    beyond_horizon: BeyondHorizon,
    /// Days that follow windows of their own, or none.
    #[schema(value_type = Vec<DatedException>)]
    exceptions: Exceptions,
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
}

impl GroupView {
    pub(crate) fn new(api: &Api, group: DialTimeGroup) -> Self {
        let zone = api.settings.zone;
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            user_id: group.account_id.uuid(),
            content: group.draft.content,
            is_default: group.draft.is_default,
            skip_holiday: group.draft.skip_holiday,
            remark: group.remark,
            timezone: group.draft.timezone.name(),
            holiday_calendar: group.draft.holiday_calendar,
            makeup_policy: group.draft.makeup_policy,
            beyond_horizon: group.draft.beyond_horizon,
            exceptions: group.draft.exceptions,
            version: group.version,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
            task_count: None,
        }
    }

    /// The same with how many tasks use it, if that was asked for.
    pub(super) fn with_task_count(self, task_count: Option<i64>) -> Self {
        Self { task_count, ..self }
    }
}

/// How a replacement went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplacedView {
    /// How many tasks use the other group now.
    pub(super) tasks: u64,
}
