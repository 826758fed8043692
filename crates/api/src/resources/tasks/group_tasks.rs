//! The tasks of a group.

use domain::DialTimeGroupId;
use store::{
    Paged, groups,
    tasks::{self, TaskFilter, TaskScope},
};

use super::view::TaskView;
use crate::http::{
    envelope::{Answer, PagedEnvelope},
    extract::AccountRequest,
    messages::Message,
    path::GroupPath,
    problem::Problem,
    query::{PageQuery, SubUserQuery},
};

/// Tasks of a group
///
/// Every task that uses the group, newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/task", tag = "dial-time-group",
    operation_id = "group_tasks",
    params(GroupPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<TaskView>>)))]
pub(crate) async fn list(request: AccountRequest<DialTimeGroupId>) -> Result<Answer<Vec<TaskView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    groups::get(&mut read, request.account, request.id).await?;
    let scope = TaskScope::Group(request.account, request.id);
    let found = tasks::list(&mut read, scope, &TaskFilter::default(), request.caller.now, page).await?;
    let found = Paged { items: super::named(&mut read, found.items).await?, total: found.total };
    Ok(Answer::page(Message::GroupTasks, page, found, |task| {
        TaskView::with_text_extension(&request.api, &request.caller, task)
    }))
}
