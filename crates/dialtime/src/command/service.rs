//! How the service answers: the options that `serve` and `demo` share, and how they are read.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use api::{IMPORT_LIMIT, PublicUrl, StreamLimits};
use calendar::Zone;
use clap::{Args, ValueEnum};
use phone::{Country, Refusal};
use store::DataFolder;

use super::{recordings::RecordingOptions, sip::SipOptions};
use crate::connections::{ConnectionLimits, most_connections};

/// How the API answers.
#[derive(Debug, Args)]
pub(crate) struct Service {
    /// The IANA zone of timestamps without one, and of groups that name none.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
    /// The country of telephone numbers that do not name theirs: two letters, such as CN or US.
    #[arg(long, env = "DIALTIME_DEFAULT_COUNTRY", default_value = "CN", value_parser = country)]
    pub(crate) default_country: Country,
    /// The HTTP status of refusals: the fitting one, or always 200 for clients that only read `code`.
    #[arg(long, env = "DIALTIME_ERROR_STATUS", value_enum, default_value_t)]
    pub(crate) error_status: ErrorStatusOption,
    /// The most bytes of a request's body.
    #[arg(long, env = "DIALTIME_BODY_LIMIT", default_value_t = 1024 * 1024, value_parser = count)]
    pub(crate) body_limit: usize,
    /// The folder for files that come and go, such as those of imports: readable by its owner only, and made when it is needed. Left out,
    /// the path of a SQLite database and `-data`, or `dialtime-NAME-data` in this folder for a PostgreSQL database of that name. Nodes that
    /// share a folder share the work.
    #[arg(long, env = "DIALTIME_DATA_FOLDER", value_name = "FOLDER")]
    pub(crate) data_folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) recordings: RecordingOptions,
    /// The most bytes of a file of numbers.
    #[arg(long, env = "DIALTIME_IMPORT_LIMIT", value_name = "BYTES", default_value_t = IMPORT_LIMIT, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) import_limit: u64,
    /// The most requests a second for one partner, with bursts of as many; left out, there is no limit.
    #[arg(long, env = "DIALTIME_RATE_LIMIT", value_parser = one_or_more)]
    pub(crate) rate_limit: Option<NonZeroU32>,
    /// The most streams of events that may be open on this node.
    #[arg(long, env = "DIALTIME_STREAMS", default_value_t = StreamLimits::new().of_node, value_parser = count)]
    pub(crate) streams: usize,
    /// The most streams of events that one partner may have open on this node.
    #[arg(long, env = "DIALTIME_STREAMS_PER_PARTNER", default_value_t = StreamLimits::new().of_partner, value_parser = count)]
    pub(crate) streams_per_partner: usize,
    /// For how many days events are kept.
    #[arg(long = "events-kept-days", env = "DIALTIME_EVENTS_KEPT_DAYS", value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) events_kept: u32,
    /// For how many days it is kept what groups and tasks were before each change; left out, for good. A version of a group
    /// that an event is about is kept as long as the event.
    #[arg(long = "audit-kept-days", env = "DIALTIME_AUDIT_KEPT_DAYS", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) audit_kept: Option<u32>,
    /// For how many days records of calls are kept.
    #[arg(long = "records-kept-days", env = "DIALTIME_RECORDS_KEPT_DAYS", value_name = "DAYS", default_value_t = 730, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) records_kept: u32,
    /// Send webhooks to addresses that are not public, too (loopback, private and link-local ones), and read holiday calendars from such.
    /// Whoever holds a token can then have this machine call what only it can reach.
    #[arg(long, env = "DIALTIME_WEBHOOKS_TO_PRIVATE")]
    pub(crate) webhooks_to_private: bool,
    /// The address by which others reach this server, such as <https://dialtime.example.com>: the platform's callbacks name files by it. Left
    /// out, they name the path alone.
    #[arg(long, env = "DIALTIME_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<PublicUrl>,
    /// Which requests the log names: each with its id, route, status and time.
    #[arg(long, env = "DIALTIME_ACCESS_LOG", value_enum, default_value_t)]
    pub(crate) access_log: LoggedRequests,
    /// Where Prometheus reads figures, at `/metrics`: an address for the operator only, for anyone who reaches it may read
    /// them. Left out, nobody can.
    #[arg(long, env = "DIALTIME_METRICS_LISTEN", value_parser = address)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) sip: SipOptions,
    #[command(flatten)]
    pub(crate) connections: ConnectionOptions,
    /// How many seconds running requests may take to finish after SIGTERM.
    #[arg(long, env = "DIALTIME_STOP_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub(crate) stop_timeout: Duration,
    /// How many seconds answered calls may go on after SIGTERM, unless a second one ends them. Calls that nobody has answered are cancelled
    /// at once.
    #[arg(long = "drain-seconds", env = "DIALTIME_DRAIN_SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) drain: Duration,
    /// For tests: the calls of simulated lines are in the process that listens here (`dialtime simulated-network`), which outlives this one.
    #[arg(long, env = "DIALTIME_SIMULATED_NETWORK", value_name = "ADDRESS", hide = true, value_parser = loopback)]
    pub(crate) simulated_network: Option<SocketAddr>,
}

