//! `dialtime holidays`: which days off the program knows, importing those of another year while servers run, and taking
//! imports away again.

mod day;
mod feed;
mod import;
mod lines;

use anyhow::{Context, bail};
use calendar::{HolidayCalendar, HolidayDay};
use domain::{CalendarOwner, Clock, HolidayCalendars, is_near_horizon};
use jiff::{civil::Date, tz::TimeZone};
use store::{
    Store, Tx,
    audit::{Actor, Change},
    holidays::{self, FollowingGroup},
};

use self::lines::{counted, line, plain};
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
        command::Holidays::Import(arguments) => {
            let file = import::read(&arguments).await?;
            let dry_run = arguments.dry_run;
            let store =
                if dry_run { database.open_existing().await? } else { database.open_to_begin().await? };
            import::run(&store, &file, &arguments).await
        }
        command::Holidays::Remove { calendar, year } => {
            remove(&database.open_existing().await?, &calendar, year).await
        }
        command::Holidays::SetDay(day) => day::set(&database.open_existing().await?, day).await,
        command::Holidays::RemoveDay { calendar, date } => {
            day::remove(&database.open_existing().await?, &calendar, date).await
        }
        command::Holidays::Follow { calendar, url, unclear } => {
            feed::follow(&database.open_existing().await?, &calendar, &url, unclear).await
        }
        command::Holidays::Unfollow { calendar } => {
            feed::unfollow(&database.open_existing().await?, &calendar).await
        }
        command::Holidays::Undo => undo(&database.open_existing().await?).await,
    }
}

/// The present date, for who asks no zone in particular.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(SystemClock.now()).date()
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let mut read = store.read().await?;
    let all = holidays::load(&mut read).await?;
    let feeds = holidays::feeds::of_owner(&mut read, CalendarOwner::Installation).await?;
    for calendar in all.iter() {
        let (years, source) = (calendar.years().count(), source(&all, calendar));
        let near = if is_near_horizon(calendar, today()) { format!("; {ADVICE}") } else { String::new() };
        let (id, known_until, years) = (calendar.id(), calendar.known_until(), counted(years, "year"));
        let feed = feeds.iter().find(|feed| feed.calendar.as_str() == id);
        let feed = feed.map(feed::told).unwrap_or_default();
        say(&format!("{id}  known until {known_until}  {years}  {source}{feed}{near}"));
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

fn change() -> Change {
    Change { actor: Actor::CommandLine, at: SystemClock.now() }
}

async fn remove(store: &Store, calendar: &str, year: Option<i16>) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load_to_import(&mut tx).await?;
    refuse_owned(&mut tx, calendar).await?;
    let years = match holidays::remove(&mut tx, calendar, year, &change()).await {
        Ok(years) => years,
        Err(store::Error::NotFound(_)) => bail!("{}", not_imported(&before, calendar, year)),
        Err(other) => return Err(other.into()),
    };
    finish_removal(tx, &before, calendar, &years).await
}

/// Refuses to change a calendar that is not the installation's: whose it is would not know.
async fn refuse_owned(tx: &mut Tx, calendar: &str) -> anyhow::Result<()> {
    if holidays::owned_ids(tx).await?.contains(calendar) {
        bail!(
            "nothing was changed: {} belongs to a partner or an account, who changes it over the API or in the console",
            plain(calendar)
        );
    }
    Ok(())
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
        Err(store::Error::VersionMismatch(_)) => bail!(
            "nothing was taken back: the address that the calendar follows has replaced what was imported or removed last; \
             `dialtime holidays remove` takes that away"
        ),
        Err(other) => return Err(other.into()),
    };
    refuse_owned(&mut tx, &calendar).await?;
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
            warn_of_gaps(left.id(), left.known_until(), &years);
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

/// Warns of imported years that nothing joins to those before.
fn warn_of_gaps(id: &str, known_until: Date, years: &[i16]) {
    for year in years.iter().filter(|year| **year > known_until.year()) {
        complain(&format!(
            "warning: {id} {year} lies after a gap: import {} too, for {id} to be known further than {known_until}",
            known_until.year() + 1
        ));
    }
}
