//! Packets there and back, strangers, and what networks do to them.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use rtp_types::{RtpPacket, RtpPacketBuilder};

use super::*;
use crate::{
    g711::G711,
    sdp::{PayloadKind, PayloadTypes},
};

const PEER: &str = "198.51.100.9:4000";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn types() -> PayloadTypes {
    let mut types = PayloadTypes::NONE;
    types.add(0, PayloadKind::Sound(G711::MuLaw));
    types.add(8, PayloadKind::Sound(G711::ALaw));
    types.add(101, PayloadKind::Digits);
    types
}

fn receiver() -> RtpReceiver {
    RtpReceiver::new(types(), Some(address(PEER)), false)
}

/// A packet of sound.
fn sound(source: u32, sequence: u16) -> Vec<u8> {
    let mut packet = Vec::new();
    RtpSender::new(source, sequence, u32::from(sequence) * 160).sound(8, &[0xd5; 160], false, &mut packet);
    packet
}

/// The numbers of what comes of these sequence numbers.
fn numbers(receiver: &mut RtpReceiver, source: u32, sequences: &[u16]) -> Vec<Option<u64>> {
    sequences
        .iter()
        .map(|sequence| match receiver.receive(Instant::now(), address(PEER), &sound(source, *sequence)) {
            Some(RtpContent::Sound { number, .. }) => Some(number),
            _ => None,
        })
        .collect()
}

#[test]
fn packets_are_what_another_reader_reads() {
    let mut sender = RtpSender::new(0x0102_0304, 65_535, u32::MAX - 79);
    let mut bytes = Vec::new();
    sender.sound(8, &[1; 160], true, &mut bytes);
    let packet = RtpPacket::parse(&bytes).unwrap();
    assert_eq!(
        (packet.ssrc(), packet.sequence_number(), packet.timestamp()),
        (0x0102_0304, 65_535, u32::MAX - 79)
    );
    assert_eq!(
        (packet.marker_bit(), packet.payload_type(), packet.payload()),
        (true, 8, [1; 160].as_slice())
    );
    assert_eq!(bytes.len(), HEADER_BYTES + 160);
    sender.event(101, 7, [1, 2, 3, 4], false, &mut bytes);
    let packet = RtpPacket::parse(&bytes).unwrap();
    assert_eq!((packet.sequence_number(), packet.timestamp(), packet.payload_type()), (0, 7, 101));
    assert_eq!((sender.timestamp(), sender.sent()), (80, 2), "an event lets no time pass");
}

#[test]
fn headers_may_have_all_that_there_is() {
    let packet = RtpPacketBuilder::new()
        .payload_type(0)
        .add_csrc(7)
        .extension(1, [0_u8; 8].as_slice())
        .padding(4)
        .payload([9_u8; 160].as_slice());
    let packet = packet.write_vec().unwrap();
    let mut receiver = receiver();
    let heard = receiver.receive(Instant::now(), address(PEER), &packet);
    assert!(
        matches!(heard, Some(RtpContent::Sound { codec: G711::MuLaw, payload, .. }) if payload == [9; 160])
    );
}

#[test]
fn a_stranger_touches_nothing() {
    let mut receiver = receiver();
    let now = Instant::now();
    let mut long = sound(1, 1);
    long.resize(MOST_PACKET_BYTES + 1, 0);
    let mut of_version_one = sound(1, 1);
    of_version_one[0] = 1 << 6;
    let control = [0x80, 200, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0];
    for (from, packet) in [
        ("203.0.113.1:4000", sound(1, 1)),
        (PEER, long),
        (PEER, of_version_one),
        (PEER, control.to_vec()),
        (PEER, vec![]),
        (PEER, vec![0x80; 11]),
    ] {
        assert_eq!(receiver.receive(now, address(from), &packet), None);
    }
    let counts = receiver.counts();
    assert_eq!((counts.received, counts.foreign, counts.malformed), (0, 1, 5));
    assert_eq!(receiver.target(), Some(address(PEER)));

    assert!(receiver.receive(now, address("198.51.100.9:4444"), &sound(1, 1)).is_some(), "another port");
    assert!(receiver.receive(now, address("198.51.100.9:5555"), &sound(1, 2)).is_none(), "a third one");
    assert!(receiver.receive(now, address(PEER), &sound(1, 2)).is_some(), "what the description says");
    assert!(receiver.receive(now, address("198.51.100.9:4444"), &sound(1, 3)).is_none());
    assert_eq!(receiver.target(), Some(address(PEER)), "sound goes where the description says");
}

