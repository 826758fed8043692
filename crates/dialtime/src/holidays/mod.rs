//! `dialtime holidays`: which days off the program knows, importing those of another year while servers run, and taking
//! imports away again.

mod draft;
mod file;
mod icalendar;

use anyhow::{Context, bail};
use calendar::{HolidayCalendar, HolidayDay, HolidayKind, HolidayYear, Weekday};
use domain::{Clock, HolidayCalendars, ThinYear, is_near_horizon, thin_year};
use jiff::{civil::Date, tz::TimeZone};
use store::{
    Store, Tx,
    audit::{Actor, Change},
    holidays::{self, FollowingGroup},
};

use crate::{
    command::{self, Database},
    output::{complain, say},
    system::SystemClock,
};

/// What to do when a calendar's end is near.
pub(crate) const ADVICE: &str =
    "when the notice for the next year is out (usually in November), run `dialtime holidays import FILE`";

/// How many of the groups that follow a calendar are named.
const FOLLOWERS_NAMED: u32 = 20;

pub(crate) async fn run(database: &Database, command: command::Holidays) -> anyhow::Result<()> {
    match command {
        command::Holidays::List => list(&database.open_existing().await?).await,
        command::Holidays::Show { calendar, year } => {
            show(&database.open_existing().await?, &calendar, year).await
        }
        command::Holidays::Import { file, calendar, known_until, allow_fewer_days } => {
            let years = file::read(&file, calendar, known_until)
                .with_context(|| format!("nothing was imported: {}", file.display()))?;
            import(&database.open_existing().await?, &years, allow_fewer_days).await
        }
        command::Holidays::Remove { calendar, year } => {
            remove(&database.open_existing().await?, &calendar, year).await
        }
        command::Holidays::Undo => undo(&database.open_existing().await?).await,
    }
}

/// The present date, for who asks no zone in particular.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(SystemClock.now()).date()
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let all = holidays::load(&mut store.read().await?).await?;
    for calendar in all.iter() {
        let (years, source) = (calendar.years().count(), source(&all, calendar));
        let near = if is_near_horizon(calendar, today()) { format!("; {ADVICE}") } else { String::new() };
        let (id, known_until, years) = (calendar.id(), calendar.known_until(), counted(years, "year"));
        say(&format!("{id}  known until {known_until}  {years}  {source}{near}"));
    }
    Ok(())
}

/// Where a calendar's years come from.
fn source(all: &HolidayCalendars, calendar: &HolidayCalendar) -> String {
    let imported: Vec<String> = all.imported_years(calendar.id()).map(|year| year.to_string()).collect();
    let built_in = HolidayCalendars::built_in().get(calendar.id()).is_some();
    match (built_in, imported.is_empty()) {
        (true, true) => "built-in".to_owned(),
        (true, false) => format!("built-in, imported: {}", imported.join(" ")),
        (false, _) => "imported".to_owned(),
    }
}

async fn show(store: &Store, id: &str, year: Option<i16>) -> anyhow::Result<()> {
    let all = holidays::load(&mut store.read().await?).await?;
    let calendar = all.get(id).with_context(|| {
        let ids: Vec<&str> = all.iter().map(|calendar| calendar.id()).collect();
        format!("there is no holiday calendar {id:?}; there is {}", ids.join(", "))
    })?;
    let known_until = calendar.known_until();
    let asked = |day: &&HolidayDay| year.is_none_or(|year| day.date.year() == year);
    let days: Vec<&HolidayDay> = calendar.days().iter().filter(asked).collect();
    let of_year = year.map(|year| format!(" {year}")).unwrap_or_default();
    say(&format!("{id}{of_year}: {}, known until {known_until}", counted(days.len(), "day")));
    for day in &days {
        say(&line(calendar, day));
    }
    let cited = |id: &str| days.iter().any(|day| calendar.notice(day).is_some_and(|notice| notice.id == id));
    for notice in calendar.notices().iter().filter(|notice| year.is_none() || cited(&notice.id)) {
        say(&format!("notice {}  {}", plain(&notice.id), plain(&notice.address)));
    }
    Ok(())
}

