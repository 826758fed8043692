//! The row of a planned closure: its columns, and how it becomes one.

use calendar::{ClosedSpan, ClosedSpans};
use domain::{AccountId, ClosureId, ClosureTarget, PartnerId, PlannedClosure, SetBy, TokenId};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const CLOSURES: Table = Table { name: "closures", key: &["id"] };

/// The columns of [`ClosureRow`].
macro_rules! closure_columns {
    () => {
        "closures.id, closures.level, closures.subject, closures.partner_id, closures.name, closures.begin_at, closures.end_at, \
         closures.token_id, closures.token_name, closures.created_at"
    };
}
pub(super) use closure_columns;

/// A closure as it stands in the table.
#[derive(Debug, sqlx_macros::FromRow)]
pub(super) struct ClosureRow {
    id: Uuid,
    level: String,
    subject: Uuid,
    partner_id: Option<Uuid>,
    name: String,
    begin_at: i64,
    end_at: i64,
    token_id: Option<Uuid>,
    token_name: Option<String>,
    created_at: i64,
}

impl TryFrom<ClosureRow> for PlannedClosure {
    type Error = DatabaseError;

    fn try_from(row: ClosureRow) -> Result<Self> {
        let target = match (row.level.as_str(), row.partner_id) {
            ("installation", _) => ClosureTarget::Installation,
            ("partner", _) => ClosureTarget::Partner(PartnerId::new(row.subject)),
            ("account", Some(partner)) => {
                ClosureTarget::Account(PartnerId::new(partner), AccountId::new(row.subject))
            }
            (level, _) => return Err(damaged(format!("level {level}"))),
        };
        let by = match (row.token_id, row.token_name) {
            (Some(id), Some(name)) => SetBy::Token(TokenId::new(id), stored_name(&name)?),
            _ => SetBy::CommandLine,
        };
        Ok(Self {
            id: ClosureId::new(row.id),
            target,
            name: stored_name(&row.name)?,
            begin: timestamp(row.begin_at)?,
            end: timestamp(row.end_at)?,
            by,
            created_at: timestamp(row.created_at)?,
        })
    }
}

/// When a closure holds.
#[derive(Debug, sqlx_macros::FromRow)]
pub(super) struct SpanRow {
    name: String,
    begin_at: i64,
    end_at: i64,
    created_at: i64,
    revoked_at: Option<i64>,
}

/// The spans in which closures hold: none before it was made, nor after it was revoked.
pub(super) fn spans(rows: Vec<SpanRow>) -> Result<ClosedSpans> {
    let span = |row: SpanRow| {
        let end = row.revoked_at.map_or(row.end_at, |revoked| row.end_at.min(revoked));
        let begin = timestamp(row.begin_at.max(row.created_at))?;
        Ok(ClosedSpan { begin, end: timestamp(end)?, name: row.name.into() })
    };
    Ok(ClosedSpans::new(rows.into_iter().map(span).collect::<Result<_>>()?))
}
