//! Operations on a user (主账号) or a sub-user (子账户) as a whole: disabling, enabling, setting its password, deleting it.

use domain::{AccountId, AccountKind, FaultRule, Faults};
use serde::Serialize;
use store::{
    accounts,
    edits::accounts::{self as account_edits, Removed, Whom},
};
use utoipa::ToSchema;

use super::{body::new_password, hash_off_thread};
use crate::http::{
    body::fields,
    envelope::{Answer, EmptyEnvelope, Envelope},
    extract::{AccountRequest, EmptyBody, Json},
    messages::Message,
    password::Password,
    path::{SubUserId, SubUserPath, UserPath},
    problem::Problem,
    query::{Flag, NotEmpty, QueryParameters, query_parameters},
};

/// Another password.
#[derive(Debug, ToSchema)]
pub(crate) struct SetPassword {
    /// 8 to 128 characters; kept only as an argon2id hash.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password: Option<Password>,
    /// The password again.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password_confirmation: Option<Password>,
}

fields!(SetPassword { password, password_confirmation } known &[]);

query_parameters! {
    /// How much goes with an account.
    pub(crate) struct RemovalQuery {
        /// Also delete its sub-users, tasks, groups, webhooks and events. Without it an account that has sub-users, tasks or groups
        /// is not deleted.
        with_everything: NotEmpty<Flag>,
    }
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovedView {
    /// Users and sub-users, itself included.
    accounts: usize,
    /// Dial time groups.
    groups: usize,
    /// Tasks.
    tasks: usize,
}

impl From<Removed> for RemovedView {
    fn from(removed: Removed) -> Self {
        let Removed { accounts, groups, tasks } = removed;
        Self { accounts, groups, tasks }
    }
}

/// Disable a user
///
/// From now on nobody acts for it or its sub-users, and their tasks do not dial: decisions say no (`account_disabled`), and
/// events say which tasks stopped. Everything stays, and tokens that are limited to it are good again when it is enabled.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/disable", tag = "account", operation_id = "disable_user",
    params(UserPath), responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn disable_user(request: AccountRequest<(), EmptyBody>) -> Result<Answer<()>, Problem> {
    set_disabled(&request, user(&request)?, true).await
}

/// Enable a user
///
/// Its tasks dial again where their groups allow it, but for those that resume only when asked.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/enable", tag = "account", operation_id = "enable_user",
    params(UserPath), responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn enable_user(request: AccountRequest<(), EmptyBody>) -> Result<Answer<()>, Problem> {
    set_disabled(&request, user(&request)?, false).await
}

/// Change a user's password
///
/// The old one is not asked for.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/password", tag = "account", operation_id = "set_user_password",
    params(UserPath), request_body = SetPassword, responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn set_user_password(
    request: AccountRequest<(), Json<SetPassword>>,
) -> Result<Answer<()>, Problem> {
    let (body, faults, request) = request.take_body();
    set_password(&request, user(&request)?, body, faults).await
}

/// Delete a user
///
/// With its tokens. Refused while it has sub-users, tasks or groups, unless everything is to go with it.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}", tag = "account", operation_id = "delete_user",
    params(UserPath, RemovalQuery), responses((status = 200, body = Envelope<RemovedView>)))]
pub(crate) async fn delete_user(
    request: AccountRequest<(), EmptyBody>,
) -> Result<Answer<RemovedView>, Problem> {
    delete(&request, user(&request)?).await
}

/// Disable a sub-user
///
/// As with a user.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/subset_users/{sub_user_id}/disable", tag = "account",
    operation_id = "disable_sub_user", params(SubUserPath), responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn disable_sub_user(
    request: AccountRequest<SubUserId, EmptyBody>,
) -> Result<Answer<()>, Problem> {
    let sub_user = sub_user(&request).await?;
    set_disabled(&request, sub_user, true).await
}

