//! RTP (RFC 3550, 3551) and the digits in it (RFC 4733). Pure: packets and the time come in as arguments, packets go out as bytes.
//!
//! ```
//! use std::time::Instant;
//! use media::{g711::G711, rtp::{RtpContent, RtpReceiver, RtpSender}, sdp::{PayloadKind, PayloadTypes}};
//!
//! let mut types = PayloadTypes::NONE;
//! types.add(8, PayloadKind::Sound(G711::ALaw));
//! let peer = "192.0.2.7:4000".parse().unwrap();
//! let mut receiver = RtpReceiver::new(types, Some(peer), false);
//!
//! let mut packet = Vec::new();
//! RtpSender::new(1, 65_535, 0).sound(8, &[0xd5; 160], true, &mut packet);
//! let heard = receiver.receive(Instant::now(), peer, &packet);
//! assert!(matches!(heard, Some(RtpContent::Sound { payload, .. }) if payload.len() == 160));
//! assert!(receiver.receive(Instant::now(), "192.0.2.8:4000".parse().unwrap(), &packet).is_none());
//! ```

mod digits;
mod receive;
mod send;
mod sequence;

pub use self::{
    digits::{Digit, DigitReceiver, DigitSender, DigitSign, DigitSignal, MOST_QUEUED_DIGITS, TelephoneEvent},
    receive::{MOST_PACKET_BYTES, ReceiveCounts, RtpContent, RtpReceiver},
    send::{HEADER_BYTES, RtpSender},
};

/// How many units the clock of telephone sound has in a millisecond: one for each sample.
pub const SAMPLES_A_MILLISECOND: u32 = 8;

#[cfg(test)]
mod tests;
