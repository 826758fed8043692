//! WAV files of telephone exchanges, a sample in eight bits.

use crate::g711::G711;

/// The numbers that the two laws have in a WAV file's header.
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;

/// The law of a format; `None` where the format is neither.
pub(super) const fn of_format(format: u16) -> Option<G711> {
    match format {
        MU_LAW => Some(G711::MuLaw),
        A_LAW => Some(G711::ALaw),
        _ => None,
    }
}
