//! Weekly windows as a client sends them: their wire form and its rules.
//!
//! When they are open is decided when a [`Schedule`](crate::Schedule) is compiled.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{
    fault::{CalendarFault, CalendarFaults, Rule, joined},
    time_of_day::TimeOfDay,
    weekday::Weekday,
};

/// The most entries (days) one set of weekly windows may have.
pub const MAX_DAYS: usize = 64;

/// The most windows one set of weekly windows, or one set of exceptions, may have in all.
pub const MAX_WINDOWS: usize = 1000;

/// A window as it comes over the wire, unchecked.
///
/// ```
/// let input: calendar::WindowInput =
///     serde_json::from_str(r#"{"begin_time": "9:00", "end_time": "18:00"}"#)?;
/// assert_eq!(input.begin_time, "9:00");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowInput {
    /// When the window opens: `HH:MM`.
    pub begin_time: String,
    /// When it closes: `HH:MM`, up to `24:00`; at or before the begin it means the next day.
    pub end_time: String,
}

/// The windows of one weekday as they come over the wire, unchecked.
///
/// ```
/// let input: calendar::DayWindowsInput = serde_json::from_str(r#"{"week": 1, "times": []}"#)?;
/// assert_eq!(input.week, 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayWindowsInput {
    /// 0 = Sunday ... 6 = Saturday.
    pub week: i64,
    /// The windows of that day.
    pub times: Vec<WindowInput>,
}

/// A span of wall-clock time in which calling is allowed: `[begin_time, end_time)`.
///
/// An end at or before the begin lies on the next day; the window belongs to the day it begins on.
///
/// ```
/// use calendar::Window;
///
/// let night = Window::parse("22:00", "6:00").unwrap();
/// assert!(night.runs_over_midnight());
/// assert_eq!(night.to_string(), "22:00-06:00");
/// assert!(!Window::parse("00:00", "24:00").unwrap().runs_over_midnight());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    begin_time: TimeOfDay,
    end_time: TimeOfDay,
}

impl Window {
    /// A window from one time to another.
    ///
    /// # Errors
    /// [`Rule::BeginIs24`] or [`Rule::BeginEqualsEnd`].
    ///
    /// ```
    /// use calendar::{Rule, TimeOfDay, Window};
    ///
    /// assert!(Window::new(TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY).is_ok());
    /// assert_eq!(Window::new(TimeOfDay::MIDNIGHT, TimeOfDay::MIDNIGHT), Err(Rule::BeginEqualsEnd));
    /// ```
    pub fn new(begin_time: TimeOfDay, end_time: TimeOfDay) -> Result<Window, Rule> {
        if begin_time == TimeOfDay::END_OF_DAY {
            return Err(Rule::BeginIs24);
        }
        if begin_time == end_time {
            return Err(Rule::BeginEqualsEnd);
        }
        Ok(Window { begin_time, end_time })
    }

    /// A window from two texts.
    ///
    /// # Errors
    /// One fault a member, at `begin_time` or `end_time`; a window that is wrong as a whole is faulted at the
    /// member that would have to change.
    ///
    /// ```
    /// let faults = calendar::Window::parse("24:00", "9:5").unwrap_err();
    /// assert_eq!(faults[0].to_string(), "begin_time: must not begin at 24:00; use 00:00 of the next day");
    /// assert_eq!(faults[1].to_string(), "end_time: must be a time of the form HH:MM");
    /// ```
    pub fn parse(begin_time: &str, end_time: &str) -> Result<Window, Vec<CalendarFault>> {
        let mut faults = CalendarFaults::default();
        let begin = faults.check(|| "begin_time".into(), parse_begin(begin_time));
        let end = faults.check(|| "end_time".into(), end_time.parse::<TimeOfDay>());
        let window = begin
            .zip(end)
            .and_then(|(begin, end)| faults.check(|| "end_time".into(), Window::new(begin, end)));
        window.ok_or_else(|| faults.into_faults())
    }

    /// When the window opens.
    ///
    /// ```
    /// assert_eq!(calendar::Window::parse("9:00", "18:00").unwrap().begin_time().to_string(), "09:00");
    /// ```
    pub const fn begin_time(&self) -> TimeOfDay {
        self.begin_time
    }

    /// When the window closes, on this day or the next.
    ///
    /// ```
    /// assert_eq!(calendar::Window::parse("9:00", "18:00").unwrap().end_time().to_string(), "18:00");
    /// ```
    pub const fn end_time(&self) -> TimeOfDay {
        self.end_time
    }

    /// Whether the window closes on the day after the one it begins on. An end at `00:00` is the midnight that ends
    /// the day, and so is not over it.
    ///
    /// ```
    /// assert!(!calendar::Window::parse("20:00", "00:00").unwrap().runs_over_midnight());
    /// assert!(calendar::Window::parse("20:00", "00:01").unwrap().runs_over_midnight());
    /// ```
    pub fn runs_over_midnight(&self) -> bool {
        self.end_time < self.begin_time && self.end_time != TimeOfDay::MIDNIGHT
    }
}

fn parse_begin(text: &str) -> Result<TimeOfDay, Rule> {
    let begin = text.parse()?;
    if begin == TimeOfDay::END_OF_DAY { Err(Rule::BeginIs24) } else { Ok(begin) }
}

