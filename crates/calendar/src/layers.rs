//! When the layers over a schedule are open together: the next change, the next opening and the open spans.
//!
//! All is told in seconds, at which everything begins and ends. Each layer is asked once about the second in question; others are asked about
//! later ones only where that does not tell yet.

use jiff::{SignedDuration, Timestamp};

use crate::{
    closed_spans::ClosedSpan,
    decision::{DecidingRule, Reason},
    intersection::INTERSECTION_STEPS,
    overrides::{Ceiling, EffectiveSchedule, Override},
    recent::DecisionParts,
    schedule::{InstantState, before_end, floor_second, timestamp},
    spans::Span,
};

/// Stands for "never", as any second does that is behind the years which answers are exact for.
const NEVER: i64 = i64::MAX;

/// What came of a search of more steps than these is kept.
const STEPS_OF_SHORT_SEARCH: usize = 16;

/// For how long a search for an opening that was given up is not done again, in seconds.
const NOT_SEARCHED_AGAIN: i64 = 86_400;

/// The first seconds of which it is known that layers are open in all of them, if there are any; in no second before `begin` they are.
#[derive(Clone, Copy)]
struct FirstOpen {
    begin: i64,
    end: i64,
}

impl FirstOpen {
    /// Of a layer that is in this state at a second. If the state does not tell until when an opening lasts, it is its first second.
    #[inline]
    fn of(state: InstantState, second: i64) -> FirstOpen {
        let change = before_end(state.change).unwrap_or(NEVER);
        if state.open {
            return FirstOpen { begin: second, end: change };
        }
        match state.change_back {
            Some(end) => FirstOpen { begin: change, end },
            None => FirstOpen::at(change),
        }
    }

    #[inline]
    const fn at(second: i64) -> FirstOpen {
        FirstOpen { begin: second, end: second.saturating_add(1) }
    }

    #[inline]
    fn and(self, other: FirstOpen) -> FirstOpen {
        FirstOpen { begin: self.begin.max(other.begin), end: self.end.min(other.end) }
    }
}

/// What all layers say of a second.
pub(crate) struct LayersLook<'a> {
    second: i64,
    /// What the schedule and its override say.
    below: InstantState,
    /// When all are open.
    first: FirstOpen,
    /// Of the closures that hold the one that ends last.
    closure: Option<&'a ClosedSpan>,
    /// Of the ceilings that are closed the one that opens last, and when it does: one that never does before all others.
    closed_ceiling: Option<(&'a Ceiling, i64)>,
}

impl<'a> LayersLook<'a> {
    #[inline]
    pub(crate) const fn is_open(&self) -> bool {
        self.first.begin == self.second
    }

    /// What closes it from above, by its rule and name: a closure, or else a ceiling.
    #[inline]
    fn closed_above(&self) -> Option<(DecidingRule, &'a str)> {
        match (self.closure, self.closed_ceiling) {
            (Some(closure), _) => Some((DecidingRule::Closure, &closure.name)),
            (None, Some((ceiling, _))) => Some((DecidingRule::Ceiling, &ceiling.name)),
            (None, None) => None,
        }
    }
}

