//! The files of a SQLite database: who may read them, whether they are still the ones that were opened, and how much room
//! their disk has left.
//!
//! SQLite goes on with a file that was deleted or replaced, and whatever it writes then is lost. So the file that the path
//! leads to is compared with the one that was opened: before and after each commit, and at least every [`LOOKED_AFTER`]
//! where there are reads.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{DatabaseError, error::Result};

/// How long reads rely on the last look.
const LOOKED_AFTER: Duration = Duration::from_millis(250);

/// Below this there is no room for work, though a small write may still succeed: in bytes.
const NO_ROOM: u64 = 1024 * 1024;

/// What the files of one database are called after its name.
const SUFFIXES: [&str; 4] = ["-wal", "-shm", ".serve-lock", ".migration-lock"];

/// Readable and writable by its owner, and by nobody else.
const PRIVATE: u32 = 0o600;

/// The database and its write-ahead log as they were opened.
#[derive(Debug)]
pub(crate) struct DatabaseFiles {
    files: [(PathBuf, Identity); 2],
    opened: Instant,
    /// When one last looked, in milliseconds since they were opened.
    looked: AtomicU64,
    lost: AtomicBool,
}

/// What tells a file from another that takes its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { device: metadata.dev(), number: metadata.ino() })
    }
}

impl DatabaseFiles {
    /// Takes note of the files of a database that is open and was read from: only then is there a log.
    pub(crate) fn of_open(database: &Path) -> Result<Self> {
        let log = with_suffix(database, "-wal");
        let identities = (Identity::of(database)?, Identity::of(&log)?);
        Ok(Self {
            files: [(database.to_owned(), identities.0), (log, identities.1)],
            opened: Instant::now(),
            looked: AtomicU64::new(0),
            lost: AtomicBool::new(false),
        })
    }

    /// Refuses when a file was deleted or replaced, as far as is known from the last look, which is not long ago.
    pub(crate) fn check_lately(&self) -> Result<()> {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        let long_ago = u128::from(now.saturating_sub(self.looked.load(Ordering::Relaxed)));
        if long_ago < LOOKED_AFTER.as_millis() && !self.are_lost() {
            return Ok(());
        }
        self.looked.store(now, Ordering::Relaxed);
        self.check()
    }

    /// Refuses when a file was deleted or replaced.
    pub(crate) fn check(&self) -> Result<()> {
        let lost = self.files.iter().find_map(|(path, opened)| match Identity::of(path) {
            Ok(found) if found == *opened => None,
            Ok(_) => Some(format!("{} was replaced", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(format!("{} was deleted or moved", path.display()))
            }
            // It cannot be told; the database will say itself what it cannot do.
            Err(_) => None,
        });
        let was_lost = self.lost.swap(lost.is_some(), Ordering::SeqCst);
        let Some(lost) = lost else {
            if was_lost {
                tracing::info!("the database's files are back");
            }
            return Ok(());
        };
        if !was_lost {
            tracing::error!(
                "{lost} under the running server: nothing is read or written until the file is back; to go on with \
                 the one that is there now, restart"
            );
        }
        Err(DatabaseError::FileLost(lost))
    }

    /// The database itself.
    pub(crate) fn database(&self) -> &Path {
        &self.files[0].0
    }

    /// Whether they were lost at the last look.
    pub(crate) fn are_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// How many bytes their disk has left for this program; `None` when it cannot be told.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        let folder = self.database().parent().filter(|folder| !folder.as_os_str().is_empty());
        let space = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
        Some(space.f_bavail.saturating_mul(space.f_frsize))
    }

    /// Refuses when the disk has no room for work.
    pub(crate) fn check_room(&self) -> Result<()> {
        match self.free_bytes() {
            Some(free) if free < NO_ROOM => Err(DatabaseError::DiskFull(free)),
            _ => Ok(()),
        }
    }
}

fn with_suffix(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes an empty file that only its owner can read, unless there is one. What SQLite makes beside a database has the
/// permissions of the database.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens the lock file of this suffix.
pub(crate) fn open_lock(database: &Path, suffix: &str) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(PRIVATE).open(with_suffix(database, suffix))
}

/// Those of a database's files that others than their owner can read or write, with their permissions.
pub(crate) fn open_to_others(database: &Path) -> Vec<(PathBuf, u32)> {
    let files =
        std::iter::once(database.to_owned()).chain(SUFFIXES.map(|suffix| with_suffix(database, suffix)));
    files
        .filter_map(|path| {
            let mode = fs::metadata(&path).ok()?.permissions().mode() & 0o777;
            (mode & !PRIVATE != 0).then_some((path, mode))
        })
        .collect()
}

/// Takes the permissions of a database's files from all but their owner. Earlier versions left them to the umask.
pub(crate) fn make_private(database: &Path) {
    for (path, mode) in open_to_others(database) {
        match fs::set_permissions(&path, fs::Permissions::from_mode(PRIVATE)) {
            Ok(()) => {
                tracing::info!(file = %path.display(), "only its owner can read the file now; it had mode {mode:o}");
            }
            Err(error) => {
                tracing::warn!(%error, file = %path.display(), "others can read the file: it has mode {mode:o}");
            }
        }
    }
}
