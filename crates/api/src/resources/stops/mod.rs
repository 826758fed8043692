//! The kill switch: dialing is stopped and resumed, for a partner, an account or a line. The whole installation is stopped at the
//! command line; it is among what is listed here.

mod body;
mod view;

use domain::{AccountId, AccountKind, Faults, PartnerId, StopTarget, TokenScope};
use store::{
    accounts,
    edits::stops as stop_edits,
    lines,
    stops::{self, NamedStop, StopFilter},
};

pub(crate) use self::view::StopLevelView;
use self::{
    body::{StopBody, StopMeant},
    view::{StopChangeView, StopView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{Caller, Json, PartnerRequest},
        messages::Message,
        problem::Problem,
        query::{Id, PageQuery, QueryParameters, query_parameters},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list, stop)).routes(routes!(resume))
}

query_parameters! {
    /// Which stops.
    pub(crate) struct StopQuery {
        /// Only stops that cover this user (主账号): its own, the partner's and the installation's.
        user_id: Id,
        /// Only stops that cover this sub-user (子账户): its own, its user's, the partner's and the installation's.
        sub_user_id: Id,
    }
}

/// List stops
///
/// What is stopped now, the greatest first: the installation, the partner, users and sub-users, lines. A token that is limited to a user
/// is shown what covers that user and its sub-users.
#[utoipa::path(get, path = "/agent-api/stop-dialing", tag = "stop", operation_id = "list_stops",
    params(StopQuery, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<StopView>>)))]
pub(crate) async fn list(request: PartnerRequest) -> Result<Answer<Vec<StopView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let mut faults = Faults::default();
    let StopQuery { user_id, sub_user_id } = StopQuery::read(&query, &mut faults);
    let page = PageQuery::read(&query, &mut faults).page();
    faults.finish(Some(()))?;
    let filter = StopFilter {
        visible: caller.authority.token.user,
        user: user_id.map(AccountId::new),
        sub_user: sub_user_id.map(AccountId::new),
    };
    let found = stops::list(&mut api.store.read().await?, caller.partner, filter, page).await?;
    Ok(Answer::page(Message::Stops, page, found, |named| view(&api, &caller, named)))
}

/// Stop dialing (紧急停呼)
///
/// At once and until it is resumed: whatever windows, exceptions and other edits say, each decision is no (`stopped`), each task that is
/// switched on waits, calendars are empty, and ringing calls are ended; calls that someone answered go on as their tasks say. The log of
/// each account has `dialing.stopped` first, and then what closes by it. What is stopped already stays as it is, and `changed` says so.
///
/// A token that is limited to a user may stop that user and its sub-users. Unknown fields are refused by name.
#[utoipa::path(post, path = "/agent-api/stop-dialing", tag = "stop", operation_id = "stop_dialing",
    request_body = StopBody, responses((status = 200, body = Envelope<StopChangeView>)))]
pub(crate) async fn stop(request: PartnerRequest<Json<StopBody>>) -> Result<Answer<StopChangeView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (meant, reason) = body.checked(faults)?;
    let target = target(&api, &caller, meant).await?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let changed = stop_edits::stop(&mut tx, target, reason, caller.set_by(), &caller.change()).await?;
    tx.commit().await?;
    tracing::warn!(
        level = target.level().code(),
        id = target.id().map(tracing::field::display),
        changed,
        "dialing was stopped"
    );
    finish(&api, &caller, target, changed).await.map(|view| Answer::new(Message::DialingStopped, view))
}

/// Resume dialing (恢复呼叫)
///
/// Ends the stop of exactly this partner, account or line; what a greater stop covers stays stopped, and `stops` says by what. Answered
/// 409 where this is not stopped itself; `data` names the levels that are. Tasks that resume only when asked (`resume`: `ask`) were paused by the stop and stay so.
#[utoipa::path(post, path = "/agent-api/resume-dialing", tag = "stop", operation_id = "resume_dialing",
    request_body = StopBody, responses((status = 200, body = Envelope<StopChangeView>)))]
