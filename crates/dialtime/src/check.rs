//! `dialtime check`: the API's answers about a group in a file, without a server.

use std::path::Path;

use anyhow::Context;

use crate::{command::Check, output::say};

pub(crate) fn run(check: &Check) -> anyhow::Result<()> {
    let file = name(&check.group);
    let text = read(&check.group).with_context(|| format!("cannot read {file}"))?;
    let checked = api::check(&text, check.timezone, &check.at, check.until.as_deref())
        .with_context(|| format!("{file} cannot be checked"))?;
    say(&if check.json { checked.to_json()? } else { checked.to_table() });
    Ok(())
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
