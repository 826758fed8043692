//! The parts of a WAV file: its form and its sound, wherever in the file they stand.

use super::WavError;

/// Lengths from here on are written by programs that did not know it when they began, as at the end of a pipe: the sound goes on to the
/// end of the file. No file that is taken is nearly as long.
const NOT_KNOWN: usize = 0x7fff_0000;

/// The parts of a file.
pub(super) struct WavParts<'f> {
    /// What the header says of the samples, at least 16 bytes.
    pub(super) format: &'f [u8],
    /// The samples, in whole frames.
    pub(super) sound: &'f [u8],
}

impl WavParts<'_> {
    /// A number of two bytes in the header.
    pub(super) fn two(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.format[at], self.format[at + 1]])
    }

    /// The samples of a second.
    pub(super) fn rate(&self) -> u32 {
        u32::from_le_bytes([self.format[4], self.format[5], self.format[6], self.format[7]])
    }
}

/// Finds the parts of a file.
pub(super) fn parts(file: &[u8]) -> Result<WavParts<'_>, WavError> {
    if file.len() < 12 || !file.starts_with(b"RIFF") || !file[8..].starts_with(b"WAVE") {
        return Err(WavError::NotWav);
    }
    let (mut format, mut rest) = (None, &file[12..]);
    while let Some((name, header)) = rest.split_first_chunk::<4>() {
        let Some((length, body)) = header.split_first_chunk::<4>() else { return Err(WavError::Truncated) };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        match (name, format) {
            (b"fmt ", _) => {
                let found = body.get(..length).ok_or(WavError::Truncated)?;
                format = Some(found).filter(|found| found.len() >= 16);
            }
            (b"data", Some(format)) => {
                let whole = if length >= NOT_KNOWN { Some(body) } else { body.get(..length) };
                return Ok(WavParts {
                    format,
                    sound: whole_frames(format, whole.ok_or(WavError::Truncated)?),
                });
            }
            (b"data", None) => return Err(WavError::Broken),
            _ => {}
        }
        if length > body.len() {
            return Err(WavError::Truncated);
        }
        // A chunk of odd length is followed by a byte that means nothing.
        rest = body.get(length + length % 2..).unwrap_or_default();
    }
    let is_whole = rest.is_empty() && length_at(&file[4..]) <= file.len() - 8;
    Err(if is_whole && format.is_some() { WavError::NoSamples } else { WavError::Truncated })
}

/// The length at the beginning of these bytes; none where it was not known.
fn length_at(bytes: &[u8]) -> usize {
    let length = bytes.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
    usize::try_from(length).ok().filter(|length| *length < NOT_KNOWN).unwrap_or(0)
}

/// The sound without a frame at its end that is not whole.
fn whole_frames<'f>(format: &[u8], sound: &'f [u8]) -> &'f [u8] {
    let frame = usize::from(u16::from_le_bytes([format[12], format[13]])).max(1);
    &sound[..sound.len() - sound.len() % frame]
}
