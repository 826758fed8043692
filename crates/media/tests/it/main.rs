//! What may come from the network, made up at random: the fuzzer's promises, in every test run.

mod descriptions;

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

proptest! {
    #[test]
    fn descriptions_are_survived(text in prop_oneof![nearly_right(), proptest::collection::vec(any::<u8>(), 0..200)]) {
        descriptions::check(&text);
    }
}
