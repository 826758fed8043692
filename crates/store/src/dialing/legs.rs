//! Legs of attempts that are under way: calls to those with whom callees are connected. Each is written before it is dialed, and goes with its
//! attempt.

use std::collections::HashMap;

use domain::{AccountId, AttemptId, CallHandle, CallLeg, LineAllocationId, LineId, OpenAttempt};
use serde_json::json;
use uuid::Uuid;

use super::ShareOfLine;
use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, from_json, hex, timestamp},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// A leg of an attempt, as far as it has come.
#[derive(Clone, Debug)]
pub struct LegOfAttempt {
    /// Whose attempt it is.
    pub account: AccountId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The leg.
    pub leg: CallLeg,
}

/// Writes a leg that is about to be dialed, while its attempt is under way and its node's. Says whether it is.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_leg(tx: &mut Tx, attempt: &OpenAttempt, leg: &CallLeg) -> Result<bool> {
    let begun = on!(tx, c => query(sql!(
        "INSERT INTO open_legs (account_id, attempt_id, id, user_id, line_id, is_open, leg) \
         SELECT account_id, id, $4, user_id, $5, true, $6 FROM open_attempts \
         WHERE account_id = $1 AND id = $2 AND node_id = $3"))
        .bind(attempt.account_id.uuid()).bind(attempt.id.uuid()).bind(attempt.node_id.uuid())
        .bind(leg.id.uuid()).bind(leg.line_id.uuid()).bind(convert::json(leg)?)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(begun > 0)
}

/// Notes how far legs have come, and what another process can end them with. Those of attempts that have ended are passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn note_legs(tx: &mut Tx, legs: &[LegOfAttempt]) -> Result<()> {
    if legs.is_empty() {
        return Ok(());
    }
    let row = |LegOfAttempt { account, attempt, leg }: &LegOfAttempt| -> Result<_> {
        let handle = leg.handle.as_ref().map(CallHandle::as_str);
        let key = [account.uuid(), attempt.uuid(), leg.id.uuid()].map(hex);
        Ok(json!([key[0], key[1], key[2], leg.end.is_none(), handle, convert::json(leg)?]))
    };
    let rows: Vec<_> = legs.iter().map(row).collect::<Result<_>>()?;
    let sql = sql!(tx, |dialect| format!(
        "UPDATE open_legs SET is_open = noted.is_open, handle = noted.handle, leg = noted.leg \
         FROM {} AS noted WHERE open_legs.account_id = noted.account_id AND open_legs.attempt_id = noted.attempt_id \
             AND open_legs.id = noted.id",
        dialect.rows(
            "$1",
            &[
                ("account_id", Column::Uuid),
                ("attempt_id", Column::Uuid),
                ("id", Column::Uuid),
                ("is_open", Column::Boolean),
                ("handle", Column::Text),
                ("leg", Column::Text),
            ]
        )
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(sqlx_macros::FromRow)]
struct OpenLegRow {
    attempt_id: Uuid,
    handle: Option<String>,
    leg: String,
}

/// Gives attempts that are under way their legs.
pub(super) async fn read_legs(session: &mut dyn Session, attempts: &mut [OpenAttempt]) -> Result<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let sql = sql!(session, |dialect| format!(
        "SELECT attempt_id, handle, leg FROM open_legs WHERE (account_id, attempt_id) IN \
             (SELECT account_id, id FROM {} AS open) ORDER BY account_id, attempt_id, id",
        dialect.rows("$1", &[("account_id", Column::Uuid), ("id", Column::Uuid)])
    ));
    let key = |one: &OpenAttempt| json!([hex(one.account_id.uuid()), hex(one.id.uuid())]);
    let keys: Vec<_> = attempts.iter().map(key).collect();
    let rows: Vec<OpenLegRow> =
        on!(session, c => query_as(sql).bind(convert::json(&keys)?).fetch_all(c).await)?;
    let mut legs: HashMap<Uuid, Vec<CallLeg>> = HashMap::new();
    for OpenLegRow { attempt_id, handle, leg } in rows {
        let leg = CallLeg { handle: handle.and_then(CallHandle::new), ..from_json(&leg)? };
        legs.entry(attempt_id).or_default().push(leg);
    }
    for attempt in attempts {
        attempt.legs = legs.remove(&attempt.id.uuid()).unwrap_or_default();
    }
    Ok(())
}

/// A user's share of a line, in force or not.
///
/// # Errors
/// When the database does not answer.
pub async fn share_of_line(
    session: &mut dyn Session,
    user: AccountId,
    line: LineId,
) -> Result<Option<ShareOfLine>> {
    let found: Option<(i64, i64, Option<i64>)> = on!(session, c => query_as(sql!(
        "SELECT id, line_concurrency, deadline_at FROM line_allocations WHERE user_id = $1 AND line_id = $2"))
        .bind(user.uuid()).bind(line.uuid()).fetch_optional(c).await)?;
    let share = |(allocation, calls, deadline): (i64, i64, Option<i64>)| -> Result<_> {
        let deadline_at = deadline.map(timestamp).transpose()?;
        Ok(ShareOfLine { allocation: LineAllocationId::new(allocation), calls, deadline_at })
    };
    found.map(share).transpose()
}
