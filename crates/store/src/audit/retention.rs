//! Forgetting what things were before, once that is long ago; but never a version of a group that a record rests on which is
//! still kept, for a past decision is explained with the group as it then was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    audit::Subject,
    database::{
        connection::dialect,
        convert::{json, micros},
    },
};

/// How many rows are looked at at once, and deleted in one transaction at most: others wait for it.
const ROWS_AT_ONCE: i64 = 500;

/// The oldest version of each group that kept records rest on. What is written later rests on later versions.
#[derive(Debug)]
pub struct VersionsInUse(BTreeMap<(Uuid, i64), i64>);

/// Finds the versions of groups that kept events are about. Reads all of them, which takes a second for a few millions.
///
/// # Errors
/// When the database does not answer.
pub async fn versions_in_use(session: &mut impl Session) -> Result<VersionsInUse> {
    let rows: Vec<(Uuid, i64, i64)> = on!(session, c => sqlx::query_as(
        "SELECT account_id, group_id, min(group_version) FROM events \
         WHERE group_id IS NOT NULL AND group_version IS NOT NULL GROUP BY account_id, group_id")
        .fetch_all(c).await)?;
    Ok(VersionsInUse(rows.into_iter().map(|(account, group, version)| ((account, group), version)).collect()))
}

impl VersionsInUse {
    fn hold(&self, row: &Row) -> bool {
        if row.subject != Subject::DialTimeGroup.as_str() {
            return false;
        }
        let Ok(group) = row.subject_id.parse() else { return false };
        let oldest = self.0.get(&(row.account_id, group));
        oldest.is_some_and(|oldest| row.version.is_some_and(|version| version >= *oldest))
    }
}

/// What was found in one look at the audit.
#[derive(Debug)]
pub struct Found {
    /// The rows that may go.
    pub expired: Vec<i64>,
    /// Where to look next; `None` when there is nothing more to find.
    pub next: Option<i64>,
}

/// Looks for rows after the one of this id that were written before `instant` and that nothing rests on.
///
/// # Errors
/// When the database does not answer.
pub async fn find_expired(
    session: &mut impl Session,
    after: i64,
    instant: Timestamp,
    in_use: &VersionsInUse,
) -> Result<Found> {
    let rows: Vec<Row> = on!(session, c => sqlx::query_as(
        "SELECT id, at, account_id, subject, subject_id, version FROM audit WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after).bind(ROWS_AT_ONCE).fetch_all(c).await)?;
    let is_old = |row: &&Row| row.at < micros(instant);
    // They stand in the order of their time, but for clocks that differ: none that is old means that no more are.
    let goes_on = rows.iter().any(|row| is_old(&row)) && i64::try_from(rows.len()) == Ok(ROWS_AT_ONCE);
    let next = rows.last().filter(|_| goes_on).map(|row| row.id);
    let expired = rows.iter().filter(is_old).filter(|row| !in_use.hold(row)).map(|row| row.id).collect();
    Ok(Found { expired, next })
}

/// Deletes rows that were found expired.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, expired: &[i64]) -> Result<()> {
    let among = dialect(tx).among("id", "$1");
    let sql = sqlx::AssertSqlSafe(format!("DELETE FROM audit WHERE {among}"));
    on!(tx, c => sqlx::query(sql).bind(json(&expired)?).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: i64,
    account_id: Uuid,
    subject: String,
    subject_id: String,
    version: Option<i64>,
}