impl Service {
    /// The folder for files, of who serves from this database.
    pub(crate) fn data_folder(&self, database_url: &str) -> DataFolder {
        self.data_folder.clone().map_or_else(|| DataFolder::of_database(database_url), DataFolder::new)
    }
}

/// Which requests the log names.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum LoggedRequests {
    /// Every one.
    #[default]
    All,
    /// Those that were refused or failed.
    Refusals,
    /// None.
    #[value(name = "none")]
    Nothing,
}

impl From<LoggedRequests> for api::AccessLog {
    fn from(access_log: LoggedRequests) -> Self {
        match access_log {
            LoggedRequests::All => Self::All,
            LoggedRequests::Refusals => Self::Refusals,
            LoggedRequests::Nothing => Self::Nothing,
        }
    }
}

/// How many connections there may be, and how long each may let the server wait. Whoever takes longer is answered 408, or closed
/// where there is nothing to answer.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ConnectionOptions {
    /// The most connections at once; fewer where the limit of open files (`ulimit -n`), which is raised if it can be, leaves no
    /// room for as many. When there are too many, one is closed that lets the server wait: first those on which nothing was answered yet,
    /// and the longest first.
    #[arg(long = "max-connections", env = "DIALTIME_MAX_CONNECTIONS", value_name = "NUMBER", default_value_t = 3072, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    most: u32,
    /// How many seconds a connection may be idle between two requests. Longer than the same setting of a proxy in front.
    #[arg(long, env = "DIALTIME_IDLE_TIMEOUT", value_name = "SECONDS", default_value = "75", value_parser = one_second_or_more)]
    idle_timeout: Duration,
    /// How many seconds the headers of a request may take.
    #[arg(long, env = "DIALTIME_HEADER_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = one_second_or_more)]
    header_timeout: Duration,
    /// How many seconds there may be between two pieces of a request's body. A whole body may take ten minutes.
    #[arg(long, env = "DIALTIME_BODY_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = one_second_or_more)]
    body_timeout: Duration,
    /// How many seconds a request may be worked on before its answer begins; then it is answered 503. An answer that has begun, such
    /// as a stream of events, may go on.
    #[arg(long, env = "DIALTIME_REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = one_second_or_more)]
    request_timeout: Duration,
    /// For how many seconds a client may read nothing of its answer.
    #[arg(long, env = "DIALTIME_WRITE_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = one_second_or_more)]
    write_timeout: Duration,
}

impl ConnectionOptions {
    /// The limits that hold on this system, beside so many connections to the database.
    pub(crate) fn limits(&self, database_connections: u32) -> ConnectionLimits {
        let asked = usize::try_from(self.most).unwrap_or(usize::MAX);
        ConnectionLimits {
            connections: most_connections(asked, database_connections),
            idle: self.idle_timeout,
            header: self.header_timeout,
            body: self.body_timeout,
            request: self.request_timeout,
            write: self.write_timeout,
        }
    }
}

/// The HTTP status of refusals.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ErrorStatusOption {
    /// The fitting one.
    #[default]
    Fitting,
    /// Always 200.
    #[value(name = "200")]
    AlwaysOk,
}

impl From<ErrorStatusOption> for api::ErrorStatus {
    fn from(status: ErrorStatusOption) -> Self {
        match status {
            ErrorStatusOption::Fitting => Self::Fitting,
            ErrorStatusOption::AlwaysOk => Self::AlwaysOk,
        }
    }
}

pub(super) fn zone(name: &str) -> Result<Zone, calendar::Rule> {
    Zone::parse(name)
}

pub(super) fn country(letters: &str) -> Result<Country, Refusal> {
    Country::parse(letters)
}

fn public_url(text: &str) -> Result<PublicUrl, &'static str> {
    PublicUrl::parse(text)
}

fn one_second_or_more(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>().ok().filter(|seconds| (1..=86_400).contains(seconds));
    let seconds = seconds.ok_or_else(|| "not a whole number from 1 to 86400".to_owned())?;
    Ok(Duration::from_secs(seconds.into()))
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse().map(Duration::from_secs).map_err(|_| "not a whole number of seconds")
}

/// Where to listen.
pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "not an address and a port, such as 127.0.0.1:8080")
}

/// An address that only this machine reaches.
pub(super) fn loopback(text: &str) -> Result<SocketAddr, &'static str> {
    address(text).ok().filter(|address| address.ip().is_loopback()).ok_or("not a loopback address and a port")
}

fn one_or_more(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "not a whole number from 1 on")
}

fn count(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "not a whole number")
}
