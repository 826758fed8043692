//! The folder for what does not go into the database: the files of imports, each named after its import.
//!
//! A folder has an id, in a file of its own: by it a node knows which imports are its own to do, wherever the folder is found next time.
//! Nodes that share a folder share the work. Nothing is made before it is needed.

use std::{
    collections::HashSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use domain::NumberJobId;
use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use uuid::Uuid;

/// Room that must be left on the disk, for whoever else needs it: in bytes.
const ROOM_LEFT: u64 = 64 * 1_024 * 1_024;

/// How long nothing was written to a file that belongs to no import, when it is deleted: it may still be coming, or its import be about to be
/// written.
const STRAY_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Readable and writable by their owner, and by nobody else.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// The folder.
#[derive(Clone, Debug)]
pub struct DataFolder(Arc<Path>);

/// The imports that a folder may have files of.
#[derive(Clone, Debug, Default)]
pub struct FolderImports {
    /// Those whose files are kept.
    pub kept: HashSet<NumberJobId>,
    /// Those whose files are not: their tasks are deleted.
    pub gone: HashSet<NumberJobId>,
}

/// What a database of PostgreSQL is called, as far as a folder can be called so.
fn database_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name =
        path.rsplit_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, name)| name);
    name.chars().filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character)).collect()
}

impl DataFolder {
    /// At this path, where there may be nothing yet.
    pub fn new(path: PathBuf) -> Self {
        Self(path.into())
    }

