//! Connections to SQLite or PostgreSQL: who may write, what bounds every wait, and how one SQL text runs on both drivers.
//!
//! It names no aggregate: what it needs to know of a table is an argument. [`connections`] holds the connections,
//! [`writer`] the one that writes to SQLite, [`postgres`] those to PostgreSQL; [`dialect`] has what differs between the
//! two in SQL, and [`convert`] and [`lists`] what lies between a column and the domain's types.

// First, for its macros.
#[macro_use]
pub(crate) mod statement;

pub(crate) mod compression;
pub(crate) mod connections;
pub(crate) mod convert;
pub(crate) mod dialect;
pub(crate) mod error;
pub(crate) mod lists;
mod migrations;
mod postgres;
mod snapshot;
pub(crate) mod sqlite_file;
mod write_check;
mod writer;

use std::time::Duration;

use sqlx::{PgConnection, SqliteConnection};

use self::dialect::Dialect;
pub use self::{
    connections::{Connect, PoolUse, missing_file},
    error::DatabaseError,
    snapshot::Snapshot,
};

/// How long a request waits for a connection, and SQLite for another process's write.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Either driver's connection.
pub(crate) enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

pub(crate) mod sealed {
    /// Gives the driver's connection to this crate alone.
    pub trait HasDriver: Send {
        #[expect(private_interfaces, reason = "only this crate speaks SQL")]
        fn driver(&mut self) -> super::Driver<'_>;
    }
}

/// A connection that SQL can be read through.
pub trait Queryable: sealed::HasDriver {}

/// A connection that is inside a write transaction.
pub trait Writable: Queryable {}

/// The dialect of a connection's database.
pub(crate) fn dialect_of(connection: &mut dyn Queryable) -> Dialect {
    match connection.driver() {
        Driver::Sqlite(_) => Dialect::Sqlite,
        Driver::Postgres(_) => Dialect::Postgres,
    }
}
