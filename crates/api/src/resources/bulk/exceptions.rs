//! Exceptions of many groups.

use std::collections::BTreeSet;

use calendar::Exceptions;
use domain::{DialTimeGroupId, FaultRule, GroupChange};
use store::edits::groups::{self as group_edits, GroupToUpdate};

use super::{
    BulkQuery,
    body::GroupExceptions,
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

/// Add exceptions to many groups (批量添加例外日期)
///
/// The exceptions come after those that each group has. One that cannot take them refuses all: nothing is changed. Says which tasks stop or start now,
/// and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/exception", tag = "bulk", operation_id = "bulk_add_exceptions",
    params(UserPath, SubUserQuery, BulkQuery), request_body = GroupExceptions,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn add(
    request: AccountRequest<(), Json<GroupExceptions>>,
) -> Result<Answer<BulkView>, Problem> {
    edit(request, |present, added| {
        let all = present.followed_by(added);
        all.map_err(|rule| Problem::fault("exceptions", FaultRule::Calendar(rule)))
    })
    .await
}

/// Remove exceptions from many groups (批量移除例外日期)
///
/// Takes back what adding did, with the same body: each group loses, for each of the exceptions, the last one that equals it in all its fields. A group
/// that has none of them stays as it is. Says which tasks stop or start now, and when the groups are open otherwise in the next four weeks.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/bulk/exception/remove", tag = "bulk", operation_id = "bulk_remove_exceptions",
    params(UserPath, SubUserQuery, BulkQuery), request_body = GroupExceptions,
    responses((status = 200, body = Envelope<BulkView>)))]
pub(crate) async fn remove(
    request: AccountRequest<(), Json<GroupExceptions>>,
) -> Result<Answer<BulkView>, Problem> {
    edit(request, |present, removed| Ok(present.without(removed))).await
}

async fn edit(
    request: AccountRequest<(), Json<GroupExceptions>>,
    edited: impl Fn(&Exceptions, &Exceptions) -> Result<Exceptions, Problem> + Send + Sync,
) -> Result<Answer<BulkView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let query = BulkQuery::read(&request.query, &mut faults);
    let (ids, given): (BTreeSet<DialTimeGroupId>, _) = body.checked(faults)?;
    let mut tx = request.begin().await?;
    let locked = group_edits::lock_all(&mut tx, request.account, &ids).await;
    let locked = locked.map_err(|error| unknown(error, "group_ids"))?;
    let below = GroupsBelow::of(&mut tx, request.account, ids.into_iter().collect()).await?;
    let mut groups = Vec::with_capacity(locked.len());
    for group in locked {
        let before = group.group()?.clone();
        let exceptions = edited(&before.draft.exceptions, &given)?;
        let after = if exceptions == before.draft.exceptions {
            before.clone()
        } else {
            let mut change = GroupChange::rename(before.draft.name.clone());
            change.exceptions = Some(exceptions);
            let group = GroupToUpdate::new(group, change);
            group_edits::update(&mut tx, group, &request.caller.change()).await?
        };
        groups.push(Edited { before, after });
    }
    let view = BulkView::of_groups(&mut tx, &groups, &below, request.caller.now).await?;
    end(tx, query, view).await
}
