//! The row of an account: its columns, and how it becomes an account.

use domain::{Account, AccountId, AccountKind, Email, Phone};
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const ACCOUNTS: Table = Table { name: "accounts", key: &["id"] };

/// The columns of [`AccountRow`].
macro_rules! account_columns {
    () => {
        "id, partner_id, parent_id, name, email, phone, tenant_id, profile, created_at, updated_at, disabled_at"
    };
}
pub(super) use account_columns;

/// An account without its password, as the audit stores it too.
#[derive(Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct AccountRow {
    pub(super) id: Uuid,
    pub(super) partner_id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    name: String,
    email: String,
    phone: String,
    tenant_id: Option<Uuid>,
    profile: String,
    created_at: i64,
    updated_at: i64,
    pub(super) disabled_at: Option<i64>,
}

impl TryFrom<AccountRow> for Account {
    type Error = DatabaseError;

    fn try_from(row: AccountRow) -> Result<Self> {
        let stored = |rule| damaged(format!("account {}: {rule:?}", row.id));
        Ok(Self {
            id: AccountId::new(row.id),
            kind: row.parent_id.map_or(AccountKind::User, |user| AccountKind::SubUser(AccountId::new(user))),
            name: stored_name(&row.name)?,
            email: Email::stored(&row.email).map_err(stored)?,
            phone: Phone::parse(&row.phone).map_err(stored)?,
            tenant_id: row.tenant_id,
            profile: from_json(&row.profile)?,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
            disabled_at: row.disabled_at.map(timestamp).transpose()?,
        })
    }
}
