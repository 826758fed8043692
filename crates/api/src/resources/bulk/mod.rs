//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

mod body;
mod effects;

use domain::{FaultRule, GroupChange};
use store::{Kind, Tx, edits, tasks};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    body::{AddExceptions, MoveTasks, PauseTasks},
    effects::{BulkView, Edited, GroupsBelow},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Json},
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{Flag, QueryParameters, SubUserQuery, query_parameters},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(add_exceptions))
        .routes(routes!(move_tasks))
        .routes(routes!(pause_tasks))
}

query_parameters! {
    /// Whether it is only shown.
    pub(crate) struct BulkQuery {
        /// Shows what would stop and start, and changes nothing.
        dry_run: Flag,
    }
}

/// Add exceptions to many groups (批量添加例外日期)
///
/// The exceptions come after those that each group has. One that cannot take them refuses all: nothing is changed. Says which tasks stop or start now,
/// and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/exception", tag = "bulk", operation_id = "bulk_add_exceptions",
    params(UserPath, SubUserQuery, BulkQuery), request_body = AddExceptions,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn add_exceptions(
    request: AccountRequest<(), Json<AddExceptions>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let (ids, added) = body.checked(faults)?;
    let mut tx = request.begin().await?;
    let locked = edits::groups::lock_all(&mut tx, request.account, &ids).await;
    let locked = locked.map_err(|error| unknown(error, "group_ids"))?;
    let below = GroupsBelow::of(&mut tx, request.account, ids.into_iter().collect()).await?;
    let mut edited = Vec::with_capacity(locked.len());
    for group in locked {
        let before = group.group()?.clone();
        let exceptions = before.draft.exceptions.followed_by(&added);
        let exceptions =
            exceptions.map_err(|rule| Problem::fault("exceptions", FaultRule::Calendar(rule)))?;
        let mut change = GroupChange::rename(before.draft.name.clone());
        change.exceptions = Some(exceptions);
        let group = edits::groups::GroupToUpdate::new(group, change);
        let after = edits::groups::update(&mut tx, group, &request.caller.change()).await?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_groups(&mut tx, &edited, &below, request.caller.now).await?;
    end(tx, query, view).await
}

/// Move many tasks to another group (批量更换呼叫时间组)
///
/// Says which of them stop or start now, and when they are in hours otherwise in the next four weeks. One that is not there refuses all.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/move", tag = "bulk", operation_id = "bulk_move_tasks",
    params(UserPath, SubUserQuery, BulkQuery), request_body = MoveTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn move_tasks(
    request: AccountRequest<(), Json<MoveTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let (ids, to) = body.checked(faults)?;
    let change = request.caller.change();
    let mut tx = request.begin().await?;
    let locked = edits::tasks::lock_all(&mut tx, request.account, &ids, Some(to), request.caller.now).await;
    let locked = locked.map_err(|error| unknown(error, "task_ids"))?;
    let mut edited = Vec::with_capacity(locked.len());
    for task in locked {
        let before = tasks::get(&mut tx, request.account, task.id()).await?;
        let mut draft = before.task.draft.clone();
        draft.dial_time_id = to;
        let after = edits::tasks::update(&mut tx, &task, draft, &change).await?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_moved_tasks(&edited, request.caller.now);
    end(tx, query, view).await
}

/// Pause many tasks (批量暂停任务)
///
/// Says which of them stop now. One that is not there refuses all; those that are paused stay so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/pause", tag = "bulk", operation_id = "bulk_pause_tasks",
    params(UserPath, SubUserQuery, BulkQuery), request_body = PauseTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn pause_tasks(
    request: AccountRequest<(), Json<PauseTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let ids = body.checked(faults)?;
    let change = request.caller.change();
    let mut tx = request.begin().await?;
    let locked = edits::tasks::lock_all(&mut tx, request.account, &ids, None, request.caller.now).await;
    let locked = locked.map_err(|error| unknown(error, "task_ids"))?;
    let mut edited = Vec::with_capacity(locked.len());
    for task in locked {
        let before = tasks::get(&mut tx, request.account, task.id()).await?;
        let after = edits::tasks::set_enabled(&mut tx, &task, false, &change).await?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_paused_tasks(&edited, request.caller.now);
    end(tx, query, view).await
}

/// What is not there is a fault of the list that names it.
fn unknown(error: store::Error, field: &'static str) -> Problem {
    match error {
        store::Error::NotFound(Kind::Group | Kind::Task) => Problem::fault(field, FaultRule::Unknown),
        other => other.into(),
    }
}

/// Keeps what was done, or nothing of it.
async fn end(tx: Tx, query: BulkQuery, view: BulkView) -> Result<Answer<BulkView>, Problem> {
    if query.dry_run {
        return Ok(Answer::new(Message::BulkNotStored, view));
    }
    tx.commit().await?;
    Ok(Answer::new(Message::Saved, view.stored()))
}
