//! The command line. Its help texts are the reference of every option and its environment variable.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, anyhow};
use api::StreamLimits;
use calendar::Zone;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use store::{Connect, Store};
use uuid::Uuid;

use crate::{
    connections::{ConnectionLimits, most_connections},
    telemetry::LogFormat,
};

/// When calls may go out: dial time groups and their tasks, behind the agent API.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Invocation {
    /// How log lines are written, on standard error.
    #[arg(long, env = "DIALTIME_LOG_FORMAT", value_enum, default_value_t, global = true)]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the documented example data from a throw-away database, on this machine only.
    Demo(Demo),
    /// Serve the agent API. Brings the database's schema up to date first.
    Serve(Serve),
    /// Bring the database's schema up to date, and stop. Makes a SQLite file that is not there, if it is named.
    Migrate {
        #[command(flatten)]
        database: Database,
    },
    /// Create, list, disable, enable or delete partners, who own tokens and users.
    Partner {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: PartnerCommand,
    },
    /// Create, list, disable, enable or delete users, who own groups and tasks, and set their passwords.
    User {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: User,
    },
    /// Create, list or revoke tokens, by which a partner's programs are known.
    Token {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// List, show, import or remove holiday calendars, which say what days groups that skip holidays are closed on.
    Holidays {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: Holidays,
    },
    /// Say whether a group in a file allows a call, why, and when next: without a server, with the holidays that come with
    /// the program.
    ///
    /// Exits with 0 when a call is allowed at the instant asked about, with 1 when it is not, and with 2 when there is no
    /// answer: the file, the group or an option is faulty.
    Check(Check),
    /// Copy a SQLite database to a new file while servers work on it, and check the copy. Of PostgreSQL say how.
    Backup {
        #[command(flatten)]
        database: Database,
        /// The file to make, which only its owner can read. It must not be there yet.
        file: PathBuf,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Check the database, the clock and the holiday data, and say what to do.
    Doctor {
        #[command(flatten)]
        database: Database,
    },
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`; left out, `sqlite:dialtime.db` in this folder. A SQLite file that
    /// is not there is made by `serve`, and by `migrate` if it is named; by no other command.
    #[arg(long, env = "DIALTIME_DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub(crate) database_url: Option<String>,
    /// The most database connections for reading; PostgreSQL gets as many again for writing.
    #[arg(long, env = "DIALTIME_DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000), global = true)]
    pub(crate) database_connections: u32,
}

/// The database of who names none.
const DEFAULT_DATABASE: &str = "sqlite:dialtime.db";

impl Database {
    pub(crate) fn url(&self) -> &str {
        self.database_url.as_deref().unwrap_or(DEFAULT_DATABASE)
    }

    async fn open(&self) -> anyhow::Result<Store> {
        let connect = Connect { url: self.url().to_owned(), connections: self.database_connections };
        Store::connect(&connect).await.context("cannot open the database")
    }

    /// Opens a database that is there, as it is: a SQLite file that is not is nothing to be made by the way.
    pub(crate) async fn open_to_look(&self) -> anyhow::Result<Store> {
        match store::missing_file(self.url()) {
            Some(file) => Err(missing(&file)),
            None => self.open().await,
        }
    }

    /// Opens a database that is there, and brings its schema up to date.
    pub(crate) async fn open_existing(&self) -> anyhow::Result<Store> {
        migrated(self.open_to_look().await?).await
    }

    /// Brings the schema up to date, and makes a SQLite file that is not there if it was named; gives the file that was made.
    pub(crate) async fn migrate(&self) -> anyhow::Result<Option<PathBuf>> {
        let made = self.database_url.as_deref().and_then(store::missing_file);
        if self.database_url.is_none() { self.open_existing().await } else { self.open_or_make().await }?;
        Ok(made)
    }

    /// Opens a database, makes a SQLite file that is not there, and brings the schema up to date.
    pub(crate) async fn open_or_make(&self) -> anyhow::Result<Store> {
        migrated(self.open().await?).await
    }
}

/// That a SQLite file is not there, and how to make it.
fn missing(file: &Path) -> anyhow::Error {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let (file, elsewhere) = (file.display(), "name it with --database-url or DIALTIME_DATABASE_URL");
    let make = format!("run `dialtime migrate --database-url sqlite:{file}` or start `dialtime serve`");
    match folder.map(Path::display) {
        Some(folder) => anyhow!(
            "there is no database {file}, nor its folder {folder}. To make it, make the folder first (`mkdir -p {folder}`), \
             then {make}; if yours is elsewhere, {elsewhere}"
        ),
        None => {
            anyhow!("there is no database {file}. To make it, {make}; if yours is elsewhere, {elsewhere}")
        }
    }
}

async fn migrated(store: Store) -> anyhow::Result<Store> {
    store.migrate().await.context("cannot bring the database's schema up to date")?;
    Ok(store)
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to listen: a loopback address, for anyone may use the demo's token.
    #[arg(long, env = "DIALTIME_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) service: Service,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) database: Database,
    /// Where to listen.
    #[arg(long, env = "DIALTIME_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) service: Service,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The group: JSON, the body of a request that would save it. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) group: PathBuf,
    /// The instant: RFC 3339 with its offset, such as 2026-10-10T10:00:00+08:00, or `now`.
    #[arg(long, value_name = "T", default_value = "now")]
    pub(crate) at: String,
    /// Also list when the group is open up to this instant, at most 400 days later, and the days that are closed or changed.
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Answer in JSON, with the members that the API's answers have.
    #[arg(long)]
    pub(crate) json: bool,
    /// The IANA zone of a group that names none.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
}

/// How the API answers.
#[derive(Debug, Args)]
pub(crate) struct Service {
    /// The IANA zone of timestamps without one, and of groups that name none.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
    /// The HTTP status of refusals: the fitting one, or always 200 for clients that only read `code`.
    #[arg(long, env = "DIALTIME_ERROR_STATUS", value_enum, default_value_t)]
    pub(crate) error_status: ErrorStatusOption,
    /// The most bytes of a request's body.
    #[arg(long, env = "DIALTIME_BODY_LIMIT", default_value_t = 1024 * 1024, value_parser = count)]
    pub(crate) body_limit: usize,
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
    /// Send webhooks also to addresses that are not public: loopback, private and link-local ones. Whoever holds a token can
    /// then have this machine call what only it can reach.
    #[arg(long, env = "DIALTIME_WEBHOOKS_TO_PRIVATE")]
    pub(crate) webhooks_to_private: bool,
    /// Which requests the log names: each with its id, route, status and time.
    #[arg(long, env = "DIALTIME_ACCESS_LOG", value_enum, default_value_t)]
    pub(crate) access_log: LoggedRequests,
    /// Where Prometheus reads figures, at `/metrics`: an address for the operator only, for anyone who reaches it may read
    /// them. Left out, nobody can.
    #[arg(long, env = "DIALTIME_METRICS_LISTEN", value_parser = address)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) connections: ConnectionOptions,
    /// How many seconds running requests may take to finish after SIGTERM.
    #[arg(long, env = "DIALTIME_STOP_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub(crate) stop_timeout: Duration,
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

fn zone(name: &str) -> Result<Zone, calendar::Rule> {
    Zone::parse(name)
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
fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "not an address and a port, such as 127.0.0.1:8080")
}

fn one_or_more(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "not a whole number from 1 on")
}

fn count(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "not a whole number")
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Make a partner.
    Create {
        /// 1 to 64 characters, and no other partner's.
        name: String,
    },
    /// List all partners.
    List,
    /// Refuse all its tokens and let none of its users' tasks dial, at once, until it is enabled again.
    Disable {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
    },
    /// Enable it again.
    Enable {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
    },
    /// Delete it with its tokens. Refused while it has users.
    Delete {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
        /// Also delete its users with all that is theirs: sub-users, groups, tasks, webhooks, events.
        #[arg(long)]
        with_everything: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a user with a random password, which is shown once.
    Create {
        /// The partner it belongs to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
        /// The id it had elsewhere, which no other account may have; left out, a new one.
        #[arg(long, value_parser = new_id)]
        id: Option<Uuid>,
        /// 1 to 64 characters.
        #[arg(long)]
        name: String,
        /// Unique among the partner's accounts.
        #[arg(long)]
        email: String,
        /// Unique among the partner's accounts.
        #[arg(long)]
        phone: String,
    },
    /// List a partner's users.
    List {
        /// The partner they belong to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
    },
    /// Let nobody act for a user or a sub-user and none of its tasks dial, at once, until it is enabled again.
    Disable {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
    },
    /// Enable it again.
    Enable {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
    },
    /// Delete a user or a sub-user with its tokens. Refused while it has sub-users, groups or tasks.
    Delete {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
        /// Also delete its sub-users, groups, tasks, webhooks and events.
        #[arg(long)]
        with_everything: bool,
    },
    /// Set the password of a user or a sub-user: a random one, which is shown once, or the first line of standard input.
    Password {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
        /// Take the password from the first line of standard input: 8 to 128 characters.
        #[arg(long)]
        stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token. It is shown once and kept only as a hash.
    Create {
        /// The partner it speaks for.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
        /// What it is for, 1 to 64 characters.
        #[arg(long, default_value = "default")]
        name: String,
        /// For how many days it is good.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: u32,
        /// It never expires.
        #[arg(long, conflicts_with = "days")]
        never_expires: bool,
        /// What it may do; each holds the ones before it.
        #[arg(long, value_enum, default_value_t)]
        scope: Scope,
        /// How telephone numbers are shown to it.
        #[arg(long, value_enum, default_value_t)]
        numbers: Numbers,
        /// The only user it may act for, with the user's sub-users; left out, every user of the partner.
        #[arg(long, value_name = "ID", value_parser = user_id)]
        user: Option<Uuid>,
    },
    /// List tokens, without their secrets: whose they are, how long they are good, what they may do and when they were last used.
    List {
        /// Only this partner's.
        #[arg(long, value_parser = partner_id)]
        partner: Option<Uuid>,
    },
    /// Revoke a token at once.
    Revoke {
        /// Its id, as listed.
        #[arg(value_parser = token_id)]
        id: Uuid,
    },
}

/// What a token may do.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Scope {
    /// Ask whether a call may go out, and nothing else: for a telephone system.
    Decide,
    /// Read everything.
    Read,
    /// Change everything.
    #[default]
    All,
}

impl From<Scope> for domain::TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Decide => Self::Decide,
            Scope::Read => Self::Read,
            Scope::All => Self::All,
        }
    }
}

/// How telephone numbers are shown.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Numbers {
    /// Whole.
    #[default]
    Full,
    /// With stars in place of most digits.
    Masked,
}

impl From<Numbers> for domain::NumberDisplay {
    fn from(numbers: Numbers) -> Self {
        match numbers {
            Numbers::Full => Self::Full,
            Numbers::Masked => Self::Masked,
        }
    }
}

/// The forms of a file of holidays.
const HOLIDAY_FILES: &str = r#"JSON, a whole calendar or a year of one; this one closes an office on two days:
  {"id": "OFFICE", "known_until": "2027-12-31",
   "notices": [{"id": "2027", "address": "https://..."}],
   "days": [{"date": "2027-05-20", "kind": "holiday", "name": "司庆"},
            {"date": "2027-05-23", "kind": "makeup_workday", "name": "司庆", "stands_for": 4}]}
  `stands_for` (0 = Sunday ... 6 = Saturday), `notice` (the id of a day's notice; else its year) and `notices` are optional.

iCalendar: all-day events without repetition. Those whose SUMMARY or CATEGORIES say 班 or workday are make-up workdays, the others days off.

The years replaced are those that the file has days in. Days of the last week before its first year are added to the year before and replace nothing."#;

#[derive(Debug, Subcommand)]
pub(crate) enum Holidays {
    /// List the calendars: how far each is known, how many years it has, and where they come from.
    List,
    /// Show a calendar's days, and the notices they come from.
    Show {
        /// Its id, such as CN.
        calendar: String,
        /// Only this year.
        #[arg(value_parser = clap::value_parser!(i16).range(1970..=2200))]
        year: Option<i16>,
    },
    /// Import the years of a file, in place of those that the calendar has. Running servers apply them at once; a file
    /// with any fault changes nothing.
    #[command(after_long_help = HOLIDAY_FILES)]
    Import {
        /// JSON, or iCalendar (.ics).
        file: PathBuf,
        /// The calendar's id, instead of the file's own; CN when neither says it.
        #[arg(long, value_name = "ID")]
        calendar: Option<String>,
        /// The last date up to which the file is complete, instead of what it says itself, or of the end of its last year.
        /// Days after it are left out.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
        known_until: Option<Date>,
        /// Take a year that has less than half as many days as the one it replaces, or as the calendar's other years.
        #[arg(long)]
        allow_fewer_days: bool,
    },
    /// Take away what was imported of a calendar, all of it or one year: what comes with the program holds again. Running
    /// servers apply it at once. Refused while groups follow a calendar of which nothing would be left.
    Remove {
        /// Its id, such as CN.
        calendar: String,
        /// Only this year.
        #[arg(value_parser = clap::value_parser!(i16).range(1970..=2200))]
        year: Option<i16>,
    },
    /// Take back the last import or removal; run again, the one before it, up to 100 of them.
    Undo,
}

fn date(text: &str) -> Result<Date, &'static str> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "not a date, written as 2027-12-31")
}

fn partner_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime partner list` shows those of partners")
}

fn user_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime user list --partner ID` shows those of a partner's users")
}

fn token_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime token list` shows those of tokens")
}

fn new_id(text: &str) -> Result<Uuid, String> {
    id(text, "without --id a new one is made")
}

fn id(text: &str, where_from: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text)
        .map_err(|_| format!("not an id, such as 5832d184-dd53-42a0-8ace-0bf8d660f4cc; {where_from}"))
}
