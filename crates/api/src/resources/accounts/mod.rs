//! Accounts: users (主账号) of the partner, and their sub-users (子账户).

mod administration;
mod body;
mod call_events;
mod filter;
mod view;

use domain::{Account, AccountId, AccountKind, NewAccount, PartnerId};
use serde::Serialize;
use store::accounts::{self, AccountFilter};

use self::{
    body::Register,
    filter::{AccountQuery, UserQuery, filter},
    view::{SubUserView, UserView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, Json, PartnerRequest},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        messages::Message,
        number_view::expect_to_see_whole_numbers,
        password,
        path::{SubUserId, SubUserPath, UserPath},
        problem::Problem,
        query::{PageQuery, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_users, register_user))
        .routes(routes!(list_sub_users, register_sub_user))
        .routes(routes!(sub_user_detail))
        .routes(routes!(account_info))
        .routes(routes!(call_events::call_events, call_events::set_call_events))
        .routes(routes!(administration::disable_user))
        .routes(routes!(administration::enable_user))
        .routes(routes!(administration::set_user_password))
        .routes(routes!(administration::delete_user))
        .routes(routes!(administration::disable_sub_user))
        .routes(routes!(administration::enable_sub_user))
        .routes(routes!(administration::set_sub_user_password))
        .routes(routes!(administration::delete_sub_user))
}

/// List users (用户列表)
///
/// The users of the token's partner, newest first.
#[utoipa::path(get, path = "/users", tag = "account", operation_id = "list_users",
    params(PageQuery, AccountQuery, UserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<UserView>>)))]
pub(crate) async fn list_users(request: PartnerRequest) -> Result<Answer<Vec<UserView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let (page, filter) = filter(&query, &caller)?;
    let filter = AccountFilter { visible: caller.authority.token.user, ..filter };
    let mut read = api.store.read().await?;
    let users = accounts::list(&mut read, caller.partner, AccountKind::User, &filter, page).await?;
    Ok(Answer::page(Message::Users, page, users, |user| UserView::new(&api, &caller, &user)))
}

/// Register a user (用户注册)
///
/// Its e-mail address and phone number are no other account's of the partner. Refused to tokens that see telephone numbers masked: the
/// answer tells whether the number is taken.
#[utoipa::path(post, path = "/users", tag = "account", operation_id = "register_user", request_body = Register,
    params( IdempotencyKey),
    responses((status = 200, body = Envelope<UserView>)))]
pub(crate) async fn register_user(
    request: PartnerRequest<Json<Register>>,
) -> Result<Answer<UserView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    register(&api, &caller, AccountKind::User, body, UserView::new).await
}

/// List sub-users (子账户列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/subset_users", tag = "account",
    operation_id = "list_sub_users", params(UserPath, PageQuery, AccountQuery),
    responses((status = 200, body = PagedEnvelope<Vec<SubUserView>>)))]
pub(crate) async fn list_sub_users(request: AccountRequest) -> Result<Answer<Vec<SubUserView>>, Problem> {
    let (page, filter) = filter(&request.query, &request.caller)?;
    let (partner, kind) = (request.caller.partner, AccountKind::SubUser(request.user));
    let sub_users = accounts::list(&mut request.read().await?, partner, kind, &filter, page).await?;
    Ok(Answer::page(Message::SubUsers, page, sub_users, |sub_user| {
        SubUserView::new(&request.api, &request.caller, &sub_user)
    }))
}

/// Register a sub-user (子账户注册)
///
/// Its e-mail address and phone number are no other account's of the partner. Refused to tokens that see telephone numbers masked: the
/// answer tells whether the number is taken.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/subset_users", tag = "account",
    operation_id = "register_sub_user", request_body = Register,
    params(UserPath, IdempotencyKey),
    responses((status = 200, body = Envelope<SubUserView>)))]
