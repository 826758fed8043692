//! What the days of an exception can be: dates, weekdays of a month, workdays, holidays and the days before them.

use crate::weekday::Weekday;

/// Which one of a month.
///
/// ```
/// use calendar::NthOfMonth;
///
/// assert_eq!(NthOfMonth::from_number(-1), Some(NthOfMonth::Last));
/// assert_eq!(NthOfMonth::from_number(4).map(NthOfMonth::number), Some(4));
/// assert_eq!(NthOfMonth::from_number(6), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NthOfMonth {
    /// The first to the fifth; not every month has a fifth.
    Nth(i8),
    /// The last.
    Last,
}

impl NthOfMonth {
    /// 1 to 5, or -1 for the last. Example at [`NthOfMonth`].
    pub fn from_number(number: i64) -> Option<NthOfMonth> {
        match number {
            -1 => Some(NthOfMonth::Last),
            1..=5 => i8::try_from(number).ok().map(NthOfMonth::Nth),
            _ => None,
        }
    }

    /// Its number on the wire. Example at [`NthOfMonth`].
    pub const fn number(self) -> i8 {
        match self {
            NthOfMonth::Nth(nth) => nth,
            NthOfMonth::Last => -1,
        }
    }
}

/// Which of the days within its dates an exception is about.
///
/// A workday is a Monday to Friday that no calendar has as a day off, or a make-up workday.
///
/// ```
/// use calendar::{ExceptionDay, Exceptions};
///
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"on":"day_before_holiday","effect":"close"}]"#)?;
/// let on = exceptions.iter().next().unwrap().on();
/// assert_eq!((on, on.code()), (ExceptionDay::DayBeforeHoliday, "day_before_holiday"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionDay {
    /// Each of the dates.
    Date,
    /// A weekday of each month, or of one month.
    NthWeekday {
        /// Which one.
        nth: NthOfMonth,
        /// The weekday.
        week: Weekday,
        /// The only month, 1 to 12.
        month: Option<i8>,
    },
    /// The first workday of each month, or of one month.
    FirstWorkday {
        /// The only month, 1 to 12.
        month: Option<i8>,
    },
    /// The last workday of each month, or of one month.
    LastWorkday {
        /// The only month, 1 to 12.
        month: Option<i8>,
    },
    /// Every day off of the holiday calendars.
    Holiday,
    /// Every make-up workday of the holiday calendars.
    MakeupWorkday,
    /// Every day that is none of the days off, and is followed by one.
    DayBeforeHoliday,
}

impl ExceptionDay {
    /// Its code on the wire. Example at [`ExceptionDay`].
    pub const fn code(self) -> &'static str {
        match self {
            ExceptionDay::Date => "date",
            ExceptionDay::NthWeekday { .. } => "nth_weekday",
            ExceptionDay::FirstWorkday { .. } => "first_workday",
            ExceptionDay::LastWorkday { .. } => "last_workday",
            ExceptionDay::Holiday => "holiday",
            ExceptionDay::MakeupWorkday => "makeup_workday",
            ExceptionDay::DayBeforeHoliday => "day_before_holiday",
        }
    }

    /// Whether the days depend on what the holiday calendars know.
    ///
    /// ```
    /// use calendar::ExceptionDay;
    ///
    /// assert!(ExceptionDay::LastWorkday { month: None }.looks_at_holidays());
    /// assert!(!ExceptionDay::Date.looks_at_holidays());
    /// ```
    pub const fn looks_at_holidays(self) -> bool {
        !matches!(self, ExceptionDay::Date | ExceptionDay::NthWeekday { .. })
    }

    /// The only month (1 to 12) that it is about, if there is one.
    ///
    /// ```
    /// assert_eq!(calendar::ExceptionDay::FirstWorkday { month: Some(3) }.month(), Some(3));
    /// ```
    pub const fn month(self) -> Option<i8> {
        match self {
            ExceptionDay::NthWeekday { month, .. }
            | ExceptionDay::FirstWorkday { month }
            | ExceptionDay::LastWorkday { month } => month,
            _ => None,
        }
    }
}
