//! Calls by a way on which datagrams get lost, and what calls leave behind.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{AttemptId, Clock as _};
use jiff::SignedDuration;
use rstest::rstest;
use sip::SipSettings;
use telephony::{CallEvent, CallOrder, Carrier as _};

use crate::{
    callees::{CalleeManner, Callees},
    chances::Chances,
    support::{WallClock, World, order, settings, trunk_with_user},
};

/// How long a call may ring.
const RING_LIMIT: Duration = Duration::from_secs(2);

/// How long one may talk.
const LONGEST_TALK: Duration = Duration::from_secs(1);

/// A call's longest: silence, a challenge and silence again, ringing until the limit, the wait for an answer to the CANCEL, and for one to a
/// BYE; and what a busy machine needs.
const LONGEST: Duration = Duration::from_secs(2 + 2 + 5 + 2);

/// The last answers of callees are repeated, and must be heard of for so long.
const REPEATS_LAST: Duration = Duration::from_secs(6);

/// Orders to callees of all manners.
fn orders(callees: &Callees, first: i64, count: i64, chances: &mut Chances) -> Vec<CallOrder> {
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
async fn call(world: &World, orders: &[CallOrder]) {
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
}

/// A carrier whose sound has no more than so many ports.
fn world(ports: u16) -> World {
    let first = 50_000;
    let settings = SipSettings { rtp_ports: first..=first + ports - 1, ..settings(None) };
    World::of(settings, Arc::new(WallClock))
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_end_in_their_time_whatever_gets_lost(#[values(5, 15)] percent: u64) {
    let mut chances = Chances::new();
    let (world, callees) = (world(4_000), Callees::new(percent, chances.split()));
    let orders = orders(&callees, 8_613_800_000_000, 150, &mut chances);
    call(&world, &orders).await;
    world.until_idle().await;
    tokio::time::sleep(REPEATS_LAST).await;
    assert!(world.carrier.reports(WallClock.now()).is_empty(), "something is told after the end");
    for order in &orders {
        let record = callees.record(order.callee.e164);
        // What is sent a dozen times does not get lost.
        if record.answered.is_some() {
            assert!(record.acknowledged.is_some(), "an answer without ACK: {record:?}");
            assert!(record.hung_up.is_some() || record.hangs_up, "an answer without BYE: {record:?}");
        }
    }
}

/// A callee who says nothing until the very moment at which it is given up, and answers then, is not left alone in the call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_as_a_call_is_given_up_is_hung_up() {
    let mut chances = Chances::new();
    let (world, callees) = (world(4_000), Callees::new(0, chances.split()));
    let mut orders = orders(&callees, 8_613_800_000_000, 250, &mut chances);
    for order in &mut orders {
        let mut line = (*order.line).clone();
        line.draft.settings.t1x64 = 1;
        order.line = line.into();
        let at = chances.milliseconds(980, 1_020);
        callees.add(order.callee.e164, CalleeManner::WakesAndAnswers(at));
    }
    call(&world, &orders).await;
    world.until_idle().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for order in &orders {
        let record = callees.record(order.callee.e164);
        assert!(record.acknowledged.is_some() && record.hung_up.is_some(), "{record:?}");
    }
}
