//! Forgetting before-images that are old; but never one that a past decision is explained with: a version of a group that a stored event
//! rests on, and what a task or a group was when there already was a record of the account.

use std::collections::BTreeMap;

use domain::HOUR;
use jiff::Timestamp;
use uuid::Uuid;

use super::Subject;
use crate::{
    Result, Session, Tx,
    database::{
        convert::{json, micros},
        statement::{query, query_as},
    },
};

/// Which before-images are needed.
#[derive(Debug)]
pub struct VersionsInUse {
    /// The oldest version of each group that stored events rest on. What is written later rests on later versions.
    groups: BTreeMap<(Uuid, i64), i64>,
    /// In which hour each account's oldest record was dialed; see [`domain::hour_of`]. What was replaced later may have been what one of them rests on.
    recorded_since: BTreeMap<Uuid, i64>,
}

/// Finds the versions of groups that stored events are about, and since when accounts have records. Reads all of them, which takes a second for a few millions.
///
/// # Errors
/// When the database does not answer.
pub async fn versions_in_use(session: &mut dyn Session) -> Result<VersionsInUse> {
    let rows: Vec<(Uuid, i64, i64)> = on!(session, c => query_as(sql!(
        "SELECT account_id, group_id, min(group_version) FROM events \
         WHERE group_id IS NOT NULL AND group_version IS NOT NULL GROUP BY account_id, group_id"))
        .fetch_all(c).await)?;
    let groups = rows.into_iter().map(|(account, group, version)| ((account, group), version)).collect();
    let since: Vec<(Uuid, i64)> = on!(session, c => query_as(sql!(
        "SELECT account_id, min(hour) FROM attempt_hours WHERE attempts > 0 GROUP BY account_id"))
        .fetch_all(c).await)?;
    Ok(VersionsInUse { groups, recorded_since: since.into_iter().collect() })
}

impl VersionsInUse {
    fn hold(&self, row: &RetentionRow) -> bool {
        let is_group = row.subject == Subject::DialTimeGroup.as_str();
        let explains_records = (is_group || row.subject == Subject::Task.as_str())
            && self
                .recorded_since
                .get(&row.account_id)
                .is_some_and(|since| since.saturating_mul(HOUR) <= row.at);
        explains_records || (is_group && self.explains_event(row))
    }

    fn explains_event(&self, row: &RetentionRow) -> bool {
        let Ok(group) = row.subject_id.parse() else { return false };
        let oldest = self.groups.get(&(row.account_id, group));
        oldest.is_some_and(|oldest| row.version.is_some_and(|version| version >= *oldest))
    }
}

/// A part of the rows that are old.
#[derive(Debug)]
pub struct Expired {
    /// The ids of those that may be deleted.
    pub rows: Vec<i64>,
    /// After which id there may be more; `None` when there are no more.
    pub next: Option<i64>,
}

/// Finds rows that were written before `instant` and that nothing rests on, among the `limit` rows after this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find_expired(
    session: &mut dyn Session,
    after: i64,
    instant: Timestamp,
    in_use: &VersionsInUse,
    limit: u32,
) -> Result<Expired> {
    let limit = i64::from(limit);
    let rows: Vec<RetentionRow> = on!(session, c => query_as(sql!(
        "SELECT id, at, account_id, subject, subject_id, version FROM audit WHERE id > $1 ORDER BY id LIMIT $2"))
        .bind(after).bind(limit).fetch_all(c).await)?;
    let is_old = |row: &&RetentionRow| row.at < micros(instant);
    // They stand in the order of their time, but for clocks that differ: none that is old means that no more are.
    let goes_on = rows.iter().any(|row| is_old(&row)) && i64::try_from(rows.len()) == Ok(limit);
    let next = rows.last().filter(|_| goes_on).map(|row| row.id);
    let expired = rows.iter().filter(is_old).filter(|row| !in_use.hold(row)).map(|row| row.id).collect();
    Ok(Expired { rows: expired, next })
}

/// Deletes rows that [`find_expired`] found.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, expired: &[i64]) -> Result<()> {
    let sql = sql!(tx, |dialect| format!("DELETE FROM audit WHERE {}", dialect.among("id", "$1")));
    on!(tx, c => query(sql).bind(json(&expired)?).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(sqlx_macros::FromRow)]
struct RetentionRow {
    id: i64,
    at: i64,
    account_id: Uuid,
    subject: String,
    subject_id: String,
    version: Option<i64>,
}
