//! The files that this node answers for: those in its folder and, where it has a bucket, those in the bucket.

use std::{io, sync::Arc};

use domain::Random;
use recordings::RecordingFiles;
use store::{Error, Result, Store};
use uuid::Uuid;

/// The files, with the database that says what they are.
pub(super) struct FilesOfNode {
    pub(super) store: Store,
    pub(super) files: RecordingFiles,
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
}

pub(super) fn file_error(error: io::Error) -> Error {
    Error::Database(error.into())
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| file_error(io::Error::other(error)))
}
