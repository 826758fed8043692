//! Tasks 1.0: `/agent-api/user/{user_id}/task...`.

use domain::{DialTimeGroup, Faults, Generation, TaskId};
use serde::Serialize;
use store::{groups, redial_rules, scripts, tasks::TaskFilter};
use utoipa::ToSchema;

use super::{
    OFFERED_GROUPS,
    body::{TaskBody, V1TaskSchema},
    filter::{GenerationQuery, V1Status},
    interface::{Interface, Needed},
    statistics,
    view::{SwitchedView, TaskView, V1DetailView},
};
use crate::{
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Json},
        idempotency_key::IdempotencyKey,
        messages::Message,
        path::{TaskPath, UserPath},
        problem::Problem,
        query::{PageQuery, Query, QueryParameters, Search, SubUserQuery, query_parameters},
        routes::{Routes, routes},
    },
    resources::{
        groups::WeekdayWindows,
        lines::{OfferedLineView, offered},
        redial_rules::OfferedRedialRuleView,
        scripts::{ScriptGroupView, offered_scripts},
    },
};

/// The documented bound of recycling; nothing recycles yet.
const MAX_RECYCLE_LIMIT: i64 = 50;

const V1: Interface = Interface {
    generation: Generation::V1,
    lists_both: true,
    filter,
    to_create: Needed::Line,
    to_change: Needed::Line,
    list_message: Message::V1Tasks,
    view: TaskView::with_number_extension,
    sub_user_view: TaskView::with_text_extension,
};

/// The routes of tasks 1.0, with their part of the OpenAPI document.
pub(super) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(list_all))
        .routes(routes!(list_subset))
        .routes(routes!(init))
        .routes(routes!(modify, delete))
        .routes(routes!(edit))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(statistics::of_task))
}

query_parameters! {
    /// Filters of a list of 1.0 tasks.
    pub(crate) struct TaskQuery {
        /// The name contains this.
        name: Search,
        /// One or several (`status[]=1&status[]=2`) of 1 paused, 2 running, 3 waiting. An array with any other number
        /// does not narrow the list.
        status: V1Status,
    }
}

fn filter(query: &Query, faults: &mut Faults) -> TaskFilter {
    let TaskQuery { name, status } = TaskQuery::read(query, faults);
    TaskFilter { generation: Some(Generation::V1), name, states: status, task_type: None }
}

/// List tasks 1.0 (任务列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task", tag = "task 1.0", operation_id = "list_tasks",
    params(UserPath, PageQuery, TaskQuery, GenerationQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    super::list(&request, &V1).await
}

/// List tasks 1.0 of all sub-users (任务列表, 所有子账号)
///
/// Newest first; the user's own are not among them.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/all_task", tag = "task 1.0", operation_id = "list_all_tasks",
    params(UserPath, PageQuery, TaskQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list_all(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    super::list_of_sub_users(&request, &V1).await
}

/// List tasks 1.0 of all sub-users (任务列表, 所有子账号)
///
/// The same as `all_task`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/subset_task", tag = "task 1.0",
    operation_id = "list_subset_tasks", params(UserPath, PageQuery, TaskQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list_subset(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    list_all(request).await
}

/// What a new 1.0 task can be made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FirstInit)]
pub(crate) struct V1InitView {
    /// The account's groups, newest first, at most 1,000.
    enum_dial_time_group: Vec<OfferedGroupView>,
    max_recycle_limit: i64,
    /// The scripts that a task may name (话术分组), its user's too.
    outbound_group: Vec<ScriptGroupView>,
    /// The redial rules that a task may name, its user's too.
    auto_recycle_rules: Vec<OfferedRedialRuleView>,
    /// The lines that the account has a share of, itself or through its user, until their deadline; at most 1,000.
    caller_line_list: Vec<OfferedLineView>,
}

/// A group to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedGroupView {
    id: i64,
    name: String,
    content: Vec<WeekdayWindows>,
    skip_holiday: bool,
    is_default: bool,
}

impl From<DialTimeGroup> for OfferedGroupView {
    fn from(group: DialTimeGroup) -> Self {
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            content: WeekdayWindows::of(&group.draft.content),
            skip_holiday: group.draft.skip_holiday,
            is_default: group.draft.is_default,
        }
    }
}

