//! A schedule with an override within closures of what it belongs to, and below ceilings.

use calendar::{
    Ceiling, ClosedSpan, ClosedSpans, DecidingRule, EffectiveSchedule, Override, RuledSpan, Span,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*};

use crate::{
    oracle::{Group, at},
    strategies::{self, group_and_instant},
};

/// The latest instant that answers are exact for.
const END: Timestamp = Timestamp::constant(7_289_654_400, 0);

const HOUR: i64 = 3_600;

/// What ceilings are called.
const NAMES: [&str; 2] = ["partner", "user"];

/// A group, what lies over it, and an instant.
#[derive(Clone, Debug)]
struct Case {
    group: Group,
    over: Option<Override>,
    closed: Vec<ClosedSpan>,
    ceilings: Vec<Group>,
    instant: Timestamp,
}

impl Case {
    fn is_open(&self, instant: Timestamp) -> bool {
        let second = instant.as_second();
        let holds =
            |begin: Timestamp, end: Timestamp| begin.as_second() <= second && second < end.as_second();
        let over = self.over.as_ref().filter(|over| holds(over.begin, over.end));
        let open = over.map_or_else(|| self.group.is_open(instant), |over| over.open);
        open && !self.closed.iter().any(|span| holds(span.begin, span.end))
            && self.ceilings.iter().all(|ceiling| ceiling.is_open(instant))
    }

    fn schedule(&self) -> EffectiveSchedule {
        let schedule = EffectiveSchedule::new(self.group.compile().into(), self.over.clone());
        let ceilings = self.ceilings.iter().zip(NAMES);
        let ceiling = |(group, name): (&Group, &str)| Ceiling {
            name: name.into(),
            schedule: EffectiveSchedule::from(group.compile()).into(),
        };
        schedule.closed_in(ClosedSpans::new(self.closed.clone())).below(ceilings.map(ceiling))
    }
}

/// Spans within two days around the instant, some of them empty or the wrong way round.
fn around(instant: Timestamp) -> impl Strategy<Value = (Timestamp, Timestamp)> {
    (-48 * HOUR..48 * HOUR, -HOUR..96 * HOUR).prop_map(move |(begin, length)| {
        let begin = instant + SignedDuration::from_secs(begin);
        (begin, begin + SignedDuration::from_secs(length))
    })
}

fn case() -> impl Strategy<Value = Case> {
    let in_the_middle = group_and_instant().prop_filter("in the middle", |(_, instant)| {
        (200 * HOUR..END.as_second() - 200 * HOUR).contains(&instant.as_second())
    });
    in_the_middle.prop_flat_map(|(group, instant)| {
        let over = option::of((around(instant), any::<bool>()));
        (over, vec(around(instant), 0..4), vec(strategies::group(), 0..3)).prop_map(
            move |(over, closed, ceilings)| Case {
                group: group.clone(),
                over: over.map(|((begin, end), open)| Override { open, begin, end, reason: "why".into() }),
                closed: closed
                    .into_iter()
                    .map(|(begin, end)| ClosedSpan { begin, end, name: "fair".into() })
                    .collect(),
                ceilings,
                instant,
            },
        )
    })
}

