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
pub async fn counts(session: &mut dyn Session, account: AccountId, task: TaskId) -> Result<NumberCounts> {
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
    session: &mut dyn Session,
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

pub(crate) async fn of_list(session: &mut dyn Session, list: i64) -> Result<NumberCounts> {
    let rows: Vec<(i64, i64, i64)> = on!(session, c => query_as(sql!(
        "SELECT status, state, numbers FROM number_counts WHERE list_id = $1"))
        .bind(list).fetch_all(c).await)?;
    let mut counts = BTreeMap::new();
    for (status, state, numbers) in rows {
        counts.insert((stored_status(status)?, stored_state(state)?), numbers);
    }
    Ok(NumberCounts(counts))
}

/// By how much the counts of lists change, by list, status and state.
#[derive(Debug, Default)]
pub(crate) struct CountChanges(BTreeMap<(i64, i64, u8), i64>);

const COLUMNS: [(&str, Column); 4] = [
    ("list_id", Column::Integer),
    ("status", Column::Integer),
    ("state", Column::Integer),
    ("change", Column::Integer),
];

impl CountChanges {
    /// So many more numbers of a list, or fewer, have this status and state.
    pub(super) fn add(&mut self, list: i64, (status, state): (NumberStatus, NumberState), numbers: i64) {
        *self.0.entry((list, status.number(), state.number())).or_default() += numbers;
    }

    /// A number of a list has left one status and state for others.
    pub(crate) fn moved(
        &mut self,
        list: i64,
        before: (NumberStatus, NumberState),
        after: (NumberStatus, NumberState),
    ) {
        self.add(list, before, -1);
        self.add(list, after, 1);
    }

    /// Writes them, always in the same order, so that no two transactions wait for each other.
    pub(crate) async fn save(&self, tx: &mut Tx) -> Result<()> {
        let changed = self.0.iter().filter(|(_, by)| **by != 0);
        let rows: Vec<_> = changed.map(|((list, status, state), by)| (*list, *status, *state, *by)).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let sql = sql!(tx, |dialect| format!(
            "INSERT INTO number_counts (list_id, status, state, numbers) \
             SELECT list_id, status, state, change FROM {} AS changes WHERE true ORDER BY list_id, status, state \
             ON CONFLICT (list_id, status, state) DO UPDATE SET numbers = number_counts.numbers + excluded.numbers",
            dialect.rows("$1", &COLUMNS)
        ));
        on!(tx, c => query(sql).bind(json(&rows)?).execute(c).await.map(drop))?;
        Ok(())
    }
}
