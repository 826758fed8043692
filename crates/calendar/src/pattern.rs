//! What days look like: which of their minutes are open, and by which rule, in tables that many days share.

use crate::{
    day::{Cause, DayPiece},
    time_of_day::MINUTES_PER_DAY,
};

/// The looks of all days of a timeline.
#[derive(Default)]
pub(crate) struct Patterns {
    days: Vec<Pattern>,
    /// The minutes after 00:00 at which days open or close, pattern after pattern.
    flips: Vec<u16>,
    /// The pieces of days that have one cause, pattern after pattern: their first minute and the cause.
    causes: Vec<(u16, Cause)>,
}

/// The look of a day.
struct Pattern {
    first_flip: u32,
    flips: u16,
    causes: u16,
    first_cause: u32,
    /// Whether 00:00 is open.
    begins_open: bool,
}

/// What a pattern says of a minute.
#[derive(Clone, Copy)]
pub(crate) struct MinuteState {
    pub(crate) open: bool,
    /// The minute of the same day at which that changes, if it does.
    pub(crate) flip: Option<u16>,
    /// The minute of the same day at which that changes back, if it does.
    pub(crate) flip_back: Option<u16>,
}

impl Patterns {
    /// Adds a day of these pieces, the first of which begins at 00:00.
    pub(crate) fn add(&mut self, pieces: &[DayPiece]) -> u32 {
        let place = u32::try_from(self.days.len()).unwrap_or(u32::MAX);
        let (first_flip, first_cause) = (self.flips.len(), self.causes.len());
        let flips = pieces.windows(2).filter(|pair| pair[0].open != pair[1].open).map(|pair| pair[1].begin);
        self.flips.extend(flips);
        self.causes.extend(pieces.iter().map(|piece| (piece.begin, piece.cause)));
        let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        self.days.push(Pattern {
            first_flip: u32::try_from(first_flip).unwrap_or(u32::MAX),
            flips: length(self.flips.len() - first_flip),
            causes: length(self.causes.len() - first_cause),
            first_cause: u32::try_from(first_cause).unwrap_or(u32::MAX),
            begins_open: pieces.first().is_some_and(|piece| piece.open),
        });
        place
    }

    /// How many bytes of memory they take.
    pub(crate) fn size_in_bytes(&self) -> usize {
        size_of_val(&*self.days) + size_of_val(&*self.flips) + size_of_val(&*self.causes)
    }

    /// Gives back what building took too much.
    pub(crate) fn shrink(&mut self) {
        self.days.shrink_to_fit();
        self.flips.shrink_to_fit();
        self.causes.shrink_to_fit();
    }

    #[inline]
    pub(crate) fn is_open(&self, place: u32, minute: u16) -> bool {
        let pattern = &self.days[place as usize];
        pattern.begins_open ^ (count_until(self.flips(pattern), minute) & 1 == 1)
    }

    #[inline]
    pub(crate) fn state(&self, place: u32, minute: u16) -> MinuteState {
        let pattern = &self.days[place as usize];
        let flips = self.flips(pattern);
        let before = count_until(flips, minute);
        MinuteState {
            open: pattern.begins_open ^ (before & 1 == 1),
            flip: flips.get(before).copied(),
            flip_back: flips.get(before + 1).copied(),
        }
    }

    /// Why a minute is open or closed, and the first minute of the day with another cause, or that after it.
    pub(crate) fn cause(&self, place: u32, minute: u16) -> (Cause, u16) {
        let causes = self.causes(place);
        let after = causes.partition_point(|(begin, _)| *begin <= minute);
        let cause = causes.get(after.saturating_sub(1)).map_or(Cause::OfTheDay, |(_, cause)| *cause);
        (cause, causes.get(after).map_or(MINUTES_PER_DAY, |(begin, _)| *begin))
    }

    /// The place of the first exception that adds to a day, narrows or closes it, if there is one.
    pub(crate) fn changed_by(&self, place: u32) -> Option<u16> {
        self.causes(place).iter().find_map(|(_, cause)| match cause {
            Cause::Exception(place) => Some(*place),
            _ => None,
        })
    }

    fn causes(&self, place: u32) -> &[(u16, Cause)] {
        let pattern = &self.days[place as usize];
        let first = pattern.first_cause as usize;
        &self.causes[first..first + usize::from(pattern.causes)]
    }

    #[inline]
    fn flips(&self, pattern: &Pattern) -> &[u16] {
        let first = pattern.first_flip as usize;
        &self.flips[first..first + usize::from(pattern.flips)]
    }
}

/// How many of these minutes, which are in order, have come by `minute`.
#[inline]
fn count_until(flips: &[u16], minute: u16) -> usize {
    if flips.len() <= 8 {
        return flips.iter().filter(|flip| **flip <= minute).count();
    }
    flips.partition_point(|flip| *flip <= minute)
}
