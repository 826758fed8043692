//! A repeating pattern of open and closed minutes, a day or a week long, that answers in constant time.

use crate::time_of_day::MINUTES_PER_DAY;

/// Minutes in a civil week.
pub(crate) const MINUTES_PER_WEEK: u16 = 7 * MINUTES_PER_DAY;

/// Minutes that share one word of the table; the word's other 16 bits count the flips before it.
const MINUTES_PER_WORD: u16 = 48;

/// A span of minutes, the end excluded.
pub(crate) type Minutes = (u16, u16);

/// Which minutes of a period are open.
///
/// It stores the minutes at which the state changes. The number of changes up to a minute answers both questions: an odd number
/// means open, and the change with the next number comes next. Both cost one word of the table, however many windows there are.
pub(crate) struct Pattern {
    period: u16,
    /// Low 48 bits: the minutes that flip. High 16 bits: flips before the word, plus one if the period begins open.
    words: Box<[u64]>,
    /// The minutes that flip, in order, and once more the first two, a period later.
    flips: Box<[u16]>,
    /// 1 if the minute before the period's first is open.
    opened_before: u16,
    /// For each weekday the minutes from 00:00 that the day before holds open.
    pub(crate) tails: [u16; 7],
    /// For each weekday the minutes from 00:00 that its evening before would hold open, had that day not been closed.
    pub(crate) lost_tails: [u16; 7],
}

impl Pattern {
    /// The pattern that is open in `spans`, in any order, within a period of a day or a week.
    pub(crate) fn new(period: u16, spans: Vec<Minutes>) -> Pattern {
        let (opened_before, flips) = flips(period, spans);
        let words = words(period, opened_before, &flips);
        let again: Vec<u16> = flips.iter().take(2).map(|flip| flip + period).collect();
        let flips = flips.into_iter().chain(again).collect();
        Pattern { period, words, flips, opened_before, tails: [0; 7], lost_tails: [0; 7] }
    }

    /// How many bytes of memory it takes.
    pub(crate) fn size_in_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.words) + size_of_val(&*self.flips)
    }

    /// The minute of this pattern's period on a weekday (0 = Sunday) at a minute of the day.
    #[inline]
    pub(crate) fn position(&self, weekday: u16, minute: u16) -> u16 {
        if self.period == MINUTES_PER_DAY { minute } else { weekday * MINUTES_PER_DAY + minute }
    }

    #[inline]
    pub(crate) fn is_open(&self, position: u16) -> bool {
        self.flips_until(position) & 1 == 1
    }

    /// Whether it is open, and in how many minutes that changes and changes back, if ever.
    #[inline]
    pub(crate) fn state(&self, position: u16) -> (bool, Option<[u16; 2]>) {
        let count = self.flips_until(position);
        let next = usize::from(count - self.opened_before);
        let waits = self.flips.get(next..next + 2).map(|flips| [flips[0] - position, flips[1] - position]);
        (count & 1 == 1, waits)
    }

    #[inline]
    fn flips_until(&self, position: u16) -> u16 {
        let word = self.words[usize::from(position / MINUTES_PER_WORD)];
        let up_to_here = word << (63 - position % MINUTES_PER_WORD);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 48 bits are set, and 16 are left by the shift"
        )]
        let (here, before) = (up_to_here.count_ones() as u16, (word >> MINUTES_PER_WORD) as u16);
        here + before
    }
}

/// Whether the period is entered open, and the minutes at which the state flips.
fn flips(period: u16, mut spans: Vec<Minutes>) -> (u16, Vec<u16>) {
    spans.sort_unstable();
    let mut flips: Vec<u16> = Vec::with_capacity(2 * spans.len());
    for (begin, end) in spans {
        match flips.last_mut() {
            Some(last) if *last >= begin => *last = end.max(*last),
            _ => flips.extend([begin, end]),
        }
    }
    // What is open up to the period's end goes on at its begin, so that neither is a change.
    let opened_before = flips.last() == Some(&period);
    if opened_before {
        flips.pop();
        if flips.first() == Some(&0) {
            flips.remove(0);
        } else {
            flips.insert(0, 0);
        }
    }
    (u16::from(opened_before), flips)
}

fn words(period: u16, opened_before: u16, flips: &[u16]) -> Box<[u64]> {
    let mut flips = flips.iter().copied().peekable();
    let mut count = u64::from(opened_before);
    let word = |word: u16| {
        let mut bits = count << MINUTES_PER_WORD;
        while let Some(flip) = flips.next_if(|flip| flip / MINUTES_PER_WORD == word) {
            bits |= 1 << (flip % MINUTES_PER_WORD);
            count += 1;
        }
        bits
    };
    (0..period / MINUTES_PER_WORD).map(word).collect()
}
