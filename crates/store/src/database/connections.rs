//! The connections to one database. Reads and writes go over separate ones, so that a read cannot write and never waits
//! for a writer.

use std::{path::PathBuf, str::FromStr, sync::Arc};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool,
    pool::{PoolConnection, PoolOptions},
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    DatabaseError, Driver, PATIENCE, Queryable, Writable,
    error::{Result, on_opening},
    migrations, postgres,
    sealed::HasDriver,
    snapshot::{Snapshot, WalIndex},
    sqlite_file::{self, DatabaseFiles},
    write_check::WriteCheck,
    writer::{self, Writer},
};

/// How to connect.
#[derive(Clone)]
pub struct Connect {
    /// `sqlite:PATH` or `postgres://...`.
    pub url: String,
    /// The most connections for reading; on PostgreSQL as many again for writing, and two for wake-ups between nodes.
    pub connections: u32,
}

impl std::fmt::Debug for Connect {
    /// Without the address, which may hold a password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connect").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// The file of a SQLite address, if it is not there: connecting would make it.
pub fn missing_file(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:"))?;
    let file = options.get_filename();
    (!file.exists()).then(|| file.to_path_buf())
}

/// How the connections of one pool are used.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// `read` or `write`.
    pub name: &'static str,
    /// How many are held by someone.
    pub used: u32,
    /// How many are open and free.
    pub idle: u32,
}

impl PoolUse {
    fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self { name, used: pool.size().saturating_sub(idle), idle }
    }
}

/// The connections to one database.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    backend: Backend,
    write_check: Arc<WriteCheck>,
}

#[derive(Clone, Debug)]
enum Backend {
    Sqlite { read: SqlitePool, write: Writer, index: WalIndex, files: Arc<DatabaseFiles> },
    Postgres(Arc<postgres::PostgresPools>),
}

/// A connection that cannot write.
#[derive(Debug)]
pub(crate) enum ReadConnection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl HasDriver for ReadConnection {
    fn driver(&mut self) -> Driver<'_> {
        match self {
            Self::Sqlite(connection) => Driver::Sqlite(connection),
            Self::Postgres(connection) => Driver::Postgres(connection),
        }
    }
}

impl Queryable for ReadConnection {}

/// A connection inside a write transaction. Dropped without [`WriteConnection::commit`] it rolls back.
#[derive(Debug)]
pub(crate) enum WriteConnection {
    Sqlite(writer::Transaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl HasDriver for WriteConnection {
    fn driver(&mut self) -> Driver<'_> {
        match self {
            Self::Sqlite(transaction) => Driver::Sqlite(transaction.connection()),
            Self::Postgres(transaction) => Driver::Postgres(transaction),
        }
    }
}

impl Queryable for WriteConnection {}
impl Writable for WriteConnection {}

impl WriteConnection {
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => Ok(transaction.commit().await?),
        }
    }
}

impl Pools {
    /// Connects, and makes a SQLite file that is not there. Does not migrate.
    pub(crate) async fn connect(connect: &Connect) -> Result<Self> {
        let backend = match connect.url.split(':').next() {
            Some("sqlite") => connect_sqlite(connect).await?,
            Some("postgres" | "postgresql") => connect_postgres(connect).await?,
            _ => return Err(DatabaseError::Address("it must start with sqlite: or postgres://".to_owned())),
        };
        Ok(Self { backend, write_check: Arc::default() })
    }

    /// Brings the schema up to date, one program at a time.
    pub(crate) async fn migrate(&self) -> Result<()> {
        match &self.backend {
            Backend::Sqlite { write, .. } => {
                let pool = sqlite_pool(1).connect_with(write.options().clone()).await?;
                migrations::run_on_sqlite(write.options().get_filename(), pool).await
            }
            Backend::Postgres(connections) => {
                migrations::run_on_postgres(connections.for_migrations().await?).await
            }
        }
    }

    /// The number of the newest migration that this program has.
    pub(crate) fn newest_migration(&self) -> i64 {
        migrations::newest(self.is_shared())
    }

    /// Takes a connection for reading.
    pub(crate) async fn read(&self) -> Result<ReadConnection> {
        match &self.backend {
            Backend::Sqlite { read, files, .. } => {
                files.check_lately()?;
                Ok(ReadConnection::Sqlite(read.acquire().await?))
            }
            Backend::Postgres(connections) => Ok(ReadConnection::Postgres(connections.read().await?)),
        }
    }

    /// Opens a write transaction.
    pub(crate) async fn begin(&self) -> Result<WriteConnection> {
        match &self.backend {
            Backend::Sqlite { write, .. } => Ok(WriteConnection::Sqlite(write.begin().await?)),
            Backend::Postgres(connections) => Ok(WriteConnection::Postgres(connections.begin().await?)),
        }
    }

    /// A part of the connections for writing, until it is dropped; see [`postgres::PostgresPools::share_of`].
    pub(crate) async fn share_of(&self, whose: Uuid) -> Result<Option<OwnedSemaphorePermit>> {
        match &self.backend {
            Backend::Sqlite { .. } => Ok(None),
            Backend::Postgres(connections) => Ok(Some(connections.share_of(whose).await?)),
        }
    }

