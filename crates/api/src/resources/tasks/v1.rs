//! Tasks 1.0: `/agent-api/user/{user_id}/task...`.

use calendar::WeeklyWindows;
use domain::{DialTimeGroup, Generation, TaskId, TaskState};
use serde::Serialize;
use store::{Page, groups, tasks::TaskScope};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shown, StatusNumbers,
    body::{Asked, FirstTaskSchema, TaskBody},
    view::{FirstDetailView, SwitchedView, TaskStatusSchema, TaskView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Json},
        parameters::{IdempotencyHeader, TaskPath, UserPath},
        problem::Problem,
    },
    messages::Message,
    resources::groups::{Day, PageQuery, SubUserQuery},
};

/// The documented bound of recycling; nothing recycles yet.
const MAX_RECYCLE_LIMIT: i64 = 50;

/// How many groups the forms for a new task offer at most; the group list has them all.
pub(super) const OFFERED_GROUPS: Page = Page { number: 1, size: 1_000 };

/// The routes of tasks 1.0, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_all))
        .routes(routes!(list_subset))
        .routes(routes!(init))
        .routes(routes!(modify, delete))
        .routes(routes!(edit))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(statistics))
}

/// Filters of a list of tasks, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct TaskQuery {
    /// The name contains this.
    #[param(max_length = 254, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    name: Option<String>,
    /// One or several (`status[]=1&status[]=2`) of 1 paused, 2 running, 3 waiting. An array with any other number
    /// does not narrow the list.
    #[param(value_type = Vec<TaskStatusSchema>, required = false)]
    status: Option<Vec<u8>>,
}

/// Tasks of which interface, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct GenerationQuery {
    /// `all` also lists the tasks made through the 2.0 interface. Left out or empty: 1.0 tasks only.
    #[param(pattern = "^(all)?$")]
    generation: Option<String>,
}

const STATUS: StatusNumbers = StatusNumbers { known: &["1", "2", "3"], states: one_state };

fn one_state(number: i64) -> Option<&'static [TaskState]> {
    match TaskState::from_number(number)? {
        TaskState::Paused => Some(&[TaskState::Paused]),
        TaskState::Running => Some(&[TaskState::Running]),
        TaskState::Waiting => Some(&[TaskState::Waiting]),
    }
}

/// List tasks 1.0 (任务列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task", tag = "task 1.0", operation_id = "list_tasks",
    params(UserPath, PageQuery, TaskQuery, GenerationQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    let scope = TaskScope::Account(request.account);
    let view = TaskView::with_number_extension;
    super::list(&request, scope, Shown::FirstOrAll, &STATUS, Message::FirstTasks, view).await
}

/// List tasks 1.0 of all sub-users (任务列表, 所有子账号)
///
/// Newest first; the user's own are not among them.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/all_task", tag = "task 1.0", operation_id = "list_all_tasks",
    params(UserPath, PageQuery, TaskQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>)))]
pub(crate) async fn list_all(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    let scope = TaskScope::SubUsers(request.user);
    let view = TaskView::with_text_extension;
    super::list(&request, scope, Shown::First, &STATUS, Message::SubUserTasks, view).await
}

/// List tasks 1.0 of all sub-users (任务列表, 所有子账号)
///
/// The same as `all_task`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/subset_task", tag = "task 1.0",
    operation_id = "list_subset_tasks", params(UserPath, PageQuery, TaskQuery),
    responses((status = 200, body = PagedEnvelope<TaskView>)))]
pub(crate) async fn list_subset(request: AccountRequest) -> Result<Answer<Vec<TaskView>>, Problem> {
    list_all(request).await
}

/// What a new 1.0 task can be made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirstInitView {
    /// The account's groups, newest first, at most 1,000.
    enum_dial_time_group: Vec<OfferedGroupView>,
    max_recycle_limit: i64,
    #[schema(value_type = Vec<serde_json::Value>, max_items = 0)]
    caller_line_list: [(); 0],
}

/// A group to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedGroupView {
    id: i64,
    name: String,
    #[schema(value_type = Vec<Day>)]
    content: WeeklyWindows,
    skip_holiday: bool,
    is_default: bool,
}

impl From<DialTimeGroup> for OfferedGroupView {
    fn from(group: DialTimeGroup) -> Self {
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            content: group.draft.content,
            skip_holiday: group.draft.skip_holiday,
            is_default: group.draft.is_default,
        }
    }
}

/// What a new task can be made of (任务初始化)
///
/// The groups to choose from. There are no lines in this version.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/create", tag = "task 1.0", operation_id = "task_init",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<FirstInitView>)))]
pub(crate) async fn init(request: AccountRequest) -> Result<Answer<FirstInitView>, Problem> {
    let groups = groups::list(&mut request.read().await?, request.account, OFFERED_GROUPS).await?;
    let view = FirstInitView {
        enum_dial_time_group: groups.items.into_iter().map(OfferedGroupView::from).collect(),
        max_recycle_limit: MAX_RECYCLE_LIMIT,
        caller_line_list: [],
    };
    Ok(Answer::new(Message::TaskInit, view))
}

