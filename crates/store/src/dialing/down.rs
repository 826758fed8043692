//! Lines that are down: over which nodes start nothing, for they failed again and again.

use std::collections::HashMap;

use domain::{LineId, LineRecovery, NodeId, PartnerId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp, uuids},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// Over what time it is counted how many calls start over a line.
pub const START_SPAN: SignedDuration = SignedDuration::from_secs(10);

/// That a line is down, over all nodes that find so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineDown {
    /// Since when.
    pub since: Timestamp,
    /// When it is asked or tried next; `None`: it is now, or nobody knows.
    pub next_trial_at: Option<Timestamp>,
    /// How many nodes find so; each asks or tries it once at a time.
    pub nodes: i64,
    /// How many of them ask or try it now.
    pub probes: i64,
    /// Whether one of them leaves it alone no longer: it is asked, or one call may try it.
    pub is_half_open: bool,
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

/// When a line `l` is up of which it was told that it is down: no node leaves it alone, and one that lives has registered it if it has to be.
macro_rules! is_up {
    ($dialect:ident) => {
        format!(
            "NOT EXISTS (SELECT 1 FROM lines_down WHERE lines_down.line_id = l.id) AND (NOT l.registers OR EXISTS \
                 (SELECT 1 FROM line_registrations AS r JOIN nodes AS n ON n.id = r.node_id \
                  WHERE r.line_id = l.id AND r.is_registered AND n.lease_until > {}))",
            $dialect.now()
        )
    };
}

/// Notes that those who have a share of a line are told that it is down. Says whether they were not told before, by whichever node.
///
/// # Errors
/// When the database does not answer.
pub async fn note_told_down(tx: &mut Tx, line: LineId) -> Result<bool> {
    if !lock_line(tx, line).await? {
        return Ok(false);
    }
    let noted = on!(tx, c => query(sql!("INSERT INTO lines_told_down (line_id) VALUES ($1) ON CONFLICT (line_id) DO NOTHING"))
        .bind(line.uuid()).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(noted > 0)
}

/// Notes that those who have a share of a line are told that it is up again. Says whether they are to be: they were told that it is down, and it
/// is up for all nodes, and registered if it has to be.
///
/// # Errors
/// When the database does not answer.
pub async fn note_told_up(tx: &mut Tx, line: LineId) -> Result<bool> {
    if !lock_line(tx, line).await? {
        return Ok(false);
    }
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM lines_told_down WHERE line_id = (SELECT l.id FROM lines AS l WHERE l.id = $1 AND {})",
        is_up!(dialect)
    ));
    let noted = on!(tx, c => query(sql).bind(line.uuid()).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(noted > 0)
}

/// Has nodes that find a line down or up at once say so one after the other: the second sees what the first has written. Says whether there is
/// such a line.
async fn lock_line(tx: &mut Tx, line: LineId) -> Result<bool> {
    let sql =
        sql!(tx, |dialect| format!("SELECT id FROM lines WHERE id = $1{}", dialect.lock(RowLock::Change)));
    let found: Option<Uuid> = on!(tx, c => query_scalar(sql).bind(line.uuid()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// The lines of which it was told that they are down, and not yet that they are up: at most so many, in the order of their ids. The node that left
/// one alone may have died, or the line needs no registration any more.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_to_tell_up(session: &mut dyn Session, most: u32) -> Result<Vec<LineId>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT l.id FROM lines_told_down AS t JOIN lines AS l ON l.id = t.line_id WHERE {} ORDER BY l.id LIMIT $1",
        is_up!(dialect)
    ));
    let lines: Vec<Uuid> = on!(session, c => query_scalar(sql).bind(i64::from(most)).fetch_all(c).await)?;
    Ok(lines.into_iter().map(LineId::new).collect())
}

/// Notes how far a line that is down has come on its way back at a node, and until when that leaves it alone.
///
/// # Errors
/// When the database does not answer.
pub async fn note_recovery(
    tx: &mut Tx,
    line: LineId,
    node: NodeId,
    recovery: LineRecovery,
    next_trial_at: Option<Timestamp>,
) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE lines_down SET recovery = $3, next_trial_at = $4 WHERE line_id = $1 AND node_id = $2"))
        .bind(line.uuid()).bind(node.uuid()).bind(recovery.number()).bind(next_trial_at.map(micros))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// How these lines are down; those over which all nodes start calls are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_down(session: &mut dyn Session, lines: &[LineId]) -> Result<HashMap<LineId, LineDown>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, min(since), min(next_trial_at), count(*), count(*) FILTER (WHERE recovery IN ({}, {})), \
             count(*) FILTER (WHERE recovery > {}) FROM lines_down WHERE {} GROUP BY line_id",
        LineRecovery::IsAsked.number(),
        LineRecovery::IsTried.number(),
        LineRecovery::Pauses.number(),
        dialect.among_uuids("line_id", "$1")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, Option<i64>, i64, i64, i64)> =
        on!(session, c => query_as(sql).bind(lines).fetch_all(c).await)?;
    let mut down = HashMap::with_capacity(rows.len());
    for (line, since, next, nodes, probes, half_open) in rows {
        let is_half_open = half_open > 0;
        let next_trial_at = next.filter(|_| !is_half_open).map(timestamp).transpose()?;
        let since = timestamp(since)?;
        down.insert(LineId::new(line), LineDown { since, next_trial_at, nodes, probes, is_half_open });
    }
    Ok(down)
}

/// How many calls of a partner's users have started over these of its lines within [`START_SPAN`]; lines without any are left out. Of lines that
/// a user has no share of any more only the calls under way are counted.
///
/// # Errors
/// When the database does not answer.
pub async fn starts_over_lines(
    session: &mut dyn Session,
    partner: PartnerId,
    lines: &[LineId],
    now: Timestamp,
) -> Result<HashMap<LineId, i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, count(*) FROM (\
             SELECT line_id FROM open_attempts WHERE {among} AND dialed_at > $3 \
             UNION ALL SELECT line_id FROM attempts WHERE account_id IN (\
                 SELECT s.user_id FROM line_allocations AS s WHERE s.partner_id = $2 AND {of_share} \
                 UNION SELECT a.id FROM line_allocations AS s \
                     JOIN accounts AS a ON a.partner_id = s.partner_id AND a.parent_id = s.user_id \
                     WHERE s.partner_id = $2 AND {of_share}) \
                 AND dialed_at > $3 AND {among} AND {is_call} AND class <> 'not_sent') AS starts GROUP BY line_id",
        among = dialect.among_uuids("line_id", "$1"),
        of_share = dialect.among_uuids("s.line_id", "$1"),
        is_call = is_call!(),
    ));
    let since = micros(now.saturating_sub(START_SPAN).unwrap_or(now));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64)> = on!(session, c => query_as(sql)
        .bind(lines).bind(partner.uuid()).bind(since).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(line, starts)| (LineId::new(line), starts)).collect())
}
