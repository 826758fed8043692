//! Files of holidays that are read from an address while a request waits.

use std::{fmt, pin::Pin, sync::Arc};

use domain::{FeedFailure, HttpUrl};

/// What reads an address: a file, or how that failed.
pub type ReadingAddress = Pin<Box<dyn Future<Output = Result<Vec<u8>, FeedFailure>> + Send>>;

/// Reads files of holidays from addresses that callers choose. Whoever makes one bounds how many are read at once, how large they are and how long that
/// takes.
#[derive(Clone)]
pub struct HolidayAddresses(Arc<dyn Fn(HttpUrl) -> ReadingAddress + Send + Sync>);

impl HolidayAddresses {
    /// Those that are read like this.
    pub fn new(read: impl Fn(HttpUrl) -> ReadingAddress + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) async fn read(&self, url: HttpUrl) -> Result<Vec<u8>, FeedFailure> {
        (self.0)(url).await
    }
}

impl fmt::Debug for HolidayAddresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HolidayAddresses").finish_non_exhaustive()
    }
}
