//! Made-up files, read a second time by another reckoning: each day of ten years is asked by itself whether a rule has it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use proptest::{prelude::*, sample::select};

use crate::{calendar, days, known_until, read_with};

/// The first event of each file, by which it goes on from that year, and the last, by which it goes to the end of that one.
const ANCHOR: Date = date(2021, 6, 1);
const END_ANCHOR: Date = date(2029, 11, 30);
const LAST: Date = date(2029, 12, 31);

/// What a yearly rule picks of a year.
#[derive(Clone, Debug)]
enum Picks {
    TheDay,
    Months(Vec<i8>),
    MonthDays(Vec<i8>, Vec<i8>),
    OfMonth(Vec<i8>, Vec<(i8, Weekday)>),
    OfYear(Vec<(i8, Weekday)>),
    /// A weekday of these days of a month, as from the second Monday on.
    Within(i8, Vec<i8>, Weekday),
    /// The last of these weekdays of a month.
    LastOf(i8, Vec<Weekday>),
}

#[derive(Clone, Debug)]
struct Rule {
    picks: Picks,
    interval: i16,
    count: Option<usize>,
    until: Option<Date>,
}

/// How the days of an event are written.
#[derive(Clone, Copy, Debug)]
enum Form {
    NoEnd,
    Dates,
    Duration,
    /// From midnight to midnight of a zone.
    Midnights(&'static str),
}

#[derive(Clone, Debug)]
struct MadeEvent {
    name: &'static str,
    start: Date,
    length: i32,
    form: Form,
    rule: Option<Rule>,
    added: Vec<Date>,
    /// Which of its days are taken out, counted over its occurrences, and one that it may not have.
    taken_out: (Vec<usize>, Date),
}

fn code(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][usize::try_from(day.to_monday_zero_offset()).unwrap()]
}

fn list<T>(all: &[T], text: impl Fn(&T) -> String) -> String {
    all.iter().map(text).collect::<Vec<_>>().join(",")
}

fn by_day(days: &[(i8, Weekday)]) -> String {
    list(days, |(nth, day)| if *nth == 0 { code(*day).to_owned() } else { format!("{nth}{}", code(*day)) })
}

impl Rule {
    fn text(&self, form: Form) -> String {
        let number = |numbers: &Vec<i8>| list(numbers, ToString::to_string);
        let picks = match &self.picks {
            Picks::TheDay => String::new(),
            Picks::Months(months) => format!(";BYMONTH={}", number(months)),
            Picks::MonthDays(months, days) => {
                format!(";BYMONTHDAY={};BYMONTH={}", number(days), number(months))
            }
            Picks::OfMonth(months, days) => format!(";BYMONTH={};BYDAY={}", number(months), by_day(days)),
            Picks::OfYear(days) => format!(";BYDAY={}", by_day(days)),
            Picks::Within(month, days, day) => {
                format!(";BYMONTH={month};BYMONTHDAY={};BYDAY={}", number(days), code(*day))
            }
            Picks::LastOf(month, days) => {
                format!(";BYMONTH={month};BYDAY={};BYSETPOS=-1", list(days, |day| code(*day).to_owned()))
            }
        };
        let interval =
            if self.interval == 1 { String::new() } else { format!(";INTERVAL={}", self.interval) };
        let count = self.count.map(|count| format!(";COUNT={count}")).unwrap_or_default();
        let until = self.until.map(|until| format!(";UNTIL={}", instant(until, form))).unwrap_or_default();
        format!("FREQ=YEARLY{interval}{picks}{count}{until}")
    }

