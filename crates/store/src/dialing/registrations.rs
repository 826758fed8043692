//! Lines that register at their carriers, and how they stand there.

use std::collections::HashMap;

use domain::{Line, LineId, LineRegistration, NodeId, RegistrationFailure};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp, uuids},
        lists,
        statement::{query, query_as},
    },
    lines::{LINES, LineRow, line_columns},
};

/// How a line stands with its registrar.
#[derive(Clone, Debug)]
pub struct KnownRegistration {
    /// How.
    pub registration: LineRegistration,
    /// Since when.
    pub since: Timestamp,
    /// The node that keeps it.
    pub node: NodeId,
}

#[derive(sqlx_macros::FromRow)]
struct RegistrationRow {
    line_id: Uuid,
    node_id: Uuid,
    is_registered: bool,
    code: Option<i64>,
    phrase: String,
    since: i64,
}

/// The lines that register, at most so many, in the order of their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn registering_lines(session: &mut dyn Session, most: u32) -> Result<Vec<Line>> {
    Ok(on!(session, c => query(sql!(
        concat!("SELECT ", line_columns!(), " FROM lines WHERE registers ORDER BY id LIMIT $1")))
        .bind(i64::from(most)).fetch_all(c).await.map(|rows| lists::readable::<_, LineRow, _>(LINES, &rows)))?)
}

/// Notes how a line stands with its registrar by a node, since an instant, in place of what the node noted before.
///
/// # Errors
/// When the database does not answer.
pub async fn note_registration(
    tx: &mut Tx,
    (line, node): (LineId, NodeId),
    registration: &LineRegistration,
    since: Timestamp,
) -> Result<()> {
    let (is_registered, code, phrase) = match registration {
        LineRegistration::Registered => (true, None, String::new()),
        LineRegistration::Failed(failure) => (false, failure.code.map(i64::from), failure.phrase.clone()),
    };
    on!(tx, c => query(sql!(
        "INSERT INTO line_registrations (line_id, node_id, is_registered, code, phrase, since) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (line_id, node_id) DO UPDATE SET is_registered = excluded.is_registered, code = excluded.code, \
             phrase = excluded.phrase, since = CASE WHEN line_registrations.is_registered = excluded.is_registered \
                 THEN line_registrations.since ELSE excluded.since END"))
        .bind(line.uuid()).bind(node.uuid()).bind(is_registered).bind(code).bind(phrase).bind(micros(since))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that a node does not keep a line's registration any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_registration(tx: &mut Tx, line: LineId, node: NodeId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM line_registrations WHERE line_id = $1 AND node_id = $2"))
        .bind(line.uuid()).bind(node.uuid()).execute(c).await.map(drop))?;
    Ok(())
}

/// How these lines stand with their registrars, by nodes whose leases hold, and since when; lines of which no such node says anything are left
/// out.
///
/// # Errors
/// When the database does not answer.
pub async fn line_registrations(
    session: &mut dyn Session,
    lines: &[LineId],
) -> Result<HashMap<LineId, KnownRegistration>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, node_id, is_registered, code, phrase, since FROM line_registrations \
         JOIN nodes ON nodes.id = line_registrations.node_id \
         WHERE nodes.lease_until > {} AND {} ORDER BY is_registered, since",
        dialect.now(),
        dialect.among_uuids("line_id", "$1")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<RegistrationRow> = on!(session, c => query_as(sql).bind(lines).fetch_all(c).await)?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let since = timestamp(row.since)?;
        let (line, node) = (LineId::new(row.line_id), NodeId::new(row.node_id));
        found.insert(line, KnownRegistration { registration: row.registration(), since, node });
    }
    Ok(found)
}

impl RegistrationRow {
    fn registration(self) -> LineRegistration {
        if self.is_registered {
            return LineRegistration::Registered;
        }
        let code = self.code.and_then(|code| u16::try_from(code).ok());
        LineRegistration::Failed(RegistrationFailure { code, phrase: self.phrase })
    }
}
