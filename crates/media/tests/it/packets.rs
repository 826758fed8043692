//! What is promised of a call's sound, whatever comes to its port.

use std::time::{Duration, Instant};

use media::{
    g711::G711,
    sdp::{AgreedMedia, MediaDirection, PayloadKind, PayloadTypes},
    session::{CallMedia, MOST_EVENTS, MediaSettings},
};

const PEERS: [&str; 4] = ["10.0.0.7:4000", "10.0.0.7:4002", "203.0.113.1:61000", "[::ffff:10.0.0.7]:4000"];

/// Takes the input as datagrams, each after a byte that says from where it comes and how much time passes, and one of its length.
pub(crate) fn check(mut input: &[u8]) {
    let mut now = Instant::now();
    let mut media =
        CallMedia::new(now, agreed(), &MediaSettings { answered: true, ..MediaSettings::of_chance(1) });
    let mut came = 0;
    while let [way, length, rest @ ..] = input {
        let (datagram, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        input = rest;
        now += Duration::from_millis(u64::from(way >> 2));
        came += 1;
        let Ok(from) = PEERS[usize::from(way & 3)].parse() else { continue };
        if let Some(heard) = media.receive(now, from, datagram) {
            assert!(!heard.bytes.is_empty() && heard.bytes.len() < datagram.len() && !heard.is_early);
        }
        let frame = media.next_packet(now).map(|(_, packet)| (packet.len(), packet[0]));
        assert_eq!(frame, Some((172, 0x80)), "a frame is sent whatever comes");
    }
    let (received, ..) = media.counts();
    let apart = received.duplicates + received.late + received.foreign + received.malformed;
    assert_eq!(received.received + apart, came, "each datagram is one of these");
    assert!(std::iter::from_fn(|| media.event()).count() <= MOST_EVENTS);
}

fn agreed() -> AgreedMedia {
    let mut receive = PayloadTypes::NONE;
    receive.add(8, PayloadKind::Sound(G711::ALaw));
    receive.add(101, PayloadKind::Digits);
    AgreedMedia {
        codec: G711::ALaw,
        send_sound: 8,
        send_digits: Some(101),
        receive,
        remote: PEERS[0].parse().ok(),
        direction: MediaDirection::SendReceive,
        frame_milliseconds: 20,
    }
}
