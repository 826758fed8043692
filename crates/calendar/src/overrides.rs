//! Layers over a schedule: a person's override, which closes or opens it for a while, whatever its windows say; and above that the ceilings and the
//! closures of what the schedule belongs to, which only close.

use std::{fmt, sync::Arc};

use jiff::Timestamp;

use crate::{
    closed_spans::{ClosedSpans, whole_second},
    decision::{DecidingRule, Decision, Reason},
    horizon::Warning,
    recent::{DecisionParts, RecentOpening},
    schedule::{Schedule, before_end, floor_second, timestamp},
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
        self.holds_in(floor_second(instant))
    }

    #[inline]
    fn holds_in(&self, second: i64) -> bool {
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
    recent: RecentOpening,
}

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
        Self { schedule, over, ceilings, closed, recent: RecentOpening::default() }
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
        Self { closed, recent: RecentOpening::default(), ..self }
    }

    /// The same below ceilings, all of which must be open as well. They close it, whatever overrides it, and never open it.
    ///
    /// A search for the next change that goes from one layer's opening to the next tries [`INTERSECTION_STEPS`](crate::INTERSECTION_STEPS) of them at most; layers that
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
        Self { ceilings: ceilings.into_iter().collect(), recent: RecentOpening::default(), ..self }
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
        self.schedule.size_in_bytes() + self.bytes_of_layers()
    }

    /// How many bytes of memory it takes now, counted, without its ceilings, which others share; see [`Schedule::bytes_held`].
    pub fn bytes_held(&self) -> usize {
        self.schedule.bytes_held() + self.bytes_of_layers()
    }

    fn bytes_of_layers(&self) -> usize {
        let over = self.over.as_ref().map_or(0, |over| over.reason.len());
        let names = self.ceilings.iter().map(|ceiling| ceiling.name.len()).sum::<usize>();
        size_of::<Self>()
            + over
            + self.closed.size_in_bytes()
            + size_of_val::<[Ceiling]>(&self.ceilings)
            + names
    }

    /// Whether calling is allowed at an instant. Example at [`EffectiveSchedule`].
    #[inline]
    pub fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_at(floor_second(instant))
    }

    /// Whether calling is allowed in a second.
    #[inline]
    pub(crate) fn is_open_at(&self, second: i64) -> bool {
        self.is_open_below(second)
            && self.ceilings.iter().all(|ceiling| ceiling.schedule.is_open_at(second))
            && self.closed.look(second).0.is_none()
    }

    /// Whether calling is allowed as far as the schedule and its override go.
    #[inline]
    pub(crate) fn is_open_below(&self, second: i64) -> bool {
        match &self.over {
            Some(over) if over.holds_in(second) => over.open,
            _ => self.schedule.is_open_at(second),
        }
    }

    /// The first instant after `instant` at which an override or a closure begins or ends, or a ceiling opens or closes.
    pub(crate) fn next_layer(&self, instant: Timestamp) -> Option<Timestamp> {
        let over = self.over.as_ref().map(|over| [over.begin, over.end].map(whole_second));
        let over = over.into_iter().flatten().filter(|bound| instant < *bound);
        let ceilings = self.ceilings.iter().filter_map(|ceiling| ceiling.schedule.next_change(instant));
        over.chain(self.closed.next_bound(instant)).chain(ceilings).min()
    }

    /// Whether calling is allowed at an instant, why, and when next. Of several that close, the strongest rule is the reason; of several ceilings
    /// the one that opens last. Example at [`EffectiveSchedule`].
    pub fn decide(&self, instant: Timestamp) -> Decision<'_> {
        let second = floor_second(instant);
        let own = self.schedule.decision_parts(second);
        if self.decides_alone(second, &own) {
            return self.schedule.decision_of(second, &own);
        }
        let look = self.look_beside(second, &own);
        let change = self.change_after(&look);
        let opening = self.opening_after(&look, change);
        Decision {
            allowed: look.is_open(),
            reason: self.reason(&look, &own),
            next_change: timestamp(change),
            next_opening: timestamp(opening),
            valid_until: timestamp(Some(self.horizon_after(second).min(change.unwrap_or(i64::MAX)))),
            warning: self
                .schedule
                .warning(own.today, opening)
                .or_else(|| self.warning_above(second, opening)),
            layer: None,
        }
    }

    /// Whether no layer has a say in a decision of a second, of which the schedule alone says `own`.
    #[inline]
    fn decides_alone(&self, second: i64, own: &DecisionParts) -> bool {
        let until = before_end(own.change).and(before_end(own.opening)).unwrap_or(i64::MAX);
        self.ceilings.is_empty()
            && self.over.as_ref().is_none_or(|over| floor_second(over.end) <= second)
            && !self.closed.meet(second, until)
    }

    /// Why it is open or closed as far as the schedule and its override go, if the schedule alone says `own`.
    #[inline]
    pub(crate) fn reason_below<'a>(&'a self, second: i64, own: &DecisionParts) -> Reason<'a> {
        match self.over.as_ref().filter(|over| over.holds_in(second)) {
            Some(over) => Reason::named(DecidingRule::Override, own.today, &over.reason),
            None => Reason::of(&self.schedule, own.ruling),
        }
    }

    /// The override.
    pub(crate) const fn over(&self) -> Option<&Override> {
        self.over.as_ref()
    }

    /// The closures that it lies in.
    pub(crate) const fn closures(&self) -> &ClosedSpans {
        &self.closed
    }

    /// The ceilings that it lies below.
    pub(crate) const fn ceilings(&self) -> &[Ceiling] {
        &self.ceilings
    }

    /// What came of its last long search for an opening.
    pub(crate) const fn recent_opening(&self) -> &RecentOpening {
        &self.recent
    }

    /// The end of what the holiday calendars of all layers know, if it is still to come; `i64::MAX`: none is.
    #[inline]
    fn horizon_after(&self, second: i64) -> i64 {
        let own = self.schedule.horizon_after(second).unwrap_or(i64::MAX);
        self.ceilings.iter().fold(own, |end, ceiling| end.min(ceiling.schedule.horizon_after(second)))
    }

    /// What must be told of ceilings.
    #[inline]
    fn warning_above(&self, second: i64, opening: Option<i64>) -> Option<Warning> {
        self.ceilings.iter().find_map(|Ceiling { schedule, .. }| {
            let own = schedule.schedule.warning_at(second, opening);
            own.or_else(|| schedule.warning_above(second, opening))
        })
    }
}