pub(crate) async fn register_sub_user(
    request: AccountRequest<(), Json<Register>>,
) -> Result<Answer<SubUserView>, Problem> {
    let AccountRequest { api, caller, user, body, .. } = request;
    register(&api, &caller, AccountKind::SubUser(user), body, SubUserView::new).await
}

/// Sub-user detail (子账户编辑)
///
/// With all that is known of it, but its password.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/subset_users/{sub_user_id}/edit", tag = "account",
    operation_id = "sub_user_detail", params(SubUserPath),
    responses((status = 200, body = Envelope<SubUserView>)))]
pub(crate) async fn sub_user_detail(
    request: AccountRequest<SubUserId>,
) -> Result<Answer<SubUserView>, Problem> {
    let account = accounts::get(&mut request.read().await?, request.caller.partner, request.id.0).await?;
    if account.kind != AccountKind::SubUser(request.user) {
        return Err(Problem::NotFound);
    }
    let view = SubUserView::new(&request.api, &request.caller, &account);
    Ok(Answer::new(Message::SubUserDetail, view))
}

/// Account information (账户信息)
///
/// The user, or the sub-user when one is named. The fields are ours, for the documents do not show them; there is no balance, because
/// nothing is billed here.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/message", tag = "account", operation_id = "account_info",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<UserView>)))]
pub(crate) async fn account_info(request: AccountRequest) -> Result<Answer<UserView>, Problem> {
    let (partner, account) = (request.caller.partner, request.account);
    let account = accounts::get(&mut request.read().await?, partner, account).await?;
    Ok(Answer::new(Message::AccountInfo, UserView::new(&request.api, &request.caller, &account)))
}

async fn register<T: Serialize>(
    api: &Api,
    caller: &Caller,
    kind: AccountKind,
    body: Json<Register>,
    view: impl FnOnce(&Api, &Caller, &Account) -> T,
) -> Result<Answer<T>, Problem> {
    expect_to_see_whole_numbers(caller)?;
    let (body, faults) = body.into_parts();
    let registration = body.check(faults)?;
    if let Some(answer) = idempotency::answered_before(api, caller, Message::Registered).await? {
        return Ok(answer);
    }
    let attempt = api.chosen_ids.attempt(registration.id.is_some(), caller.partner, caller.now)?;
    // What is cheap to find out comes before the hash, and the hash before the transaction: it takes long on purpose, and writers
    // wait for each other.
    let (email, phone) = (&registration.email, &registration.phone);
    accounts::check_free(&mut api.store.read().await?, caller.partner, email, phone).await?;
    let password_hash = hash_off_thread(api, caller.partner, registration.password).await?;
    let account = NewAccount {
        id: registration.id.unwrap_or_else(|| AccountId::generate(&*api.clock, &*api.random)),
        partner_id: caller.partner,
        kind,
        name: registration.name,
        email: registration.email,
        phone: registration.phone,
        password_hash,
        tenant_id: registration.tenant_id,
        profile: registration.profile,
        now: caller.now,
    };
    let mut tx = match idempotency::begin(api, caller, Message::Registered).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => {
            attempt.succeeded();
            return Ok(answer);
        }
    };
    let account = accounts::create(&mut tx, &account).await?;
    let answer = idempotency::finish(tx, caller, Message::Registered, &view(api, caller, &account)).await?;
    attempt.succeeded();
    Ok(answer)
}

async fn hash_off_thread(api: &Api, partner: PartnerId, password: String) -> Result<String, Problem> {
    let mut turn = api.allowances.turn_to_hash(partner).await?;
    let random = api.random.clone();
    let hash = tokio::task::spawn_blocking(move || {
        // The turn is held to the end of the hash, even when the client has gone meanwhile.
        password::hash_in(turn.memory(), &password, &*random)
    })
    .await;
    match hash {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => {
            tracing::error!(%error, "a password could not be hashed");
            Err(Problem::Internal)
        }
        Err(error) => {
            tracing::error!(%error, "hashing a password did not end");
            Err(Problem::Internal)
        }
    }
}
