//! Connections: which database, who may write, and how one piece of code speaks to both drivers.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use domain::{AccountId, Event};
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    migrate::Migrator,
    pool::{PoolConnection, PoolOptions},
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::{
    Error, Result,
    database::{
        dialect::Dialect,
        error, postgres,
        snapshot::{Snapshot, WalIndex},
        sqlite_file::{self, DatabaseFiles},
        write_check::WriteCheck,
        writer::{self, Writer},
    },
    events,
    schedules::Compiled,
    wake_ups::WakeUps,
};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a request waits for a connection, and SQLite for another process's write.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A database.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
    compiled: Arc<Compiled>,
    wake_ups: WakeUps,
    write_check: Arc<WriteCheck>,
}

/// Reads and writes go over separate pools, so that a read cannot write and never waits for a writer.
#[derive(Clone, Debug)]
enum Pools {
    Sqlite { read: SqlitePool, write: Writer, index: WalIndex, files: Arc<DatabaseFiles> },
    Postgres(Arc<postgres::Connections>),
}

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

/// The file of a SQLite address, if it is not there: [`Store::connect`] would make it.
pub fn missing_file(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:"))?;
    let file = options.get_filename();
    (!file.exists()).then(|| file.to_path_buf())
}

/// Why an address of a PostgreSQL is not understood. The driver's own words may repeat parts of it, and so of the
/// password, wherever that holds a character that ends it.
fn postgres_address(error: &sqlx::Error) -> Error {
    let reason = match error {
        sqlx::Error::Configuration(cause) => cause.downcast_ref::<url::ParseError>().map(ToString::to_string),
        _ => None,
    };
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    Error::Address(format!(
        "it cannot be read as postgres://USER:PASSWORD@HOST/NAME{reason}; in a password, write @ as %40, / as %2F, : as %3A, \
         ? as %3F, # as %23 and % as %25"
    ))
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

/// A connection that cannot write.
#[derive(Debug)]
pub struct Read {
    connection: ReadConnection,
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
enum ReadConnection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A write transaction. Dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    connection: TxConnection,
    compiled: Arc<Compiled>,
    wake_ups: WakeUps,
    /// What is to be written with the commit; see [`crate::events`].
    pub(crate) events: Vec<(AccountId, Event)>,
    wakes_runner: bool,
    /// After the connection, which is to be free before the next of the account's transactions wants one.
    _share: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum TxConnection {
    Sqlite(writer::Transaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Either driver's connection.
pub(crate) enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// The words the session's database wants.
pub(crate) fn dialect(session: &mut impl Session) -> Dialect {
    match session.driver() {
        Driver::Sqlite(_) => Dialect::Sqlite,
        Driver::Postgres(_) => Dialect::Postgres,
    }
}

pub(crate) mod sealed {
    /// Gives the driver's connection to this crate alone.
    pub trait Speak: Send {
        #[expect(private_interfaces, reason = "only this crate speaks SQL")]
        fn driver(&mut self) -> super::Driver<'_>;

        /// What the store has compiled so far.
        #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
        fn compiled(&self) -> &super::Compiled;

        /// Whether it sees what may yet be rolled back.
        fn sees_uncommitted(&self) -> bool;
    }
}

/// What one can read through: a [`Read`] or a [`Tx`].
pub trait Session: sealed::Speak {}
impl Session for Read {}
impl Session for Tx {}

impl sealed::Speak for Read {
    #[expect(private_interfaces, reason = "only this crate speaks SQL")]
    fn driver(&mut self) -> Driver<'_> {
        match &mut self.connection {
            ReadConnection::Sqlite(connection) => Driver::Sqlite(connection),
            ReadConnection::Postgres(connection) => Driver::Postgres(connection),
        }
    }

    #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
    fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    fn sees_uncommitted(&self) -> bool {
        false
    }
}

impl sealed::Speak for Tx {
    #[expect(private_interfaces, reason = "only this crate speaks SQL")]
    fn driver(&mut self) -> Driver<'_> {
        match &mut self.connection {
            TxConnection::Sqlite(transaction) => Driver::Sqlite(transaction.connection()),
            TxConnection::Postgres(transaction) => Driver::Postgres(transaction),
        }
    }

    #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
    fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    fn sees_uncommitted(&self) -> bool {
        true
    }
}

/// Runs one expression on whichever driver the session speaks: `on!(tx, connection => query.execute(connection).await)`.
macro_rules! on {
    ($session:expr, $connection:ident => $query:expr) => {
        match $crate::database::connection::sealed::Speak::driver($session) {
            $crate::database::connection::Driver::Sqlite($connection) => $query,
            $crate::database::connection::Driver::Postgres($connection) => $query,
        }
    };
}

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Counted from 1.
    pub number: u32,
    /// How many items it holds at most.
    pub size: u32,
}

impl Page {
    pub(crate) fn limit(self) -> i64 {
        i64::from(self.size)
    }

    pub(crate) fn offset(self) -> i64 {
        i64::from(self.number.saturating_sub(1)).saturating_mul(i64::from(self.size))
    }
}

/// The items of one page, and how many there are on all of them.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// This page's items.
    pub items: Vec<T>,
    /// The number of items on all pages.
    pub total: i64,
}

