//! What repeats by days, weeks, months or years: `RRULE` of RFC 5545. A rule is counted out on civil dates: no zone and no clock has a part
//! in it.

use jiff::{
    Span, ToSpan,
    civil::{Date, DateTime, Weekday, date as civil_date},
};

/// The last day that a rule is counted out to.
const LAST: Date = civil_date(2200, 12, 31);
const MOST_DAYS_OF_A_YEAR: i16 = 366;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RepeatFrequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A rule, and the day from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepeatRule {
    start: Date,
    frequency: RepeatFrequency,
    interval: i32,
    count: Option<usize>,
    until: Option<Date>,
    months: Vec<i8>,
    weeks: Vec<i8>,
    year_days: Vec<i16>,
    month_days: Vec<i8>,
    /// Weekdays, with which of the month or the year: 1 is the first, -1 the last, 0 every one.
    weekdays: Vec<(i8, Weekday)>,
    positions: Vec<i16>,
    week_begins: Weekday,
}

impl RepeatRule {
    /// Reads the value of an `RRULE` of what begins then: the rule without its `UNTIL`, and that as it is written. `None`: it repeats in
    /// another way.
    pub(crate) fn parse(text: &str, begins: DateTime) -> Option<(RepeatRule, Option<&str>)> {
        let (mut rule, mut until, mut frequency) = (RepeatRule::daily(begins.date()), None, None);
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim());
            match name.as_str() {
                "FREQ" => frequency = Some(frequency_of(value)?),
                "UNTIL" => until = Some(value),
                // Some programs write the time at which it begins here too.
                "BYHOUR" if value.parse() == Ok(begins.hour()) => {}
                "BYMINUTE" if value.parse() == Ok(begins.minute()) => {}
                "BYSECOND" if value.parse() == Ok(begins.second()) => {}
                _ => rule.take(&name, value)?,
            }
        }
        rule.frequency = frequency?;
        let is_known = rule.is_known();
        rule.complete();
        is_known.then_some((rule, until))
    }

    fn daily(start: Date) -> Self {
        Self {
            start,
            frequency: RepeatFrequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: vec![],
            weeks: vec![],
            year_days: vec![],
            month_days: vec![],
            weekdays: vec![],
            positions: vec![],
            week_begins: Weekday::Monday,
        }
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "INTERVAL" => {
                self.interval = value.parse().ok().filter(|interval| (1..=100_000).contains(interval))?;
            }
            "COUNT" => self.count = Some(value.parse().ok().filter(|count| *count > 0)?),
            "BYMONTH" => self.months = numbers(value, 1..=12)?,
            "BYWEEKNO" => self.weeks = numbers(value, -53..=53)?,
            "BYYEARDAY" => self.year_days = numbers(value, -MOST_DAYS_OF_A_YEAR..=MOST_DAYS_OF_A_YEAR)?,
            "BYMONTHDAY" => self.month_days = numbers(value, -31..=31)?,
            "BYDAY" => self.weekdays = value.split(',').map(weekday).collect::<Option<_>>()?,
            "BYSETPOS" => self.positions = numbers(value, -MOST_DAYS_OF_A_YEAR..=MOST_DAYS_OF_A_YEAR)?,
            "WKST" => self.week_begins = weekday(value).filter(|(nth, _)| *nth == 0)?.1,
            _ => return None,
        }
        Some(())
    }

    /// Whether the RFC says what it means.
    fn is_known(&self) -> bool {
        let is_yearly = self.frequency == RepeatFrequency::Yearly;
        let may_be_nth = self.is_long() && self.weeks.is_empty();
        (is_yearly || (self.weeks.is_empty() && self.year_days.is_empty()))
            && (may_be_nth || self.weekdays.iter().all(|(nth, _)| *nth == 0))
            && (self.frequency != RepeatFrequency::Weekly || self.month_days.is_empty())
    }

    /// What a rule leaves out is as on the day from which it holds.
    fn complete(&mut self) {
        let picks_days =
            !(self.year_days.is_empty() && self.month_days.is_empty() && self.weekdays.is_empty());
        match self.frequency {
            _ if picks_days => {}
            RepeatFrequency::Weekly => self.weekdays.push((0, self.start.weekday())),
            RepeatFrequency::Yearly if !self.weeks.is_empty() => {
                self.weekdays.push((0, self.start.weekday()));
            }
            RepeatFrequency::Monthly | RepeatFrequency::Yearly => {
                if self.frequency == RepeatFrequency::Yearly && self.months.is_empty() {
                    self.months.push(self.start.month());
                }
                self.month_days.push(self.start.day());
            }
            RepeatFrequency::Daily => {}
        }
    }

    /// The same, with its last day.
    pub(crate) fn ending(self, until: Option<Date>) -> Self {
        Self { until, ..self }
    }

    /// The day from which it holds.
    pub(crate) const fn start(&self) -> Date {
        self.start
    }

    /// Whether it repeats by months or years, as holidays do.
    pub(crate) const fn is_long(&self) -> bool {
        matches!(self.frequency, RepeatFrequency::Monthly | RepeatFrequency::Yearly)
    }

    /// Whether it has an end.
    pub(crate) const fn is_finite(&self) -> bool {
        self.count.is_some() || self.until.is_some()
    }

    /// Its dates, if it is over within a year: they are as if each were written down.
    pub(crate) fn dates_of_one_year(&self) -> Option<Vec<Date>> {
        let last = self.start.saturating_add(1.year());
        let dates = self.dates(self.start, last);
        let is_over = self.until.is_some_and(|until| until <= last)
            || self.count.is_some_and(|count| dates.len() >= count);
        is_over.then_some(dates)
    }

    /// Its dates up to a day; those before `from` may be left out.
    pub(crate) fn dates(&self, from: Date, last: Date) -> Vec<Date> {
        let last = last.min(self.until.unwrap_or(LAST)).min(LAST);
        let mut dates = Vec::new();
        for (first, end) in self.periods(from).take_while(|(first, _)| *first <= last) {
            for date in self.of_period(first, end) {
                if date > last || self.count.is_some_and(|count| dates.len() >= count) {
                    return dates;
                }
                if date >= self.start {
                    dates.push(date);
                }
            }
        }
        dates
    }

    /// The first and the last day of each period. What is counted is counted from the start.
    fn periods(&self, from: Date) -> impl Iterator<Item = (Date, Date)> {
        let first = match self.frequency {
            RepeatFrequency::Daily => self.start,
            RepeatFrequency::Weekly => self.week_of(self.start),
            RepeatFrequency::Monthly => self.start.first_of_month(),
            RepeatFrequency::Yearly => self.start.first_of_year(),
        };
        let passed = match self.frequency {
            RepeatFrequency::Daily => days_between(first, from),
            RepeatFrequency::Weekly => days_between(first, from) / 7,
            RepeatFrequency::Monthly => {
                (i32::from(from.year()) - i32::from(first.year())) * 12 + i32::from(from.month())
                    - i32::from(first.month())
            }
            RepeatFrequency::Yearly => i32::from(from.year()) - i32::from(first.year()),
        };
        let skipped = if self.count.is_some() { 0 } else { passed.max(0) / self.interval };
        (skipped..).map_while(move |number| {
            let begins = self.after(first, number.checked_mul(self.interval)?)?;
            Some((begins, self.after(begins, 1).map_or(Date::MAX, |next| next.yesterday().unwrap_or(next))))
        })
    }

    /// So many of its days, weeks, months or years later.
    fn after(&self, date: Date, many: i32) -> Option<Date> {
        let span = match self.frequency {
            RepeatFrequency::Daily => Span::new().try_days(many),
            RepeatFrequency::Weekly => Span::new().try_weeks(many),
            RepeatFrequency::Monthly => Span::new().try_months(many),
            RepeatFrequency::Yearly => Span::new().try_years(many),
        };
        date.checked_add(span.ok()?).ok()
    }

    /// Its dates in one period, in order.
    fn of_period(&self, first: Date, last: Date) -> Vec<Date> {
        let days =
            if self.is_long() { self.days_by_month(first, last) } else { series(first, last).collect() };
        let dates: Vec<Date> = days.into_iter().filter(|date| self.has(*date)).collect();
        if self.positions.is_empty() {
            return dates;
        }
        let places = self.positions.iter().filter_map(|position| place(*position, dates.len()));
        let mut chosen: Vec<Date> = places.filter_map(|place| dates.get(place).copied()).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    /// The days of its months, or those of them that it numbers.
    fn days_by_month(&self, first: Date, last: Date) -> Vec<Date> {
        let months = first.series(1.month()).take_while(|month| *month <= last);
        let months = months.filter(|month| self.is_of_months(*month));
        months.flat_map(|month| self.days_of_month(month)).collect()
    }

    fn days_of_month(&self, month: Date) -> Vec<Date> {
        let many = month.days_in_month();
        let mut days: Vec<i8> = match self.month_days.as_slice() {
            [] => (1..=many).collect(),
            numbered => numbered.iter().map(|day| if *day < 0 { many + 1 + *day } else { *day }).collect(),
        };
        days.sort_unstable();
        days.dedup();
        days.into_iter().filter_map(|day| Date::new(month.year(), month.month(), day).ok()).collect()
    }

    fn is_of_months(&self, date: Date) -> bool {
        self.months.is_empty() || self.months.contains(&date.month())
    }

    fn has(&self, date: Date) -> bool {
        let of_month = (i16::from(date.day()), i16::from(date.days_in_month()));
        let of_year = (date.day_of_year(), date.days_in_year());
        // The week is of the year in which most of it lies.
        let middle = self.week_of(date).saturating_add(3.days());
        let of_weeks = ((middle.day_of_year() + 6) / 7, (middle.days_in_year() - middle.day_of_year()) / 7);
        let month_days: Vec<i16> = self.month_days.iter().map(|day| i16::from(*day)).collect();
        let is_of_weeks = self.weeks.iter().any(|week| {
            let week = i16::from(*week);
            week == of_weeks.0 || week == -(of_weeks.1 + 1)
        });
        self.is_of_months(date)
            && is_numbered(&month_days, of_month)
            && is_numbered(&self.year_days, of_year)
            && (self.weeks.is_empty() || is_of_weeks)
            && self.is_of_weekdays(date)
    }

    fn is_of_weekdays(&self, date: Date) -> bool {
        let is_by_month = self.frequency == RepeatFrequency::Monthly || !self.months.is_empty();
        let (before, after) = if is_by_month {
            (i16::from(date.day() - 1), i16::from(date.days_in_month() - date.day()))
        } else {
            (date.day_of_year() - 1, date.days_in_year() - date.day_of_year())
        };
        let is_nth = |nth: i16| nth == 0 || nth == before / 7 + 1 || nth == -(after / 7 + 1);
        self.weekdays.is_empty()
            || self
                .weekdays
                .iter()
                .any(|(nth, weekday)| *weekday == date.weekday() && is_nth(i16::from(*nth)))
    }

    /// The first day of the week of a date.
    fn week_of(&self, date: Date) -> Date {
        date.saturating_sub(date.weekday().since(self.week_begins).days())
    }
}

