//! The row of a ceiling: its columns, and how it becomes one.

use domain::{AccountId, CeilingTarget, DialTimeGroupId, GroupCeiling, PartnerId, SetBy, TokenId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, stored_name, timestamp},
    error::Result,
};

/// A ceiling as it stands in the table, with the name of its group; what is not skipped is its before-image in the audit.
#[derive(Debug, Serialize, Deserialize, sqlx_macros::FromRow)]
pub(super) struct CeilingRow {
    pub(super) level: String,
    pub(super) subject: Uuid,
    pub(super) partner_id: Uuid,
    pub(super) group_account_id: Uuid,
    pub(super) group_id: i64,
    pub(super) token_id: Option<Uuid>,
    pub(super) token_name: Option<String>,
    pub(super) set_at: i64,
    #[serde(skip)]
    pub(super) name: String,
}

impl CeilingRow {
    pub(super) fn target(&self) -> Result<CeilingTarget> {
        let partner = PartnerId::new(self.partner_id);
        match self.level.as_str() {
            "partner" => Ok(CeilingTarget::Partner(partner)),
            "account" => Ok(CeilingTarget::Account(partner, AccountId::new(self.subject))),
            level => Err(damaged(format!("level {level}"))),
        }
    }
}

impl TryFrom<CeilingRow> for GroupCeiling {
    type Error = DatabaseError;

    fn try_from(row: CeilingRow) -> Result<Self> {
        let by = match (row.token_id, &row.token_name) {
            (Some(id), Some(name)) => SetBy::Token(TokenId::new(id), stored_name(name)?),
            _ => SetBy::CommandLine,
        };
        Ok(Self {
            target: row.target()?,
            account: AccountId::new(row.group_account_id),
            group: DialTimeGroupId::new(row.group_id),
            name: stored_name(&row.name)?,
            by,
            set_at: timestamp(row.set_at)?,
        })
    }
}
