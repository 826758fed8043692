//! Everything that closes a schedule at an instant, and not only the rule that decides.

use jiff::Timestamp;

use crate::{
    closed_spans::whole_second,
    decision::DecidingRule,
    overrides::EffectiveSchedule,
    schedule::{floor_second, timestamp},
};

/// Something that closes a schedule at an instant. Example at [`EffectiveSchedule::closed_by`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedBy<'a> {
    /// Its rule: a closure, a ceiling, or the one by which the schedule's own windows are closed.
    pub rule: DecidingRule,
    /// What it is called, if it has a name.
    pub name: Option<&'a str>,
    /// The first later instant at which it does not close any more, whatever else does. `None`: never.
    pub until: Option<Timestamp>,
}

impl EffectiveSchedule {
    /// Everything that closes it at `instant`, the last to open first: every closure that holds, every ceiling that is closed, and its own windows
    /// or override. It is empty exactly where the schedule is open.
    ///
    /// ```
    /// use calendar::{ClosedSpan, ClosedSpans, DecidingRule, EffectiveSchedule, Schedule, WeeklyWindows, Zone};
    ///
    /// let at = |second| jiff::Timestamp::from_second(second).unwrap();
    /// let never = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let span = |begin, end, name: &str| ClosedSpan { begin: at(begin), end: at(end), name: name.into() };
    /// let closed = ClosedSpans::new(vec![span(10, 30, "move"), span(20, 40, "fair")]);
    /// let effective = EffectiveSchedule::from(never).closed_in(closed);
    /// let found: Vec<_> = effective.closed_by(at(25)).iter().map(|by| (by.rule, by.name, by.until)).collect();
    /// assert_eq!(
    ///     found,
    ///     [
    ///         (DecidingRule::Weekly, None, None),
    ///         (DecidingRule::Closure, Some("fair"), Some(at(40))),
    ///         (DecidingRule::Closure, Some("move"), Some(at(30))),
    ///     ]
    /// );
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn closed_by(&self, instant: Timestamp) -> Vec<ClosedBy<'_>> {
        let named = |name: &'_ str| !name.is_empty();
        let closures = self.closures().between(instant, instant).map(|span| {
            let until = Some(whole_second(span.end));
            ClosedBy {
                rule: DecidingRule::Closure,
                name: Some(&*span.name).filter(|name| named(name)),
                until,
            }
        });
        let closed = self.ceilings().iter().filter(|ceiling| !ceiling.schedule.is_open(instant));
        let ceilings = closed.map(|ceiling| {
            let until = ceiling.schedule.next_change(instant);
            ClosedBy {
                rule: DecidingRule::Ceiling,
                name: Some(&*ceiling.name).filter(|name| named(name)),
                until,
            }
        });
        let second = floor_second(instant);
        let below = self.state_below(second);
        let own = (!below.open).then(|| {
            let reason = self.reason_below(second, &self.schedule().decision_parts(second));
            ClosedBy { rule: reason.rule, name: reason.name, until: timestamp(below.change) }
        });
        let mut all: Vec<_> = closures.chain(ceilings).chain(own).collect();
        all.sort_by_key(|by| std::cmp::Reverse((by.until.is_none(), by.until)));
        all
    }

    /// The closures that hold at any instant from `from` until before `to`, the last to end first.
    ///
    /// ```
    /// use calendar::{ClosedSpan, ClosedSpans, EffectiveSchedule, Schedule, WeeklyWindows, Zone};
    ///
    /// let at = |second| jiff::Timestamp::from_second(second).unwrap();
    /// let never = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let fair = ClosedSpan { begin: at(20), end: at(40), name: "fair".into() };
    /// let effective = EffectiveSchedule::from(never).closed_in(ClosedSpans::new(vec![fair]));
    /// assert_eq!(effective.closures_between(at(0), at(21)).len(), 1);
    /// assert!(effective.closures_between(at(0), at(20)).is_empty());
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn closures_between(&self, from: Timestamp, to: Timestamp) -> Vec<&crate::ClosedSpan> {
        let last = to.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(to);
        let mut found: Vec<_> = self.closures().between(from, last).collect();
        found.sort_by_key(|span| std::cmp::Reverse(span.end));
        found
    }
}
