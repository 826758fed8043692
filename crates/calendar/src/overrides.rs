//! Layers over a schedule: a person's override, which closes or opens it for a while, whatever its windows say; and above that the ceilings and the
//! closures of what the schedule belongs to, which only close.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use crate::{
    closed_spans::{ClosedSpan, ClosedSpans, whole_second},
    decision::{DecidingRule, Decision, Reason, Warning},
    intersection::INTERSECTION_STEPS,
    recent::{DecisionParts, LayeredState, RecentState},
    schedule::{Schedule, floor_second, timestamp},
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

/// Another schedule that must be open, too, for what lies below it. Example at [`EffectiveSchedule::below`].
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// What it is called: decisions name it.
    pub name: Box<str>,
    /// When it is open. It may be shared by all that lie below.
    pub schedule: Arc<EffectiveSchedule>,
}

/// A schedule as it holds: its own answers, but for the while in which it is overridden, and closed while a closure above it holds or a
/// ceiling above it is closed.
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
pub struct EffectiveSchedule {
    schedule: Arc<Schedule>,
    over: Option<Override>,
    ceilings: Box<[Ceiling]>,
    closed: ClosedSpans,
    recent: RecentState,
}

/// What a schedule and its override say of an instant, with which the search for openings begins.
struct LayersBelow<'a> {
    effective: &'a EffectiveSchedule,
    open: bool,
    change: Option<Timestamp>,
    opening: Option<Timestamp>,
}

impl LayersBelow<'_> {
    /// The first instant from `at` on at which it is open; `at` is not before the instant that is told about.
    fn open_from(&self, at: Timestamp) -> Option<Timestamp> {
        if self.open && self.change.is_none_or(|change| at < change) {
            return Some(at);
        }
        let opening = self.opening?;
        if at <= opening {
            return Some(opening);
        }
        if self.effective.is_open_below(at) { Some(at) } else { self.effective.change_below(at) }
    }
}

/// For how long a search for an opening that found none is not done again, in seconds.
const NOT_SEARCHED_AGAIN: i64 = 86_400;

impl fmt::Debug for EffectiveSchedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EffectiveSchedule")
            .field("schedule", &self.schedule)
            .field("over", &self.over)
            .field("ceilings", &self.ceilings)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

impl From<Schedule> for EffectiveSchedule {
    fn from(schedule: Schedule) -> Self {
        Self::new(Arc::new(schedule), None)
    }
}

impl EffectiveSchedule {
    /// A schedule with the override of it, if there is one. Example at [`EffectiveSchedule`].
    pub fn new(schedule: Arc<Schedule>, over: Option<Override>) -> Self {
        let (ceilings, closed) = (Box::default(), ClosedSpans::default());
        Self { schedule, over, ceilings, closed, recent: RecentState::default() }
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
        Self { closed, recent: RecentState::default(), ..self }
    }

    /// The same below ceilings, all of which must be open as well. They close it, whatever overrides it, and never open it.
    ///
    /// A search for the next change that goes from one layer's opening to the next tries [`INTERSECTION_STEPS`] of them at most; layers that
    /// share none of those count as never open together.
    ///
    /// ```
    /// use calendar::{Ceiling, DecidingRule, EffectiveSchedule, Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let schedule = |zone| Zone::parse(zone).map(|zone| Schedule::builder(&windows, &zone).compile());
    /// let law = Ceiling {
    ///     name: "law".into(),
    ///     schedule: EffectiveSchedule::from(schedule("Asia/Tokyo")?).into(),
    /// };
    /// let effective = EffectiveSchedule::from(schedule("Asia/Shanghai")?).below([law]);
    /// let decision = effective.decide("2026-01-05T17:30:00+08:00".parse()?);
    /// assert!(!decision.allowed);
    /// assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Ceiling, Some("law")));
    /// assert_eq!(decision.next_opening, Some("2026-01-12T09:00:00+08:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn below(self, ceilings: impl IntoIterator<Item = Ceiling>) -> Self {
        Self { ceilings: ceilings.into_iter().collect(), recent: RecentState::default(), ..self }
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

    /// About how many bytes of memory it takes, without its ceilings, which others share; see [`Schedule::size_in_bytes`].
    pub fn size_in_bytes(&self) -> usize {
        let over = self.over.as_ref().map_or(0, |over| over.reason.len());
        self.schedule.size_in_bytes()
            + size_of::<Self>()
            + over
            + self.closed.count() * size_of::<ClosedSpan>()
            + size_of_val::<[Ceiling]>(&self.ceilings)
    }

