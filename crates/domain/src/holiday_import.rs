//! What an import of holidays would do, before it is done.

use std::collections::BTreeMap;

use calendar::{HolidayCalendar, HolidayDay, HolidayKind, HolidayYear};
use jiff::civil::Date;

use crate::holidays::{HolidayCalendars, ThinYear, thin_year};

/// What whoever imports holidays takes upon himself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HolidayImportOptions {
    /// Years may have less than half as many days as those they replace, or as the calendar's other years.
    pub allow_fewer_days: bool,
    /// Years without make-up workdays take those away that the calendar has of them.
    pub drop_makeup_workdays: bool,
}

/// An import that may be done: the years to store, and what they change.
#[derive(Clone, Debug)]
pub struct HolidayImport {
    /// The years to store, with what is kept of those they replace.
    pub years: Vec<HolidayYear>,
    /// Days that the file says nothing of and that stay all the same: days off and make-up workdays are handed round in two files.
    pub kept: Vec<HolidayDay>,
    /// What changes, in the order of the dates.
    pub changes: Vec<HolidayChange>,
    /// To which date the calendar would be known.
    pub known_until: Date,
    /// Whether the calendar was known to another date, or not there.
    pub moves_horizon: bool,
}

impl HolidayImport {
    /// Whether anything of the calendar would be different.
    pub fn is_any_change(&self) -> bool {
        self.moves_horizon || !self.changes.is_empty()
    }
}

/// What an import changes about one date. At least one of both is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolidayChange {
    /// The day as it was.
    pub before: Option<HolidayDay>,
    /// The day as it would be.
    pub after: Option<HolidayDay>,
}

/// Why an import is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayImportRefusal {
    /// A file that was cut short, or is of another year than it seems, must not take the holidays of a year away.
    FewerDays {
        /// Which year.
        year: i16,
        /// How many days are known of it and would be replaced.
        known: usize,
        /// How many would be in their place.
        new: usize,
    },
    /// A file that names some holidays of a year only would have calls go out on all the others.
    Thin(ThinYear),
}

/// Plans the import of years, all of one calendar, into what there is.
///
/// # Errors
/// [`HolidayImportRefusal`].
pub fn plan_holiday_import(
    before: &HolidayCalendars,
    years: &[HolidayYear],
    options: HolidayImportOptions,
) -> Result<HolidayImport, HolidayImportRefusal> {
    let id = years.first().map_or("", |year| year.calendar().id());
    let known = before.get(id).map(|calendar| &**calendar);
    let mut kept = Vec::new();
    let whole: Vec<HolidayYear> =
        years.iter().map(|year| completed(year, known, options, &mut kept)).collect();
    if !options.allow_fewer_days {
        let mut pairs = years.iter().zip(&whole);
        pairs.try_for_each(|(year, whole)| refuse_fewer_days(known, year, whole))?;
        if let Some(thin) = thin_year(known, &whole) {
            return Err(HolidayImportRefusal::Thin(thin));
        }
    }
    let years = before.joined(id, whole);
    let after = before.with_years(id, &years);
    let known_until = after.as_ref().map_or(Date::MIN, HolidayCalendar::known_until);
    let changes = holiday_changes(known, after.as_ref());
    let moves_horizon = known.map(HolidayCalendar::known_until) != Some(known_until);
    Ok(HolidayImport { years, kept, changes, known_until, moves_horizon })
}

/// The year with what is kept of the one that it replaces: the make-up workdays where it has only other days, all others where it has only
/// make-up workdays.
fn completed(
    year: &HolidayYear,
    known: Option<&HolidayCalendar>,
    options: HolidayImportOptions,
    kept: &mut Vec<HolidayDay>,
) -> HolidayYear {
    let is_worked = |day: &HolidayDay| day.kind == HolidayKind::MakeupWorkday;
    let own = year.calendar().days();
    let (worked, others) = (own.iter().any(is_worked), own.iter().any(|day| !is_worked(day)));
    let keeps =
        |day: &HolidayDay| if is_worked(day) { !worked && !options.drop_makeup_workdays } else { !others };
    let Some(known) = known else { return year.clone() };
    let whole = year.keeping(known, keeps);
    kept.extend(
        whole.calendar().days().iter().filter(|day| year.calendar().day(day.date).is_none()).cloned(),
    );
    whole
}

