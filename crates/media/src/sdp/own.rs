//! Our side of a call: what we say of ourselves, and what we make of what the other side says.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use super::{
    AgreedMedia, MediaDirection, PayloadKind, PayloadTypes, SdpFault,
    read::{SdpDescription, SdpHost, SdpStream, is_unicast, text_of},
};
use crate::g711::G711;

/// The payload type that we offer digits in.
pub const DIGITS_PAYLOAD_TYPE: u8 = 101;

/// Our side of a call.
///
/// One for each dialog: the version of what it describes grows when, and only when, it describes something else than before
/// (RFC 3264 section 8).
#[derive(Clone, Debug)]
pub struct OwnMedia {
    session_id: u32,
    version: u64,
    address: IpAddr,
    port: u16,
    codecs: Vec<G711>,
    /// The direction of the last offer.
    offered: MediaDirection,
    /// What was described last, without the line that bears the version.
    described: String,
}

impl OwnMedia {
    /// A side that receives at `address` and `port`, and offers `codecs` in this order (none: both, A-law first). The address
    /// is the one that the other side can reach, perhaps not the one that the socket is bound to. `session_id` is drawn by chance.
    pub fn new(session_id: u32, address: IpAddr, port: u16, codecs: &[G711]) -> Self {
        let mut own = Vec::new();
        for codec in if codecs.is_empty() { &G711::ALL } else { codecs } {
            if !own.contains(codec) {
                own.push(*codec);
            }
        }
        let offered = MediaDirection::default();
        Self { session_id, version: 0, address, port, codecs: own, offered, described: String::new() }
    }

    /// An offer: the codecs in their order, digits in [`DIGITS_PAYLOAD_TYPE`], packets of 20 ms. Also what a re-INVITE without a
    /// description is answered with; its ACK then bears the answer.
    pub fn offer(&mut self, direction: MediaDirection) -> String {
        let sound = self.codecs.iter().map(|codec| (codec.payload_type(), PayloadKind::Sound(*codec)));
        let payloads: Vec<_> = sound.chain([(DIGITS_PAYLOAD_TYPE, PayloadKind::Digits)]).collect();
        let stream = self.stream(&payloads, direction);
        self.offered = direction;
        self.describe(stream)
    }

    /// Reads the answer to our last offer, of a provisional response or of a final one.
    ///
    /// # Errors
    /// Why the call cannot have sound.
    pub fn read_answer(&self, answer: &[u8]) -> Result<AgreedMedia, SdpFault> {
        let answer = text_of(answer)?;
        let answer = SdpDescription::read(&answer)?;
        let stream = telephone_sound(&answer)?;
        let mut receive = PayloadTypes::NONE;
        // Where the two contradict each other, ours counts: the other side sends in the types of our offer.
        for codec in &self.codecs {
            receive.add(codec.payload_type(), PayloadKind::Sound(*codec));
        }
        receive.add(DIGITS_PAYLOAD_TYPE, PayloadKind::Digits);
        agree(&answer, stream, receive, self.offered)
    }

    /// Answers what the other side offers later, in the payload types and the order of its offer. `wanted` is what we want to do
    /// (both, as a rule); what the other side's hold forbids is left out of it. Streams other than the sound are refused.
    ///
    /// # Errors
    /// Why the offer is refused; what was agreed before still holds.
    pub fn answer(
        &mut self,
        offer: &[u8],
        wanted: MediaDirection,
    ) -> Result<(String, AgreedMedia), SdpFault> {
        let offer = text_of(offer)?;
        let offer = SdpDescription::read(&offer)?;
        let stream = telephone_sound(&offer)?;
        let mut agreed = agree(&offer, stream, PayloadTypes::NONE, wanted)?;
        // What is still on its way was sent as agreed before.
        for codec in G711::ALL {
            agreed.receive.add(codec.payload_type(), PayloadKind::Sound(codec));
        }
        agreed.receive.add(DIGITS_PAYLOAD_TYPE, PayloadKind::Digits);

        let sound = (agreed.send_sound, PayloadKind::Sound(agreed.codec));
        let digits = agreed.send_digits.map(|payload_type| (payload_type, PayloadKind::Digits));
        let payloads: Vec<_> = [sound].into_iter().chain(digits).collect();
        let mut streams = String::new();
        for offered in &offer.streams {
            if std::ptr::eq(offered, stream) {
                streams += &self.stream(&payloads, agreed.direction);
            } else {
                refuse(&mut streams, offered);
            }
        }
        Ok((self.describe(streams), agreed))
    }

