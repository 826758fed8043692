//! Numbers (号码) of tasks: listed, added, deleted and reset, as the platform has it.

mod adding;
mod body;
mod changing;
mod filter;
mod row;
mod view;

use domain::{Faults, NumberKey, TaskId, may_edit_numbers};
use phone::PhoneNumber;
use store::{
    Tx,
    edits::{self, numbers::TaskNumbers},
    numbers::{self, LockedList},
    tasks,
};

pub(crate) use self::row::PhoneText;
use self::{
    adding::AddedView,
    body::{AddNumbers, AddNumbersAsync, DeleteNumbers, ResetNumbers},
    changing::{DeletedView, ResetView},
    filter::NumberQuery,
    view::{NumberRemovalView, NumberResetView, TaskNumberView, TaskSwitchedOn},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{AccountRequest, Json},
        idempotency_key::IdempotencyKey,
        messages::Message,
        number_view::expect_whole_numbers,
        path::{NumberOfTask, NumberPath, ResetOfTask, ResetPath, TaskPath, UserPath},
        problem::Problem,
        query::{PageQuery, QueryParameters, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, add))
        .routes(routes!(add_async))
        .routes(routes!(detail))
        .routes(routes!(delete))
        .routes(routes!(reset))
        .routes(routes!(resets))
        .routes(routes!(reset_detail))
        .routes(routes!(removals))
}

/// List numbers (号码列表)
///
/// Those that were added last come first. With `start_at` or `end_at`, which are about when a number was added, the total is counted anew for each page.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number", tag = "number", operation_id = "list_numbers",
    params(TaskPath, PageQuery, NumberQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskNumberView>>)))]
pub(crate) async fn list(request: AccountRequest<TaskId>) -> Result<Answer<Vec<TaskNumberView>>, Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(&request.query, &mut faults).page();
    let query = NumberQuery::read(&request.query, &mut faults);
    let filter = query.filter(request.api.settings.zone, &mut faults);
    faults.finish(Some(()))?;
    let mut read = request.read().await?;
    tasks::expect(&mut read, request.account, request.id).await?;
    let found = numbers::page(&mut read, request.account, request.id, &filter, page).await?;
    let view = |number| TaskNumberView::new(&request.api, &request.caller, number);
    Ok(Answer::page(Message::Numbers, page, found, view))
}

/// Add numbers (批量添加号码)
///
/// At most 100. With `skip_error` those that cannot be added are left out and named; without it, one of them refuses the whole
/// request. A number that the task has already is one of them. Not while a 2.0 task is switched on (6007). Refused to tokens that see telephone
/// numbers masked.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task/{task_id}/number", tag = "number", operation_id = "add_numbers",
    params(TaskPath, SubUserQuery, IdempotencyKey), request_body = AddNumbers,
    responses((status = 200, body = Envelope<AddedView>), TaskSwitchedOn))]
pub(crate) async fn add(
    request: AccountRequest<TaskId, Json<AddNumbers>>,
) -> Result<Answer<AddedView>, Problem> {
    let (body, faults, request) = request.take_body();
    expect_whole_numbers(&request)?;
    adding::add(&request, body.batch(faults)?).await
}

/// Add numbers, up to 200 (批量添加号码, 异步接口)
///
/// They are added before it is answered. No two of them may be the same; those that the task has already are left out. Not while a
/// 2.0 task is switched on (6007). Refused to tokens that see telephone numbers masked.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task/{task_id}/async_number", tag = "number",
    operation_id = "add_numbers_async", params(TaskPath, SubUserQuery, IdempotencyKey), request_body = AddNumbersAsync,
    responses((status = 200, body = Envelope<AddedView>), TaskSwitchedOn))]
pub(crate) async fn add_async(
    request: AccountRequest<TaskId, Json<AddNumbersAsync>>,
) -> Result<Answer<AddedView>, Problem> {
    let (body, faults, request) = request.take_body();
    expect_whole_numbers(&request)?;
    adding::add(&request, body.batch(faults)?).await
}

/// A number (号码详情)
///
/// By the number itself, in any of the forms in which it could have been added; with its extension and suffix if it has them. Refused to
/// tokens that see telephone numbers masked.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number/detail/{phone}", tag = "number",
    operation_id = "number_detail", params(NumberPath, SubUserQuery),
    responses((status = 200, body = Envelope<TaskNumberView>)))]
pub(crate) async fn detail(request: AccountRequest<NumberOfTask>) -> Result<Answer<TaskNumberView>, Problem> {
    let mut read = request.read().await?;
    let NumberOfTask { task, phone } = &request.id;
    tasks::expect(&mut read, request.account, *task).await?;
    expect_whole_numbers(&request)?;
    let key = number_key(&request.api, phone).map_err(|rule| Problem::fault("phone", rule))?;
    let number = numbers::get(&mut read, request.account, *task, &key).await?;
    Ok(Answer::new(Message::NumberDetail, TaskNumberView::new(&request.api, &request.caller, number)))
}

