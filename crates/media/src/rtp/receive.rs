//! Tells the packets of the other side from everything else that comes, and keeps count.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use rtp_types::RtpPacket;

use super::{
    SAMPLES_A_MILLISECOND, TelephoneEvent,
    sequence::{Sequence, SequencePlace},
};
use crate::{
    g711::G711,
    sdp::{PayloadKind, PayloadTypes},
};

/// How many bytes a packet has at most: what Ethernet carries. Longer ones are a stranger's.
pub const MOST_PACKET_BYTES: usize = 1_500;

/// What the second byte is where control packets (RTCP) come to the same port (RFC 5761 section 4).
const CONTROL: std::ops::RangeInclusive<u8> = 192..=223;

/// What a packet of the other side holds.
#[derive(Debug, PartialEq, Eq)]
pub enum RtpContent<'p> {
    /// Sound.
    Sound {
        /// The law of its bytes.
        codec: G711,
        /// Its place among all packets that came, wrap-arounds counted; it grows from source to source. Gaps are losses, and late
        /// ones come after those that follow them.
        number: u64,
        /// When it was said, in samples.
        timestamp: u32,
        /// A byte for each sample; at least one.
        payload: &'p [u8],
    },
    /// A part of a digit, or of another event.
    Event(TelephoneEvent),
    /// Something of a type that was not agreed, such as comfort noise: the other side lives.
    Other,
}

/// What came. Counters never shrink.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReceiveCounts {
    /// Packets of the other side.
    pub received: u64,
    /// Packets that its numbers say were sent and that did not come.
    pub lost: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets too old to be of use, or out of line.
    pub late: u64,
    /// Packets from elsewhere.
    pub foreign: u64,
    /// What is no RTP, or too long.
    pub malformed: u64,
    /// How much the times between packets vary, as RFC 3550 section 6.4.1 smooths it.
    pub jitter: Duration,
}

/// The receiving end of a call.
///
/// The first packet that may be the other side's decides where the rest must come from, address and port. Which may be: where the
/// other side is behind a NAT, a packet from anywhere; else from the address that its description names, whatever the
/// port. A packet from exactly where the description says always takes that place, so that a stranger who was first does not keep it.
#[derive(Clone, Debug)]
pub struct RtpReceiver {
    types: PayloadTypes,
    remote: Option<SocketAddr>,
    behind_nat: bool,
    latched: Option<SocketAddr>,
    stream: Option<SourceStream>,
    last_number: Option<u64>,
    counts: ReceiveCounts,
    /// What was lost of sources before this one.
    lost_before: u64,
}

/// The packets of one source (SSRC).
#[derive(Clone, Debug)]
struct SourceStream {
    source: u32,
    sequence: Sequence,
    /// When the last sound came, and its timestamp.
    last: Option<(Instant, u32)>,
    /// In samples, times 16 (RFC 3550 appendix A.8).
    jitter: u32,
}

impl RtpReceiver {
    /// Receives these types from there; see [`AgreedMedia`](crate::sdp::AgreedMedia) for what the arguments are.
    pub const fn new(types: PayloadTypes, remote: Option<SocketAddr>, behind_nat: bool) -> Self {
        let counts = ReceiveCounts {
            received: 0,
            lost: 0,
            duplicates: 0,
            late: 0,
            foreign: 0,
            malformed: 0,
            jitter: Duration::ZERO,
        };
        Self {
            types,
            remote,
            behind_nat,
            latched: None,
            stream: None,
            last_number: None,
            counts,
            lost_before: 0,
        }
    }

    /// Follows what was agreed anew. Where the other side stays where it was, so does the place that its packets come from.
    pub fn retarget(&mut self, types: PayloadTypes, remote: Option<SocketAddr>, behind_nat: bool) {
        if self.remote != remote {
            self.latched = None;
        }
        (self.types, self.remote, self.behind_nat) = (types, remote, behind_nat);
    }

    /// Where to send to: where packets come from if the other side is behind a NAT, else where its description says.
    pub fn target(&self) -> Option<SocketAddr> {
        if self.behind_nat { self.latched.or(self.remote) } else { self.remote }
    }

