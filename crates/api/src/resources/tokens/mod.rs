//! Tokens: `dt_` and 32 random bytes, shown once, kept as their SHA-256; and what a partner can ask about its own.

use domain::{NumberDisplay, Random, SubscriptionKeyHash, TokenHash, TokenScope};
use secrecy::SecretString;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::PartnerRequest,
        formats::LocalTimeSchema,
        problem::Problem,
        time::stamp,
    },
    messages::Message,
};

/// What every token starts with, so that a leaked one is recognised.
const PREFIX: &str = "dt_";

/// Makes the secret of a new token. Only its [`hash`] is ever stored.
pub fn new_secret(random: &dyn Random) -> SecretString {
    secret(PREFIX, random)
}

/// Makes a secret of 32 random bytes.
pub(crate) fn secret(prefix: &str, random: &dyn Random) -> SecretString {
    use std::fmt::Write;

    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let mut secret = prefix.to_owned();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(secret, "{byte:02x}");
    }
    secret.into()
}

/// The hash by which a token is found.
pub fn hash(secret: &str) -> TokenHash {
    TokenHash(Sha256::digest(secret.as_bytes()).into())
}

/// The hash by which a calendar subscription is found.
pub(crate) fn hash_subscription_key(key: &str) -> SubscriptionKeyHash {
    SubscriptionKeyHash(Sha256::digest(key.as_bytes()).into())
}

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(validity))
}

/// The validity of the token that asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// The id by which the operator can revoke it.
    id: Uuid,
    /// What it is for.
    name: String,
    /// When it was made.
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    /// From when on it is refused; `null`: never.
    #[schema(value_type = Option<LocalTimeSchema>)]
    expires_at: Option<String>,
    /// How many seconds it is still good for; `null`: without end.
    expires_in: Option<i64>,
    #[schema(value_type = TokenScopeSchema)]
    scope: TokenScope,
    #[schema(value_type = NumberDisplaySchema)]
    numbers: NumberDisplay,
    /// The only user (主账号) it may act for, with the user's sub-users; `null`: every user of the partner.
    user_id: Option<Uuid>,
}

/// What a token may do; each holds the ones before it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum TokenScopeSchema {
    /// Ask whether a call may go out, and nothing else.
    Decide,
    /// Read everything.
    Read,
    /// Change everything.
    All,
}

/// How telephone numbers are shown to a token.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum NumberDisplaySchema {
    /// Whole.
    Full,
    /// With stars in place of most digits.
    Masked,
}

/// Token validity (查看合作伙伴token有效期)
///
/// How long the Bearer token of this very request is good for, and what it may do.
#[utoipa::path(get, path = "/agent-api/token", tag = "token", operation_id = "token_validity",
    responses((status = 200, body = Envelope<TokenView>)))]
pub(crate) async fn validity(request: PartnerRequest) -> Result<Answer<TokenView>, Problem> {
    let zone = request.api.settings.zone;
    let token = &request.caller.authority.token;
    let view = TokenView {
        id: token.id.uuid(),
        name: token.name.as_str().to_owned(),
        created_at: stamp(zone, token.created_at),
        expires_at: token.expires_at.map(|expires_at| stamp(zone, expires_at)),
        expires_in: token
            .expires_at
            .map(|expires_at| expires_at.duration_since(request.caller.now).as_secs()),
        scope: token.scope,
        numbers: token.numbers,
        user_id: token.user.map(domain::AccountId::uuid),
    };
    Ok(Answer::new(Message::TokenDetail, view))
}
