//! Old recordings are deleted: first the file, in the folder or in the bucket, then its row says so. How old is for each task to say.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use store::{
    Result,
    recordings::{self as rows, RecordingToDelete},
};
use uuid::Uuid;

use super::files::FilesOfNode;

/// How many recordings are deleted before others have their turn, and how many of them at the same time.
const DELETED_AT_ONCE: u32 = 200;
const AT_THE_SAME_TIME: usize = 4;

impl FilesOfNode {
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
        let delete = async |one: RecordingToDelete| (one, self.files.delete(one.account, one.attempt).await);
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
