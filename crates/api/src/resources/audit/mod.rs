//! The audit log of an account and its sub-users, or of a partner: who changed what, and when.

mod filter;
mod view;

use domain::{AccountId, Faults};
use store::{
    Page, Read, accounts,
    audit::{self, AuditFilter, AuditLog},
};

use self::{
    filter::{AuditQuery, PartnerAuditQuery},
    view::AuditedChangeView,
};
use crate::{
    Api,
    http::{
        actor::ActorNames,
        envelope::{Answer, PagedEnvelope},
        extract::{AccountRequest, Caller, PartnerRequest},
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{PageQuery, Query, QueryParameters, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(list_of_partner))
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
    let AccountRequest { api, caller, account, query, .. } = request;
    let (page, mut filter) = asked(&api, &caller, &query, Faults::default())?;
    let mut read = api.store.read().await?;
    filter.log = AuditLog::Accounts(accounts::with_sub_users(&mut read, account).await?);
    answer(&api, &caller, read, filter, page).await
}

/// Audit log of the partner (代理操作日志)
///
/// What was changed of the partner of the token as a whole (lines, line groups, closures, ceilings, stops, holiday calendars, the partner itself) and of all
/// its users and sub-users: who did it, when, and to what; newest first. Filtered and kept as the log of a user, and by account (`user_id`). It also says who changed and
/// deleted accounts that are gone; `user_id` is `null` of what is no account's. What the operator changes of the installation is not in it.
#[utoipa::path(get, path = "/agent-api/audit", tag = "events", operation_id = "list_partner_audit",
    params(PageQuery, AuditQuery, PartnerAuditQuery),
    responses((status = 200, body = PagedEnvelope<Vec<AuditedChangeView>>)))]
pub(crate) async fn list_of_partner(
    request: PartnerRequest,
) -> Result<Answer<Vec<AuditedChangeView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let mut faults = Faults::default();
    let PartnerAuditQuery { user_id } = PartnerAuditQuery::read(&query, &mut faults);
    let (page, mut filter) = asked(&api, &caller, &query, faults)?;
    let read = api.store.read().await?;
    filter.log = AuditLog::Partner(caller.partner);
    filter.account = user_id.map(AccountId::new);
    answer(&api, &caller, read, filter, page).await
}

/// The page, and what the log is narrowed to but for whose it is.
fn asked(
    api: &Api,
    caller: &Caller,
    query: &Query,
    mut faults: Faults,
) -> Result<(Page, AuditFilter), Problem> {
    let page = PageQuery::read(query, &mut faults).page();
    let filter = AuditQuery::read(query, &mut faults).filter(api, caller, &mut faults);
    Ok((page, faults.finish(Some(filter))??))
}

async fn answer(
    api: &Api,
    caller: &Caller,
    mut read: Read,
    filter: AuditFilter,
    page: Page,
) -> Result<Answer<Vec<AuditedChangeView>>, Problem> {
    let found = audit::list(&mut read, &filter, page).await?;
    let names = ActorNames::read(&mut read, found.items.iter().filter_map(|change| change.actor)).await?;
    Ok(Answer::page(Message::AuditLog, page, found, |change| {
        AuditedChangeView::new(api, caller, change, &names)
    }))
}
