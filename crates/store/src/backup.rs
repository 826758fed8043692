//! A copy of a SQLite database that is in use: whole, compact, and looked over before it gets its name.
//!
//! Copying the file by hand loses what still stands in the write-ahead log, and may tear pages that are being written.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    DatabaseError, Error, Result,
    database::{PATIENCE, error::on_opening, sqlite_file},
    health,
};

/// What a copy holds, to compare with what one expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx_macros::FromRow)]
pub struct Contents {
    /// How many partners.
    pub partners: i64,
    /// How many users and sub-users.
    pub accounts: i64,
    /// How many dial time groups.
    pub groups: i64,
    /// How many tasks.
    pub tasks: i64,
    /// The number of the last change that was recorded: with it everything before is there.
    pub last_change: i64,
}

const COUNT: &str = "SELECT (SELECT count(*) FROM partners) AS partners, (SELECT count(*) FROM accounts) AS accounts, \
     (SELECT count(*) FROM dial_time_groups) AS \"groups\", (SELECT count(*) FROM tasks) AS tasks, \
     coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) AS last_change";

/// Copies the database of this address to a new file that only its owner can read, beside whoever works on it. The file
/// appears when it is whole and nothing was found wrong with it.
///
/// # Errors
/// [`DatabaseError::Address`] when it is no SQLite file; [`DatabaseError::File`] when the file is there already or cannot be made;
/// [`DatabaseError::Damaged`] when the copy is not sound.
pub async fn sqlite(url: &str, target: &Path) -> Result<Contents> {
    let options =
        SqliteConnectOptions::from_str(url).map_err(|error| DatabaseError::Address(error.to_string()))?;
    let source = options.get_filename().to_path_buf();
    if !source.exists() {
        return Err(DatabaseError::Unreachable(format!("{}: there is no such file", source.display())).into());
    }
    refuse_present(target)?;
    let partial = partial(target);
    sqlite_file::create_private(&partial)?;
    let copied = copy(options, &partial).await.map_err(|error| match error {
        Error::Database(cause) => on_opening(&source, cause).into(),
        other => other,
    });
    let named = match &copied {
        Ok(_) => name(&partial, target),
        Err(_) => Ok(()),
    };
    // Gone already when it was named.
    let _removed = fs::remove_file(&partial);
    named?;
    copied
}

/// What it is called until it is whole; two at once are two files.
fn partial(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    name.into()
}

fn refuse_present(target: &Path) -> std::io::Result<()> {
    let present = fs::symlink_metadata(target).is_ok();
    if present {
        let there = "it is there already, and nothing is replaced";
        return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, there));
    }
    Ok(())
}

async fn copy(options: SqliteConnectOptions, target: &Path) -> Result<Contents> {
    let mut source =
        options.read_only(true).create_if_missing(false).busy_timeout(PATIENCE).connect().await?;
    let before = contents(&mut source).await?;
    let path =
        target.to_str().ok_or_else(|| DatabaseError::Address("the file's name is not UTF-8".to_owned()))?;
    sqlx::query("VACUUM INTO $1").bind(path).execute(&mut source).await?;
    source.close().await?;

    let options = SqliteConnectOptions::new().filename(target).read_only(true);
    let mut copy = options.connect().await?;
    let faults = health::integrity_of(&mut copy).await?;
    let contents = contents(&mut copy).await?;
    copy.close().await?;
    if !faults.is_empty() {
        return Err(DatabaseError::Damaged(faults.join("; ")).into());
    }
    if contents.last_change < before.last_change {
        return Err(DatabaseError::Damaged(
            "changes that were made before are missing in the copy".to_owned(),
        )
        .into());
    }
    Ok(contents)
}

async fn contents(connection: &mut SqliteConnection) -> Result<Contents> {
    Ok(sqlx::query_as(COUNT).fetch_one(connection).await?)
}

/// Gives a copy its name, once it is on the disk, and replaces nothing.
fn name(partial: &Path, target: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    fs::File::open(partial)?.sync_all()?;
    match renameat_with(CWD, partial, CWD, target, RenameFlags::NOREPLACE) {
        // Some file systems cannot promise it.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            refuse_present(target)?;
            fs::rename(partial, target)?;
        }
        renamed => renamed?,
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
