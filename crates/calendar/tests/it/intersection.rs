//! Several schedules at once.

use calendar::{DecidingRule, Intersection, Layer};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{
    oracle::{Group, at},
    strategies::{group, group_and_instant},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_intersection_is_the_pointwise_and((one, instant) in group_and_instant(), other in group()) {
        let (first, second) = (one.compile(), other.compile());
        let layers = [Layer { name: "one", schedule: &first }, Layer { name: "other", schedule: &second }];
        let both = Intersection::new(&layers);
        let change = both.next_change(instant);
        let open = one.is_open(instant) && other.is_open(instant);
        for minute in 0..4000 {
            let sample = instant + SignedDuration::from_mins(minute);
            let expected = one.is_open(sample) && other.is_open(sample);
            prop_assert_eq!(both.is_open(sample), expected);
            if change.is_none_or(|change| sample < change) {
                prop_assert_eq!(expected, open, "{} lies before the change at {:?}", sample, change);
            }
        }
        if let Some(change) = change {
            prop_assert_ne!(one.is_open(change) && other.is_open(change), open);
        }
        let decision = both.decide(instant).unwrap();
        prop_assert_eq!(decision.allowed, open);
        let closer = if one.is_open(instant) { "other" } else { "one" };
        prop_assert_eq!(decision.layer, (!open).then_some(closer));
    }
}

#[test]
fn the_reason_is_that_of_the_layer_that_closed() {
    let account = Group::daily("Asia/Shanghai", &[("00:00", "24:00")]).compile();
    let law = Group::daily("Asia/Shanghai", &[("00:00", "24:00")]).in_china().compile();
    let layers = [Layer { name: "account", schedule: &account }, Layer { name: "law", schedule: &law }];
    let decision = Intersection::new(&layers).decide("2026-10-01T12:00:00+08:00".parse().unwrap()).unwrap();
    assert_eq!((decision.layer, decision.reason.rule), (Some("law"), DecidingRule::Holiday));
    assert_eq!(decision.next_opening, Some("2026-10-08T00:00:00+08:00".parse().unwrap()));
}

#[test]
fn layers_that_never_meet_are_never_open() {
    let morning = Group::daily("Asia/Shanghai", &[("08:00", "12:00")]).compile();
    let evening = Group::daily("Asia/Shanghai", &[("12:00", "20:00")]).compile();
    let layers =
        [Layer { name: "morning", schedule: &morning }, Layer { name: "evening", schedule: &evening }];
    assert_eq!(Intersection::new(&layers).next_opening(at(0)), None);
}
