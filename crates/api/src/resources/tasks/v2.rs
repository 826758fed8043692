//! Tasks 2.0: `/agent-api/new/user/{user_id}/task...`.

use domain::{DialTimeGroup, Faults, Generation, NAME_CHARACTERS, Name, TaskId};
use jiff::Timestamp;
use serde::Serialize;
use store::{groups, redial_rules, scripts, tasks::TaskFilter};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    NewTask, OFFERED_GROUPS,
    body::{NewV2TaskSchema, TaskBody, V2TaskSchema},
    filter::{V2Status, V2Type},
    interface::{Interface, Needed},
    view::{SwitchedView, TaskView, V2DetailView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Json},
        formats::LocalTimeSchema,
        idempotency_key::IdempotencyKey,
        messages::Message,
        path::{TaskPath, UserPath},
        problem::Problem,
        query::{PageQuery, Query, QueryParameters, Search, SubUserQuery, query_parameters},
        routes::{Routes, routes},
        time::stamp,
    },
    resources::{
        groups::WeekdayWindows,
        lines::{OfferedLineView, offered},
        redial_rules::OfferedRedialRuleView,
        scripts::{ScriptGroupView, offered_scripts},
    },
};

const V2: Interface = Interface {
    generation: Generation::V2,
    lists_both: false,
    filter,
    to_create: Needed::Extras,
    to_change: Needed::Nothing,
    list_message: Message::V2Tasks,
    view: TaskView::v2,
    sub_user_view: TaskView::v2,
};

/// The routes of tasks 2.0, with their part of the OpenAPI document.
pub(super) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(list_subset))
        .routes(routes!(init))
        .routes(routes!(modify, delete))
        .routes(routes!(edit))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(copy))
}

query_parameters! {
    /// Filters of a list of 2.0 tasks.
    pub(crate) struct V2TaskQuery {
        /// The name contains this.
        name: Search,
        /// One or both (`status[]=1&status[]=3`) of 1 paused, 3 running or waiting. An array with any other number does
        /// not narrow the list.
        status: V2Status,
        /// 6 (2.0任务) or 7 (新2.0任务). A task made without a `task_type` counts as 6.
        task_type: V2Type,
    }
}

fn filter(query: &Query, faults: &mut Faults) -> TaskFilter {
    let V2TaskQuery { name, status, task_type } = V2TaskQuery::read(query, faults);
    TaskFilter { generation: Some(Generation::V2), name, states: status, task_type }
}

/// List tasks 2.0 (任务列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task", tag = "task 2.0", operation_id = "list_new_tasks",
    params(UserPath, PageQuery, V2TaskQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    super::list(&request, &V2).await
}

/// List tasks 2.0 of all sub-users (任务列表, 所有子账号)
///
/// Newest first; the user's own are not among them.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/subset_task", tag = "task 2.0",
    operation_id = "list_new_subset_tasks", params(UserPath, PageQuery, V2TaskQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list_subset(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    super::list_of_sub_users(&request, &V2).await
}

/// What a new 2.0 task can be made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondInit)]
pub(crate) struct V2InitView {
    /// The account's groups, newest first, at most 1,000.
    task_dial_times: Vec<DialTimeView>,
    /// The scripts that a task may name (话术分组), its user's too.
    outbound_group: Vec<ScriptGroupView>,
    /// The redial rules that a task may name, its user's too.
    auto_recycle_rules: Vec<OfferedRedialRuleView>,
    /// The lines that the account has a share of, itself or through its user, until their deadline; at most 1,000.
    caller_line_list: Vec<OfferedLineView>,
}

/// A group to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DialTimeView {
    id: i64,
    name: String,
    user_id: Uuid,
    content: Vec<WeekdayWindows>,
    is_default: bool,
    remark: Option<String>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl DialTimeView {
    fn new(api: &Api, group: DialTimeGroup) -> Self {
        let zone = api.settings.zone;
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            user_id: group.account_id.uuid(),
            content: WeekdayWindows::of(&group.draft.content),
            is_default: group.draft.is_default,
            remark: group.remark,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
        }
    }
}

/// What a new task can be made of (任务初始化)
///
/// The groups, lines, scripts and redial rules to choose from.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task/create", tag = "task 2.0",
    operation_id = "new_task_init", params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<V2InitView>)))]
pub(crate) async fn init(request: AccountRequest) -> Result<Answer<V2InitView>, Problem> {
    let mut read = request.read().await?;
    let groups = groups::list(&mut read, request.account, OFFERED_GROUPS).await?;
    let scripts = scripts::offered(&mut read, request.account).await?;
    let rules = redial_rules::offered(&mut read, request.account).await?;
    let view = V2InitView {
        task_dial_times: groups
            .items
            .into_iter()
            .map(|group| DialTimeView::new(&request.api, group))
            .collect(),
        outbound_group: offered_scripts(&request.api, scripts),
        auto_recycle_rules: rules.into_iter().map(OfferedRedialRuleView::from).collect(),
        caller_line_list: offered(&mut read, &request.api, &request.caller, (request.account, request.user))
            .await?,
    };
    Ok(Answer::new(Message::TaskInit, view))
}