    /// The one of a database for which none was named: beside the file of a SQLite database, else in the present folder. No two databases
    /// may share one, for each deletes what it does not know.
    pub fn of_database(url: &str) -> Self {
        let options = SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:"));
        Self::new(match options {
            Some(options) => {
                let mut name = options.get_filename().as_os_str().to_owned();
                name.push("-data");
                name.into()
            }
            None => format!("dialtime-{}-data", database_name(url)).into(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Its id; `None` when nothing was ever put into it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn id(&self) -> io::Result<Option<Uuid>> {
        let mut text = String::new();
        match File::open(self.id_file()) {
            Ok(file) => file.take(64).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Uuid::parse_str(text.trim()).map(Some).map_err(io::Error::other)
    }

    /// Makes it, with this id if it has none; gives the id that it has.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&self, id: Uuid) -> io::Result<Uuid> {
        if let Some(id) = self.id()? {
            return Ok(id);
        }
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(self.imports())?;
        // Whole before it has its name, and never in the place of another node's.
        let made = self.0.join(format!("id-{}", id.simple()));
        let mut file = create(&made)?;
        file.write_all(id.to_string().as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&made, self.id_file());
        fs::remove_file(&made)?;
        match linked {
            Ok(()) => sync_folder(&self.0)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        self.id()?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn id_file(&self) -> PathBuf {
        self.0.join("id")
    }

    fn imports(&self) -> PathBuf {
        self.0.join("imports")
    }

    /// The file of an import.
    pub fn import_file(&self, import: NumberJobId) -> PathBuf {
        self.imports().join(import.to_string())
    }

    /// How many bytes may still be written to it.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn room(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&*self.0)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize).saturating_sub(ROOM_LEFT))
    }

    /// Begins the file of an import.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin_import(&self, import: NumberJobId) -> io::Result<NewFile> {
        NewFile::create(self.import_file(import))
    }

    /// Deletes the files of imports that are not to be kept, and those that have been of no import for a while. Says how many.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn delete_strays(&self, imports: &FolderImports, now: Timestamp) -> io::Result<usize> {
        let FolderImports { kept, gone } = imports;
        self.delete_files(|import, file| {
            Ok(gone.contains(&import) || !kept.contains(&import) && is_old(file, now)?)
        })
    }

    /// Deletes the files of an import.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn delete_import(&self, import: NumberJobId) -> io::Result<()> {
        self.delete_files(|of, _| Ok(of == import)).map(drop)
    }

    /// Deletes the files that `is_to_go` says of, by their imports and paths. Says how many.
    fn delete_files(&self, is_to_go: impl Fn(NumberJobId, &Path) -> io::Result<bool>) -> io::Result<usize> {
        let files = match fs::read_dir(self.imports()) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut deleted = 0;
        for file in files {
            let file = file?;
            let name = file.file_name();
            let stem = name.to_str().and_then(|name| name.split('.').next());
            let Some(import) = stem.and_then(|stem| Uuid::parse_str(stem).ok()).map(NumberJobId::new) else {
                continue;
            };
            let path = file.path();
            let done = is_to_go(import, &path)
                .and_then(|goes| if goes { fs::remove_file(path).map(|()| true) } else { Ok(false) });
            match done {
                Ok(true) => {
                    tracing::debug!(%import, "the file of an import is deleted");
                    deleted += 1;
                }
                Ok(false) => {}
                // Another node that has the folder, too, was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(deleted)
    }
}

fn is_old(file: &Path, now: Timestamp) -> io::Result<bool> {
    let written = Timestamp::try_from(fs::metadata(file)?.modified()?).map_err(io::Error::other)?;
    Ok(now.duration_since(written) > STRAY_AFTER)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(path)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that has its name only when it is whole. Dropped before, it is deleted.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    path: PathBuf,
    is_whole: bool,
}

impl NewFile {
    /// Begins a file of this name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: PathBuf) -> io::Result<Self> {
        let file = create(&path.with_extension("part"))?;
        Ok(Self { file, path, is_whole: false })
    }

    /// The file, to be written to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Has what was written last, under the file's name; gives how many bytes it is.
    ///
    /// # Errors
    /// When it cannot be written; then it is deleted.
    pub fn finish(mut self) -> io::Result<u64> {
        self.file.sync_all()?;
        fs::rename(self.path.with_extension("part"), &self.path)?;
        self.is_whole = true;
        if let Some(folder) = self.path.parent() {
            sync_folder(folder)?;
        }
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_whole {
            let _ = fs::remove_file(self.path.with_extension("part"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_has_a_folder_of_its_own() {
        let of = |url: &str| DataFolder::of_database(url).path().display().to_string();
        assert_eq!(of("sqlite:dialtime.db"), "dialtime.db-data");
        assert_eq!(of("sqlite:///var/lib/dialtime/a.db?mode=rwc"), "/var/lib/dialtime/a.db-data");
        assert_eq!(of("postgres://user:pass@host:5432/calls?sslmode=require"), "dialtime-calls-data");
        assert_eq!(of("postgres://host/../../etc"), "dialtime-etc-data");
    }

    #[test]
    fn a_folder_keeps_its_id_and_a_file_is_there_only_when_it_is_whole() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("data"));
        assert_eq!(folder.id().unwrap(), None);
        let id = Uuid::from_u128(7);
        assert_eq!((folder.make(id).unwrap(), folder.make(Uuid::from_u128(8)).unwrap()), (id, id));
        assert!(folder.room().unwrap() > 0);
        let import = NumberJobId::new(Uuid::from_u128(1));
        let mut file = folder.begin_import(import).unwrap();
        file.file().write_all(b"phone").unwrap();
        assert!(!folder.import_file(import).exists());
        assert_eq!(file.finish().unwrap(), 5);
        drop(folder.begin_import(NumberJobId::new(Uuid::from_u128(2))).unwrap());
        let written = fs::metadata(folder.import_file(import)).unwrap().modified().unwrap();
        let after = |hours| Timestamp::try_from(written).unwrap() + SignedDuration::from_hours(hours);
        let (known, none) =
            (FolderImports { kept: [import].into(), ..FolderImports::default() }, FolderImports::default());
        assert_eq!(folder.delete_strays(&known, after(99)).unwrap(), 0, "it is known");
        assert_eq!(folder.delete_strays(&none, after(1)).unwrap(), 0, "it is new");
        // What a server left behind that was killed while a file came.
        let broken = folder.begin_import(NumberJobId::new(Uuid::from_u128(3))).unwrap();
        assert_eq!(folder.delete_strays(&none, after(1)).unwrap(), 0, "it may still be coming");
        assert_eq!(folder.delete_strays(&known, after(2)).unwrap(), 1);
        drop(broken);
        assert!(folder.import_file(import).exists());
        let gone = FolderImports { gone: [import].into(), ..FolderImports::default() };
        assert_eq!(folder.delete_strays(&gone, after(0)).unwrap(), 1);
        assert!(!folder.import_file(import).exists());
    }
}
