//! Spans in which nothing is open, each with a name: closures of what lies above a schedule. They only close.

use std::sync::Arc;

use jiff::Timestamp;

use crate::schedule::floor_second;

/// A span in which nothing is open. Example at [`ClosedSpans`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedSpan {
    /// Its first instant, to the second.
    pub begin: Timestamp,
    /// The first instant after it, to the second.
    pub end: Timestamp,
    /// What it is called.
    pub name: Box<str>,
}

impl ClosedSpan {
    fn holds_at(&self, second: i64) -> bool {
        floor_second(self.begin) <= second && second < floor_second(self.end)
    }
}

/// Spans in which nothing is open: they may overlap. A clone shares them.
///
/// ```
/// use calendar::{ClosedSpan, ClosedSpans};
///
/// let at = |second| jiff::Timestamp::from_second(second).unwrap();
/// let span = |begin, end, name: &str| ClosedSpan { begin: at(begin), end: at(end), name: name.into() };
/// let closed = ClosedSpans::new(vec![span(10, 30, "move"), span(20, 40, "fair")]);
/// assert_eq!(closed.last_to_open(at(25)).map(|span| &*span.name), Some("fair"));
/// assert_eq!(closed.last_to_open(at(40)), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedSpans(Arc<[ClosedSpan]>);

impl ClosedSpans {
    /// All of these; those that never hold are left out. Example at [`ClosedSpans`].
    pub fn new(mut spans: Vec<ClosedSpan>) -> Self {
        spans.retain(|span| floor_second(span.begin) < floor_second(span.end));
        Self(spans.into())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of those that hold at an instant the one that ends last; `None`: none holds. Example at [`ClosedSpans`].
    pub fn last_to_open(&self, instant: Timestamp) -> Option<&ClosedSpan> {
        let second = floor_second(instant);
        self.0.iter().filter(|span| span.holds_at(second)).max_by_key(|span| span.end)
    }

    /// Whether any holds between two instants, both included.
    pub(crate) fn meet(&self, from: Timestamp, to: Timestamp) -> bool {
        self.between(from, to).next().is_some()
    }

    /// Those that hold between two instants, both included.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &ClosedSpan> {
        let (from, to) = (floor_second(from), floor_second(to));
        self.0.iter().filter(move |span| floor_second(span.begin) <= to && from < floor_second(span.end))
    }

    /// The first instant from `instant` on at which none holds.
    pub(crate) fn open_from(&self, instant: Timestamp) -> Timestamp {
        let mut at = instant;
        while let Some(span) = self.last_to_open(at) {
            at = whole_second(span.end);
        }
        at
    }

    /// The first instant after `instant` at which one begins.
    pub(crate) fn next_begin(&self, instant: Timestamp) -> Option<Timestamp> {
        self.0.iter().map(|span| whole_second(span.begin)).filter(|begin| instant < *begin).min()
    }

    /// The first instant after `instant` at which one begins or ends.
    pub(crate) fn next_bound(&self, instant: Timestamp) -> Option<Timestamp> {
        let bounds = self.0.iter().flat_map(|span| [span.begin, span.end].map(whole_second));
        bounds.filter(|bound| instant < *bound).min()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The second an instant lies in.
pub(crate) fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(floor_second(instant)).unwrap_or(instant)
}
