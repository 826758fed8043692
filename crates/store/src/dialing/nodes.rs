//! Nodes that dial, and how long each may. All by the database's clock, so that no node's own matters.

use domain::NodeId;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

fn micros_of(lease: SignedDuration) -> i64 {
    i64::try_from(lease.as_micros()).unwrap_or(i64::MAX / 4)
}

/// Adds a node, with a lease of this length from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn enter(tx: &mut Tx, node: NodeId, lease: SignedDuration) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO nodes (id, lease_until) VALUES ($1, {} + $2)",
        dialect.now()
    ));
    on!(tx, c => query(sql).bind(node.uuid()).bind(micros_of(lease)).execute(c).await.map(drop))?;
    Ok(())
}

/// Prolongs a node's lease to this length from now on, also when it has run out, as while the database was away: nothing is
/// another's before somebody has begun to end what was the node's. Says whether nobody has.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(tx: &mut Tx, node: NodeId, lease: SignedDuration) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE nodes SET lease_until = {} + $2 WHERE id = $1 AND lease_until > 0",
        dialect.now()
    ));
    let renewed = on!(tx, c => query(sql).bind(node.uuid()).bind(micros_of(lease))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(renewed > 0)
}

/// Notes why a node can place no call over SIP lines; `None`: it can.
///
/// # Errors
/// When the database does not answer.
pub async fn note_sip_failure(tx: &mut Tx, node: NodeId, failure: Option<&str>) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE nodes SET sip_failure = $2 WHERE id = $1"))
        .bind(node.uuid()).bind(failure).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes how far a node's clock is ahead of the database's, which is too far for it to dial; `None`: it agrees.
///
/// # Errors
/// When the database does not answer.
pub async fn note_clock(tx: &mut Tx, node: NodeId, ahead: Option<SignedDuration>) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE nodes SET clock_ahead = $2 WHERE id = $1"))
        .bind(node.uuid()).bind(ahead.map(micros_of)).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether no node whose lease holds may dial, as the clock of each is too far from the database's; not where there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn are_clocks_wrong(session: &mut dyn Session) -> Result<bool> {
    let sql = sql!(session, |dialect| format!(
        "SELECT count(*), count(clock_ahead) FROM nodes WHERE lease_until > {}",
        dialect.now()
    ));
    let (nodes, wrong): (i64, i64) = on!(session, c => query_as(sql).fetch_one(c).await)?;
    Ok(nodes > 0 && nodes == wrong)
}

/// Why no node whose lease holds can place a call over SIP lines; `None`: one can, or there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn sip_failure(session: &mut dyn Session) -> Result<Option<String>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT sip_failure FROM nodes WHERE lease_until > {} \
         ORDER BY CASE WHEN sip_failure IS NULL THEN 0 ELSE 1 END, id LIMIT 1",
        dialect.now()
    ));
    let found: Option<Option<String>> = on!(session, c => query_scalar(sql).fetch_optional(c).await)?;
    Ok(found.flatten())
}

/// Whether a node's lease holds for at least this long. It is not ended before the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn holds_lease(tx: &mut Tx, node: NodeId, margin: SignedDuration) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM nodes WHERE id = $1 AND lease_until > {} + $2{}",
        dialect.now(),
        dialect.lock(RowLock::Keep)
    ));
    let found: Option<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(node.uuid()).bind(micros_of(margin)).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Nodes whose lease has run out; of a database of one node, all others.
///
/// # Errors
/// When the database does not answer.
pub async fn expired(session: &mut dyn Session, own: NodeId, all_others: bool) -> Result<Vec<NodeId>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT id FROM nodes WHERE id <> $1 AND ($2 OR lease_until <= {}) ORDER BY id LIMIT 100",
        dialect.now()
    ));
    let ids: Vec<Uuid> =
        on!(session, c => query_scalar(sql).bind(own.uuid()).bind(all_others).fetch_all(c).await)?;
    Ok(ids.into_iter().map(NodeId::new).collect())
}

/// Has this transaction alone end what a node had whose lease has run out, which the node cannot prolong any more. Says whether it
/// may: another node may be at it.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_expired(tx: &mut Tx, node: NodeId, whatever_its_lease: bool) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE nodes SET lease_until = 0 WHERE id = \
             (SELECT id FROM nodes WHERE id = $1 AND ($2 OR lease_until <= {}){}) RETURNING id",
        dialect.now(),
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let found: Option<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(node.uuid()).bind(whatever_its_lease).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Removes a node that has nothing any more, its shares of lines, and what it found of them.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(tx: &mut Tx, node: NodeId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM line_shares WHERE node_id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM lines_down WHERE node_id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM call_commands WHERE node_id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM bot_states WHERE node_id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM line_registrations WHERE node_id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM nodes WHERE id = $1")).bind(node.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