impl std::fmt::Display for Window {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.begin_time, self.end_time)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut window = serializer.serialize_struct("Window", 2)?;
        window.serialize_field("begin_time", &self.begin_time.to_string())?;
        window.serialize_field("end_time", &self.end_time.to_string())?;
        window.end()
    }
}

/// The windows of one entry of [`WeeklyWindows`].
///
/// ```
/// use calendar::{DayWindows, Weekday, Window};
///
/// let day = DayWindows { week: Weekday::Monday, times: vec![Window::parse("9:00", "18:00").unwrap()] };
/// assert_eq!(day.times[0].to_string(), "09:00-18:00");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayWindows {
    /// The day the windows begin on.
    pub week: Weekday,
    /// Its windows, in the order sent.
    pub times: Vec<Window>,
}

/// A week's windows, checked and padded, in the order they were sent.
///
/// They mean their union: they may touch, overlap, repeat and come unsorted, and a weekday may come twice. A weekday
/// without an entry has no window; no entry at all means never.
///
/// ```
/// use calendar::WeeklyWindows;
///
/// let windows: WeeklyWindows = serde_json::from_str(
///     r#"[{"week":1,"times":[{"begin_time":"8:00","end_time":"20:00"}]}]"#,
/// )?;
/// assert_eq!(
///     serde_json::to_string(&windows)?,
///     r#"[{"week":1,"times":[{"begin_time":"08:00","end_time":"20:00"}]}]"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeeklyWindows {
    #[serde(deserialize_with = "deserialize_days")]
    days: Vec<DayWindows>,
}

impl WeeklyWindows {
    /// Checks what came over the wire.
    ///
    /// # Errors
    /// Every fault found, at most [`FAULTS_REPORTED`](crate::FAULTS_REPORTED), with paths relative to the list:
    /// `[0].times[1].end_time`. More than [`MAX_DAYS`] entries or [`MAX_WINDOWS`] windows are refused unread, with an
    /// empty path.
    ///
    /// ```
    /// use calendar::{DayWindowsInput, WeeklyWindows, WindowInput};
    ///
    /// let window = WindowInput { begin_time: "9:00".into(), end_time: "9:5".into() };
    /// let faults = WeeklyWindows::parse(vec![DayWindowsInput { week: 1, times: vec![window] }]).unwrap_err();
    /// assert_eq!(faults[0].to_string(), "[0].times[0].end_time: must be a time of the form HH:MM");
    /// ```
    pub fn parse(input: Vec<DayWindowsInput>) -> Result<WeeklyWindows, Vec<CalendarFault>> {
        if input.len() > MAX_DAYS {
            return Err(vec![CalendarFault::new("", Rule::TooManyDays)]);
        }
        if input.iter().map(|day| day.times.len()).sum::<usize>() > MAX_WINDOWS {
            return Err(vec![CalendarFault::new("", Rule::TooManyWindows)]);
        }
        let mut faults = CalendarFaults::default();
        let days =
            input.into_iter().enumerate().filter_map(|(at, day)| parse_day(&day, at, &mut faults)).collect();
        faults.into_result(WeeklyWindows { days })
    }

    /// The entries, in the order sent.
    ///
    /// ```
    /// assert!(calendar::WeeklyWindows::default().days().is_empty());
    /// ```
    pub fn days(&self) -> &[DayWindows] {
        &self.days
    }

    /// Every window with the day it begins on, in the order sent.
    ///
    /// ```
    /// let windows: calendar::WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":0,"times":[{"begin_time":"22:00","end_time":"06:00"}]}]"#)?;
    /// let all: Vec<_> = windows.windows().map(|(day, window)| format!("{day} {window}")).collect();
    /// assert_eq!(all, ["Sunday 22:00-06:00"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn windows(&self) -> impl Iterator<Item = (Weekday, Window)> + '_ {
        self.days.iter().flat_map(|day| day.times.iter().map(|window| (day.week, *window)))
    }
}

fn parse_day(day: &DayWindowsInput, at: usize, faults: &mut CalendarFaults) -> Option<DayWindows> {
    let week = faults.check(|| format!("[{at}].week"), Weekday::try_from(day.week));
    let times = parse_windows(&day.times, &format!("[{at}].times"), faults);
    week.map(|week| DayWindows { week, times })
}

/// Reads a list of windows that stands at `path`; those at fault are noted and left out.
pub(crate) fn parse_windows(input: &[WindowInput], path: &str, faults: &mut CalendarFaults) -> Vec<Window> {
    let mut windows = Vec::with_capacity(input.len());
    for (at, window) in input.iter().enumerate() {
        match Window::parse(&window.begin_time, &window.end_time) {
            Ok(window) => windows.push(window),
            Err(found) => {
                faults.extend(found.into_iter().map(|fault| fault.prefixed(&format!("{path}[{at}]"))));
            }
        }
    }
    windows
}

fn deserialize_days<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<DayWindows>, D::Error> {
    let input = Vec::deserialize(deserializer)?;
    let windows = WeeklyWindows::parse(input).map_err(|faults| serde::de::Error::custom(joined(&faults)))?;
    Ok(windows.days)
}
