//! The command line. Its help texts are the reference of every option and its environment variable.

mod administration;
mod answering_machines;
mod audit;
mod closure;
mod numbers;
mod recordings;
mod service;
mod sip;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use calendar::Zone;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use store::{Connect, Store};

use self::{
    administration::date,
    service::{address, loopback, zone},
};
pub(crate) use self::{
    administration::{
        HolidayKindWord, Holidays, ImportHolidays, LineCommand, PartnerCommand, SetHoliday, TestCall,
        TokenCommand, UnclearEntries, User,
    },
    answering_machines::AnsweringMachines,
    audit::AuditedChanges,
    closure::{AddClosure, ClosureCommand},
    numbers::{ImportNumbers, NumberToBeErased, NumbersCommand},
    service::Service,
};
use crate::{output::complain, telemetry::LogFormat};

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
    /// Create, list, show, try or delete lines: what a partner's calls go over.
    Line {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: LineCommand,
    },
    /// List, show, import, edit or remove holiday calendars, or have them follow an address, which say what days groups that skip holidays are closed on.
    Holidays {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: Holidays,
    },
    /// Stop all dialing at once, until it is resumed (紧急停呼): the kill switch of the whole installation, whether servers run or not.
    ///
    /// Every decision is no, every task waits and ringing calls are ended, on all nodes within two seconds and after a restart, too.
    /// One partner, account or line is stopped by the API: `POST /agent-api/stop-dialing`.
    StopDialing {
        #[command(flatten)]
        database: Database,
        /// Why, for whoever reads it in the console, in the log and in events: up to 200 characters.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Resume dialing (恢复呼叫) after `stop-dialing`. What is stopped by the API stays so.
    ResumeDialing {
        #[command(flatten)]
        database: Database,
        /// Why, for whoever reads it in events: up to 200 characters.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Plan, list or revoke closures of the whole installation (停呼安排): spans in which nothing dials, whether servers run or not.
    ///
    /// They only close, and running servers apply them at once. Those of a partner or an account are planned by the API:
    /// `POST /agent-api/closure`.
    Closure {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: ClosureCommand,
    },
    /// List who changed what of the whole installation, its partners and their accounts (操作日志), the newest first: when, what was done, to what, its id,
    /// whose account it is, who did it.
    ///
    /// Those of a partner or a user are also listed by the API: `GET /agent-api/audit`. No secrets are shown; numbers that must not be called are, whole.
    Audit {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        changes: AuditedChanges,
    },
    /// Import numbers of tasks from files, or erase a number from all that is stored.
    Numbers {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: NumbersCommand,
    },
    /// Explain attempts by what was stored with them.
    Evidence {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: EvidenceCommand,
    },
    /// Say whether a group in a file allows a call, why, and when next: without a server, with the holidays that come with
    /// the program.
    ///
    /// Exits with 0 when a call is allowed at the instant asked about, with 1 when it is not, and with 2 when there is no
    /// answer: the file, the group or an option is faulty. With `--json` a program reads the answer, and any is 0.
    Check(Check),
    /// Say which exceptions of a group the timed events of an iCalendar file are, in JSON: to be looked at, put into a group's `exceptions`, and tried with
    /// `check`. Nothing is stored; the API's `exception/import` does that.
    Exceptions(EventsToExceptions),
    /// Say of recordings of calls whether a person answered or a machine, why, and when that was clear: as calls do where a script's `on_machine` asks.
    ///
    /// Takes WAV files of any usual rate that begin at the answer. Where it is known who answered, also says how often it was right: by labels in
    /// a file, or by the files' folders, called human, machine and unsure. Exits with 1 when a file cannot be read.
    Amd(AnsweringMachines),
    /// Copy a SQLite database to a new file while servers work on it, and check the copy. Of PostgreSQL say how.
    Backup {
        #[command(flatten)]
        database: Database,
        /// The file to make, which only its owner can read. It must not be there yet.
        file: PathBuf,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Serve the simulated telephone network as a process of its own, for tests of nodes that die.
    #[command(hide = true)]
    SimulatedNetwork {
        /// Where to listen: an address of this machine alone.
        #[arg(long, default_value = "127.0.0.1:0", value_parser = loopback)]
        listen: SocketAddr,
    },
    /// Check the database, the clock and the holiday data, and say what to do.
    Doctor {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Decide again what was decided for an attempt, by its group as it was then, and say whether that is the same.
    ///
    /// Exits with 0 when it is, and with 1 when it is not or cannot be told.
    Explain {
        /// The attempt: the `record_id` of its record.
        attempt: uuid::Uuid,
    },
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`; left out, `sqlite:dialtime.db` in this folder. A SQLite file that
    /// is not there is made by `serve`, and if it is named by `migrate`, `partner create` and `holidays import`; by no other command.
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
        self.open_or_make_named().await?;
        Ok(made)
    }

    /// Opens a database for what may well be the first to go into it: makes a SQLite file that is not there only if it was named, and
    /// says so.
    pub(crate) async fn open_to_begin(&self) -> anyhow::Result<Store> {
        let made = self.database_url.as_deref().and_then(store::missing_file);
        let store = self.open_or_make_named().await?;
        if let Some(file) = made {
            complain(&format!("Made a new database, {}.", file.display()));
        }
        Ok(store)
    }

    async fn open_or_make_named(&self) -> anyhow::Result<Store> {
        if self.database_url.is_none() { self.open_existing().await } else { self.open_or_make().await }
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
    /// Place real SIP calls, to a phone in this program: it answers, is busy, rings on and so on, by the last digit of the number. Nothing
    /// leaves this machine, and `--sip-listen` has no effect.
    #[arg(long)]
    pub(crate) sip: bool,
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
pub(crate) struct EventsToExceptions {
    /// An iCalendar file.
    pub(crate) file: PathBuf,
    /// What the group is while an event lasts: open besides, or closed.
    #[arg(long, value_enum)]
    pub(crate) effect: EventEffect,
    /// The first day; today if left out.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// The last day, at most 400 days later; a year later if left out.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) to: Option<Date>,
    /// The IANA zone of the group: times of other zones are moved to it.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
}

/// What a group is while an event lasts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EventEffect {
    Add,
    Close,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The group: JSON, the body of a request that would save it. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) group: PathBuf,
    /// The instant: RFC 3339 with its offset, such as 2026-10-10T10:00:00+08:00, or `now`.
    #[arg(long, value_name = "T", default_value = "now")]
    pub(crate) at: String,
    /// Also list when the group is open up to this instant, at most 400 days later, and the days that are closed or changed, the last one too.
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Answer in JSON, with the members that the API's answers have.
    #[arg(long)]
    pub(crate) json: bool,
    /// The IANA zone of a group that names none.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
}
