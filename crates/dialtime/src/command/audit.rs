//! `dialtime audit`.

use clap::{Args, builder::PossibleValuesParser};
use jiff::Timestamp;
use store::audit::{Action, Subject};
use uuid::Uuid;

/// Which changes are listed.
#[derive(Debug, Args)]
pub(crate) struct AuditedChanges {
    /// Of this user or sub-user only.
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub(crate) user: Option<Uuid>,
    /// Of this kind of thing only.
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(Subject::CODES))]
    pub(crate) subject: Option<String>,
    /// Of this thing only, by its id.
    #[arg(long, value_name = "ID")]
    pub(crate) subject_id: Option<String>,
    /// Only what was done so.
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(Action::CODES))]
    pub(crate) action: Option<String>,
    /// From this instant on: RFC 3339 with its offset, such as 2026-12-31T12:00:00+08:00.
    #[arg(long, value_name = "T", value_parser = instant)]
    pub(crate) from: Option<Timestamp>,
    /// Before this instant.
    #[arg(long, value_name = "T", value_parser = instant)]
    pub(crate) until: Option<Timestamp>,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
}

fn account_id(text: &str) -> Result<Uuid, String> {
    super::administration::id(text, "`dialtime user list` shows those of users")
}

fn instant(text: &str) -> Result<Timestamp, String> {
    api::instant(text).map_err(|rule| api::explain(&rule))
}
