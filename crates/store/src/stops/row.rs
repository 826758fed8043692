//! The row of a stop: its columns, its key, and how it becomes a stop.

use domain::{AccountId, LineId, PartnerId, SetBy, StatedReason, Stop, StopLevel, StopTarget, TokenId};
use serde::Serialize;
use uuid::Uuid;

use super::NamedStop;
use crate::database::{
    DatabaseError,
    convert::{damaged, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const STOPS: Table = Table { name: "stops", key: &["subject"] };

/// The columns of [`StopRow`].
macro_rules! stop_columns {
    () => {
        "stops.level, stops.subject, stops.partner_id, stops.reason, stops.token_id, stops.token_name, stops.stopped_at"
    };
}
pub(super) use stop_columns;

/// A stop as it stands in the table, and as the audit stores it.
#[derive(Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct StopRow {
    level: String,
    subject: Uuid,
    partner_id: Option<Uuid>,
    reason: Option<String>,
    token_id: Option<Uuid>,
    token_name: Option<String>,
    stopped_at: i64,
}

/// The `subject` of a target.
pub(super) const fn subject(target: StopTarget) -> Uuid {
    match target.id() {
        Some(id) => id,
        None => Uuid::nil(),
    }
}

/// The target of a level and a subject.
pub(super) fn target(level: &str, subject: Uuid, partner: Option<Uuid>) -> Result<StopTarget> {
    let level = StopLevel::from_code(level).ok_or_else(|| damaged(format!("level {level}")))?;
    let partner = partner.map(PartnerId::new);
    Ok(match (level, partner) {
        (StopLevel::Installation, _) => StopTarget::Installation,
        (StopLevel::Partner, _) => StopTarget::Partner(PartnerId::new(subject)),
        (StopLevel::Account, Some(partner)) => StopTarget::Account(partner, AccountId::new(subject)),
        (StopLevel::Line, Some(partner)) => StopTarget::Line(partner, LineId::new(subject)),
        (StopLevel::Account | StopLevel::Line, None) => return Err(damaged("a stop of no partner")),
    })
}

impl TryFrom<StopRow> for Stop {
    type Error = DatabaseError;

    fn try_from(row: StopRow) -> Result<Self> {
        let by = match (row.token_id, row.token_name) {
            (Some(id), Some(name)) => SetBy::Token(TokenId::new(id), stored_name(&name)?),
            _ => SetBy::CommandLine,
        };
        let reason = row.reason.as_deref().map(StatedReason::parse).transpose();
        Ok(Self {
            target: target(&row.level, row.subject, row.partner_id)?,
            reason: reason.map_err(|rule| damaged(format!("reason: {rule:?}")))?,
            by,
            at: timestamp(row.stopped_at)?,
        })
    }
}

/// A stop, and what its target is called.
#[derive(sqlx_macros::FromRow)]
pub(super) struct NamedStopRow {
    #[sqlx(flatten)]
    stop: StopRow,
    name: Option<String>,
    user_id: Option<Uuid>,
}

impl TryFrom<NamedStopRow> for NamedStop {
    type Error = DatabaseError;

    fn try_from(row: NamedStopRow) -> Result<Self> {
        Ok(Self { stop: row.stop.try_into()?, name: row.name, user: row.user_id.map(AccountId::new) })
    }
}
