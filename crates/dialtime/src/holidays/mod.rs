//! `dialtime holidays`: which days off the program knows, and importing those of another year while servers run.

mod file;
mod icalendar;

use anyhow::{Context, bail};
use calendar::{HolidayCalendar, HolidayDay, HolidayKind, HolidayYear, Weekday};
use domain::{Clock, HolidayCalendars, is_near_horizon};
use jiff::{civil::Date, tz::TimeZone};
use store::{
    Store,
    audit::{Actor, Change},
    holidays,
};

use crate::{
    command::{self, Database},
    output::{complain, say},
    system::SystemClock,
};

/// What to do when a calendar's end is near.
pub(crate) const ADVICE: &str =
    "when the notice for the next year is out (usually in November), run `dialtime holidays import FILE`";

pub(crate) async fn run(database: &Database, command: command::Holidays) -> anyhow::Result<()> {
    match command {
        command::Holidays::List => list(&database.open_and_migrate().await?).await,
        command::Holidays::Show { calendar, year } => {
            show(&database.open_and_migrate().await?, &calendar, year).await
        }
        command::Holidays::Import { file, calendar, known_until, allow_fewer_days } => {
            // The file first: a bad one shall not even make a database.
            let years = file::read(&file, calendar, known_until)
                .with_context(|| format!("nothing was imported: {}", file.display()))?;
            import(&database.open_and_migrate().await?, &years, allow_fewer_days).await
        }
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
    let before = holidays::load(&mut tx).await?;
    if !allow_fewer_days {
        years.iter().try_for_each(|year| refuse_fewer_days(&before, year))?;
    }
    let change = Change { actor: Actor::CommandLine, at: SystemClock.now() };
    holidays::import(&mut tx, years, &change).await?;
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
    let (id, known_until) = (calendar.id(), calendar.known_until());
    say(&format!("{id} is known until {known_until}"));
    for year in years.iter().filter(|year| year.year() > known_until.year()) {
        complain(&format!(
            "warning: {id} {} lies after a gap: import {} too, for {id} to be known further than {known_until}",
            year.year(),
            known_until.year() + 1
        ));
    }
}
