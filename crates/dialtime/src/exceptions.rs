//! `dialtime exceptions`: what the timed events of a calendar come to as exceptions of a group, without a server.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, anyhow};
use calendar::ExceptionEffect;
use domain::Clock;
use holiday_files::{EventOptions, LARGEST_FILE, read_events};
use jiff::{ToSpan, civil::Date};

use crate::{
    command::{EventEffect, EventsToExceptions},
    output::{complain, say},
    system::SystemClock,
};

/// From the first day on, if no last one is named.
const DEFAULT_DAYS: i32 = 366;

/// Prints the exceptions as JSON, and what was left out beside them.
pub(crate) fn run(arguments: &EventsToExceptions) -> anyhow::Result<()> {
    let zone = arguments.timezone.time_zone().clone();
    let first = arguments.from.unwrap_or_else(|| zone.to_datetime(SystemClock.now()).date());
    let last = arguments.to.unwrap_or_else(|| first.saturating_add(DEFAULT_DAYS.days()));
    refuse(first, last)?;
    let effect = match arguments.effect {
        EventEffect::Add => ExceptionEffect::Add,
        EventEffect::Close => ExceptionEffect::Close,
    };
    let options = EventOptions { zone, days: (first, last), effect };
    let read = bytes_of(&arguments.file).and_then(|bytes| Ok(read_events(&bytes, &options)?));
    let read = read.with_context(|| arguments.file.display().to_string())?;
    for left_out in &read.left_out {
        complain(&format!("left out: {}: {}", left_out.place, left_out.reason));
    }
    // Only what an event says; the rest of an exception's members is as if it were left out.
    let exception = |exception: &calendar::ExceptionInput| {
        serde_json::json!({
            "name": exception.name, "effect": exception.effect, "begin_date": exception.begin_date,
            "end_date": exception.end_date, "times": exception.times,
        })
    };
    let exceptions: Vec<_> = read.exceptions.iter().map(exception).collect();
    say(&serde_json::to_string_pretty(&exceptions)?);
    Ok(())
}

/// As many days as the API takes.
fn refuse(first: Date, last: Date) -> anyhow::Result<()> {
    if last < first || last > first.saturating_add(400.days()) {
        return Err(anyhow!("--to must be a day from --from on, at most 400 days later"));
    }
    Ok(())
}

fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more, so that too many are seen.
    let most = u64::try_from(LARGEST_FILE + 1)?;
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
