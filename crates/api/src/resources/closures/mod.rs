//! Planned closures: spans in which nothing of a partner or of an account with its sub-users dials. The installation's are among what is listed
//! here.

mod body;
mod view;

use domain::{ClosureId, ClosureTarget, Fault, Faults, PlannedClosure};
use store::{
    Page,
    closures::{self, ClosureFilter},
    edits,
};

use self::{
    body::{ClosureMeant, ClosureTimes, PlanClosure, PlanPartnerClosure},
    view::PlannedClosureView,
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, EmptyBody, Json, PartnerRequest},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        messages::Message,
        path::{ClosurePath, PartnerClosurePath, UserPath},
        problem::Problem,
        query::{Flag, PageQuery, Query, QueryParameters, SubUserQuery, query_parameters},
        routes::{Routes, routes},
    },
    resources::stops::named_account,
};

query_parameters! {
    /// Which closures a list has.
    pub(crate) struct EndedClosureQuery {
        /// `true`: those that have ended, the last to end first, instead of those that have not.
        ended: Flag,
    }
}

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, plan))
        .routes(routes!(revoke))
        .routes(routes!(list_of_partner, plan_for_partner))
        .routes(routes!(revoke_of_partner))
}

/// List closures of an account
///
/// All that cover it and have not ended: its own, its user's, the partner's and the installation's, the first to begin first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/closure", tag = "closure", operation_id = "list_closures",
    params(UserPath, PageQuery, EndedClosureQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<PlannedClosureView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<PlannedClosureView>>, Problem> {
    let (page, ended) = page_and_ended(&request.query)?;
    let filter = ClosureFilter { visible: None, account: Some(request.account), ended };
    let (partner, now) = (request.caller.partner, request.caller.now);
    let found = closures::list(&mut request.read().await?, Some(partner), filter, now, page).await?;
    Ok(Answer::page(Message::Closures, page, found, |closure| {
        PlannedClosureView::new(&request.api, &closure)
    }))
}

fn page_and_ended(query: &Query) -> Result<(Page, bool), Vec<Fault>> {
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    let EndedClosureQuery { ended } = EndedClosureQuery::read(query, &mut faults);
    faults.finish(Some((page, ended)))
}

/// Plan a closure of an account (停呼安排)
///
/// From `begin` to `end` nothing of the user and its sub-users, or of the sub-user, dials, whatever windows and overrides of groups say. It holds at
/// once where it has begun. Decisions name it (`closure`) and know its begin and its end beforehand; both are told as closings and
/// openings are. At most 100 that have not ended. Unknown fields are refused by name.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/closure", tag = "closure", operation_id = "plan_closure",
    params(UserPath, SubUserQuery, IdempotencyKey), request_body = PlanClosure,
    responses((status = 200, body = Envelope<PlannedClosureView>)))]
pub(crate) async fn plan(
    request: AccountRequest<(), Json<PlanClosure>>,
) -> Result<Answer<PlannedClosureView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let times = body.checked((api.settings.zone, caller.now), faults)?;
    let target = ClosureTarget::Account(caller.partner, account);
    save(&api, &caller, times, target).await
}

/// Revoke a closure of an account
///
/// At once: what it closes opens where nothing else closes it. A closure of the user is not revoked by who acts for a sub-user.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/closure/{closure_id}", tag = "closure",
    operation_id = "revoke_closure", params(ClosurePath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn revoke(request: AccountRequest<ClosureId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let own = ClosureTarget::Account(request.caller.partner, request.account);
    end(&request.api, &request.caller, request.id, |target| target == own).await
}

/// List closures of a partner
///
/// All that concern it and have not ended: the installation's, its own, and those of its users and sub-users.
#[utoipa::path(get, path = "/agent-api/closure", tag = "closure", operation_id = "list_partner_closures",
    params(PageQuery, EndedClosureQuery),
    responses((status = 200, body = PagedEnvelope<Vec<PlannedClosureView>>)))]
pub(crate) async fn list_of_partner(
    request: PartnerRequest,
) -> Result<Answer<Vec<PlannedClosureView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let (page, ended) = page_and_ended(&query)?;
    let filter = ClosureFilter { visible: caller.authority.token.user, account: None, ended };
    let mut read = api.store.read().await?;
    let found = closures::list(&mut read, Some(caller.partner), filter, caller.now, page).await?;
    Ok(Answer::page(Message::Closures, page, found, |closure| PlannedClosureView::new(&api, &closure)))
}

/// Plan a closure of a partner
///
/// As that of an account, of all users of the partner of the token; with `scope` `account` of the user that `user_id` names with its sub-users, or
/// of it the sub-user that `sub_user_id` names.
#[utoipa::path(post, path = "/agent-api/closure", tag = "closure", operation_id = "plan_partner_closure",
    params(IdempotencyKey), request_body = PlanPartnerClosure,
    responses((status = 200, body = Envelope<PlannedClosureView>)))]
pub(crate) async fn plan_for_partner(
    request: PartnerRequest<Json<PlanPartnerClosure>>,
) -> Result<Answer<PlannedClosureView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (meant, times) = body.checked((api.settings.zone, caller.now), faults)?;
    let target = match meant {
        ClosureMeant::Partner => ClosureTarget::Partner(caller.partner),
        ClosureMeant::Account { user, sub_user } => {
            let account = named_account(&api, caller.partner, user, sub_user).await?;
            ClosureTarget::Account(caller.partner, account)
        }
    };
    save(&api, &caller, times, target).await
}

/// Revoke a closure of a partner
///
/// At once: its own, or one of any of its users and sub-users. The installation's are the operator's to revoke.
#[utoipa::path(delete, path = "/agent-api/closure/{closure_id}", tag = "closure",
    operation_id = "revoke_partner_closure", params(PartnerClosurePath),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn revoke_of_partner(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let id = PartnerClosurePath::read(&path)?;
    end(&api, &caller, id, |target| target.partner() == Some(caller.partner)).await
}

async fn save(
    api: &Api,
    caller: &Caller,
    ClosureTimes { name, begin, end }: ClosureTimes,
    target: ClosureTarget,
) -> Result<Answer<PlannedClosureView>, Problem> {
    let mut tx = match idempotency::begin(api, caller, Message::Saved).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let closure = PlannedClosure {
        id: ClosureId::generate(&*api.clock, &*api.random),
        target,
        name,
        begin,
        end,
        by: caller.set_by(),
        created_at: caller.now,
    };
    edits::closures::plan(&mut tx, &closure, &caller.change()).await?;
    let answer =
        idempotency::finish(tx, caller, Message::Saved, &PlannedClosureView::new(api, &closure)).await?;
    publish(api, caller).await;
    Ok(answer)
}

async fn end(
    api: &Api,
    caller: &Caller,
    id: ClosureId,
    is_own: impl FnOnce(ClosureTarget) -> bool,
) -> Result<Answer<()>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let closure = edits::closures::revoke(&mut tx, id, &caller.set_by(), &caller.change()).await?;
    if !is_own(closure.target) {
        return Err(Problem::NotFound);
    }
    tx.commit().await?;
    publish(api, caller).await;
    Ok(Answer::empty(Message::Deleted))
}

/// Publishes what fits at once. That it holds is certain by then.
async fn publish(api: &Api, caller: &Caller) {
    if let Err(error) = edits::stops::begin_publishing(&api.store, caller.now).await {
        tracing::warn!(%error, "what a closure closes or opens is published a little later");
    }
}
