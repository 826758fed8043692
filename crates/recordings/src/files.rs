//! The files of recordings, wherever they are.

use std::io;

use domain::{AccountId, AttemptId};

use crate::{RecordingBucket, RecordingFolder};

/// The folder in which recordings are written and, where there is one, the bucket that they go to when they have ended.
#[derive(Clone, Debug)]
pub struct RecordingFiles {
    /// The folder.
    pub folder: RecordingFolder,
    /// The bucket; `None`: they stay in the folder.
    pub bucket: Option<RecordingBucket>,
}

impl RecordingFiles {
    /// Deletes a recording in both places: one that was on its way to the bucket when its program died may be in either.
    ///
    /// # Errors
    /// It is in one of them, and cannot be deleted there.
    pub async fn delete(&self, account: AccountId, attempt: AttemptId) -> io::Result<()> {
        let folder = self.folder.clone();
        let deleted = tokio::task::spawn_blocking(move || folder.delete(account, attempt)).await;
        deleted.map_err(io::Error::other).flatten()?;
        match &self.bucket {
            Some(bucket) => bucket.delete(account, attempt).await,
            None => Ok(()),
        }
    }
}
