//! Reads a session description: only what telephone sound needs.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr},
};

use super::{DEFAULT_FRAME_MILLISECONDS, MediaDirection, PayloadKind, SdpFault};
use crate::g711::G711;

/// How many bytes a description has at most; real ones have a tenth of it.
pub const MOST_SDP_BYTES: usize = 16 * 1024;

/// How many streams (`m=`) a description has at most.
pub const MOST_STREAMS: usize = 16;

/// How many formats of a stream are read; those beyond are as if they were not there.
const MOST_FORMATS: usize = 64;

/// Where a description wants its sound sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SdpHost {
    /// To this address.
    Address(IpAddr),
    /// To `0.0.0.0` or `::`: nowhere, which was how to put on hold before RFC 3264.
    Nowhere,
    /// To a host's name, or to what cannot be read.
    Unreadable,
}

/// A stream (`m=` and what follows).
#[derive(Debug)]
pub(super) struct SdpStream<'t> {
    /// `audio`, `video`, ...
    pub kind: &'t str,
    /// 0: refused.
    pub port: u16,
    pub protocol: &'t str,
    /// The formats as written.
    pub formats: Vec<&'t str>,
    host: Option<SdpHost>,
    direction: Option<MediaDirection>,
    /// Payload type and encoding of each `rtpmap`.
    maps: Vec<(u8, &'t str)>,
    frame: Option<u8>,
    longest_frame: Option<u8>,
}

/// A description.
#[derive(Debug, Default)]
pub(super) struct SdpDescription<'t> {
    host: Option<SdpHost>,
    direction: Option<MediaDirection>,
    pub streams: Vec<SdpStream<'t>>,
}

/// A description's text. Names in it may be in any encoding; nothing that counts is beyond ASCII.
pub(super) fn text_of(description: &[u8]) -> Result<Cow<'_, str>, SdpFault> {
    if description.len() > MOST_SDP_BYTES {
        return Err(SdpFault::TooLong);
    }
    Ok(String::from_utf8_lossy(description))
}

impl<'t> SdpDescription<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, SdpFault> {
        let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
        // Everything else that is missing can be done without.
        if lines.next().is_none_or(|line| !line.starts_with("v=")) {
            return Err(SdpFault::Malformed);
        }
        let mut read = Self::default();
        for line in lines {
            match line.split_once('=') {
                Some(("m", _)) if read.streams.len() == MOST_STREAMS => return Err(SdpFault::TooManyStreams),
                Some(("m", value)) => read.streams.push(SdpStream::read(value).ok_or(SdpFault::Malformed)?),
                Some(("c", value)) => *read.host() = Some(SdpHost::read(value)),
                Some(("a", value)) => read.attribute(value),
                _ => {}
            }
        }
        Ok(read)
    }

    /// The place for a `c=`: the stream's it follows, or the description's.
    fn host(&mut self) -> &mut Option<SdpHost> {
        match self.streams.last_mut() {
            Some(stream) => &mut stream.host,
            None => &mut self.host,
        }
    }

    fn attribute(&mut self, text: &'t str) {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        if let Some(direction) = MediaDirection::named(name.trim()) {
            let of_stream = self.streams.last_mut().map(|stream| &mut stream.direction);
            *of_stream.unwrap_or(&mut self.direction) = Some(direction);
        }
        let Some(stream) = self.streams.last_mut() else { return };
        let value = value.trim();
        match name {
            "rtpmap" if stream.maps.len() < MOST_FORMATS => stream.maps.extend(map(value)),
            "ptime" => stream.frame = milliseconds(value),
            "maxptime" => stream.longest_frame = milliseconds(value),
            _ => {}
        }
    }

    /// Where the sound of a stream is to be sent.
    pub(super) fn host_of(&self, stream: &SdpStream<'_>) -> Option<SdpHost> {
        stream.host.or(self.host)
    }

    /// Which ways the sound of a stream goes, seen from the side that wrote it.
    pub(super) fn direction_of(&self, stream: &SdpStream<'_>) -> MediaDirection {
        let said = stream.direction.or(self.direction).unwrap_or_default();
        if self.host_of(stream) == Some(SdpHost::Nowhere) {
            return said.and(MediaDirection::SendOnly);
        }
        said
    }
}

