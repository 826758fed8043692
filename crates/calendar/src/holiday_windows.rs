//! The windows that a group has on days off, and on no other days.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    fault::{CalendarFault, CalendarFaults, Rule, joined},
    windows::{MAX_WINDOWS, Window, WindowInput, parse_windows},
};

/// The windows of every day off, in the order sent, for [`HolidayPolicy::OwnWindows`](crate::HolidayPolicy::OwnWindows).
///
/// ```
/// use calendar::HolidayWindows;
///
/// let windows: HolidayWindows = serde_json::from_str(r#"[{"begin_time":"10:00","end_time":"16:00"}]"#)?;
/// assert_eq!(windows.windows()[0].to_string(), "10:00-16:00");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct HolidayWindows(Vec<Window>);

impl HolidayWindows {
    /// Checks what came over the wire.
    ///
    /// # Errors
    /// Every fault found, with paths relative to the list: `[0].end_time`. More than [`MAX_WINDOWS`] windows are refused unread.
    ///
    /// ```
    /// use calendar::{HolidayWindows, WindowInput};
    ///
    /// let window = WindowInput { begin_time: "10:00".into(), end_time: "10:00".into() };
    /// assert_eq!(HolidayWindows::parse(&[window]).unwrap_err()[0].path, "[0].end_time");
    /// ```
    pub fn parse(input: &[WindowInput]) -> Result<HolidayWindows, Vec<CalendarFault>> {
        if input.len() > MAX_WINDOWS {
            return Err(vec![CalendarFault::new("", Rule::TooManyWindows)]);
        }
        let mut faults = CalendarFaults::default();
        let windows = parse_windows(input, "", &mut faults);
        faults.into_result(HolidayWindows(windows))
    }

    /// The windows in the order sent. Example at [`HolidayWindows`].
    pub fn windows(&self) -> &[Window] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for HolidayWindows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HolidayWindows, D::Error> {
        let input: Vec<WindowInput> = Vec::deserialize(deserializer)?;
        HolidayWindows::parse(&input).map_err(|faults| serde::de::Error::custom(joined(&faults)))
    }
}
