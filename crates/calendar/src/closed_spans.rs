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
        self.look(floor_second(instant)).0
    }

    /// Those that hold between two instants, both included.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &ClosedSpan> {
        let (from, to) = (floor_second(from), floor_second(to));
        self.0.iter().filter(move |span| floor_second(span.begin) <= to && from < floor_second(span.end))
    }

    /// Whether any holds in seconds of a range, the end included.
    pub(crate) fn meet(&self, from: i64, to: i64) -> bool {
        self.0.iter().any(|span| floor_second(span.begin) <= to && from < floor_second(span.end))
    }

    /// Of those that hold in a second the one that ends last, and the first later second at which one begins.
    #[inline]
    pub(crate) fn look(&self, second: i64) -> (Option<&ClosedSpan>, Option<i64>) {
        let (mut last_to_open, mut next_begin): (Option<&ClosedSpan>, _) = (None, None);
        for span in &*self.0 {
            let begin = floor_second(span.begin);
            if second < begin {
                next_begin = Some(next_begin.map_or(begin, |next| begin.min(next)));
            } else if second < floor_second(span.end) && last_to_open.is_none_or(|last| last.end <= span.end)
            {
                last_to_open = Some(span);
            }
        }
        (last_to_open, next_begin)
    }

    /// The first second from `second` on in which none holds.
    #[inline]
    pub(crate) fn open_from(&self, second: i64) -> i64 {
        let mut at = second;
        while let Some(span) = self.look(at).0 {
            at = floor_second(span.end);
        }
        at
    }

    /// The first instant after `instant` at which one begins or ends.
    pub(crate) fn next_bound(&self, instant: Timestamp) -> Option<Timestamp> {
        let bounds = self.0.iter().flat_map(|span| [span.begin, span.end].map(whole_second));
        bounds.filter(|bound| instant < *bound).min()
    }

    /// How many bytes of memory they take beside themselves.
    pub(crate) fn size_in_bytes(&self) -> usize {
        size_of_val(&*self.0) + self.0.iter().map(|span| span.name.len()).sum::<usize>()
    }
}

/// The second an instant lies in.
pub(crate) fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(floor_second(instant)).unwrap_or(instant)
}
