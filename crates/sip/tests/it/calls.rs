//! Many calls to callees of all manners, each of which ends once and in its time.

use std::{
    collections::HashMap,
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{AttemptId, Clock as _};
use jiff::SignedDuration;
use sip::SipSettings;
use telephony::{CallEvent, CallOrder, Carrier as _};

use crate::{
    callees::{CalleeManner, Callees},
    chances::Chances,
    support::{WallClock, World, order, settings, trunk_with_user},
};

/// More than enough.
pub(crate) const PORTS: RangeInclusive<u16> = 50_000..=53_999;

/// How long a call may ring.
const RING_LIMIT: Duration = Duration::from_secs(2);

/// How long one may talk.
const LONGEST_TALK: Duration = Duration::from_secs(1);

/// A call's longest: silence, a challenge and silence again, ringing until the limit, the wait for an answer to the CANCEL, and for one to a
/// BYE; and what a busy machine needs.
const LONGEST: Duration = Duration::from_secs(2 + 2 + 5 + 2);

/// Orders to callees of all manners.
pub(crate) fn orders(callees: &Callees, first: i64, count: i64, chances: &mut Chances) -> Vec<CallOrder> {
    let one = |e164| {
        callees.add(e164, manner(chances));
        let mut order = order(trunk_with_user(callees.address), Some("secret"));
        order.callee.e164 = e164;
        order.deadlines.ring_limit = SignedDuration::try_from(RING_LIMIT).unwrap();
        order.deadlines.longest_talk = SignedDuration::try_from(LONGEST_TALK).unwrap();
        order
    };
    (first..first + count).map(one).collect()
}

fn manner(chances: &mut Chances) -> CalleeManner {
    match chances.below(14) {
        0 => CalleeManner::Rings,
        1 => CalleeManner::OnlyTrying,
        2 => CalleeManner::EarlySound,
        3 => CalleeManner::Wakes(chances.milliseconds(0, 1_500)),
        4 => CalleeManner::WakesAndAnswers(chances.milliseconds(0, 1_500)),
        5 => CalleeManner::Challenges(chances.milliseconds(0, 500)),
        6..9 => CalleeManner::Answers(chances.milliseconds(0, 1_500)),
        9 | 10 => CalleeManner::HangsUp(chances.milliseconds(0, 500), chances.milliseconds(600, 1_000)),
        11 => CalleeManner::Crosses,
        12 => CalleeManner::Refuses("486 Busy Here"),
        _ => CalleeManner::EndsLate(chances.milliseconds(0, 1_000)),
    }
}

/// Places these calls and waits for their ends: each has one, in its time.
pub(crate) async fn call(world: &World, orders: &[CallOrder]) -> HashMap<AttemptId, CallEvent> {
    let mut begun = HashMap::new();
    for order in orders {
        world.place(order);
        begun.insert(order.attempt, Instant::now());
        // Not all at once: a socket takes only so much.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut ends: HashMap<AttemptId, CallEvent> = HashMap::new();
    let last = Instant::now() + LONGEST;
    while ends.len() < orders.len() && Instant::now() < last {
        for report in
            world.carrier.reports(WallClock.now()).into_iter().filter(|report| report.event.is_end())
        {
            assert!(begun[&report.attempt].elapsed() < LONGEST, "too late: {report:?}");
            let before = ends.insert(report.attempt, report.event);
            assert!(before.is_none(), "two ends: {before:?}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(ends.len(), orders.len(), "not every call has an end");
    ends
}

/// A carrier whose sound has these ports.
pub(crate) fn world(rtp_ports: RangeInclusive<u16>) -> World {
    World::of(SipSettings { rtp_ports, ..settings(None) }, Arc::new(WallClock))
}