    /// Whether it picks a day, whatever its end.
    fn has(&self, day: Date, start: Date) -> bool {
        let is_of_year = day >= start && (day.year() - start.year()) % self.interval == 0;
        let last_of_month = day.last_of_month();
        // The place of a weekday among those of its month or year, from the front or from the back.
        let is_nth = |nth: i8, before: i32, after: i32| {
            let nth = i32::from(nth);
            nth == 0 || (nth > 0 && before / 7 + 1 == nth) || (nth < 0 && after / 7 + 1 == -nth)
        };
        let is_one_of = |days: &[(i8, Weekday)], before: i32, after: i32| {
            days.iter().any(|(nth, weekday)| *weekday == day.weekday() && is_nth(*nth, before, after))
        };
        let of_month = (i32::from(day.day()) - 1, i32::from(last_of_month.day() - day.day()));
        let of_year = (i32::from(day.day_of_year()) - 1, i32::from(day.days_in_year() - day.day_of_year()));
        is_of_year
            && match &self.picks {
                Picks::TheDay => (day.month(), day.day()) == (start.month(), start.day()),
                Picks::Months(months) => months.contains(&day.month()) && day.day() == start.day(),
                Picks::MonthDays(months, days) => {
                    let from_end = day.day() - last_of_month.day() - 1;
                    months.contains(&day.month()) && (days.contains(&day.day()) || days.contains(&from_end))
                }
                Picks::OfMonth(months, days) => {
                    months.contains(&day.month()) && is_one_of(days, of_month.0, of_month.1)
                }
                Picks::OfYear(days) => is_one_of(days, of_year.0, of_year.1),
                Picks::Within(month, days, weekday) => {
                    day.month() == *month && days.contains(&day.day()) && day.weekday() == *weekday
                }
                Picks::LastOf(month, days) => {
                    let is_later = |later: &i8| {
                        let later = date(day.year(), day.month(), *later);
                        days.contains(&later.weekday())
                    };
                    day.month() == *month
                        && days.contains(&day.weekday())
                        && !(day.day() + 1..=last_of_month.day()).any(|later| is_later(&later))
                }
            }
    }
}

/// A day as an end or an exception of an event says it: its midnight in universal time where the event has a zone.
fn instant(day: Date, form: Form) -> String {
    let text = |time: jiff::civil::DateTime| time.strftime("%Y%m%dT%H%M%SZ").to_string();
    match form {
        Form::Midnights(zone) => {
            let zone = jiff::tz::TimeZone::get(zone).unwrap();
            let instant = zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
            text(jiff::tz::TimeZone::UTC.to_datetime(instant))
        }
        _ => day.strftime("%Y%m%d").to_string(),
    }
}

impl MadeEvent {
    /// The first days of its occurrences by its rule, or its own.
    fn ruled(&self) -> Vec<Date> {
        let Some(rule) = &self.rule else { return vec![self.start] };
        let all = self.start.series(1.day()).take_while(|day| *day <= LAST);
        let all =
            all.filter(|day| rule.has(*day, self.start) && rule.until.is_none_or(|until| *day <= until));
        all.take(rule.count.unwrap_or(usize::MAX)).collect()
    }

    fn excepted(&self) -> BTreeSet<Date> {
        let ruled = self.ruled();
        let taken = self.taken_out.0.iter().filter_map(|at| ruled.get(*at).copied());
        taken.chain([self.taken_out.1]).collect()
    }

    /// Its days in the years of the file.
    fn days(&self) -> BTreeSet<Date> {
        let excepted = self.excepted();
        let starts: BTreeSet<Date> = self.ruled().into_iter().chain(self.added.iter().copied()).collect();
        let starts = starts.difference(&excepted);
        let days = starts.flat_map(|start| (0..self.length).map(|more| start.saturating_add(more.days())));
        days.filter(|day| (ANCHOR.year()..=LAST.year()).contains(&day.year())).collect()
    }

    fn text(&self) -> String {
        let plain = |day: Date| day.strftime("%Y%m%d").to_string();
        let end = self.start.saturating_add(self.length.days());
        let times = match self.form {
            Form::NoEnd => format!("DTSTART;VALUE=DATE:{}", plain(self.start)),
            Form::Dates => {
                format!("DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}", plain(self.start), plain(end))
            }
            Form::Duration => {
                format!("DTSTART;VALUE=DATE:{}\r\nDURATION:P{}D", plain(self.start), self.length)
            }
            Form::Midnights(zone) => format!(
                "DTSTART;TZID={zone}:{}T000000\r\nDTEND;TZID={zone}:{}T000000",
                plain(self.start),
                plain(end)
            ),
        };
        let rule =
            self.rule.as_ref().map(|rule| format!("\r\nRRULE:{}", rule.text(self.form))).unwrap_or_default();
        let dates = |name: &str, days: &[Date]| match days {
            [] => String::new(),
            days => format!("\r\n{name}:{}", list(days, |day| instant(*day, self.form))),
        };
        let excepted: Vec<Date> = self.excepted().into_iter().collect();
        format!(
            "{times}{rule}{}{}\r\nSUMMARY:{}",
            dates("RDATE", &self.added),
            dates("EXDATE", &excepted),
            self.name
        )
    }
}

