//! Which state a SQLite file is in, found out without asking SQLite: so that what was read once can be given again
//! for as long as nothing was written, by whichever process.
//!
//! In WAL mode a commit becomes visible by one write of the header of the WAL index, the first 96 bytes of the file
//! with `-shm` after its name: two copies of 48 bytes with a change counter, the end of the log, its salts and a
//! checksum. SQLite itself takes an equal header to mean that its page cache is still good
//! (<https://sqlite.org/walformat.html>, section 2.1), and so may we.

use std::{
    fs::File,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
};

/// The bytes of one copy of the header, and which of them says that it is filled in.
const COPY: usize = 48;
const IS_INITIALIZED: usize = 12;

/// A state of the database. Two that are equal are one: whatever was read after the first was taken is not older
/// than the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot([u8; COPY]);

/// The header of a database's WAL index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalIndex(Option<&'static File>);

impl WalIndex {
    /// Opens the index of a database that is open and was read from.
    ///
    /// The file is never closed: closing any descriptor of a file gives up the process's POSIX locks on it, which
    /// are SQLite's own.
    pub(crate) fn open(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-shm");
        match File::open(&name) {
            Ok(file) => Self(Some(Box::leak(Box::new(file)))),
            Err(error) => {
                tracing::warn!(%error, file = %name.display(), "reads are not kept: the WAL index cannot be read");
                Self(None)
            }
        }
    }

    /// The present state, or `None` when it cannot be told.
    pub(crate) fn snapshot(self) -> Option<Snapshot> {
        let file = self.0?;
        let mut header = [0; 2 * COPY];
        file.read_exact_at(&mut header, 0).ok()?;
        let (first, second) = header.split_at(COPY);
        // They differ while a commit is being made visible.
        let settled = first == second && first[IS_INITIALIZED] == 1;
        // After the last connection of all processes was closed, a new one makes a new file.
        let in_use = settled && file.metadata().ok()?.nlink() > 0;
        in_use.then(|| first.try_into().ok().map(Snapshot)).flatten()
    }
}
