//! Sound as telephone exchanges keep it, a sample in eight bits: mu-law and A-law (ITU-T G.711).

/// The numbers that the two have in a WAV file's header.
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;

/// How a byte of a format becomes a sample; `None` where the format is neither.
pub(super) fn decoder(format: u16) -> Option<fn(u8) -> i16> {
    match format {
        MU_LAW => Some(mu_law),
        A_LAW => Some(a_law),
        _ => None,
    }
}

/// The 16-bit sample of a byte of mu-law.
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let exponent = (byte >> 4) & 7;
    let magnitude = ((i16::from(byte & 15) << 3) + 132) << exponent;
    if byte & 0x80 == 0 { magnitude - 132 } else { 132 - magnitude }
}

/// The 16-bit sample of a byte of A-law.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let exponent = (byte >> 4) & 7;
    let mantissa = i16::from(byte & 15) << 4;
    let magnitude = if exponent == 0 { mantissa + 8 } else { (mantissa + 0x108) << (exponent - 1) };
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
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
            assert_eq!(mu_law(byte), sample, "{byte:#x}");
        }
        for (byte, sample) in
            [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0x80, 5_504), (0xd4, 24)]
        {
            assert_eq!(a_law(byte), sample, "{byte:#x}");
        }
    }
}
