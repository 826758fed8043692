//! Where a file of holidays or events comes from: the body of a request, or the address that it names.

use bytes::Bytes;
use domain::{AddressRule, FaultRule, FeedFault, HolidayFileRule, HttpUrl, UnclearAs};

use crate::{
    Api,
    http::{
        holiday_file::{AddressOfFile, HolidayFileBody},
        problem::Problem,
    },
};

/// A file, and where it is from.
pub(crate) struct HolidaySource {
    pub(crate) bytes: Bytes,
    /// Its address, if it was read from one.
    pub(crate) url: Option<HttpUrl>,
    /// What entries are that are not understood.
    pub(crate) unclear: Option<UnclearAs>,
}

impl HolidaySource {
    /// The file that a body is, or that is read from the address which it names.
    pub(crate) async fn of(
        api: &Api,
        body: HolidayFileBody,
        unclear: Option<UnclearAs>,
    ) -> Result<Self, Problem> {
        let Some(AddressOfFile { url, unclear: said }) = body.address()? else {
            return Ok(Self { bytes: body.bytes.clone(), url: None, unclear });
        };
        // While an address is read nobody waits for the place of an upload.
        drop(body);
        let bytes = read(api, url.clone()).await.map_err(|fault| {
            Problem::fault("url", FaultRule::HolidayFile(HolidayFileRule::Address(rule(fault))))
        })?;
        Ok(Self { bytes: bytes.into(), url: Some(url), unclear: said.or(unclear) })
    }
}

async fn read(api: &Api, url: HttpUrl) -> Result<Vec<u8>, FeedFault> {
    let addresses = api.settings.holiday_addresses.as_ref().ok_or(FeedFault::Unreachable)?;
    addresses.read(url).await.map_err(|failure| failure.fault)
}

const fn rule(fault: FeedFault) -> AddressRule {
    match fault {
        FeedFault::AddressNotPublic => AddressRule::NotPublic,
        FeedFault::TimedOut => AddressRule::TimedOut,
        FeedFault::Redirected => AddressRule::Redirected,
        FeedFault::Status => AddressRule::Status,
        FeedFault::TooLarge => AddressRule::TooLarge,
        // The rest is about files, which nobody has looked at yet.
        FeedFault::Unreachable
        | FeedFault::Unreadable
        | FeedFault::NoHolidays
        | FeedFault::KnownUntilNeeded
        | FeedFault::Contradiction
        | FeedFault::NotUnderstood
        | FeedFault::FewerDays
        | FeedFault::InvalidDays => AddressRule::Unreachable,
    }
}
