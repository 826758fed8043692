//! Days of the week as the wire counts them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Rule;

/// A day of the week; on the wire an integer, **0 = Sunday, 1 = Monday ... 6 = Saturday**.
///
/// ```
/// use calendar::{Rule, Weekday};
///
/// assert_eq!(Weekday::try_from(0), Ok(Weekday::Sunday));
/// assert_eq!(Weekday::try_from(6), Ok(Weekday::Saturday));
/// assert_eq!(Weekday::try_from(7), Err(Rule::WeekOutOfRange));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub enum Weekday {
    /// 0, 星期日.
    Sunday,
    /// 1, 星期一.
    Monday,
    /// 2, 星期二.
    Tuesday,
    /// 3, 星期三.
    Wednesday,
    /// 4, 星期四.
    Thursday,
    /// 5, 星期五.
    Friday,
    /// 6, 星期六.
    Saturday,
}

impl Weekday {
    /// All seven days in the order of their numbers.
    ///
    /// ```
    /// assert!(calendar::Weekday::ALL.iter().enumerate().all(|(at, day)| usize::from(day.number()) == at));
    /// ```
    pub const ALL: [Weekday; 7] = [
        Weekday::Sunday,
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
    ];

    /// The number on the wire, 0 to 6.
    ///
    /// ```
    /// assert_eq!(calendar::Weekday::Saturday.number(), 6);
    /// ```
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The day in English.
    ///
    /// ```
    /// assert_eq!(calendar::Weekday::Sunday.name(), "Sunday");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Weekday::Sunday => "Sunday",
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
        }
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl TryFrom<i64> for Weekday {
    type Error = Rule;

    fn try_from(number: i64) -> Result<Weekday, Rule> {
        usize::try_from(number)
            .ok()
            .and_then(|number| Weekday::ALL.get(number).copied())
            .ok_or(Rule::WeekOutOfRange)
    }
}

impl From<Weekday> for u8 {
    fn from(weekday: Weekday) -> u8 {
        weekday.number()
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(weekday: jiff::civil::Weekday) -> Weekday {
        match weekday {
            jiff::civil::Weekday::Sunday => Weekday::Sunday,
            jiff::civil::Weekday::Monday => Weekday::Monday,
            jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
            jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
            jiff::civil::Weekday::Thursday => Weekday::Thursday,
            jiff::civil::Weekday::Friday => Weekday::Friday,
            jiff::civil::Weekday::Saturday => Weekday::Saturday,
        }
    }
}
