//! What was asked of calls that are under way, on its way to their nodes.

use domain::{AccountId, AttemptId, CallInstruction, NodeId, OpenAttempt};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    legs::read_legs,
    open::{OPEN_ATTEMPTS, OpenAttemptRow, open_attempt_columns},
};
use crate::{
    Error, Kind, Result, Session, Tx,
    database::{
        convert::{from_json, json, micros},
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// How many commands wait at most for a call.
const MOST_WAITING: i64 = 100;

/// Something that was asked of a call.
#[derive(Clone, Debug)]
pub struct InstructedCall {
    /// Whose the call is.
    pub account: AccountId,
    /// Its attempt.
    pub attempt: AttemptId,
    /// What was asked.
    pub control: CallInstruction,
}

/// An attempt that has not ended, with its legs.
///
/// # Errors
/// [`Error::NotFound`]: there is none, or it has ended.
pub async fn open_attempt(
    session: &mut dyn Session,
    account: AccountId,
    attempt: AttemptId,
) -> Result<OpenAttempt> {
    let mut found: Vec<OpenAttempt> = on!(session, c => query(sql!(concat!(
        "SELECT ", open_attempt_columns!(), " FROM open_attempts WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(attempt.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, OpenAttemptRow, _>(OPEN_ATTEMPTS, &rows)))?;
    read_legs(session, &mut found).await?;
    found.into_iter().next().ok_or(Error::NotFound(Kind::Attempt))
}

/// Writes down what is asked of a call, under this id, for its node. Says whether there was room.
///
/// # Errors
/// When the database does not answer.
pub async fn add_command(
    tx: &mut Tx,
    call: &OpenAttempt,
    (id, control): (Uuid, &CallInstruction),
    now: Timestamp,
) -> Result<bool> {
    let waiting: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM call_commands WHERE node_id = $1 AND attempt_id = $2"))
        .bind(call.node_id.uuid()).bind(call.id.uuid()).fetch_one(c).await)?;
    if waiting >= MOST_WAITING {
        return Ok(false);
    }
    on!(tx, c => query(sql!(
        "INSERT INTO call_commands (node_id, id, account_id, attempt_id, command, created_at) VALUES ($1, $2, $3, $4, $5, $6)"))
        .bind(call.node_id.uuid()).bind(id).bind(call.account_id.uuid()).bind(call.id.uuid())
        .bind(json(control)?).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(true)
}

/// Whether anything was asked of calls of a node.
///
/// # Errors
/// When the database does not answer.
pub async fn has_commands(session: &mut dyn Session, node: NodeId) -> Result<bool> {
    let found: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT CAST(1 AS BIGINT) FROM call_commands WHERE node_id = $1 LIMIT 1")).bind(node.uuid()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Takes what was asked of calls of a node, in its order.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
pub async fn take_commands(tx: &mut Tx, node: NodeId) -> Result<Vec<InstructedCall>> {
    let mut rows: Vec<(Uuid, Uuid, Uuid, String)> = on!(tx, c => query_as(sql!(
        "DELETE FROM call_commands WHERE node_id = $1 RETURNING id, account_id, attempt_id, command"))
        .bind(node.uuid()).fetch_all(c).await)?;
    // Ids sort by the time at which they were made.
    rows.sort_unstable_by_key(|(id, ..)| *id);
    let mut commands = Vec::with_capacity(rows.len());
    for (_, account, attempt, command) in rows {
        let (account, attempt) = (AccountId::new(account), AttemptId::new(attempt));
        commands.push(InstructedCall { account, attempt, control: from_json(&command)? });
    }
    Ok(commands)
}
