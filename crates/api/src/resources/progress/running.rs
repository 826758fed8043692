//! How far all running tasks of an account are.

use domain::{Faults, TaskState};
use serde::Serialize;
use store::{
    Paged,
    tasks::{self, TaskFilter, TaskScope},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{of_task, view::ProgressView};
use crate::http::{
    envelope::{Answer, PagedEnvelope},
    extract::AccountRequest,
    messages::Message,
    path::UserPath,
    problem::Problem,
    query::{PageQuery, QueryParameters, SubUserQuery},
};

/// How far a running task is.
#[derive(Serialize, ToSchema)]
#[schema(as = RunningTaskProgress)]
pub(crate) struct RunningTaskView {
    task_id: Uuid,
    name: String,
    /// The group it dials in.
    dial_time_id: i64,
    progress: ProgressView,
}

/// How far are the tasks that run?
///
/// Those of the account that may dial now (执行中), of both generations, newest first; each as `.../task/{task_id}/progress` says it.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/progress", tag = "record", operation_id = "list_progress",
    params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<RunningTaskView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<RunningTaskView>>, Problem> {
    let AccountRequest { api, caller, account, query, .. } = &request;
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    faults.finish(Some(()))?;
    let mut read = request.read().await?;
    let filter = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    let found = tasks::list(&mut read, TaskScope::Account(*account), &filter, caller.now, page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for item in found.items {
        let task = item.task;
        items.push(RunningTaskView {
            task_id: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            dial_time_id: task.draft.dial_time_id.get(),
            progress: of_task(&mut read, api, caller, (*account, task.id)).await?,
        });
    }
    Ok(Answer::page(Message::ProgressOfAll, page, Paged { items, total: found.total }, |item| item))
}
