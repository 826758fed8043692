//! Weekly windows on the wire.

use calendar::{DayWindowsInput, WeeklyWindows, Window, WindowInput};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    formats::{BeginTimeSchema, EndTimeSchema},
};

/// The windows of a weekday.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WeekdayWindows {
    /// **0 = Sunday, 1 = Monday, ... 6 = Saturday** (0 为周日, 1 为周一, ... 6 为周六).
    #[schema(minimum = 0, maximum = 6, example = 1)]
    week: i64,
    /// The windows that start on this weekday.
    #[schema(max_items = 1_000)]
    times: Vec<WindowTimes>,
}

impl WeekdayWindows {
    /// A week's windows in the order they were sent.
    pub(crate) fn of(windows: &WeeklyWindows) -> Vec<Self> {
        let entry = |day: &calendar::DayWindows| Self {
            week: day.week.number().into(),
            times: WindowTimes::of(&day.times),
        };
        windows.days().iter().map(entry).collect()
    }
}

impl FromValue for WeekdayWindows {
    /// A faulty number or text is replaced by one that the calendar refuses too; of a field's faults only the first is answered.
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let day = Self {
            week: members.need("week").unwrap_or(-1),
            times: members.need("times").unwrap_or_default(),
        };
        members.know_only(&[&["week", "times"]]);
        Some(day)
    }

    fn faulty() -> Option<Self> {
        Some(Self { week: -1, times: Vec::new() })
    }
}

impl From<WeekdayWindows> for DayWindowsInput {
    fn from(day: WeekdayWindows) -> Self {
        Self { week: day.week, times: WindowTimes::into_input(day.times) }
    }
}

/// A span in which calling is allowed: begin included, end not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Window)]
pub(crate) struct WindowTimes {
    #[schema(value_type = BeginTimeSchema)]
    begin_time: String,
    #[schema(value_type = EndTimeSchema)]
    end_time: String,
}

impl WindowTimes {
    pub(crate) fn of(windows: &[Window]) -> Vec<Self> {
        let times = |window: &Window| Self {
            begin_time: window.begin_time().to_string(),
            end_time: window.end_time().to_string(),
        };
        windows.iter().map(times).collect()
    }

    pub(crate) fn into_input(times: Vec<Self>) -> Vec<WindowInput> {
        let window = |Self { begin_time, end_time }| WindowInput { begin_time, end_time };
        times.into_iter().map(window).collect()
    }
}

impl FromValue for WindowTimes {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let window = Self {
            begin_time: members.need("begin_time").unwrap_or_default(),
            end_time: members.need("end_time").unwrap_or_default(),
        };
        members.know_only(&[&["begin_time", "end_time"]]);
        Some(window)
    }

    fn faulty() -> Option<Self> {
        Some(Self { begin_time: String::new(), end_time: String::new() })
    }
}
