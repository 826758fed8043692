//! The windows that a task has of its own: `work_hour` and `work_week`.

use std::collections::BTreeSet;

use calendar::{CalendarFault, DayWindowsInput, Weekday, WeeklyWindows, Window, WindowInput};
use domain::{FaultRule, Faults};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::body::{FieldPath, FromValue, Reading, fields};

const HOURS: &str = "task_extras.work_hour";
const WEEKDAYS: &str = "task_extras.work_week";

/// A window of a task's own.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct HourBody {
    /// -1: every day; 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    #[schema(required = true, minimum = -1, maximum = 6)]
    wday: Option<i64>,
    /// `HH:MM`.
    #[schema(required = true, example = "09:00")]
    begin: Option<String>,
    /// `HH:MM`, up to `24:00`; at or before the begin it means the next day.
    #[schema(required = true, example = "18:00")]
    end: Option<String>,
}

fields!(HourBody { wday, begin, end } known &[]);

/// A list; the platform has the empty text for an empty one in places.
#[derive(Debug)]
pub(crate) struct BlankOrList<T>(Vec<T>);

impl<T: FromValue> FromValue for BlankOrList<T> {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        if value == "" { Some(Self(Vec::new())) } else { Vec::from_value(value, place, reading).map(Self) }
    }
}

/// The hours and weekdays that a body gives.
#[derive(Debug)]
pub(super) struct SentHours {
    pub(super) hours: Option<BlankOrList<HourBody>>,
    pub(super) weekdays: Option<BlankOrList<i64>>,
}

impl SentHours {
    /// The windows of the task's own that they ask for; `None`: none, as when they are what the detail of a task in a group with these
    /// windows gives.
    pub(super) fn check(self, group: Option<&WeeklyWindows>, faults: &mut Faults) -> Option<WeeklyWindows> {
        let (hours, weekdays) = (self.hours.map(|list| list.0), self.weekdays.map(|list| list.0));
        let (hours, sent) = (hours.unwrap_or_default(), weekdays.unwrap_or_default());
        if hours.is_empty() && sent.is_empty() {
            return None;
        }
        let weekdays = check_weekdays(&sent, faults);
        if hours.is_empty() && group.is_some_and(|group| weekdays_of(group) == weekdays) {
            return None;
        }
        let windows = if hours.is_empty() {
            whole_days(&weekdays)
        } else {
            let rows = hours.into_iter().enumerate();
            let rows: Vec<HourOfWeek> = rows.filter_map(|(place, row)| row.check(place, faults)).collect();
            let is_worked = |day: &Weekday| sent.is_empty() || weekdays.contains(day);
            let days = Weekday::ALL.into_iter().filter(is_worked);
            days.map(|day| windows_of_day(day, &rows)).collect()
        };
        let windows = WeeklyWindows::parse(windows);
        let windows = windows.map_err(|found| faults.calendar(HOURS, found)).ok()?;
        let is_groups = group.is_some_and(|group| as_set(group) == as_set(&windows));
        (!is_groups).then_some(windows)
    }
}

/// A window on one weekday, or on every one.
struct HourOfWeek {
    weekday: Option<Weekday>,
    window: Window,
}

impl HourBody {
    fn check(self, place: usize, faults: &mut Faults) -> Option<HourOfWeek> {
        let field = |name: &str| format!("{HOURS}[{place}].{name}");
        let weekday = faults.require(&field("wday"), self.wday).and_then(|wday| match wday {
            -1 => Some(None),
            _ => faults
                .check(&field("wday"), Weekday::try_from(wday).map_err(|_| FaultRule::OutOfRange(-1, 6)))
                .map(Some),
        });
        let begin = faults.require(&field("begin"), self.begin);
        let (begin, end) = begin.zip(faults.require(&field("end"), self.end))?;
        let renamed = |fault: CalendarFault| {
            let name = if fault.path == "begin_time" { "begin" } else { "end" };
            CalendarFault::new(name, fault.rule)
        };
        let window = Window::parse(&begin, &end).map_err(|found| {
            let found = found.into_iter().map(renamed).map(|fault| fault.prefixed(&format!("[{place}]")));
            faults.calendar(HOURS, found.collect());
        });
        Some(HourOfWeek { weekday: weekday?, window: window.ok()? })
    }
}

fn check_weekdays(sent: &[i64], faults: &mut Faults) -> BTreeSet<Weekday> {
    let weekday = |(place, day): (usize, &i64)| {
        let day = Weekday::try_from(*day).map_err(|_| FaultRule::OutOfRange(0, 6));
        faults.check(&format!("{WEEKDAYS}[{place}]"), day)
    };
    sent.iter().enumerate().filter_map(weekday).collect()
}

fn whole_days(weekdays: &BTreeSet<Weekday>) -> Vec<DayWindowsInput> {
    let whole = || WindowInput { begin_time: "00:00".to_owned(), end_time: "24:00".to_owned() };
    weekdays.iter().map(|day| DayWindowsInput { week: day.number().into(), times: vec![whole()] }).collect()
}

fn windows_of_day(day: Weekday, rows: &[HourOfWeek]) -> DayWindowsInput {
    let of_day = rows.iter().filter(|row| row.weekday.is_none_or(|weekday| weekday == day));
    let input = |row: &HourOfWeek| WindowInput {
        begin_time: row.window.begin_time().to_string(),
        end_time: row.window.end_time().to_string(),
    };
    DayWindowsInput { week: day.number().into(), times: of_day.map(input).collect() }
}

fn weekdays_of(windows: &WeeklyWindows) -> BTreeSet<Weekday> {
    windows.windows().map(|(day, _)| day).collect()
}

fn as_set(windows: &WeeklyWindows) -> BTreeSet<(u8, String)> {
    windows.windows().map(|(day, window)| (day.number(), window.to_string())).collect()
}
