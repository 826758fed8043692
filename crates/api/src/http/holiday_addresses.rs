//! Files of holidays that are read from an address while a request waits.

use std::{fmt, pin::Pin, sync::Arc};

use domain::{AddressRule, FaultRule, FeedFailure, HolidayFileRule, HttpUrl};

/// What reads an address: a file, or how that failed.
pub type ReadingAddress = Pin<Box<dyn Future<Output = Result<Vec<u8>, FeedFailure>> + Send>>;

/// Reads files of holidays from addresses that callers choose. Whoever makes one bounds how many are read at once, how large they are and how long that
/// takes.
#[derive(Clone)]
pub struct HolidayAddresses {
    read: Arc<dyn Fn(HttpUrl) -> ReadingAddress + Send + Sync>,
    to_private: bool,
}

impl HolidayAddresses {
    /// Those that are read like this; `to_private` also from addresses that are not public.
    pub fn new(to_private: bool, read: impl Fn(HttpUrl) -> ReadingAddress + Send + Sync + 'static) -> Self {
        Self { read: Arc::new(read), to_private }
    }

    /// Refuses an address of which it can be told at once that it is never read.
    pub(crate) fn check(&self, url: HttpUrl) -> Result<HttpUrl, FaultRule> {
        if !self.to_private && url.is_private_literally() {
            return Err(FaultRule::HolidayFile(HolidayFileRule::Address(AddressRule::NotPublic)));
        }
        Ok(url)
    }

    pub(crate) async fn read(&self, url: HttpUrl) -> Result<Vec<u8>, FeedFailure> {
        (self.read)(url).await
    }
}

impl fmt::Debug for HolidayAddresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HolidayAddresses").finish_non_exhaustive()
    }
}
