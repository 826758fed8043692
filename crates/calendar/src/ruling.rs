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

impl Ruling {
    /// A number for the rule, and its place or 0.
    pub(crate) const fn parts(self) -> (u8, u32) {
        match self {
            Ruling::Weekly => (0, 0),
            Ruling::Season(place) => (1, place),
            Ruling::Holiday(place) => (2, place),
            Ruling::MakeupWorkday(place) => (3, place),
            Ruling::HalfDay(place) => (4, place),
            Ruling::ClosedBeyondHorizon => (5, 0),
            Ruling::Exception(place) => (6, place),
        }
    }

    /// The rule of these parts, if there is one.
    pub(crate) const fn from_parts(number: u8, place: u32) -> Option<Ruling> {
        Some(match number {
            0 => Ruling::Weekly,
            1 => Ruling::Season(place),
            2 => Ruling::Holiday(place),
            3 => Ruling::MakeupWorkday(place),
            4 => Ruling::HalfDay(place),
            5 => Ruling::ClosedBeyondHorizon,
            6 => Ruling::Exception(place),
            _ => return None,
        })
    }
}

/// A rule, and the day that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RulingOfDay {
    pub(crate) day: i32,
    pub(crate) ruling: Ruling,
}
