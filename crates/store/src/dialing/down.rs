//! Lines that are down: over which nodes start nothing, for they failed again and again.

use std::collections::HashMap;

use domain::{LineId, NodeId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp, uuids},
        statement::{query, query_as},
    },
};

/// That a line is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineDown {
    /// Since when.
    pub since: Timestamp,
    /// When it is asked or tried next, as far as that is known.
    pub next_trial_at: Option<Timestamp>,
}

/// Notes that a node starts nothing over a line.
///
/// # Errors
/// When the database does not answer.
pub async fn note_line_down(tx: &mut Tx, line: LineId, node: NodeId, since: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO lines_down (line_id, node_id, since) VALUES ($1, $2, $3) ON CONFLICT (line_id, node_id) DO NOTHING"))
        .bind(line.uuid()).bind(node.uuid()).bind(micros(since)).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that a node starts calls over a line again.
///
/// # Errors
/// When the database does not answer.
pub async fn note_line_up(tx: &mut Tx, line: LineId, node: NodeId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM lines_down WHERE line_id = $1 AND node_id = $2"))
        .bind(line.uuid()).bind(node.uuid()).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes when a node asks or tries a line next that is down.
///
/// # Errors
/// When the database does not answer.
pub async fn note_next_trial(tx: &mut Tx, line: LineId, node: NodeId, at: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE lines_down SET next_trial_at = $3 WHERE line_id = $1 AND node_id = $2"))
        .bind(line.uuid()).bind(node.uuid()).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Since when some node starts nothing over these lines, and when one asks or tries them next; those over which all start calls are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_down(session: &mut impl Session, lines: &[LineId]) -> Result<HashMap<LineId, LineDown>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, min(since), min(next_trial_at) FROM lines_down WHERE {} GROUP BY line_id",
        dialect.among_uuids("line_id", "$1")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, Option<i64>)> =
        on!(session, c => query_as(sql).bind(lines).fetch_all(c).await)?;
    let mut down = HashMap::with_capacity(rows.len());
    for (line, since, next) in rows {
        let next_trial_at = next.map(timestamp).transpose()?;
        down.insert(LineId::new(line), LineDown { since: timestamp(since)?, next_trial_at });
    }
    Ok(down)
}