/// What a new task can be made of (任务初始化)
///
/// The groups, lines, scripts and redial rules to choose from.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/create", tag = "task 1.0", operation_id = "task_init",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<V1InitView>)))]
pub(crate) async fn init(request: AccountRequest) -> Result<Answer<V1InitView>, Problem> {
    let mut read = request.read().await?;
    let groups = groups::list(&mut read, request.account, OFFERED_GROUPS).await?;
    let scripts = scripts::offered(&mut read, request.account).await?;
    let rules = redial_rules::offered(&mut read, request.account).await?;
    let view = V1InitView {
        enum_dial_time_group: groups.items.into_iter().map(OfferedGroupView::from).collect(),
        max_recycle_limit: MAX_RECYCLE_LIMIT,
        outbound_group: offered_scripts(&request.api, scripts),
        auto_recycle_rules: rules.into_iter().map(OfferedRedialRuleView::from).collect(),
        caller_line_list: offered(&mut read, &request.api, &request.caller, (request.account, request.user))
            .await?,
    };
    Ok(Answer::new(Message::TaskInit, view))
}

/// Create a task 1.0 (任务创建)
///
/// It is made switched off.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task", tag = "task 1.0", operation_id = "create_task",
    params(UserPath, SubUserQuery, IdempotencyKey),
    request_body = V1TaskSchema,
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn create(request: AccountRequest<(), Json<TaskBody>>) -> Result<Answer<TaskView>, Problem> {
    Box::pin(super::create(request, &V1)).await
}

/// Task 1.0 detail (任务编辑)
///
/// With its group as it is now.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/edit", tag = "task 1.0",
    operation_id = "task_detail", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<V1DetailView>)))]
pub(crate) async fn edit(request: AccountRequest<TaskId>) -> Result<Answer<V1DetailView>, Problem> {
    let task = super::get(&request).await?;
    // Documented with the message of the initialisation.
    Ok(Answer::new(Message::TaskInit, V1DetailView::new(&request.api, &request.caller, task)))
}

/// Modify a task 1.0 (任务修改)
///
/// An optional field left out keeps its value, but for `bridge_group_id`, which is taken away as documented.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/task/{task_id}", tag = "task 1.0",
    operation_id = "modify_task", params(TaskPath, SubUserQuery),
    request_body = V1TaskSchema,
    responses((status = 200, body = Envelope<V1DetailView>)))]
pub(crate) async fn modify(
    request: AccountRequest<TaskId, Json<TaskBody>>,
) -> Result<Answer<V1DetailView>, Problem> {
    let (request, task) = super::modify(request, &V1).await?;
    Ok(Answer::new(Message::Updated, V1DetailView::new(&request.api, &request.caller, task)))
}

/// Delete a task 1.0 (任务删除)
///
/// From now on it does not count as a task of its group. Its numbers go with it; of these, webhooks of the `platform` format are called back
/// (`del_number`) before they are of the task.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/task/{task_id}", tag = "task 1.0",
    operation_id = "delete_task", params(TaskPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<TaskId>) -> Result<Answer<()>, Problem> {
    super::delete(&request).await
}

/// Start a task 1.0 (任务启动)
///
/// Outside its windows it waits (等待执行).
#[utoipa::path(method(get, post, put), path = "/agent-api/user/{user_id}/task_start/{task_id}", tag = "task 1.0",
    operation_id = "start_task", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<SwitchedView>)))]
pub(crate) async fn start(request: AccountRequest<TaskId>) -> Result<Answer<SwitchedView>, Problem> {
    let task = super::set_enabled(&request, true).await?;
    Ok(Answer::new(Message::Started, SwitchedView::new(&request.caller, &task)))
}

/// Stop a task 1.0 (任务暂停)
///
/// It stays so until someone starts it.
#[utoipa::path(method(get, post, put), path = "/agent-api/user/{user_id}/task_stop/{task_id}", tag = "task 1.0",
    operation_id = "stop_task", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<SwitchedView>)))]
pub(crate) async fn stop(request: AccountRequest<TaskId>) -> Result<Answer<SwitchedView>, Problem> {
    let task = super::set_enabled(&request, false).await?;
    Ok(Answer::new(Message::Stopped, SwitchedView::new(&request.caller, &task)))
}
