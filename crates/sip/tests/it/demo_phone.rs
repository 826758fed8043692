//! The phone of the demo, called by the carrier itself.

use std::{sync::Arc, time::Duration};

use domain::{Clock as _, EndedBy, SipAddress, SipTransport, SipTrunk};
use rstest::rstest;
use sip::{DemoPhone, SipSettings};
use telephony::{CallEvent, CallOrder, Carrier as _, Refused};

use crate::support::{Chance, WallClock, World, order, refusal, settings, trunk};

async fn phone() -> DemoPhone {
    DemoPhone::start(Arc::new(Chance)).await.unwrap()
}

/// A call to a number with this last digit.
fn call(phone: &DemoPhone, last: i64) -> CallOrder {
    let mut order = order(trunk(phone.address()), None);
    order.callee.e164 = 8_613_900_000_000 + last;
    order
}

#[rstest]
#[case::busy(3, 486, Some(17), false)]
#[case::no_such_number(5, 404, Some(1), false)]
#[case::declined(6, 603, Some(21), true)]
#[case::switched_off(8, 480, Some(20), false)]
#[case::no_room(19, 503, None, false)]
#[tokio::test]
async fn a_number_that_is_refused(
    #[case] last: i64,
    #[case] code: u16,
    #[case] q850: Option<u8>,
    #[case] rings: bool,
) {
    let (phone, world) = (phone().await, World::new());
    world.place(&call(&phone, last));
    let reports = world.to_end().await;
    let cause = &refusal(&reports).cause;
    assert_eq!((cause.code, cause.q850), (Some(code), q850));
    assert_eq!(reports.contains(&CallEvent::Ringing), rings);
    world.until_idle().await;
    assert_eq!(phone.stop().await, 0);
}

#[tokio::test]
async fn whoever_answers_hangs_up_or_is_hung_up_on() {
    let (phone, world) = (phone().await, World::new());
    let (hangs_up, listens) = (call(&phone, 2), call(&phone, 0));
    world.place(&hangs_up);
    let reports = world.to_end().await;
    assert_eq!(reports, [CallEvent::Ringing, CallEvent::Answered, CallEvent::HungUp(EndedBy::Callee)]);
    world.place(&listens);
    world.until(|event| *event == CallEvent::Answered).await;
    world.end(&listens);
    assert_eq!(world.to_end().await, [CallEvent::HungUp(EndedBy::Dialtime)]);
    world.until_idle().await;
    assert_eq!(phone.stop().await, 0);
}

#[tokio::test]
async fn it_rings_until_it_is_given_up() {
    let (phone, world) = (phone().await, World::new());
    let order = call(&phone, 4);
    world.place(&order);
    world.until(|event| *event == CallEvent::Ringing).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.end(&order);
    let reports = world.to_end().await;
    assert!(matches!(reports.as_slice(), [CallEvent::Refused(_)]), "{reports:?}");
    world.until_idle().await;
    assert_eq!(phone.stop().await, 0);
}

#[tokio::test]
async fn a_call_that_is_left_is_told() {
    let (phone, world) = (phone().await, World::new());
    world.place(&call(&phone, 4));
    world.until(|event| *event == CallEvent::Ringing).await;
    assert_eq!(phone.stop().await, 1);
}

/// What the demo is given: calls reach this machine alone, whatever a line says.
#[tokio::test]
async fn nothing_leaves_a_carrier_that_is_kept_on_loopback() {
    let phone = phone().await;
    let world = World::of(SipSettings { only_loopback: true, ..settings(None) }, Arc::new(WallClock));
    let address = |text: &str| SipAddress::parse(text).unwrap();
    let here = trunk(phone.address());
    let tcp = SipTrunk { transport: SipTransport::Tcp, ..SipTrunk::new(vec![address("192.0.2.1")]) };
    let second =
        SipTrunk { addresses: vec![here.addresses[0].clone(), address("192.0.2.1:5060")], ..here.clone() };
    let proxy = SipTrunk { outbound_proxy: Some(address("sip.example.com")), ..here.clone() };
    for beyond in [tcp, second, proxy, SipTrunk::new(vec![address("localhost")])] {
        let order = order(beyond, None);
        assert_eq!(world.carrier.place(&order, WallClock.now()), Err(Refused::Unreachable));
        assert_eq!(world.carrier.probe(&order.line), Err(Refused::Unreachable));
    }
    world.place(&call(&phone, 3));
    assert_eq!(refusal(&world.to_end().await).cause.code, Some(486));
}
