//! What may come from the network, made up at random: the fuzzer's promises, in every test run; and bots at the other end of a stream.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop and say why")]

mod bots;
mod descriptions;
mod packets;

use proptest::prelude::*;

/// Descriptions that look right, with something wrong anywhere.
fn nearly_right() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "m=(audio|video|a b) [0-9]{0,6}(/[0-9])? (RTP/AVP|RTP/SAVP|udptl|/)( [0-9]{1,4}){0,5}",
        "a=rtpmap:[0-9]{1,4} (PCMA|pcmu|telephone-event|x)(/[0-9]{1,5}){0,2}",
        "a=(sendrecv|sendonly|recvonly|inactive|ptime:[0-9]{0,12}|maxptime:.{0,4})",
        "c=IN IP[46] [0-9a-f.:]{0,20}",
        "c=IN IP4 (0\\.0\\.0\\.0|192\\.0\\.2\\.7|host)",
        ".{0,30}",
    ];
    let lines = proptest::collection::vec(line, 0..25);
    let broken = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    (lines, broken).prop_map(|(lines, broken)| {
        let mut text = format!("v=0\r\n{}\r\n", lines.join("\r\n")).into_bytes();
        for (at, byte) in broken {
            let at = at.index(text.len());
            text[at] = byte;
        }
        text
    })
}

/// A datagram with from where it comes, and its length.
fn nearly_a_packet() -> impl Strategy<Value = Vec<u8>> {
    let header = (0..4_usize, any::<bool>(), 0..40_u8, any::<[u8; 4]>(), 0..3_u8);
    (any::<u8>(), header, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(way, header, payload)| {
        let (kind, odd, sequence, timestamp, source) = header;
        let first = if odd { payload.first().copied().unwrap_or(0x90) } else { 0x80 };
        let mut packet = vec![first, [8, 0x65, 0xe5, 200][kind], 0, sequence];
        packet.extend(timestamp);
        packet.extend([0, 0, 0, source]);
        packet.extend(payload);
        [vec![way, u8::try_from(packet.len()).unwrap_or(u8::MAX)], packet].concat()
    })
}

proptest! {
    #[test]
    fn descriptions_are_survived(text in prop_oneof![nearly_right(), proptest::collection::vec(any::<u8>(), 0..200)]) {
        descriptions::check(&text);
    }

    #[test]
    fn packets_are_survived(packets in proptest::collection::vec(nearly_a_packet(), 0..60)) {
        packets::check(&packets.concat());
    }
}
