//! Accounts: users (主账号) of the partner, and their sub-users (子账户).

pub(crate) mod administration;

use domain::{
    Account, AccountId, AccountKind, Email, Fault, FaultRule, Faults, Name, NewAccount, NumberDisplay,
    PartnerId, Phone, Profile, legible,
};
use jiff::civil::Date;
use serde::Serialize;
use store::{
    Page,
    accounts::{self, AccountFilter},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    Api,
    http::{
        body::{fields, required_name},
        chosen_ids::chosen_uuid,
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, Json, PartnerRequest},
        formats::{EmailSchema, LocalTimeSchema, NameSchema, PhoneSchema, ProfileTextSchema},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        messages::Message,
        number_view::NumberView,
        password::{self, Password},
        path::SubUserId,
        path::{SubUserPath, UserPath},
        problem::{Forbidden, Problem},
        query::{Id, PageQuery, Query, QueryParameters, Search, query_parameters},
        time::stamp,
    },
};

/// The most characters of each text in `subset_data`.
const PROFILE_CHARACTERS: usize = 64;

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_users, register_user))
        .routes(routes!(list_sub_users, register_sub_user))
        .routes(routes!(sub_user_detail))
        .routes(routes!(administration::disable_user))
        .routes(routes!(administration::enable_user))
        .routes(routes!(administration::set_user_password))
        .routes(routes!(administration::delete_user))
        .routes(routes!(administration::disable_sub_user))
        .routes(routes!(administration::enable_sub_user))
        .routes(routes!(administration::set_sub_user_password))
        .routes(routes!(administration::delete_sub_user))
}

/// A user as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    id: Uuid,
    name: String,
    email: String,
    #[schema(value_type = String, example = "13800000000")]
    phone: NumberView,
    tenant_id: Option<Uuid>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// Since when it is disabled; `null`: it is not.
    #[schema(value_type = Option<LocalTimeSchema>)]
    disabled_at: Option<String>,
}

impl UserView {
    fn new(api: &Api, caller: &Caller, account: &Account) -> Self {
        let zone = api.settings.zone;
        Self {
            id: account.id.uuid(),
            name: account.name.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            phone: NumberView::new(account.phone.as_str(), caller),
            tenant_id: account.tenant_id,
            created_at: stamp(zone, account.created_at),
            updated_at: stamp(zone, account.updated_at),
            disabled_at: account.disabled_at.map(|disabled_at| stamp(zone, disabled_at)),
        }
    }
}

/// A sub-user as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubUserView {
    id: Uuid,
    name: String,
    #[schema(value_type = String, example = "13800000000")]
    phone: NumberView,
    email: String,
    /// 0 unknown, 1 male, 2 female.
    #[schema(maximum = 2)]
    sex: u8,
    alias: Option<String>,
    duty: Option<String>,
    #[schema(value_type = Option<String>)]
    landline_phone: Option<NumberView>,
    qq: Option<String>,
    wechat: Option<String>,
    #[schema(value_type = Option<String>, format = "date", example = "2022-07-13")]
    birthday: Option<Date>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// Since when it is disabled; `null`: it itself is not. Its user may be.
    #[schema(value_type = Option<LocalTimeSchema>)]
    disabled_at: Option<String>,
}

impl SubUserView {
    fn new(api: &Api, caller: &Caller, account: &Account) -> Self {
        let zone = api.settings.zone;
        let profile = account.profile.clone();
        Self {
            id: account.id.uuid(),
            name: account.name.as_str().to_owned(),
            phone: NumberView::new(account.phone.as_str(), caller),
            email: account.email.as_str().to_owned(),
            sex: profile.sex,
            alias: profile.alias,
            duty: profile.duty,
            landline_phone: profile.landline_phone.map(|number| NumberView::new(&number, caller)),
            qq: profile.qq,
            wechat: profile.wechat,
            birthday: profile.birthday,
            created_at: stamp(zone, account.created_at),
            updated_at: stamp(zone, account.updated_at),
            disabled_at: account.disabled_at.map(|disabled_at| stamp(zone, disabled_at)),
        }
    }
}

/// What an account is registered from.
#[derive(Debug, ToSchema)]
pub(crate) struct Register {
    /// The id it had elsewhere, which no other account may have; left out, a new one.
    #[schema(value_type = Option<Uuid>)]
    id: Option<String>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    #[schema(value_type = EmailSchema, required = true)]
    email: Option<String>,
    #[schema(value_type = PhoneSchema, required = true)]
    phone: Option<String>,
    /// Kept only as an argon2id hash.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password: Option<Password>,
    /// The password again.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password_confirmation: Option<Password>,
    /// The cloud node, for users; kept and returned.
    tenant_id: Option<Uuid>,
    /// More about a sub-user; kept and returned.
    subset_data: Option<SubsetData>,
}

/// More about a sub-user.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct SubsetData {
    #[schema(value_type = Option<ProfileTextSchema>)]
    alias: Option<String>,
    #[schema(format = "date", example = "2022-07-13")]
    birthday: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    duty: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    wechat: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    qq: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    landline_phone: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    #[schema(minimum = 0, maximum = 2)]
    sex: Option<i64>,
}

fields!(Register { id, name, email, phone, password, password_confirmation, tenant_id, subset_data });
fields!(SubsetData { alias, birthday, duty, wechat, qq, landline_phone, sex });

