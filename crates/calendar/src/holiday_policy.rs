//! The choices that a group makes about the days off of its holiday calendars, and about days that they do not know yet.

use serde::{Deserialize, Serialize};

/// What a group that skips holidays does after the last day its calendar knows.
///
/// ```
/// use calendar::BeyondHorizon;
///
/// assert_eq!(BeyondHorizon::default(), BeyondHorizon::Weekly);
/// assert_eq!(serde_json::to_string(&BeyondHorizon::WeekdaysOnly)?, r#""weekdays_only""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeyondHorizon {
    /// No day is open.
    Closed,
    /// Monday to Friday follow the weekly windows; Saturday and Sunday are closed.
    WeekdaysOnly,
    /// The weekly windows, and every answer carries a warning.
    #[default]
    Weekly,
}

/// What a group that skips holidays does on their days off. Half days and make-up workdays are not touched by it, but for
/// [`Open`](HolidayPolicy::Open), under which half days are days like any other.
///
/// ```
/// use calendar::HolidayPolicy;
///
/// assert_eq!(HolidayPolicy::default(), HolidayPolicy::Closed);
/// assert_eq!(serde_json::to_string(&HolidayPolicy::StatutoryOnly)?, r#""statutory_only""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayPolicy {
    /// They are closed.
    #[default]
    Closed,
    /// Statutory days off are closed; those that were moved (调休) are days like any other.
    StatutoryOnly,
    /// They have windows of their own, the same on each.
    OwnWindows,
    /// They are days like any other.
    Open,
}