/// `2026-02-14  Saturday   make-up workday  春节  notice 2026`
fn line(calendar: &HolidayCalendar, day: &HolidayDay) -> String {
    let kind = match day.kind {
        HolidayKind::Holiday => "day off",
        HolidayKind::MakeupWorkday => "make-up workday",
    };
    let weekday = Weekday::from(day.date.weekday());
    let stands_for =
        day.stands_for.map(|weekday| format!("  stands for {}", weekday.name())).unwrap_or_default();
    let notice =
        calendar.notice(day).map(|notice| format!("  notice {}", plain(&notice.id))).unwrap_or_default();
    format!("{}  {:<9}  {kind:<15}  {}{stands_for}{notice}", day.date, weekday.name(), plain(&day.name))
}

fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Text of a file on one line of the terminal, and without commands to it.
fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

async fn import(store: &Store, years: &[HolidayYear], allow_fewer_days: bool) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load_to_import(&mut tx).await?;
    if !allow_fewer_days {
        years.iter().try_for_each(|year| refuse_fewer_days(&before, year))?;
        refuse_thin_year(&before, years)?;
    }
    holidays::import(&mut tx, years, &change()).await?;
    let after = holidays::load(&mut tx).await?;
    tx.commit().await?;
    report(&before, &after, years);
    Ok(())
}

/// A file that was cut short, or is of another year than it seems, must not take the holidays of a year away.
fn refuse_fewer_days(before: &HolidayCalendars, year: &HolidayYear) -> anyhow::Result<()> {
    let (id, number) = (year.calendar().id(), year.year());
    let known = before.get(id).map_or(&[][..], |calendar| calendar.days());
    let known = known.iter().filter(|day| day.date.year() == number).count();
    let new = year.calendar().days().len();
    if new * 2 < known {
        bail!(
            "nothing was imported: of {id} {number} {} are known, and the file has {}; if it is right, say \
             --allow-fewer-days",
            counted(known, "day"),
            counted(new, "day")
        );
    }
    Ok(())
}

/// A file that names some holidays of a year only would have calls go out on all the others.
fn refuse_thin_year(before: &HolidayCalendars, years: &[HolidayYear]) -> anyhow::Result<()> {
    let Some(id) = years.first().map(|year| year.calendar().id()) else { return Ok(()) };
    let known = before.get(id).map(|calendar| &**calendar);
    let Some(ThinYear { year, days_off, usual, until }) = thin_year(known, years) else { return Ok(()) };
    bail!(
        "nothing was imported: up to {until}, {id} {year} would have {}, and other years of {id} usually have {usual}. On \
         the holidays that are missing, calls would go out without a warning. If the file is complete, say \
         --allow-fewer-days; if it is complete up to an earlier date only, say --known-until YYYY-MM-DD",
        counted(days_off, "day off").replace("day offs", "days off")
    );
}

fn change() -> Change {
    Change { actor: Actor::CommandLine, at: SystemClock.now() }
}

async fn remove(store: &Store, calendar: &str, year: Option<i16>) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load(&mut tx).await?;
    let years = match holidays::remove(&mut tx, calendar, year, &change()).await {
        Ok(years) => years,
        Err(store::Error::NotFound(_)) => bail!("{}", not_imported(&before, calendar, year)),
        Err(other) => return Err(other.into()),
    };
    finish_removal(tx, &before, calendar, &years).await
}

fn not_imported(before: &HolidayCalendars, calendar: &str, year: Option<i16>) -> String {
    let what = year.map_or_else(|| calendar.to_owned(), |year| format!("{calendar} {year}"));
    let imported: Vec<String> = before.imported_years(calendar).map(|year| year.to_string()).collect();
    let imported = if imported.is_empty() { "nothing".to_owned() } else { imported.join(" ") };
    format!("nothing was removed: {what} was not imported. Of {calendar}, {imported} was")
}