    /// The state the database is in now; see [`Snapshot`].
    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        match &self.backend {
            Backend::Sqlite { index, files, .. } => index.snapshot().filter(|_| !files.are_lost()),
            Backend::Postgres(_) => None,
        }
    }

    /// Closes all connections after what runs on them is done.
    pub(crate) async fn close(&self) {
        match &self.backend {
            Backend::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Backend::Postgres(connections) => connections.close().await,
        }
    }

    /// Makes this the only program that serves from a SQLite file, for as long as the returned file is open.
    pub(crate) fn serve_alone(&self) -> Result<Option<std::fs::File>> {
        let Backend::Sqlite { write, .. } = &self.backend else { return Ok(None) };
        let database = write.options().get_filename();
        let lock = sqlite_file::open_lock(database, ".serve-lock")?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(DatabaseError::Served(database.display().to_string()))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Whether several nodes may serve from it.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// The connections on which nodes of one PostgreSQL notify each other. They are their own: who listens holds one for
    /// ever.
    pub(crate) fn notifications(&self) -> Option<&PgPool> {
        match &self.backend {
            Backend::Sqlite { .. } => None,
            Backend::Postgres(connections) => Some(connections.notifications()),
        }
    }

    /// What lately became of trying to write.
    pub(crate) fn write_check(&self) -> &WriteCheck {
        &self.write_check
    }

    /// The files of a SQLite database.
    pub(crate) fn files(&self) -> Option<&DatabaseFiles> {
        match &self.backend {
            Backend::Sqlite { files, .. } => Some(files),
            Backend::Postgres(_) => None,
        }
    }

    /// How the connections are used now. SQLite's one writer is not among them.
    pub(crate) fn pools(&self) -> Vec<PoolUse> {
        match &self.backend {
            Backend::Sqlite { read, .. } => vec![PoolUse::of("read", read)],
            Backend::Postgres(connections) => {
                vec![PoolUse::of("read", &connections.read), PoolUse::of("write", &connections.write)]
            }
        }
    }
}

async fn connect_sqlite(connect: &Connect) -> Result<Backend> {
    let options = sqlite_options(&connect.url)?;
    let database = options.get_filename();
    sqlite_file::create_private(database)
        .map_err(|error| DatabaseError::Unreachable(format!("{}: {error}", database.display())))?;
    // The writer first: it makes the files that a read-only connection needs.
    let write = Writer::open(options.clone()).await.map_err(|error| on_opening(database, error))?;
    let options = options.read_only(true);
    let read = sqlite_pool(connect.connections).connect_with(options.clone()).await?;
    let _version: i64 = sqlx::query_scalar("PRAGMA schema_version").fetch_one(&read).await?;
    let index = WalIndex::open(options.get_filename());
    let files = Arc::new(DatabaseFiles::of_open(options.get_filename())?);
    write.watch(files.clone()).await;
    Ok(Backend::Sqlite { read, write, index, files })
}

/// How to open the file of a SQLite address, if the address can be meant.
fn sqlite_options(url: &str) -> Result<SqliteConnectOptions> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| DatabaseError::Address(error.to_string()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE);
    if url.contains(":memory:") || url.contains("mode=memory") {
        let reason = "a database in memory is one per connection; name a file";
        return Err(DatabaseError::Address(reason.to_owned()));
    }
    let folder = options.get_filename().parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        return Err(DatabaseError::Address(format!("there is no folder {}", folder.display())));
    }
    Ok(options)
}

/// Connections to a file are not given up when idle: with the last one its WAL index would go.
fn sqlite_pool(connections: u32) -> PoolOptions<Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn connect_postgres(connect: &Connect) -> Result<Backend> {
    let options = PgConnectOptions::from_str(&connect.url).map_err(|error| postgres_address(&error))?;
    let connections = postgres::PostgresPools::open(options, connect.connections).await?;
    Ok(Backend::Postgres(Arc::new(connections)))
}

/// Why an address of a PostgreSQL is not understood. The driver's own words may repeat parts of it, and so of the
/// password, wherever that holds a character that ends it.
fn postgres_address(error: &sqlx::Error) -> DatabaseError {
    let reason = match error {
        sqlx::Error::Configuration(cause) => cause.downcast_ref::<url::ParseError>().map(ToString::to_string),
        _ => None,
    };
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    DatabaseError::Address(format!(
        "it cannot be read as postgres://USER:PASSWORD@HOST/NAME{reason}; in a password, write @ as %40, / as %2F, : as %3A, \
         ? as %3F, # as %23 and % as %25"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn a_read_refuses_to_write(url: String) {
        let pools = Pools::connect(&Connect { url, connections: 1 }).await.unwrap();
        let mut read = pools.read().await.unwrap();
        let written = on!(&mut read, c => sqlx::query("CREATE TABLE written (number BIGINT)").execute(c).await.map(drop));
        let refusal = written.unwrap_err();
        // SQLite: SQLITE_READONLY. PostgreSQL: read_only_sql_transaction.
        let code = refusal.as_database_error().unwrap().code().unwrap();
        assert!(["8", "25006"].contains(&code.as_ref()), "{refusal}");
    }

    #[tokio::test]
    async fn a_read_cannot_write_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        a_read_refuses_to_write(format!("sqlite:{}", folder.path().join("test.db").display())).await;
    }

    /// Needs no database of its own: nothing is written.
    #[tokio::test]
    async fn a_read_cannot_write_on_postgres() {
        let url = std::env::var("DIALTIME_TEST_POSTGRES_URL");
        a_read_refuses_to_write(url.expect("run the tests with ./test, which starts a PostgreSQL")).await;
    }
}
