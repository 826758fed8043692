//! The audit log of an account and its sub-users: who changed what, and when.

mod filter;
mod view;

use domain::Faults;
use store::{accounts, audit};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{filter::AuditQuery, view::AuditedChangeView};
use crate::{
    Api,
    http::{
        actor::ActorNames,
        envelope::{Answer, PagedEnvelope},
        extract::AccountRequest,
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{PageQuery, QueryParameters, SubUserQuery},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Audit log (操作日志)
///
/// What was changed of the user and of all its sub-users, or with `sub_user_id` of one of them: who did it, when, and to what; newest
/// first. Kept for good, unless the operator chose otherwise (`--audit-kept-days`). It shows no secrets, no addresses that may hold one, and
/// of telephone numbers as much as the token may see. Unknown parameters are refused by name.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/audit", tag = "events", operation_id = "list_audit",
    params(UserPath, PageQuery, AuditQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<AuditedChangeView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<AuditedChangeView>>, Problem> {
    let mut faults = Faults::default();
    // A misspelt name would show more than was asked for.
    let known = [PageQuery::NAMES, AuditQuery::NAMES, SubUserQuery::NAMES];
    request.query.refuse_all_but(&known, &mut faults);
    let page = PageQuery::read(&request.query, &mut faults).page();
    let filter = AuditQuery::read(&request.query, &mut faults).filter(&request, &mut faults);
    let mut filter = faults.finish(Some(filter))??;
    let mut read = request.read().await?;
    filter.accounts = accounts::with_sub_users(&mut read, request.account).await?;
    let found = audit::list(&mut read, &filter, page).await?;
    let names = ActorNames::read(&mut read, found.items.iter().filter_map(|change| change.actor)).await?;
    let caller = &request.caller;
    Ok(Answer::page(Message::AuditLog, page, found, |change| {
        AuditedChangeView::new(&request.api, caller, change, &names)
    }))
}
