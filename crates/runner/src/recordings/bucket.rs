//! Recordings move to the bucket when they have ended, and are deleted there when they are old.

use std::{io, sync::Arc, time::Duration};

use domain::LoopStatus;
use futures_util::{StreamExt, stream};
use metrics::{counter, gauge};
use recordings::RecordingBucket;
use store::{
    Result,
    recordings::{self as rows, RecordingToMove},
};
use uuid::Uuid;

use super::{FilesOfNode, RecordingsParts, blocking};
use crate::{
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds},
};

/// How often it is looked for what has ended or is old; and how long the bucket is left alone after it took nothing.
const EVERY: Duration = Duration::from_secs(1);
const AWAY: Duration = Duration::from_secs(10);

/// How many recordings are moved before others have their turn, and how many of them at the same time.
const MOVED_AT_ONCE: u32 = 40;
const AT_THE_SAME_TIME: usize = 4;

/// How long the bucket may take for one recording.
const MOVING: Duration = Duration::from_mins(10);

/// Moves them.
pub struct RecordingBucketLoop {
    parts: RecordingsParts,
    bucket: RecordingBucket,
    files: FilesOfNode,
    clock_check: ClockCheck,
    /// Whether the bucket took what it was given last. A change is logged, not each recording.
    takes: bool,
}

impl RecordingBucketLoop {
    /// Moves them with these; `None`: there is no bucket.
    pub fn new(parts: RecordingsParts) -> Option<Self> {
        let bucket = parts.files.bucket.clone()?;
        let (files, clock_check) = (parts.files_of_node(), parts.clock_check());
        Some(Self { parts, bucket, files, clock_check, takes: true })
    }

    /// Does it for ever.
    pub async fn run(mut self, status: Arc<LoopStatus>) {
        let mut rounds = Rounds::new(status, Arc::clone(&self.parts.clock));
        loop {
            let pause = match rounds.note(self.round().await) {
                None => RETRY,
                Some(()) if !self.takes => AWAY,
                Some(()) => EVERY,
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn round(&mut self) -> Result<()> {
        self.move_all().await?;
        if self.clock_check.ask().await? {
            self.files.delete_old(self.parts.clock.now()).await?;
        }
        Ok(())
    }

    /// Moves all that the folder has, the oldest first, as long as the bucket takes any.
    async fn move_all(&mut self) -> Result<()> {
        let Some(folder) = self.files.folder_in_use().await? else { return Ok(()) };
        let mut last = None;
        loop {
            let page = self.next_page(folder, last).await?;
            last = page.last().copied();
            if page.is_empty() || !self.move_some(page).await? {
                return Ok(());
            }
        }
    }

    async fn next_page(&self, folder: Uuid, last: Option<RecordingToMove>) -> Result<Vec<RecordingToMove>> {
        let now = self.parts.clock.now();
        rows::in_folder(&mut self.parts.store.read().await?, folder, now, last, MOVED_AT_ONCE).await
    }

    /// Moves these; says whether the bucket takes any.
    async fn move_some(&mut self, page: Vec<RecordingToMove>) -> Result<bool> {
        let send = async |one: RecordingToMove| (one, self.send(one).await);
        let results: Vec<_> = stream::iter(page).map(send).buffer_unordered(AT_THE_SAME_TIME).collect().await;
        let (mut moved, mut refused) = (Vec::new(), None);
        for (one, result) in results {
            match result {
                Ok(true) => moved.push(one),
                Ok(false) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        for one in &moved {
            self.note_moved(*one).await?;
        }
        let takes = refused.is_none() || !moved.is_empty();
        self.note_bucket(takes, refused.as_ref());
        Ok(takes)
    }

    /// Sends the file of a recording; `false`: it is not in the folder.
    async fn send(&self, one: RecordingToMove) -> io::Result<bool> {
        let RecordingToMove { account, attempt, .. } = one;
        let folder = self.parts.files.folder.clone();
        let opened = blocking(move || folder.open(account, attempt)).await.map_err(io::Error::other)?;
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                tracing::error!(%error, %attempt, "a recording is to move to the bucket, and cannot be read");
                return Ok(false);
            }
        };
        let sent = tokio::time::timeout(MOVING, self.bucket.put(account, attempt, file)).await;
        sent.map_err(io::Error::from).flatten().map(|()| true)
    }

    /// The row first, so that whoever asks meanwhile finds the file in one of the two places.
    async fn note_moved(&self, one: RecordingToMove) -> Result<()> {
        let RecordingToMove { account, attempt, .. } = one;
        let mut tx = self.parts.store.begin().await?;
        let is_kept = rows::note_in_bucket(&mut tx, account, attempt).await?;
        tx.commit().await?;
        let deleted = if is_kept {
            let folder = self.parts.files.folder.clone();
            blocking(move || folder.delete(account, attempt)).await?
        } else {
            // It was deleted or forgotten while it was on its way.
            self.bucket.delete(account, attempt).await
        };
        if let Err(error) = deleted {
            tracing::error!(%error, %attempt, "a recording is in the bucket, and could not be deleted where it was");
        }
        Ok(())
    }

    fn note_bucket(&mut self, takes: bool, error: Option<&io::Error>) {
        if let Some(error) = error {
            counter!("dialtime_recording_uploads_failed_total").increment(1);
            if self.takes {
                tracing::error!(%error, "the bucket takes no recording; they stay in the folder until it does");
            }
        } else if !self.takes {
            tracing::info!("the bucket takes recordings again");
        }
        self.takes = takes;
        gauge!("dialtime_recordings_bucket_takes").set(if takes { 1.0 } else { 0.0 });
    }
}
