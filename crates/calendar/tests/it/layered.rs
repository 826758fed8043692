//! What must hold of a schedule with an override, within closures and below a ceiling: every answer is the AND of the layers.

use calendar::{Ceiling, ClosedSpan, ClosedSpans, DecidingRule, EffectiveSchedule, Override, Span};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::oracle::Group;

/// The first instant answers are not exact for any more.
const END: Timestamp = Timestamp::constant(7_289_654_400, 0);

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

/// How many changes after an instant are followed, and how many spans.
const CHANGES: usize = 3;
const SPANS: usize = 8;

/// An override or a closure, as a document has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanOfLayer {
    /// Whether it opens: closures do not.
    #[serde(default)]
    pub(crate) open: bool,
    pub(crate) begin: Timestamp,
    pub(crate) end: Timestamp,
}

impl SpanOfLayer {
    /// Layers begin and end with a second.
    fn holds_at(&self, instant: Timestamp) -> bool {
        let second = |at: Timestamp| at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        second(self.begin) <= second(instant) && second(instant) < second(self.end)
    }
}

/// A group with all that lies over it, as compiled and as it is read plainly.
pub(crate) struct Layered {
    schedule: EffectiveSchedule,
    group: Group,
    over: Option<SpanOfLayer>,
    closures: Vec<SpanOfLayer>,
    ceiling: Group,
}

impl Layered {
    pub(crate) fn new(
        group: &Group,
        over: Option<&SpanOfLayer>,
        closures: &[SpanOfLayer],
        ceiling: &Group,
    ) -> Layered {
        let of_over = |it: &SpanOfLayer| Override {
            open: it.open,
            begin: it.begin,
            end: it.end,
            reason: "override".into(),
        };
        let of_closure =
            |it: &SpanOfLayer| ClosedSpan { begin: it.begin, end: it.end, name: "closure".into() };
        let above = EffectiveSchedule::from(ceiling.compile());
        let schedule = EffectiveSchedule::new(group.compile().into(), over.map(of_over))
            .closed_in(ClosedSpans::new(closures.iter().map(of_closure).collect()))
            .below([Ceiling { name: "ceiling".into(), schedule: above.into() }]);
        let (group, ceiling) = (group.clone(), ceiling.clone());
        Layered { schedule, group, over: over.cloned(), closures: closures.to_vec(), ceiling }
    }

    fn override_at(&self, instant: Timestamp) -> Option<bool> {
        self.over.as_ref().filter(|over| over.holds_at(instant)).map(|over| over.open)
    }

    fn is_open_below(&self, instant: Timestamp) -> bool {
        self.override_at(instant).unwrap_or_else(|| self.group.is_open(instant))
    }

    fn closures_at(&self, instant: Timestamp) -> usize {
        self.closures.iter().filter(|closure| closure.holds_at(instant)).count()
    }

