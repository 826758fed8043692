//! Session descriptions (SDP, RFC 8866) and what two of them agree on (offer and answer, RFC 3264), for one stream of telephone sound.
//!
//! [`OwnMedia`] is our side of a call: it offers, reads the answer, and answers what the other side offers later. Both give an
//! [`AgreedMedia`]: what to send, where to, and what may come. Pure: no socket, no clock. Whatever comes, reading it is bounded and never
//! panics; what other products write wrongly but clearly is taken (lines that end in LF alone, missing `t=`, unknown lines).
//!
//! ```
//! use media::{g711::G711, sdp::{MediaDirection, OwnMedia}};
//!
//! let mut own = OwnMedia::new(1, "192.0.2.1".parse().unwrap(), 20_000, &[G711::ALaw, G711::MuLaw]);
//! let offer = own.offer(MediaDirection::SendReceive);
//! assert!(offer.contains("m=audio 20000 RTP/AVP 8 0 101\r\n"));
//!
//! let answer = b"v=0\r\no=- 7 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n\
//!     m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n";
//! let agreed = own.read_answer(answer).unwrap();
//! assert_eq!((agreed.codec, agreed.send_digits), (G711::MuLaw, Some(96)));
//! assert_eq!(agreed.remote, Some("198.51.100.9:4000".parse().unwrap()));
//! ```

mod agreed;
mod own;
mod read;

pub use self::{
    agreed::{AgreedMedia, DEFAULT_FRAME_MILLISECONDS, MediaDirection, PayloadKind, PayloadTypes},
    own::{DIGITS_PAYLOAD_TYPE, OwnMedia},
    read::{MOST_SDP_BYTES, MOST_STREAMS},
};

/// Why a description cannot be agreed on. An offer is then refused with 488, a call with such an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpFault {
    /// It is longer than [`MOST_SDP_BYTES`].
    #[error("a session description that is too long")]
    TooLong,
    /// It holds more than [`MOST_STREAMS`] streams.
    #[error("a session description with too many streams")]
    TooManyStreams,
    /// It is no session description: it does not begin with `v=`, or a stream cannot be read.
    #[error("not a session description")]
    Malformed,
    /// It has no stream of sound over plain RTP (`RTP/AVP`).
    #[error("no stream of sound over plain RTP")]
    NoAudio,
    /// It refuses the stream of sound: port 0.
    #[error("the stream of sound is refused")]
    Refused,
    /// It names neither A-law nor mu-law.
    #[error("neither A-law nor mu-law")]
    NoCodec,
    /// It says no address for the sound, or one that is not a single host's.
    #[error("no address for the sound")]
    Address,
}

#[cfg(test)]
mod tests;
