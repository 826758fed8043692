//! How many attempts there are, by hour and outcome. The counters are kept with the rows, so nothing is ever counted that grows
//! with the number of attempts, but for the two partial hours at the ends of a range.

use std::collections::BTreeMap;

use domain::{AccountId, Hours, InstantRange, NumberStatus, TaskId, hour_of, quarter_of};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::row::{outcome, status};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// Whose attempts are meant.
#[derive(Clone, Copy, Debug)]
pub enum AttemptScope {
    /// All of an account's.
    Account(AccountId),
    /// Those of one of its tasks, which may be gone.
    Task(AccountId, TaskId),
}

/// What a statement asks of a scope: `$1` is the account and `$2` the task.
pub(super) const SCOPES: [&str; 2] = ["account_id = $1", "account_id = $1 AND task_id = $2"];

impl AttemptScope {
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Account(_) => SCOPES[0],
            Self::Task(..) => SCOPES[1],
        }
    }

    /// The account.
    pub const fn account(self) -> Uuid {
        match self {
            Self::Account(account) | Self::Task(account, _) => account.uuid(),
        }
    }

    pub(super) const fn task(self) -> Option<Uuid> {
        match self {
            Self::Account(_) => None,
            Self::Task(_, task) => Some(task.uuid()),
        }
    }
}

/// How many attempts ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountsByOutcome(BTreeMap<i64, i64>);

impl CountsByOutcome {
    /// How many gave their number this status; `None`: those that count no try.
    pub fn of(&self, status: Option<NumberStatus>) -> i64 {
        self.0.get(&outcome(status)).copied().unwrap_or(0)
    }

    /// How many had one of these outcomes.
    pub(super) fn total_of(&self, outcomes: &[i64]) -> i64 {
        outcomes.iter().filter_map(|outcome| self.0.get(outcome)).sum()
    }

    /// How many counted as a try.
    pub fn tries(&self) -> i64 {
        NumberStatus::ALL.into_iter().map(|status| self.of(Some(status))).sum()
    }
}

/// Counts the attempts that were dialed in a range of time.
///
/// # Errors
/// When the database does not answer.
pub async fn count_by_outcome(
    session: &mut dyn Session,
    scope: AttemptScope,
    dialed: InstantRange,
) -> Result<CountsByOutcome> {
    let Hours { whole, ends: [first, last] } = Hours::of(dialed);
    let condition = scope.condition();
    let sql = sql!(session, condition: &'static str = SCOPES, |_dialect| format!(
        "SELECT outcome, CAST(sum(attempts) AS BIGINT) FROM ( \
             SELECT outcome, attempts FROM attempt_hours WHERE {condition} AND hour >= $3 AND hour < $4 \
             UNION ALL SELECT outcome, count(*) FROM attempts \
                 WHERE {condition} AND dialed_at >= $5 AND dialed_at < $6 GROUP BY outcome \
             UNION ALL SELECT outcome, count(*) FROM attempts \
                 WHERE {condition} AND dialed_at >= $7 AND dialed_at < $8 GROUP BY outcome \
         ) AS parts GROUP BY outcome"
    ));
    let counts: Vec<(i64, i64)> = on!(session, c => query_as(sql)
        .bind(scope.account()).bind(scope.task()).bind(whole.start).bind(whole.end)
        .bind(first.start).bind(first.end).bind(last.start).bind(last.end)
        .fetch_all(c).await)?;
    for (outcome, _) in &counts {
        status(*outcome)?;
    }
    Ok(CountsByOutcome(counts.into_iter().collect()))
}

/// What is counted together, in the order in which counters are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CounterKey {
    account: Uuid,
    task: Uuid,
    hour: i64,
    outcome: i64,
}

/// An attempt more, or one less.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountChange {
    pub(super) account: Uuid,
    pub(super) task: Uuid,
    pub(super) dialed_at: Timestamp,
    pub(super) outcome: i64,
    pub(super) by: i64,
}

impl CountChange {
    fn key(&self) -> CounterKey {
        let Self { account, task, dialed_at, outcome, .. } = *self;
        CounterKey { account, task, hour: hour_of(dialed_at), outcome }
    }
}

const COUNTERS: &[(&str, Column)] = &[
    ("account_id", Column::Uuid),
    ("task_id", Column::Uuid),
    ("hour", Column::Integer),
    ("outcome", Column::Integer),
    ("attempts", Column::Integer),
    ("quarter_0", Column::Integer),
    ("quarter_1", Column::Integer),
    ("quarter_2", Column::Integer),
    ("quarter_3", Column::Integer),
];

/// Adds to counters, or takes from them. Each is made when it is first added to.
pub(super) async fn add(tx: &mut Tx, changes: impl Iterator<Item = CountChange>) -> Result<()> {
    let mut sums = BTreeMap::<CounterKey, [i64; 4]>::new();
    for change in changes {
        if let Some(quarter) = sums.entry(change.key()).or_default().get_mut(quarter_of(change.dialed_at)) {
            *quarter += change.by;
        }
    }
    let row = |(key, [q0, q1, q2, q3]): (CounterKey, [i64; 4])| {
        json!([hex(key.account), hex(key.task), key.hour, key.outcome, q0 + q1 + q2 + q3, q0, q1, q2, q3])
    };
    let rows: Vec<_> = sums.into_iter().map(row).collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO attempt_hours (account_id, task_id, hour, outcome, attempts, quarter_0, quarter_1, quarter_2, quarter_3) \
         SELECT account_id, task_id, hour, outcome, attempts, quarter_0, quarter_1, quarter_2, quarter_3 \
         FROM {} AS changes WHERE true ORDER BY account_id, task_id, hour, outcome \
         ON CONFLICT (account_id, task_id, hour, outcome) DO UPDATE SET \
             attempts = attempt_hours.attempts + excluded.attempts, \
             quarter_0 = attempt_hours.quarter_0 + excluded.quarter_0, \
             quarter_1 = attempt_hours.quarter_1 + excluded.quarter_1, \
             quarter_2 = attempt_hours.quarter_2 + excluded.quarter_2, \
             quarter_3 = attempt_hours.quarter_3 + excluded.quarter_3",
        dialect.rows("$1", COUNTERS)
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}