impl Store {
    /// Connects, and makes a SQLite file that is not there. Does not migrate.
    ///
    /// # Errors
    /// An address that is neither SQLite's nor PostgreSQL's, or a database that cannot be reached.
    pub async fn connect(connect: &Connect) -> Result<Self> {
        match connect.url.split(':').next() {
            Some("sqlite") => Self::connect_sqlite(connect).await,
            Some("postgres" | "postgresql") => Self::connect_postgres(connect).await,
            _ => Err(Error::Address("it must start with sqlite: or postgres://".to_owned())),
        }
    }

    async fn connect_sqlite(connect: &Connect) -> Result<Self> {
        let address = |error: sqlx::Error| Error::Address(error.to_string());
        let options = SqliteConnectOptions::from_str(&connect.url)
            .map_err(address)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        if connect.url.contains(":memory:") || connect.url.contains("mode=memory") {
            return Err(Error::Address("a database in memory is one per connection; name a file".to_owned()));
        }
        let folder = options.get_filename().parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.exists()) {
            return Err(Error::Address(format!("there is no folder {}", folder.display())));
        }
        sqlite_file::create_private(options.get_filename())
            .map_err(|error| Error::Unreachable(format!("{}: {error}", options.get_filename().display())))?;
        // The writer first: it makes the files that a read-only connection needs.
        let write = Writer::open(options.clone())
            .await
            .map_err(|error| error::on_opening(options.get_filename(), error))?;
        let options = options.read_only(true);
        let read = sqlite_pool(connect.connections).connect_with(options.clone()).await?;
        let _version: i64 = sqlx::query_scalar("PRAGMA schema_version").fetch_one(&read).await?;
        let index = WalIndex::open(options.get_filename());
        let files = Arc::new(DatabaseFiles::of_open(options.get_filename())?);
        write.watch(files.clone()).await;
        Ok(Self::new(Pools::Sqlite { read, write, index, files }))
    }

    async fn connect_postgres(connect: &Connect) -> Result<Self> {
        let options = PgConnectOptions::from_str(&connect.url).map_err(|error| postgres_address(&error))?;
        let connections = postgres::Connections::open(options, connect.connections).await?;
        Ok(Self::new(Pools::Postgres(Arc::new(connections))))
    }

    fn new(pools: Pools) -> Self {
        let wake_ups = WakeUps::new(matches!(pools, Pools::Postgres(_)));
        Self { pools, compiled: Arc::new(Compiled::new()), wake_ups, write_check: Arc::default() }
    }

    /// Brings the schema up to date, one program at a time.
    ///
    /// # Errors
    /// A migration that fails, or a schema newer than this program.
    pub async fn migrate(&self) -> Result<()> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let database = write.options().get_filename();
                let _lock = migration_lock(database).await?;
                sqlite_file::make_private(database);
                let migrate = sqlite_pool(1).connect_with(write.options().clone()).await?;
                SQLITE_MIGRATIONS.run(&migrate).await?;
                migrate.close().await;
            }
            Pools::Postgres(connections) => {
                let mut migrate = connections.for_migrations().await?;
                POSTGRES_MIGRATIONS.run_direct(None, &mut migrate, false).await?;
                migrate.close().await?;
            }
        }
        Ok(())
    }

    /// The number of the newest migration that this program has, to compare with [`crate::health::schema_version`].
    pub fn newest_migration(&self) -> i64 {
        let migrations = match &self.pools {
            Pools::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Pools::Postgres(_) => &POSTGRES_MIGRATIONS,
        };
        migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
    }

    /// Takes a connection for reading.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none is free in time or the database is away.
    pub async fn read(&self) -> Result<Read> {
        let connection = match &self.pools {
            Pools::Sqlite { read, files, .. } => {
                files.check_lately()?;
                ReadConnection::Sqlite(read.acquire().await?)
            }
            Pools::Postgres(connections) => ReadConnection::Postgres(connections.read().await?),
        };
        Ok(Read { connection, compiled: self.compiled.clone() })
    }

    /// Opens a write transaction. Never call it while holding a connection: SQLite has one writer.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time or the database is away.
    pub async fn begin(&self) -> Result<Tx> {
        let connection = match &self.pools {
            Pools::Sqlite { write, .. } => TxConnection::Sqlite(write.begin().await?),
            Pools::Postgres(connections) => TxConnection::Postgres(connections.begin().await?),
        };
        Ok(Tx {
            connection,
            compiled: self.compiled.clone(),
            wake_ups: self.wake_ups.clone(),
            events: Vec::new(),
            wakes_runner: false,
            _share: None,
        })
    }

    /// [`Store::begin`] for something of one account's, or of one partner's. Of these only as many are under way at once
    /// as leave connections to others, should all of them wait for a row that someone holds.
    ///
    /// # Errors
    /// Those of [`Store::begin`].
    pub async fn begin_for(&self, whose: Uuid) -> Result<Tx> {
        let share = match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(connections) => Some(connections.share_of(whose).await?),
        };
        Ok(Tx { _share: share, ..self.begin().await? })
    }

    /// Wakes those who follow the event log.
    pub fn wake_ups(&self) -> &WakeUps {
        &self.wake_ups
    }

    /// The state the database is in now, for who keeps what was read: it may be given again while this stays the
    /// same. `None` when it cannot be told, as always on PostgreSQL; then nothing may be kept.
    pub fn snapshot(&self) -> Option<Snapshot> {
        match &self.pools {
            Pools::Sqlite { index, files, .. } => index.snapshot().filter(|_| !files.are_lost()),
            Pools::Postgres(_) => None,
        }
    }

    /// Closes all connections after what runs on them is done.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(connections) => connections.close().await,
        }
    }

    /// Makes this the only program that serves from it, for as long as the file is open. Of PostgreSQL any number may.
    ///
    /// # Errors
    /// [`Error::Served`] when another one does.
    pub fn serve_alone(&self) -> Result<Option<std::fs::File>> {
        let Pools::Sqlite { write, .. } = &self.pools else { return Ok(None) };
        let database = write.options().get_filename();
        let lock = sqlite_file::open_lock(database, ".serve-lock")?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Served(database.display().to_string())),
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Whether several nodes may serve from it.
    pub fn is_shared(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
    }

    /// The connections on which nodes of one PostgreSQL wake each other. They are their own: who listens holds one for ever.
    pub(crate) fn postgres(&self) -> Option<&PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(connections) => Some(connections.wake_ups()),
        }
    }

    /// What lately became of [`health::check_writes`](crate::health::check_writes).
    pub(crate) fn write_check(&self) -> &WriteCheck {
        &self.write_check
    }

    /// The files of a SQLite database.
    pub(crate) fn files(&self) -> Option<&DatabaseFiles> {
        match &self.pools {
            Pools::Sqlite { files, .. } => Some(files),
            Pools::Postgres(_) => None,
        }
    }

    /// How the connections are used now. SQLite's one writer is not among them.
    pub fn pools(&self) -> Vec<PoolUse> {
        match &self.pools {
            Pools::Sqlite { read, .. } => vec![PoolUse::of("read", read)],
            Pools::Postgres(connections) => {
                vec![PoolUse::of("read", &connections.read), PoolUse::of("write", &connections.write)]
            }
        }
    }

    /// `sqlite` or `postgres`, for people.
    pub fn kind(&self) -> &'static str {
        match &self.pools {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgres",
        }
    }
}

