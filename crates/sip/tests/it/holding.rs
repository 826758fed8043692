//! Calls that are made ready before they are sent: nothing leaves until what would end it is told and written down.

use std::time::Duration;

use domain::SipTransport;
use telephony::{CallEvent, Carrier as _, Refused};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::{
    peer::{Peer, answer, header},
    support::{World, in_seconds, order, refusal, trunk, trunk_with_user},
};

const SILENCE: Duration = Duration::from_millis(400);
const SOON: Duration = Duration::from_secs(2);

/// What a request and the handle of its call must have in common, so that a CANCEL is for this INVITE.
fn identity(message: &str) -> [String; 4] {
    ["Via", "From", "Call-ID", "To"].map(|name| header(message, name).to_owned())
}

#[tokio::test]
async fn nothing_leaves_before_its_start_and_then_it_is_what_was_told() {
    let (world, peer) = (World::new(), Peer::new().await);
    let order = order(trunk(peer.address), None);
    let handle = world.prepare(&order).await;
    assert!(peer.hears(SILENCE).await.is_none(), "it has not started");
    world.carrier.note_endable(order.attempt, None, &handle);
    assert!(peer.hears(SILENCE).await.is_none(), "it is not its turn, though it is written down");
    world.start(&order);
    let (invite, _) = peer.hears(SOON).await.unwrap();
    assert!(invite.starts_with("INVITE "), "{invite}");
    assert_eq!(identity(handle.as_str()), identity(&invite));
    world.end(&order);
    world.to_end().await;
}

#[tokio::test]
async fn an_invite_with_a_digest_leaves_once_it_is_written_down_what_ends_that_one() {
    let (world, peer) = (World::new(), Peer::new().await);
    let order = order(trunk_with_user(peer.address), Some("secret"));
    let first = world.prepare(&order).await;
    world.start(&order);
    let (invite, from) = peer.hears(SOON).await.unwrap();
    let challenge = answer(&invite, "401 Unauthorized", ";tag=1")
        .replace("Contact:", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContact:");
    peer.says(&challenge, from).await;
    let second = world.next_handle().await;
    assert!(peer.hears(SOON).await.unwrap().0.starts_with("ACK "));
    world.carrier.note_endable(order.attempt, None, &first);
    assert!(peer.hears(SILENCE).await.is_none(), "only what ends the first is written down");
    world.carrier.note_endable(order.attempt, None, &second);
    let (again, from) = peer.hears(SOON).await.unwrap();
    assert!(again.contains("Authorization:"), "{again}");
    assert_eq!(identity(second.as_str()), identity(&again));
    peer.says(&answer(&again, "486 Busy Here", ";tag=2"), from).await;
    assert_eq!(refusal(&world.to_end().await).cause.code, Some(486));
}

#[tokio::test]
async fn what_is_ended_before_its_start_never_leaves() {
    let (world, peer) = (World::new(), Peer::new().await);
    let order = order(trunk(peer.address), None);
    world.prepare(&order).await;
    world.end(&order);
    assert_eq!(refusal(&world.to_end().await).cause.code, None);
    assert_eq!(world.carrier.start(order.attempt, in_seconds(0).unwrap()), Err(Refused::NoCall));
    assert!(peer.hears(Duration::from_secs(2)).await.is_none());
}

#[tokio::test]
async fn what_is_started_too_late_never_leaves() {
    let (world, peer) = (World::new(), Peer::new().await);
    let mut order = order(trunk(peer.address), None);
    order.deadlines.latest_start = in_seconds(1);
    world.prepare(&order).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.start(&order);
    assert_eq!(refusal(&world.to_end().await).cause.code, None);
    assert!(peer.hears(SILENCE).await.is_none());
}

#[tokio::test]
async fn what_nobody_starts_ends_by_itself() {
    let (world, peer) = (World::new(), Peer::new().await);
    let order = order(trunk(peer.address), None);
    world.prepare(&order).await;
    assert!(refusal(&world.to_end().await).cause.is_local);
    assert!(peer.hears(SILENCE).await.is_none());
}

/// The connection is there before the start, so that an INVITE that was in time is not late because of it.
#[tokio::test]
async fn a_connection_is_opened_before_the_start_and_carries_nothing_until_then() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut trunk = trunk(listener.local_addr().unwrap());
    trunk.transport = SipTransport::Tcp;
    let order = order(trunk, None);
    let handle = world.prepare(&order).await;
    let (mut stream, _) = tokio::time::timeout(SOON, listener.accept()).await.unwrap().unwrap();
    let mut buffer = vec![0; 4_096];
    assert!(tokio::time::timeout(SILENCE, stream.read(&mut buffer)).await.is_err(), "it has not started");
    world.start(&order);
    let length = tokio::time::timeout(SOON, stream.read(&mut buffer)).await.unwrap().unwrap();
    let invite = String::from_utf8_lossy(buffer.get(..length).unwrap()).into_owned();
    assert_eq!(identity(handle.as_str()), identity(&invite));
    world.end(&order);
    world.to_end().await;
}

/// Nobody listens at the first address: the second one is made ready, before the start.
#[tokio::test]
async fn an_address_that_cannot_be_reached_is_passed_over_before_the_start() {
    let (world, listener) = (World::new(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut trunk = trunk(closed);
    trunk.transport = SipTransport::Tcp;
    let nowhere = order(trunk.clone(), None);
    assert!(world.carrier.prepare(&nowhere).is_ok());
    let reports = world.to_end().await;
    assert!(refusal(&reports).cause.is_local && reports.len() == 1, "{reports:?}");
    let there = listener.local_addr().unwrap().to_string();
    trunk.addresses.push(domain::SipAddress::parse(&there).unwrap());
    let order = order(trunk, None);
    let handle = world.prepare(&order).await;
    assert!(handle.as_str().contains(&there), "{}", handle.as_str());
    world.start(&order);
    let (mut stream, _) = tokio::time::timeout(SOON, listener.accept()).await.unwrap().unwrap();
    let mut buffer = vec![0; 4_096];
    let length = tokio::time::timeout(SOON, stream.read(&mut buffer)).await.unwrap().unwrap();
    assert!(buffer.get(..length).unwrap().starts_with(b"INVITE "));
    world.end(&order);
    assert_eq!(world.to_end().await.iter().filter(|event| matches!(event, CallEvent::Ringing)).count(), 0);
}
