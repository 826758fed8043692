//! The open spans between two instants, found one at a time.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::schedule::{Schedule, floor_second, timestamp};

/// A span of instants, the end excluded. Shown as an ISO 8601 interval.
///
/// ```
/// use calendar::Span;
///
/// let span = Span { begin: "2026-01-05T09:00:00Z".parse()?, end: "2026-01-05T18:00:00Z".parse()? };
/// assert_eq!(span.to_string(), "2026-01-05T09:00:00Z/2026-01-05T18:00:00Z");
/// assert_eq!(span.duration(), jiff::SignedDuration::from_hours(9));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub begin: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
}

impl Span {
    /// How long it is. Example at [`Span`].
    pub fn duration(&self) -> SignedDuration {
        self.begin.duration_until(self.end)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.begin, self.end)
    }
}

/// The open spans of a schedule between two instants, lazily. Example at [`Schedule::spans`].
#[derive(Clone, Debug)]
pub struct Spans<'a> {
    schedule: &'a Schedule,
    /// Where the next span begins, or where to look for it.
    at: Option<Timestamp>,
    to: Timestamp,
}

impl<'a> Spans<'a> {
    pub(crate) fn new(schedule: &'a Schedule, from: Timestamp, to: Timestamp) -> Spans<'a> {
        Spans { schedule, at: Some(from), to }
    }
}

impl Iterator for Spans<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let at = self.at.take().filter(|at| *at < self.to)?;
        let state = self.schedule.state_at(floor_second(at));
        let begin =
            if state.open { Some(at) } else { timestamp(state.change).filter(|begin| *begin < self.to) }?;
        let end = if state.open { state.change } else { self.schedule.change_back(state) };
        self.at = timestamp(end).filter(|end| *end < self.to);
        Some(Span { begin, end: self.at.unwrap_or(self.to) })
    }
}

impl std::iter::FusedIterator for Spans<'_> {}

impl Schedule {
    /// The open spans between two instants, in order, cut off at both. Each is found when asked for.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("UTC")?).compile();
    /// let mut spans = schedule.spans("2026-01-05T12:00:00Z".parse()?, "2026-01-12T10:00:00Z".parse()?);
    /// assert_eq!(spans.next().unwrap().to_string(), "2026-01-05T12:00:00Z/2026-01-05T18:00:00Z");
    /// assert_eq!(spans.next().unwrap().to_string(), "2026-01-12T09:00:00Z/2026-01-12T10:00:00Z");
    /// assert_eq!(spans.next(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> Spans<'_> {
        Spans::new(self, from, to)
    }

    /// How long it is open between two instants. Takes as long as the number of spans between them.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("UTC")?).compile();
    /// let open = schedule.open_time("2026-01-05T12:00:00Z".parse()?, "2026-01-12T10:00:00Z".parse()?);
    /// assert_eq!(open, jiff::SignedDuration::from_hours(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_time(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.spans(from, to).fold(SignedDuration::ZERO, |sum, span| sum.saturating_add(span.duration()))
    }
}
