//! Many tasks: moved to another group, paused, started again.

use super::{
    body::{ChosenTasks, MoveTasks},
    edit::edit_tasks,
    effects::BulkView,
};
use crate::http::{
    dry_run::DryRunQuery,
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    path::UserPath,
    problem::Problem,
    query::{QueryParameters, SubUserQuery},
};

/// Move many tasks to another group (批量更换呼叫时间组)
///
/// To one group, or with `moves` to several. Says which of them stop or start now, and when they are in hours otherwise in the next four weeks; `undo`
/// is the body that takes it back, each task to the group that it came from. One that is not there refuses all, and each that is not is named.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/move", tag = "bulk", operation_id = "bulk_move_tasks",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = MoveTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn r#move(
    request: AccountRequest<(), Json<MoveTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_tasks(&request, query, body.checked(faults)).await
}

/// Pause many tasks (批量暂停任务)
///
/// Says which of them stop now, and when they would have dialed in the next four weeks; `undo` is the body that starts those again that it paused. One that is not there refuses all, and each that is not is named;
/// those that are paused stay so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/pause", tag = "bulk", operation_id = "bulk_pause_tasks",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = ChosenTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn pause(
    request: AccountRequest<(), Json<ChosenTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    switch(request, false).await
}

/// Start many tasks again (批量启动任务)
///
/// Takes back what pausing did, with its `undo`; its own pauses those again that it started. Says which of them start now, and when they will dial in the next four weeks; outside its windows a
/// task waits. One that is not there, or for which too little is left of a line, refuses all and is named; those that are started already stay so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/resume", tag = "bulk", operation_id = "bulk_resume_tasks",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = ChosenTasks,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn resume(
    request: AccountRequest<(), Json<ChosenTasks>>,
) -> Result<Answer<BulkView>, Problem> {
    switch(request, true).await
}

async fn switch(
    request: AccountRequest<(), Json<ChosenTasks>>,
    on: bool,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_tasks(&request, query, body.checked(on, faults)).await
}
