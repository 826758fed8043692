//! Recordings: those that calls have left are written down, those of dead processes finished, and old ones deleted.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Clock, ClockDifference, LoopStatus, Random, Recording};
use jiff::SignedDuration;
use metrics::gauge;
use recordings::{FinishedRecording, Recorder};
use store::{Error, Result, Store, recordings as rows};
use uuid::Uuid;

use crate::{
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds},
};

/// How often it is looked for what calls have left.
const EVERY: Duration = Duration::from_millis(250);

/// How often it is looked for files of dead processes, and for what is to be deleted.
const ABANDONED_EVERY: Duration = Duration::from_secs(5);
const OLD_EVERY: Duration = Duration::from_secs(2);

/// How many recordings are written down in one transaction, finished for others, or deleted, before others have their turn.
const AT_ONCE: usize = 200;
const FINISHED_AT_ONCE: usize = 20;
const DELETED_AT_ONCE: u32 = 200;

/// How many that are finished wait for a database that is away. Those beyond are found again by their files.
const MOST_WAITING: usize = 2_000;

/// What the work is done with.
pub struct RecordingsParts {
    /// The database.
    pub store: Store,
    /// What records calls.
    pub recorder: Recorder,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What the id of a folder is made of.
    pub random: Arc<dyn Random>,
    /// How far the clock is from the database's.
    pub clock_difference: Arc<ClockDifference>,
    /// How long records are kept: no recording outlasts its record.
    pub records_kept: SignedDuration,
}

/// Does the work.
pub struct Recordings {
    parts: RecordingsParts,
    clock_check: ClockCheck,
    folder: Option<Uuid>,
    abandoned_at: Option<Instant>,
    old_at: Option<Instant>,
}

impl Recordings {
    /// Does the work with these.
    pub fn new(parts: RecordingsParts) -> Self {
        let (store, clock) = (parts.store.clone(), Arc::clone(&parts.clock));
        let clock_check = ClockCheck { store, clock, difference: Arc::clone(&parts.clock_difference) };
        Self { parts, clock_check, folder: None, abandoned_at: None, old_at: None }
    }

    /// Does it for ever.
    pub async fn run(mut self, status: Arc<LoopStatus>) {
        let mut rounds = Rounds::new(status, Arc::clone(&self.parts.clock));
        loop {
            let done = rounds.note(self.round().await).is_some();
            tokio::time::sleep(if done { EVERY } else { RETRY }).await;
        }
    }

    /// Waits until all that was recorded is written down, but not for long: who starts next finds the rest.
    pub async fn finish(mut self, patience: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            let is_last = self.parts.recorder.under_way() == 0;
            match self.write_finished().await {
                Ok(()) if is_last => return,
                Ok(()) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(error) => {
                    tracing::warn!(%error, "recordings could not be written down; the next start does it");
                    return;
                }
            }
        }
    }

    async fn round(&mut self) -> Result<()> {
        let has_room = self.parts.recorder.has_room();
        gauge!("dialtime_recordings_may_begin").set(if has_room { 1.0 } else { 0.0 });
        self.write_finished().await?;
        if is_time(&mut self.abandoned_at, ABANDONED_EVERY) {
            self.finish_abandoned().await?;
        }
        if is_time(&mut self.old_at, OLD_EVERY) && self.clock_check.ask().await? {
            self.delete_old().await?;
        }
        Ok(())
    }

    async fn write_finished(&mut self) -> Result<()> {
        let mut finished = self.parts.recorder.take_finished();
        while !finished.is_empty() {
            let later = finished.split_off(finished.len().min(AT_ONCE));
            if let Err(error) = self.write(&mut finished).await {
                finished.extend(later);
                finished.truncate(MOST_WAITING);
                self.parts.recorder.put_back(finished);
                return Err(error);
            }
            finished = later;
        }
        Ok(())
    }

    /// Writes recordings down, and has their files go where they stay.
    async fn write(&mut self, finished: &mut Vec<FinishedRecording>) -> Result<()> {
        let folder = self.folder_id().await?;
        for FinishedRecording { recording, .. } in finished.iter_mut() {
            let outlasted = recording.begun_at.saturating_add(self.parts.records_kept).ok();
            recording.delete_at = outlasted.map_or(recording.delete_at, |at| at.min(recording.delete_at));
        }
        let recordings: Vec<&Recording> = finished.iter().map(|one| &one.recording).collect();
        let mut tx = self.parts.store.begin().await?;
        rows::record(&mut tx, folder, &recordings).await?;
        tx.commit().await?;
        let whose: Vec<_> = recordings.iter().map(|one| (one.account, one.attempt)).collect();
        let files = self.parts.recorder.folder().clone();
        blocking(move || {
            for (account, attempt) in whose {
                if let Err(error) = files.settle(account, attempt) {
                    tracing::warn!(%error, %attempt, "a recording could not be moved to where it stays");
                }
            }
        })
        .await?;
        finished.clear();
        Ok(())
    }

    async fn finish_abandoned(&mut self) -> Result<()> {
        loop {
            let recorder = self.parts.recorder.clone();
            let found = blocking(move || recorder.finish_abandoned(FINISHED_AT_ONCE)).await?;
            let mut found = found.map_err(file_error)?;
            let is_last = found.len() < FINISHED_AT_ONCE;
            if !found.is_empty() {
                tracing::warn!(recordings = found.len(), "finished recordings of a process that died");
                self.write(&mut found).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    async fn delete_old(&mut self) -> Result<()> {
        // Nothing was recorded yet: nobody finds a folder there that was never needed.
        if !self.parts.recorder.folder().path().exists() {
            return Ok(());
        }
        let (folder, now) = (self.folder_id().await?, self.parts.clock.now());
        let due = rows::due(&mut self.parts.store.read().await?, Some(folder), now, DELETED_AT_ONCE).await?;
        if due.is_empty() {
            return Ok(());
        }
        let files = self.parts.recorder.folder().clone();
        let deleted = blocking(move || {
            let is_deleted = |one: &rows::LeavingRecording| match files.delete(one.account, one.attempt) {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, attempt = %one.attempt, "an old recording could not be deleted");
                    false
                }
            };
            due.into_iter().filter(is_deleted).collect::<Vec<_>>()
        })
        .await?;
        let mut tx = self.parts.store.begin().await?;
        rows::note_deleted(&mut tx, &deleted, now).await?;
        tx.commit().await
    }

    /// The id of the folder, which has one from the first recording on.
    async fn folder_id(&mut self) -> Result<Uuid> {
        if let Some(id) = self.folder {
            return Ok(id);
        }
        let mut chance = [0; 16];
        self.parts.random.fill(&mut chance);
        let id = uuid::Builder::from_random_bytes(chance).into_uuid();
        let files = self.parts.recorder.folder().clone();
        let id = blocking(move || files.id(id)).await?.map_err(file_error)?;
        self.folder = Some(id);
        Ok(id)
    }
}

/// Whether it is time for something that was done last then; notes that it is done now.
fn is_time(last: &mut Option<Instant>, every: Duration) -> bool {
    let is_time = last.is_none_or(|last| last.elapsed() >= every);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

fn file_error(error: std::io::Error) -> Error {
    Error::Database(error.into())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| file_error(std::io::Error::other(error)))
}
