//! `dialtime check`: the API's answers about a group in a file, without a server. Its exit code is the answer, for scripts; who asks for
//! JSON reads the answer there.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use domain::Clock;

use crate::{
    command::Check,
    output::{complain, say},
    system::SystemClock,
};

/// The exit codes beside 0, which is that a call is allowed.
const NOT_ALLOWED: u8 = 1;
const NO_ANSWER: u8 = 2;

pub(crate) fn run(check: &Check) -> ExitCode {
    match answer(check) {
        Ok(allowed) if allowed || check.json => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(NOT_ALLOWED),
        Err(error) => {
            complain(&format!("dialtime: {error:#}"));
            ExitCode::from(NO_ANSWER)
        }
    }
}

/// Prints the answer, and gives whether a call is allowed.
fn answer(check: &Check) -> anyhow::Result<bool> {
    let file = name(&check.group);
    let text = read(&check.group).with_context(|| format!("cannot read {file}"))?;
    let at = if check.at == "now" { SystemClock.now().to_string() } else { check.at.clone() };
    let checked = api::check(&text, check.timezone, &at, check.until.as_deref())
        .with_context(|| format!("{file} cannot be checked"))?;
    say(&if check.json { checked.to_json()? } else { checked.to_table() });
    Ok(checked.is_allowed())
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn read(path: &Path) -> std::io::Result<String> {
    if is_standard_input(path) {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    }
}