impl Tx {
    /// Has the commit wake the runner, though it writes no event.
    pub(crate) fn wake_runner(&mut self) {
        self.wakes_runner = true;
    }

    /// Makes the transaction's changes last, and tells of them.
    ///
    /// # Errors
    /// Nothing was kept, or (a connection lost while waiting for the answer) it is not known whether it was.
    pub async fn commit(mut self) -> Result<()> {
        let accounts = events::write(&mut self).await?;
        match self.connection {
            TxConnection::Sqlite(transaction) => transaction.commit().await?,
            TxConnection::Postgres(transaction) => transaction.commit().await?,
        }
        if self.wakes_runner || !accounts.is_empty() {
            self.wake_ups.committed(&accounts);
        }
        Ok(())
    }
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

/// SQLite has no lock that spans a migration's several transactions, so a file beside it serves. Waiting for it blocks
/// a thread, which must not be one that whoever holds it needs to go on.
async fn migration_lock(database: &Path) -> Result<std::fs::File> {
    let database = database.to_owned();
    let lock = tokio::task::spawn_blocking(move || {
        let lock = sqlite_file::open_lock(&database, ".migration-lock")?;
        lock.lock()?;
        std::io::Result::Ok(lock)
    });
    Ok(lock.await.map_err(std::io::Error::from)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn a_read_refuses_to_write(url: String) {
        let store = Store::connect(&Connect { url, connections: 1 }).await.unwrap();
        let mut read = store.read().await.unwrap();
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