impl SubsetData {
    fn profile(self, faults: &mut Faults) -> Profile {
        let sex = self.sex.unwrap_or(0);
        Profile {
            alias: profile_text("subset_data.alias", self.alias, faults),
            birthday: self.birthday.and_then(|text| birthday(&text, faults)),
            duty: profile_text("subset_data.duty", self.duty, faults),
            wechat: profile_text("subset_data.wechat", self.wechat, faults),
            qq: profile_text("subset_data.qq", self.qq, faults),
            landline_phone: profile_text("subset_data.landline_phone", self.landline_phone, faults),
            sex: faults.check("subset_data.sex", sex_number(sex)).unwrap_or(0),
        }
    }
}

fn sex_number(number: i64) -> Result<u8, FaultRule> {
    u8::try_from(number).ok().filter(|number| *number <= 2).ok_or(FaultRule::OutOfRange(0, 2))
}

fn birthday(text: &str, faults: &mut Faults) -> Option<Date> {
    faults.check("subset_data.birthday", Date::strptime("%Y-%m-%d", text).map_err(|_| FaultRule::DateTime))
}

fn profile_text(field: &str, text: Option<String>, faults: &mut Faults) -> Option<String> {
    let text = text?;
    let long = text.chars().count() > PROFILE_CHARACTERS;
    let rule = if long { Err(FaultRule::TooLong(PROFILE_CHARACTERS)) } else { legible(&text) };
    faults.check(field, rule).map(|()| text)
}

/// A registration whose fields are all good; the password still waits to be hashed.
struct Registration {
    /// The id that its client chose.
    id: Option<AccountId>,
    name: Name,
    email: Email,
    phone: Phone,
    password: String,
    tenant_id: Option<Uuid>,
    profile: Profile,
}

impl Register {
    fn check(self, mut faults: Faults) -> Result<Registration, Vec<Fault>> {
        let id = self.id.and_then(|id| faults.check("id", chosen_uuid(&id))).map(AccountId::new);
        let name = required_name(self.name, &mut faults);
        let email = faults.require("email", self.email);
        let email = email.and_then(|email| faults.check("email", Email::parse(&email)));
        let phone = faults.require("phone", self.phone);
        let phone = phone.and_then(|phone| faults.check("phone", Phone::parse(&phone)));
        let password = new_password(self.password, self.password_confirmation, &mut faults);
        let profile = self.subset_data.unwrap_or_default().profile(&mut faults);
        let registration =
            name.zip(email).zip(phone.zip(password)).map(|((name, email), (phone, password))| Registration {
                id,
                name,
                email,
                phone,
                password,
                tenant_id: self.tenant_id,
                profile,
            });
        faults.finish(registration)
    }
}

/// A password that is about to be set, given twice.
pub(crate) fn new_password(
    password: Option<Password>,
    confirmation: Option<Password>,
    faults: &mut Faults,
) -> Option<String> {
    let password = faults.require("password", password.map(|password| password.0));
    let confirmation = confirmation.map(|password| password.0);
    // Compared as they were sent: a password that is no good may be misspelt as well.
    let differ = password.as_ref().zip(confirmation.as_ref()).is_some_and(|(one, other)| one != other);
    let password = password.and_then(|text| faults.check("password", password::check(&text).map(|()| text)));
    faults.require("password_confirmation", confirmation);
    if differ {
        faults.add("password_confirmation", FaultRule::Differs("password"));
    }
    password
}

query_parameters! {
    /// Filters of a list of accounts.
    pub(crate) struct AccountQuery {
        /// Exactly this account.
        id: Id,
        /// The name contains this.
        name: Search,
        /// The e-mail address contains this.
        email: Search,
        /// The phone number contains this. Refused to tokens that see telephone numbers masked.
        phone: Search,
    }
}

query_parameters! {
    /// Filters of a list of users beside those of all accounts.
    pub(crate) struct UserQuery {
        /// The cloud node
        tenant_id: Id,
    }
}

fn filter(query: &Query, caller: &Caller) -> Result<(Page, AccountFilter), Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    let filter = read_filter(query, &mut faults);
    faults.finish(Some(()))?;
    if filter.phone.is_some() && caller.authority.token.numbers == NumberDisplay::Masked {
        return Err(Problem::Forbidden(Forbidden::NumbersMasked));
    }
    Ok((page, filter))
}

fn read_filter(query: &Query, faults: &mut Faults) -> AccountFilter {
    let AccountQuery { id, name, email, phone } = AccountQuery::read(query, faults);
    AccountFilter {
        id: id.map(AccountId::new),
        name,
        email: email.map(|text| text.to_lowercase()),
        // As numbers are stored.
        phone: phone.map(|text| text.replace([' ', '-'], "")),
        tenant_id: UserQuery::read(query, faults).tenant_id,
        visible: None,
    }
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
/// Its e-mail address and phone number are no other account's of the partner.
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
/// Its e-mail address and phone number are no other account's of the partner.
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

async fn register<T: Serialize>(
    api: &Api,
    caller: &Caller,
    kind: AccountKind,
    body: Json<Register>,
    view: impl FnOnce(&Api, &Caller, &Account) -> T,
) -> Result<Answer<T>, Problem> {
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

pub(crate) async fn hash_off_thread(
    api: &Api,
    partner: PartnerId,
    password: String,
) -> Result<String, Problem> {
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