fn a_date(first: i16, last: i16) -> impl Strategy<Value = Date> {
    (first..=last, 1..=12_i8, 1..=31_i8).prop_map(|(year, month, day)| {
        let month = date(year, month, 1);
        date(year, month.month(), day.min(month.days_in_month()))
    })
}

fn weekday() -> impl Strategy<Value = Weekday> {
    (0..7_i8).prop_map(|day| Weekday::from_monday_zero_offset(day).unwrap())
}

fn picks() -> impl Strategy<Value = Picks> {
    let months = || prop::collection::vec(1..=12_i8, 1..3);
    let month_days = prop::collection::vec(select((-31..=-1).chain(1..=31).collect::<Vec<i8>>()), 1..4);
    let nth =
        |most: i8| prop::collection::vec((select((-most..=most).collect::<Vec<i8>>()), weekday()), 1..3);
    let week = (1..=25_i8).prop_map(|first| (first..first + 7).collect::<Vec<i8>>());
    prop_oneof![
        Just(Picks::TheDay),
        months().prop_map(Picks::Months),
        (months(), month_days).prop_map(|(months, days)| Picks::MonthDays(months, days)),
        (months(), nth(5)).prop_map(|(months, days)| Picks::OfMonth(months, days)),
        nth(53).prop_map(Picks::OfYear),
        (1..=12_i8, week, weekday()).prop_map(|(month, days, day)| Picks::Within(month, days, day)),
        (1..=12_i8, prop::collection::vec(weekday(), 1..4))
            .prop_map(|(month, days)| Picks::LastOf(month, days)),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let count = prop::option::of(1..8_usize);
    let until = prop::option::of(a_date(2019, 2030));
    (picks(), 1..4_i16, count, until, any::<bool>()).prop_map(|(picks, interval, count, until, counted)| {
        // A rule has one of them at most.
        let (count, until) = if counted { (count, None) } else { (None, until) };
        Rule { picks, interval, count, until }
    })
}

fn event() -> impl Strategy<Value = MadeEvent> {
    let form = select(vec![
        Form::NoEnd,
        Form::Dates,
        Form::Duration,
        Form::Midnights("Asia/Shanghai"),
        Form::Midnights("America/New_York"),
        Form::Midnights("Pacific/Auckland"),
    ]);
    let name = select(vec!["Alpha", "Beta", "Gamma"]);
    let written = || a_date(2022, 2028);
    let added = prop::collection::vec(written(), 0..3);
    let taken_out = (prop::collection::vec(0..6_usize, 0..3), written());
    let start = (a_date(2015, 2026), written(), prop::option::of(rule()));
    (name, start, 1..5_i32, form, added, taken_out).prop_map(
        |(name, (ruled, single, rule), length, form, added, taken_out)| MadeEvent {
            name,
            start: if rule.is_some() { ruled } else { single },
            length: if matches!(form, Form::NoEnd) { 1 } else { length },
            form,
            rule,
            added,
            taken_out,
        },
    )
}

proptest! {
    #[test]
    fn made_up_files_have_the_days_that_each_day_says_of_itself(events in prop::collection::vec(event(), 1..5)) {
        let anchor = |day: Date| format!("DTSTART;VALUE=DATE:{}\r\nSUMMARY:Anchor", day.strftime("%Y%m%d"));
        let anchors = [ANCHOR, END_ANCHOR];
        let texts = anchors.map(anchor).into_iter().chain(events.iter().map(MadeEvent::text));
        let texts: Vec<String> = texts.collect();
        let text = calendar(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let mut expected = BTreeMap::<String, Vec<&str>>::new();
        for day in anchors {
            expected.entry(day.to_string()).or_default().push("Anchor");
        }
        for event in &events {
            for day in event.days() {
                let names = expected.entry(day.to_string()).or_default();
                if !names.contains(&event.name) {
                    names.push(event.name);
                }
            }
        }
        let expected: BTreeMap<String, String> =
            expected.into_iter().map(|(day, names)| (day, names.join(" / "))).collect();
        let file = read_with(&text, &known_until("2029-12-31"));
        let found: BTreeMap<String, String> =
            days(&file).into_iter().map(|(day, found)| (day, found.name)).collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}