#[test]
fn behind_a_nat_the_first_packet_says_where() {
    let mut receiver = RtpReceiver::new(types(), Some(address("10.0.0.7:4000")), true);
    let outside = address("203.0.113.1:61000");
    assert_eq!(receiver.target(), Some(address("10.0.0.7:4000")));
    let mut of_no_type = sound(1, 1);
    of_no_type[1] = 13;
    assert_eq!(receiver.receive(Instant::now(), outside, &of_no_type), None, "proves nothing");
    assert!(receiver.receive(Instant::now(), outside, &sound(1, 1)).is_some());
    assert_eq!(receiver.target(), Some(outside));
    assert!(receiver.receive(Instant::now(), address("203.0.113.1:61001"), &sound(1, 2)).is_none());
    assert!(receiver.receive(Instant::now(), outside, &of_no_type).is_none(), "it came before");

    receiver.retarget(types(), Some(address("10.0.0.7:4000")), true);
    assert_eq!(receiver.target(), Some(outside), "a session that is refreshed stays where it is");
    receiver.retarget(types(), Some(address("10.0.0.8:4000")), true);
    assert_eq!(receiver.target(), Some(address("10.0.0.8:4000")));

    let mut mapped = RtpReceiver::new(types(), None, true);
    assert!(mapped.receive(Instant::now(), address("[::ffff:192.0.2.7]:4000"), &sound(1, 1)).is_some());
    assert_eq!(mapped.target(), Some(address("192.0.2.7:4000")));
}

#[test]
fn what_comes_twice_or_late_is_told_apart() {
    let mut receiver = receiver();
    let first = numbers(&mut receiver, 1, &[65_534, 65_535, 0, 3, 2, 2, 0]);
    let first: Vec<_> = first.into_iter().map(|number| number.map(|number| number % 65_536)).collect();
    assert_eq!(first, [Some(65_534), Some(65_535), Some(0), Some(3), Some(2), None, None]);
    let counts = receiver.counts();
    assert_eq!((counts.received, counts.lost, counts.duplicates, counts.late), (5, 1, 2, 0));
    assert!(matches!(numbers(&mut receiver, 1, &[200, 100])[..], [Some(_), None]));
    assert_eq!(receiver.counts().late, 1);
}

#[test]
fn a_source_that_begins_anew_is_followed() {
    let mut receiver = receiver();
    numbers(&mut receiver, 1, &[100, 101, 103]);
    assert_eq!(receiver.counts().lost, 1);
    let other = numbers(&mut receiver, 2, &[5, 6]);
    assert!(other[0] > Some(103) && other[1] > other[0], "another source");
    let again = numbers(&mut receiver, 2, &[30_000, 30_001, 30_002]);
    assert!(again[0].is_none() && again[1] > other[1] && again[2] > again[1], "the same with other numbers");
    let counts = receiver.counts();
    assert_eq!((counts.received, counts.lost, counts.late), (7, 1, 1));
}

#[test]
fn jitter_is_what_differs_from_the_senders_clock() {
    let begin = Instant::now();
    let mut steady = receiver();
    let mut shaky = receiver();
    for packet in 0..500_u16 {
        let due = begin + Duration::from_millis(20) * packet.into();
        steady.receive(due, address(PEER), &sound(1, packet));
        shaky.receive(
            due + Duration::from_millis(u64::from(packet % 2) * 10),
            address(PEER),
            &sound(1, packet),
        );
    }
    assert_eq!(steady.counts().jitter, Duration::ZERO);
    let jitter = shaky.counts().jitter;
    assert!((Duration::from_millis(9)..=Duration::from_millis(10)).contains(&jitter), "{jitter:?}");
}

/// Sends digits and sound as a session does, in frames of so many milliseconds.
fn packets_of(digits: &str, frame: u32) -> Vec<Vec<u8>> {
    let frame = frame * SAMPLES_A_MILLISECOND;
    let mut sender = RtpSender::new(9, 65_500, u32::MAX - 4_000);
    let mut queue = DigitSender::default();
    assert!(queue.queue(digits));
    let mut packets = Vec::new();
    let mut quiet = 0;
    while quiet < 10 || !queue.is_idle() {
        let mut packet = Vec::new();
        match queue.next(sender.timestamp(), frame) {
            DigitSignal::Event { timestamp, payload, begins } => {
                sender.event(101, timestamp, payload, begins, &mut packet);
                sender.pass(frame);
                quiet = 0;
            }
            DigitSignal::Gap | DigitSignal::Nothing => {
                sender.sound(8, &vec![0xd5; frame as usize], false, &mut packet);
                quiet += 1;
            }
        }
        packets.push(packet);
    }
    packets
}

