//! Tasks 2.0: `/agent-api/new/user/{user_id}/task...`.

use calendar::WeeklyWindows;
use domain::{DialTimeGroup, Generation, NAME_CHARACTERS, Name, TaskId, TaskState};
use jiff::Timestamp;
use serde::Serialize;
use store::{groups, tasks::TaskScope};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Shown, StatusNumbers,
    body::{Asked, NewSecondTaskSchema, SecondTaskSchema, TaskBody},
    v1::OFFERED_GROUPS,
    view::{SecondDetailView, SwitchedView, TaskView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Json},
        formats::LocalTimeSchema,
        parameters::{IdempotencyHeader, TaskPath, UserPath},
        problem::Problem,
        time::stamp,
    },
    messages::Message,
    openapi::values::{self, schema_of},
    resources::groups::{Day, PageQuery, SubUserQuery},
};

/// The routes of tasks 2.0, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_subset))
        .routes(routes!(init))
        .routes(routes!(modify, delete))
        .routes(routes!(edit))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(copy))
}

/// Filters of a list of 2.0 tasks, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct SecondTaskQuery {
    /// The name contains this.
    #[param(max_length = 254, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    name: Option<String>,
    /// One or both (`status[]=1&status[]=3`) of 1 paused, 3 running or waiting. An array with any other number does
    /// not narrow the list.
    #[param(value_type = Vec<SecondStatusSchema>, required = false)]
    status: Option<Vec<u8>>,
    /// 6 (2.0任务) or 7 (新2.0任务). A task made without a `task_type` counts as 6.
    #[param(value_type = ListedTypeSchema, inline, required = false)]
    task_type: Option<u8>,
}

schema_of!(
    /// What the 2.0 lists are narrowed by.
    SecondStatusSchema,
    "NewTaskStatus",
    values::numbers("1 paused (任务暂停), 3 running or waiting (执行中&等待执行).", [1, 3])
);
schema_of!(
    /// The types that the 2.0 lists are narrowed by.
    ListedTypeSchema,
    "NewTaskType",
    values::numbers("6 (2.0任务) or 7 (新2.0任务).", [6, 7])
);

const STATUS: StatusNumbers = StatusNumbers { known: &["1", "3"], states: two_states };

fn two_states(number: i64) -> Option<&'static [TaskState]> {
    match number {
        1 => Some(&[TaskState::Paused]),
        3 => Some(&[TaskState::Running, TaskState::Waiting]),
        _ => None,
    }
}

/// List tasks 2.0 (任务列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task", tag = "task 2.0", operation_id = "list_new_tasks",
    params(UserPath, PageQuery, SecondTaskQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    let scope = TaskScope::Account(request.account);
    super::list(&request, scope, Shown::Second, &STATUS, Message::SecondTasks, TaskView::second).await
}

/// List tasks 2.0 of all sub-users (任务列表, 所有子账号)
///
/// Newest first; the user's own are not among them.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/subset_task", tag = "task 2.0",
    operation_id = "list_new_subset_tasks", params(UserPath, PageQuery, SecondTaskQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>)))]
pub(crate) async fn list_subset(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    let scope = TaskScope::SubUsers(request.user);
    super::list(&request, scope, Shown::Second, &STATUS, Message::SubUserTasks, TaskView::second).await
}

/// What a new 2.0 task can be made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondInitView {
    /// The account's groups, newest first, at most 1,000.
    task_dial_times: Vec<DialTimeView>,
    #[schema(value_type = Vec<serde_json::Value>, max_items = 0)]
    caller_line_list: [(); 0],
}

/// A group to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DialTimeView {
    id: i64,
    name: String,
    user_id: Uuid,
    #[schema(value_type = Vec<Day>)]
    content: WeeklyWindows,
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
            content: group.draft.content,
            is_default: group.draft.is_default,
            remark: group.remark,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
        }
    }
}

