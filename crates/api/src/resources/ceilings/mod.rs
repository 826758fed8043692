//! Ceilings: a group that every task of an account with its sub-users, or of a partner, must also be inside of.

mod body;
mod effects;
mod view;

use domain::{AccountId, CeilingTarget, DialTimeGroupId, Faults};
use store::{ceilings, edits};

use self::{
    body::{SetCeiling, SetPartnerCeiling},
    effects::{Below, CeilingEffectsView},
    view::{CeilingSetView, CeilingView},
};
use crate::{
    Api,
    http::{
        dry_run::DryRunQuery,
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Caller, EmptyBody, Json, PartnerRequest},
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{Query, QueryParameters, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list, set, remove)).routes(routes!(
        list_of_partner,
        set_for_partner,
        remove_of_partner
    ))
}

/// Ceilings of an account
///
/// All below which it lies, the greatest first: the partner's, its user's and its own; none, one or more.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/ceiling", tag = "ceiling", operation_id = "list_ceilings",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<CeilingView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<CeilingView>>, Problem> {
    let found = ceilings::of_account(&mut request.read().await?, request.account).await?;
    let views =
        found.iter().map(|ceiling| CeilingView::new(&request.api, &request.caller, ceiling)).collect();
    Ok(Answer::new(Message::Ceilings, views))
}

/// Set the ceiling of an account (上级呼叫时间组)
///
/// Every task of the user and its sub-users, or of the sub-user, may from now on only call while this group is open, too. It only closes,
/// whatever windows and overrides of other groups say, and takes the place of an earlier one. Decisions name it (`ceiling`). An edit and an override of the group
/// take effect at once for all tasks below. As long as it is a ceiling the group cannot be deleted (8109). Says which tasks below stop or start now, and when the groups
/// below are open otherwise in the next four weeks; with `dry_run` nothing is stored. Unknown fields are refused by name.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/ceiling", tag = "ceiling", operation_id = "set_ceiling",
    params(UserPath, SubUserQuery, DryRunQuery), request_body = SetCeiling,
    responses((status = 200, body = Envelope<CeilingSetView>)))]
pub(crate) async fn set(
    request: AccountRequest<(), Json<SetCeiling>>,
) -> Result<Answer<CeilingSetView>, Problem> {
    let AccountRequest { api, caller, account, body, query, .. } = request;
    let (body, mut faults) = body.into_parts();
    let query = DryRunQuery::read(&query, &mut faults);
    let group = body.checked(faults)?;
    save(&api, &caller, query, CeilingTarget::Account(caller.partner, account), (account, group)).await
}

/// Remove the ceiling of an account
///
/// At once. Those of its user and of the partner stay. Says what starts, as setting it says what stops; with `dry_run` nothing is removed.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/ceiling", tag = "ceiling", operation_id = "remove_ceiling",
    params(UserPath, SubUserQuery, DryRunQuery),
    responses((status = 200, body = Envelope<CeilingEffectsView>)))]
pub(crate) async fn remove(
    request: AccountRequest<(), EmptyBody>,
) -> Result<Answer<CeilingEffectsView>, Problem> {
    let target = CeilingTarget::Account(request.caller.partner, request.account);
    end(&request.api, &request.caller, &request.query, target).await
}

/// Ceiling of a partner
///
/// Its own, or none: a list of at most one.
#[utoipa::path(get, path = "/agent-api/ceiling", tag = "ceiling", operation_id = "list_partner_ceilings",
    responses((status = 200, body = Envelope<Vec<CeilingView>>)))]
pub(crate) async fn list_of_partner(request: PartnerRequest) -> Result<Answer<Vec<CeilingView>>, Problem> {
    let PartnerRequest { api, caller, .. } = request;
    let found = ceilings::get(&mut api.store.read().await?, CeilingTarget::Partner(caller.partner)).await?;
    let views = found.iter().map(|ceiling| CeilingView::new(&api, &caller, ceiling)).collect();
    Ok(Answer::new(Message::Ceilings, views))
}

/// Set the ceiling of a partner
///
/// As that of an account, for all users of the partner of the token. The group is one of a user or sub-user of it.
#[utoipa::path(put, path = "/agent-api/ceiling", tag = "ceiling", operation_id = "set_partner_ceiling",
    params(DryRunQuery), request_body = SetPartnerCeiling,
    responses((status = 200, body = Envelope<CeilingSetView>)))]
pub(crate) async fn set_for_partner(
    request: PartnerRequest<Json<SetPartnerCeiling>>,
) -> Result<Answer<CeilingSetView>, Problem> {
    let PartnerRequest { api, caller, body, query, .. } = request;
    let (body, mut faults) = body.into_parts();
    let query = DryRunQuery::read(&query, &mut faults);
    let group = body.checked(faults)?;
    save(&api, &caller, query, CeilingTarget::Partner(caller.partner), group).await
}

/// Remove the ceiling of a partner
///
/// At once. Those of accounts stay. Says what starts, as that of an account does.
#[utoipa::path(delete, path = "/agent-api/ceiling", tag = "ceiling", operation_id = "remove_partner_ceiling",
    params(DryRunQuery),
    responses((status = 200, body = Envelope<CeilingEffectsView>)))]
pub(crate) async fn remove_of_partner(
    request: PartnerRequest<EmptyBody>,
) -> Result<Answer<CeilingEffectsView>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    end(&api, &caller, &query, CeilingTarget::Partner(caller.partner)).await
}

async fn save(
    api: &Api,
    caller: &Caller,
    query: DryRunQuery,
    target: CeilingTarget,
    group: (AccountId, DialTimeGroupId),
) -> Result<Answer<CeilingSetView>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let below = Below::of(&mut tx, target).await?;
    let set = edits::ceilings::set(&mut tx, target, group, &caller.set_by(), &caller.change()).await;
    let ceiling = set.map_err(|error| match error {
        // Nothing but the owner of the group is looked up by what a body of a partner names.
        store::Error::NotFound(store::Kind::Account) => {
            Problem::fault("account_id", domain::FaultRule::Unknown)
        }
        other => other.into(),
    })?;
    let effects = below.effects(&mut tx, caller.now).await?;
    let view = CeilingView::new(api, caller, &ceiling);
    if query.dry_run {
        return Ok(Answer::new(Message::EditNotStored, CeilingSetView::new(view, effects)));
    }
    tx.commit().await?;
    publish(api, caller).await;
    Ok(Answer::new(Message::Saved, CeilingSetView::new(view, effects.stored())))
}

async fn end(
    api: &Api,
    caller: &Caller,
    query: &Query,
    target: CeilingTarget,
) -> Result<Answer<CeilingEffectsView>, Problem> {
    let mut faults = Faults::default();
    let query = DryRunQuery::read(query, &mut faults);
    faults.finish(Some(()))?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let below = Below::of(&mut tx, target).await?;
    edits::ceilings::remove(&mut tx, target, &caller.set_by(), &caller.change()).await?;
    let effects = below.effects(&mut tx, caller.now).await?;
    if query.dry_run {
        return Ok(Answer::new(Message::EditNotStored, effects));
    }
    tx.commit().await?;
    publish(api, caller).await;
    Ok(Answer::new(Message::Deleted, effects.stored()))
}

/// Publishes what fits at once. That it holds is certain by then.
async fn publish(api: &Api, caller: &Caller) {
    if let Err(error) = edits::stops::begin_publishing(&api.store, caller.now).await {
        tracing::warn!(%error, "what a ceiling closes or opens is published a little later");
    }
}
