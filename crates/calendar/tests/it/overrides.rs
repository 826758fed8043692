//! A schedule that a person overrides for a while, within closures of what it belongs to.

use calendar::{DecidingRule, EffectiveSchedule, Override, Span};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    oracle::{Group, at},
    strategies::group_and_instant,
};

/// The latest instant that answers are exact for.
const END: Timestamp = Timestamp::constant(7_289_654_400, 0);

fn expected(group: &Group, over: &Override, instant: Timestamp) -> bool {
    let second = |instant: Timestamp| instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
    let holds = second(over.begin) <= second(instant) && second(instant) < second(over.end);
    if holds { over.open } else { group.is_open(instant) }
}

fn effective(group: &Group, over: &Override) -> EffectiveSchedule {
    EffectiveSchedule::new(group.compile().into(), Some(over.clone()))
}

/// An override that begins within two days of the instant, before it or after, and lasts up to four.
fn over(instant: Timestamp) -> impl Strategy<Value = Override> {
    let milliseconds = 24 * 3600 * 1000_i64;
    (any::<bool>(), -2 * milliseconds..2 * milliseconds, -1000..4 * milliseconds).prop_map(
        move |(open, begin, length)| {
            let begin = instant.saturating_add(SignedDuration::from_millis(begin)).unwrap();
            let end = begin.saturating_add(SignedDuration::from_millis(length)).unwrap();
            Override { open, begin, end, reason: "why".into() }
        },
    )
}

fn overridden() -> impl Strategy<Value = (Group, Override, Timestamp)> {
    group_and_instant()
        .prop_flat_map(|(group, instant)| (Just(group), over(instant), Just(instant)))
        .prop_filter("after 1970", |(_, _, instant)| instant.as_second() > 0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// design.md 3.9, with the override as a layer over the rules: constant on `[t, next_change(t))` and different there.
    #[test]
    fn the_answer_holds_until_the_next_change_and_not_longer(
        (group, over, instant) in overridden(),
        parts in prop::collection::vec(0.0..1.0f64, 8),
    ) {
        let schedule = effective(&group, &over);
        let open = expected(&group, &over, instant);
        prop_assert_eq!(schedule.is_open(instant), open);
        let change = schedule.next_change(instant).filter(|change| *change < END);
        if let Some(change) = change {
            prop_assert!(change > instant);
            prop_assert_ne!(expected(&group, &over, change), open);
            prop_assert_eq!(expected(&group, &over, change - SignedDuration::from_nanos(1)), open);
        }
        // Beside even parts, the instants around the override and its end.
        let end = change.unwrap_or(END);
        let around = [over.begin, over.end].into_iter().flat_map(|at| [-1, 0, 1].map(|s| at + SignedDuration::from_secs(s)));
        let parts = parts.iter().map(|part| instant + instant.duration_until(end).mul_f64(*part));
        for within in parts.chain(around).filter(|within| instant <= *within && *within < end) {
            prop_assert_eq!(expected(&group, &over, within), open, "{} is not like {}", within, instant);
        }
    }

    #[test]
    fn a_decision_agrees_with_the_single_answers((group, over, instant) in overridden()) {
        let schedule = effective(&group, &over);
        let decision = schedule.decide(instant);
        prop_assert_eq!(decision.allowed, schedule.is_open(instant));
        prop_assert_eq!(decision.next_change, schedule.next_change(instant));
        prop_assert_eq!(decision.next_opening, schedule.next_opening(instant));
        prop_assert_eq!(decision.reason.rule == DecidingRule::Override, over.holds_at(instant));
        if let Some(opening) = decision.next_opening.filter(|opening| *opening < END) {
            prop_assert!(expected(&group, &over, opening));
            prop_assert!(!expected(&group, &over, opening - SignedDuration::from_nanos(1)));
        }
        prop_assert!(decision.valid_until.is_none_or(|until| until > instant));
        prop_assert!(decision.valid_until <= decision.next_change || decision.next_change.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_are_what_is_open((group, over, instant) in overridden()) {
        let schedule = effective(&group, &over);
        let (from, to) = (instant, instant + SignedDuration::from_hours(100));
        let spans: Vec<Span> = schedule.spans(from, to).collect();
        prop_assert!(spans.iter().all(|span| from <= span.begin && span.begin < span.end && span.end <= to));
        prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].begin));
        for minute in 0..6000 {
            let sample = from + SignedDuration::from_mins(minute);
            let within = spans.iter().any(|span| span.begin <= sample && sample < span.end);
            prop_assert_eq!(within, expected(&group, &over, sample), "{}", sample);
        }
    }
}

#[test]
fn an_override_beats_every_rule_inside_its_group() {
    let instant: Timestamp = "2026-10-01T12:00:00+08:00".parse().unwrap();
    let group = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]).in_china();
    let hour = SignedDuration::from_hours(1);
    let over = Override { open: true, begin: instant, end: instant + hour, reason: "热线".into() };
    let schedule = effective(&group, &over);
    let decision = schedule.decide(instant);
    assert!(decision.allowed, "National Day closes the group, and the override opens it");
    assert_eq!((decision.reason.rule, decision.reason.name), (DecidingRule::Override, Some("热线")));
    assert_eq!(decision.reason.date(), jiff::civil::date(2026, 10, 1));
    assert_eq!(decision.next_change, Some(instant + hour));
    assert_eq!(decision.next_opening, Some("2026-10-08T09:00:00+08:00".parse().unwrap()));
    assert_eq!(schedule.decide(instant + hour).reason.rule, DecidingRule::Holiday);
}

#[test]
fn what_never_changes_is_overridden_and_then_as_before() {
    let always = Group::daily("UTC", &[("00:00", "24:00")]);
    let over = Override { open: false, begin: at(100), end: at(200), reason: "".into() };
    let schedule = effective(&always, &over);
    let changes = [0, 100, 199, 200].map(|second| schedule.next_change(at(second)));
    assert_eq!(changes, [Some(at(100)), Some(at(200)), Some(at(200)), None]);
    assert_eq!(schedule.decide(at(150)).reason.name, None, "nobody said why");
}
