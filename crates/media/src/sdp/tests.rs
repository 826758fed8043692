//! Offers, answers as peers write them, holds, and rubbish.

use proptest::prelude::*;

use super::*;
use crate::g711::G711;

fn own() -> OwnMedia {
    OwnMedia::new(42, "192.0.2.1".parse().unwrap(), 20_000, &[])
}

fn offered() -> OwnMedia {
    let mut own = own();
    own.offer(MediaDirection::SendReceive);
    own
}

/// A description with these lines of a stream.
fn description(lines: &str) -> String {
    format!("v=0\r\no=- 7 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n{lines}")
}

fn answered(lines: &str) -> Result<AgreedMedia, SdpFault> {
    offered().read_answer(description(lines).as_bytes())
}

fn kinds(agreed: &AgreedMedia) -> Vec<(u8, PayloadKind)> {
    agreed.receive.iter().collect()
}

#[test]
fn an_offer_names_all_that_a_line_allows() {
    let text = own().offer(MediaDirection::SendReceive);
    let expected = "v=0\r\no=- 42 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(text, expected);

    let mut one = OwnMedia::new(1, "2001:db8::1".parse().unwrap(), 20_002, &[G711::MuLaw, G711::MuLaw]);
    let text = one.offer(MediaDirection::Inactive);
    assert!(text.contains("c=IN IP6 2001:db8::1\r\n") && text.contains("m=audio 20002 RTP/AVP 0 101\r\n"));
    assert!(text.ends_with("a=inactive\r\n"));
}

#[test]
fn the_version_grows_with_each_change_only() {
    let mut own = own();
    let versions = [
        MediaDirection::SendReceive,
        MediaDirection::SendReceive,
        MediaDirection::SendOnly,
        MediaDirection::SendReceive,
    ]
    .map(|direction| own.offer(direction).lines().nth(1).unwrap().split(' ').nth(2).unwrap().to_owned());
    assert_eq!(versions, ["1", "1", "2", "3"]);
}

#[test]
fn an_answer_decides_what_is_sent() {
    let agreed = answered("m=audio 4000 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\n").unwrap();
    assert_eq!((agreed.codec, agreed.send_sound, agreed.send_digits), (G711::MuLaw, 0, Some(96)));
    assert_eq!(agreed.remote, Some("198.51.100.9:4000".parse().unwrap()));
    assert_eq!((agreed.direction, agreed.frame_milliseconds), (MediaDirection::SendReceive, 20));
    assert_eq!(
        kinds(&agreed),
        [
            (0, PayloadKind::Sound(G711::MuLaw)),
            (8, PayloadKind::Sound(G711::ALaw)),
            (96, PayloadKind::Digits),
            (101, PayloadKind::Digits)
        ],
        "digits come in the type of the answer as well as in ours"
    );
    let agreed = answered("m=audio 4000 RTP/AVP 8\r\n").unwrap();
    assert_eq!((agreed.codec, agreed.send_digits), (G711::ALaw, None));
}

#[test]
fn a_type_that_both_name_is_ours() {
    let lines = "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 PCMU/8000\r\n";
    assert_eq!(answered(lines).unwrap().receive.kind(101), Some(PayloadKind::Digits));
}

#[test]
fn laws_under_other_numbers_are_found() {
    let lines = "m=audio 4000 RTP/AVP 111 97 98\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:97 pcma/8000/1\r\n\
        a=rtpmap:98 telephone-event/48000\r\n";
    let agreed = answered(lines).unwrap();
    assert_eq!((agreed.codec, agreed.send_sound, agreed.send_digits), (G711::ALaw, 97, None));
}

