//! Layers over a schedule: a person's override, which closes or opens it for a while, whatever its windows say; and above that the closures of
//! what the schedule belongs to.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    closed_spans::{ClosedSpan, ClosedSpans, whole_second},
    decision::{DecidingRule, Decision, Reason},
    schedule::{Schedule, floor_second},
    spans::Span,
    zone::Zone,
};

/// What a schedule is set to from an instant to another, and why. Example at [`EffectiveSchedule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Whether calling is allowed while it holds.
    pub open: bool,
    /// The first instant at which it holds. It holds from the begin of that second on.
    pub begin: Timestamp,
    /// The first instant at which it does not hold any more, to the second as well.
    pub end: Timestamp,
    /// Why, for whoever reads an answer.
    pub reason: Box<str>,
}

impl Override {
    /// Whether it holds at an instant.
    ///
    /// ```
    /// use calendar::Override;
    ///
    /// let at = |second| jiff::Timestamp::from_second(second).unwrap();
    /// let closed = Override { open: false, begin: at(10), end: at(20), reason: "fire drill".into() };
    /// assert!(closed.holds_at(at(10)) && !closed.holds_at(at(20)));
    /// ```
    pub fn holds_at(&self, instant: Timestamp) -> bool {
        let second = floor_second(instant);
        floor_second(self.begin) <= second && second < floor_second(self.end)
    }
}

/// A schedule as it holds: its own answers, but for the while in which it is overridden, and closed while a closure above it holds.
///
/// As those of a [`Schedule`], its answers are constant from an instant to the next change, and differ there.
///
/// ```
/// use std::sync::Arc;
///
/// use calendar::{DecidingRule, EffectiveSchedule, Override, Schedule, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?).compile();
/// let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
/// let closed = Override {
///     open: false,
///     begin: at("2026-01-05T10:00:00+08:00"),
///     end: at("2026-01-05T12:00:00+08:00"),
///     reason: "fire drill".into(),
/// };
/// let effective = EffectiveSchedule::new(Arc::new(schedule), Some(closed));
/// let decision = effective.decide(at("2026-01-05T10:30:00+08:00"));
/// assert!(!decision.allowed);
/// assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Override, Some("fire drill")));
/// assert_eq!(decision.next_opening, Some(at("2026-01-05T12:00:00+08:00")));
/// assert_eq!(effective.next_change(at("2026-01-05T09:30:00+08:00")), Some(at("2026-01-05T10:00:00+08:00")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EffectiveSchedule {
    schedule: Arc<Schedule>,
    over: Option<Override>,
    closed: ClosedSpans,
}

impl From<Schedule> for EffectiveSchedule {
    fn from(schedule: Schedule) -> Self {
        Self::new(Arc::new(schedule), None)
    }
}

impl EffectiveSchedule {
    /// A schedule with the override of it, if there is one. Example at [`EffectiveSchedule`].
    pub fn new(schedule: Arc<Schedule>, over: Option<Override>) -> Self {
        Self { schedule, over, closed: ClosedSpans::default() }
    }

    /// The same within closures of what it belongs to: they close it, whatever overrides it.
    ///
    /// ```
    /// use calendar::{ClosedSpan, ClosedSpans, DecidingRule, EffectiveSchedule, Override, Schedule, WeeklyWindows, Zone};
    ///
    /// let at = |second| jiff::Timestamp::from_second(second).unwrap();
    /// let never = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let open = Override { open: true, begin: at(0), end: at(100), reason: "".into() };
    /// let fair = ClosedSpan { begin: at(10), end: at(20), name: "fair".into() };
    /// let effective =
    ///     EffectiveSchedule::new(never.into(), Some(open)).closed_in(ClosedSpans::new(vec![fair]));
    /// assert_eq!(effective.next_change(at(5)), Some(at(10)));
    /// let decision = effective.decide(at(15));
    /// assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Closure, Some("fair")));
    /// assert_eq!(decision.next_opening, Some(at(20)));
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    #[must_use]
    pub fn closed_in(self, closed: ClosedSpans) -> Self {
        Self { closed, ..self }
    }