/// Create a task 1.0 (任务创建)
///
/// It is made switched off.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task", tag = "task 1.0", operation_id = "create_task",
    params(UserPath, SubUserQuery, IdempotencyHeader),
    request_body = FirstTaskSchema,
    responses((status = 200, body = Envelope<TaskView>)))]
pub(crate) async fn create(request: AccountRequest<(), Json<TaskBody>>) -> Result<Answer<TaskView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let brought = body.chosen_id(&mut faults);
    let windows = super::windows_of_body(&request, &body).await?;
    let draft = body.draft(request.api.settings.zone, Asked::Line, (None, windows.as_ref()), faults)?;
    let view = TaskView::with_number_extension;
    super::create(&request, Generation::V1, (brought, draft), Message::Created, view).await
}

/// Task 1.0 detail (任务编辑)
///
/// With its group as it is now.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/edit", tag = "task 1.0",
    operation_id = "task_detail", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<FirstDetailView>)))]
pub(crate) async fn edit(request: AccountRequest<TaskId>) -> Result<Answer<FirstDetailView>, Problem> {
    let task = super::get(&request).await?;
    // Documented with the message of the initialisation.
    Ok(Answer::new(Message::TaskInit, FirstDetailView::new(&request.api, &request.caller, task)))
}

/// Modify a task 1.0 (任务修改)
///
/// An optional field left out keeps its value, but for `bridge_group_id`, which is taken away as documented.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/task/{task_id}", tag = "task 1.0",
    operation_id = "modify_task", params(TaskPath, SubUserQuery),
    request_body = FirstTaskSchema,
    responses((status = 200, body = Envelope<FirstDetailView>)))]
pub(crate) async fn modify(
    request: AccountRequest<TaskId, Json<TaskBody>>,
) -> Result<Answer<FirstDetailView>, Problem> {
    let (body, faults, request) = request.take_body();
    let task = super::modify(&request, (body, faults), Asked::Line).await?;
    Ok(Answer::new(Message::Updated, FirstDetailView::new(&request.api, &request.caller, task)))
}

/// Delete a task 1.0 (任务删除)
///
/// From now on it does not count as a task of its group.
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

/// A task's statistics. All counts are zero: this version places no calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    answer_rate: AnswerRateView,
    intention: Vec<IntentionView>,
    number_status: Vec<NumberStatusView>,
    /// Calls by how many rounds they had.
    #[schema(value_type = Object)]
    rounds: serde_json::Map<String, serde_json::Value>,
}

/// How many numbers answered.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswerRateView {
    answered: i64,
    no_answer: i64,
    /// Percent; spelled so in the documents.
    call_completet_rate: f64,
    /// Percent of the numbers that are done.
    task_progress: i64,
}

/// How many calls ended with an intention.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntentionView {
    intention_results: u8,
    name: &'static str,
    total: i64,
    percent: f64,
}

/// How many numbers have a status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberStatusView {
    status: u8,
    status_str: &'static str,
    count: i64,
}

/// In Chinese, as documented, and in English.
const INTENTIONS: [(&str, &str); 5] = [
    ("A级(有明确意向)", "A (clear interest)"),
    ("B级(可能有意向)", "B (possible interest)"),
    ("C级(明确拒绝)", "C (clear refusal)"),
    ("D级(用户在忙)", "D (busy)"),
    ("E级(其他)", "E (other)"),
];
const NUMBER_STATUS: [(&str, &str); 13] = [
    ("等待呼叫", "waiting to be called"),
    ("呼叫成功", "answered"),
    ("运营商拦截", "blocked by the carrier"),
    ("拒接", "declined"),
    ("无应答、无人接听", "no answer"),
    ("空号", "number does not exist"),
    ("关机", "switched off"),
    ("停机", "out of service"),
    ("占线、用户正忙", "busy"),
    ("呼入限制", "incoming calls barred"),
    ("欠费", "in arrears"),
    ("黑名单", "on the blocklist"),
    ("用户屏蔽", "blocked by the callee"),
];
const ROUNDS: [&str; 5] = ["1", "2~5", "6~10", "11~20", ">20"];

/// Task statistics (任务统计, both generations)
///
/// All counts are zero: this version places no calls.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/stat", tag = "task 1.0",
    operation_id = "task_statistics", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<StatisticsView>)))]
pub(crate) async fn statistics(request: AccountRequest<TaskId>) -> Result<Answer<StatisticsView>, Problem> {
    super::get(&request).await?;
    let language = request.caller.language;
    let text = |(chinese, english)| language.choose(chinese, english);
    let intention = |(number, name)| IntentionView {
        intention_results: number,
        name: text(name),
        total: 0,
        percent: 0.0,
    };
    let status = |(number, word)| NumberStatusView { status: number, status_str: text(word), count: 0 };
    let view = StatisticsView {
        answer_rate: AnswerRateView::default(),
        intention: (1..).zip(INTENTIONS).map(intention).collect(),
        number_status: (0..).zip(NUMBER_STATUS).map(status).collect(),
        rounds: ROUNDS.iter().map(|rounds| ((*rounds).to_owned(), 0.into())).collect(),
    };
    Ok(Answer::new(Message::TaskStatistics, view))
}
