//! A time of day in whole minutes, `00:00` to `24:00`.

use std::{fmt, str::FromStr};

use crate::fault::Rule;

/// Minutes in a civil day.
pub(crate) const MINUTES_PER_DAY: u16 = 24 * 60;

/// A time of day in whole minutes, from `00:00` to `24:00` (the end of the day) inclusive.
///
/// Read from `HH:MM` or `H:MM`, either with `:00` for the seconds; shown padded.
///
/// ```
/// use calendar::{Rule, TimeOfDay};
///
/// let time: TimeOfDay = "9:05".parse()?;
/// assert_eq!(time.to_string(), "09:05");
/// assert_eq!(time.minutes(), 545);
/// assert_eq!("09:05:00".parse(), Ok(time));
/// assert_eq!("9:5".parse::<TimeOfDay>(), Err(Rule::TimeFormat));
/// assert_eq!("25:00".parse::<TimeOfDay>(), Err(Rule::TimeOutOfRange));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// `00:00`.
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0);
    /// `24:00`, allowed only as an end.
    pub const END_OF_DAY: TimeOfDay = TimeOfDay(MINUTES_PER_DAY);

    /// The time so many minutes after midnight.
    ///
    /// # Errors
    /// [`Rule::TimeOutOfRange`] above 1440.
    ///
    /// ```
    /// assert_eq!(calendar::TimeOfDay::from_minutes(1440)?, calendar::TimeOfDay::END_OF_DAY);
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub const fn from_minutes(minutes: u16) -> Result<TimeOfDay, Rule> {
        if minutes <= MINUTES_PER_DAY { Ok(TimeOfDay(minutes)) } else { Err(Rule::TimeOutOfRange) }
    }

    /// Minutes after midnight, 0 to 1440.
    ///
    /// ```
    /// assert_eq!(calendar::TimeOfDay::MIDNIGHT.minutes(), 0);
    /// ```
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = Rule;

    fn from_str(text: &str) -> Result<TimeOfDay, Rule> {
        let (hour, rest) = text.split_once(':').ok_or(Rule::TimeFormat)?;
        let minute = rest.strip_suffix(":00").unwrap_or(rest);
        if minute.len() != 2 || !(1..=2).contains(&hour.len()) {
            return Err(Rule::TimeFormat);
        }
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        if minute > 59 {
            return Err(Rule::TimeOutOfRange);
        }
        TimeOfDay::from_minutes(hour * 60 + minute)
    }
}

/// The number that one or two ASCII digits write.
pub(crate) fn digits(text: &str) -> Result<u16, Rule> {
    text.bytes().try_fold(0, |number, byte| match byte {
        b'0'..=b'9' => Ok(number * 10 + u16::from(byte - b'0')),
        _ => Err(Rule::TimeFormat),
    })
}
