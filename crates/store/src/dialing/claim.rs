//! Claims: numbers that are due become a node's, to be called next.

use std::collections::BTreeMap;

use domain::{NodeId, NumberPlace, NumberState, TaskNumber};
use jiff::Timestamp;

use super::{PLACE_COLUMNS, place_rows};
use crate::{
    Result, Tx,
    database::{
        DatabaseError,
        convert::{json, micros},
        dialect::{Dialect, RowLock},
        error, lists,
        statement::{query, query_as},
    },
    numbers::{CountChanges, NUMBERS, NumberRow, numbers_with_details},
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
    let choice = format!("state = 0 AND {turn} LIMIT $4");
    format!(
        "UPDATE numbers SET state = 1, leased_by = $2 WHERE {} RETURNING list_id, id",
        dialect.chosen_of_each("$1", "numbers", ("list_id", "id"), &choice, RowLock::ChangeIfFree)
    )
}

/// Gives a node the next numbers of lists that are due, of each list at most as many as are wanted, in the order in which they are to be
/// called. Numbers that another node is about to take are passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &mut Tx,
    node: NodeId,
    wanted: &BTreeMap<i64, u32>,
    now: Timestamp,
) -> Result<BTreeMap<i64, Vec<LeasedNumber>>> {
    let mut leased: BTreeMap<i64, Vec<LeasedNumber>> =
        wanted.keys().map(|list| (*list, Vec::new())).collect();
    for turn in TURNS {
        let mut taken: Vec<NumberPlace> = Vec::new();
        for (most, lists) in by_number_left(wanted, &leased) {
            let sql = sql!(tx, turn: &'static str = TURNS, |dialect| claiming(dialect, turn));
            let places: Vec<(i64, i64)> = on!(tx, c => query_as(sql)
                .bind(json(&lists)?).bind(node.uuid()).bind(micros(now)).bind(most).fetch_all(c).await)?;
            taken.extend(places.into_iter().map(|(list, id)| NumberPlace { list, id }));
        }
        let mut numbers = read(tx, taken).await?;
        numbers.sort_by_key(|one| (one.number.next_attempt_at, one.number.sort, one.number.id));
        for number in numbers {
            leased.entry(number.place.list).or_default().push(number);
        }
    }
    let mut counts = CountChanges::default();
    for LeasedNumber { place, number } in leased.values().flatten() {
        let status = number.status;
        counts.moved(place.list, (status, NumberState::Due), (status, NumberState::Leased));
    }
    counts.save(tx).await?;
    Ok(leased)
}

/// The lists by how many of their numbers are still wanted. One statement serves those that want as many.
fn by_number_left(
    wanted: &BTreeMap<i64, u32>,
    leased: &BTreeMap<i64, Vec<LeasedNumber>>,
) -> BTreeMap<i64, Vec<i64>> {
    let mut by_left: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (list, most) in wanted {
        let has = leased.get(list).map_or(0, Vec::len);
        let left = i64::from(*most) - i64::try_from(has).unwrap_or(i64::MAX);
        if left > 0 {
            by_left.entry(left).or_default().push(*list);
        }
    }
    by_left
}

#[derive(sqlx_macros::FromRow)]
struct LeasedRow {
    list_id: i64,
    #[sqlx(flatten)]
    number: NumberRow,
}

impl TryFrom<LeasedRow> for LeasedNumber {
    type Error = DatabaseError;

    fn try_from(row: LeasedRow) -> error::Result<Self> {
        let number: TaskNumber = row.number.try_into()?;
        Ok(Self { place: NumberPlace { list: row.list_id, id: number.id }, number })
    }
}

async fn read(tx: &mut Tx, places: Vec<NumberPlace>) -> Result<Vec<LeasedNumber>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            numbers_with_details!(),
            "WHERE (numbers.list_id, numbers.id) IN (SELECT list_id, id FROM {} AS taken)"
        ),
        dialect.rows("$1", &PLACE_COLUMNS)
    ));
    Ok(on!(tx, c => query(sql).bind(place_rows(places)?).fetch_all(c).await
        .map(|rows| lists::readable::<_, LeasedRow, LeasedNumber>(NUMBERS, &rows)))?)
}
