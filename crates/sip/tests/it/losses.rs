//! Calls by a way on which datagrams get lost, and what calls leave behind.

use std::time::Duration;

use domain::Clock as _;
use rstest::rstest;
use telephony::{CallEvent, Carrier as _};

use crate::{
    callees::{CalleeManner, Callees},
    calls::{PORTS, call, orders, world},
    chances::Chances,
    support::WallClock,
};

/// The last answers of callees are repeated, and must be heard of for so long.
const REPEATS_LAST: Duration = Duration::from_secs(6);

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_end_in_their_time_whatever_gets_lost(#[values(5, 15)] percent: u64) {
    let mut chances = Chances::new();
    let (world, callees) = (world(PORTS), Callees::new(percent, chances.split()));
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
    let (world, callees) = (world(PORTS), Callees::new(0, chances.split()));
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

/// A call takes two ports. Were they not given back, there would be too few for the last ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_port_and_no_call_is_left() {
    let mut chances = Chances::new();
    let (world, callees) = (world(54_000..=54_359), Callees::new(0, chances.split()));
    let mut first = 8_613_800_000_000;
    for count in [50, 150, 150] {
        let orders = orders(&callees, first, count, &mut chances);
        first += count;
        let ends = call(&world, &orders).await;
        let without_port =
            |end: &&CallEvent| matches!(end, CallEvent::Refused(refusal) if refusal.cause.is_local);
        assert_eq!(ends.values().find(without_port), None);
        world.until_idle().await;
    }
}
