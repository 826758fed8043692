//! The files that this node answers for: those in its folder and, where it has a bucket, those in the bucket.

use std::{io, sync::Arc};

use domain::Random;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use recordings::RecordingFiles;
use store::{
    Error, Result, Store,
    recordings::{self as rows, LeavingRecording},
};
use uuid::Uuid;

/// How many recordings are deleted before others have their turn, and how many of them at the same time.
const DELETED_AT_ONCE: u32 = 200;
const AT_THE_SAME_TIME: usize = 4;

/// The files, with the database that says what they are.
pub(super) struct FilesOfNode {
    store: Store,
    files: RecordingFiles,
    random: Arc<dyn Random>,
    folder: Option<Uuid>,
}

impl FilesOfNode {
    pub(super) fn new(store: Store, files: RecordingFiles, random: Arc<dyn Random>) -> Self {
        Self { store, files, random, folder: None }
    }

    /// The id of the folder, which has one from the first recording on.
    pub(super) async fn folder_id(&mut self) -> Result<Uuid> {
        if let Some(id) = self.folder {
            return Ok(id);
        }
        let mut chance = [0; 16];
        self.random.fill(&mut chance);
        let id = uuid::Builder::from_random_bytes(chance).into_uuid();
        let files = self.files.folder.clone();
        let id = blocking(move || files.id(id)).await?.map_err(file_error)?;
        self.folder = Some(id);
        Ok(id)
    }

    /// The same; `None`: nothing was recorded yet, and nobody is to find a folder there that was never needed.
    pub(super) async fn folder_in_use(&mut self) -> Result<Option<Uuid>> {
        if self.files.folder.path().exists() { self.folder_id().await.map(Some) } else { Ok(None) }
    }

    /// Deletes what is to be deleted by now, or some of it where there is much.
    pub(super) async fn delete_old(&mut self, now: Timestamp) -> Result<()> {
        if let Some(folder) = self.folder_in_use().await? {
            self.delete_due(Some(folder), now).await?;
        }
        if self.files.bucket.is_some() {
            self.delete_due(None, now).await?;
        }
        Ok(())
    }

    async fn delete_due(&self, folder: Option<Uuid>, now: Timestamp) -> Result<()> {
        let due = rows::due(&mut self.store.read().await?, folder, now, DELETED_AT_ONCE).await?;
        if due.is_empty() {
            return Ok(());
        }
        let all = due.len();
        let delete = async |one: LeavingRecording| (one, self.files.delete(one.account, one.attempt).await);
        let results: Vec<_> =
            stream::iter(due).map(delete).buffer_unordered(AT_THE_SAME_TIME).collect().await;
        let mut first_error = None;
        let mut deleted = Vec::with_capacity(all);
        for (one, result) in results {
            match result {
                Ok(()) => deleted.push(one),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(error) = first_error {
            let failed = all - deleted.len();
            tracing::error!(%error, failed, "old recordings could not be deleted; it is tried again");
        }
        let mut tx = self.store.begin().await?;
        rows::note_deleted(&mut tx, &deleted, now).await?;
        tx.commit().await
    }
}

pub(super) fn file_error(error: io::Error) -> Error {
    Error::Database(error.into())
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| file_error(io::Error::other(error)))
}
