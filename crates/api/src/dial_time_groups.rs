//! Dial time groups (呼叫时间组).

use calendar::{DayWindowsInput, WeeklyWindows, Zone};
use domain::{DialTimeGroup, DialTimeGroupId, Fault, FaultRule, Faults, GroupChange, GroupDraft, Name};
use serde::{Deserialize, Serialize};
use store::{Read, dial_time_groups, tasks};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    envelope::{Answer, EmptyEnvelope, Envelope, Outcome, PagedEnvelope, ProblemEnvelope},
    extract::{AccountRequest, Json},
    kept::Subject,
    message::Message,
    once::{self, Begun},
    problem::Problem,
    tasks::TaskView,
    time::stamp,
};

/// `Vec` of a group's windows as the OpenAPI document tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Day {
    /// **0 = Sunday, 1 = Monday, ... 6 = Saturday** (0 为周日, 1 为周一, ... 6 为周六).
    #[schema(minimum = 0, maximum = 6, example = 1)]
    week: i64,
    /// The windows that start on this weekday.
    times: Vec<Window>,
}

/// A span in which calling is allowed: begin included, end not.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Window {
    /// `HH:MM`, 00:00 to 23:59.
    #[schema(example = "08:00")]
    begin_time: String,
    /// `HH:MM`, 00:00 to 24:00. At or before the begin it runs over midnight into the next day.
    #[schema(example = "20:00")]
    end_time: String,
}

/// A group as it is returned everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    #[schema(example = 427)]
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
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    version: i64,
    #[schema(example = "2022-01-14 15:22:22")]
    created_at: String,
    #[schema(example = "2022-01-18 16:27:26")]
    updated_at: String,
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
            version: group.version,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
        }
    }
}

/// What a group is saved from.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SaveGroup {
    /// 1 to 64 characters.
    #[schema(required = true, example = "周一周三拨打")]
    name: Option<String>,
    /// The weekly windows: at most 64 entries and 1,000 windows in all. Empty: never open.
    #[schema(required = true, value_type = Vec<Day>)]
    content: Option<Vec<DayWindowsInput>>,
    /// Whether it is the account's default; it takes the flag off the present one.
    #[schema(required = true)]
    is_default: Option<bool>,
    /// Whether statutory days off are closed.
    #[schema(required = true)]
    skip_holiday: Option<bool>,
    /// An IANA zone; left out, the server's.
    #[schema(example = "Asia/Shanghai")]
    timezone: Option<String>,
    /// The sub-user (子账户) to act for.
    #[schema(value_type = Option<Uuid>)]
    #[expect(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    sub_user_id: Option<serde::de::IgnoredAny>,
}

impl SaveGroup {
    fn draft(self, server_zone: Zone) -> Result<GroupDraft, Vec<Fault>> {
        let mut faults = Faults::default();
        let name = name(self.name, &mut faults);
        let content = faults.require("content", self.content).and_then(|days| content(days, &mut faults));
        let is_default = faults.require("is_default", self.is_default);
        let skip_holiday = faults.require("skip_holiday", self.skip_holiday);
        let timezone = timezone(self.timezone, &mut faults).unwrap_or(server_zone);
        let draft = name.zip(content).zip(is_default.zip(skip_holiday)).map(
            |((name, content), (is_default, skip_holiday))| GroupDraft {
                name,
                content,
                is_default,
                skip_holiday,
                timezone,
            },
        );
        faults.finish(draft)
    }
}

/// What a group is updated with; a field left out keeps its value.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UpdateGroup {
    /// 1 to 64 characters.
    #[schema(required = true, example = "代理测试1")]
    name: Option<String>,
    /// The weekly windows, which replace the old ones as a whole: at most 64 entries and 1,000 windows in all.
    #[schema(value_type = Option<Vec<Day>>)]
    content: Option<Vec<DayWindowsInput>>,
    /// Whether it is the account's default; it takes the flag off the present one.
    is_default: Option<bool>,
    /// Whether statutory days off are closed.
    skip_holiday: Option<bool>,
    /// An IANA zone.
    timezone: Option<String>,
    /// The sub-user (子账户) to act for.
    #[schema(value_type = Option<Uuid>)]
    #[expect(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    sub_user_id: Option<serde::de::IgnoredAny>,
}

