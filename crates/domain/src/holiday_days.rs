//! Single days of a holiday calendar, set and taken away by hand.
//!
//! A day that is set or taken away never changes how far a calendar is known: a year that has lost its last day is known to have none.

use calendar::{CalendarFault, HolidayCalendar, HolidayDayInput, HolidayYear, MAX_HOLIDAY_DAYS, Rule};
use jiff::civil::Date;

use crate::holidays::{HolidayCalendars, empty_year};

/// The years of a calendar that change when one of its days does: becomes another, is added, or is taken away.
///
/// # Errors
/// The faults of the day; of a day that is set also that its year is not known to the date, or that the calendar has too many days.
pub fn years_with_day(
    calendars: &HolidayCalendars,
    id: &str,
    date: Date,
    day: Option<HolidayDayInput>,
) -> Result<Vec<HolidayYear>, Vec<CalendarFault>> {
    let number = date.year();
    // A day of a year's last week may stand in the year after.
    let others = calendars.imported(id).filter(|year| year.year() != number);
    let mut standing: Vec<HolidayYear> =
        others.filter(|year| year.calendar().day(date).is_some()).cloned().collect();
    let own = own_year(calendars, id, number).or_else(|| standing.pop());
    let mut changed = standing.iter().map(|year| edited(year, date, None)).collect::<Result<Vec<_>, _>>()?;
    let own = match (own, &day) {
        (Some(own), _) => Some(own),
        (None, Some(_)) => Some(new_year(calendars, id, number)?),
        (None, None) => None,
    };
    if let Some(own) = own {
        let after = edited(&own, date, day)?;
        changed.extend((after != own).then_some(after));
    }
    Ok(calendars.joined(id, changed))
}

/// A calendar's year that was imported or comes with the program.
fn own_year(calendars: &HolidayCalendars, id: &str, number: i16) -> Option<HolidayYear> {
    let imported = calendars.imported(id).find(|year| year.year() == number).cloned();
    imported.or_else(|| {
        let built_in = HolidayCalendars::built_in();
        let years = HolidayCalendar::clone(built_in.get(id)?).into_years().unwrap_or_default();
        years.into_iter().find(|year| year.year() == number)
    })
}

/// A year that the calendar has nothing of, though it counts as known: one before its first.
fn new_year(calendars: &HolidayCalendars, id: &str, number: i16) -> Result<HolidayYear, Vec<CalendarFault>> {
    let Some(calendar) = calendars.get(id).filter(|calendar| number <= calendar.known_until().year()) else {
        return Err(vec![CalendarFault::new("date", Rule::AfterKnownUntil)]);
    };
    if calendar.days().len() >= MAX_HOLIDAY_DAYS {
        return Err(vec![CalendarFault::new("days", Rule::TooManyHolidayDays)]);
    }
    empty_year(id, number).map_err(|faults| of_date(&faults))
}

/// What is wrong with the year of a date is wrong with the date.
fn of_date(faults: &[CalendarFault]) -> Vec<CalendarFault> {
    faults.iter().map(|fault| CalendarFault::new("date", fault.rule)).collect()
}

/// A year with another day, or without one.
fn edited(
    year: &HolidayYear,
    date: Date,
    day: Option<HolidayDayInput>,
) -> Result<HolidayYear, Vec<CalendarFault>> {
    let mut input = year.calendar().to_input();
    input.days.retain(|other| other.date != date.to_string());
    // Last, so that its faults can be told from those of days that are there.
    let place = input.days.len();
    input.days.extend(day);
    let own = |fault: CalendarFault| match fault.path.strip_prefix(&format!("days[{place}].")) {
        Some(member) => CalendarFault::new(member.to_owned(), fault.rule),
        None => fault,
    };
    HolidayYear::parse(year.year(), input).map_err(|faults| faults.into_iter().map(own).collect())
}

#[cfg(test)]
mod tests {
    use calendar::HolidayKind;
    use jiff::civil::date;

    use super::*;

