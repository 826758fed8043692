//! Sound as telephone exchanges carry it, a sample in eight bits: mu-law and A-law (ITU-T G.711).
//!
//! ```
//! use media::g711::G711;
//!
//! let byte = G711::ALaw.encode(1_000);
//! assert!((G711::ALaw.decode(byte) - 1_000).abs() < 32);
//! assert_eq!(G711::MuLaw.decode(G711::MuLaw.silence()), 0);
//! ```

/// One of the two laws by which samples become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum G711 {
    /// A-law, as in Europe and China: `PCMA`.
    ALaw,
    /// Mu-law, as in North America and Japan: `PCMU`.
    MuLaw,
}

/// What is added to the height of a sample of mu-law, so that each segment begins at a power of two.
const BIAS: u16 = 0x84;
/// The greatest height that mu-law can tell.
const MU_LAW_LOUDEST: u16 = 0x7fff - BIAS;

impl G711 {
    /// Both, in the order in which they are offered where nobody says.
    pub const ALL: [Self; 2] = [Self::ALaw, Self::MuLaw];

    /// The payload type that it has in every call (RFC 3551 section 6).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::MuLaw => 0,
            Self::ALaw => 8,
        }
    }

    /// Its name in SDP (RFC 3551 section 6).
    pub const fn name(self) -> &'static str {
        match self {
            Self::MuLaw => "PCMU",
            Self::ALaw => "PCMA",
        }
    }

    /// The byte of a sample of 16 bits.
    pub const fn encode(self, sample: i16) -> u8 {
        match self {
            Self::MuLaw => mu_law_byte(sample),
            Self::ALaw => a_law_byte(sample),
        }
    }

    /// The 16-bit sample of a byte.
    pub const fn decode(self, byte: u8) -> i16 {
        match self {
            Self::MuLaw => mu_law_sample(byte),
            Self::ALaw => a_law_sample(byte),
        }
    }

    /// The byte of no sound.
    pub const fn silence(self) -> u8 {
        self.encode(0)
    }
}

const fn mu_law_sample(byte: u8) -> i16 {
    let byte = !byte;
    let exponent = (byte >> 4) & 7;
    let magnitude = ((((byte & 15) as i16) << 3) + 132) << exponent;
    if byte & 0x80 == 0 { magnitude - 132 } else { 132 - magnitude }
}

const fn a_law_sample(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let exponent = (byte >> 4) & 7;
    let mantissa = ((byte & 15) as i16) << 4;
    let magnitude = if exponent == 0 { mantissa + 8 } else { (mantissa + 0x108) << (exponent - 1) };
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

#[expect(clippy::cast_possible_truncation, reason = "the segment has three bits and the step four")]
const fn mu_law_byte(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let height = sample.unsigned_abs();
    let height = if height > MU_LAW_LOUDEST { MU_LAW_LOUDEST } else { height } + BIAS;
    // The bias makes bit 7 the lowest that can be the highest.
    let segment = (8 - height.leading_zeros()) as u8;
    let step = (height >> (segment + 3)) as u8 & 0x0f;
    !(sign | (segment << 4) | step)
}

#[expect(clippy::cast_possible_truncation, reason = "the segment has three bits and the step four")]
const fn a_law_byte(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    // The two halves are mirrors of each other: -1 is the first step below zero.
    let height = if sample < 0 { !sample } else { sample }.unsigned_abs() >> 4;
    let code = if height < 32 {
        height as u8
    } else {
        let segment = (12 - height.leading_zeros()) as u8;
        (segment << 4) | ((height >> (segment - 1)) as u8 & 0x0f)
    };
    (sign | code) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that the tables of G.711 have at their ends and around zero.
    #[test]
    fn bytes_are_the_samples_of_the_standard() {
        for (byte, sample) in
            [(0x00, -32_124), (0x80, 32_124), (0xff, 0), (0x7f, 0), (0xfe, 8), (0x7e, -8), (0xe0, 372)]
        {
            assert_eq!(G711::MuLaw.decode(byte), sample, "{byte:#x}");
        }
        for (byte, sample) in
            [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0x80, 5_504), (0xd4, 24)]
        {
            assert_eq!(G711::ALaw.decode(byte), sample, "{byte:#x}");
        }
    }

    #[test]
    fn silence_is_what_exchanges_send() {
        assert_eq!((G711::MuLaw.silence(), G711::ALaw.silence()), (0xff, 0xd5));
    }

    /// Every byte but mu-law's second zero comes back as itself.
    #[test]
    fn bytes_survive_the_way_there_and_back() {
        for law in G711::ALL {
            for byte in 0..=u8::MAX {
                let back = law.encode(law.decode(byte));
                assert!(back == byte || (law == G711::MuLaw && byte == 0x7f), "{law:?} {byte:#x}: {back:#x}");
            }
        }
    }

    /// What is lost is at most half a step of its segment, and louder never becomes less loud.
    #[test]
    fn each_sample_becomes_a_step_beside_it() {
        for (law, loudest) in [(G711::ALaw, 32_256 + 512), (G711::MuLaw, 32_124 + 512)] {
            let mut before = i32::MIN;
            for sample in i16::MIN..=i16::MAX {
                let byte = law.encode(sample);
                let (segment, step) = match law {
                    G711::MuLaw => ((!byte >> 4) & 7, 8),
                    G711::ALaw => (((byte ^ 0x55) >> 4 & 7).max(1) - 1, 16),
                };
                let (decoded, wanted) = (i32::from(law.decode(byte)), i32::from(sample));
                let lost = (decoded - wanted.clamp(-loudest, loudest)).abs();
                assert!(lost <= (step << segment) / 2, "{law:?} {sample}: {decoded}");
                assert!(decoded >= before, "{law:?} {sample}: {decoded} after {before}");
                before = decoded;
            }
        }
    }
}
