//! What is promised of a session description, whoever wrote it.

use media::{
    g711::G711,
    sdp::{AgreedMedia, MOST_STREAMS, MediaDirection, OwnMedia, PayloadKind, SdpFault},
};

/// Reads it as an answer and as an offer.
pub(crate) fn check(text: &[u8]) {
    let mut own = OwnMedia::new(1, [192, 0, 2, 1].into(), 20_000, &G711::ALL);
    own.offer(MediaDirection::SendReceive);
    if let Ok(agreed) = own.read_answer(text) {
        check_agreed(&agreed);
    }
    let before = own.clone();
    match own.answer(text, MediaDirection::SendReceive) {
        Ok((answer, agreed)) => {
            check_agreed(&agreed);
            check_answer(&answer, &agreed);
        }
        // What is refused leaves nothing behind.
        Err(SdpFault::Malformed) => assert_eq!(format!("{before:?}"), format!("{own:?}")),
        Err(_) => {}
    }
}

fn check_agreed(agreed: &AgreedMedia) {
    assert!(agreed.send_sound < 128 && agreed.send_digits.is_none_or(|payload_type| payload_type < 128));
    assert_ne!(agreed.send_digits, Some(agreed.send_sound));
    assert!((10..=60).contains(&agreed.frame_milliseconds) && agreed.frame_milliseconds.is_multiple_of(10));
    if let Some(remote) = agreed.remote {
        assert!(remote.port() != 0 && !remote.ip().is_unspecified() && !remote.ip().is_multicast());
    }
}

/// Our answer is one that we would take ourselves, has a stream for each that was offered, and nothing that could end a line.
fn check_answer(answer: &str, agreed: &AgreedMedia) {
    assert!(answer.lines().filter(|line| line.starts_with("m=")).count() <= MOST_STREAMS);
    assert!(answer.split("\r\n").all(|line| !line.contains(['\r', '\n', '\0'])));
    let mut other = OwnMedia::new(2, [192, 0, 2, 2].into(), 30_000, &[]);
    other.offer(MediaDirection::SendReceive);
    let Ok(back) = other.read_answer(answer.as_bytes()) else { panic!("we do not take our own answer") };
    assert_eq!((back.codec, back.send_digits), (agreed.codec, agreed.send_digits));
    assert_eq!(back.direction, agreed.direction.mirrored());
    assert_eq!(agreed.receive.kind(back.send_sound), Some(PayloadKind::Sound(back.codec)));
}
