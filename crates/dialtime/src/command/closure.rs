//! `dialtime closure`.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum ClosureCommand {
    /// Plan a closure; its id is printed.
    Add(AddClosure),
    /// List those that have not ended, the first to begin first: id, begin, end, whether it is closed now, name.
    List {
        /// Those that have ended instead, the last to end first.
        #[arg(long)]
        ended: bool,
    },
    /// Revoke a closure at once.
    Revoke {
        /// Its id, as listed.
        #[arg(value_parser = closure_id)]
        id: Uuid,
    },
}

/// A closure of the whole installation.
#[derive(Debug, Args)]
pub(crate) struct AddClosure {
    /// What decisions call it: 1 to 64 characters.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The first instant at which nothing dials: RFC 3339 with its offset, such as 2026-12-31T12:00:00+08:00, or `now`.
    #[arg(long, value_name = "T", default_value = "now", value_parser = bound)]
    pub(crate) begin: ClosureBound,
    /// The first instant after it, in the future.
    #[arg(long, value_name = "T", value_parser = bound)]
    pub(crate) end: ClosureBound,
}

/// When a closure begins or ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClosureBound {
    Now,
    At(Timestamp),
}

impl ClosureBound {
    pub(crate) fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::At(instant) => instant,
        }
    }
}

fn bound(text: &str) -> Result<ClosureBound, String> {
    if text == "now" {
        return Ok(ClosureBound::Now);
    }
    let instant = api::instant(text).map_err(|rule| api::explain(&rule))?;
    Ok(ClosureBound::At(instant))
}

fn closure_id(text: &str) -> Result<Uuid, String> {
    super::administration::id(text, "`dialtime closure list` shows those of closures")
}
