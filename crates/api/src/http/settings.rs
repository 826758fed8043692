//! What the operator chose.

use std::num::NonZeroU32;

use calendar::Zone;
use domain::HttpUrl;
use http::StatusCode;
use phone::Country;
use recordings::RecordingFiles;
use store::DataFolder;

use crate::http::holiday_addresses::HolidayAddresses;

/// All that the operator chose.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The zone of timestamps without one, and of groups that name none.
    pub zone: Zone,
    /// The country of telephone numbers that name none.
    pub default_country: Country,
    /// Which HTTP status refusals carry.
    pub error_status: ErrorStatus,
    /// The most bytes of a request's body.
    pub body_limit: usize,
    /// The most requests a second for one partner, with bursts of as many; `None` does not limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Which requests the access log names.
    pub access_log: AccessLog,
    /// Whether requests are counted for Prometheus.
    pub count_requests: bool,
    /// How many streams of events may be open.
    pub streams: StreamLimits,
    /// Where the files of imports go.
    pub data_folder: DataFolder,
    /// The most bytes of a file of numbers.
    pub import_limit: u64,
    /// The address by which others reach this server.
    pub public_url: PublicUrl,
    /// Where recordings are; `None`: there are none.
    pub recordings: Option<RecordingFiles>,
    /// What reads files of holidays from addresses; `None`: nothing does.
    pub holiday_addresses: Option<HolidayAddresses>,
}

/// The most bytes of a file of numbers where the operator chose nothing: room for more than ten million.
pub const IMPORT_LIMIT: u64 = 1_024 * 1_024 * 1_024;

impl ApiSettings {
    /// What holds where the operator chose nothing.
    pub const fn new(zone: Zone, data_folder: DataFolder) -> Self {
        Self {
            zone,
            default_country: Country::CHINA,
            error_status: ErrorStatus::Fitting,
            body_limit: 1024 * 1024,
            rate_limit: None,
            access_log: AccessLog::All,
            count_requests: false,
            streams: StreamLimits::new(),
            data_folder,
            import_limit: IMPORT_LIMIT,
            public_url: PublicUrl(None),
            recordings: None,
            holiday_addresses: None,
        }
    }
}

/// The address by which others reach this server, if the operator has said it.
#[derive(Clone, Debug, Default)]
pub struct PublicUrl(Option<String>);

impl PublicUrl {
    /// Reads an `http` or `https` address, with a path where a proxy has one before those of this server.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = HttpUrl::parse(text).map_err(|_| "not an http or https address")?;
        if url.as_str().contains('?') {
            return Err("an address without a query");
        }
        Ok(Self(Some(url.as_str().trim_end_matches('/').to_owned())))
    }

    /// The address of a path of this server; the path alone where nobody has said by which address others reach it.
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_deref().unwrap_or_default())
    }
}

/// Which requests the access log names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLog {
    /// None.
    Nothing,
    /// Those that were refused or failed.
    Refusals,
    /// Every one.
    #[default]
    All,
}

/// Which HTTP status refusals carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorStatus {
    /// The fitting one.
    #[default]
    Fitting,
    /// Always 200, for clients that only read `code`.
    AlwaysOk,
}

impl ErrorStatus {
    pub(crate) const fn of(self, fitting: StatusCode) -> StatusCode {
        match self {
            Self::Fitting => fitting,
            Self::AlwaysOk => StatusCode::OK,
        }
    }
}

/// How many streams may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// On this node.
    pub of_node: usize,
    /// Of one partner, on this node.
    pub of_partner: usize,
}

impl StreamLimits {
    /// What holds where the operator chose nothing.
    pub const fn new() -> Self {
        Self { of_node: 2_000, of_partner: 500 }
    }
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_may_have_a_path_and_no_query() {
        let of = |text: &str| PublicUrl::parse(text).map(|url| url.of("/a?key=1"));
        assert_eq!(of("https://example.com"), Ok("https://example.com/a?key=1".to_owned()));
        assert_eq!(of("https://example.com/calls/"), Ok("https://example.com/calls/a?key=1".to_owned()));
        for bad in
            ["", "example.com", "ftp://example.com", "https://example.com/?x=1", "https://u:p@example.com"]
        {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert_eq!(PublicUrl::default().of("/a"), "/a");
    }
}
