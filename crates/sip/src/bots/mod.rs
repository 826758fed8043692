//! The bots that calls are handed to: the way to them, and those that are asked whether they are there.

mod fault;
mod trust;
mod watch;
mod way;

use media::bot::BotAuthorities;

pub(crate) use self::{
    fault::fault_of,
    watch::Bots,
    way::{BotWay, new_stream_sid},
};

/// Where bots may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BotReach {
    /// Anywhere.
    #[default]
    Anywhere,
    /// At addresses of the public Internet alone.
    Public,
    /// On this machine alone.
    Loopback,
}

/// What the operator decided about bots.
#[derive(Clone, Debug, Default)]
pub struct BotSettings {
    /// Where bots may be.
    pub reach: BotReach,
    /// Whom bots may be vouched for by, over `wss`.
    pub authorities: BotAuthorities,
    /// Where bots reach this program's own interface, as they are told: `http` or `https`, without a slash at the end.
    pub api: Option<String>,
}
