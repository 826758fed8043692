//! `dialtime holidays import`: what a file would change is shown, and then done unless it was only asked about.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, anyhow};
use calendar::{HolidayDay, HolidayKind, HolidayYear};
use domain::{
    FeedFailure, HolidayCalendars, HolidayChange, HolidayImport, HolidayImportOptions, HolidayImportRefusal,
    HttpUrl, ThinYear, plan_holiday_import,
};
use holiday_files::{HolidayFile, LARGEST_FILE, LeftOut, ReadOptions, UnclearAs};
use runner::HolidayAddressReader;
use store::{Store, holidays};

use super::{
    change,
    lines::{counted, dated, kind, plain},
    refuse_owned, today, warn_of_gaps,
};
use crate::{
    command::{ImportHolidays, UnclearEntries},
    manage::checked,
    output::say,
};

/// How many lines of a kind are shown at most.
const LINES_SHOWN: usize = 400;

/// Reads the file, with nothing but the file or its address.
pub(super) async fn read(arguments: &ImportHolidays) -> anyhow::Result<HolidayFile> {
    let options = ReadOptions {
        calendar: arguments.calendar.clone(),
        known_until: arguments.known_until,
        today: today(),
        unclear: arguments.unclear.map(unclear_as),
    };
    let path = &arguments.file;
    let bytes = match path.to_str().filter(|text| text.starts_with("http://") || text.starts_with("https://"))
    {
        Some(address) => bytes_at(address).await,
        None => bytes_of(path),
    };
    let read = bytes.and_then(|bytes| Ok(holiday_files::read(&bytes, &options)?));
    read.map_err(|error| anyhow!("{}", plain(&format!("{error:#}"))))
        .with_context(|| format!("nothing was imported: {}", path.display()))
}

pub(super) const fn unclear_as(entries: UnclearEntries) -> UnclearAs {
    match entries {
        UnclearEntries::DayOff => UnclearAs::DayOff,
        UnclearEntries::MakeupWorkday => UnclearAs::MakeupWorkday,
        UnclearEntries::Observance => UnclearAs::Observance,
        UnclearEntries::LeaveOut => UnclearAs::LeaveOut,
    }
}

/// The bytes of a file, one more than it may have at most.
fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let most = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// What an address has. Whoever is at this terminal may ask any, as with other programs.
async fn bytes_at(address: &str) -> anyhow::Result<Vec<u8>> {
    let url = checked("the address", HttpUrl::parse(address))?;
    let read = HolidayAddressReader::new(true).read(&url).await;
    read.map_err(|FeedFailure { fault, detail, .. }| {
        anyhow!("the address cannot be read: {fault:?} {detail}")
    })
}

pub(super) async fn run(store: &Store, file: &HolidayFile, arguments: &ImportHolidays) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load_to_import(&mut tx).await?;
    let options = HolidayImportOptions {
        allow_fewer_days: arguments.allow_fewer_days,
        drop_makeup_workdays: arguments.drop_makeup_workdays,
    };
    let id = file.years.first().map(|year| year.calendar().id().to_owned()).unwrap_or_default();
    refuse_owned(&mut tx, &id).await?;
    let planned =
        plan_holiday_import(&before, &file.years, options).map_err(|refusal| refused(&id, refusal))?;
    if !arguments.dry_run {
        holidays::import(&mut tx, &planned.years, &change()).await?;
        tx.commit().await?;
    }
    report(&before, &planned, &file.left_out);
    for year in &file.only_repeated {
        say(&format!(
            "warning: of {id} {year} the file has only days that repeat; holidays whose dates change from year to year may be missing. \
             Calls would go out on them; --known-until says how far the file is complete"
        ));
    }
    if !file.unknown_zones.is_empty() {
        let zones = file.unknown_zones.iter().map(|zone| plain(zone)).collect::<Vec<_>>().join(", ");
        say(&format!(
            "note: nobody knows these time zones, so days in them are taken as they are written: {zones}"
        ));
    }
    if arguments.dry_run {
        say("nothing was stored: --dry-run");
    }
    Ok(())
}

