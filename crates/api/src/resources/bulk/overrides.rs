//! Overrides of many groups.

use super::{
    body::{EndOverrides, OverrideGroups},
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

/// Close or open many groups for a while (批量临时关闭或开放)
///
/// As the override of one group, which takes the place of an earlier one; `next_change` is each group's own. A group that never changes by itself refuses it for
/// all, and each such group is named by its place in `group_ids`. Says which tasks stop or start now, and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/override", tag = "bulk", operation_id = "bulk_override_groups",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = OverrideGroups,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn set(
    request: AccountRequest<(), Json<OverrideGroups>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_groups(&request, query, body.checked(&request, faults)).await
}

/// Remove the overrides of many groups (批量解除临时关闭或开放)
///
/// At once: the groups follow their windows again, also where another override held when the removed one was set; with `restore` that one holds again, unless
/// it would have ended by now. One that has no override stays as it is. One that is not there refuses all, and each that is not is named. Says which tasks stop or start now, and when the groups are open
/// otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/override/remove", tag = "bulk", operation_id = "bulk_end_overrides",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = EndOverrides,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn remove(
    request: AccountRequest<(), Json<EndOverrides>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = DryRunQuery::read(&request.query, &mut faults);
    edit_groups(&request, query, body.checked(faults)).await
}
