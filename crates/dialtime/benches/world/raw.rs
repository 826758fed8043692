//! The driver without anything around it.

use sqlx::{
    PgPool, SqlitePool,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Connections of the driver, set as the store sets its own.
#[derive(Clone)]
pub(crate) enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs the same expression with the pool of either driver.
macro_rules! raw {
    ($raw:expr, $pool:ident => $expression:expr) => {
        match $raw {
            Raw::Sqlite($pool) => $expression,
            Raw::Postgres($pool) => $expression,
        }
    };
}
pub(crate) use raw;

impl Raw {
    pub(crate) async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite") {
            let options: SqliteConnectOptions = url.parse().unwrap();
            let options = options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true);
            Self::Sqlite(PoolOptions::new().max_connections(1).connect_with(options).await.unwrap())
        } else {
            Self::Postgres(PoolOptions::new().max_connections(4).connect(url).await.unwrap())
        }
    }

    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}
