//! Makes packets.

/// How many bytes the header of our packets has (RFC 3550 section 5.1).
pub const HEADER_BYTES: usize = 12;

/// Version 2; no padding, extension or contributing sources.
const VERSION: u8 = 2 << 6;

/// Numbers the packets of one stream. Sequence and timestamp begin where the caller says, which is by chance (RFC 3550 section 5.1).
#[derive(Clone, Debug)]
pub struct RtpSender {
    source: u32,
    sequence: u16,
    timestamp: u32,
    sent: u64,
}

impl RtpSender {
    /// A stream of this source (SSRC) whose first packet has these numbers.
    pub const fn new(source: u32, sequence: u16, timestamp: u32) -> Self {
        Self { source, sequence, timestamp, sent: 0 }
    }

    /// The timestamp of what is sent next.
    pub const fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// How many packets were made.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Writes a packet of sound in place of what `packet` holds, and lets its time pass. `marker`: it is the first after a pause
    /// (RFC 3551 section 4.1).
    pub fn sound(&mut self, payload_type: u8, sound: &[u8], marker: bool, packet: &mut Vec<u8>) {
        self.write(payload_type, self.timestamp, marker, sound, packet);
        self.pass(u32::try_from(sound.len()).unwrap_or(u32::MAX));
    }

    /// Writes a packet of something that began at `timestamp`; lets no time pass.
    pub fn event(
        &mut self,
        payload_type: u8,
        timestamp: u32,
        payload: [u8; 4],
        marker: bool,
        packet: &mut Vec<u8>,
    ) {
        self.write(payload_type, timestamp, marker, &payload, packet);
    }

    /// Lets so many samples pass without sound.
    pub const fn pass(&mut self, samples: u32) {
        self.timestamp = self.timestamp.wrapping_add(samples);
    }

    fn write(
        &mut self,
        payload_type: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        packet: &mut Vec<u8>,
    ) {
        packet.clear();
        packet.extend_from_slice(&[VERSION, u8::from(marker) << 7 | payload_type & 0x7f]);
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&timestamp.to_be_bytes());
        packet.extend_from_slice(&self.source.to_be_bytes());
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.sent += 1;
    }
}
