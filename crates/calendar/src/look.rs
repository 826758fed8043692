//! The look of a day, in numbers of 16 bits: which of its minutes are open and by which rule, and when what its last minute is changes.
//!
//! Six words come first: how many minutes it opens or closes at, whether 00:00 is open and the kind of its rule; how many pieces have a
//! cause of their own; the place of the rule; and the first minute after the day that differs from its last, counted from its end. Then
//! come those minutes in order, and then the pieces: the first minute and the cause of each. A day all of whose minutes are as the rule of
//! the day says has no pieces, so that nearly every look is shorter than a cache line.

use std::hint::select_unpredictable;

use crate::{
    day::{Cause, DayPiece},
    ruling::Ruling,
    time_of_day::MINUTES_PER_DAY,
};

/// Stands for "not before the stretch ends": more minutes than the years 1970 to 2200 have.
pub(crate) const NEVER: u32 = u32::MAX;

/// How many words come before the minutes.
const HEAD: usize = 6;

/// The parts of the first word: the number of minutes, of which a day has 1440; the kind of the rule; and whether 00:00 is open.
const FLIPS: u16 = (1 << KIND_SHIFT) - 1;
const KIND_SHIFT: u32 = 11;
const KINDS: u16 = 7;
const BEGINS_OPEN: u16 = 1 << 15;

/// How many bits of a cause say which exception it is. There are fewer than that; see [`MAX_EXCEPTIONS`](crate::MAX_EXCEPTIONS).
const PLACE_BITS: u32 = 14;

/// What a look says of a minute.
#[derive(Clone, Copy)]
pub(crate) struct MinuteState {
    pub(crate) open: bool,
    /// The minute of the same day at which that changes, if it does.
    pub(crate) flip: Option<u16>,
    /// The minute of the same day at which that changes back, if it does.
    pub(crate) flip_back: Option<u16>,
}

/// A look, and whatever words come after it.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a>(&'a [u16]);

impl<'a> Look<'a> {
    /// The look that begins with the first of these words.
    #[inline]
    pub(crate) const fn of(words: &'a [u16]) -> Look<'a> {
        Look(words)
    }

    #[inline]
    pub(crate) fn is_open(self, minute: u16) -> bool {
        self.begins_open() ^ (count_until(self.flips(), minute) & 1 == 1)
    }

    #[inline]
    pub(crate) fn state(self, minute: u16) -> MinuteState {
        let flips = self.flips();
        let before = count_until(flips, minute);
        MinuteState {
            open: self.begins_open() ^ (before & 1 == 1),
            flip: flips.get(before).copied(),
            flip_back: flips.get(before + 1).copied(),
        }
    }

    /// The first minute after the day, counted from its end, that differs from its last, if the stretch has one.
    #[inline]
    pub(crate) fn flip_after(self) -> Option<u32> {
        Some(self.double_word(4)).filter(|flip| *flip != NEVER)
    }

    #[inline]
    pub(crate) fn begins_open(self) -> bool {
        self.0[0] & BEGINS_OPEN != 0
    }

    /// The rule that holds on the day.
    #[inline]
    pub(crate) fn ruling(self) -> Ruling {
        let kind = (self.0[0] >> KIND_SHIFT & KINDS).to_le_bytes()[0];
        Ruling::from_parts(kind, self.double_word(2)).unwrap_or(Ruling::Weekly)
    }

    /// Why a minute is open or closed, and the first minute of the day with another cause, or that after it.
    #[inline]
    pub(crate) fn cause(self, minute: u16) -> (Cause, u16) {
        let pieces = self.pieces();
        let after = pieces.partition_point(|[begin, _]| *begin <= minute);
        let cause = pieces[..after].last().map_or(Cause::OfTheDay, |[_, cause]| unpack_cause(*cause));
        (cause, pieces.get(after).map_or(MINUTES_PER_DAY, |[begin, _]| *begin))
    }

    /// The place of the first exception that adds to the day, narrows or closes it, if there is one.
    pub(crate) fn changed_by(self) -> Option<u16> {
        self.pieces().iter().find_map(|[_, cause]| match unpack_cause(*cause) {
            Cause::Exception(place) => Some(place),
            _ => None,
        })
    }

    #[inline]
    fn flips(self) -> &'a [u16] {
        &self.0[HEAD..HEAD + usize::from(self.0[0] & FLIPS)]
    }

    #[inline]
    fn pieces(self) -> &'a [[u16; 2]] {
        let first = HEAD + usize::from(self.0[0] & FLIPS);
        self.0[first..first + 2 * usize::from(self.0[1])].as_chunks().0
    }

    #[inline]
    fn double_word(self, at: usize) -> u32 {
        u32::from(self.0[at]) | u32::from(self.0[at + 1]) << 16
    }
}

/// Adds the look of a day of these pieces, the first of which begins at 00:00.
pub(crate) fn write(words: &mut Vec<u16>, pieces: &[DayPiece], ruling: Ruling, flip_after: u32) {
    let flips = pieces.windows(2).filter(|pair| pair[0].open != pair[1].open).map(|pair| pair[1].begin);
    let is_plain = pieces.iter().all(|piece| piece.cause == Cause::OfTheDay);
    let pieces_told = if is_plain { &[] } else { pieces };
    let (kind, place) = ruling.parts();
    let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let begins_open = if pieces.first().is_some_and(|piece| piece.open) { BEGINS_OPEN } else { 0 };
    words.push(length(flips.clone().count()) | u16::from(kind) << KIND_SHIFT | begins_open);
    words.push(length(pieces_told.len()));
    words.extend([place, flip_after].into_iter().flat_map(halves));
    words.extend(flips);
    words.extend(pieces_told.iter().flat_map(|piece| [piece.begin, pack_cause(piece.cause)]));
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves")]
const fn halves(double_word: u32) -> [u16; 2] {
    [double_word as u16, (double_word >> 16) as u16]
}

const fn pack_cause(cause: Cause) -> u16 {
    match cause {
        Cause::OfTheDay => 0,
        Cause::OfTheDayBefore => 1 << PLACE_BITS,
        Cause::Exception(place) => 2 << PLACE_BITS | place,
        Cause::ExceptionOfTheDayBefore(place) => 3 << PLACE_BITS | place,
    }
}

const fn unpack_cause(packed: u16) -> Cause {
    let place = packed & ((1 << PLACE_BITS) - 1);
    match packed >> PLACE_BITS {
        0 => Cause::OfTheDay,
        1 => Cause::OfTheDayBefore,
        2 => Cause::Exception(place),
        _ => Cause::ExceptionOfTheDayBefore(place),
    }
}

/// So many minutes are soonest counted by looking at each.
const FEW: usize = 16;

/// How many of these minutes, which are in order, have come by `minute`.
#[inline]
fn count_until(flips: &[u16], minute: u16) -> usize {
    let (mut before, mut rest) = (0, flips);
    while rest.len() > FEW {
        let (first, second) = rest.split_at(rest.len() / 2);
        let is_second = first.last().is_none_or(|flip| *flip <= minute);
        before += select_unpredictable(is_second, first.len(), 0);
        rest = select_unpredictable(is_second, second, first);
    }
    before + rest.iter().filter(|flip| **flip <= minute).count()
}
