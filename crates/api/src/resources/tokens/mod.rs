//! Tokens: what a partner can ask about its own.

use domain::{NumberDisplay, TokenScope};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    choices::choice,
    envelope::{Answer, Envelope},
    extract::PartnerRequest,
    formats::LocalTimeSchema,
    messages::Message,
    problem::Problem,
    routes::{Routes, routes},
    time::stamp,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(validity))
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
    scope: TokenScopeView,
    numbers: NumberDisplayView,
    /// The only user (主账号) it may act for, with the user's sub-users; `null`: every user of the partner.
    user_id: Option<Uuid>,
}

choice! {
    /// What a token may do; each holds the ones before it.
    enum TokenScopeView as TokenScope for TokenScope {
        /// Ask whether a call may go out, and nothing else.
        Decide = "decide",
        /// Read everything.
        Read = "read",
        /// Change everything.
        All = "all",
    }
}

choice! {
    /// How telephone numbers are shown to a token.
    enum NumberDisplayView as NumberDisplay for NumberDisplay {
        /// Whole.
        Full = "full",
        /// With stars in place of most digits.
        Masked = "masked",
    }
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
        scope: token.scope.into(),
        numbers: token.numbers.into(),
        user_id: token.user.map(domain::AccountId::uuid),
    };
    Ok(Answer::new(Message::TokenDetail, view))
}
