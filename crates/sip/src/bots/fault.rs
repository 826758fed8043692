//! What came of a way to a bot, as it is told beyond this crate.

use domain::{BotFault, BotFaultKind};
use media::bot::{BotConnectFault, BotFailure};

/// How a call's bot failed.
pub(crate) fn fault_of(failure: &BotFailure) -> BotFault {
    let kind = match failure {
        BotFailure::NotConnected(fault) => return fault_of_way(fault),
        BotFailure::Lost(Some(close)) => return BotFault::new(BotFaultKind::Lost, &close.to_string()),
        BotFailure::Lost(None) => BotFaultKind::Lost,
        BotFailure::Stalled => BotFaultKind::Silent,
        BotFailure::BadMessage(_) => BotFaultKind::BadMessage,
        BotFailure::NoText => BotFaultKind::TooLong,
    };
    BotFault::new(kind, &failure.to_string())
}

/// Why a bot cannot be connected to.
pub(super) fn fault_of_way(fault: &BotConnectFault) -> BotFault {
    let kind = match fault {
        BotConnectFault::Unreachable(_) => BotFaultKind::Unreachable,
        BotConnectFault::Certificate(_) => BotFaultKind::Certificate,
        BotConnectFault::Handshake(_) => BotFaultKind::Handshake,
        BotConnectFault::TimedOut(_) => BotFaultKind::Slow,
        BotConnectFault::Full(_) => BotFaultKind::Full,
        BotConnectFault::Refused(_) => BotFaultKind::Refused,
    };
    BotFault::new(kind, &fault.to_string())
}
