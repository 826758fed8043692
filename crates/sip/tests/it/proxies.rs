//! Calls by way of somebody else's proxy, over each transport: it checks the digest, and all that follows goes through it.

use domain::{EndedBy, SipTransport};
use rstest::rstest;
use telephony::CallEvent::{Answered, HungUp, Ringing};

use crate::{
    kamailio::Kamailio,
    sipp::{
        RINGING, Sipp,
        Step::{self, Acknowledges, Asks, Hears, HearsAnswer, Invite, SaysWithSound, Waits},
    },
    support::{World, order, refusal},
};

/// A callee, and the proxy before it.
async fn callee(steps: &[Step<'_>]) -> (Sipp, Kamailio) {
    let callee = Sipp::start(steps).await;
    let proxy = Kamailio::before(callee.address).await;
    (callee, proxy)
}

#[rstest]
#[tokio::test]
async fn a_call_goes_by_way_of_a_proxy_and_we_hang_up(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
) {
    let answered = [RINGING, SaysWithSound("200 OK"), Hears("ACK"), Hears("BYE"), Acknowledges];
    let (callee, proxy) = callee(&[&[Invite][..], &answered].concat()).await;
    let world = World::trusting(proxy.authority());
    let order = order(proxy.trunk(transport), Some("secret"));
    world.place(&order);
    assert_eq!(world.until(|event| *event == Answered).await, [Ringing, Answered]);
    world.end(&order);
    assert_eq!(world.to_end().await, [HungUp(EndedBy::Dialtime)]);
    let messages = callee.ended_well().await;
    assert!(messages.contains("Record-Route: <sip:127.0.0.1"), "{messages}");
}

#[rstest]
#[tokio::test]
async fn a_call_by_way_of_a_proxy_is_hung_up_by_the_callee(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
) {
    let answered = [SaysWithSound("200 OK"), Hears("ACK"), Waits(200), Asks("BYE", false), HearsAnswer(200)];
    let (callee, proxy) = callee(&[&[Invite, RINGING][..], &answered].concat()).await;
    let world = World::trusting(proxy.authority());
    world.place(&order(proxy.trunk(transport), Some("secret")));
    assert_eq!(world.to_end().await, [Ringing, Answered, HungUp(EndedBy::Callee)]);
    callee.ended_well().await;
}

#[rstest]
#[tokio::test]
async fn a_phone_behind_a_proxy_is_cancelled_by_us_or_by_another_process(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
    #[values(false, true)] by_another: bool,
) {
    let (callee, proxy) = callee(&[Invite, RINGING, Hears("CANCEL"), Acknowledges]).await;
    let [world, other] = [proxy.authority(), proxy.authority()].map(World::trusting);
    let order = order(proxy.trunk(transport), Some("secret"));
    world.place(&order);
    world.until(|event| *event == Ringing).await;
    if by_another {
        other.silence(&order, &world);
    } else {
        world.end(&order);
    }
    callee.ended_well().await;
}

#[tokio::test]
async fn a_proxy_whose_certificate_nobody_vouches_for_gets_no_call() {
    let (_callee, proxy) = callee(&[Invite]).await;
    let world = World::new();
    world.place(&order(proxy.trunk(SipTransport::Tls), Some("secret")));
    let reports = world.to_end().await;
    assert!(refusal(&reports).cause.is_local, "{reports:?}");
}