/// Delete numbers (批量删除号码)
///
/// At most 1,000, each in any of its forms. Those that are being called are left out and counted (`left_out`), and those that the task does
/// not have are counted apart (`not_found`). Not while a 2.0 task is switched on (6007). Refused to tokens that see telephone numbers masked.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/task/{task_id}/number-batch-delete", tag = "number",
    operation_id = "delete_numbers", params(TaskPath, SubUserQuery), request_body = DeleteNumbers,
    responses((status = 200, body = Envelope<DeletedView>), TaskSwitchedOn))]
pub(crate) async fn delete(
    request: AccountRequest<TaskId, Json<DeleteNumbers>>,
) -> Result<Answer<DeletedView>, Problem> {
    let (body, faults, request) = request.take_body();
    changing::delete(&request, body, faults).await
}

/// Reset numbers (批量重置号码状态)
///
/// They wait to be called as if they had never been tried; what is told of them stays. All numbers for which all holds that is given; without
/// anything given, 422. Those that are being called are left out and counted. It is done in the background where more than 1,000 are meant, and where
/// more than 20,000 would have to be looked at to find those with a `keyword` or of a time: the numbers with one of the `status`es, or all that the task has
/// had. `state` is `running` then, and `reset_id` names the reset. Not while a 2.0 task is switched on (6007). With `keyword` or `phones` refused to tokens that see telephone numbers masked.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/task/{task_id}/number-batch-reset", tag = "number",
    operation_id = "reset_numbers", params(TaskPath, SubUserQuery), request_body = ResetNumbers,
    responses((status = 200, body = Envelope<ResetView>), TaskSwitchedOn))]
pub(crate) async fn reset(
    request: AccountRequest<TaskId, Json<ResetNumbers>>,
) -> Result<Answer<ResetView>, Problem> {
    let (body, faults, request) = request.take_body();
    changing::reset(&request, body, faults).await
}

/// Resets of many numbers
///
/// Those that were or are done in the background, newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number-reset", tag = "number",
    operation_id = "list_number_resets", params(TaskPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<NumberResetView>>)))]
pub(crate) async fn resets(request: AccountRequest<TaskId>) -> Result<Answer<Vec<NumberResetView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    tasks::expect(&mut read, request.account, request.id).await?;
    let found = numbers::list_resets(&mut read, request.account, request.id, page).await?;
    Ok(Answer::page(Message::NumberResets, page, found, |reset| NumberResetView::new(&request.api, &reset)))
}

/// A reset of many numbers
///
/// How far it is.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number-reset/{reset_id}", tag = "number",
    operation_id = "number_reset_detail", params(ResetPath, SubUserQuery),
    responses((status = 200, body = Envelope<NumberResetView>)))]
pub(crate) async fn reset_detail(
    request: AccountRequest<ResetOfTask>,
) -> Result<Answer<NumberResetView>, Problem> {
    let ResetOfTask { task, reset } = request.id;
    let reset = numbers::get_reset(&mut request.read().await?, request.account, task, reset).await?;
    Ok(Answer::new(Message::NumberResetDetail, NumberResetView::new(&request.api, &reset)))
}

/// Numbers of deleted tasks
///
/// A task is deleted at once, and its numbers go in the background: how far that is, for each deleted task that has some left, in the
/// order in which they were deleted.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/number-removal", tag = "number",
    operation_id = "list_number_removals", params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<NumberRemovalView>>)))]
pub(crate) async fn removals(request: AccountRequest) -> Result<Answer<Vec<NumberRemovalView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let found = numbers::list_removals(&mut request.read().await?, request.account, page).await?;
    Ok(Answer::page(Message::NumberRemovals, page, found, |one| NumberRemovalView::new(&request.api, &one)))
}

/// Locks the numbers of a task, unless the task is one that keeps them.
async fn lock<I>(tx: &mut Tx, request: &AccountRequest<I>, task: TaskId) -> Result<LockedList, Problem> {
    Ok(lock_unless_kept(tx, request, task).await?.list)
}

/// Locks the numbers of a task to add some, or to have some called anew.
async fn lock_to_call<I>(
    tx: &mut Tx,
    request: &AccountRequest<I>,
    task: TaskId,
) -> Result<LockedList, Problem> {
    let locked = lock_unless_kept(tx, request, task).await?;
    edits::numbers::expect_residue(tx, request.account, task, &locked).await?;
    Ok(locked.list)
}

async fn lock_unless_kept<I>(
    tx: &mut Tx,
    request: &AccountRequest<I>,
    task: TaskId,
) -> Result<TaskNumbers, Problem> {
    let locked = edits::numbers::lock(tx, request.account, task, &request.caller.change()).await?;
    if may_edit_numbers(locked.generation, locked.enabled) {
        Ok(locked)
    } else {
        Err(Problem::TaskSwitchedOn)
    }
}

/// By what a list has a number that is written so.
fn number_key(api: &Api, text: &str) -> Result<NumberKey, domain::FaultRule> {
    let phone = PhoneNumber::parse(text, api.settings.default_country).map_err(domain::FaultRule::Number)?;
    Ok(NumberKey::from(&phone))
}
