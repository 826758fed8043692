//! The first bytes of the file of a recording: a WAV file of G.711 in two channels, with room for notes of whoever writes it. It is as long whatever
//! is in it, so that it can be written anew in place while the file grows.

use super::BYTES_A_SAMPLE;
use crate::g711::G711;

/// How many bytes come before the first sample.
pub const HEAD_BYTES: u64 = 4_096;

/// How many bytes of notes there is room for.
pub const MOST_NOTES: usize = 4_030;

/// Where the notes begin: after the form, the format and how many samples there are, and the head of their own chunk.
const NOTES_AT: usize = 58;

const RATE: u32 = 8_000;

/// What a head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadHead {
    /// The law of the samples.
    pub law: G711,
    /// How many there are, as far as it was known when it was written.
    pub samples: u64,
    /// The notes.
    pub notes: String,
}

/// The head of a file of so many samples. Notes that are too long are left out.
pub fn file_head(law: G711, samples: u64, notes: &str) -> Vec<u8> {
    let sound = u32::try_from(samples * BYTES_A_SAMPLE).unwrap_or(u32::MAX);
    let head = u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX);
    let notes = if notes.len() <= MOST_NOTES { notes.as_bytes() } else { &[] };
    let mut bytes = Vec::with_capacity(head as usize);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&sound.saturating_add(head - 8).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&18_u32.to_le_bytes());
    bytes.extend_from_slice(&tag(law).to_le_bytes());
    bytes.extend_from_slice(&2_u16.to_le_bytes());
    bytes.extend_from_slice(&RATE.to_le_bytes());
    bytes.extend_from_slice(&(RATE * 2).to_le_bytes());
    bytes.extend_from_slice(&2_u16.to_le_bytes());
    bytes.extend_from_slice(&8_u16.to_le_bytes());
    bytes.extend_from_slice(&0_u16.to_le_bytes());
    bytes.extend_from_slice(b"fact");
    bytes.extend_from_slice(&4_u32.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(samples).unwrap_or(u32::MAX).to_le_bytes());
    // Programs pass over a chunk of this name.
    bytes.extend_from_slice(b"JUNK");
    bytes.extend_from_slice(&u32::try_from(MOST_NOTES).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(notes);
    bytes.resize(NOTES_AT + MOST_NOTES, b' ');
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&sound.to_le_bytes());
    bytes
}

/// Reads a head that [`file_head`] has made; `None`: it is another's.
pub fn read_head(bytes: &[u8]) -> Option<ReadHead> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let law = match number(20)? {
        0x2_0006 => G711::ALaw,
        0x2_0007 => G711::MuLaw,
        _ => return None,
    };
    let is_ours = bytes.starts_with(b"RIFF")
        && bytes.get(8..16)? == b"WAVEfmt "
        && bytes.get(50..54)? == b"JUNK"
        && bytes.get(NOTES_AT + MOST_NOTES..NOTES_AT + MOST_NOTES + 4)? == b"data";
    let notes = bytes.get(NOTES_AT..NOTES_AT + MOST_NOTES)?;
    let notes = std::str::from_utf8(notes).ok()?.trim_end().to_owned();
    is_ours.then_some(ReadHead { law, samples: number(46)?.into(), notes })
}

/// The number of the format (RFC 2361).
const fn tag(law: G711) -> u16 {
    match law {
        G711::ALaw => 6,
        G711::MuLaw => 7,
    }
}