/// What is heard of packets that come at these places of a clock of 20 ms.
fn digits_of<'p>(packets: impl IntoIterator<Item = (usize, &'p Vec<u8>)>) -> Vec<DigitSign> {
    let begin = Instant::now();
    let (mut receiver, mut digits) = (receiver(), DigitReceiver::default());
    let mut signs = Vec::new();
    let mut now = begin;
    for (place, packet) in packets {
        now = now.max(begin + Duration::from_millis(20) * u32::try_from(place).unwrap());
        signs.extend(digits.poll(now));
        if let Some(RtpContent::Event(event)) = receiver.receive(now, address(PEER), packet) {
            signs.extend(digits.receive(now, event).into_iter().flatten());
        }
    }
    signs.extend(digits.poll(now + Duration::from_secs(1)));
    signs
}

fn ended(signs: &[DigitSign]) -> Vec<(char, u128)> {
    let of_sign = |sign: &DigitSign| match sign {
        DigitSign::Ended { digit, duration } => Some((digit.character(), duration.as_millis())),
        DigitSign::Began(_) => None,
    };
    signs.iter().filter_map(of_sign).collect()
}

#[test]
fn digits_are_heard_as_they_were_sent() {
    for frame in [10, 20, 30, 60] {
        let packets = packets_of("1,1#aD*0", frame);
        let signs = digits_of(packets.iter().enumerate());
        let keys: Vec<_> = "11#AD*0".chars().map(|key| (key, 160)).collect();
        assert_eq!(ended(&signs), keys, "frames of {frame} ms");
        assert_eq!(signs.len(), 14, "each begins once");
    }
}

#[test]
fn the_end_is_sent_three_times_and_the_beginning_marked() {
    let packets = packets_of("5", 20);
    let events = packets.iter().map(|packet| RtpPacket::parse(packet).unwrap());
    let events: Vec<_> = events.filter(|packet| packet.payload_type() == 101).collect();
    assert_eq!(events.len(), 10);
    assert!(events.iter().all(|packet| packet.timestamp() == events[0].timestamp()));
    assert_eq!(events.iter().map(RtpPacket::marker_bit).filter(|marker| *marker).count(), 1);
    assert!(events[0].marker_bit() && events[0].payload() == [5, 10, 0, 160]);
    assert!(events[7..].iter().all(|packet| packet.payload() == [5, 0x8a, 5, 0]));
}

#[test]
fn digits_that_cannot_be_sent_are_refused() {
    let mut sender = DigitSender::default();
    assert!(!sender.queue("12x") && sender.is_idle());
    assert!(!sender.queue(&"1".repeat(MOST_QUEUED_DIGITS + 1)));
    assert!(sender.queue(&"1".repeat(MOST_QUEUED_DIGITS)) && !sender.queue("1"));
    sender.clear();
    assert!(sender.is_idle());
    assert_eq!(Digit::of_event(16), None);
}

/// A packet of an event.
fn event(number: u64, timestamp: u32, begins: bool, payload: [u8; 4]) -> TelephoneEvent {
    TelephoneEvent::read(1, number, timestamp, begins, &payload).unwrap()
}

#[test]
fn a_key_whose_end_is_lost_ends_by_itself_or_by_the_next() {
    let begin = Instant::now();
    let mut digits = DigitReceiver::default();
    digits.receive(begin, event(1, 1_000, true, [1, 10, 0, 160]));
    digits.receive(begin, event(2, 1_000, false, [1, 10, 1, 64]));
    assert_eq!(digits.poll(begin + Duration::from_millis(199)), None);
    let over = digits.poll(begin + Duration::from_millis(200));
    assert!(matches!(over, Some(DigitSign::Ended { duration, .. }) if duration == Duration::from_millis(40)));
    assert_eq!(
        digits.receive(begin, event(3, 1_000, false, [1, 0x8a, 2, 0])),
        [None; 3],
        "its end after all"
    );
    digits.receive(begin, event(9, 5_000, true, [2, 10, 0, 160]));
    let signs = digits.receive(begin, event(20, 9_000, false, [3, 0x8a, 3, 32]));
    assert_eq!(ended(&signs.into_iter().flatten().collect::<Vec<_>>()), [('2', 20), ('3', 100)]);
    assert_eq!(digits.receive(begin, event(12, 5_000, false, [2, 0x8a, 3, 32])), [None; 3], "late");
    assert_eq!(digits.receive(begin, event(30, 50_000, true, [16, 10, 0, 160])), [None; 3], "no key");
}

#[test]
fn a_key_that_is_down_for_long_is_one() {
    let begin = Instant::now();
    let mut digits = DigitReceiver::default();
    let mut signs = Vec::new();
    let packets = [
        event(1, 0, true, [1, 10, 0x80, 0]),
        event(2, 0, false, [1, 10, 0xff, 0xff]),
        event(4, 65_535, false, [1, 10, 0, 160]),
        event(3, 0, false, [1, 10, 0xff, 0xff]),
        event(5, 65_535, false, [1, 0x8a, 0, 161]),
        event(6, 65_535, false, [1, 0x8a, 0, 161]),
    ];
    for packet in packets {
        signs.extend(digits.receive(begin, packet).into_iter().flatten());
    }
    assert_eq!(ended(&signs), [('1', 8_212)]);
    assert_eq!(signs.len(), 2);
}

