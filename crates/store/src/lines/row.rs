//! The rows of lines and allocations: their columns, and how they become lines and allocations.

use domain::{
    AccountId, AllocationDraft, AllocationPrice, Line, LineAllocation, LineAllocationId, LineDraft, LineId,
    LineSecret, PartnerId,
};
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The tables, for the log.
pub(crate) const LINES: Table = Table { name: "lines", key: &["id"] };
pub(super) const ALLOCATIONS: Table = Table { name: "line_allocations", key: &["allocation_id"] };

/// The columns of [`LineRow`].
macro_rules! line_columns {
    () => {
        "lines.id, lines.partner_id, lines.name, lines.settings, lines.secret, lines.version, lines.created_at, \
         lines.updated_at"
    };
}
pub(crate) use line_columns;

/// The columns of [`AllocationRow`]. They have names of their own wherever those of lines have the same, for both are read
/// together.
macro_rules! allocation_columns {
    () => {
        "line_allocations.id AS allocation_id, line_allocations.line_id, line_allocations.user_id, \
         line_allocations.line_concurrency, line_allocations.deadline_at, line_allocations.price, \
         line_allocations.scripts, line_allocations.begin_at, line_allocations.updated_at AS allocation_updated_at"
    };
}
pub(super) use allocation_columns;

/// A line as it stands in the table; what is not skipped is its before-image in the audit.
#[derive(Clone, Serialize, sqlx_macros::FromRow)]
pub(crate) struct LineRow {
    pub(super) id: Uuid,
    pub(super) partner_id: Uuid,
    name: String,
    settings: String,
    #[serde(skip)]
    secret: Option<String>,
    pub(super) version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<LineRow> for Line {
    type Error = DatabaseError;

    fn try_from(row: LineRow) -> Result<Self> {
        let secret = row.secret.map(|secret| LineSecret::parse(&secret)).transpose();
        Ok(Self {
            id: LineId::new(row.id),
            partner_id: PartnerId::new(row.partner_id),
            draft: LineDraft {
                name: stored_name(&row.name)?,
                secret: secret.map_err(|rule| damaged(format!("secret: {rule:?}")))?,
                settings: from_json(&row.settings)?,
            },
            version: row.version,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

/// An allocation as it stands in the table, and its before-image in the audit.
#[derive(Clone, Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct AllocationRow {
    #[serde(rename = "id")]
    pub(super) allocation_id: i64,
    line_id: Uuid,
    user_id: Uuid,
    pub(super) line_concurrency: i64,
    deadline_at: Option<i64>,
    price: i64,
    scripts: String,
    begin_at: i64,
    #[serde(rename = "updated_at")]
    allocation_updated_at: i64,
}

impl TryFrom<AllocationRow> for LineAllocation {
    type Error = DatabaseError;

    fn try_from(row: AllocationRow) -> Result<Self> {
        let price = AllocationPrice::from_millionths(row.price);
        Ok(Self {
            id: LineAllocationId::new(row.allocation_id),
            line_id: LineId::new(row.line_id),
            user_id: AccountId::new(row.user_id),
            draft: AllocationDraft {
                line_concurrency: row.line_concurrency,
                deadline_at: row.deadline_at.map(timestamp).transpose()?,
                price: price.map_err(|rule| damaged(format!("price: {rule:?}")))?,
            },
            scripts: from_json(&row.scripts)?,
            begin_at: timestamp(row.begin_at)?,
            updated_at: timestamp(row.allocation_updated_at)?,
        })
    }
}