/// What decides at an instant.
fn ruling(schedule: &EffectiveSchedule, instant: Timestamp) -> (bool, DecidingRule, Option<&str>) {
    let decision = schedule.decide(instant);
    (decision.allowed, decision.reason.rule, decision.reason.name)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// In every minute the answer and the rule are those of the span that it lies in, and no two neighbours are alike.
    #[test]
    fn ruled_spans_say_what_every_minute_says(case in case()) {
        let (schedule, from) = (case.schedule(), case.instant);
        let to = from + SignedDuration::from_hours(24 * 6);
        let spans: Vec<_> = schedule.ruled_spans(from, to).collect();
        prop_assert_eq!((spans[0].span.begin, spans[spans.len() - 1].span.end), (from, to));
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].span.end, pair[1].span.begin);
            let alike = |one: &RuledSpan<'_>, two: &RuledSpan<'_>| {
                (one.open, one.reason.rule, one.reason.name, one.reason.effect)
                    == (two.open, two.reason.rule, two.reason.name, two.reason.effect)
            };
            prop_assert!(!alike(&pair[0], &pair[1]) || pair[0].reason.own_windows != pair[1].reason.own_windows);
        }
        for RuledSpan { span, open, reason } in spans {
            let (mut at, last) = (span.begin, span.end - SignedDuration::from_nanos(1));
            while at < last {
                prop_assert_eq!(ruling(&schedule, at), (open, reason.rule, reason.name), "{}", at);
                at += SignedDuration::from_secs(60);
            }
            prop_assert_eq!(ruling(&schedule, last), (open, reason.rule, reason.name), "{}", last);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// design.md 3.9 with the layers of 3.17 and 3.18: constant on `[t, next_change(t))` and different there.
    #[test]
    fn the_answer_holds_until_the_next_change_and_not_longer(
        case in case(),
        parts in vec(0.0..1.0f64, 8),
    ) {
        let (schedule, instant) = (case.schedule(), case.instant);
        let open = case.is_open(instant);
        prop_assert_eq!(schedule.is_open(instant), open);
        let change = schedule.next_change(instant).filter(|change| *change < END);
        if let Some(change) = change {
            prop_assert!(change > instant);
            prop_assert_ne!(case.is_open(change), open);
            prop_assert_eq!(case.is_open(change - SignedDuration::from_nanos(1)), open);
        }
        let end = change.unwrap_or(END);
        let spans = case.closed.iter().map(|span| (span.begin, span.end));
        let edges = spans.chain(case.over.iter().map(|over| (over.begin, over.end)));
        let edges = edges.flat_map(|(begin, end)| [begin, end]);
        let parts = parts.iter().map(|part| instant + instant.duration_until(end).mul_f64(*part));
        for within in parts.chain(edges).filter(|within| instant <= *within && *within < end) {
            prop_assert_eq!(case.is_open(within), open, "{} is not like {}", within, instant);
        }
    }

    #[test]
    fn a_decision_agrees_with_the_single_answers(case in case()) {
        let (schedule, instant) = (case.schedule(), case.instant);
        let decision = schedule.decide(instant);
        prop_assert_eq!(decision.allowed, schedule.is_open(instant));
        prop_assert_eq!(decision.next_change, schedule.next_change(instant));
        prop_assert_eq!(decision.next_opening, schedule.next_opening(instant));
        let closed = ClosedSpans::new(case.closed.clone()).last_to_open(instant).is_some();
        prop_assert_eq!(decision.reason.rule == DecidingRule::Closure, closed);
        prop_assert!(!(closed && decision.allowed), "closures only close");
        let below = case.ceilings.iter().zip(NAMES).filter(|(ceiling, _)| !ceiling.is_open(instant));
        let below: Vec<&str> = below.map(|(_, name)| name).collect();
        prop_assert_eq!(decision.reason.rule == DecidingRule::Ceiling, !closed && !below.is_empty());
        prop_assert!(below.is_empty() || !decision.allowed, "ceilings only close");
        let names = decision.reason.rule == DecidingRule::Ceiling;
        prop_assert!(!names || decision.reason.name.is_some_and(|name| below.contains(&name)));
        if let Some(opening) = decision.next_opening.filter(|opening| *opening < END) {
            prop_assert!(case.is_open(opening) && !case.is_open(opening - SignedDuration::from_nanos(1)));
        }
        prop_assert!(decision.valid_until.is_none_or(|until| until > instant));
        prop_assert!(decision.valid_until <= decision.next_change || decision.next_change.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// In every minute the two differ if and only if it lies in one of the differences, and as that says.
    #[test]
    fn differences_are_where_one_is_open_and_the_other_is_not(case in case()) {
        let (from, to) = (case.instant, case.instant + SignedDuration::from_hours(100));
        let (before, after) = (EffectiveSchedule::from(case.group.compile()), case.schedule());
        let differences: Vec<_> = before.differences(&after, from, to).collect();
        for minute in 0..6000 {
            let sample = from + SignedDuration::from_mins(minute);
            let within = differences.iter().find(|one| one.span.begin <= sample && sample < one.span.end);
            let opens = Some(case.is_open(sample)).filter(|open| *open != case.group.is_open(sample));
            prop_assert_eq!(within.map(|one| one.opens), opens, "{}", sample);
        }
    }

    #[test]
    fn spans_are_what_is_open(case in case()) {
        let (from, to) = (case.instant, case.instant + SignedDuration::from_hours(100));
        let spans: Vec<Span> = case.schedule().spans(from, to).collect();
        prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].begin));
        for minute in 0..6000 {
            let sample = from + SignedDuration::from_mins(minute);
            let within = spans.iter().any(|span| span.begin <= sample && sample < span.end);
            prop_assert_eq!(within, case.is_open(sample), "{}", sample);
        }
    }
}

