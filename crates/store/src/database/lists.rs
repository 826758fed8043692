//! Lists leave out the rows that cannot be read and name them in the log: one damaged row must not hide all others.
//! Whoever asks for the one thing is told that it is damaged.

use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};
use uuid::Uuid;

use crate::Error;

/// The things of those rows of a table that can be read.
pub(crate) fn readable<'r, R, S, T>(table: &'static str, rows: &'r [R]) -> Vec<T>
where
    R: Row,
    S: FromRow<'r, R>,
    T: TryFrom<S, Error = Error>,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
{
    let thing = |row: &'r R| {
        let read = S::from_row(row).map_err(Error::from).and_then(T::try_from);
        read.inspect_err(|error| left_out(table, &name(row), error)).ok()
    };
    rows.iter().filter_map(thing).collect()
}

/// Says that a row is left out.
pub(crate) fn left_out(table: &'static str, row: &str, error: &Error) {
    tracing::error!(table, row, %error, "a damaged row is left out");
}

/// What the log calls a row: its account and its id, as far as it has them.
fn name<'r, R>(row: &'r R) -> String
where
    R: Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
{
    let column = |column: &'static str| {
        let uuid = row.try_get::<Uuid, _>(column).map(|id| id.to_string());
        let value = uuid.or_else(|_| row.try_get::<i64, _>(column).map(|id| id.to_string())).ok()?;
        Some(format!("{column} {value}"))
    };
    let columns: Vec<String> =
        ["account_id", "task_id", "id", "number"].into_iter().filter_map(column).collect();
    columns.join(", ")
}

/// Whether the database stumbled over a value that a column must not hold, such as JSON that is none.
pub(crate) fn is_of_a_bad_value(error: &Error) -> bool {
    let Error::Database(sqlx::Error::Database(error)) = error else { return false };
    let code = error.code().unwrap_or_default();
    // SQLite has no code of its own for it; PostgreSQL's class is "data exception".
    error.message().contains("malformed JSON") || (code.len() == 5 && code.starts_with("22"))
}
