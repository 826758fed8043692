//! The row of a number, and how it becomes one.

use std::collections::BTreeSet;

use domain::{HELD, NumberDetails, NumberKey, NumberState, NumberStatus, TaskNumber};
use jiff::Timestamp;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, json, micros, timestamp},
    dialect::{Column, Dialect},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(crate) const NUMBERS: Table = Table { name: "numbers", key: &["list_id", "id"] };

/// The columns of [`NumberRow`], and the tables they are from.
macro_rules! numbers_with_details {
    () => {
        "numbers.list_id, numbers.id, numbers.e164, numbers.extension, numbers.suffix, numbers.phone, numbers.sort, \
         numbers.state, numbers.status, numbers.tries, numbers.line_failures, numbers.next_attempt_at, numbers.created_at, details.name, \
         details.email, details.company, details.sex, details.extra, details.control_select_robot, details.variables \
         FROM numbers LEFT JOIN number_details AS details \
         ON details.list_id = numbers.list_id AND details.number_id = numbers.id "
    };
}
pub(crate) use numbers_with_details;

/// A number as it stands in the table, with its details.
#[derive(sqlx_macros::FromRow)]
pub(crate) struct NumberRow {
    id: i64,
    e164: i64,
    extension: String,
    suffix: String,
    phone: String,
    sort: i64,
    state: i64,
    status: i64,
    tries: i64,
    line_failures: i64,
    next_attempt_at: i64,
    created_at: i64,
    #[sqlx(flatten)]
    details: DetailsRow,
}

#[derive(sqlx_macros::FromRow)]
struct DetailsRow {
    name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    sex: Option<i64>,
    extra: Option<String>,
    control_select_robot: Option<String>,
    variables: Option<String>,
}

impl TryFrom<NumberRow> for TaskNumber {
    type Error = DatabaseError;

    fn try_from(row: NumberRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            key: NumberKey { e164: row.e164, extension: row.extension, suffix: row.suffix },
            phone: row.phone,
            sort: row.sort,
            state: stored_state(row.state)?,
            status: stored_status(row.status)?,
            tries: row.tries,
            line_failures: row.line_failures,
            next_attempt_at: next_attempt_at(row.next_attempt_at)?,
            is_held: row.state == i64::from(NumberState::Due.number()) && row.next_attempt_at >= micros(HELD),
            created_at: timestamp(row.created_at)?,
            details: row.details.try_into()?,
        })
    }
}

/// When a number is due again; `None`: it was never called, or waits for a person to reset it.
fn next_attempt_at(stored: i64) -> Result<Option<Timestamp>> {
    Some(stored).filter(|at| (1..micros(HELD)).contains(at)).map(timestamp).transpose()
}

impl TryFrom<DetailsRow> for NumberDetails {
    type Error = DatabaseError;

    fn try_from(row: DetailsRow) -> Result<Self> {
        Ok(Self {
            name: row.name,
            email: row.email,
            company: row.company,
            sex: row.sex.map(u8::try_from).transpose().map_err(damaged)?,
            extra: row.extra,
            control_select_robot: row.control_select_robot,
            variables: row.variables.as_deref().map(from_json).transpose()?.unwrap_or_default(),
        })
    }
}

/// The numbers of all lists whose keys are in `parameter`, as [`named_keys`] gives them, with the condition that joins them. The keys
/// come first: SQLite would rather read whole lists.
pub(super) fn named_numbers(dialect: Dialect, parameter: &str) -> String {
    let columns =
        [("named_e164", Column::Integer), ("named_extension", Column::Text), ("named_suffix", Column::Text)];
    format!(
        "{} AS named CROSS JOIN numbers \
         WHERE e164 = named_e164 AND extension = named_extension AND suffix = named_suffix",
        dialect.rows(parameter, &columns)
    )
}

/// Keys, each once, as [`named_numbers`] reads them.
pub(super) fn named_keys<'k>(keys: impl IntoIterator<Item = &'k NumberKey>) -> Result<String> {
    let keys: BTreeSet<(i64, &str, &str)> =
        keys.into_iter().map(|key| (key.e164, key.extension.as_str(), key.suffix.as_str())).collect();
    json(&keys)
}

pub(crate) fn stored_status(number: i64) -> Result<NumberStatus> {
    NumberStatus::from_number(number).ok_or_else(|| damaged(format!("status {number} of a number")))
}

pub(super) fn stored_state(number: i64) -> Result<NumberState> {
    NumberState::from_number(number).ok_or_else(|| damaged(format!("state {number} of a number")))
}