    /// Takes what came: `None` where it is not the other side's, came before, or comes too late.
    pub fn receive<'p>(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &'p [u8],
    ) -> Option<RtpContent<'p>> {
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        if !self.may_come_from(from) {
            self.counts.foreign += 1;
            return None;
        }
        let Some(packet) = packet(datagram) else {
            self.counts.malformed += 1;
            return None;
        };
        let kind = self.types.kind(packet.payload_type());
        if self.latched != Some(from) {
            // What was not agreed proves nothing, unless it comes from where it should.
            if kind.is_none() && self.remote != Some(from) {
                self.counts.foreign += 1;
                return None;
            }
            self.latched = Some(from);
        }
        let number = self.number(&packet)?;
        self.last_number = Some(number);
        self.counts.received += 1;
        Some(self.content(now, &packet, number, kind, payload_of(&packet, datagram)))
    }

    /// The number of the packet that came last, whatever was in it; see [`RtpContent::Sound`].
    pub const fn last_number(&self) -> Option<u64> {
        self.last_number
    }

    /// What came so far.
    pub fn counts(&self) -> ReceiveCounts {
        let stream = self.stream.as_ref();
        let lost = self.lost_before + stream.map_or(0, |stream| stream.sequence.lost());
        let jitter = stream.map_or(0, |stream| stream.jitter / 16);
        let jitter = Duration::from_micros(u64::from(jitter) * 1_000 / u64::from(SAMPLES_A_MILLISECOND));
        ReceiveCounts { lost, jitter, ..self.counts }
    }

    fn may_come_from(&self, from: SocketAddr) -> bool {
        if self.remote == Some(from) {
            return true;
        }
        match self.latched {
            Some(latched) => latched == from,
            None => self.behind_nat || self.remote.is_some_and(|remote| same_host(remote.ip(), from.ip())),
        }
    }

    /// The place of a packet among those of its source; a new source takes the place of the one before.
    fn number(&mut self, packet: &RtpPacket<'_>) -> Option<u64> {
        let (source, sequence) = (packet.ssrc(), packet.sequence_number());
        match &mut self.stream {
            Some(stream) if stream.source == source => match stream.sequence.place(sequence) {
                SequencePlace::New(number) => return Some(number),
                SequencePlace::Duplicate => self.counts.duplicates += 1,
                SequencePlace::Late => self.counts.late += 1,
            },
            before => {
                let lost = before.as_ref().map_or(0, |stream| stream.sequence.lost());
                let above = before.as_ref().map_or(0, |stream| stream.sequence.highest());
                self.lost_before += lost;
                let sequence = Sequence::starting(sequence, above);
                let number = sequence.highest();
                *before = Some(SourceStream { source, sequence, last: None, jitter: 0 });
                return Some(number);
            }
        }
        None
    }

    fn content<'p>(
        &mut self,
        now: Instant,
        packet: &RtpPacket<'_>,
        number: u64,
        kind: Option<PayloadKind>,
        payload: &'p [u8],
    ) -> RtpContent<'p> {
        let timestamp = packet.timestamp();
        match kind {
            Some(PayloadKind::Sound(codec)) if !payload.is_empty() => {
                if let Some(stream) = &mut self.stream {
                    stream.vary(now, timestamp);
                }
                RtpContent::Sound { codec, number, timestamp, payload }
            }
            Some(PayloadKind::Digits) => {
                let event =
                    TelephoneEvent::read(packet.ssrc(), number, timestamp, packet.marker_bit(), payload);
                event.map_or(RtpContent::Other, RtpContent::Event)
            }
            _ => RtpContent::Other,
        }
    }
}

impl SourceStream {
    /// Counts how far a packet of sound is from when it was due after the last.
    fn vary(&mut self, now: Instant, timestamp: u32) {
        if let Some((before, earlier)) = self.last.replace((now, timestamp)) {
            let passed =
                now.saturating_duration_since(before).as_micros() * u128::from(SAMPLES_A_MILLISECOND);
            let passed = i64::try_from(passed / 1_000).unwrap_or(i64::MAX);
            let said = i64::from(timestamp.wrapping_sub(earlier).cast_signed());
            // A pause of the other side is not jitter.
            let differs = passed.abs_diff(said).min(u64::from(u16::MAX));
            let differs = u32::try_from(differs).unwrap_or(u32::MAX);
            self.jitter = self.jitter + differs - ((self.jitter + 8) >> 4).min(self.jitter);
        }
    }
}

/// Reads RTP; `None` where it is something else.
fn packet(datagram: &[u8]) -> Option<RtpPacket<'_>> {
    if datagram.len() > MOST_PACKET_BYTES || CONTROL.contains(datagram.get(1)?) {
        return None;
    }
    RtpPacket::parse(datagram).ok()
}

/// What a packet holds, for as long as the datagram is there.
fn payload_of<'p>(packet: &RtpPacket<'_>, datagram: &'p [u8]) -> &'p [u8] {
    let begin = packet.payload_offset();
    datagram.get(begin..begin + packet.payload_len()).unwrap_or_default()
}

fn same_host(one: IpAddr, other: IpAddr) -> bool {
    one.to_canonical() == other.to_canonical()
}
