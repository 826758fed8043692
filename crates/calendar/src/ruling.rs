//! Which rule holds on a day.

/// The rule that holds on a day. The numbers are places among the days of the holiday calendars, the exceptions and the seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ruling {
    /// The weekly windows.
    Weekly,
    /// The week of a season.
    Season(u32),
    /// A day off.
    Holiday(u32),
    /// A weekend day that is worked.
    MakeupWorkday(u32),
    /// A day whose windows are narrowed to the times that the calendar gives it.
    HalfDay(u32),
    /// A day that is closed because it lies beyond the horizon.
    ClosedBeyondHorizon,
    /// An exception.
    Exception(u32),
}

/// A rule, and the day that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RulingOfDay {
    pub(crate) day: i32,
    pub(crate) ruling: Ruling,
}