fn refused(id: &str, refusal: HolidayImportRefusal) -> anyhow::Error {
    match refusal {
        HolidayImportRefusal::FewerDays { year, known, new } => anyhow!(
            "nothing was imported: of {id} {year} {} are known, and it would have {}; if it is right, say --allow-fewer-days",
            counted(known, "day"),
            counted(new, "day")
        ),
        HolidayImportRefusal::Thin(ThinYear { year, days_off, usual, until }) => anyhow!(
            "nothing was imported: up to {until}, {id} {year} would have {}, and other years of {id} usually have {usual}. On the holidays \
             that are missing, calls would go out without a warning. If the file is complete, say --allow-fewer-days; if it is complete \
             up to an earlier date only, say --known-until YYYY-MM-DD",
            counted(days_off, "day off")
        ),
    }
}

/// Says what an import stores and changes.
fn report(before: &HolidayCalendars, planned: &HolidayImport, left_out: &[LeftOut]) {
    let id = planned.years.first().map_or("", |year| year.calendar().id());
    for year in &planned.years {
        let number = year.year();
        let replaced = before.get(id).is_some_and(|calendar| calendar.years().any(|year| year == number));
        let done = if replaced { "replaced by" } else { "added" };
        let days = year.calendar().days();
        if days.is_empty() {
            say(&format!("{id} {number}: added without days, for it lies before years that are known"));
            continue;
        }
        say(&format!("{id} {number}: {done} {}: {}", counted(days.len(), "day"), kinds(days)));
    }
    say(&format!("{id} is known until {}", planned.known_until));
    let (worked, off): (Vec<_>, Vec<_>) =
        planned.kept.iter().partition(|day| day.kind == HolidayKind::MakeupWorkday);
    for (kept, thing, how) in
        [(worked, "make-up workday", "; --drop-makeup-workdays takes them away"), (off, "other day", "")]
    {
        if !kept.is_empty() {
            say(&format!(
                "{} of years that the file has none of stay as they are{how}",
                counted(kept.len(), thing)
            ));
        }
    }
    say_all("left out", left_out, |left_out| {
        let date = left_out.date.map(|date| format!(", {date}")).unwrap_or_default();
        format!("  {}{date}: {}", plain(&left_out.place), plain(&left_out.reason.to_string()))
    });
    say_all("changes", &planned.changes, changed);
    let years: Vec<i16> = planned.years.iter().map(HolidayYear::year).collect();
    warn_of_gaps(id, planned.known_until, &years);
}

/// `33 days off, 6 make-up workdays`
fn kinds(days: &[HolidayDay]) -> String {
    let of = |is: fn(&HolidayDay) -> bool, thing: &str| {
        let number = days.iter().filter(|day| is(day)).count();
        (number > 0).then(|| counted(number, thing))
    };
    let told = [
        of(|day| day.kind.is_day_off(), "day off"),
        of(|day| day.kind == HolidayKind::MakeupWorkday, "make-up workday"),
        of(|day| day.kind == HolidayKind::HalfDay, "half day"),
        of(|day| day.kind == HolidayKind::Observance, "observance"),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `+` is a new day, `-` one that is gone, `~` one that is another.
fn changed(change: &HolidayChange) -> String {
    let named = |day: &HolidayDay| format!("{}  {}", dated(day), plain(&day.name));
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("  + {}", named(after)),
        (Some(before), None) => format!("  - {}", named(before)),
        (Some(before), Some(after)) => {
            format!("  ~ {}  (was: {}  {})", named(after), kind(before), plain(&before.name))
        }
        (None, None) => String::new(),
    }
}

fn say_all<T>(title: &str, all: &[T], line: impl Fn(&T) -> String) {
    if all.is_empty() {
        return;
    }
    say(&format!("{title}: {}", all.len()));
    all.iter().take(LINES_SHOWN).for_each(|one| say(&line(one)));
    if all.len() > LINES_SHOWN {
        say(&format!("  and {} more", all.len() - LINES_SHOWN));
    }
}
