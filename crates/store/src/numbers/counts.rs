//! How many numbers of a list have a status and a state. Kept in the same transaction as the rows.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountId, NumberState, NumberStatus, TaskId};
use uuid::Uuid;

use super::{
    list,
    row::{stored_state, stored_status},
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{json, uuids},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// How many numbers of a task have a status and a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberCounts(BTreeMap<(NumberStatus, NumberState), i64>);

impl NumberCounts {
    /// All numbers.
    pub fn total(&self) -> i64 {
        self.0.values().sum()
    }

    /// Those of a status that are in a state.
    pub fn of(&self, status: NumberStatus, state: NumberState) -> i64 {
        self.0.get(&(status, state)).copied().unwrap_or(0)
    }

    /// Those of a status.
    pub fn of_status(&self, status: NumberStatus) -> i64 {
        self.sum(|(one, _)| *one == status)
    }

    /// Those in a state.
    pub fn in_state(&self, state: NumberState) -> i64 {
        self.sum(|(_, one)| *one == state)
    }

    fn sum(&self, wanted: impl Fn(&(NumberStatus, NumberState)) -> bool) -> i64 {
        self.0.iter().filter(|(key, _)| wanted(key)).map(|(_, count)| count).sum()
    }
}

/// The counts of a task's numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(session: &mut impl Session, account: AccountId, task: TaskId) -> Result<NumberCounts> {
    match list::id_of(session, account, task).await? {
        Some(list) => of_list(session, list).await,
        None => Ok(NumberCounts::default()),
    }
}

/// How many numbers these tasks have; a task without any is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn totals(
    session: &mut impl Session,
    tasks: &[(AccountId, TaskId)],
) -> Result<BTreeMap<TaskId, i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT l.task_id, CAST(sum(c.numbers) AS BIGINT) FROM number_lists l JOIN number_counts c ON c.list_id = l.id \
         WHERE {} AND {} AND l.deleted_at IS NULL GROUP BY l.task_id",
        dialect.among_uuids("l.account_id", "$1"),
        dialect.among_uuids("l.task_id", "$2")
    ));
    let accounts: BTreeSet<Uuid> = tasks.iter().map(|(account, _)| account.uuid()).collect();
    let (accounts, ids) = (uuids(accounts)?, uuids(tasks.iter().map(|(_, task)| task.uuid()))?);
    let rows: Vec<(Uuid, i64)> =
        on!(session, c => query_as(sql).bind(accounts).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(task, numbers)| (TaskId::new(task), numbers)).collect())
}

pub(crate) async fn of_list(session: &mut impl Session, list: i64) -> Result<NumberCounts> {
    let rows: Vec<(i64, i64, i64)> = on!(session, c => query_as(sql!(
        "SELECT status, state, numbers FROM number_counts WHERE list_id = $1"))
        .bind(list).fetch_all(c).await)?;
    let mut counts = BTreeMap::new();
    for (status, state, numbers) in rows {
        counts.insert((stored_status(status)?, stored_state(state)?), numbers);
    }
    Ok(NumberCounts(counts))
}

/// By how much the counts of many lists change.
#[derive(Debug, Default)]
pub(crate) struct CountChangesByList(BTreeMap<i64, CountChanges>);

impl CountChangesByList {
    /// A number of a list has left one status and state for others.
    pub(crate) fn moved(
        &mut self,
        list: i64,
        (status, state): (NumberStatus, NumberState),
        (new_status, new_state): (NumberStatus, NumberState),
    ) {
        let changes = self.0.entry(list).or_default();
        changes.add(status, state, -1);
        changes.add(new_status, new_state, 1);
    }

    /// A number of a list that had this status and state is gone.
    pub(super) fn gone(&mut self, list: i64, status: NumberStatus, state: NumberState) {
        self.0.entry(list).or_default().add(status, state, -1);
    }

    /// Writes them, list by list in the order of their ids, so that no two transactions wait for each other.
    pub(crate) async fn save(&self, tx: &mut Tx) -> Result<()> {
        for (list, changes) in &self.0 {
            changes.save(tx, *list).await?;
        }
        Ok(())
    }
}

/// By how much counts change.
#[derive(Debug, Default)]
pub(super) struct CountChanges(BTreeMap<(i64, u8), i64>);

impl CountChanges {
    /// So many more, or fewer, have this status and state.
    pub(super) fn add(&mut self, status: NumberStatus, state: NumberState, numbers: i64) {
        *self.0.entry((status.number(), state.number())).or_default() += numbers;
    }

    /// Writes them to the counts of a list, always in the same order, so that no two transactions wait for each other.
    pub(super) async fn save(&self, tx: &mut Tx, list: i64) -> Result<()> {
        let changes: Vec<(i64, u8, i64)> = self
            .0
            .iter()
            .filter(|(_, by)| **by != 0)
            .map(|((status, state), by)| (*status, *state, *by))
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        let sql = sql!(tx, |dialect| {
            let columns =
                [("status", Column::Integer), ("state", Column::Integer), ("change", Column::Integer)];
            format!(
                "INSERT INTO number_counts (list_id, status, state, numbers) \
                 SELECT $1, status, state, change FROM {} AS changes WHERE true \
                 ON CONFLICT (list_id, status, state) DO UPDATE SET numbers = number_counts.numbers + excluded.numbers",
                dialect.rows("$2", &columns)
            )
        });
        on!(tx, c => query(sql).bind(list).bind(json(&changes)?).execute(c).await.map(drop))?;
        Ok(())
    }
}
