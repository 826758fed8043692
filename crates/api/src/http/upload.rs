//! Files that are sent as they are, and how many of them a node takes at once: each is held in memory until it is dealt with.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::problem::Problem;

/// How many files a node takes at once.
const AT_ONCE: usize = 8;

/// The turns of those who send files.
pub(crate) struct Uploads(Arc<Semaphore>);

impl Uploads {
    /// So many at once.
    pub(crate) fn of(turns: usize) -> Self {
        Self(Arc::new(Semaphore::new(turns)))
    }

    /// Of files that are held in memory.
    pub(crate) fn new() -> Self {
        Self::of(AT_ONCE)
    }

    /// A turn, until it is dropped; refused while there are as many uploads as there may be.
    pub(crate) fn turn(&self) -> Result<UploadTurn, Problem> {
        let permit = self.0.clone().try_acquire_owned();
        permit.map(UploadTurn).map_err(|_| Problem::TooManyRequests { retry_after: 1 })
    }
}

/// The right to hold a file.
#[derive(Debug)]
pub(crate) struct UploadTurn(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);
