//! Lists leave out the rows that cannot be read and name them in the log: one damaged row must not hide all others.
//! Whoever asks for the one thing is told that it is damaged.

use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};
use uuid::Uuid;

use super::{DatabaseError, convert::damaged};

/// A table, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns that say which row it is: UUIDs and integers.
    pub(crate) key: &'static [&'static str],
}

/// The things of those rows of a table that can be read.
pub(crate) fn readable<'r, R, S, T>(table: Table, rows: &'r [R]) -> Vec<T>
where
    R: Row,
    S: FromRow<'r, R>,
    T: TryFrom<S, Error = DatabaseError>,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
{
    let thing = |row: &'r R| {
        let read = S::from_row(row).map_err(damaged).and_then(T::try_from);
        read.inspect_err(|error| left_out(table, &name(table, row), error)).ok()
    };
    rows.iter().filter_map(thing).collect()
}

/// Says that a row is left out.
pub(crate) fn left_out(table: Table, row: &str, error: &DatabaseError) {
    tracing::error!(table = table.name, row, %error, "a damaged row is left out");
}

/// What the log calls a row: its key, as far as it can be read.
fn name<'r, R>(table: Table, row: &'r R) -> String
where
    R: Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
{
    let column = |column: &&'static str| {
        let uuid = row.try_get::<Uuid, _>(*column).map(|id| id.to_string());
        let value = uuid.or_else(|_| row.try_get::<i64, _>(*column).map(|id| id.to_string())).ok()?;
        Some(format!("{column} {value}"))
    };
    table.key.iter().filter_map(column).collect::<Vec<_>>().join(", ")
}
