//! Overrides of many groups.

use domain::FaultRule;
use store::edits::groups as group_edits;

use super::{
    BulkQuery,
    body::{EndOverrides, OverrideGroups},
    effects::{BulkView, Edited, GroupsBelow},
    end, unknown,
};
use crate::http::{
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    path::UserPath,
    problem::Problem,
    query::{QueryParameters, SubUserQuery},
};

/// Close or open many groups for a while (批量临时关闭或开放)
///
/// As the override of one group, which takes the place of an earlier one; `next_change` is each group's own. A group that never changes by itself refuses it for
/// all. Says which tasks stop or start now, and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/override", tag = "bulk", operation_id = "bulk_override_groups",
    params(UserPath, SubUserQuery, BulkQuery), request_body = OverrideGroups,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn set(
    request: AccountRequest<(), Json<OverrideGroups>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let (ids, order) = body.checked(&request, faults)?;
    let mut tx = request.begin().await?;
    let locked = group_edits::lock_all(&mut tx, request.account, &ids).await;
    let locked = locked.map_err(|error| unknown(error, "group_ids"))?;
    let below = GroupsBelow::of(&mut tx, request.account, ids.into_iter().collect()).await?;
    let mut edited = Vec::with_capacity(locked.len());
    for group in locked {
        let before = group.group()?.clone();
        let after =
            group_edits::set_override(&mut tx, group, order.clone(), &request.caller.change()).await?;
        let after = after.ok_or_else(|| Problem::fault("until", FaultRule::NoNextChange))?;
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_groups(&mut tx, &edited, &below, request.caller.now).await?;
    end(tx, query, view).await
}

/// Remove the overrides of many groups (批量解除临时关闭或开放)
///
/// At once: the groups follow their windows again. One that has no override stays as it is. Says which tasks stop or start now, and when the groups are open
/// otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/override/remove", tag = "bulk", operation_id = "bulk_end_overrides",
    params(UserPath, SubUserQuery, BulkQuery), request_body = EndOverrides,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn remove(
    request: AccountRequest<(), Json<EndOverrides>>,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let ids = body.checked(faults)?;
    let mut tx = request.begin().await?;
    let locked = group_edits::lock_all(&mut tx, request.account, &ids).await;
    let locked = locked.map_err(|error| unknown(error, "group_ids"))?;
    let below = GroupsBelow::of(&mut tx, request.account, ids.into_iter().collect()).await?;
    let mut edited = Vec::with_capacity(locked.len());
    for group in locked {
        let before = group.group()?.clone();
        let ended = group_edits::end_override(&mut tx, group, &request.caller.change()).await?;
        let after = ended.unwrap_or_else(|| before.clone());
        edited.push(Edited { before, after });
    }
    let view = BulkView::of_groups(&mut tx, &edited, &below, request.caller.now).await?;
    end(tx, query, view).await
}