async fn undo(store: &Store) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load(&mut tx).await?;
    let (calendar, years) = match holidays::undo(&mut tx, &change()).await {
        Ok(undone) => undone,
        Err(store::Error::NotFound(_)) => bail!("there is no import or removal to take back"),
        Err(other) => return Err(other.into()),
    };
    finish_removal(tx, &before, &calendar, &years).await
}

/// Makes a removal or an undo last, unless groups follow a calendar that would be gone, and says what became of it.
async fn finish_removal(
    mut tx: Tx,
    before: &HolidayCalendars,
    calendar: &str,
    years: &[i16],
) -> anyhow::Result<()> {
    let after = holidays::load(&mut tx).await?;
    if after.get(calendar).is_none() {
        refuse_orphans(calendar, &holidays::followers(&mut tx, calendar, FOLLOWERS_NAMED + 1).await?)?;
    }
    tx.commit().await?;
    for &year in years {
        say(&format!("{calendar} {year}: {}", fate(before, &after, calendar, year)));
    }
    match after.get(calendar) {
        Some(left) => {
            say(&format!("{calendar} is known until {}", left.known_until()));
            let years: Vec<i16> = after.imported_years(calendar).collect();
            warn_of_gaps(left, &years);
        }
        None => say(&format!("{calendar} is gone: there is nothing left of it")),
    }
    Ok(())
}

/// What a year of a calendar is after a removal or an undo.
fn fate(before: &HolidayCalendars, after: &HolidayCalendars, calendar: &str, year: i16) -> String {
    let is_imported = |all: &HolidayCalendars| all.imported_years(calendar).any(|imported| imported == year);
    let is_built_in = HolidayCalendars::built_in().get(calendar).is_some_and(|built_in| {
        let mut years = built_in.years();
        years.any(|known| known == year)
    });
    match (is_imported(before), is_imported(after)) {
        (true, true) => "what was imported before is back".to_owned(),
        (false, true) => "the import is back".to_owned(),
        (_, false) if is_built_in => "as it comes with the program".to_owned(),
        (_, false) => "removed".to_owned(),
    }
}

fn refuse_orphans(calendar: &str, followers: &[FollowingGroup]) -> anyhow::Result<()> {
    if followers.is_empty() {
        return Ok(());
    }
    let name = |follower: &FollowingGroup| {
        let FollowingGroup { account, group, name } = follower;
        format!("group {group} ({}) of account {account}", plain(name))
    };
    let named = usize::try_from(FOLLOWERS_NAMED).unwrap_or(usize::MAX);
    let mut told: Vec<String> = followers.iter().take(named).map(name).collect();
    if followers.len() > named {
        told.push("and more".to_owned());
    }
    bail!("nothing was removed: {calendar} would be gone, and groups follow it: {}", told.join("; "));
}

/// Says what an import changed.
fn report(before: &HolidayCalendars, after: &HolidayCalendars, years: &[HolidayYear]) {
    for year in years {
        let (id, number, days) = (year.calendar().id(), year.year(), year.calendar().days().len());
        let replaced = before.get(id).is_some_and(|calendar| calendar.years().any(|year| year == number));
        let done = if replaced { "replaced by" } else { "added" };
        say(&format!("{id} {number}: {done} {}", counted(days, "day")));
    }
    let calendar = years.first().and_then(|year| after.get(year.calendar().id()));
    let Some(calendar) = calendar else { return };
    say(&format!("{} is known until {}", calendar.id(), calendar.known_until()));
    let years: Vec<i16> = years.iter().map(HolidayYear::year).collect();
    warn_of_gaps(calendar, &years);
}

/// Warns of imported years that nothing joins to those before.
fn warn_of_gaps(calendar: &HolidayCalendar, years: &[i16]) {
    let (id, known_until) = (calendar.id(), calendar.known_until());
    for year in years.iter().filter(|year| **year > known_until.year()) {
        complain(&format!(
            "warning: {id} {year} lies after a gap: import {} too, for {id} to be known further than {known_until}",
            known_until.year() + 1
        ));
    }
}
