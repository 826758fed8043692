//! Make-up workdays: what a group does on a Saturday or Sunday that is worked in place of a day off (调休上班).

use serde::{Deserialize, Serialize};

use crate::{holidays::HolidayDay, weekday::Weekday};

/// What a make-up workday (a Saturday or Sunday that is worked) does.
///
/// ```
/// use calendar::MakeupPolicy;
///
/// assert_eq!(serde_json::to_string(&MakeupPolicy::AsIs)?, r#""as_is""#);
/// assert_eq!(serde_json::from_str::<MakeupPolicy>(r#""as_workday""#)?, MakeupPolicy::AsWorkday);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MakeupPolicy {
    /// The weekday's own windows: a Saturday stays a Saturday.
    #[default]
    AsIs,
    /// The windows of the weekday that the notice names, or Monday's where it names none.
    AsWorkday,
}

impl MakeupPolicy {
    /// The weekday whose windows a make-up workday has in place of its own.
    pub(crate) fn windows_of(self, day: &HolidayDay) -> Option<Weekday> {
        match self {
            Self::AsIs => None,
            Self::AsWorkday => Some(day.stands_for.unwrap_or(Weekday::Monday)),
        }
    }
}
