//! How many records have which result, by hour: kept in the transaction that writes a result or a record.

use std::collections::BTreeMap;

use domain::{Hours, InstantRange, Intention, RoundsBand, hour_of};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::super::counters::AttemptScope;
use super::row::band;
use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// What results are counted by: the outcome of the record, and what its columns have of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultKey {
    pub(super) outcome: i64,
    pub(super) intention: i64,
    pub(super) band: i64,
}

/// How many records have which result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountsByResult(BTreeMap<ResultKey, i64>);

impl CountsByResult {
    /// How many calls that count as a try ended with this intention.
    pub fn of_intention(&self, intention: Intention) -> i64 {
        self.tries(|key| key.intention == intention.number())
    }

    /// How many calls that count as a try had so many rounds.
    pub fn of_band(&self, rounds: RoundsBand) -> i64 {
        self.tries(|key| key.band == band(Some(rounds)))
    }

    fn tries(&self, is_meant: impl Fn(ResultKey) -> bool) -> i64 {
        self.sum(|key| key.outcome >= 0 && is_meant(key))
    }

    pub(super) fn sum(&self, is_meant: impl Fn(ResultKey) -> bool) -> i64 {
        self.0.iter().filter(|(key, _)| is_meant(**key)).map(|(_, results)| results).sum()
    }
}

type CountRow = (i64, i64, i64, i64);

/// Counts the results of the records that were dialed in a range of time.
///
/// # Errors
/// When the database does not answer.
pub async fn count_by_result(
    session: &mut dyn Session,
    scope: AttemptScope,
    dialed: InstantRange,
) -> Result<CountsByResult> {
    let Hours { whole, ends: [first, last] } = Hours::of(dialed);
    let condition = scope.condition();
    let sql = sql!(session, condition: &'static str = crate::attempts::counters::SCOPES, |_dialect| {
        let partial = |from: &str, until: &str| format!(
            "SELECT outcome, coalesce(intention, 0) AS intention, rounds_band, count(*) AS results FROM call_results \
             WHERE {condition} AND dialed_at >= {from} AND dialed_at < {until} AND outcome IS NOT NULL GROUP BY 1, 2, 3"
        );
        format!(
            "SELECT outcome, intention, rounds_band, CAST(sum(results) AS BIGINT) FROM ( \
                 SELECT outcome, intention, rounds_band, results FROM result_hours \
                     WHERE {condition} AND hour >= $3 AND hour < $4 \
                 UNION ALL {} UNION ALL {} \
             ) AS parts GROUP BY outcome, intention, rounds_band",
            partial("$5", "$6"),
            partial("$7", "$8")
        )
    });
    let rows: Vec<CountRow> = on!(session, c => query_as(sql)
        .bind(scope.account()).bind(scope.task()).bind(whole.start).bind(whole.end)
        .bind(first.start).bind(first.end).bind(last.start).bind(last.end)
        .fetch_all(c).await)?;
    let count = |(outcome, intention, band, results)| (ResultKey { outcome, intention, band }, results);
    Ok(CountsByResult(rows.into_iter().map(count).collect()))
}

/// A result more of a record, or one less.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResultCountChange {
    pub(super) account: Uuid,
    pub(super) task: Uuid,
    pub(super) dialed_at: Timestamp,
    pub(super) key: ResultKey,
    pub(super) by: i64,
}

const COLUMNS: [(&str, Column); 7] = [
    ("account_id", Column::Uuid),
    ("task_id", Column::Uuid),
    ("hour", Column::Integer),
    ("outcome", Column::Integer),
    ("intention", Column::Integer),
    ("rounds_band", Column::Integer),
    ("results", Column::Integer),
];

/// Adds to counters, or takes from them; their rows are locked in one order, after those of attempts. Each is made when it is first added to.
pub(super) async fn add(tx: &mut Tx, changes: impl Iterator<Item = ResultCountChange>) -> Result<()> {
    let mut sums = BTreeMap::<(Uuid, Uuid, i64, ResultKey), i64>::new();
    for ResultCountChange { account, task, dialed_at, key, by } in changes {
        *sums.entry((account, task, hour_of(dialed_at), key)).or_default() += by;
    }
    sums.retain(|_, by| *by != 0);
    if sums.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = sums
        .iter()
        .map(|((account, task, hour, key), by)| {
            json!([hex(*account), hex(*task), hour, key.outcome, key.intention, key.band, by])
        })
        .collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO result_hours (account_id, task_id, hour, outcome, intention, rounds_band, results) \
         SELECT account_id, task_id, hour, outcome, intention, rounds_band, results \
         FROM {} AS changes WHERE true ORDER BY account_id, task_id, hour, outcome, intention, rounds_band \
         ON CONFLICT (account_id, task_id, hour, outcome, intention, rounds_band) \
             DO UPDATE SET results = result_hours.results + excluded.results",
        dialect.rows("$1", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets the counters of an account that have come to nothing.
pub(super) async fn forget_empty(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM result_hours WHERE account_id = $1 AND results = 0"))
        .bind(account).execute(c).await.map(drop))?;
    Ok(())
}
