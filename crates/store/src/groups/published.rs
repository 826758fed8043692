//! What was published of each group so far, and when there is more to publish of it or of a task in it.

use domain::AccountId;
use jiff::Timestamp;

use super::{
    LockedGroup,
    lock::DamagedGroup,
    row::{GroupKey, group_key, group_key_rows},
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{json, micros, timestamp, uuids},
        dialect::{Column, Dialect, RowLock},
        statement::{query, query_as, query_scalar},
    },
};

/// What is ahead of all groups.
#[derive(Debug, sqlx_macros::FromRow)]
pub(crate) struct OutlookRow {
    pub(crate) database_now: i64,
    pub(crate) next_change: Option<i64>,
    pub(crate) holidays_changed: bool,
    pub(crate) stops_changed: bool,
}

/// What is ahead of all groups, by one question to the database.
pub(crate) async fn outlook(session: &mut dyn Session) -> Result<OutlookRow> {
    let sql = sql!(session, |dialect| format!(
        "SELECT {} AS database_now, (SELECT min(next_change_at) FROM dial_time_groups) AS next_change, \
                coalesce((SELECT min(published_revision) FROM dial_time_groups) \
                         < (SELECT coalesce(max(revision), 0) FROM holiday_imports), false) AS holidays_changed, \
                EXISTS (SELECT 1 FROM stop_publications) AS stops_changed",
        dialect.now()
    ));
    Ok(on!(session, c => query_as(sql).fetch_one(c).await)?)
}

/// The first instant at which there is something to publish of any group, in microseconds.
pub(crate) async fn first_due(tx: &mut Tx) -> Result<Option<i64>> {
    Ok(on!(tx, c =>
        query_scalar(sql!("SELECT min(next_change_at) FROM dial_time_groups")).fetch_one(c).await)?)
}

/// What was published of a group at an instant, and when its schedule changes next.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) group: GroupKey,
    pub(crate) open: bool,
    pub(crate) at: Timestamp,
    pub(crate) revision: i64,
    pub(crate) next: Option<Timestamp>,
}

impl Publication {
    /// Of a group that cannot be evaluated until `later`: nothing more than before, and nothing that lies after `now`.
    pub(crate) fn postponed(group: &LockedGroup, now: Timestamp, later: Timestamp) -> Result<Self> {
        Ok(Self {
            group: key(group),
            open: group.published().open,
            at: timestamp(group.published().at)?.min(now),
            revision: group.row.holidays_revision,
            next: Some(later),
        })
    }
}

/// When there is more to publish of a group or of a task in it, if its schedule changes at `next`.
pub(super) fn next_change(dialect: Dialect, next: &str) -> String {
    dialect.least(
        next,
        "(SELECT min(t.bounds_change_at) FROM tasks t WHERE t.account_id = dial_time_groups.account_id \
          AND t.dial_time_id = dial_time_groups.id AND t.bounds_change_at IS NOT NULL)",
    )
}

/// Stores what was published of groups, and when there is more to publish of them or of their tasks.
pub(crate) async fn save(tx: &mut Tx, publications: Vec<Publication>) -> Result<()> {
    let rows: Vec<(String, i64, bool, i64, i64, Option<i64>)> = publications
        .into_iter()
        .map(|Publication { group: (account, id), open, at, revision, next }| {
            (account, id, open, micros(at), revision, next.map(micros))
        })
        .collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE dial_time_groups SET published_open = saved.open, published_at = saved.at, \
             published_revision = saved.revision, next_change_at = {next} \
         FROM {rows} AS saved WHERE dial_time_groups.account_id = saved.account AND dial_time_groups.id = saved.id",
        next = next_change(dialect, "saved.next"),
        rows = dialect.rows(
            "$1",
            &[
                ("account", Column::Uuid),
                ("id", Column::Integer),
                ("open", Column::Boolean),
                ("at", Column::Integer),
                ("revision", Column::Integer),
                ("next", Column::Integer),
            ]
        ),
    ));
    on!(tx, c => query(sql).bind(json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes note that the bounds of a task in this group were evaluated at `at`, and of when they change next.
pub(crate) async fn note_bounds(
    tx: &mut Tx,
    group: &LockedGroup,
    at: Timestamp,
    next_change: Option<Timestamp>,
) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE dial_time_groups SET published_at = $3, next_change_at = {} WHERE account_id = $1 AND id = $2",
        dialect.least("next_change_at", "$4")
    ));
    on!(tx, c => query(sql)
        .bind(group.row.account_id).bind(group.row.id).bind(micros(at).max(group.published().at))
        .bind(next_change.map(micros))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Has all groups of locked accounts evaluated at an instant, or at the one up to which they were published if that is later.
pub(crate) async fn evaluate_at(tx: &mut Tx, accounts: &[AccountId], at: Timestamp) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE dial_time_groups SET next_change_at = {} \
         WHERE id IN (SELECT id FROM dial_time_groups WHERE {} ORDER BY account_id, id{})",
        dialect.least("next_change_at", "CASE WHEN published_at > $2 THEN published_at ELSE $2 END"),
        dialect.among_uuids("account_id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    on!(tx, c => query(sql).bind(accounts).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Has groups that cannot be read evaluated again `later`, and nothing taken for published that lies after `now`.
pub(crate) async fn postpone(
    tx: &mut Tx,
    groups: &[DamagedGroup],
    now: Timestamp,
    later: Timestamp,
) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE dial_time_groups SET next_change_at = $1, \
             published_at = CASE WHEN published_at > $3 THEN $3 ELSE published_at END, \
             published_revision = (SELECT coalesce(max(revision), 0) FROM holiday_imports) \
         FROM {} AS damaged WHERE dial_time_groups.account_id = damaged.account AND dial_time_groups.id = damaged.id",
        group_key_rows(dialect, "$2"),
    ));
    let keys: Vec<GroupKey> = groups.iter().map(|group| group_key(group.account, group.id)).collect();
    on!(tx, c => query(sql)
        .bind(micros(later)).bind(json(&keys)?).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Has every group evaluated again if schedules were last made from other `data` than this.
pub(crate) async fn evaluate_again_with(tx: &mut Tx, data: &str) -> Result<()> {
    let changed = on!(tx, c => query(sql!(
        "INSERT INTO published_with (only_row, data) VALUES (1, $1) \
         ON CONFLICT (only_row) DO UPDATE SET data = excluded.data WHERE published_with.data <> excluded.data"))
        .bind(data.to_owned()).execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        on!(tx, c =>
            query(sql!("UPDATE dial_time_groups SET published_revision = -1")).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The keys of locked groups.
pub(crate) fn keys(groups: &[LockedGroup]) -> Vec<GroupKey> {
    groups.iter().map(key).collect()
}

pub(crate) fn key(group: &LockedGroup) -> GroupKey {
    group_key(group.account(), group.id())
}
