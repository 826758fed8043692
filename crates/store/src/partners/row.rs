//! The rows of partners and tokens: their columns, and how they become partners and tokens.

use domain::{AccountId, Partner, PartnerId, Token, TokenId};
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{from_word, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The tables, for the log.
pub(super) const PARTNERS: Table = Table { name: "partners", key: &["id"] };
pub(super) const TOKENS: Table = Table { name: "tokens", key: &["id"] };

/// The columns of [`PartnerRow`].
macro_rules! partner_columns {
    () => {
        "id, name, created_at, disabled_at"
    };
}
pub(super) use partner_columns;

/// The columns of [`TokenRow`].
macro_rules! token_columns {
    () => {
        "tokens.id, tokens.partner_id, tokens.name, tokens.created_at, tokens.expires_at, tokens.revoked_at, tokens.scope, \
         tokens.numbers, tokens.user_id, tokens.last_used_at"
    };
}
pub(super) use token_columns;

/// A partner, as the audit stores it too.
#[derive(Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct PartnerRow {
    pub(super) id: Uuid,
    name: String,
    created_at: i64,
    pub(super) disabled_at: Option<i64>,
}

impl TryFrom<PartnerRow> for Partner {
    type Error = DatabaseError;

    fn try_from(row: PartnerRow) -> Result<Self> {
        Ok(Self {
            id: PartnerId::new(row.id),
            name: stored_name(&row.name)?,
            created_at: timestamp(row.created_at)?,
            disabled_at: row.disabled_at.map(timestamp).transpose()?,
        })
    }
}

#[derive(Debug, sqlx_macros::FromRow)]
pub(super) struct TokenRow {
    pub(super) id: Uuid,
    partner_id: Uuid,
    name: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    scope: String,
    numbers: String,
    user_id: Option<Uuid>,
    last_used_at: Option<i64>,
}

impl TryFrom<TokenRow> for Token {
    type Error = DatabaseError;

    fn try_from(row: TokenRow) -> Result<Self> {
        Ok(Self {
            id: TokenId::new(row.id),
            partner_id: PartnerId::new(row.partner_id),
            name: stored_name(&row.name)?,
            created_at: timestamp(row.created_at)?,
            expires_at: row.expires_at.map(timestamp).transpose()?,
            revoked_at: row.revoked_at.map(timestamp).transpose()?,
            scope: from_word(&row.scope)?,
            numbers: from_word(&row.numbers)?,
            user: row.user_id.map(AccountId::new),
            last_used_at: row.last_used_at.map(timestamp).transpose()?,
        })
    }
}
