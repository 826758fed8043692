//! Who set what others ask about: a stop, or the override of a group.

use domain::SetBy;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::extract::Caller;

/// Who set it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SetBy)]
pub(crate) struct SetByView {
    /// The token by which it was; `null`: the command line.
    token_id: Option<Uuid>,
    /// What the token was called.
    token_name: Option<String>,
}

impl From<&SetBy> for SetByView {
    fn from(by: &SetBy) -> Self {
        let token_id = match by {
            SetBy::CommandLine => None,
            SetBy::Token(id, _) => Some(id.uuid()),
        };
        Self { token_id, token_name: by.token_name().map(str::to_owned) }
    }
}

impl Caller {
    /// The caller, as whoever sets something.
    pub(crate) fn set_by(&self) -> SetBy {
        let token = &self.authority.token;
        SetBy::Token(token.id, token.name.clone())
    }
}
