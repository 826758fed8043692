//! A group's windows as the hours of a task, in the two forms that a 2.0 detail has them.

use std::collections::BTreeSet;

use calendar::{Weekday, WeeklyWindows, Window};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::lenient;

/// A window of one weekday.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HourView {
    /// 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    wday: u8,
    begin: String,
    end: String,
}

/// A window in the dialer's view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemoteHourView {
    #[schema(example = "-1")]
    wday: String,
    begin: String,
    end: String,
}

/// The weekdays that have windows, Monday first and Sunday last, as the documents write them.
pub(super) fn by_weekday(content: &WeeklyWindows) -> Vec<(Weekday, Vec<Window>)> {
    let monday_first = Weekday::ALL.iter().cycle().skip(1).take(7);
    let windows = |weekday: Weekday| {
        content.windows().filter(move |(day, _)| *day == weekday).map(|(_, window)| window)
    };
    monday_first
        .map(|weekday| (*weekday, windows(*weekday).collect::<Vec<_>>()))
        .filter(|(_, windows)| !windows.is_empty())
        .collect()
}

pub(super) fn remote_rows(weekdays: &[(Weekday, Vec<Window>)]) -> Vec<RemoteHourView> {
    let view = |wday: &str, window: &Window| RemoteHourView {
        wday: wday.to_owned(),
        begin: window.begin_time().to_string(),
        end: window.end_time().to_string(),
    };
    match weekdays {
        [(_, first), rest @ ..] if rest.iter().all(|(_, windows)| windows == first) => {
            first.iter().map(|window| view("-1", window)).collect()
        }
        _ => weekdays
            .iter()
            .flat_map(|(weekday, windows)| {
                let wday = weekday.number().to_string();
                windows.iter().map(move |window| view(&wday, window))
            })
            .collect(),
    }
}

/// Whether these are the hours that the detail of a task in a group with these windows gives, in either of its two forms.
pub(super) fn are_hours_of(content: &WeeklyWindows, sent: &Value) -> bool {
    let weekdays = by_weekday(content);
    let sent = sent_rows(sent);
    let given = [serde_json::to_value(rows(&weekdays)), serde_json::to_value(remote_rows(&weekdays))];
    sent.is_some() && given.iter().flatten().any(|given| sent_rows(given) == sent)
}

/// Whether these are the weekdays that the detail of a task in a group with these windows gives.
pub(super) fn are_weekdays_of(content: &WeeklyWindows, sent: &Value) -> bool {
    let given: BTreeSet<_> = by_weekday(content).iter().map(|(day, _)| i64::from(day.number())).collect();
    let sent: Option<BTreeSet<_>> = sent.as_array().and_then(|days| days.iter().map(number).collect());
    sent.is_some_and(|sent| sent == given)
}

/// A weekday as a number or as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| lenient::integer(value.as_str()?))
}

/// The rows of hours, in no order that matters.
fn sent_rows(hours: &Value) -> Option<BTreeSet<(i64, &str, &str)>> {
    let rows = hours.as_array()?.iter();
    rows.map(|row| Some((number(&row["wday"])?, row["begin"].as_str()?, row["end"].as_str()?))).collect()
}

/// One row a weekday and window.
pub(super) fn rows(weekdays: &[(Weekday, Vec<Window>)]) -> Vec<HourView> {
    let hour = |weekday: Weekday, window: &Window| HourView {
        wday: weekday.number(),
        begin: window.begin_time().to_string(),
        end: window.end_time().to_string(),
    };
    let rows = weekdays.iter();
    rows.flat_map(|(weekday, windows)| windows.iter().map(move |window| hour(*weekday, window))).collect()
}