    /// The schedule without its override.
    ///
    /// ```
    /// # use calendar::{EffectiveSchedule, Schedule, WeeklyWindows, Zone};
    /// # let schedule = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let effective = EffectiveSchedule::from(schedule);
    /// assert_eq!(effective.schedule().zone().name(), "UTC");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub const fn schedule(&self) -> &Arc<Schedule> {
        &self.schedule
    }

    /// The zone whose wall clock the windows are read on.
    pub fn zone(&self) -> &Zone {
        self.schedule.zone()
    }

    /// About how many bytes of memory it takes; see [`Schedule::size_in_bytes`].
    pub fn size_in_bytes(&self) -> usize {
        let over = self.over.as_ref().map_or(0, |over| over.reason.len());
        self.schedule.size_in_bytes()
            + size_of::<Self>()
            + over
            + self.closed.count() * size_of::<ClosedSpan>()
    }

    /// Whether calling is allowed at an instant. Example at [`EffectiveSchedule`].
    #[inline]
    pub fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_below(instant) && (self.closed.is_empty() || self.closed.last_to_open(instant).is_none())
    }

    /// Whether calling is allowed as far as the schedule and its override go.
    #[inline]
    fn is_open_below(&self, instant: Timestamp) -> bool {
        match &self.over {
            Some(over) if over.holds_at(instant) => over.open,
            _ => self.schedule.is_open(instant),
        }
    }

    /// The first instant after `instant` at which the answer of [`is_open`](Self::is_open) is another. `None` means never.
    /// Example at [`EffectiveSchedule`].
    #[inline]
    pub fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        if self.closed.is_empty() {
            return self.change_below(instant);
        }
        if self.is_open(instant) {
            return self.change_below(instant).into_iter().chain(self.closed.next_begin(instant)).min();
        }
        // As long as one of the two is closed, nothing before its opening can be the opening; each round leaves a closure behind.
        let mut at = instant;
        loop {
            at = self.closed.open_from(at);
            if self.is_open_below(at) {
                return Some(at);
            }
            at = self.change_below(at)?;
            if self.closed.last_to_open(at).is_none() {
                return Some(at);
            }
        }
    }

    /// The first instant after `instant` at which an override or a closure begins or ends.
    pub(crate) fn next_layer(&self, instant: Timestamp) -> Option<Timestamp> {
        let over = self.over.as_ref().map(|over| [over.begin, over.end].map(whole_second));
        let over = over.into_iter().flatten().filter(|bound| instant < *bound);
        over.chain(self.closed.next_bound(instant)).min()
    }

    fn change_below(&self, instant: Timestamp) -> Option<Timestamp> {
        match &self.over {
            None => self.schedule.next_change(instant),
            Some(over) => self.change_beside(over, instant),
        }
    }

    /// The first instant after `instant` at which what was closed opens. If it is open at `instant`, that is the opening after
    /// the next closing. `None` means never. Example at [`EffectiveSchedule`].
    pub fn next_opening(&self, instant: Timestamp) -> Option<Timestamp> {
        let change = self.next_change(instant)?;
        if self.is_open(instant) { self.next_change(change) } else { Some(change) }
    }

    /// Whether calling is allowed at an instant, why, and when next. Example at [`EffectiveSchedule`].
    pub fn decide(&self, instant: Timestamp) -> Decision<'_> {
        let decision = self.schedule.decide(instant);
        let over = self.over.as_ref().filter(|over| instant < over.end);
        let until = decision.next_change.and(decision.next_opening).unwrap_or(Timestamp::MAX);
        if over.is_none() && !self.closed.meet(instant, until) {
            return decision;
        }
        let second = floor_second(instant);
        let moment = self.schedule.moment(second);
        let next_change = self.next_change(instant);
        let next_opening = self.next_opening(instant);
        let known_until =
            self.schedule.horizon_after(second).and_then(|end| Timestamp::from_second(end).ok());
        let over = over.filter(|over| over.holds_at(instant));
        let reason = match (self.closed.last_to_open(instant), over) {
            (Some(closed), _) => Reason::named(DecidingRule::Closure, moment.day, &closed.name),
            (None, Some(over)) => Reason::named(DecidingRule::Override, moment.day, &over.reason),
            (None, None) => decision.reason,
        };
        Decision {
            allowed: self.is_open(instant),
            reason,
            next_change,
            next_opening,
            valid_until: next_change.into_iter().chain(known_until).min(),
            warning: self.schedule.warning(moment.day, next_opening.map(Timestamp::as_second)),
            layer: None,
        }
    }

    /// The spans between two instants in which calling is allowed, in order; see [`Schedule::spans`].
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
            let opening = if self.is_open(from) { Some(from) } else { self.next_change(from) };
            let begin = opening.filter(|begin| *begin < to)?;
            at = self.next_change(begin).filter(|end| *end < to);
            Some(Span { begin, end: at.unwrap_or(to) })
        })
    }

    /// How long calling is allowed between two instants; see [`Schedule::open_time`].
    pub fn open_time(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.spans(from, to).fold(SignedDuration::ZERO, |sum, span| sum.saturating_add(span.duration()))
    }

    /// The next change: before the override, at its begin, at its end, or after it, whichever is the first to differ.
    fn change_beside(&self, over: &Override, instant: Timestamp) -> Option<Timestamp> {
        let open = self.is_open_below(instant);
        let (begin, end) = (whole_second(over.begin), whole_second(over.end));
        if end <= begin {
            return self.schedule.next_change(instant);
        }
        if instant < begin {
            let change = self.schedule.next_change(instant).filter(|change| *change < begin);
            if change.is_some() {
                return change;
            }
            if over.open != open {
                return Some(begin);
            }
        }
        if instant < end {
            // Up to its end nothing changes any more.
            return if self.schedule.is_open(end) == open {
                self.schedule.next_change(end)
            } else {
                Some(end)
            };
        }
        self.schedule.next_change(instant)
    }
}
