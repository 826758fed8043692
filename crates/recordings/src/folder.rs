//! The folder of recordings. Names are made of ids alone: nothing that a client sends is part of a path.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{AccountId, AttemptId};
use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

/// Readable and writable by their owner, and by nobody else.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// The folder.
#[derive(Clone, Debug)]
pub struct RecordingFolder(Arc<Path>);

impl RecordingFolder {
    /// At this path, where there may be nothing yet.
    pub fn new(path: PathBuf) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Its id, by which those who share it know it; it becomes this one if it has none. It is made if it is not there.
    ///
    /// # Errors
    /// It can be neither made nor read.
    pub fn id(&self, id: Uuid) -> io::Result<Uuid> {
        let path = self.0.join("id");
        if !path.exists() {
            make(&self.0)?;
            // Whole before it has its name, and never in the place of another process's.
            let made = self.0.join(format!("id-{}", id.simple()));
            fs::write(&made, id.to_string())?;
            let linked = fs::hard_link(&made, &path);
            fs::remove_file(&made)?;
            linked.or_else(|error| if path.exists() { Ok(()) } else { Err(error) })?;
        }
        Uuid::parse_str(fs::read_to_string(path)?.trim()).map_err(io::Error::other)
    }

    /// Opens the recording of an attempt, to be read.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(&self, account: AccountId, attempt: AttemptId) -> io::Result<File> {
        match File::open(self.finished(account, attempt)) {
            // Its row is there, and it has not moved yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => File::open(self.unfinished(attempt)),
            opened => opened,
        }
    }

    /// Deletes the recording of an attempt; one that is not there is no fault.
    ///
    /// # Errors
    /// It is there, and cannot be deleted.
    pub fn delete(&self, account: AccountId, attempt: AttemptId) -> io::Result<()> {
        for path in [self.finished(account, attempt), self.unfinished(attempt)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Moves a recording to where it stays, once it is written down that it is there.
    ///
    /// # Errors
    /// It cannot be moved. It is found all the same.
    pub fn settle(&self, account: AccountId, attempt: AttemptId) -> io::Result<()> {
        let path = self.finished(account, attempt);
        if let Some(folder) = path.parent() {
            make(folder)?;
        }
        match fs::rename(self.unfinished(attempt), path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// How many bytes may still be written to its disk.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn room(&self) -> io::Result<u64> {
        // Before the folder is made, what it will be in tells.
        let path = self.0.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(path)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Begins the file of a recording, which is this process's as long as it is open.
    pub(crate) fn begin(&self, attempt: AttemptId) -> io::Result<File> {
        let (made, path) = (self.writing().join(attempt.to_string()), self.unfinished(attempt));
        let create = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .mode(PRIVATE_FILE)
                .open(&made)
        };
        let file = match create() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(&self.writing())?;
                create()?
            }
            created => created?,
        };
        // It has its name only once it is locked, so that nobody takes it for a dead process's.
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        fs::rename(&made, &path)?;
        Ok(file)
    }

    /// The files that are being written, or were by processes that are gone.
    pub(crate) fn being_written(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.writing()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "wav")).collect())
    }

    fn writing(&self) -> PathBuf {
        self.0.join("writing")
    }

    fn unfinished(&self, attempt: AttemptId) -> PathBuf {
        self.writing().join(format!("{attempt}.wav"))
    }

    /// Where a recording stays: in one of 256 folders of its account, so that none has too many.
    fn finished(&self, account: AccountId, attempt: AttemptId) -> PathBuf {
        let [.., last] = attempt.uuid().into_bytes();
        self.0.join(account.to_string()).join(format!("{last:02x}")).join(format!("{attempt}.wav"))
    }
}

/// Opens a file whose writer is gone; `None`: it is someone's, or no longer there.
pub(crate) fn open_abandoned(path: &Path) -> io::Result<Option<File>> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(folder)
}
