//! The platform's lists of scripts, which it calls script groups (话术分组).

use store::scripts;

use super::ScriptGroupView;
use crate::http::{
    envelope::{Answer, PagedEnvelope},
    extract::{AccountRequest, PartnerRequest},
    messages::Message,
    path::{TenantPath, UserPath},
    problem::Problem,
    query::{PageQuery, SubUserQuery},
};

/// Script groups of a user (话术分组)
///
/// The user's scripts, newest first.
#[utoipa::path(get, path = "/agent-api/group/{user_id}", tag = "script", operation_id = "script_groups",
    params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<ScriptGroupView>>)))]
pub(crate) async fn of_user(request: AccountRequest) -> Result<Answer<Vec<ScriptGroupView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let found = scripts::list(&mut request.read().await?, request.account, page).await?;
    Ok(Answer::page(Message::Scripts, page, found, |script| ScriptGroupView::new(&request.api, script)))
}

/// Scripts of all users of a tenant (查看下级用户所有话术)
///
/// Those of the partner's users that were registered with this `tenant_id`, and of their sub-users; of all its users, where it is the
/// partner's own id. Newest first.
#[utoipa::path(get, path = "/agent-api/agent_group/tenant/{tenant_id}", tag = "script",
    operation_id = "tenant_script_groups", params(TenantPath, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<ScriptGroupView>>)))]
pub(crate) async fn of_tenant(request: PartnerRequest) -> Result<Answer<Vec<ScriptGroupView>>, Problem> {
    let tenant = TenantPath::read(&request.path)?.tenant;
    let page = PageQuery::read_alone(&request.query)?;
    let (partner, user) = (request.caller.partner, request.caller.authority.token.user);
    let mut read = request.api.store.read().await?;
    let found = scripts::list_of_tenant(&mut read, partner, tenant, user, page).await?;
    Ok(Answer::page(Message::Scripts, page, found, |script| ScriptGroupView::new(&request.api, script)))
}
