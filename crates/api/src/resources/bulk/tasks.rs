//! Many tasks: moved to another group, paused, started again.

use store::{edits::tasks as task_edits, tasks};

use super::{
    BulkQuery,
    body::{ChosenTasks, MoveTasks},
    effects::{BulkView, Edited},
    end, unknown,
};
use crate::http::{
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    path::UserPath,
    problem::Problem,
    query::{QueryParameters, SubUserQuery},
};

/// Move many tasks to another group (批量更换呼叫时间组)
///
/// Says which of them stop or start now, and when they are in hours otherwise in the next four weeks. One that is not there refuses all.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/move", tag = "bulk", operation_id = "bulk_move_tasks",
    params(UserPath, SubUserQuery, BulkQuery), request_body = MoveTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn r#move(
    request: AccountRequest<(), Json<MoveTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let (ids, to) = body.checked(faults)?;
    let change = request.caller.change();
    let mut tx = request.begin().await?;
    let locked = task_edits::lock_all(&mut tx, request.account, &ids, Some(to), request.caller.now).await;
    let locked = locked.map_err(|error| unknown(error, "task_ids"))?;
    let mut edited = Vec::with_capacity(locked.len());
    for task in locked {
        let before = tasks::get(&mut tx, request.account, task.id()).await?;
        let mut draft = before.task.draft.clone();
        draft.dial_time_id = to;
        let after = task_edits::update(&mut tx, &task, draft, &change).await?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_moved_tasks(&edited, request.caller.now);
    end(tx, query, view).await
}

/// Pause many tasks (批量暂停任务)
///
/// Says which of them stop now. One that is not there refuses all; those that are paused stay so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/pause", tag = "bulk", operation_id = "bulk_pause_tasks",
    params(UserPath, SubUserQuery, BulkQuery), request_body = ChosenTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn pause(
    request: AccountRequest<(), Json<ChosenTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    set_enabled(request, false).await
}

/// Start many tasks again (批量启动任务)
///
/// Takes back what pausing did, with the same body. Says which of them start now; outside its windows a task waits. One that is not there, or for which too little is
/// left of a line, refuses all; those that are started already stay so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/resume", tag = "bulk", operation_id = "bulk_resume_tasks",
    params(UserPath, SubUserQuery, BulkQuery), request_body = ChosenTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn resume(
    request: AccountRequest<(), Json<ChosenTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    set_enabled(request, true).await
}

async fn set_enabled(
    request: AccountRequest<(), Json<ChosenTasks>>,
    enabled: bool,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let ids = body.checked(faults)?;
    let change = request.caller.change();
    let mut tx = request.begin().await?;
    let locked = task_edits::lock_all(&mut tx, request.account, &ids, None, request.caller.now).await;
    let locked = locked.map_err(|error| unknown(error, "task_ids"))?;
    let mut edited = Vec::with_capacity(locked.len());
    for task in locked {
        let before = tasks::get(&mut tx, request.account, task.id()).await?;
        let after = task_edits::set_enabled(&mut tx, &task, enabled, &change).await?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_switched_tasks(&edited, request.caller.now);
    end(tx, query, view).await
}