/// Enable a sub-user
///
/// As with a user. While its user is disabled, so is the sub-user.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/subset_users/{sub_user_id}/enable", tag = "account",
    operation_id = "enable_sub_user", params(SubUserPath), responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn enable_sub_user(
    request: AccountRequest<SubUserId, EmptyBody>,
) -> Result<Answer<()>, Problem> {
    let sub_user = sub_user(&request).await?;
    set_disabled(&request, sub_user, false).await
}

/// Change a sub-user's password
///
/// The old one is not asked for.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/subset_users/{sub_user_id}/password", tag = "account",
    operation_id = "set_sub_user_password", params(SubUserPath), request_body = SetPassword,
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn set_sub_user_password(
    request: AccountRequest<SubUserId, Json<SetPassword>>,
) -> Result<Answer<()>, Problem> {
    let (body, faults, request) = request.take_body();
    set_password(&request, sub_user(&request).await?, body, faults).await
}

/// Delete a sub-user
///
/// Refused while it has tasks or groups, unless everything is to go with it.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/subset_users/{sub_user_id}", tag = "account",
    operation_id = "delete_sub_user", params(SubUserPath, RemovalQuery),
    responses((status = 200, body = Envelope<RemovedView>)))]
pub(crate) async fn delete_sub_user(
    request: AccountRequest<SubUserId, EmptyBody>,
) -> Result<Answer<RemovedView>, Problem> {
    let sub_user = sub_user(&request).await?;
    delete(&request, sub_user).await
}

/// The user of the path. A `sub_user_id` beside it is refused: its client means that account, and not the whole user.
fn user<B>(request: &AccountRequest<(), B>) -> Result<AccountId, Problem> {
    if request.account == request.user {
        Ok(request.user)
    } else {
        Err(Problem::fault("sub_user_id", FaultRule::UnknownField))
    }
}

/// The sub-user of the path, if it is the user's.
async fn sub_user<B>(request: &AccountRequest<SubUserId, B>) -> Result<AccountId, Problem> {
    if request.account != request.user && request.account != request.id.0 {
        return Err(Problem::fault("sub_user_id", FaultRule::UnknownField));
    }
    let account = accounts::get(&mut request.read().await?, request.caller.partner, request.id.0).await?;
    if account.kind == AccountKind::SubUser(request.user) { Ok(account.id) } else { Err(Problem::NotFound) }
}

async fn set_disabled<I, B>(
    request: &AccountRequest<I, B>,
    account: AccountId,
    disabled: bool,
) -> Result<Answer<()>, Problem> {
    let whom = Whom::Account(request.caller.partner, account);
    let mut tx = request.begin().await?;
    account_edits::set_disabled(&mut tx, whom, disabled, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(if disabled { Message::Disabled } else { Message::Enabled }))
}

async fn set_password<I, B>(
    request: &AccountRequest<I, B>,
    account: AccountId,
    body: SetPassword,
    mut faults: Faults,
) -> Result<Answer<()>, Problem> {
    let password = new_password(body.password, body.password_confirmation, &mut faults);
    let password = faults.finish(password)?;
    // Hashed before the transaction: it takes long on purpose, and writers wait for each other.
    let hash = hash_off_thread(&request.api, request.caller.partner, password).await?;
    let mut tx = request.begin().await?;
    let change = request.caller.change();
    let locked = accounts::lock(&mut tx, request.caller.partner, account).await?;
    accounts::set_password(&mut tx, &locked, &hash, &change).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::PasswordSet))
}

async fn delete<I, B>(
    request: &AccountRequest<I, B>,
    account: AccountId,
) -> Result<Answer<RemovedView>, Problem> {
    let mut faults = Faults::default();
    let RemovalQuery { with_everything } = RemovalQuery::read(&request.query, &mut faults);
    faults.finish(Some(()))?;
    let whom = Whom::Account(request.caller.partner, account);
    let mut tx = request.begin().await?;
    let removed = account_edits::delete(&mut tx, whom, with_everything, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::Deleted, removed.into()))
}
