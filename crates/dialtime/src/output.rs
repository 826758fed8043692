//! What the program says to the person at the terminal. Logs are [`crate::telemetry`]'s.

use std::io::Write;

/// What went wrong, with its causes; a cause that what is above it already tells is not repeated.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let add =
        |told: String, cause: String| if told.ends_with(&cause) { told } else { format!("{told}: {cause}") };
    error.chain().map(ToString::to_string).reduce(add).unwrap_or_default()
}

/// A line on standard output. Whoever closed it does not want to know.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow!("no such file").context("cannot read x: no such file").context("cannot start");
        assert_eq!(told(&error), "cannot start: cannot read x: no such file");
    }
}