impl UpdateGroup {
    fn change(self) -> Result<GroupChange, Vec<Fault>> {
        let mut faults = Faults::default();
        let name = name(self.name, &mut faults);
        let content = self.content.and_then(|days| content(days, &mut faults));
        let timezone = timezone(self.timezone, &mut faults);
        let (is_default, skip_holiday) = (self.is_default, self.skip_holiday);
        faults.finish(name.map(|name| GroupChange { name, content, is_default, skip_holiday, timezone }))
    }
}

/// The group to use instead.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReplaceGroup {
    /// The id of another group of the same account.
    #[schema(required = true, example = 428)]
    with: Option<i64>,
    /// The sub-user (子账户) to act for.
    #[schema(value_type = Option<Uuid>)]
    #[expect(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    sub_user_id: Option<serde::de::IgnoredAny>,
}

/// How a replacement went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplacedView {
    /// How many tasks use the other group now.
    tasks: u64,
}

pub(crate) fn name(name: Option<String>, faults: &mut Faults) -> Option<Name> {
    let name = faults.require("name", name)?;
    faults.check("name", Name::parse(&name))
}

fn content(days: Vec<DayWindowsInput>, faults: &mut Faults) -> Option<WeeklyWindows> {
    WeeklyWindows::parse(days).map_err(|found| faults.calendar("content", found)).ok()
}

fn timezone(name: Option<String>, faults: &mut Faults) -> Option<Zone> {
    faults.check("timezone", Zone::parse(&name?).map_err(FaultRule::Calendar))
}

/// The sub-user of a request, for the OpenAPI document; the extractor reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct SubUserQuery {
    /// The sub-user (子账户) to act for; may stand in the body instead.
    sub_user_id: Option<Uuid>,
}

/// Page and sub-user of a request, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct PageQuery {
    /// The page, counted from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// How many items a page holds, at most 100.
    #[param(minimum = 1, maximum = 100, default = 15)]
    per_page: Option<u32>,
}

