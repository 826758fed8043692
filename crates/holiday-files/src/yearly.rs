//! What repeats every year: `RRULE:FREQ=YEARLY` of RFC 5545, for whole days.
//!
//! Holidays repeat by year, so other frequencies are not read. A rule is counted out on civil dates: no zone and no clock has a part in
//! it.

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// The last year that a rule is counted out to.
const LAST_YEAR: i16 = 2200;

/// A yearly rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YearlyRule {
    interval: i16,
    count: Option<usize>,
    until: Option<Date>,
    months: Vec<i8>,
    month_days: Vec<i8>,
    /// Weekdays, with which of the month or the year: 1 is the first, -1 the last, 0 every one.
    weekdays: Vec<(i8, Weekday)>,
    positions: Vec<i16>,
}

impl YearlyRule {
    /// Reads the value of an `RRULE`; `last_day` reads its `UNTIL`. `None`: it repeats in another way.
    pub(crate) fn parse(text: &str, last_day: impl Fn(&str) -> Option<Date>) -> Option<YearlyRule> {
        let mut rule = YearlyRule {
            interval: 1,
            count: None,
            until: None,
            months: vec![],
            month_days: vec![],
            weekdays: vec![],
            positions: vec![],
        };
        let mut is_yearly = false;
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let value = value.trim();
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => is_yearly = value.eq_ignore_ascii_case("YEARLY"),
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|interval| (1..=1000).contains(interval))?;
                }
                "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0)?),
                "UNTIL" => rule.until = Some(last_day(value)?),
                "BYMONTH" => rule.months = numbers(value, 1..=12)?,
                "BYMONTHDAY" => rule.month_days = numbers(value, -31..=31)?,
                "BYDAY" => rule.weekdays = value.split(',').map(weekday).collect::<Option<_>>()?,
                "BYSETPOS" => rule.positions = numbers(value, -366..=366)?,
                "WKST" => {}
                _ => return None,
            }
        }
        is_yearly.then_some(rule)
    }

    /// Whether it has an end.
    pub(crate) const fn is_finite(&self) -> bool {
        self.count.is_some() || self.until.is_some()
    }

    /// The dates of the rule from `start` on, up to the end of a year.
    pub(crate) fn dates(&self, start: Date, last_year: i16) -> Vec<Date> {
        let mut dates = Vec::new();
        let mut year = start.year();
        while year <= last_year.min(LAST_YEAR) {
            for date in self.of_year(start, year).into_iter().filter(|date| *date >= start) {
                let is_over = self.until.is_some_and(|until| date > until)
                    || self.count.is_some_and(|count| dates.len() >= count);
                if is_over {
                    return dates;
                }
                dates.push(date);
            }
            year = year.saturating_add(self.interval);
        }
        dates
    }

    /// Its dates in one year, in order.
    fn of_year(&self, start: Date, year: i16) -> Vec<Date> {
        let by_day = !self.weekdays.is_empty();
        let whole_year = by_day && self.months.is_empty() && self.month_days.is_empty();
        let dates: BTreeSet<Date> = if whole_year {
            self.weekdays_within(jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31))
        } else {
            self.months_of(start).into_iter().flat_map(|month| self.of_month(start, year, month)).collect()
        };
        let dates: Vec<Date> = dates.into_iter().collect();
        if self.positions.is_empty() { dates } else { self.at_positions(&dates) }
    }

    fn months_of(&self, start: Date) -> Vec<i8> {
        match (self.months.is_empty(), self.month_days.is_empty()) {
            (false, _) => self.months.clone(),
            (true, true) => vec![start.month()],
            (true, false) => (1..=12).collect(),
        }
    }

    fn of_month(&self, start: Date, year: i16, month: i8) -> BTreeSet<Date> {
        let first = jiff::civil::date(year, month, 1);
        let last = first.last_of_month();
        let numbered = |day: i8| if day < 0 { last.day() + 1 + day } else { day };
        let of_days = |days: &[i8]| -> BTreeSet<Date> {
            days.iter().filter_map(|day| Date::new(year, month, numbered(*day)).ok()).collect()
        };
        match (self.month_days.is_empty(), self.weekdays.is_empty()) {
            (true, true) => of_days(&[start.day()]),
            (false, true) => of_days(&self.month_days),
            (true, false) => self.weekdays_within(first, last),
            (false, false) => &of_days(&self.month_days) & &self.weekdays_within(first, last),
        }
    }

    /// The weekdays between two dates, both included.
    fn weekdays_within(&self, first: Date, last: Date) -> BTreeSet<Date> {
        let mut found = BTreeSet::new();
        for (nth, weekday) in &self.weekdays {
            let all = first.series(1.day()).take_while(|date| *date <= last);
            let all: Vec<Date> = all.filter(|date| date.weekday() == *weekday).collect();
            match place(i16::from(*nth), all.len()) {
                _ if *nth == 0 => found.extend(all),
                Some(at) => found.extend(all.get(at)),
                None => {}
            }
        }
        found
    }

    fn at_positions(&self, dates: &[Date]) -> Vec<Date> {
        let chosen: BTreeSet<Date> = self
            .positions
            .iter()
            .filter_map(|position| dates.get(place(*position, dates.len())?).copied())
            .collect();
        chosen.into_iter().collect()
    }
}

