//! Days in a row of a schedule, compiled into one block of numbers.
//!
//! First comes a row for each day, which says where its look begins, and then the looks: days that look alike share one. So a question
//! reads two places of the block, however far away the next change is, and no question walks over days. A block knows nothing of the days before
//! and after it: [`Timeline`](crate::timeline::Timeline) does.

use std::collections::HashMap;

use crate::{
    day::DayPiece,
    look::{Look, NEVER, write},
    ruling::Ruling,
    time_of_day::MINUTES_PER_DAY,
};

/// A day of a stretch, as it is compiled.
#[derive(Clone, Copy)]
pub(crate) struct StretchDay {
    /// The place of its pieces.
    pub(crate) pattern: usize,
    pub(crate) ruling: Ruling,
}

/// Days in a row.
pub(crate) struct Stretch {
    /// What it is known by.
    pub(crate) number: i32,
    /// How many words lie from a place to the next as a power of two: mostly one. So rows of 16 bits reach every look.
    place_shift: u32,
    words: Box<[u16]>,
}

impl Stretch {
    /// These days, of which there is at least one, by the pieces of each. Endless: after the last comes the first again.
    pub(crate) fn new(
        number: i32,
        patterns: &[Vec<DayPiece>],
        days: &[StretchDay],
        is_endless: bool,
    ) -> Stretch {
        let (rows, looks) = share_looks(days, &flips_after(patterns, days, is_endless));
        let block = |place_shift| {
            let words = block(&rows, place_shift, &looks, |words, (day, flip_after)| {
                write(words, &patterns[day.pattern], day.ruling, *flip_after);
            })?;
            Some(Stretch { number, place_shift, words })
        };
        let nothing = || Stretch { number, place_shift: 0, words: Box::default() };
        (0..usize::BITS).find_map(block).unwrap_or_else(nothing)
    }

    /// How many bytes of memory it takes beside itself.
    pub(crate) fn size_in_bytes(&self) -> usize {
        size_of_val(&*self.words)
    }

    /// The look of the day of a row.
    #[inline]
    pub(crate) fn look(&self, row: usize) -> Look<'_> {
        Look::of(&self.words[usize::from(self.words[row]) << self.place_shift..])
    }
}

/// For each day the first minute after it that differs from its last, counted from its end.
fn flips_after(patterns: &[Vec<DayPiece>], days: &[StretchDay], is_endless: bool) -> Vec<u32> {
    let (length, mut flips) = (days.len(), vec![NEVER; days.len()]);
    // From the end. Twice around where there is none: the second time what follows is known.
    let steps = if is_endless { 2 * length } else { length - 1 };
    for at in (0..steps).rev() {
        let (at, next) = (at % length, (at + 1) % length);
        let (today, tomorrow) = (&patterns[days[at].pattern], &patterns[days[next].pattern]);
        let open = today.last().is_some_and(|piece| piece.open);
        let differs = tomorrow.iter().find(|piece| piece.open != open);
        let later = || flips[next].saturating_add(MINUTES_PER_DAY.into());
        flips[at] = differs.map_or_else(later, |piece| piece.begin.into());
    }
    flips
}

/// For each day the number of its look, and for each look a day and its flip.
fn share_looks(days: &[StretchDay], flips_after: &[u32]) -> (Vec<usize>, Vec<(StretchDay, u32)>) {
    let (mut looks, mut number_of) = (Vec::new(), HashMap::new());
    let number = |(day, flip_after): (&StretchDay, &u32)| {
        *number_of.entry((day.pattern, day.ruling, *flip_after)).or_insert_with(|| {
            looks.push((*day, *flip_after));
            looks.len() - 1
        })
    };
    let rows = days.iter().zip(flips_after).map(number).collect();
    (rows, looks)
}

/// The rows and then the looks, each at a multiple of the distance of places; `None`: a place does not fit into a row.
fn block<L>(
    rows: &[usize],
    place_shift: u32,
    looks: &[L],
    write: impl Fn(&mut Vec<u16>, &L),
) -> Option<Box<[u16]>> {
    let mut words = vec![0; rows.len()];
    let place = |look| {
        words.resize(words.len().next_multiple_of(1 << place_shift), 0);
        let place = u16::try_from(words.len() >> place_shift).ok();
        write(&mut words, look);
        place
    };
    let places: Vec<u16> = looks.iter().map(place).collect::<Option<_>>()?;
    for (word, look) in words.iter_mut().zip(rows) {
        *word = places[*look];
    }
    Some(words.into())
}
