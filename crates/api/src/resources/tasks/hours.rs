//! The hours of a task, in the two forms that a 2.0 detail has them: its own, or those of its group.

use calendar::{Weekday, WeeklyWindows, Window};
use domain::TaskInGroup;
use serde::Serialize;
use utoipa::ToSchema;

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

/// The weekdays on which a task has windows, its own or else its group's.
pub(super) fn of_task(task: &TaskInGroup) -> Vec<(Weekday, Vec<Window>)> {
    by_weekday(task.task.draft.bounds.hours.as_ref().unwrap_or(&task.group.draft.content))
}

/// The weekdays that have windows, Monday first and Sunday last, as the documents write them.
fn by_weekday(content: &WeeklyWindows) -> Vec<(Weekday, Vec<Window>)> {
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