/// Refuses a year of a file that has less than half of the days that it replaces, or leaves the calendar with less than half of the year's days off. What is
/// kept is neither: it makes nothing of the file complete. `whole` is the year with what is kept.
fn refuse_fewer_days(
    calendar: Option<&HolidayCalendar>,
    year: &HolidayYear,
    whole: &HolidayYear,
) -> Result<(), HolidayImportRefusal> {
    let days = calendar.map_or(&[][..], HolidayCalendar::days);
    let known = || days.iter().filter(|day| day.date.year() == year.year());
    let own = year.calendar().days();
    let kept = whole.calendar().days().len() - own.len();
    let is_off = |day: &&HolidayDay| day.kind.is_day_off();
    let off = whole.calendar().days().iter().filter(is_off).count();
    for (known, new) in [(known().count() - kept, own.len()), (known().filter(is_off).count(), off)] {
        if new * 2 < known {
            return Err(HolidayImportRefusal::FewerDays { year: year.year(), known, new });
        }
    }
    Ok(())
}

/// What differs between two states of a calendar, by date.
pub fn holiday_changes(
    before: Option<&HolidayCalendar>,
    after: Option<&HolidayCalendar>,
) -> Vec<HolidayChange> {
    let mut dates: BTreeMap<Date, (Option<&HolidayDay>, Option<&HolidayDay>)> = BTreeMap::new();
    for day in before.into_iter().flat_map(HolidayCalendar::days) {
        dates.entry(day.date).or_default().0 = Some(day);
    }
    for day in after.into_iter().flat_map(HolidayCalendar::days) {
        dates.entry(day.date).or_default().1 = Some(day);
    }
    let says = |day: &HolidayDay| (day.kind, day.name.clone(), day.stands_for, day.times.clone());
    let differ =
        |(before, after): &(Option<&HolidayDay>, Option<&HolidayDay>)| before.map(says) != after.map(says);
    let change = |(before, after): (Option<&HolidayDay>, Option<&HolidayDay>)| HolidayChange {
        before: before.cloned(),
        after: after.cloned(),
    };
    dates.into_values().filter(differ).map(change).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn years(days: &[(&str, &str)]) -> Vec<HolidayYear> {
        let day = |(date, kind): &(&str, &str)| format!(r#"{{"date":"{date}","kind":"{kind}","name":"x"}}"#);
        let days: Vec<String> = days.iter().map(day).collect();
        let text = format!(r#"{{"id":"CN","known_until":"2026-12-31","days":[{}]}}"#, days.join(","));
        HolidayCalendar::from_json(&text).unwrap().into_years().unwrap()
    }

    fn plan(days: &[(&str, &str)], options: HolidayImportOptions) -> HolidayImport {
        plan_holiday_import(&HolidayCalendars::built_in(), &years(days), options).unwrap()
    }

    const FEW: HolidayImportOptions =
        HolidayImportOptions { allow_fewer_days: true, drop_makeup_workdays: false };

    #[test]
    fn days_off_alone_leave_the_make_up_workdays() {
        let only_off = plan(&[("2026-10-01", "holiday")], FEW);
        assert_eq!((only_off.kept.len(), only_off.years[0].calendar().days().len()), (6, 7));
        assert!(only_off.kept.iter().all(|day| day.kind == HolidayKind::MakeupWorkday));
        assert!(only_off.years[0].calendar().notices().iter().any(|notice| notice.id == "2026"));
        let dropped =
            plan(&[("2026-10-01", "holiday")], HolidayImportOptions { drop_makeup_workdays: true, ..FEW });
        assert_eq!((dropped.kept.len(), dropped.years[0].calendar().days().len()), (0, 1));
        // What the file says of such a date holds.
        let named = plan(&[("2026-10-10", "holiday")], FEW);
        assert_eq!(named.kept.len(), 5);
        let both = plan(&[("2026-10-01", "holiday"), ("2026-10-10", "makeup_workday")], FEW);
        assert_eq!(both.kept.len(), 0);
    }

    #[test]
    fn make_up_workdays_alone_leave_the_days_off() {
        let only_worked = plan(&[("2026-10-17", "makeup_workday")], FEW);
        assert_eq!((only_worked.kept.len(), only_worked.years[0].calendar().days().len()), (33, 34));
        let removed = only_worked.changes.iter().filter(|change| change.after.is_none()).count();
        assert_eq!((only_worked.changes.len(), removed), (7, 6));
    }

    #[test]
    fn changes_are_told_by_date() {
        let first =
            HolidayCalendar::from_years(&years(&[("2026-05-01", "holiday"), ("2026-05-02", "holiday")]))
                .unwrap();
        let second =
            HolidayCalendar::from_years(&years(&[("2026-05-02", "observance"), ("2026-05-03", "holiday")]))
                .unwrap();
        let changes = holiday_changes(Some(&first), Some(&second));
        let kinds = |change: &HolidayChange| {
            (change.before.as_ref().map(|day| day.kind), change.after.as_ref().map(|day| day.kind))
        };
        let (off, named) = (HolidayKind::Holiday, HolidayKind::Observance);
        let expected = [(Some(off), None), (Some(off), Some(named)), (None, Some(off))];
        assert_eq!(changes.iter().map(kinds).collect::<Vec<_>>(), expected);
        assert_eq!(holiday_changes(Some(&first), Some(&first)), []);
        assert_eq!(holiday_changes(None, Some(&first))[0].after.as_ref().unwrap().date, date(2026, 5, 1));
    }

    #[test]
    fn an_import_that_takes_a_year_away_is_refused() {
        let plan = |days: &[(&str, &str)], options| {
            plan_holiday_import(&HolidayCalendars::built_in(), &years(days), options).map(|_| ())
        };
        let refused = |known, new| Err(HolidayImportRefusal::FewerDays { year: 2026, known, new });
        let usual = HolidayImportOptions::default();
        let dropping = HolidayImportOptions { drop_makeup_workdays: true, ..usual };
        // Make-up workdays that stay do not make a file whole.
        assert_eq!(plan(&[("2026-10-01", "holiday")], usual), refused(33, 1));
        assert_eq!(plan(&[("2026-10-01", "holiday")], dropping), refused(39, 1));
        assert_eq!(plan(&[("2026-10-17", "makeup_workday")], usual), refused(6, 1));
        let three = [
            ("2026-10-17", "makeup_workday"),
            ("2026-10-18", "makeup_workday"),
            ("2026-10-24", "makeup_workday"),
        ];
        assert_eq!(plan(&three, usual), Ok(()));
        // Nor do days that close nothing.
        let dates: Vec<String> = (1..=30).map(|day| format!("2026-03-{day:02}")).collect();
        let mut named: Vec<(&str, &str)> = dates.iter().map(|date| (date.as_str(), "observance")).collect();
        named.push(("2026-10-01", "holiday"));
        assert_eq!(plan(&named, usual), refused(33, 1));
    }

    #[test]
    fn earlier_years_take_nothing_away_of_what_is_known() {
        let of = |known_until: &str, dates: &[&str]| {
            let day = |date: &&str| format!(r#"{{"date":"{date}","kind":"holiday","name":"x"}}"#);
            let days: Vec<String> = dates.iter().map(day).collect();
            let text = format!(r#"{{"id":"XX","known_until":"{known_until}","days":[{}]}}"#, days.join(","));
            HolidayCalendar::from_json(&text).unwrap().into_years().unwrap()
        };
        let imported = |before: &HolidayCalendars, years: &[HolidayYear]| {
            let planned = plan_holiday_import(before, years, FEW).unwrap();
            let all: Vec<HolidayYear> = before.imported("XX").cloned().chain(planned.years.clone()).collect();
            let after = HolidayCalendars::with_imports(&all, 1);
            assert_eq!(after.get("XX").unwrap().known_until(), planned.known_until);
            after
        };
        let first = imported(&HolidayCalendars::built_in(), &of("2027-12-31", &["2027-05-20"]));
        let earlier = imported(&first, &of("2024-06-30", &["2024-05-20"]));
        assert_eq!(earlier.get("XX").unwrap().known_until(), date(2027, 12, 31));
        assert!(earlier.imported_years("XX").eq(2024..=2027));
        // A later year with a gap before it is not known.
        let later = imported(&earlier, &of("2029-12-31", &["2029-05-20"]));
        assert_eq!(later.get("XX").unwrap().known_until(), date(2027, 12, 31));
        let filled = imported(&later, &of("2028-12-31", &["2028-05-20"]));
        assert_eq!(filled.get("XX").unwrap().known_until(), date(2029, 12, 31));
    }
}
