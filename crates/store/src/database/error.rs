//! What can go wrong at the database, in the platform's words. The driver's own text is for the log only.

use std::path::Path;

use sqlx::{error::DatabaseError, sqlite::SqliteError};

/// A store function's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing in this account.
    #[error("not found")]
    NotFound,
    /// The group cannot go while tasks refer to it.
    #[error("the dial time group is used by tasks")]
    GroupInUse,
    /// The account has no group of this id to refer to.
    #[error("no such dial time group to refer to")]
    UnknownGroup,
    /// The account has a group of this id already.
    #[error("the id is taken")]
    IdTaken,
    /// Another account or task, whoever's, has this id.
    #[error("the id is not available")]
    IdUnavailable,
    /// There is no holiday calendar of this id to follow.
    #[error("no such holiday calendar to follow")]
    UnknownCalendar,
    /// Another partner has this name.
    #[error("the name is taken")]
    NameTaken,
    /// The account is disabled: nothing of it is edited.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The account or partner has users, groups or tasks.
    #[error("there are users, groups or tasks of it")]
    AccountInUse,
    /// Another account of the partner has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account of the partner has this phone number.
    #[error("the phone number is taken")]
    PhoneTaken,
    /// Another account of the partner has this e-mail address, and the same or yet another this phone number.
    #[error("the e-mail address and the phone number are taken")]
    EmailAndPhoneTaken,
    /// The account has as many webhooks as it may have.
    #[error("there are too many webhooks already")]
    TooManyWebhooks,
    /// The webhook has as many pending tests as it may have.
    #[error("there are too many pending tests already")]
    TooManyTests,
    /// Nothing is sent to the webhook as long as it is disabled.
    #[error("the webhook is disabled")]
    WebhookDisabled,
    /// The event is no longer kept.
    #[error("the event is no longer kept")]
    EventGone,
    /// The thing has another version than the change was made for.
    #[error("the version is not the expected one")]
    VersionMismatch,
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
    /// The commit that this change shared with others failed; nothing was kept.
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
    Database(#[source] sqlx::Error),
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

fn passes(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        return code.parse().is_ok_and(|code: u32| PASSING_SQLITE.contains(&(code & PRIMARY)));
    }
    PASSING_POSTGRES.contains(&code.as_ref())
        || PASSING_POSTGRES_CLASSES.iter().any(|class| code.starts_with(class))
}

/// SQLite: the file is no database.
const NO_DATABASE: &str = "26";

/// The error of opening a SQLite file.
pub(crate) fn on_opening(file: &Path, error: Error) -> Error {
    match &error {
        Error::Unavailable(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some(NO_DATABASE) => {
            Error::NoDatabase(file.display().to_string())
        }
        _ => error,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::RowNotFound => return Self::NotFound,
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => passes(&**database),
            _ => false,
        };
        if passing { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Gives a foreign-key violation the meaning it has at the place of the call: SQLite does not say which key it was.
pub(crate) fn on_foreign_key(meaning: Error) -> impl FnOnce(sqlx::Error) -> Error {
    move |error| {
        let violated =
            error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation);
        if violated { meaning } else { error.into() }
    }
}
