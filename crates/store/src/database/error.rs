//! What can go wrong at the database, whatever it is asked. The driver's own text is for the log only.

use std::path::Path;

use sqlx::sqlite::SqliteError;

/// What a function of the database gives.
pub(crate) type Result<T> = std::result::Result<T, DatabaseError>;

/// Why the database refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Too much at once, or the database is away, read-only, full or failing: the same request may pass later.
    #[error("the database is busy, away or failing: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// There is no connection to be had; says where and why, and never a password.
    #[error("cannot connect to {0}")]
    Unreachable(String),
    /// The database's file was deleted or replaced while it was open; says which.
    #[error("the database's file is not the one that was opened: {0}")]
    FileLost(String),
    /// The file that was named is something else; says which.
    #[error("{0} is no SQLite database")]
    NoDatabase(String),
    /// The disk of the database has too little room left, in bytes.
    #[error("the disk is full: {0} bytes are left")]
    DiskFull(u64),
    /// The commit that this change shared with others failed; nothing was stored.
    #[error("not committed")]
    NotCommitted,
    /// A stored row does not follow the rules that were in force when it was stored.
    #[error("a stored row cannot be read: {0}")]
    Damaged(String),
    /// The database's schema is not this program's.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The address of the database is not understood.
    #[error("unsupported database address: {0}")]
    Address(String),
    /// Another program serves from this SQLite file.
    #[error(
        "another `dialtime serve` works on {0}; a SQLite file is for one at a time, PostgreSQL for any number"
    )]
    Served(String),
    /// A file beside the database could not be used.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// Any other failure of the database.
    #[error("database: {0}")]
    Failed(#[source] sqlx::Error),
}

/// SQLite's primary codes for what may pass without a change of the request: busy, locked, out of memory, read-only, a disk that
/// fails, damaged, full, a file that cannot be opened, a file that is no database.
const PASSING_SQLITE: [u32; 9] = [5, 6, 7, 8, 10, 11, 13, 14, 26];

/// SQLite: the snapshot of a transaction is too old to write. All extended codes share their lowest byte with a primary one.
const PRIMARY: u32 = 0xff;

/// PostgreSQL's codes of the same: serialization failure, deadlock, lock not available, statement cut off, read-only, idle for too
/// long in a transaction. The classes: connection lost or refused, who may connect, unknown database, out of resources (disk and
/// memory too), told to stop or starting, the disk fails.
const PASSING_POSTGRES: [&str; 6] = ["40001", "40P01", "55P03", "57014", "25006", "25P03"];
const PASSING_POSTGRES_CLASSES: [&str; 6] = ["08", "28", "3D", "53", "57", "58"];

fn passes(error: &dyn sqlx::error::DatabaseError) -> bool {
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        return code.parse().is_ok_and(|code: u32| PASSING_SQLITE.contains(&(code & PRIMARY)));
    }
    PASSING_POSTGRES.contains(&code.as_ref())
        || PASSING_POSTGRES_CLASSES.iter().any(|class| code.starts_with(class))
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => passes(&**database),
            _ => false,
        };
        if passing { Self::Unavailable(error) } else { Self::Failed(error) }
    }
}

/// SQLite: the file is no database.
const NO_DATABASE: &str = "26";

/// The error of opening a SQLite file.
pub(crate) fn on_opening(file: &Path, error: DatabaseError) -> DatabaseError {
    match &error {
        DatabaseError::Unavailable(sqlx::Error::Database(cause))
            if cause.code().as_deref() == Some(NO_DATABASE) =>
        {
            DatabaseError::NoDatabase(file.display().to_string())
        }
        _ => error,
    }
}

impl DatabaseError {
    /// Whether the database stumbled over a value that a column must not hold, such as JSON that is none.
    pub(crate) fn is_of_a_bad_value(&self) -> bool {
        let Self::Failed(sqlx::Error::Database(error)) = self else { return false };
        let code = error.code().unwrap_or_default();
        // SQLite has no code of its own for it; PostgreSQL's class is "data exception".
        error.message().contains("malformed JSON") || (code.len() == 5 && code.starts_with("22"))
    }
}

/// Whether a row refers to one that is not there, or is referred to by one that is. SQLite does not say by which key.
pub(crate) fn is_foreign_key_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

/// What names the key that another row has already: SQLite names its columns, PostgreSQL the index, which is named after
/// them. `None` of any other error.
pub(crate) fn taken_key(error: &sqlx::Error) -> Option<&str> {
    let database = error.as_database_error().filter(|error| error.is_unique_violation())?;
    Some(database.message())
}