/// Create a task 2.0 (任务创建)
///
/// It is made switched off. `task_extras` with `start_time` and `stop_time` must be given.
#[utoipa::path(post, path = "/agent-api/new/user/{user_id}/task", tag = "task 2.0", operation_id = "create_new_task",
    params(UserPath, SubUserQuery, IdempotencyKey),
    request_body = NewV2TaskSchema,
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn create(request: AccountRequest<(), Json<TaskBody>>) -> Result<Answer<TaskView>, Problem> {
    Box::pin(super::create(request, &V2)).await
}

/// Task 2.0 detail (任务编辑)
///
/// With its windows, which are those of its group as it is now.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task/{task_id}/edit", tag = "task 2.0",
    operation_id = "new_task_detail", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<V2DetailView>)))]
pub(crate) async fn edit(request: AccountRequest<TaskId>) -> Result<Answer<V2DetailView>, Problem> {
    let task = super::get(&request).await?;
    Ok(Answer::new(Message::TaskDetail, V2DetailView::new(&request.api, &request.caller, task)))
}

/// Modify a task 2.0 (任务修改)
///
/// An optional field left out keeps its value, but for `bridge_group_id`, which is taken away as documented.
#[utoipa::path(put, path = "/agent-api/new/user/{user_id}/task/{task_id}", tag = "task 2.0",
    operation_id = "modify_new_task", params(TaskPath, SubUserQuery),
    request_body = V2TaskSchema,
    responses((status = 200, body = Envelope<V2DetailView>)))]
pub(crate) async fn modify(
    request: AccountRequest<TaskId, Json<TaskBody>>,
) -> Result<Answer<V2DetailView>, Problem> {
    let (request, task) = super::modify(request, &V2).await?;
    Ok(Answer::new(Message::Updated, V2DetailView::new(&request.api, &request.caller, task)))
}

/// Delete a task 2.0
///
/// From now on it does not count as a task of its group. Its numbers go with it; of these, webhooks of the `platform` format are called back
/// (`del_number`) before they are of the task.
#[utoipa::path(delete, path = "/agent-api/new/user/{user_id}/task/{task_id}", tag = "task 2.0",
    operation_id = "delete_new_task", params(TaskPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<TaskId>) -> Result<Answer<()>, Problem> {
    super::delete(&request).await
}

/// Start a task 2.0 (任务启动)
///
/// Outside its windows it waits (等待执行).
#[utoipa::path(method(get, post, put), path = "/agent-api/new/user/{user_id}/task_start/{task_id}",
    tag = "task 2.0", operation_id = "start_new_task",
    params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<SwitchedView>)))]
pub(crate) async fn start(request: AccountRequest<TaskId>) -> Result<Answer<SwitchedView>, Problem> {
    let task = super::set_enabled(&request, true).await?;
    Ok(Answer::new(Message::Started, SwitchedView::new(&request.caller, &task)))
}

/// Stop a task 2.0 (任务暂停)
///
/// It stays so until someone starts it.
#[utoipa::path(method(get, post, put), path = "/agent-api/new/user/{user_id}/task_stop/{task_id}",
    tag = "task 2.0", operation_id = "stop_new_task",
    params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<SwitchedView>)))]
pub(crate) async fn stop(request: AccountRequest<TaskId>) -> Result<Answer<SwitchedView>, Problem> {
    let task = super::set_enabled(&request, false).await?;
    Ok(Answer::new(Message::Stopped, SwitchedView::new(&request.caller, &task)))
}

/// Copy a task 2.0 (任务复制)
///
/// The copy is switched off and named after the original and the time of copying.
#[utoipa::path(method(get, post, put), path = "/agent-api/new/user/{user_id}/copy/task/{task_id}",
    tag = "task 2.0", operation_id = "copy_new_task",
    params(TaskPath, SubUserQuery, IdempotencyKey),
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn copy(request: AccountRequest<TaskId>) -> Result<Answer<TaskView>, Problem> {
    let original = super::get(&request).await?.task.task;
    let mut draft = original.draft;
    draft.name = copy_name(&request.api, draft.name, request.caller.now);
    super::insert(&request, &V2, NewTask { id: None, draft, message: Message::Copied, is_copy: true }).await
}

/// `NAME【复制】2024-08-13(12:04)`, the name cut so that the whole stays within the bounds of a name.
fn copy_name(api: &Api, name: Name, now: Timestamp) -> Name {
    let time = api.settings.zone.time_zone().to_datetime(now).strftime("【复制】%Y-%m-%d(%H:%M)").to_string();
    let room = NAME_CHARACTERS.saturating_sub(time.chars().count());
    let kept: String = name.as_str().chars().take(room).collect();
    Name::stored(&format!("{kept}{time}")).unwrap_or(name)
}