/// List groups (呼叫时间组-列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group", tag = "dial-time-group",
    operation_id = "list_groups", params(("user_id" = Uuid, Path), PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<GroupView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Outcome, Problem> {
    let page = request.query.only_page()?;
    let read = async |read: &mut Read| {
        let groups = dial_time_groups::list(read, request.account, page).await?;
        Ok(Answer::page(Message::Groups, page, groups, |group| GroupView::new(&request.api, group)))
    };
    request.kept(Subject::Groups(request.account, page), read).await
}

/// Save a group (呼叫时间组-保存)
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group", tag = "dial-time-group",
    operation_id = "save_group", params(("user_id" = Uuid, Path), SubUserQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same key, the create happens once")),
    request_body = SaveGroup,
    responses((status = 200, body = Envelope<GroupView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn save(request: AccountRequest<(), Json<SaveGroup>>) -> Result<Answer<GroupView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let draft = body.0.draft(api.settings.zone)?;
    let mut tx = match once::begin(&api, &caller, Message::Saved).await? {
        Begun::Now(tx) => tx,
        Begun::Before(answer) => return Ok(answer),
    };
    let group = dial_time_groups::create(&mut tx, account, &draft, &caller.change()).await?;
    once::finish(tx, &caller, Message::Saved, &GroupView::new(&api, group)).await
}

/// Group detail (呼叫时间组-详情)
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "group_detail", params(("user_id" = Uuid, Path), ("group_id" = i64, Path), SubUserQuery),
    responses((status = 200, body = Envelope<GroupView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn detail(request: AccountRequest<DialTimeGroupId>) -> Result<Outcome, Problem> {
    let read = async |read: &mut Read| {
        let group = dial_time_groups::get(read, request.account, request.id).await?;
        Ok(group_answer(&request.api, Message::GroupDetail, group))
    };
    request.kept(Subject::Group(request.account, request.id), read).await
}

/// Update a group (呼叫时间组-更新)
///
/// Takes effect at once for every task that uses the group.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "update_group", params(("user_id" = Uuid, Path), ("group_id" = i64, Path), SubUserQuery,
        ("If-Match" = Option<String>, Header, description = "The version it is meant for, such as \"3\"; 412 if it has another")),
    request_body = UpdateGroup,
    responses((status = 200, body = Envelope<GroupView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn update(
    request: AccountRequest<DialTimeGroupId, Json<UpdateGroup>>,
) -> Result<Answer<GroupView>, Problem> {
    let AccountRequest { api, caller, account, id, body, .. } = request;
    let group_change = body.0.change()?;
    let mut tx = api.store.begin().await?;
    let group =
        dial_time_groups::update(&mut tx, account, id, group_change, caller.if_match, &caller.change())
            .await?;
    tx.commit().await?;
    Ok(group_answer(&api, Message::Updated, group))
}

/// Delete a group (呼叫时间组-删除)
///
/// Refused with code 8101 while any task, paused and finished ones too, uses it.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "delete_group", params(("user_id" = Uuid, Path), ("group_id" = i64, Path), SubUserQuery,
        ("If-Match" = Option<String>, Header, description = "The version it is meant for, such as \"3\"; 412 if it has another")),
    responses((status = 200, body = EmptyEnvelope),
        (status = 409, description = "8101: tasks use the group", body = ProblemEnvelope),
        (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<DialTimeGroupId>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    let (caller, account) = (&request.caller, request.account);
    dial_time_groups::delete(&mut tx, account, request.id, caller.if_match, &caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

/// Replace a group
///
/// Points every task that uses it to another group of the account and deletes it, in one transaction.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/replace", tag = "dial-time-group",
    operation_id = "replace_group", params(("user_id" = Uuid, Path), ("group_id" = i64, Path), SubUserQuery,
        ("If-Match" = Option<String>, Header, description = "The version it is meant for, such as \"3\"; 412 if it has another")),
    request_body = ReplaceGroup,
    responses((status = 200, body = Envelope<ReplacedView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn replace(
    request: AccountRequest<DialTimeGroupId, Json<ReplaceGroup>>,
) -> Result<Answer<ReplacedView>, Problem> {
    let with = request.body.0.with.ok_or_else(|| Problem::fault("with", FaultRule::Required))?;
    if with == request.id.get() {
        return Err(Problem::fault("with", FaultRule::Itself));
    }
    let mut tx = request.begin().await?;
    let (caller, account, with) = (&request.caller, request.account, DialTimeGroupId::new(with));
    let tasks =
        dial_time_groups::replace(&mut tx, account, request.id, with, caller.if_match, &caller.change())
            .await
            .map_err(|error| match error {
                store::Error::UnknownGroup => Problem::fault("with", FaultRule::Unknown),
                other => other.into(),
            })?;
    tx.commit().await?;
    Ok(Answer::new(Message::Replaced, ReplacedView { tasks }))
}

/// Tasks of a group
///
/// Every task that uses the group, newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/task", tag = "dial-time-group",
    operation_id = "group_tasks",
    params(("user_id" = Uuid, Path), ("group_id" = i64, Path), PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>), (status = "default", body = ProblemEnvelope)))]
pub(crate) async fn tasks(
    request: AccountRequest<DialTimeGroupId>,
) -> Result<Answer<Vec<TaskView>>, Problem> {
    let page = request.query.only_page()?;
    let mut read = request.read().await?;
    dial_time_groups::get(&mut read, request.account, request.id).await?;
    let scope = tasks::TaskScope::Group(request.account, request.id);
    let found =
        tasks::list(&mut read, scope, &tasks::TaskFilter::default(), request.caller.now, page).await?;
    Ok(Answer::page(Message::GroupTasks, page, found, |task| {
        TaskView::with_text_extension(&request.api, &request.caller, task)
    }))
}

fn group_answer(api: &Api, message: Message, group: DialTimeGroup) -> Answer<GroupView> {
    let version = group.version;
    Answer::new(message, GroupView::new(api, group)).with_version(version)
}
