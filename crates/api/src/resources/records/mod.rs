//! Records (通话记录): what came of each attempt to reach a number. Those of a task that is gone stay.

mod end_reason_view;
mod evidence;
mod export;
mod filter;
mod playing;
mod recording_view;
mod recordings;
mod result;
mod step_view;
mod trace;
mod turns;
mod view;
mod without_user;
mod words;

use domain::{AccountId, Attempt, AttemptId, TaskId};
use store::{
    Read, Session,
    attempts::{self, AttemptScope},
    tasks,
};

pub(crate) use self::{
    filter::{NumberStatusSchema, Statuses},
    step_view::ReachedStepView,
};
use self::{
    filter::{RecordFilter, RecordQuery, RecordTaskQuery},
    view::{RecordDetailView, RecordView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller},
        messages::Message,
        path::{RecordOfTask, RecordPath, TaskPath, UserPath},
        problem::Problem,
        query::{PageQuery, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_of_account))
        .routes(routes!(list))
        .routes(routes!(detail))
        .merge(evidence::routes())
        .merge(export::routes())
        .merge(playing::routes())
        .merge(recordings::routes())
        .merge(result::routes())
        .merge(trace::routes())
        .merge(without_user::routes())
}

/// List a task's records (通话列表)
///
/// The call dialed last first; also those of a task that was deleted. Attempts that count no try, because no phone can have rung, are
/// left out unless `all=1`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/record", tag = "record",
    operation_id = "list_task_records",
    params(TaskPath, PageQuery, RecordQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<RecordView>>)))]
pub(crate) async fn list(request: AccountRequest<TaskId>) -> Result<Answer<Vec<RecordView>>, Problem> {
    let AccountRequest { api, caller, account, id, query, .. } = &request;
    let filter = RecordFilter::read(query, api.settings.zone, caller)?;
    list_of_task(api, caller, (*account, *id), &filter).await
}

/// List all records of an account
///
/// Of all its tasks, also those that were deleted; the call dialed last first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/record", tag = "record", operation_id = "list_records",
    params(UserPath, PageQuery, RecordTaskQuery, RecordQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<RecordView>>)))]
pub(crate) async fn list_of_account(request: AccountRequest) -> Result<Answer<Vec<RecordView>>, Problem> {
    let AccountRequest { api, caller, account, query, .. } = &request;
    let scope = filter::scope(query, *account)?;
    let filter = RecordFilter::read(query, api.settings.zone, caller)?;
    page(&mut request.read().await?, api, caller, scope, &filter).await
}

/// Record detail (通话详情)
///
/// `records` are the turns of the conversation, if the bot or another program wrote its transcript: what the callee said (`question`) and what
/// the bot said then (`answer_text`).
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/detail/{record_id}", tag = "record",
    operation_id = "record_detail", params(RecordPath, SubUserQuery),
    responses((status = 200, body = Envelope<RecordDetailView>)))]
pub(crate) async fn detail(
    request: AccountRequest<RecordOfTask>,
) -> Result<Answer<RecordDetailView>, Problem> {
    let mut read = request.read().await?;
    let attempt = get(&mut read, request.account, request.id).await?;
    detail_of(&mut read, &request.api, &request.caller, attempt).await
}

/// A record with the turns of its conversation and its recording.
async fn detail_of(
    read: &mut Read,
    api: &Api,
    caller: &Caller,
    attempt: Attempt,
) -> Result<Answer<RecordDetailView>, Problem> {
    let (account, id) = (attempt.account_id, attempt.id);
    let summary = attempts::result_summaries(read, account, std::iter::once(id)).await?.remove(&id);
    let result = attempts::result(read, account, id).await?;
    let turns = turns::views(api, caller, &attempt, &result.result);
    let recordings = store::recordings::of_attempts(read, account, &[id]).await?;
    let record = RecordView::new(api, caller, attempt, summary).with_recording(api, recordings.get(&id));
    Ok(Answer::new(Message::RecordDetail, RecordDetailView::new(record, turns)))
}

/// An attempt of this task of the account; one of another task does not exist.
async fn get(
    session: &mut dyn Session,
    account: AccountId,
    RecordOfTask { task, record }: RecordOfTask,
) -> Result<Attempt, Problem> {
    let attempt = attempts::get(session, account, record).await?;
    if attempt.task_id == task { Ok(attempt) } else { Err(Problem::NotFound) }
}

async fn list_of_task(
    api: &Api,
    caller: &Caller,
    (account, task): (AccountId, TaskId),
    filter: &RecordFilter,
) -> Result<Answer<Vec<RecordView>>, Problem> {
    let scope = AttemptScope::Task(account, task);
    let mut read = api.store.read().await?;
    if !attempts::exists(&mut read, scope).await? {
        tasks::expect(&mut read, account, task).await?;
    }
    page(&mut read, api, caller, scope, filter).await
}

async fn page(
    read: &mut Read,
    api: &Api,
    caller: &Caller,
    scope: AttemptScope,
    filter: &RecordFilter,
) -> Result<Answer<Vec<RecordView>>, Problem> {
    let found = attempts::list(read, scope, &filter.attempts, filter.page).await?;
    let account = AccountId::new(scope.account());
    let ids: Vec<AttemptId> = found.items.iter().map(|attempt| attempt.id).collect();
    let mut results = attempts::result_summaries(read, account, ids.iter().copied()).await?;
    let recorded = store::recordings::of_attempts(read, account, &ids).await?;
    let view = |attempt: Attempt| {
        let (result, recording) = (results.remove(&attempt.id), recorded.get(&attempt.id));
        RecordView::new(api, caller, attempt, result).with_recording(api, recording)
    };
    Ok(Answer::page(Message::Records, filter.page, found, view))
}
