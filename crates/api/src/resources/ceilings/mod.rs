//! Ceilings: a group that every task of an account with its sub-users, or of a partner, must also be inside of.

mod body;
mod view;

use domain::{AccountId, CeilingTarget, DialTimeGroupId};
use store::{ceilings, edits};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    body::{SetCeiling, SetPartnerCeiling},
    view::CeilingView,
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{AccountRequest, Caller, EmptyBody, Json, PartnerRequest},
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::SubUserQuery,
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, set, remove)).routes(routes!(
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
/// take effect at once for all tasks below. As long as it is a ceiling the group cannot be deleted (8109). Unknown fields are refused by name.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/ceiling", tag = "ceiling", operation_id = "set_ceiling",
    params(UserPath, SubUserQuery), request_body = SetCeiling,
    responses((status = 200, body = Envelope<CeilingView>)))]
pub(crate) async fn set(
    request: AccountRequest<(), Json<SetCeiling>>,
) -> Result<Answer<CeilingView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let group = body.checked(faults)?;
    save(&api, &caller, CeilingTarget::Account(caller.partner, account), (account, group)).await
}

/// Remove the ceiling of an account
///
/// At once. Those of its user and of the partner stay.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/ceiling", tag = "ceiling", operation_id = "remove_ceiling",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn remove(request: AccountRequest<(), EmptyBody>) -> Result<Answer<()>, Problem> {
    let target = CeilingTarget::Account(request.caller.partner, request.account);
    end(&request.api, &request.caller, target).await
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
    request_body = SetPartnerCeiling,
    responses((status = 200, body = Envelope<CeilingView>)))]
pub(crate) async fn set_for_partner(
    request: PartnerRequest<Json<SetPartnerCeiling>>,
) -> Result<Answer<CeilingView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let group = body.checked(faults)?;
    save(&api, &caller, CeilingTarget::Partner(caller.partner), group).await
}

/// Remove the ceiling of a partner
///
/// At once. Those of accounts stay.
#[utoipa::path(delete, path = "/agent-api/ceiling", tag = "ceiling", operation_id = "remove_partner_ceiling",
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn remove_of_partner(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let PartnerRequest { api, caller, .. } = request;
    end(&api, &caller, CeilingTarget::Partner(caller.partner)).await
}

async fn save(
    api: &Api,
    caller: &Caller,
    target: CeilingTarget,
    group: (AccountId, DialTimeGroupId),
) -> Result<Answer<CeilingView>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let set = edits::ceilings::set(&mut tx, target, group, &caller.set_by(), &caller.change()).await;
    let ceiling = set.map_err(|error| match error {
        // Nothing but the owner of the group is looked up by what a body of a partner names.
        store::Error::NotFound(store::Kind::Account) => {
            Problem::fault("account_id", domain::FaultRule::Unknown)
        }
        other => other.into(),
    })?;
    tx.commit().await?;
    publish(api, caller).await;
    Ok(Answer::new(Message::Saved, CeilingView::new(api, caller, &ceiling)))
}

async fn end(api: &Api, caller: &Caller, target: CeilingTarget) -> Result<Answer<()>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    edits::ceilings::remove(&mut tx, target, &caller.set_by(), &caller.change()).await?;
    tx.commit().await?;
    publish(api, caller).await;
    Ok(Answer::empty(Message::Deleted))
}

/// Publishes what fits at once. That it holds is certain by then.
async fn publish(api: &Api, caller: &Caller) {
    if let Err(error) = edits::stops::begin_publishing(&api.store, caller.now).await {
        tracing::warn!(%error, "what a ceiling closes or opens is published a little later");
    }
}
