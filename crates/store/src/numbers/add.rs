//! Adding numbers, as many at once as their caller wants.

use std::collections::{HashMap, HashSet};

use domain::{NewNumber, NumberKey, NumberState, NumberStatus};
use jiff::Timestamp;
use serde::Serialize;

use super::{LockedList, counts::CountChanges};
use crate::{
    Result, Tx,
    audit::{Action, Change},
    database::{
        convert::{damaged, json, micros},
        dialect::{Column, Dialect},
        statement::{query, query_as, query_scalar},
    },
};

/// What becomes of a number that the list has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It stays as it is.
    Skip,
    /// It takes the new text, place and details. What became of it stays.
    Replace,
}

/// What became of each of the numbers, in the order they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It has this id now.
    New(i64),
    /// The list had it, and it has new details.
    Replaced(i64),
    /// The list had it, or it was given before.
    Skipped,
}

/// The columns of a row to add: id, number, extension, suffix, text, place.
type Row<'n> = (i64, i64, &'n str, &'n str, &'n str, i64);

const COLUMNS: [(&str, Column); 6] = [
    ("id", Column::Integer),
    ("e164", Column::Integer),
    ("extension", Column::Text),
    ("suffix", Column::Text),
    ("phone", Column::Text),
    ("sort", Column::Integer),
];

/// Adds numbers to a list, waiting to be called. Of those that are equal, the first is taken.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    tx: &mut Tx,
    list: &mut LockedList,
    numbers: &[NewNumber],
    duplicates: Duplicates,
    change: &Change,
) -> Result<Vec<Added>> {
    let numbers: Vec<&NewNumber> = numbers.iter().collect();
    let outcomes = add_unrecorded(tx, list, &numbers, duplicates, change.at).await?;
    let touched = outcomes.iter().filter(|outcome| **outcome != Added::Skipped).count();
    list.record(tx, Action::Create, touched, change).await?;
    Ok(outcomes)
}

/// [`add`] as a part of a longer operation, which is recorded as a whole.
pub(super) async fn add_unrecorded(
    tx: &mut Tx,
    list: &mut LockedList,
    numbers: &[&NewNumber],
    duplicates: Duplicates,
    now: Timestamp,
) -> Result<Vec<Added>> {
    let mut seen = HashSet::with_capacity(numbers.len());
    let keys: Vec<NumberKey> = numbers.iter().map(|number| NumberKey::from(&number.phone)).collect();
    let first: Vec<bool> = keys.iter().map(|key| seen.insert(key)).collect();
    let rows: Vec<Row<'_>> = (list.next_number..)
        .zip(numbers)
        .zip(&first)
        .filter(|(_, first)| **first)
        .map(|((id, number), _)| row(id, number))
        .collect();
    let ids = match duplicates {
        Duplicates::Skip => insert_new(tx, list.id, &rows, now).await?,
        Duplicates::Replace => insert_or_replace(tx, list.id, &rows, now).await?,
    };
    let from = list.next_number;
    let outcome = |(key, is_first): (&NumberKey, &bool)| match ids.get(key).filter(|_| *is_first) {
        Some(id) if *id >= from => Added::New(*id),
        Some(id) => Added::Replaced(*id),
        None => Added::Skipped,
    };
    let outcomes: Vec<Added> = keys.iter().zip(&first).map(outcome).collect();
    finish(tx, list, numbers, &outcomes).await?;
    Ok(outcomes)
}

/// Writes what hangs on the numbers: their details, the counts, and the next id.
async fn finish(
    tx: &mut Tx,
    list: &mut LockedList,
    numbers: &[&NewNumber],
    outcomes: &[Added],
) -> Result<()> {
    let added = outcomes.iter().filter(|outcome| matches!(outcome, Added::New(_))).count();
    save_details(tx, list.id, numbers, outcomes).await?;
    let mut counts = CountChanges::default();
    counts.add(list.id, (NumberStatus::Waiting, NumberState::Due), i64::try_from(added).map_err(damaged)?);
    counts.save(tx).await?;
    list.next_number += i64::try_from(numbers.len()).map_err(damaged)?;
    on!(tx, c => query(sql!("UPDATE number_lists SET next_number = $2 WHERE id = $1"))
        .bind(list.id).bind(list.next_number).execute(c).await.map(drop))?;
    if added > 0 {
        list.is_not_finished(tx).await?;
    }
    Ok(())
}

fn row(id: i64, number: &NewNumber) -> Row<'_> {
    let phone = &number.phone;
    (id, phone.e164(), phone.extension(), phone.suffix(), phone.text(), number.sort)
}

