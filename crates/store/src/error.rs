//! What can go wrong at the database, in the platform's words. The driver's own text is for the log only.

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
    /// Another account, whoever's, has this id.
    #[error("the id is not available")]
    IdUnavailable,
    /// There is no holiday calendar of this id to follow.
    #[error("no such holiday calendar to follow")]
    UnknownCalendar,
    /// Another account of the partner has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another account of the partner has this phone number.
    #[error("the phone number is taken")]
    PhoneTaken,
    /// The account has as many of these as it may have.
    #[error("there are too many already")]
    TooMany,
    /// The thing has another version than the change was made for.
    #[error("the version is not the expected one")]
    VersionMismatch,
    /// Too much at once, or the database is away: the same request may pass later.
    #[error("the database is busy or away: {0}")]
    Unavailable(#[source] sqlx::Error),
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

/// SQLite: busy and its extended forms. PostgreSQL: serialization failure, deadlock, lock not available, too many
/// connections, shutting down, starting up.
const PASSING: [&str; 11] =
    ["5", "261", "517", "6", "40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::RowNotFound => return Self::NotFound,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| PASSING.contains(&code.as_ref()))
            }
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
