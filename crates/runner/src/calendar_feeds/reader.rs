//! Reads the file of an address for whoever wants to see it now, with the limits that feeds have.

use std::{sync::Arc, time::Duration};

use domain::{FeedFailure, FeedFault, FeedVersion, HttpUrl};
use tokio::{sync::Semaphore, time::timeout};

use super::fetch::{self, Fetched};
use crate::outbound::OutboundClient;

/// How many addresses are read at once, each of at most a megabyte.
const AT_ONCE: usize = 8;

/// How long to wait until one of those has ended.
const TURN: Duration = Duration::from_secs(5);

/// Reads files of holidays from addresses. A clone shares the bound on how many at once.
#[derive(Clone)]
pub struct HolidayAddressReader {
    client: Arc<OutboundClient>,
    turns: Arc<Semaphore>,
}

impl HolidayAddressReader {
    /// A reader. `to_private` also asks addresses that are not public.
    pub fn new(to_private: bool) -> Self {
        Self { client: Arc::new(OutboundClient::new(to_private)), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The file that an address has: at most [`holiday_files::LARGEST_FILE`] bytes, within 30 seconds, redirects with it.
    ///
    /// # Errors
    /// How it failed.
    pub async fn read(&self, url: &HttpUrl) -> Result<Vec<u8>, FeedFailure> {
        let busy = || FeedFailure::new(FeedFault::TimedOut, "too many addresses are read at the moment");
        let _turn = timeout(TURN, self.turns.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())?;
        match fetch::fetch(&self.client, url, &FeedVersion::default()).await? {
            Fetched::File { bytes, .. } => Ok(bytes),
            // Nobody said what is known, and so this is no answer.
            Fetched::NotModified => Err(FeedFailure::new(FeedFault::Status, "304")),
        }
    }
}

impl std::fmt::Debug for HolidayAddressReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HolidayAddressReader").finish_non_exhaustive()
    }
}