/// The statement that adds rows; `conflict` says what becomes of those that are there.
fn insertion(dialect: Dialect, conflict: &str) -> String {
    format!(
        "INSERT INTO numbers (list_id, id, e164, extension, suffix, phone, sort, state, status, next_attempt_at, created_at) \
         SELECT $1, id, e164, extension, suffix, phone, sort, 0, 0, 0, $3 FROM {} AS added WHERE true \
         ON CONFLICT (list_id, e164, extension, suffix) {conflict}",
        dialect.rows("$2", &COLUMNS)
    )
}

async fn insert_new(
    tx: &mut Tx,
    list: i64,
    rows: &[Row<'_>],
    now: Timestamp,
) -> Result<HashMap<NumberKey, i64>> {
    let sql = sql!(tx, |dialect| insertion(dialect, "DO NOTHING RETURNING id"));
    let ids: Vec<i64> = on!(tx, c => query_scalar(sql)
        .bind(list).bind(json(&rows)?).bind(micros(now)).fetch_all(c).await)?;
    let ids: HashSet<i64> = ids.into_iter().collect();
    let new = rows.iter().filter(|(id, ..)| ids.contains(id));
    Ok(new.map(|(id, e164, extension, suffix, ..)| (key(*e164, extension, suffix), *id)).collect())
}

async fn insert_or_replace(
    tx: &mut Tx,
    list: i64,
    rows: &[Row<'_>],
    now: Timestamp,
) -> Result<HashMap<NumberKey, i64>> {
    let sql = sql!(tx, |dialect| insertion(
        dialect,
        "DO UPDATE SET phone = excluded.phone, sort = excluded.sort RETURNING id, e164, extension, suffix"
    ));
    let written: Vec<(i64, i64, String, String)> = on!(tx, c => query_as(sql)
        .bind(list).bind(json(&rows)?).bind(micros(now)).fetch_all(c).await)?;
    Ok(written
        .into_iter()
        .map(|(id, e164, extension, suffix)| (NumberKey { e164, extension, suffix }, id))
        .collect())
}

fn key(e164: i64, extension: &str, suffix: &str) -> NumberKey {
    NumberKey { e164, extension: extension.to_owned(), suffix: suffix.to_owned() }
}

/// The columns of a number's details.
#[derive(Serialize)]
struct NewDetailsRow<'n>(
    i64,
    Option<&'n str>,
    Option<&'n str>,
    Option<&'n str>,
    Option<u8>,
    Option<&'n str>,
    Option<&'n str>,
    Option<String>,
);

const DETAIL_COLUMNS: [(&str, Column); 8] = [
    ("number_id", Column::Integer),
    ("name", Column::Text),
    ("email", Column::Text),
    ("company", Column::Text),
    ("sex", Column::Integer),
    ("extra", Column::Text),
    ("control_select_robot", Column::Text),
    ("variables", Column::Text),
];

async fn save_details(tx: &mut Tx, list: i64, numbers: &[&NewNumber], outcomes: &[Added]) -> Result<()> {
    let mut rows = Vec::new();
    for (number, outcome) in numbers.iter().zip(outcomes) {
        match outcome {
            Added::New(id) if !number.details.is_empty() => rows.push(details_row(*id, number)?),
            Added::Replaced(id) => rows.push(details_row(*id, number)?),
            Added::New(_) | Added::Skipped => {}
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO number_details (list_id, number_id, name, email, company, sex, extra, control_select_robot, variables) \
         SELECT $1, number_id, name, email, company, sex, extra, control_select_robot, variables FROM {} AS added WHERE true \
         ON CONFLICT (list_id, number_id) DO UPDATE SET name = excluded.name, email = excluded.email, \
             company = excluded.company, sex = excluded.sex, extra = excluded.extra, \
             control_select_robot = excluded.control_select_robot, variables = excluded.variables",
        dialect.rows("$2", &DETAIL_COLUMNS)
    ));
    on!(tx, c => query(sql).bind(list).bind(json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

fn details_row(id: i64, number: &NewNumber) -> Result<NewDetailsRow<'_>> {
    let details = &number.details;
    let variables =
        Some(&details.variables).filter(|variables| !variables.is_empty()).map(json).transpose()?;
    Ok(NewDetailsRow(
        id,
        details.name.as_deref(),
        details.email.as_deref(),
        details.company.as_deref(),
        details.sex,
        details.extra.as_deref(),
        details.control_select_robot.as_deref(),
        variables,
    ))
}