impl<'t> SdpStream<'t> {
    fn read(value: &'t str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let kind = words.next().filter(|word| is_token(word))?;
        let port = words.next()?;
        let port = port.split_once('/').map_or(port, |(port, _)| port).parse().ok()?;
        let protocol = words.next().filter(|word| word.split('/').all(is_token))?;
        let formats = words.filter(|word| is_token(word)).take(MOST_FORMATS).collect();
        Some(Self {
            kind,
            port,
            protocol,
            formats,
            host: None,
            direction: None,
            maps: Vec::new(),
            frame: None,
            longest_frame: None,
        })
    }

    /// Whether it is sound over plain RTP, refused or not.
    pub(super) fn is_telephone_sound(&self) -> bool {
        self.kind.eq_ignore_ascii_case("audio") && self.protocol.eq_ignore_ascii_case("RTP/AVP")
    }

    /// The payload types that it lists and we know, in its order.
    pub(super) fn payloads(&self) -> impl Iterator<Item = (u8, PayloadKind)> + '_ {
        self.formats.iter().filter_map(|format| {
            let payload_type = format.parse().ok().filter(|payload_type| *payload_type < 128)?;
            let mapped = self.maps.iter().find(|(of, _)| *of == payload_type);
            let kind = match mapped {
                Some((_, encoding)) => kind_of(encoding),
                None => G711::ALL
                    .into_iter()
                    .find(|law| law.payload_type() == payload_type)
                    .map(PayloadKind::Sound),
            };
            Some((payload_type, kind?))
        })
    }

    /// How many milliseconds of sound it wants in a packet.
    pub(super) fn frame_milliseconds(&self) -> u8 {
        let wanted = self.frame.unwrap_or(DEFAULT_FRAME_MILLISECONDS);
        let most = self.longest_frame.unwrap_or(60).clamp(10, 60);
        wanted.min(most) / 10 * 10
    }
}

impl SdpHost {
    /// Reads what follows `c=`: `IN IP4 192.0.2.1`.
    fn read(value: &str) -> Self {
        let Some(address) = value.split_ascii_whitespace().nth(2) else { return Self::Unreadable };
        match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(address) if address.is_unspecified() => Self::Nowhere,
            Ok(address) => Self::Address(address),
            // A group's address has a slash; a name is not looked up.
            Err(_) => Self::Unreadable,
        }
    }
}

/// Whether sound can be sent to an address: it is a single host's.
pub(super) fn is_unicast(address: IpAddr) -> bool {
    !address.is_multicast() && address != IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// Reads what follows `a=rtpmap:`: `101 telephone-event/8000`.
fn map(value: &str) -> Option<(u8, &str)> {
    let (payload_type, encoding) = value.split_once([' ', '\t'])?;
    Some((payload_type.parse().ok().filter(|payload_type| *payload_type < 128)?, encoding.trim()))
}

/// What an encoding is: `PCMA/8000`, `telephone-event/8000`; `/1` may follow.
fn kind_of(encoding: &str) -> Option<PayloadKind> {
    let mut parts = encoding.split('/');
    let name = parts.next()?;
    if parts.next() != Some("8000") || parts.next().is_some_and(|channels| channels != "1") {
        return None;
    }
    if name.eq_ignore_ascii_case("telephone-event") {
        return Some(PayloadKind::Digits);
    }
    G711::ALL.into_iter().find(|law| name.eq_ignore_ascii_case(law.name())).map(PayloadKind::Sound)
}

/// A length of packets that can be sent; others are as if nobody said.
fn milliseconds(value: &str) -> Option<u8> {
    let whole = value.split_once('.').map_or(value, |(whole, _)| whole);
    whole.parse().ok().filter(|milliseconds| (10..=60).contains(milliseconds))
}

/// Whether a word may be written into an answer as it is (RFC 8866 section 9, `token`).
fn is_token(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&byte);
    !word.is_empty() && word.bytes().all(is_part)
}
