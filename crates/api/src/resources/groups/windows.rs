//! Weekly windows and dated exceptions on the wire.

use calendar::{DayWindowsInput, Exception, ExceptionInput, Exceptions, WeeklyWindows, Window, WindowInput};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    formats::{BeginTimeSchema, EndTimeSchema, ExceptionDateSchema},
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

/// A dated exception as it is sent.
#[derive(Clone, Debug, Default, ToSchema)]
#[schema(as = DatedExceptionBody)]
pub(crate) struct ExceptionBody {
    /// What people call it.
    #[schema(required = false, max_length = 100, example = "年会")]
    pub(super) name: String,
    /// The first day.
    #[schema(value_type = ExceptionDateSchema)]
    begin_date: String,
    /// The last day, included, in the same form; the first day if left out.
    #[schema(value_type = Option<ExceptionDateSchema>)]
    end_date: Option<String>,
    /// The windows that begin on each of these days; empty or left out: closed.
    #[schema(required = false, max_items = 1_000)]
    times: Vec<WindowTimes>,
}

impl FromValue for ExceptionBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let exception = Self {
            name: members.take("name").unwrap_or_default(),
            begin_date: members.need("begin_date").unwrap_or_default(),
            end_date: members.take("end_date"),
            times: members.take("times").unwrap_or_default(),
        };
        members.know_only(&[&["name", "begin_date", "end_date", "times"]]);
        Some(exception)
    }

    fn faulty() -> Option<Self> {
        Some(Self::default())
    }
}

impl From<ExceptionBody> for ExceptionInput {
    fn from(exception: ExceptionBody) -> Self {
        let ExceptionBody { name, begin_date, end_date, times } = exception;
        Self { name, begin_date, end_date, times: WindowTimes::into_input(times) }
    }
}

/// A dated exception: days that follow windows of their own, or none. The first in the list that speaks of a day
/// holds; one with a year beats a yearly one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DatedException)]
pub(crate) struct ExceptionView {
    /// What people call it.
    #[schema(max_length = 100, example = "年会")]
    name: String,
    /// The first day.
    #[schema(value_type = ExceptionDateSchema)]
    begin_date: String,
    /// The last day, included.
    #[schema(value_type = ExceptionDateSchema)]
    end_date: String,
    /// The windows that begin on each of these days; empty: closed.
    times: Vec<WindowTimes>,
}

impl ExceptionView {
    /// A group's exceptions in the order they were sent.
    pub(super) fn of(exceptions: &Exceptions) -> Vec<Self> {
        let view = |exception: &Exception| {
            let (begin_date, end_date) = exception.dates_as_text();
            let (name, times) = (exception.name().to_owned(), WindowTimes::of(exception.times()));
            Self { name, begin_date, end_date, times }
        };
        exceptions.iter().map(view).collect()
    }
}