/// The place of the n-th of so many, or from the end where it is below 0.
fn place(nth: i16, many: usize) -> Option<usize> {
    let distance = usize::from(nth.unsigned_abs());
    if nth > 0 { Some(distance - 1) } else { many.checked_sub(distance) }
}

/// A date of the form `YYYYMMDD`, whatever follows it.
pub(crate) fn date(text: &str) -> Option<Date> {
    let digits = text.trim().get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Date::strptime("%Y%m%d", digits).ok()
}

fn numbers<N: std::str::FromStr + PartialOrd + Default>(
    text: &str,
    range: std::ops::RangeInclusive<N>,
) -> Option<Vec<N>> {
    let number = |text: &str| {
        text.trim().parse().ok().filter(|number| range.contains(number) && *number != N::default())
    };
    text.split(',').map(number).collect()
}

/// `MO`, `2MO`, `-1FR`.
pub(crate) fn weekday(text: &str) -> Option<(i8, Weekday)> {
    let text = text.trim().trim_start_matches('+');
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at))?;
    let (nth, name) = text.split_at(at);
    let nth = if nth.is_empty() {
        0
    } else {
        nth.parse().ok().filter(|nth| (-53..=53).contains(nth) && *nth != 0)?
    };
    let weekday = match name.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    Some((nth, weekday))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("FREQ=YEARLY", "20240101", &["2024-01-01", "2025-01-01", "2026-01-01", "2027-01-01"])]
    #[case("freq=yearly;interval=2;wkst=su", "20240101", &["2024-01-01", "2026-01-01"])]
    #[case("FREQ=YEARLY;COUNT=2", "20240101", &["2024-01-01", "2025-01-01"])]
    #[case("FREQ=YEARLY;UNTIL=20260101", "20240101", &["2024-01-01", "2025-01-01", "2026-01-01"])]
    #[case("FREQ=YEARLY;UNTIL=20251231T155959Z", "20240101", &["2024-01-01", "2025-01-01"])]
    #[case("FREQ=YEARLY", "20240229", &["2024-02-29"])]
    #[case("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "20241128", &["2024-11-28", "2025-11-27", "2026-11-26", "2027-11-25"])]
    #[case("FREQ=YEARLY;BYDAY=-1MO;BYMONTH=5", "20240527", &["2024-05-27", "2025-05-26", "2026-05-25", "2027-05-31"])]
    #[case("FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1", "20260501", &["2026-05-01", "2026-10-01", "2027-05-01", "2027-10-01"])]
    #[case("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "20240229", &["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"])]
    #[case("FREQ=YEARLY;BYMONTH=10;BYDAY=MO;BYMONTHDAY=8,9,10,11,12,13,14", "20251013", &["2025-10-13", "2026-10-12", "2027-10-11"])]
    #[case("FREQ=YEARLY;BYDAY=1MO", "20260105", &["2026-01-05", "2027-01-04"])]
    #[case("FREQ=YEARLY;BYMONTH=11;BYDAY=MO,TU;BYSETPOS=-1", "20261130", &["2026-11-30", "2027-11-30"])]
    #[case("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "20240201", &[])]
    fn rules_are_counted_out(#[case] rule: &str, #[case] start: &str, #[case] dates: &[&str]) {
        let found = YearlyRule::parse(rule, date).unwrap().dates(date(start).unwrap(), 2027);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), dates);
    }

    #[rstest]
    fn other_rules_are_not_read(
        #[values(
            "FREQ=WEEKLY",
            "FREQ=YEARLY;BYWEEKNO=3",
            "FREQ=YEARLY;INTERVAL=0",
            "FREQ=YEARLY;COUNT=x",
            "FREQ",
            "",
            "FREQ=YEARLY;BYDAY=1XX"
        )]
        rule: &str,
    ) {
        assert_eq!(YearlyRule::parse(rule, date), None);
    }

    #[test]
    fn a_rule_of_long_ago_ends_by_itself() {
        let rule = YearlyRule::parse("FREQ=YEARLY", date).unwrap();
        assert_eq!(rule.dates(date("00010101").unwrap(), i16::MAX).len(), 2200);
    }
}
