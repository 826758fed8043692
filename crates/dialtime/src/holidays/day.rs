//! `dialtime holidays set-day` and `remove-day`: single days of a calendar of the installation.

use anyhow::{Context, bail};
use calendar::{HolidayDayInput, HolidayKind, WindowInput};
use domain::{CalendarOwner, HolidayCalendarId, years_with_day};
use jiff::civil::Date;
use store::{Store, holidays};

use super::{
    change,
    lines::{line, plain},
};
use crate::{
    command::{HolidayKindWord, SetHoliday},
    output::say,
};

pub(super) async fn set(store: &Store, day: SetHoliday) -> anyhow::Result<()> {
    let SetHoliday { calendar, date, kind, name, stands_for, open } = day;
    let times = open.iter().map(|text| window(text)).collect::<anyhow::Result<Vec<_>>>()?;
    let (date_text, kind, notice) = (date.to_string(), HolidayKind::from(kind), None);
    let input = HolidayDayInput { date: date_text, kind, name, stands_for, notice, times };
    put(store, &calendar, date, Some(input)).await
}

pub(super) async fn remove(store: &Store, calendar: &str, date: Date) -> anyhow::Result<()> {
    put(store, calendar, date, None).await
}

/// `09:00-12:00`
fn window(text: &str) -> anyhow::Result<WindowInput> {
    let (begin, end) = text.split_once('-').context("--open is a time such as 09:00-12:00")?;
    Ok(WindowInput { begin_time: begin.trim().to_owned(), end_time: end.trim().to_owned() })
}

async fn put(store: &Store, id: &str, date: Date, day: Option<HolidayDayInput>) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let before = holidays::load_to_import(&mut tx).await?;
    let own = holidays::own(&mut tx, CalendarOwner::Installation, &HolidayCalendarId::new(id)).await;
    let calendar = before.get(id).filter(|_| own.is_ok());
    let calendar = calendar.with_context(|| {
        format!("there is no holiday calendar {id:?} of the installation: import it first")
    })?;
    if day.is_none() && calendar.day(date).is_none() {
        bail!("nothing was removed: {id} says nothing of {date}");
    }
    let is_set = day.is_some();
    let years = years_with_day(&before, id, date, day).map_err(|faults| {
        let told = faults.iter().map(|fault| format!("{}: {}", fault.path, fault.rule));
        anyhow::anyhow!("nothing was changed: {}", told.collect::<Vec<_>>().join("; "))
    })?;
    holidays::import(&mut tx, &years, &change()).await?;
    let after = holidays::load(&mut tx).await?;
    tx.commit().await?;
    let set = after.get(id).and_then(|calendar| Some((calendar, calendar.day(date)?)));
    match set.filter(|_| is_set) {
        Some((calendar, day)) => say(&line(calendar, day)),
        None => say(&format!("{} {date}: a day like any other", plain(id))),
    }
    Ok(())
}

impl From<HolidayKindWord> for HolidayKind {
    fn from(word: HolidayKindWord) -> Self {
        match word {
            HolidayKindWord::Holiday => Self::Holiday,
            HolidayKindWord::MovedHoliday => Self::MovedHoliday,
            HolidayKindWord::MakeupWorkday => Self::MakeupWorkday,
            HolidayKindWord::HalfDay => Self::HalfDay,
            HolidayKindWord::Observance => Self::Observance,
        }
    }
}
