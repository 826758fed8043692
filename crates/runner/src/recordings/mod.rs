//! Recordings: those that calls have left are written down, those of dead processes finished, old ones deleted and, where there is a bucket, all moved
//! to it. What waits for the bucket's service has a loop of its own, so that a slow one holds up nothing else.

mod bucket;
mod deletion;
mod files;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Clock, ClockDifference, LoopStatus, Random, Recording};
use jiff::SignedDuration;
use metrics::gauge;
use recordings::{FinishedRecording, Recorder, RecordingFiles};
use store::{Result, Store, recordings as rows};

pub use self::bucket::RecordingBucketLoop;
use self::files::{FilesOfNode, blocking, file_error};
use crate::{
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds},
};

/// How often it is looked for what calls have left.
const EVERY: Duration = Duration::from_millis(250);

/// How often it is looked for files of dead processes, and for what is to be deleted.
const ABANDONED_EVERY: Duration = Duration::from_secs(5);
const OLD_EVERY: Duration = Duration::from_secs(2);

/// How many recordings are written down in one transaction, or finished for others, before others have their turn.
const AT_ONCE: usize = 200;
const FINISHED_AT_ONCE: usize = 20;

/// How many that are finished wait for a database that is away. Those beyond are found again by their files.
const MOST_WAITING: usize = 2_000;

/// What the work is done with.
#[derive(Clone)]
pub struct RecordingsParts {
    /// The database.
    pub store: Store,
    /// What records calls.
    pub recorder: Recorder,
    /// Where the files are and go.
    pub files: RecordingFiles,
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
    files: FilesOfNode,
    clock_check: ClockCheck,
    abandoned_at: Option<Instant>,
    old_at: Option<Instant>,
}

impl RecordingsParts {
    fn clock_check(&self) -> ClockCheck {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        ClockCheck { store, clock, difference: Arc::clone(&self.clock_difference) }
    }

    fn files_of_node(&self) -> FilesOfNode {
        FilesOfNode::new(self.store.clone(), self.files.clone(), Arc::clone(&self.random))
    }
}

impl Recordings {
    /// Does the work with these.
    pub fn new(parts: RecordingsParts) -> Self {
        let (files, clock_check) = (parts.files_of_node(), parts.clock_check());
        Self { parts, files, clock_check, abandoned_at: None, old_at: None }
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
        // Those of a bucket, and those that may be in both, are its loop's.
        let is_ours = self.parts.files.bucket.is_none();
        if is_ours && is_time(&mut self.old_at, OLD_EVERY) && self.clock_check.ask().await? {
            self.files.delete_old(self.parts.clock.now()).await?;
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
        let folder = self.files.folder_id().await?;
        for FinishedRecording { recording, .. } in finished.iter_mut() {
            let outlasted = recording.begun_at.saturating_add(self.parts.records_kept).ok();
            recording.delete_at = outlasted.map_or(recording.delete_at, |at| at.min(recording.delete_at));
        }
        let recordings: Vec<&Recording> = finished.iter().map(|one| &one.recording).collect();
        let mut tx = self.parts.store.begin().await?;
        rows::record(&mut tx, folder, &recordings).await?;
        tx.commit().await?;
        let whose: Vec<_> = recordings.iter().map(|one| (one.account, one.attempt)).collect();
        let files = self.parts.files.folder.clone();
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
}

/// Whether it is time for something that was done last then; notes that it is done now.
fn is_time(last: &mut Option<Instant>, every: Duration) -> bool {
    let is_time = last.is_none_or(|last| last.elapsed() >= every);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}