    /// Our stream of sound.
    fn stream(&self, payloads: &[(u8, PayloadKind)], direction: MediaDirection) -> String {
        let mut text = format!("m=audio {} RTP/AVP", self.port);
        for (payload_type, _) in payloads {
            let _ = write!(text, " {payload_type}");
        }
        text += "\r\n";
        for (payload_type, kind) in payloads {
            let _ = match kind {
                PayloadKind::Sound(codec) => {
                    write!(text, "a=rtpmap:{payload_type} {}/8000\r\n", codec.name())
                }
                PayloadKind::Digits => write!(
                    text,
                    "a=rtpmap:{payload_type} telephone-event/8000\r\na=fmtp:{payload_type} 0-15\r\n"
                ),
            };
        }
        let _ = write!(text, "a=ptime:20\r\na={}\r\n", direction.name());
        text
    }

    /// The whole description of these streams.
    fn describe(&mut self, streams: String) -> String {
        if self.described != streams {
            self.version += 1;
            self.described = streams;
        }
        let family = if self.address.is_ipv4() { "IP4" } else { "IP6" };
        let (id, version, address) = (self.session_id, self.version, self.address);
        let head = format!("v=0\r\no=- {id} {version} IN {family} {address}\r\ns=-\r\n");
        format!("{head}c=IN {family} {address}\r\nt=0 0\r\n{}", self.described)
    }
}

/// The stream of sound that a description has, not refused.
fn telephone_sound<'d, 't>(description: &'d SdpDescription<'t>) -> Result<&'d SdpStream<'t>, SdpFault> {
    let mut found = Err(SdpFault::NoAudio);
    for stream in description.streams.iter().filter(|stream| stream.is_telephone_sound()) {
        if stream.port != 0 {
            return Ok(stream);
        }
        found = Err(SdpFault::Refused);
    }
    found
}

/// What is agreed with the side that wrote a stream.
fn agree(
    description: &SdpDescription<'_>,
    stream: &SdpStream<'_>,
    mut receive: PayloadTypes,
    wanted: MediaDirection,
) -> Result<AgreedMedia, SdpFault> {
    let remote = match description.host_of(stream) {
        None => return Err(SdpFault::Address),
        Some(SdpHost::Address(address)) if !is_unicast(address) => return Err(SdpFault::Address),
        Some(SdpHost::Address(address)) => Some(SocketAddr::new(address, stream.port)),
        Some(SdpHost::Nowhere | SdpHost::Unreadable) => None,
    };
    let (mut sound, mut send_digits) = (None, None);
    for (payload_type, kind) in stream.payloads() {
        receive.add(payload_type, kind);
        match kind {
            PayloadKind::Sound(codec) => sound = sound.or(Some((payload_type, codec))),
            PayloadKind::Digits => send_digits = send_digits.or(Some(payload_type)),
        }
    }
    let (send_sound, codec) = sound.ok_or(SdpFault::NoCodec)?;
    let direction = description.direction_of(stream).mirrored().and(wanted);
    let frame_milliseconds = stream.frame_milliseconds();
    Ok(AgreedMedia { codec, send_sound, send_digits, receive, remote, direction, frame_milliseconds })
}

/// Refuses a stream: port 0, and the rest as offered (RFC 3264 section 6).
fn refuse(text: &mut String, offered: &SdpStream<'_>) {
    let formats = if offered.formats.is_empty() { "0".to_owned() } else { offered.formats.join(" ") };
    let _ = write!(text, "m={} 0 {} {formats}\r\n", offered.kind, offered.protocol);
}
