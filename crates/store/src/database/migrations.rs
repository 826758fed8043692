//! Migrations: the same numbers and names in two folders, run by one program at a time.

use std::{fs::File, path::Path};

use sqlx::{Connection as _, PgConnection, SqlitePool, migrate::Migrator};

use super::{error::Result, sqlite_file};

static SQLITE: Migrator = sqlx_macros::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx_macros::migrate!("migrations/postgres");

/// Migrates a SQLite database, which is this pool's file, and closes the pool.
pub(super) async fn run_on_sqlite(database: &Path, pool: SqlitePool) -> Result<()> {
    let _lock = lock(database).await?;
    sqlite_file::make_private(database);
    SQLITE.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Migrates a PostgreSQL database and closes the connection. The migrator takes a lock by itself.
pub(super) async fn run_on_postgres(mut connection: PgConnection) -> Result<()> {
    POSTGRES.run_direct(None, &mut connection, false).await?;
    Ok(connection.close().await?)
}

/// The number of the newest migration that this program has.
pub(super) fn newest(is_postgres: bool) -> i64 {
    let migrations = if is_postgres { &POSTGRES } else { &SQLITE };
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// SQLite has no lock that spans a migration's several transactions, so a file beside it serves. Waiting for it blocks
/// a thread, which must not be one that whoever holds it needs to go on.
async fn lock(database: &Path) -> Result<File> {
    let database = database.to_owned();
    let lock = tokio::task::spawn_blocking(move || {
        let lock = sqlite_file::open_lock(&database, ".migration-lock")?;
        lock.lock()?;
        std::io::Result::Ok(lock)
    });
    Ok(lock.await.map_err(std::io::Error::from)??)
}