    /// The AND of the layers.
    fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_below(instant) && self.closures_at(instant) == 0 && self.ceiling.is_open(instant)
    }

    /// Checks all that is promised of an instant and of what comes after it. Where the layers never open together, each question about another
    /// time is a long search; then only a few are asked.
    pub(crate) fn check_from(&self, from: Timestamp) {
        if self.schedule.next_opening(from).is_none() {
            return self.check_last_change(from);
        }
        let mut at = Some(from);
        for _ in 0..CHANGES {
            at = at.and_then(|at| self.check_until_change(at));
        }
        self.check_spans(from);
        self.check_ruled_spans(from);
    }

    /// Checks an instant after which nothing opens any more.
    fn check_last_change(&self, from: Timestamp) {
        let decision = self.schedule.decide(from);
        assert_eq!(decision.allowed, self.is_open(from), "{from} in layers");
        let open_until = if decision.allowed { decision.next_change.unwrap_or(END).min(END) } else { from };
        let mut open = points(from, open_until).filter(|instant| *instant < open_until);
        assert!(open.all(|instant| self.is_open(instant)), "after {from} in layers");
        let mut closed = points(open_until, END).filter(|instant| *instant < END);
        assert!(closed.all(|instant| !self.is_open(instant)), "after {open_until} in layers");
        assert!(decision.allowed || decision.next_change.is_none(), "after {from} in layers");
        self.check_reasons(from);
    }

    fn check_until_change(&self, from: Timestamp) -> Option<Timestamp> {
        let (schedule, open) = (&self.schedule, self.is_open(from));
        let decision = schedule.decide(from);
        assert_eq!((decision.allowed, schedule.is_open(from)), (open, open), "{from} in layers");
        assert_eq!(decision.next_change, schedule.next_change(from), "after {from} in layers");
        assert_eq!(decision.next_opening, schedule.next_opening(from), "after {from} in layers");
        let closed_from = if open { decision.next_change } else { Some(from) };
        let opening = closed_from.and_then(|closed_from| schedule.next_change(closed_from));
        assert_eq!(decision.next_opening, opening, "after {from} in layers");
        let change = decision.next_change.filter(|change| *change < END);
        for instant in points(from, change.unwrap_or(END)) {
            assert_eq!(self.is_open(instant), open, "{instant} ought to be like {from} in layers");
            self.check_reasons(instant);
        }
        if let Some(change) = change {
            assert_ne!(self.is_open(change), open, "{change} ought not to be like {from} in layers");
        }
        change
    }

    /// Checks that the reason is that of the strongest layer, and that everything that closes is told.
    fn check_reasons(&self, instant: Timestamp) {
        let (closures, below) = (self.closures_at(instant), self.is_open_below(instant));
        let by_ceiling = !self.ceiling.is_open(instant);
        let decision = self.schedule.decide(instant);
        let rule = decision.reason.rule;
        let above = [DecidingRule::Closure, DecidingRule::Ceiling, DecidingRule::Override];
        let expected = match (closures, by_ceiling, self.override_at(instant)) {
            (1.., _, _) => Some(DecidingRule::Closure),
            (_, true, _) => Some(DecidingRule::Ceiling),
            (_, _, Some(_)) => Some(DecidingRule::Override),
            _ => None,
        };
        assert_eq!(above.contains(&rule).then_some(rule), expected, "{instant} in layers");
        let closed_by = self.schedule.closed_by(instant);
        let count = |rule| closed_by.iter().filter(|by| by.rule == rule).count();
        assert_eq!(closed_by.is_empty(), decision.allowed, "{instant}: {closed_by:?}");
        assert_eq!(count(DecidingRule::Closure), closures, "{instant}: {closed_by:?}");
        assert_eq!(count(DecidingRule::Ceiling), usize::from(by_ceiling), "{instant}: {closed_by:?}");
        let all = closures + usize::from(by_ceiling) + usize::from(!below);
        assert_eq!(closed_by.len(), all, "{instant}: {closed_by:?}");
        assert!(closed_by.iter().all(|by| by.until.is_none_or(|until| instant < until)), "{closed_by:?}");
        let opens_later = |one: Option<Timestamp>, other: Option<Timestamp>| {
            one.is_none() || (other.is_some() && one >= other)
        };
        assert!(closed_by.is_sorted_by(|one, other| opens_later(one.until, other.until)), "{closed_by:?}");
    }

    fn check_spans(&self, from: Timestamp) {
        let to = END.min(from + SignedDuration::from_hours(40 * 24));
        let (mut closed_from, mut count) = (from, 0);
        for Span { begin, end } in self.schedule.spans(from, to).take(SPANS) {
            assert!(closed_from <= begin && begin < end && end <= to, "{begin}/{end} after {closed_from}");
            assert!(points(begin, end).all(|instant| self.is_open(instant)), "{begin}/{end} in layers");
            assert!(begin > closed_from || begin == from, "two spans touch at {begin} in layers");
            let mut between = points(closed_from, begin).take_while(|instant| *instant < begin);
            assert!(between.all(|instant| !self.is_open(instant)), "before {begin} in layers");
            assert!(end == to || !self.is_open(end), "{begin}/{end} in layers");
            (closed_from, count) = (end, count + 1);
        }
        let mut rest = points(closed_from, to).take_while(|instant| *instant < to);
        assert!(
            count == SPANS || rest.all(|instant| !self.is_open(instant)),
            "after {closed_from} in layers"
        );
    }

    fn check_ruled_spans(&self, from: Timestamp) {
        let to = END.min(from + SignedDuration::from_hours(10 * 24));
        let mut at = from;
        for ruled in self.schedule.ruled_spans(from, to).take(SPANS) {
            let Span { begin, end } = ruled.span;
            assert!(at == begin && begin < end && end <= to, "{begin}/{end} after {at}");
            for instant in points(begin, end) {
                let decision = self.schedule.decide(instant);
                let told = (decision.allowed, decision.reason.rule, decision.reason.name);
                assert_eq!(told, (ruled.open, ruled.reason.rule, ruled.reason.name), "{instant} in layers");
            }
            at = end;
        }
    }
}

/// Some instants of `[from, end)`, the first and the last among them.
fn points(from: Timestamp, end: Timestamp) -> impl Iterator<Item = Timestamp> {
    let length = from.duration_until(end);
    let parts = (0..6).map(move |part| from + length / 6 * part);
    parts.chain((from < end).then(|| end - NANOSECOND))
}