/// As some gateways send them: each packet with a timestamp of its own.
#[test]
fn a_key_whose_packets_have_timestamps_of_their_own_is_one() {
    let begin = Instant::now();
    let mut digits = DigitReceiver::default();
    let mut signs = Vec::new();
    for key in 0..2_u32 {
        for packet in 0..8_u32 {
            let flags = if packet >= 5 { 0x8a } else { 10 };
            let number = u64::from(key * 20 + packet);
            let payload = [4, flags, 0, 160];
            let packet = event(number, key * 8_000 + packet * 160, packet == 0, payload);
            signs.extend(digits.receive(begin, packet).into_iter().flatten());
        }
    }
    assert_eq!(ended(&signs).len(), 2);
}

proptest! {
    /// Whatever a network does to packets, what it counts adds up.
    #[test]
    fn counts_add_up(start: u16, fates in proptest::collection::vec((0..10_u8, 0..8_usize), 1..400)) {
        let mut sent = Vec::new();
        for (place, (fate, delay)) in fates.iter().enumerate() {
            let sequence = start.wrapping_add(u16::try_from(place).unwrap());
            let copies = match fate { 0 => 0, 1 => 2, _ => 1 };
            sent.extend((0..copies).map(|copy| (place + delay * (copy + 1), sequence)));
        }
        sent.sort_by_key(|(at, _)| *at);
        let mut receiver = receiver();
        let sequences: Vec<u16> = sent.iter().map(|(_, sequence)| *sequence).collect();
        let mut heard: Vec<u64> = numbers(&mut receiver, 1, &sequences).into_iter().flatten().collect();
        let counts = receiver.counts();
        heard.sort_unstable();
        heard.dedup();
        prop_assert_eq!(heard.len() as u64, counts.received, "each is heard once");
        prop_assert_eq!(counts.received + counts.duplicates + counts.late, sent.len() as u64);
        let mut distinct = sequences.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(distinct.len() as u64, counts.received, "none is lost here");
        if let (Some(first), Some(last)) = (heard.first(), heard.last()) {
            prop_assert_eq!(counts.lost, last - first + 1 - counts.received);
        }
    }

    /// Digits survive loss, doubling and reordering: each is heard at most once, in its order, and whenever one of its packets comes.
    #[test]
    fn digits_survive_a_bad_network(
        keys in "[0-9]{1,8}",
        fates in proptest::collection::vec((0..10_u8, 0..3_usize), 300),
    ) {
        let packets = packets_of(&keys, 20);
        let mut arriving: Vec<(usize, usize)> = Vec::new();
        let mut came = vec![false; keys.len()];
        let mut key = 0;
        for (place, packet) in packets.iter().enumerate() {
            let (fate, delay) = fates[place % fates.len()];
            let read = RtpPacket::parse(packet).unwrap();
            let is_event = read.payload_type() == 101;
            key += usize::from(is_event && read.marker_bit());
            if fate < 3 { continue; }
            if is_event { came[key - 1] = true; }
            arriving.push((place + delay, place));
            if fate == 9 { arriving.push((place + delay + 1, place)); }
        }
        arriving.sort_unstable();
        let signs = digits_of(arriving.iter().map(|(at, place)| (*at, &packets[*place])));
        let heard: String = ended(&signs).into_iter().map(|(key, _)| key).collect();
        let expected: String =
            keys.chars().zip(&came).filter(|(_, came)| **came).map(|(key, _)| key).collect();
        prop_assert_eq!(heard, expected);
    }

    /// Whatever comes: no panic, and the counts say how often.
    #[test]
    fn rubbish_is_survived(
        packets in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..64), any::<bool>()), 0..60),
    ) {
        let (mut receiver, mut digits) = (receiver(), DigitReceiver::default());
        let begin = Instant::now();
        for (mut packet, looks_right) in packets.iter().cloned() {
            if looks_right && packet.len() > 12 {
                packet[0] = 0x80;
                packet[1] = [0, 8, 0x65, 0xe5][usize::from(packet[1] % 4)];
                packet[2] = 0;
            }
            if let Some(RtpContent::Event(event)) = receiver.receive(begin, address(PEER), &packet) {
                digits.receive(begin, event);
            }
        }
        let counts = receiver.counts();
        let total = counts.received + counts.duplicates + counts.late + counts.foreign + counts.malformed;
        prop_assert_eq!(total, packets.len() as u64);
    }
}