pub(crate) async fn resume(
    request: PartnerRequest<Json<StopBody>>,
) -> Result<Answer<StopChangeView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (meant, reason) = body.checked(faults)?;
    let target = target(&api, &caller, meant).await?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let ended =
        stop_edits::resume(&mut tx, target, reason.as_ref(), &caller.set_by(), &caller.change()).await?;
    if ended.is_none() {
        drop(tx);
        let covering = stops::covering(&mut api.store.read().await?, target).await?;
        let above = covering.into_iter().map(|named| named.stop.target.level()).collect();
        return Err(Problem::NotStopped { above });
    }
    tx.commit().await?;
    tracing::warn!(
        level = target.level().code(),
        id = target.id().map(tracing::field::display),
        "dialing was resumed"
    );
    let view = finish(&api, &caller, target, true).await?;
    let message = if view.stops.is_empty() { Message::DialingResumed } else { Message::StillStopped };
    Ok(Answer::new(message, view))
}

/// What is meant, if it is the caller's. What is not does not exist.
async fn target(api: &Api, caller: &Caller, meant: StopMeant) -> Result<StopTarget, Problem> {
    let (partner, limited_to) = (caller.partner, caller.authority.token.user);
    match meant {
        StopMeant::Partner | StopMeant::Line(_) if limited_to.is_some() => Err(Problem::NotFound),
        StopMeant::Account { user, .. } if limited_to.is_some_and(|only| only != user) => {
            Err(Problem::NotFound)
        }
        StopMeant::Partner => Ok(StopTarget::Partner(partner)),
        StopMeant::Line(line) => {
            lines::get(&mut api.store.read().await?, partner, line).await?;
            Ok(StopTarget::Line(partner, line))
        }
        StopMeant::Account { user, sub_user } => {
            let account = named_account(api, partner, user, sub_user).await?;
            Ok(StopTarget::Account(partner, account))
        }
    }
}

/// A user, or its sub-user, that a request of a partner names. What is not the partner's does not exist.
pub(crate) async fn named_account(
    api: &Api,
    partner: PartnerId,
    user: AccountId,
    sub_user: Option<AccountId>,
) -> Result<AccountId, Problem> {
    let (id, kind) = match sub_user {
        None => (user, AccountKind::User),
        Some(sub_user) => (sub_user, AccountKind::SubUser(user)),
    };
    let account = accounts::get(&mut api.store.read().await?, partner, id).await?;
    if account.kind == kind { Ok(id) } else { Err(Problem::NotFound) }
}

/// Publishes what fits at once, and answers what is stopped now. That dialing is stopped or resumed is certain by then.
async fn finish(
    api: &Api,
    caller: &Caller,
    target: StopTarget,
    changed: bool,
) -> Result<StopChangeView, Problem> {
    if changed && let Err(error) = stop_edits::begin_publishing(&api.store, caller.now).await {
        tracing::warn!(%error, "what a stop closes or opens is published a little later");
    }
    let stops = stops::covering(&mut api.store.read().await?, target).await?;
    Ok(StopChangeView { changed, stops: stops.into_iter().map(|stop| view(api, caller, stop)).collect() })
}

fn view(api: &Api, caller: &Caller, named: NamedStop) -> StopView {
    let may_resume = may_resume(caller, &named);
    StopView::new(api.settings.zone, named, may_resume)
}

/// Whether the caller may end a stop that it is shown.
fn may_resume(caller: &Caller, named: &NamedStop) -> bool {
    let token = &caller.authority.token;
    token.scope == TokenScope::All
        && match named.stop.target {
            StopTarget::Installation => false,
            StopTarget::Partner(_) | StopTarget::Line(..) => token.user.is_none(),
            StopTarget::Account(..) => true,
        }
}
