//! Adding numbers, as many at once as their caller wants.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use domain::{NewNumber, NumberDetails, NumberKey, NumberState, NumberStatus, TaskNumber};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    LockedList,
    counts::CountChanges,
    row::{NUMBERS, NumberRow, named_keys, named_numbers, numbers_with_details},
};
use crate::{
    Result, Tx,
    audit::{Action, Change},
    database::{
        convert::{damaged, json, micros},
        dialect::{Column, Dialect},
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// What becomes of a number that the list has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It stays as it is.
    Skip,
    /// It takes the new text, and what is told of it; what is not told of it stays, and what became of it too.
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
    /// The list had it, and its variables would be too large with the new ones. It stays as it is.
    TooManyVariables,
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
    let touched =
        outcomes.iter().filter(|outcome| matches!(outcome, Added::New(_) | Added::Replaced(_))).count();
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
    let keys: Vec<NumberKey> = numbers.iter().map(|number| NumberKey::from(&number.phone)).collect();
    let mut known = match duplicates {
        Duplicates::Skip => HashMap::new(),
        Duplicates::Replace => standing(tx, list.id, &keys).await?,
    };
    let mut seen = HashSet::with_capacity(numbers.len());
    let (mut outcomes, mut taken) = (vec![Added::Skipped; numbers.len()], Vec::with_capacity(numbers.len()));
    for (place, (number, key)) in numbers.iter().zip(&keys).enumerate() {
        if seen.insert(key) {
            match TakenNumber::of(place, number, known.remove(key)) {
                Some(number) => taken.push(number),
                None => outcomes[place] = Added::TooManyVariables,
            }
        }
    }
    let from = list.next_number;
    let rows: Vec<Row<'_>> = taken.iter().map(|number| number.row(from)).collect::<Result<_>>()?;
    let ids = match duplicates {
        Duplicates::Skip => insert_new(tx, list.id, &rows, now).await?,
        Duplicates::Replace => insert_or_replace(tx, list.id, &rows, now).await?,
    };
    for number in &taken {
        if let Some(id) = ids.get(&keys[number.place]) {
            outcomes[number.place] = if *id >= from { Added::New(*id) } else { Added::Replaced(*id) };
        }
    }
    finish(tx, list, &taken, &outcomes).await?;
    Ok(outcomes)
}

/// Those of these numbers that the list has, by their keys.
pub(super) async fn standing(
    tx: &mut Tx,
    list: i64,
    keys: &[NumberKey],
) -> Result<HashMap<NumberKey, TaskNumber>> {
    let sql = sql!(tx, |dialect| {
        let named = format!("SELECT id FROM {} AND list_id = $1", named_numbers(dialect, "$2"));
        format!(
            concat!("SELECT ", numbers_with_details!(), "WHERE numbers.list_id = $1 AND {}"),
            dialect.chosen("numbers.id", &named)
        )
    });
    let found: Vec<TaskNumber> = on!(tx, c => query(sql)
        .bind(list).bind(named_keys(keys)?).fetch_all(c).await
        .map(|rows| lists::readable::<_, NumberRow, _>(NUMBERS, &rows)))?;
    Ok(found.into_iter().map(|number| (number.key.clone(), number)).collect())
}

/// A number as it is to be written.
struct TakenNumber<'n> {
    /// Its place among those that were given.
    place: usize,
    number: &'n NewNumber,
    sort: i64,
    details: Cow<'n, NumberDetails>,
}

impl<'n> TakenNumber<'n> {
    /// With what stays of the one that is there; `None`: its variables would be too large.
    fn of(place: usize, number: &'n NewNumber, standing: Option<TaskNumber>) -> Option<Self> {
        let (sort, details) = match standing {
            None => (0, Cow::Borrowed(&number.details)),
            Some(standing) => (standing.sort, Cow::Owned(number.told_of(standing.details).ok()?)),
        };
        Some(Self { place, number, sort: number.sort.unwrap_or(sort), details })
    }

    /// Its row, if the first number has this id.
    fn row(&self, first: i64) -> Result<Row<'n>> {
        let id = first + i64::try_from(self.place).map_err(damaged)?;
        let phone = &self.number.phone;
        Ok((id, phone.e164(), phone.extension(), phone.suffix(), phone.text(), self.sort))
    }
}

/// Writes what hangs on the numbers: their details, the counts, and the next id.
async fn finish(
    tx: &mut Tx,
    list: &mut LockedList,
    taken: &[TakenNumber<'_>],
    outcomes: &[Added],
) -> Result<()> {
    let added = outcomes.iter().filter(|outcome| matches!(outcome, Added::New(_))).count();
    save_details(tx, list.id, taken, outcomes).await?;
    let mut counts = CountChanges::default();
    counts.add(list.id, (NumberStatus::Waiting, NumberState::Due), i64::try_from(added).map_err(damaged)?);
    counts.save(tx).await?;
    list.next_number += i64::try_from(outcomes.len()).map_err(damaged)?;
    on!(tx, c => query(sql!("UPDATE number_lists SET next_number = $2 WHERE id = $1"))
        .bind(list.id).bind(list.next_number).execute(c).await.map(drop))?;
    if added > 0 {
        list.is_not_finished(tx).await?;
    }
    Ok(())
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

async fn save_details(tx: &mut Tx, list: i64, taken: &[TakenNumber<'_>], outcomes: &[Added]) -> Result<()> {
    let mut rows = Vec::new();
    for TakenNumber { place, details, .. } in taken {
        match outcomes[*place] {
            Added::New(id) if !details.is_empty() => rows.push(details_row(id, details)?),
            Added::Replaced(id) => rows.push(details_row(id, details)?),
            Added::New(_) | Added::Skipped | Added::TooManyVariables => {}
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

fn details_row(id: i64, details: &NumberDetails) -> Result<NewDetailsRow<'_>> {
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
