//! Exceptions of many groups.

use super::{
    body::{GroupExceptions, RemoveExceptions},
    edit::edit_groups,
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

/// Add exceptions to many groups (批量添加例外日期)
///
/// The exceptions come after those that each group has; one that equals one of these in all its fields is not added again (`unchanged` counts them).
/// `undo` is the body of the removal that takes it back. One that is not there or cannot take them refuses all: nothing is changed, and each such
/// group is named by its place in `group_ids`. Says which tasks stop or start now,
/// and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/exception", tag = "bulk", operation_id = "bulk_add_exceptions",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = GroupExceptions,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn add(
    request: AccountRequest<(), Json<GroupExceptions>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_groups(&request, query, body.added(faults)).await
}

/// Remove exceptions from many groups (批量移除例外日期)
///
/// Takes back what adding did, with its `undo`; or with one list for many groups. Each group loses, for each of the exceptions, the last one that equals
/// it in all its fields. A group that has none of them stays as it is. Says which tasks stop or start now, and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/exception/remove", tag = "bulk", operation_id = "bulk_remove_exceptions",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = RemoveExceptions,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn remove(
    request: AccountRequest<(), Json<RemoveExceptions>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_groups(&request, query, body.checked(faults)).await
}
