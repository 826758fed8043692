//! The port where SIP is spoken, which somebody else may have.

use std::{net::UdpSocket, sync::Arc, time::Duration};

use sip::SipSettings;

use crate::{
    peer::Peer,
    support::{WallClock, World, order, refusal, settings, trunk},
};

#[tokio::test]
async fn a_port_that_is_taken_is_no_success_and_is_used_once_it_is_free() {
    // Of those that the system gives nobody who asks for any: it is free again once this is dropped.
    let first = 13_000 + u16::try_from(std::process::id() % 1_000).unwrap();
    let taken = (first..first + 1_000).find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok()).unwrap();
    let settings = SipSettings { listen: taken.local_addr().unwrap(), ..settings(None) };
    let (world, peer) = (World::of(settings, Arc::new(WallClock)), Peer::new().await);
    world.place(&order(trunk(peer.address), None));
    assert!(refusal(&world.to_end().await).cause.is_local);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let last = world.status.last_success();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(world.status.last_success(), last, "it does not say that all is well");
    drop(taken);
    for _ in 0..50 {
        if world.status.last_success() != last {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_ne!(world.status.last_success(), last, "it is tried again by itself");
    let order = order(trunk(peer.address), None);
    world.place(&order);
    assert!(peer.hears(Duration::from_secs(2)).await.unwrap().0.starts_with("INVITE "));
    world.end(&order);
    world.to_end().await;
}