#[test]
fn what_opens_within_a_closure_opens_at_its_end() {
    let group = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]);
    let time = |text: &str| format!("2026-03-02T{text}:00+08:00").parse::<Timestamp>().unwrap();
    let fair = ClosedSpan { begin: time("08:00"), end: time("14:00"), name: "fair".into() };
    let schedule = EffectiveSchedule::from(group.compile()).closed_in(ClosedSpans::new(vec![fair]));
    assert_eq!(schedule.next_opening(time("07:00")), Some(time("14:00")));
    assert_eq!(schedule.next_change(time("10:00")), Some(time("14:00")));
    let decision = schedule.decide(time("10:00"));
    assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Closure, Some("fair")));
    let evening = ClosedSpan { begin: time("16:00"), end: at(4_000_000_000), name: "strike".into() };
    let schedule = EffectiveSchedule::from(group.compile()).closed_in(ClosedSpans::new(vec![evening]));
    assert_eq!(schedule.next_change(time("15:00")), Some(time("16:00")), "its begin is known before");
}

fn ceiling(name: &str, group: &Group) -> Ceiling {
    Ceiling { name: name.into(), schedule: EffectiveSchedule::from(group.compile()).into() }
}

#[test]
fn of_two_ceilings_the_one_that_opens_last_is_named_and_only_what_all_share_is_open() {
    let group = Group::daily("Asia/Shanghai", &[("00:00", "24:00")]);
    let law = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]);
    let team = Group::daily("Asia/Tokyo", &[("11:00", "20:00")]);
    let time = |text: &str| format!("2026-03-02T{text}:00+08:00").parse::<Timestamp>().unwrap();
    let schedule =
        EffectiveSchedule::from(group.compile()).below([ceiling("team", &team), ceiling("law", &law)]);
    let named = |text| {
        let reason = schedule.decide(time(text)).reason;
        (reason.rule, reason.name)
    };
    assert_eq!(named("08:00"), (DecidingRule::Ceiling, Some("team")), "open at 10:00 in Shanghai");
    assert_eq!(named("19:00"), (DecidingRule::Ceiling, Some("team")));
    assert_eq!(named("18:30"), (DecidingRule::Ceiling, Some("law")));
    assert_eq!(named("12:00").0, DecidingRule::Weekly);
    assert_eq!(schedule.next_change(time("08:00")), Some(time("10:00")));
    assert_eq!(schedule.next_change(time("10:00")), Some(time("18:00")));
}

#[test]
fn a_ceiling_that_never_opens_is_named_and_an_override_does_not_beat_it() {
    let group = Group::daily("UTC", &[("00:00", "24:00")]);
    let (never, later) = (Group::new("UTC", "[]"), Group::daily("UTC", &[("23:00", "24:00")]));
    let over = Override { open: true, begin: at(0), end: at(4_000_000_000), reason: "x".into() };
    let schedule = EffectiveSchedule::new(group.compile().into(), Some(over))
        .below([ceiling("later", &later), ceiling("never", &never)]);
    let decision = schedule.decide(at(1_800_000_000));
    assert_eq!((decision.allowed, decision.next_opening), (false, None));
    assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Ceiling, Some("never")));
}