    /// Whether calling is allowed at an instant. Example at [`EffectiveSchedule`].
    #[inline]
    pub fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_below(instant) && self.is_open_above(instant)
    }

    /// Whether calling is allowed as far as the schedule and its override go.
    #[inline]
    pub(crate) fn is_open_below(&self, instant: Timestamp) -> bool {
        match &self.over {
            Some(over) if over.holds_at(instant) => over.open,
            _ => self.schedule.is_open(instant),
        }
    }

    /// Whether calling is allowed as far as ceilings and closures go.
    #[inline]
    fn is_open_above(&self, instant: Timestamp) -> bool {
        self.ceilings.iter().all(|ceiling| ceiling.schedule.is_open(instant))
            && (self.closed.is_empty() || self.closed.last_to_open(instant).is_none())
    }

    /// The first instant after `instant` at which the answer of [`is_open`](Self::is_open) is another. `None` means never.
    /// Example at [`EffectiveSchedule`].
    #[inline]
    pub fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        if !self.has_layers_above() {
            return self.change_below(instant);
        }
        match self.recent.at(floor_second(instant)) {
            Some(state) => timestamp(state.change),
            None => self.change_anew(instant, &self.layers_below(instant, &self.own_parts(instant))).1,
        }
    }

    fn has_layers_above(&self) -> bool {
        !(self.ceilings.is_empty() && self.closed.is_empty())
    }

    /// What all layers say together, if the schedule alone says `own` at this second.
    fn state(&self, instant: Timestamp, own: &DecisionParts) -> LayeredState {
        let second = floor_second(instant);
        self.recent.at(second).unwrap_or_else(|| {
            let state = self.state_anew(instant, &self.layers_below(instant, own));
            self.recent.keep(
                second,
                state.change.unwrap_or(second.saturating_add(NOT_SEARCHED_AGAIN)),
                state,
            );
            state
        })
    }

    fn state_anew(&self, instant: Timestamp, below: &LayersBelow<'_>) -> LayeredState {
        let (open, change) = self.change_anew(instant, below);
        let opening = if open { self.opening_from(below, change) } else { change };
        let [change, opening] = [change, opening].map(|instant| instant.map(Timestamp::as_second));
        LayeredState { open, change, opening }
    }

    /// Whether all layers are open at an instant, and the next change: when the first of them closes, or all are open.
    fn change_anew(&self, instant: Timestamp, below: &LayersBelow<'_>) -> (bool, Option<Timestamp>) {
        let mut open = below.open && self.closed.last_to_open(instant).is_none();
        let mut closing = below.change.into_iter().chain(self.closed.next_begin(instant)).min();
        for ceiling in &self.ceilings {
            if !open {
                break;
            }
            let change;
            (open, change) = ceiling.schedule.open_until(instant);
            closing = closing.into_iter().chain(change).min();
        }
        (open, if open { closing } else { self.opening_from(below, Some(instant)) })
    }

    /// Whether it is open at an instant, and the next change.
    fn open_until(&self, instant: Timestamp) -> (bool, Option<Timestamp>) {
        if self.over.is_some() || self.has_layers_above() {
            return (self.is_open(instant), self.next_change(instant));
        }
        let state = self.schedule.state_at(floor_second(instant));
        (state.open, timestamp(state.change))
    }

    /// What the schedule alone says.
    fn own_parts(&self, instant: Timestamp) -> DecisionParts {
        self.schedule.decision_parts(floor_second(instant))
    }

    /// What the schedule and its override say, if the schedule alone says `own`.
    fn layers_below(&self, instant: Timestamp, own: &DecisionParts) -> LayersBelow<'_> {
        if self.over.is_none() {
            let (change, opening) = (timestamp(own.change), timestamp(own.opening));
            return LayersBelow { effective: self, open: own.open, change, opening };
        }
        let (open, change) = (self.is_open_below(instant), self.change_below(instant));
        let opening = if open { change.and_then(|change| self.change_below(change)) } else { change };
        LayersBelow { effective: self, open, change, opening }
    }

    /// The first instant from `from` on at which all are open. As long as one layer is closed, nothing before its opening can be it.
    fn opening_from(&self, below: &LayersBelow<'_>, from: Option<Timestamp>) -> Option<Timestamp> {
        let mut at = from?;
        for _ in 0..INTERSECTION_STEPS {
            at = self.closed.open_from(at);
            let open_below = below.open_from(at)?;
            if open_below > at {
                at = open_below;
                continue;
            }
            match self.ceilings.iter().find(|ceiling| !ceiling.schedule.is_open(at)) {
                Some(ceiling) => at = ceiling.schedule.next_change(at)?,
                None => return Some(at),
            }
        }
        None
    }

    /// The first instant after `instant` at which an override or a closure begins or ends, or a ceiling opens or closes.
    pub(crate) fn next_layer(&self, instant: Timestamp) -> Option<Timestamp> {
        let over = self.over.as_ref().map(|over| [over.begin, over.end].map(whole_second));
        let over = over.into_iter().flatten().filter(|bound| instant < *bound);
        let ceilings = self.ceilings.iter().filter_map(|ceiling| ceiling.schedule.next_change(instant));
        over.chain(self.closed.next_bound(instant)).chain(ceilings).min()
    }

    pub(crate) fn change_below(&self, instant: Timestamp) -> Option<Timestamp> {
        match &self.over {
            None => self.schedule.next_change(instant),
            Some(over) => self.change_beside(over, instant),
        }
    }

    /// The first instant after `instant` at which what was closed opens. If it is open at `instant`, that is the opening after
    /// the next closing. `None` means never. Example at [`EffectiveSchedule`].
    pub fn next_opening(&self, instant: Timestamp) -> Option<Timestamp> {
        timestamp(self.state(instant, &self.own_parts(instant)).opening)
    }

    /// Whether calling is allowed at an instant, why, and when next. Of several that close, the strongest rule is the reason; of several ceilings
    /// the one that opens last. Example at [`EffectiveSchedule`].
    pub fn decide(&self, instant: Timestamp) -> Decision<'_> {
        let parts = self.own_parts(instant);
        let decision = self.schedule.decision_of(floor_second(instant), &parts);
        let over = self.over.as_ref().filter(|over| instant < over.end);
        let until = decision.next_change.and(decision.next_opening).unwrap_or(Timestamp::MAX);
        if over.is_none() && self.ceilings.is_empty() && !self.closed.meet(instant, until) {
            return decision;
        }
        let state = self.state(instant, &parts);
        let [next_change, next_opening] = [state.change, state.opening].map(timestamp);
        Decision {
            allowed: state.open,
            reason: self.reason(decision.reason, parts.today, state.open, instant),
            next_change,
            next_opening,
            valid_until: next_change.into_iter().chain(self.known_until(instant)).min(),
            warning: self.warning(instant, next_opening),
            layer: None,
        }
    }

    /// Why it is open or closed as far as the schedule and its override go.
    pub(crate) fn reason_below(&self, instant: Timestamp) -> Reason<'_> {
        self.overridden(self.schedule.decide(instant).reason, self.own_parts(instant).today, instant)
    }

    /// The closures that it lies in.
    pub(crate) const fn closures(&self) -> &ClosedSpans {
        &self.closed
    }

    /// The ceilings that it lies below.
    pub(crate) const fn ceilings(&self) -> &[Ceiling] {
        &self.ceilings
    }

    /// Why it is open or closed, if the windows alone say `own`; `today` is the local day.
    fn reason<'a>(&'a self, own: Reason<'a>, today: i32, open: bool, instant: Timestamp) -> Reason<'a> {
        if !open && let Some(above) = self.closed_above(instant) {
            return Reason::named(above.0, today, above.1);
        }
        self.overridden(own, today, instant)
    }

    /// `own`, or the override that holds.
    fn overridden<'a>(&'a self, own: Reason<'a>, today: i32, instant: Timestamp) -> Reason<'a> {
        let over = self.over.as_ref().filter(|over| over.holds_at(instant));
        over.map_or(own, |over| Reason::named(DecidingRule::Override, today, &over.reason))
    }

    /// What closes it from above, by its rule and name: a closure, or else a ceiling.
    fn closed_above(&self, instant: Timestamp) -> Option<(DecidingRule, &str)> {
        let closure = self.closed.last_to_open(instant);
        let closure = closure.map(|closed| (DecidingRule::Closure, &*closed.name));
        let ceiling = || self.closed_ceiling(instant).map(|ceiling| (DecidingRule::Ceiling, &*ceiling.name));
        closure.or_else(ceiling)
    }

    /// Of the ceilings that are closed the one that opens last: one that never does before all others.
    fn closed_ceiling(&self, instant: Timestamp) -> Option<&Ceiling> {
        let opening = |ceiling: &Ceiling| {
            let opening = ceiling.schedule.next_change(instant);
            (opening.is_none(), opening)
        };
        let closed = self.ceilings.iter().filter(|ceiling| !ceiling.schedule.is_open(instant));
        closed.reduce(|one, other| if opening(other) < opening(one) { one } else { other })
    }

    /// The end of what the holiday calendars of all layers know, if it is still to come.
    fn known_until(&self, instant: Timestamp) -> Option<Timestamp> {
        let own = self.schedule.horizon_after(floor_second(instant));
        let own = own.and_then(|end| Timestamp::from_second(end).ok());
        let ceilings = self.ceilings.iter().filter_map(|ceiling| ceiling.schedule.known_until(instant));
        own.into_iter().chain(ceilings).min()
    }

    fn warning(&self, instant: Timestamp, next_opening: Option<Timestamp>) -> Option<Warning> {
        let own = self.schedule.warning_at(floor_second(instant), next_opening.map(Timestamp::as_second));
        let of_ceiling = |ceiling: &Ceiling| ceiling.schedule.warning(instant, next_opening);
        own.or_else(|| self.ceilings.iter().find_map(of_ceiling))
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
