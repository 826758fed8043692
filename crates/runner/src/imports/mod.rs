//! Imports of numbers from files: read row by row, and written in short transactions, from wherever they were left.

mod reader;
mod source;
mod spreadsheet;
mod worker;

use std::time::Duration;

use domain::NumberJobId;
use jiff::Timestamp;
use store::{DataFolder, Error, Result, Store, numbers};
use tokio::time::Instant;
use uuid::Uuid;

pub use self::worker::{ImportTurn, ImportWorker};
use crate::{
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds, wait_for_work},
};

/// How long an import is worked at before it is the next one's turn.
const TURN: Duration = Duration::from_secs(1);

/// How many imports take turns: others wait until one has ended.
const AT_ONCE: u32 = 8;

/// How often it is said that imports are worked at, also those that wait.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often files are swept.
const SWEPT_EVERY: Duration = Duration::from_mins(1);

/// The shortest time between two looks for work.
const REST: Duration = Duration::from_millis(50);

/// Works at the imports whose files are in this node's folder.
pub(crate) struct Imports {
    pub(crate) clock_check: ClockCheck,
    pub(crate) folder: DataFolder,
}

impl Imports {
    pub(crate) async fn run(self, rounds: Rounds) {
        tokio::join!(self.work(rounds), self.say_so(), self.sweep());
    }

    async fn work(&self, mut rounds: Rounds) {
        let ClockCheck { store, clock, .. } = &self.clock_check;
        let mut worker = ImportWorker::new(store.clone(), clock.clone());
        let mut committed = store.wake_ups().committed_here();
        loop {
            let done = rounds.note(self.round(&mut worker).await);
            match done {
                None => tokio::time::sleep(RETRY).await,
                Some(true) => {}
                Some(false) => {
                    tokio::time::sleep(REST).await;
                    wait_for_work(&mut committed).await;
                }
            }
        }
    }

    /// Gives each import its turn; says whether there was one.
    async fn round(&self, worker: &mut ImportWorker) -> Result<bool> {
        let Some(folder) = self.folder_id()? else { return Ok(false) };
        let store = &self.clock_check.store;
        let imports = numbers::running_imports(&mut store.read().await?, folder, AT_ONCE).await?;
        let found = !imports.is_empty();
        let mut failed = None;
        for import in imports {
            let file = self.folder.import_file(import.id);
            let id = import.id;
            // One that fails, for its disk is full, holds up no other.
            match worker.turn(import, &file, Instant::now() + TURN).await {
                Ok(ImportTurn::Ended) => self.delete_unless_kept(folder, id).await?,
                Ok(ImportTurn::More) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(found), Err)
    }

    /// Deletes the file of an import that has ended, where its task or account is gone or a number was erased meanwhile that it may hold. Where that fails,
    /// the next sweep does it.
    async fn delete_unless_kept(&self, folder: Uuid, import: NumberJobId) -> Result<()> {
        if !numbers::is_file_kept(&mut self.clock_check.store.read().await?, folder, import).await? {
            self.folder.delete_import(import).map_err(|error| Error::Database(error.into()))?;
        }
        Ok(())
    }

    fn folder_id(&self) -> Result<Option<Uuid>> {
        self.folder.id().map_err(|error| Error::Database(error.into()))
    }

    /// Says from time to time that this node works at its imports. What fails is tried again the next time.
    async fn say_so(&self) {
        loop {
            if let Err(error) = self.touch().await {
                tracing::debug!(%error, "imports could not be touched");
            }
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    /// Deletes from time to time the files whose tasks are gone, and what a broken upload left. What fails is tried again the next time.
    async fn sweep(&self) {
        loop {
            if let Err(error) = self.sweep_once().await {
                tracing::debug!(%error, "files of imports could not be swept");
            }
            tokio::time::sleep(SWEPT_EVERY).await;
        }
    }

    /// Not when the clock is wrong, for then what is old is not known.
    async fn sweep_once(&self) -> Result<()> {
        let ClockCheck { store, clock, .. } = &self.clock_check;
        if self.clock_check.ask().await? {
            delete_stray_files(store, &self.folder, clock.now()).await?;
        }
        Ok(())
    }

    async fn touch(&self) -> Result<()> {
        let Some(folder) = self.folder_id()? else { return Ok(()) };
        let ClockCheck { store, clock, .. } = &self.clock_check;
        if numbers::is_import_running(&mut store.read().await?, folder).await? {
            let mut tx = store.begin().await?;
            numbers::touch_imports(&mut tx, folder, clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Deletes the files of imports that there are no more, or whose tasks are deleted.
pub(crate) async fn delete_stray_files(store: &Store, folder: &DataFolder, now: Timestamp) -> Result<()> {
    let file_error = |error: std::io::Error| Error::Database(error.into());
    let Some(id) = folder.id().map_err(file_error)? else { return Ok(()) };
    let imports = numbers::imports_of_folder(&mut store.read().await?, id).await?;
    folder.delete_strays(&imports, now).map(drop).map_err(file_error)
}
