//! What must hold for every group, zone and instant.

use calendar::{Schedule, Span};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    oracle::{Group, compare},
    strategies::{group, group_and_instant},
};

/// 2201-01-01, up to which answers are exact.
const END: Timestamp = Timestamp::constant(7_289_654_400, 0);

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn every_instant_is_as_the_oracle_says((group, instant) in group_and_instant()) {
        prop_assert_eq!(group.compile().is_open(instant), group.is_open(instant));
    }

    /// design.md 3.9: constant on `[t, next_change(t))` and different at `next_change(t)`, on the instant line.
    #[test]
    fn the_answer_holds_until_the_next_change_and_not_longer(
        (group, instant) in group_and_instant(),
        parts in prop::collection::vec(0.0..1.0f64, 8),
    ) {
        let schedule = group.compile();
        let open = schedule.is_open(instant);
        let change = schedule.next_change(instant).filter(|change| *change < END);
        if let Some(change) = change {
            prop_assert!(change > instant);
            prop_assert_ne!(group.is_open(change), open);
            prop_assert_eq!(group.is_open(change - NANOSECOND), open);
        }
        let end = change.unwrap_or(END);
        for part in parts {
            let within = instant + instant.duration_until(end).mul_f64(part);
            prop_assert_eq!(group.is_open(within), open, "{} is not like {}", within, instant);
        }
    }

    #[test]
    fn a_decision_agrees_with_the_single_answers((group, instant) in group_and_instant()) {
        let schedule = group.compile();
        let decision = schedule.decide(instant);
        prop_assert_eq!(decision.allowed, schedule.is_open(instant));
        prop_assert_eq!(decision.next_change, schedule.next_change(instant));
        prop_assert_eq!(decision.next_opening, schedule.next_opening(instant));
        if let Some(opening) = decision.next_opening.filter(|opening| *opening < END) {
            prop_assert!(!group.is_open(opening - NANOSECOND) && group.is_open(opening));
        }
        prop_assert!(decision.valid_until.is_none_or(|until| until > instant));
        prop_assert!(decision.valid_until <= decision.next_change || decision.next_change.is_none());
    }
}

/// All that a decision says.
fn told(schedule: &Schedule, instant: Timestamp) -> String {
    let decision = schedule.decide(instant);
    let calendar::Reason { rule, name, windows_of, effect, .. } = decision.reason;
    let reason = (rule, name, windows_of, effect, decision.reason.date(), decision.reason.notice());
    let next = (decision.next_change, decision.next_opening, decision.valid_until);
    format!("{} {reason:?} {next:?} {:?}", decision.allowed, decision.warning)
}

proptest! {
    #![proptest_config(config(300))]

    /// A schedule remembers its last decision; what it says does not depend on that.
    #[test]
    fn a_decision_does_not_depend_on_the_one_before(
        (group, instant) in group_and_instant(),
        steps in prop::collection::vec((0..4_u8, 0..400_i64), 6),
    ) {
        let schedule = group.compile();
        let mut at = instant;
        for (unit, count) in steps {
            let change = schedule.next_change(at).filter(|change| *change < END);
            at = match (unit, change) {
                (0, Some(change)) => change,
                (1, Some(change)) => change - NANOSECOND,
                (2, _) => at + SignedDuration::from_mins(count),
                _ => at - SignedDuration::from_secs(count),
            };
            at = at.clamp(Timestamp::UNIX_EPOCH, END);
            prop_assert_eq!(told(&schedule, at), told(&group.compile(), at), "{}", at);
        }
    }
}

#[test]
fn decisions_of_many_threads_are_as_those_of_one() {
    let group =
        Group::on("America/New_York", &[1, 2, 3, 4, 5], &[("22:00", "02:30"), ("9:00", "18:00")]).in_china();
    let instants: Vec<Timestamp> =
        (0..400).map(|at| Timestamp::from_second(1_767_225_600 + at * 7919).unwrap()).collect();
    let alone: Vec<String> = instants.iter().map(|at| told(&group.compile(), *at)).collect();
    let schedule = group.compile();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (instants, alone, schedule) = (&instants, &alone, &schedule);
            scope.spawn(move || {
                for round in 0..20_000 {
                    // Neighbours in time, so that threads meet each other's answers.
                    let at = (round / 50 + round % 3 + thread) % instants.len();
                    assert_eq!(told(schedule, instants[at]), alone[at]);
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn days_around_an_instant_are_as_the_oracle_says((group, instant) in group_and_instant()) {
        let begin = (instant.as_second() - 2 * 86_400).max(0);
        compare(&group, &group.compile(), begin, begin + 4 * 86_400);
    }

    #[test]
    fn spans_are_what_is_open((group, instant) in group_and_instant()) {
        let schedule = group.compile();
        let (from, to) = (instant, instant + SignedDuration::from_hours(100));
        let spans: Vec<Span> = schedule.spans(from, to).collect();
        prop_assert!(spans.iter().all(|span| from <= span.begin && span.begin < span.end && span.end <= to));
        prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].begin));
        let within = |instant: Timestamp| spans.iter().any(|span| span.begin <= instant && instant < span.end);
        for minute in 0..6000 {
            let sample = from + SignedDuration::from_mins(minute);
            prop_assert_eq!(within(sample), group.is_open(sample), "{}", sample);
        }
        let sum: SignedDuration = spans.iter().map(Span::duration).sum();
        prop_assert_eq!(schedule.open_time(from, to), sum);
    }
}

proptest! {
    #![proptest_config(config(16))]

    /// A schedule compiles its days in stretches of 1,024, counted from 1970, and keeps few of them: here it is asked about many.
    #[test]
    fn where_stretches_meet_is_as_the_oracle_says((group, first) in (group(), 0..70_i64)) {
        let schedule = group.compile();
        for stretch in [first + 9, first, first + 1, first + 5, first + 9] {
            let border = stretch * 1024 * 86_400;
            compare(&group, &schedule, (border - 43_200).max(0), border + 86_400);
            let before = Timestamp::from_second((border - 43_200).max(0)).unwrap();
            let change = schedule.next_change(before).filter(|change| *change < END);
            prop_assert_eq!(change, group.compile().next_change(before).filter(|change| *change < END));
            if let Some(change) = change {
                let open = group.is_open(before);
                prop_assert!(group.is_open(change) != open && group.is_open(change - NANOSECOND) == open);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn whole_years_are_as_the_oracle_says(group in group(), year in 1970..2200i64) {
        let begin = (year - 1970) * 31_556_952;
        compare(&group, &group.compile(), begin, begin + 366 * 86_400);
    }
}

#[test]
fn the_busy_years_are_as_the_oracle_says() {
    let group = Group::on("America/New_York", &[1, 2, 3, 4, 5], &[("22:00", "02:30"), ("9:00", "18:00")])
        .in_china()
        .with_exceptions(
            r#"[{"begin_date":"12-24","end_date":"01-02"},
            {"begin_date":"2025-03-09","times":[{"begin_time":"01:30","end_time":"02:30"}]}]"#,
        );
    compare(&group, &group.compile(), 1_704_067_200, 1_704_067_200 + 2 * 366 * 86_400);
}
