//! Nodes' shares of lines.

use domain::{LineId, NodeId};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// A node's share of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineShare {
    /// Whose.
    pub node: NodeId,
    /// How many calls it may have at once.
    pub channels: i64,
    /// How many calls may start in a second, in thousandths.
    pub rate: i64,
}

/// Has this transaction alone divide a line. Gives the shares that hold: what a dead node might start is others' when its share has run out,
/// and the channels of its calls only when these were ended.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_line_shares(tx: &mut Tx, line: LineId) -> Result<Vec<LineShare>> {
    let lock =
        sql!(tx, |dialect| format!("SELECT id FROM lines WHERE id = $1{}", dialect.lock(RowLock::Change)));
    let _locked: Option<Uuid> = on!(tx, c => query_scalar(lock).bind(line.uuid()).fetch_optional(c).await)?;
    let sql = sql!(tx, |dialect| format!(
        "SELECT node_id, CASE WHEN valid_until > {now} THEN channels ELSE \
                 (SELECT count(*) FROM open_attempts AS call \
                  WHERE call.node_id = line_shares.node_id AND call.line_id = line_shares.line_id) \
                 + (SELECT count(*) FROM open_attempts AS call JOIN open_legs AS leg \
                        ON leg.account_id = call.account_id AND leg.attempt_id = call.id AND leg.is_open \
                    WHERE call.node_id = line_shares.node_id AND leg.line_id = line_shares.line_id) END, \
             CASE WHEN valid_until > {now} THEN rate ELSE 0 END FROM line_shares \
         WHERE line_id = $1 AND (valid_until > {now} OR node_id IN (SELECT id FROM nodes)) ORDER BY node_id",
        now = dialect.now()
    ));
    let rows: Vec<(Uuid, i64, i64)> = on!(tx, c => query_as(sql).bind(line.uuid()).fetch_all(c).await)?;
    let share = |(node, channels, rate)| LineShare { node: NodeId::new(node), channels, rate };
    Ok(rows.into_iter().map(share).collect())
}

/// The nodes that have shares, in the order of their ids, each with of how many lines.
///
/// # Errors
/// When the database does not answer.
pub async fn share_holders(session: &mut dyn Session) -> Result<Vec<(NodeId, i64)>> {
    let rows: Vec<(Uuid, i64)> = on!(session, c => query_as(sql!(
        "SELECT node_id, count(*) FROM line_shares GROUP BY node_id ORDER BY node_id")).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(node, lines)| (NodeId::new(node), lines)).collect())
}

/// Gives a node its share of a line for this long, in place of what it had.
///
/// # Errors
/// When the database does not answer.
pub async fn save_share(tx: &mut Tx, line: LineId, share: &LineShare, lasts: SignedDuration) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO line_shares (line_id, node_id, channels, rate, valid_until) VALUES ($1, $2, $3, $4, {} + $5) \
         ON CONFLICT (line_id, node_id) DO UPDATE SET channels = excluded.channels, rate = excluded.rate, \
             valid_until = excluded.valid_until",
        dialect.now()
    ));
    let lasts = i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX / 4);
    on!(tx, c => query(sql).bind(line.uuid()).bind(share.node.uuid()).bind(share.channels).bind(share.rate).bind(lasts)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Gives up what a node has of a line over which it has no calls any more.
///
/// # Errors
/// When the database does not answer.
pub async fn give_up_share(tx: &mut Tx, line: LineId, node: NodeId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM line_shares WHERE line_id = $1 AND node_id = $2"))
        .bind(line.uuid()).bind(node.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