/// What a new task can be made of (任务初始化)
///
/// The groups to choose from. There are no lines in this version.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task/create", tag = "task 2.0",
    operation_id = "new_task_init", params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<SecondInitView>)))]
pub(crate) async fn init(request: AccountRequest) -> Result<Answer<SecondInitView>, Problem> {
    let groups = groups::list(&mut request.read().await?, request.account, OFFERED_GROUPS).await?;
    let view = SecondInitView {
        task_dial_times: groups
            .items
            .into_iter()
            .map(|group| DialTimeView::new(&request.api, group))
            .collect(),
        caller_line_list: [],
    };
    Ok(Answer::new(Message::TaskInit, view))
}

/// Create a task 2.0 (任务创建)
///
/// It is made switched off. `task_extras` with `start_time` and `stop_time` must be given.
#[utoipa::path(post, path = "/agent-api/new/user/{user_id}/task", tag = "task 2.0", operation_id = "create_new_task",
    params(UserPath, SubUserQuery, IdempotencyHeader),
    request_body = NewSecondTaskSchema,
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn create(request: AccountRequest<(), Json<TaskBody>>) -> Result<Answer<TaskView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let brought = body.chosen_id(&mut faults);
    let windows = super::windows_of_body(&request, &body).await?;
    let draft = body.draft(request.api.settings.zone, Asked::Extras, (None, windows.as_ref()), faults)?;
    super::create(&request, Generation::V2, (brought, draft), Message::Created, TaskView::second).await
}

/// Task 2.0 detail (任务编辑)
///
/// With its windows, which are those of its group as it is now.
#[utoipa::path(get, path = "/agent-api/new/user/{user_id}/task/{task_id}/edit", tag = "task 2.0",
    operation_id = "new_task_detail", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<SecondDetailView>)))]
pub(crate) async fn edit(request: AccountRequest<TaskId>) -> Result<Answer<SecondDetailView>, Problem> {
    let task = super::get(&request).await?;
    Ok(Answer::new(Message::TaskDetail, SecondDetailView::new(&request.api, &request.caller, task)))
}

/// Modify a task 2.0 (任务修改)
///
/// An optional field left out keeps its value, but for `bridge_group_id`, which is taken away as documented.
#[utoipa::path(put, path = "/agent-api/new/user/{user_id}/task/{task_id}", tag = "task 2.0",
    operation_id = "modify_new_task", params(TaskPath, SubUserQuery),
    request_body = SecondTaskSchema,
    responses((status = 200, body = Envelope<SecondDetailView>)))]
pub(crate) async fn modify(
    request: AccountRequest<TaskId, Json<TaskBody>>,
) -> Result<Answer<SecondDetailView>, Problem> {
    let (body, faults, request) = request.take_body();
    let task = super::modify(&request, (body, faults), Asked::Nothing).await?;
    Ok(Answer::new(Message::Updated, SecondDetailView::new(&request.api, &request.caller, task)))
}

/// Delete a task 2.0
///
/// From now on it does not count as a task of its group.
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
    params(TaskPath, SubUserQuery, IdempotencyHeader),
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn copy(request: AccountRequest<TaskId>) -> Result<Answer<TaskView>, Problem> {
    let original = super::get(&request).await?.task;
    let mut draft = original.draft;
    draft.name = copy_name(&request.api, draft.name, request.caller.now);
    super::create(&request, Generation::V2, (None, draft), Message::Copied, TaskView::second).await
}

/// `NAME【复制】2024-08-13(12:04)`, the name cut so that the whole stays within the bounds of a name.
fn copy_name(api: &Api, name: Name, now: Timestamp) -> Name {
    let time = api.settings.zone.time_zone().to_datetime(now).strftime("【复制】%Y-%m-%d(%H:%M)").to_string();
    let room = NAME_CHARACTERS.saturating_sub(time.chars().count());
    let kept: String = name.as_str().chars().take(room).collect();
    Name::stored(&format!("{kept}{time}")).unwrap_or(name)
}
