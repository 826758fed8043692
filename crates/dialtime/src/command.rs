//! The command line. Its help texts are the reference of every option and its environment variable.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use anyhow::Context;
use calendar::Zone;
use clap::{Args, Parser, Subcommand, ValueEnum};
use store::{Connect, Store};
use uuid::Uuid;

use crate::telemetry::LogFormat;

/// When calls may go out: dial time groups and their tasks, behind the agent API.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Program {
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
    /// Bring the database's schema up to date, and stop.
    Migrate {
        #[command(flatten)]
        database: Database,
    },
    /// Create or list partners, who own tokens and users.
    Partner {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        command: Partner,
    },
    /// Create or list users, who own groups and tasks.
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
        command: Token,
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
    /// `sqlite:PATH` (made when it is not there) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(
        long,
        env = "DIALTIME_DATABASE_URL",
        default_value = "sqlite:dialtime.db",
        hide_env_values = true,
        global = true
    )]
    pub(crate) database_url: String,
    /// The most database connections for reading; PostgreSQL gets as many again for writing.
    #[arg(long, env = "DIALTIME_DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000), global = true)]
    pub(crate) database_connections: u32,
}

impl Database {
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let connect = Connect { url: self.database_url.clone(), connections: self.database_connections };
        Store::connect(&connect).await.context("cannot open the database")
    }

    pub(crate) async fn open_and_migrate(&self) -> anyhow::Result<Store> {
        let store = self.open().await?;
        store.migrate().await.context("cannot bring the database's schema up to date")?;
        Ok(store)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to listen: a loopback address, for anyone may use the demo's token.
    #[arg(long, env = "DIALTIME_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) service: Service,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) database: Database,
    /// Where to listen.
    #[arg(long, env = "DIALTIME_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) service: Service,
}

/// How the API answers.
#[derive(Debug, Args)]
pub(crate) struct Service {
    /// The IANA zone of timestamps without one, and of groups that name none.
    #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
    pub(crate) timezone: Zone,
    /// The HTTP status of refusals: the fitting one, or always 200 for clients that only read `code`.
    #[arg(long, env = "DIALTIME_ERROR_STATUS", value_enum, default_value_t)]
    pub(crate) error_status: ErrorStatus,
    /// The most bytes of a request's body.
    #[arg(long, env = "DIALTIME_BODY_LIMIT", default_value_t = 1024 * 1024)]
    pub(crate) body_limit: usize,
    /// The most requests a second for one partner, with bursts of as many; left out, there is no limit.
    #[arg(long, env = "DIALTIME_RATE_LIMIT")]
    pub(crate) rate_limit: Option<NonZeroU32>,
    /// How many seconds running requests may take to finish after SIGTERM.
    #[arg(long, env = "DIALTIME_STOP_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub(crate) stop_timeout: Duration,
}

/// The HTTP status of refusals.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ErrorStatus {
    /// The fitting one.
    #[default]
    Fitting,
    /// Always 200.
    #[value(name = "200")]
    AlwaysOk,
}

impl From<ErrorStatus> for api::ErrorStatus {
    fn from(status: ErrorStatus) -> Self {
        match status {
            ErrorStatus::Fitting => Self::Fitting,
            ErrorStatus::AlwaysOk => Self::AlwaysOk,
        }
    }
}

fn zone(name: &str) -> Result<Zone, calendar::Rule> {
    Zone::parse(name)
}

fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_secs)
}

#[derive(Debug, Subcommand)]
pub(crate) enum Partner {
    /// Make a partner.
    Create {
        /// 1 to 64 characters.
        name: String,
    },
    /// List all partners.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a user with a random password, which is shown once.
    Create {
        /// The partner it belongs to.
        #[arg(long)]
        partner: Uuid,
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
        #[arg(long)]
        partner: Uuid,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token. It is shown once and kept only as a hash.
    Create {
        /// The partner it speaks for.
        #[arg(long)]
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
    },
    /// List tokens, without their secrets.
    List {
        /// Only this partner's.
        #[arg(long)]
        partner: Option<Uuid>,
    },
    /// Revoke a token at once.
    Revoke {
        /// Its id, as listed.
        id: Uuid,
    },
}