    fn calendar(days: &[&str], known_until: &str) -> HolidayCalendars {
        let day = |date: &&str| format!(r#"{{"date":"{date}","kind":"holiday","name":"x"}}"#);
        let days: Vec<String> = days.iter().map(day).collect();
        let text = format!(r#"{{"id":"XX","known_until":"{known_until}","days":[{}]}}"#, days.join(","));
        let years = HolidayCalendar::from_json(&text).unwrap().into_years().unwrap();
        HolidayCalendars::with_imports(&years, 1)
    }

    fn with(
        calendars: &HolidayCalendars,
        id: &str,
        date: Date,
        is_set: bool,
    ) -> Result<HolidayCalendars, Rule> {
        let (kind, name) = (HolidayKind::Holiday, "by hand".to_owned());
        let day = HolidayDayInput {
            date: date.to_string(),
            kind,
            name,
            stands_for: None,
            notice: None,
            times: vec![],
        };
        let changed =
            years_with_day(calendars, id, date, is_set.then_some(day)).map_err(|faults| faults[0].rule)?;
        let all: Vec<HolidayYear> = calendars.imported(id).cloned().chain(changed).collect();
        Ok(HolidayCalendars::with_imports(&all, 2))
    }

    /// Sets a day, and takes it away again: how far all is known stays.
    #[track_caller]
    fn set_and_removed(before: &HolidayCalendars, id: &str, date: Date) {
        let known = |all: &HolidayCalendars| {
            let calendar = all.get(id).unwrap();
            (calendar.known_until(), calendar.days().len(), calendar.day(date).is_some())
        };
        let (known_until, days, _) = known(before);
        let set = with(before, id, date, true).unwrap();
        assert_eq!(known(&set), (known_until, days + 1, true));
        assert_eq!(known(&with(&set, id, date, false).unwrap()), (known_until, days, false));
        // So do the days that were there.
        for other in before.get(id).unwrap().days().iter().rev().take(3) {
            let without = with(&set, id, other.date, false).unwrap();
            assert_eq!(known(&without), (known_until, days, true), "{}", other.date);
        }
    }

    #[test]
    fn a_day_that_is_set_can_be_removed_and_moves_no_horizon() {
        let one = calendar(&["2027-05-20"], "2027-12-31");
        for date in
            [date(2027, 1, 1), date(2026, 12, 31), date(2026, 3, 1), date(2025, 12, 24), date(1970, 1, 1)]
        {
            set_and_removed(&one, "XX", date);
        }
        // The last week of the year before came with the year.
        let joined = calendar(&["2026-12-26", "2027-05-20"], "2027-12-31");
        for date in [date(2026, 11, 29), date(2026, 12, 27), date(2025, 12, 24)] {
            set_and_removed(&joined, "XX", date);
        }
        let gap = calendar(&["2026-05-20", "2028-05-20"], "2028-12-31");
        for date in [date(2025, 5, 20), date(2026, 6, 1), date(2028, 6, 1)] {
            set_and_removed(&gap, "XX", date);
        }
        set_and_removed(&HolidayCalendars::built_in(), "CN", date(1999, 12, 24));
        set_and_removed(&HolidayCalendars::built_in(), "CN", date(2018, 12, 20));
    }

    #[test]
    fn a_year_without_its_last_day_stays_known() {
        let one = calendar(&["2027-05-20"], "2027-12-31");
        let none = with(&one, "XX", date(2027, 5, 20), false).unwrap();
        let left = none.get("XX").unwrap();
        assert_eq!((left.known_until(), left.days().len()), (date(2027, 12, 31), 0));
        set_and_removed(&none, "XX", date(2027, 5, 20));
    }

    #[test]
    fn a_day_that_came_with_the_year_after_is_removed_and_set_anew() {
        let next = r#"{"id":"CN","known_until":"2027-12-31","days":[
            {"date":"2026-12-31","kind":"holiday","name":"x"}, {"date":"2027-01-01","kind":"holiday","name":"x"}]}"#;
        let years = HolidayCalendar::from_json(next).unwrap().into_years().unwrap();
        let china = HolidayCalendars::with_imports(&years, 1);
        let date = date(2026, 12, 31);
        let named = |all: &HolidayCalendars| all.get("CN").unwrap().day(date).map(|day| day.name.clone());
        assert_eq!(named(&china).as_deref(), Some("x"));
        assert_eq!(named(&with(&china, "CN", date, false).unwrap()), None);
        assert_eq!(named(&with(&china, "CN", date, true).unwrap()).as_deref(), Some("by hand"));
    }

    #[test]
    fn a_day_after_what_is_known_is_refused() {
        let gap = calendar(&["2026-05-20", "2028-05-20"], "2028-06-30");
        for (date, rule) in [
            (date(2027, 1, 1), Rule::AfterKnownUntil),
            (date(2028, 7, 1), Rule::AfterKnownUntil),
            (date(2029, 1, 1), Rule::AfterKnownUntil),
            (date(1969, 1, 1), Rule::DateOutOfRange),
        ] {
            assert_eq!(with(&gap, "XX", date, true).map(|_| ()), Err(rule), "{date}");
        }
    }
}