#[test]
fn what_cannot_be_used_is_named() {
    for (lines, fault) in [
        ("", SdpFault::NoAudio),
        ("m=video 4000 RTP/AVP 31\r\n", SdpFault::NoAudio),
        ("m=audio 4000 RTP/SAVP 0\r\n", SdpFault::NoAudio),
        ("m=audio 0 RTP/AVP 0\r\n", SdpFault::Refused),
        ("m=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n", SdpFault::NoCodec),
        ("m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n", SdpFault::NoCodec),
        ("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 G722/8000\r\n", SdpFault::NoCodec),
        ("m=audio 70000 RTP/AVP 0\r\n", SdpFault::Malformed),
        ("m=audio\r\n", SdpFault::Malformed),
        ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 224.0.0.1\r\n", SdpFault::Address),
        ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 255.255.255.255\r\n", SdpFault::Address),
        (&"m=audio 0 RTP/AVP 0\r\n".repeat(MOST_STREAMS + 1), SdpFault::TooManyStreams),
        (&format!("a={}\r\n", "x".repeat(MOST_SDP_BYTES)), SdpFault::TooLong),
    ] {
        assert_eq!(answered(lines), Err(fault), "{lines:.60}");
    }
    for rubbish in ["", "\r\n", "hello", "m=audio 4000 RTP/AVP 0\r\n"] {
        assert_eq!(offered().read_answer(rubbish.as_bytes()), Err(SdpFault::Malformed));
    }
    let without_address = offered().read_answer(b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n");
    assert_eq!(without_address, Err(SdpFault::Address));
}

#[test]
fn what_others_write_wrongly_is_taken() {
    let text = b"v=0\no=\xb9\xe3\xb6\xab x\ns=\xb2\xe2\xca\xd4\nc=IN IP4 198.51.100.9\n\
        m=audio 4000/1 rtp/avp 8 101 \na=rtpmap: 8 PCMA/8000\na=rtpmap:101 TELEPHONE-EVENT/8000\nx\na=ptime:30.0\n";
    let agreed = offered().read_answer(text).unwrap();
    assert_eq!((agreed.codec, agreed.send_digits, agreed.frame_milliseconds), (G711::ALaw, Some(101), 30));
}

#[test]
fn the_address_of_the_stream_counts_most() {
    let agreed = answered("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 203.0.113.5\r\n").unwrap();
    assert_eq!(agreed.remote, Some("203.0.113.5:4000".parse().unwrap()));
    let named = answered("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 media.example.com\r\n").unwrap();
    assert!(named.remote.is_none() && named.may_be_behind_nat() && named.direction.sends());
}

#[test]
fn packets_are_as_long_as_the_other_side_wants_within_reason() {
    for (lines, expected) in [
        ("a=ptime:10", 10),
        ("a=ptime:25", 20),
        ("a=ptime:60", 60),
        ("a=ptime:0", 20),
        ("a=ptime:5", 20),
        ("a=ptime:4000000000", 20),
        ("a=ptime:-20", 20),
        ("a=ptime:30\r\na=maxptime:20", 20),
        ("a=maxptime:15", 10),
    ] {
        let agreed = answered(&format!("m=audio 4000 RTP/AVP 0\r\n{lines}\r\n")).unwrap();
        assert_eq!(agreed.frame_milliseconds, expected, "{lines}");
    }
}

#[test]
fn private_addresses_are_told_from_public_ones() {
    for (address, private) in [
        ("10.1.2.3", true),
        ("172.16.0.1", true),
        ("192.168.1.1", true),
        ("100.64.0.1", true),
        ("100.128.0.1", false),
        ("127.0.0.1", true),
        ("169.254.1.1", true),
        ("198.51.100.1", false),
        ("fd00::1", true),
        ("fe80::1", true),
        ("::ffff:10.0.0.1", true),
        ("2001:db8::1", false),
    ] {
        let agreed = answered(&format!("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 {address}\r\n")).unwrap();
        assert_eq!(agreed.may_be_behind_nat(), private, "{address}");
    }
}

/// An offer of the other side in mid-call: with its own types, and streams that we do not want.
#[test]
fn a_later_offer_is_answered_in_its_own_types() {
    let offer = description(
        "m=video 5000 RTP/AVP 31 97\r\na=rtpmap:97 H264/90000\r\nm=audio 4002 RTP/AVP 9 0 8 96\r\n\
         a=rtpmap:96 telephone-event/8000\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    );
    let (answer, agreed) = offered().answer(offer.as_bytes(), MediaDirection::SendReceive).unwrap();
    let streams: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        streams,
        [
            "m=video 0 RTP/AVP 31 97",
            "m=audio 20000 RTP/AVP 0 96",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
        ]
    );
    assert!(answer.contains("o=- 42 2 ") && answer.contains("a=rtpmap:96 telephone-event/8000\r\n"));
    assert_eq!((agreed.codec, agreed.send_digits), (G711::MuLaw, Some(96)));
    assert_eq!(agreed.receive.kind(101), Some(PayloadKind::Digits), "what is on its way still counts");
}

#[test]
fn holds_are_mirrored() {
    use MediaDirection::{Inactive, ReceiveOnly, SendOnly, SendReceive};
    for (offered_as, wanted, ours) in [
        ("a=sendonly", SendReceive, ReceiveOnly),
        ("a=recvonly", SendReceive, SendOnly),
        ("a=inactive", SendReceive, Inactive),
        ("a=sendrecv", SendOnly, SendOnly),
        ("c=IN IP4 0.0.0.0", SendReceive, ReceiveOnly),
        ("c=IN IP4 0.0.0.0\r\na=inactive", SendReceive, Inactive),
        ("a=sendonly", SendOnly, Inactive),
    ] {
        let offer = description(&format!("m=audio 4000 RTP/AVP 0\r\n{offered_as}\r\n"));
        let (answer, agreed) = offered().answer(offer.as_bytes(), wanted).unwrap();
        assert_eq!(agreed.direction, ours, "{offered_as}");
        assert!(answer.ends_with(&format!("a={}\r\n", ours.name())), "{offered_as}");
        assert_eq!(agreed.is_on_hold(), !ours.sends());
    }
    let whole = "v=0\r\nc=IN IP4 198.51.100.9\r\na=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n";
    let (_, agreed) = offered().answer(whole.as_bytes(), SendReceive).unwrap();
    assert_eq!(agreed.direction, ReceiveOnly, "a direction of the whole description");
    let mut own = own();
    own.offer(SendOnly);
    let agreed = own.read_answer(description("m=audio 4000 RTP/AVP 0\r\n").as_bytes()).unwrap();
    assert_eq!(agreed.direction, SendOnly, "an answer grants no more than was offered");
}

proptest! {
    /// Our own offers are understood by ourselves, and the two sides agree.
    #[test]
    fn two_of_us_agree(mu_first: bool, sends: bool, receives: bool) {
        let codecs = if mu_first { [G711::MuLaw, G711::ALaw] } else { G711::ALL };
        let direction = MediaDirection::of(sends, receives);
        let mut caller = OwnMedia::new(1, "192.0.2.1".parse().unwrap(), 20_000, &codecs);
        let mut callee = OwnMedia::new(2, "192.0.2.2".parse().unwrap(), 30_000, &[]);
        let offer = caller.offer(direction);
        let (answer, of_callee) = callee.answer(offer.as_bytes(), MediaDirection::SendReceive).unwrap();
        let of_caller = caller.read_answer(answer.as_bytes()).unwrap();
        prop_assert_eq!(of_caller.codec, codecs[0]);
        prop_assert_eq!(of_callee.codec, codecs[0]);
        prop_assert_eq!(of_caller.direction, direction);
        prop_assert_eq!(of_callee.direction, direction.mirrored());
        prop_assert_eq!(of_caller.remote.unwrap().port(), 30_000);
        prop_assert_eq!(of_caller.receive.kind(of_callee.send_sound), Some(PayloadKind::Sound(codecs[0])));
        prop_assert_eq!(of_callee.receive.kind(of_caller.send_digits.unwrap()), Some(PayloadKind::Digits));
    }
}
