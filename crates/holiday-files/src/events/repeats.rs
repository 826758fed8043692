//! On which days an event begins that repeats by days, weeks, months or years (RFC 5545).

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use crate::yearly::{self, YearlyRule};

/// A rule, without its `UNTIL`.
pub(super) enum RepeatRule {
    /// Each so-many-th day, on these weekdays alone if there are any.
    Days { interval: i32, count: Option<usize>, weekdays: Vec<Weekday> },
    /// On these weekdays of each so-many-th week, which begins on a day.
    Weeks { interval: i32, count: Option<usize>, weekdays: Vec<Weekday>, begins: Weekday },
    /// By months and years.
    Years(YearlyRule),
}

/// Reads the value of an `RRULE`: the rule, and its `UNTIL` as written. `None`: it repeats in a way that is not read.
pub(super) fn parse(text: &str, start: Date) -> Option<(RepeatRule, Option<&str>)> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let parts: Vec<(String, &str)> = parts
        .map(|part| {
            part.split_once('=').map(|(name, value)| (name.trim().to_ascii_uppercase(), value.trim()))
        })
        .collect::<Option<_>>()?;
    let value = |name: &str| parts.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
    let frequency = value("FREQ")?.to_ascii_uppercase();
    let rule = match frequency.as_str() {
        "YEARLY" => RepeatRule::Years(YearlyRule::parse(&without_until(&parts), yearly::date)?),
        "MONTHLY" => RepeatRule::Years(monthly(&parts, start)?),
        "DAILY" | "WEEKLY" => {
            if parts.iter().any(|(name, _)| {
                !["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"].contains(&name.as_str())
            }) {
                return None;
            }
            let number = |name| {
                value(name).map_or(Some(None), |value| {
                    Some(Some(value.parse().ok().filter(|it: &i32| (1..=100_000).contains(it))?))
                })
            };
            let interval = number("INTERVAL")?.unwrap_or(1);
            let count = number("COUNT")?.and_then(|count| usize::try_from(count).ok());
            let weekdays: Vec<Weekday> = value("BYDAY").map_or(Some(vec![]), weekdays)?;
            if frequency == "DAILY" {
                RepeatRule::Days { interval, count, weekdays }
            } else {
                let weekdays = if weekdays.is_empty() { vec![start.weekday()] } else { weekdays };
                let begins = value("WKST").map_or(Some(Weekday::Monday), weekdays_first)?;
                RepeatRule::Weeks { interval, count, weekdays, begins }
            }
        }
        _ => return None,
    };
    Some((rule, value("UNTIL")))
}

fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    text.split(',')
        .map(|day| yearly::weekday(day).filter(|(nth, _)| *nth == 0).map(|(_, weekday)| weekday))
        .collect()
}

fn weekdays_first(text: &str) -> Option<Weekday> {
    weekdays(text)?.first().copied()
}

fn without_until(parts: &[(String, &str)]) -> String {
    let kept =
        parts.iter().filter(|(name, _)| name != "UNTIL").map(|(name, value)| format!("{name}={value}"));
    kept.collect::<Vec<_>>().join(";")
}

/// A monthly rule is a yearly one of all months, unless it leaves months out.
fn monthly(parts: &[(String, &str)], start: Date) -> Option<YearlyRule> {
    let has = |name: &str| parts.iter().any(|(other, _)| other == name);
    if has("BYSETPOS") || parts.iter().any(|(name, value)| name == "INTERVAL" && *value != "1") {
        return None;
    }
    let rest = parts.iter().filter(|(name, _)| name != "FREQ").cloned().collect::<Vec<_>>();
    let mut text = format!("FREQ=YEARLY;{}", without_until(&rest));
    if !has("BYMONTH") {
        text += ";BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12";
    }
    if !has("BYMONTHDAY") && !has("BYDAY") {
        text.push_str(";BYMONTHDAY=");
        text.push_str(&start.day().to_string());
    }
    YearlyRule::parse(&text, yearly::date)
}

impl RepeatRule {
    /// The days from `start` to `last` on which it begins.
    pub(super) fn days(&self, start: Date, last: Date) -> Vec<Date> {
        match self {
            Self::Days { interval, count, weekdays } => {
                let all = start.series(interval.days()).take_while(|date| *date <= last);
                let on = all.filter(|date| weekdays.is_empty() || weekdays.contains(&date.weekday()));
                on.take(count.unwrap_or(usize::MAX)).collect()
            }
            Self::Weeks { interval, count, weekdays, begins } => {
                let first = start.weekday().since(*begins);
                let on = |date: &Date| {
                    let days = (*date - start).get_days() + i32::from(first);
                    (days / 7) % interval == 0 && weekdays.contains(&date.weekday())
                };
                let all = start.series(1.day()).take_while(|date| *date <= last);
                all.filter(on).take(count.unwrap_or(usize::MAX)).collect()
            }
            Self::Years(rule) => {
                rule.dates(start, last.year()).into_iter().filter(|date| *date <= last).collect()
            }
        }
    }
}