impl EffectiveSchedule {
    /// Asks every layer about a second, of which the schedule and its override say `below`.
    #[inline]
    pub(crate) fn look(&self, second: i64, below: InstantState) -> LayersLook<'_> {
        let (closure, next_closure) = self.closures().look(second);
        let beside_closures = match closure {
            None => FirstOpen { begin: second, end: next_closure.unwrap_or(NEVER) },
            Some(_) => FirstOpen::at(self.closures().open_from(second)),
        };
        let mut first = FirstOpen::of(below, second).and(beside_closures);
        let mut closed_ceiling: Option<(&Ceiling, i64)> = None;
        for ceiling in self.ceilings() {
            let of_ceiling = FirstOpen::of(ceiling.schedule.state_at(second), second);
            first = first.and(of_ceiling);
            let opens_last = || closed_ceiling.is_none_or(|(_, opening)| opening <= of_ceiling.begin);
            if second < of_ceiling.begin && opens_last() {
                closed_ceiling = Some((ceiling, of_ceiling.begin));
            }
        }
        LayersLook { second, below, first, closure, closed_ceiling }
    }

    /// The same, if the schedule alone says `own`.
    #[inline]
    pub(crate) fn look_beside(&self, second: i64, own: &DecisionParts) -> LayersLook<'_> {
        let below = if self.over().is_none() { own.state() } else { self.state_below(second) };
        self.look(second, below)
    }

    /// The rule that decides.
    #[inline]
    pub(crate) fn reason<'a>(&'a self, look: &LayersLook<'a>, own: &DecisionParts) -> Reason<'a> {
        match look.closed_above() {
            Some((rule, name)) => Reason::named(rule, own.today, name),
            None => self.reason_below(look.second, own),
        }
    }

    /// The first later second at which the answer is another: when the first layer closes, or all are open.
    #[inline]
    pub(crate) fn change_after(&self, look: &LayersLook<'_>) -> Option<i64> {
        let FirstOpen { begin, end } = look.first;
        if look.is_open() {
            before_end(Some(end))
        } else if begin < end {
            before_end(Some(begin))
        } else {
            self.opening_from(begin, look.below)
        }
    }

    /// The first later second at which what was closed opens, if `change` is the first at which the answer is another.
    #[inline]
    pub(crate) fn opening_after(&self, look: &LayersLook<'_>, change: Option<i64>) -> Option<i64> {
        if look.is_open() { self.opening_from(change?, look.below) } else { change }
    }

    /// The first second from `from` on at which all are open. `below` is what the schedule and its override say of a second before.
    fn opening_from(&self, from: i64, below: InstantState) -> Option<i64> {
        let found = self.search_opening(from, below, STEPS_OF_SHORT_SEARCH);
        before_end(Some(found.unwrap_or_else(|| self.search_long(from, below))))
    }

    #[cold]
    fn search_long(&self, from: i64, below: InstantState) -> i64 {
        if let Some(known) = self.recent_opening().at(from) {
            return known;
        }
        let found = self.search_opening(from, below, INTERSECTION_STEPS);
        let (opening, end) = match found {
            // Up to the opening, or, if that is never, for good.
            Some(opening) => (opening, opening),
            None => (NEVER, from.saturating_add(NOT_SEARCHED_AGAIN)),
        };
        self.recent_opening().keep(from..end, opening);
        opening
    }

    /// The same within so many steps; `None`: they are not enough. As long as one layer is closed, nothing before its opening can be it.
    fn search_opening(&self, from: i64, below: InstantState, steps: usize) -> Option<i64> {
        let mut at = from;
        for _ in 0..steps {
            let within = before_end(Some(at)).and_then(|at| self.open_below_from(at, below));
            let Some(open_below) = before_end(within) else { return Some(NEVER) };
            at = self.closures().open_from(open_below);
            if open_below < at {
                continue;
            }
            match self.ceilings().iter().find(|ceiling| !ceiling.schedule.is_open_at(at)) {
                Some(ceiling) => at = ceiling.schedule.state_at(at).change.unwrap_or(NEVER),
                None => return Some(at),
            }
        }
        None
    }

    /// The first second from `at` on in which the schedule and its override are open; `state` is theirs at that second or before.
    #[inline]
    fn open_below_from(&self, at: i64, state: InstantState) -> Option<i64> {
        match (state.open, state.change, state.change_back) {
            (true, change, _) if change.is_none_or(|change| at < change) => Some(at),
            (true, _, Some(opening)) if at <= opening => Some(opening),
            (false, opening, _) if opening.is_none_or(|opening| at <= opening) => opening,
            _ => {
                let state = self.state_below(at);
                if state.open { Some(at) } else { state.change }
            }
        }
    }

    /// What all layers say of a second, and when that changes.
    #[inline]
    pub(crate) fn state_at(&self, second: i64) -> InstantState {
        let below = self.state_below(second);
        if self.closures().is_empty() && self.ceilings().is_empty() {
            return below;
        }
        let look = self.look(second, below);
        InstantState { open: look.is_open(), change: self.change_after(&look), change_back: None }
    }

    /// What the schedule and its override say of a second.
    #[inline]
    pub(crate) fn state_below(&self, second: i64) -> InstantState {
        match self.over() {
            None => self.schedule().state_at(second),
            Some(over) => self.state_beside(over, second),
        }
    }

    /// The state before the override, while it holds, or after it.
    fn state_beside(&self, over: &Override, second: i64) -> InstantState {
        let (begin, end) = (floor_second(over.begin), floor_second(over.end));
        if end <= begin || end <= second {
            return self.schedule().state_at(second);
        }
        if second < begin {
            let state = self.schedule().state_at(second);
            if state.change.is_some_and(|change| change < begin) {
                return InstantState { change_back: state.change_back.filter(|back| *back < begin), ..state };
            }
            if over.open != state.open {
                return InstantState { change: Some(begin), change_back: None, ..state };
            }
        }
        // Up to its end nothing changes any more.
        let after = self.schedule().state_at(end);
        if after.open == over.open {
            return after;
        }
        InstantState { open: over.open, change: Some(end), change_back: after.change }
    }

    /// The first instant after `instant` at which the answer of [`is_open`](Self::is_open) is another. `None` means never.
    /// Example at [`EffectiveSchedule`].
    #[inline]
    pub fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        timestamp(self.state_at(floor_second(instant)).change)
    }

    /// The first instant after `instant` at which what was closed opens. If it is open at `instant`, that is the opening after
    /// the next closing. `None` means never. Example at [`EffectiveSchedule`].
    pub fn next_opening(&self, instant: Timestamp) -> Option<Timestamp> {
        let second = floor_second(instant);
        let look = self.look(second, self.state_below(second));
        timestamp(self.opening_after(&look, self.change_after(&look)))
    }

    /// The spans between two instants in which calling is allowed, in order; see [`Schedule::spans`](crate::Schedule::spans).
    ///
    /// ```
    /// use calendar::{EffectiveSchedule, Override, Schedule, WeeklyWindows, Zone};
    ///
    /// let at = |second| jiff::Timestamp::from_second(second).unwrap();
    /// let never = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let open = Override { open: true, begin: at(10), end: at(20), reason: "".into() };
    /// let effective = EffectiveSchedule::new(never.into(), Some(open));
    /// let spans: Vec<_> = effective.spans(at(0), at(15)).map(|span| (span.begin, span.end)).collect();
    /// assert_eq!(spans, [(at(10), at(15))]);
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Span> + '_ {
        let mut at = Some(from);
        std::iter::from_fn(move || {
            let from = at.take().filter(|at| *at < to)?;
            let second = floor_second(from);
            let opening = self.opening_from(second, self.state_below(second))?;
            let begin = if opening == second { Some(from) } else { timestamp(Some(opening)) };
            let begin = begin.filter(|begin| *begin < to)?;
            let look = self.look(opening, self.state_below(opening));
            at = timestamp(Some(look.first.end)).filter(|end| *end < to);
            Some(Span { begin, end: at.unwrap_or(to) })
        })
    }

    /// How long calling is allowed between two instants; see [`Schedule::open_time`](crate::Schedule::open_time).
    pub fn open_time(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.spans(from, to).fold(SignedDuration::ZERO, |sum, span| sum.saturating_add(span.duration()))
    }
}
