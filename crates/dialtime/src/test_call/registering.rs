//! A line that registers is registered for its test call, from where that leaves: its carrier takes calls from nowhere else.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use domain::{Line, LineRegistration};
use sip::SipCarrier;
use telephony::Carrier as _;
use tokio::time::Instant;

use super::ASKED_EVERY;
use crate::output::say;

/// How long registering may take, and taking that back.
const PATIENCE: Duration = Duration::from_secs(10);
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Registers a line, if it is one that does.
pub(super) async fn register(carrier: &SipCarrier, line: &Arc<Line>) -> anyhow::Result<()> {
    if !line.draft.settings.kind.registers() {
        return Ok(());
    }
    let begun = Instant::now();
    carrier.keep_registered(std::slice::from_ref(line));
    while begun.elapsed() < PATIENCE {
        match carrier.registration_reports().pop().map(|report| report.registration) {
            Some(LineRegistration::Registered) => {
                say(&format!("registered after {} ms", begun.elapsed().as_millis()));
                return Ok(());
            }
            Some(LineRegistration::Failed(failure)) => {
                let code = failure.code.map(|code| format!("{code} ")).unwrap_or_default();
                bail!(
                    "the line cannot be registered ({code}{}): `dialtime line check` says what to do",
                    failure.phrase
                );
            }
            None => {}
        }
        tokio::time::sleep(ASKED_EVERY).await;
    }
    bail!("the line cannot be registered: nobody answers")
}

/// Takes the registration back, if there is one.
pub(super) async fn take_back(carrier: &SipCarrier) {
    carrier.keep_registered(&[]);
    let begun = Instant::now();
    while carrier.takes_back_registrations() && begun.elapsed() < LAST_WORDS {
        tokio::time::sleep(ASKED_EVERY).await;
    }
}
