//! What the program says to the person at the terminal. Logs are [`crate::telemetry`]'s.

use std::io::Write;

/// A line on standard output. Whoever closed it does not want to know.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