fn frequency_of(text: &str) -> Option<RepeatFrequency> {
    Some(match text.to_ascii_uppercase().as_str() {
        "DAILY" => RepeatFrequency::Daily,
        "WEEKLY" => RepeatFrequency::Weekly,
        "MONTHLY" => RepeatFrequency::Monthly,
        "YEARLY" => RepeatFrequency::Yearly,
        _ => return None,
    })
}

fn series(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(1.day()).take_while(move |date| *date <= last)
}

fn days_between(one: Date, other: Date) -> i32 {
    one.until(other).map_or(0, |span| span.get_days())
}

/// Whether a day, one of so many, is among these numbers, which may count from the end.
fn is_numbered(numbers: &[i16], (day, many): (i16, i16)) -> bool {
    numbers.is_empty() || numbers.contains(&day) || numbers.contains(&(day - many - 1))
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
fn weekday(text: &str) -> Option<(i8, Weekday)> {
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

    fn parsed<'r>(rule: &'r str, start: &str) -> Option<(RepeatRule, Option<&'r str>)> {
        RepeatRule::parse(rule, date(start)?.to_datetime(jiff::civil::Time::midnight()))
    }

    #[test]
    fn what_is_over_within_a_year_is_as_if_it_were_written_down() {
        let days = |rule, start| {
            let (rule, until) = parsed(rule, start)?;
            rule.ending(until.and_then(date)).dates_of_one_year().map(|dates| dates.len())
        };
        assert_eq!(days("FREQ=DAILY;COUNT=7", "20261001"), Some(7));
        assert_eq!(days("FREQ=WEEKLY;BYDAY=SA;UNTIL=20260831", "20260704"), Some(9));
        assert_eq!(days("FREQ=DAILY;UNTIL=20271001", "20261001"), Some(366));
        assert_eq!(days("FREQ=DAILY;UNTIL=20271002", "20261001"), None);
        assert_eq!(days("FREQ=WEEKLY", "20261001"), None);
        assert_eq!(days("FREQ=WEEKLY;COUNT=60", "20261001"), None);
    }

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
    // The following by python-dateutil.
    #[case("FREQ=YEARLY;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7,27,28,29,30;BYMONTH=11,12;BYSETPOS=2", "20251130", &["2025-11-30", "2026-11-29", "2027-11-28"])]
    #[case("FREQ=YEARLY;BYDAY=MO;BYSETPOS=1,-1", "20260105", &["2026-01-05", "2026-12-28", "2027-01-04", "2027-12-27"])]
    #[case("FREQ=YEARLY;BYYEARDAY=1,100,-1", "20260101", &["2026-01-01", "2026-04-10", "2026-12-31", "2027-01-01", "2027-04-10", "2027-12-31"])]
    #[case("FREQ=YEARLY;BYYEARDAY=366", "20240101", &["2024-12-31"])]
    #[case("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "20251229", &["2025-12-29", "2027-01-04"])]
    #[case("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO,FR", "20201228", &["2020-12-28", "2021-01-01", "2026-12-28", "2027-01-01"])]
    #[case("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO", "20251222", &["2025-12-22", "2026-12-28", "2027-12-27"])]
    #[case("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=SU", "20240512", &["2024-05-13", "2025-05-12", "2026-05-18", "2027-05-17"])]
    #[case("FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", "20260213", &["2026-02-13", "2026-03-13", "2026-11-13", "2027-08-13"])]
    #[case("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "20201103", &["2020-11-03", "2024-11-05"])]
    #[case("FREQ=YEARLY;BYDAY=1MO,-1FR", "20260105", &["2026-01-05", "2026-12-25", "2027-01-04", "2027-12-31"])]
    #[case("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "20270901", &["2027-09-30", "2027-10-29", "2027-11-30", "2027-12-31"])]
    #[case("FREQ=MONTHLY;INTERVAL=12", "20250501", &["2025-05-01", "2026-05-01", "2027-05-01"])]
    #[case("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "20260331", &["2026-03-31", "2026-05-31", "2026-07-31"])]
    #[case("FREQ=MONTHLY;INTERVAL=5", "20260831", &["2026-08-31", "2027-01-31"])]
    #[case("FREQ=MONTHLY;BYMONTH=6,7;BYDAY=-1SA", "20260601", &["2026-06-27", "2026-07-25", "2027-06-26", "2027-07-31"])]
    #[case("FREQ=DAILY;COUNT=3", "20261230", &["2026-12-30", "2026-12-31", "2027-01-01"])]
    #[case("FREQ=DAILY;INTERVAL=2;BYMONTH=10;UNTIL=20261007", "20261001", &["2026-10-01", "2026-10-03", "2026-10-05", "2026-10-07"])]
    #[case("FREQ=DAILY;BYMONTHDAY=15;COUNT=2", "20261101", &["2026-11-15", "2026-12-15"])]
    #[case("FREQ=WEEKLY;INTERVAL=2;COUNT=5;BYDAY=MO,SU;WKST=SU", "20260706", &["2026-07-06", "2026-07-19", "2026-07-20", "2026-08-02", "2026-08-03"])]
    #[case("FREQ=WEEKLY;INTERVAL=2;COUNT=5;BYDAY=MO,SU;WKST=MO", "20260706", &["2026-07-06", "2026-07-12", "2026-07-20", "2026-07-26", "2026-08-03"])]
    #[case("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1;COUNT=4", "20160104", &["2016-01-04", "2016-01-08", "2016-01-11", "2016-01-15"])]
    #[case("FREQ=WEEKLY;BYDAY=FR;BYMONTH=7,8;UNTIL=20260807", "20260717", &["2026-07-17", "2026-07-24", "2026-07-31", "2026-08-07"])]
    #[case("FREQ=YEARLY;BYHOUR=0;BYMINUTE=0;BYSECOND=0;BYDAY=SU;BYMONTH=11;BYSETPOS=4;WKST=SU", "20251123", &["2025-11-23", "2026-11-22", "2027-11-28"])]
    // Where the weekday of a week is not said, it is that of the start.
    #[case("FREQ=YEARLY;BYWEEKNO=3", "20260112", &["2026-01-12", "2027-01-18"])]
    fn rules_are_counted_out(#[case] rule: &str, #[case] start: &str, #[case] dates: &[&str]) {
        let (rule, until) = parsed(rule, start).unwrap();
        let found = rule.ending(until.and_then(date)).dates(date(start).unwrap(), civil_date(2027, 12, 31));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), dates);
    }

    #[rstest]
    fn other_rules_are_not_read(
        #[values(
            "FREQ=HOURLY",
            "FREQ=SECONDLY;COUNT=2",
            "FREQ=MONTHLY;BYWEEKNO=3",
            "FREQ=MONTHLY;BYYEARDAY=3",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO",
            "FREQ=YEARLY;BYWEEKNO=54",
            "FREQ=YEARLY;BYHOUR=9",
            "FREQ=YEARLY;BYEASTER=1",
            "FREQ=YEARLY;RSCALE=CHINESE",
            "FREQ=YEARLY;INTERVAL=0",
            "FREQ=YEARLY;COUNT=x",
            "FREQ",
            "",
            "FREQ=YEARLY;BYDAY=1XX"
        )]
        rule: &str,
    ) {
        assert_eq!(parsed(rule, "20260101"), None);
    }

    #[test]
    fn a_rule_of_long_ago_ends_by_itself() {
        for (rule, many) in [("FREQ=YEARLY", 2200), ("FREQ=MONTHLY", 26_400), ("FREQ=DAILY;COUNT=4", 4)] {
            let (rule, _) = parsed(rule, "00010101").unwrap();
            assert_eq!(rule.dates(rule.start(), Date::MAX).len(), many);
        }
        // What is not counted begins where it is asked.
        let (rule, _) = parsed("FREQ=DAILY;INTERVAL=3", "00010101").unwrap();
        assert!(rule.dates(civil_date(2026, 1, 1), civil_date(2026, 1, 9)).len() <= 4);
        let (rule, _) = parsed("FREQ=YEARLY;INTERVAL=100000", "00010101").unwrap();
        assert_eq!(rule.dates(rule.start(), Date::MAX).len(), 1);
    }
}
