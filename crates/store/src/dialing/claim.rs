//! Claims: numbers that are due become a node's, to be called next.

use domain::{NodeId, NumberPlace, NumberState, TaskNumber};
use jiff::Timestamp;

use crate::{
    Result, Tx,
    database::{
        convert::{json, micros},
        dialect::{Dialect, RowLock},
        lists,
        statement::{query, query_scalar},
    },
    numbers::{CountChangesByList, NUMBERS, NumberRow, numbers_with_details},
};

/// A number that a node has, to call it.
#[derive(Clone, Debug)]
pub struct LeasedNumber {
    /// Its place.
    pub place: NumberPlace,
    /// The number.
    pub number: TaskNumber,
}

/// Which numbers are taken first: those that are to be called again and are due by `$3`, then those that were never called.
const TURNS: [&str; 2] = [
    "next_attempt_at > 0 AND next_attempt_at <= $3 ORDER BY next_attempt_at, id",
    "next_attempt_at = 0 AND $3 >= 0 ORDER BY sort, id",
];

fn claiming(dialect: Dialect, turn: &str) -> String {
    format!(
        "UPDATE numbers SET state = 1, leased_by = $2 WHERE list_id = $1 AND id IN \
             (SELECT id FROM numbers WHERE list_id = $1 AND state = 0 AND {turn} LIMIT $4{}) RETURNING id",
        dialect.lock(RowLock::ChangeIfFree)
    )
}

/// Gives a node the next `most` numbers of a list that are due, in the order in which they are to be called. Numbers that another
/// node is about to take are passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &mut Tx,
    node: NodeId,
    list: i64,
    most: u32,
    now: Timestamp,
) -> Result<Vec<LeasedNumber>> {
    let mut leased = Vec::new();
    for turn in TURNS {
        let left = i64::from(most) - i64::try_from(leased.len()).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        let sql = sql!(tx, turn: &'static str = TURNS, |dialect| claiming(dialect, turn));
        let ids: Vec<i64> = on!(tx, c => query_scalar(sql)
            .bind(list).bind(node.uuid()).bind(micros(now)).bind(left).fetch_all(c).await)?;
        if !ids.is_empty() {
            let mut numbers = read(tx, list, &ids).await?;
            numbers.sort_by_key(|number| (number.next_attempt_at, number.sort, number.id));
            leased.extend(numbers);
        }
    }
    let mut counts = CountChangesByList::default();
    for number in &leased {
        counts.moved(list, (number.status, NumberState::Due), (number.status, NumberState::Leased));
    }
    counts.save(tx).await?;
    let place = |number: TaskNumber| LeasedNumber { place: NumberPlace { list, id: number.id }, number };
    Ok(leased.into_iter().map(place).collect())
}

async fn read(tx: &mut Tx, list: i64, ids: &[i64]) -> Result<Vec<TaskNumber>> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", numbers_with_details!(), "WHERE numbers.list_id = $1 AND {}"),
        dialect.among("numbers.id", "$2")
    ));
    Ok(on!(tx, c => query(sql).bind(list).bind(json(&ids)?).fetch_all(c).await
        .map(|rows| lists::readable::<_, NumberRow, _>(NUMBERS, &rows)))?)
}
