//! Where packets that came belong, and which of them did not come.

use std::collections::BTreeMap;

use super::{RecordedChannel, RecordingGap};
use crate::rtp::SAMPLES_A_MILLISECOND;

/// How far ahead of the present sound may be placed: other clocks run faster, and the first packet may have been late.
const AHEAD: u64 = 1_000 * SAMPLES_A_MILLISECOND as u64;

/// How far behind the present a timestamp may be and still be late: further, it is another clock's.
const BEHIND: u64 = 5_000 * SAMPLES_A_MILLISECOND as u64;

/// For how long everything may come too late before it is placed anew: a burst after a stall is over sooner.
const LATE: u64 = 200 * SAMPLES_A_MILLISECOND as u64;

/// How many packets are remembered at most whose gaps are not known yet.
const MOST_PACKETS: usize = 4_096;

/// The places of what came.
#[derive(Debug)]
pub(super) struct HeardPlaces {
    /// A timestamp of the other side, and its place.
    anchor: Option<(u32, u64)>,
    /// The place after all that has come.
    end: u64,
    /// The highest number of sound.
    highest: u64,
    /// Since when everything came too late.
    late_since: Option<u64>,
    /// What came and was not looked at for gaps: by its number the span of its sound, if it had some.
    came: BTreeMap<u64, Option<(u64, u64)>>,
    /// The number of the packet that was looked at last, and where its sound ends or that of one before.
    looked_at: Option<(u64, u64)>,
    /// How many packets did not come since then.
    missing: u64,
}

impl HeardPlaces {
    pub(super) const fn new() -> Self {
        Self {
            anchor: None,
            end: 0,
            highest: 0,
            late_since: None,
            came: BTreeMap::new(),
            looked_at: None,
            missing: 0,
        }
    }

    /// Something came that is not sound.
    pub(super) fn other(&mut self, number: u64) {
        self.note(number, None);
    }

    /// Where sound belongs; `None`: nowhere any more.
    pub(super) fn place(
        &mut self,
        number: u64,
        timestamp: u32,
        samples: u64,
        (now, written): (u64, u64),
    ) -> Option<u64> {
        let place = self.expected(number, timestamp, now).unwrap_or_else(|| now.max(self.end));
        let place = if place + samples > written {
            self.late_since = None;
            place
        } else {
            let since = *self.late_since.get_or_insert(now);
            if now - since < LATE {
                return None;
            }
            self.late_since = None;
            now.max(self.end)
        };
        if place > now + AHEAD {
            return None;
        }
        self.anchor = Some((timestamp, place));
        self.end = self.end.max(place + samples);
        self.highest = self.highest.max(number);
        self.note(number, Some((place.max(written), place + samples)));
        Some(place)
    }

    /// The place that a timestamp names, if that is anywhere near the present, and not where something is that was said before.
    fn expected(&self, number: u64, timestamp: u32, now: u64) -> Option<u64> {
        let (anchor, place) = self.anchor?;
        let place = place.checked_add_signed(timestamp.wrapping_sub(anchor).cast_signed().into())?;
        let is_near = place <= now + AHEAD && place + BEHIND >= now;
        (is_near && (number < self.highest || place >= self.end)).then_some(place)
    }

    fn note(&mut self, number: u64, span: Option<(u64, u64)>) {
        if self.looked_at.is_some_and(|(before, _)| number <= before) {
            // It was missed, and has come after all.
            self.missing = self.missing.saturating_sub(1);
            return;
        }
        if self.came.len() < MOST_PACKETS {
            self.came.insert(number, span);
        }
    }

    /// The gaps between packets of which the later begins before this place. A pause in which no packet is missing is none.
    pub(super) fn gaps_before(&mut self, place: u64) -> Vec<RecordingGap> {
        let begins = |span: &Option<(u64, u64)>| span.is_some_and(|(from, _)| from < place);
        let last = self.came.iter().rev().find(|(_, span)| begins(span)).map(|(number, _)| *number);
        let Some(last) = last else { return Vec::new() };
        let later = self.came.split_off(&(last + 1));
        let passed = std::mem::replace(&mut self.came, later);
        passed.into_iter().filter_map(|(number, span)| self.look_at(number, span)).collect()
    }

    fn look_at(&mut self, number: u64, span: Option<(u64, u64)>) -> Option<RecordingGap> {
        let Some((before, end)) = self.looked_at else {
            self.looked_at = span.map(|(_, to)| (number, to));
            return None;
        };
        self.missing += number.saturating_sub(before + 1);
        let Some((from, to)) = span else {
            self.looked_at = Some((number, end));
            return None;
        };
        self.looked_at = Some((number, to.max(end)));
        let is_lost = std::mem::take(&mut self.missing) > 0;
        (is_lost && from > end).then_some(RecordingGap {
            channel: RecordedChannel::Heard,
            from: end,
            to: from,
        })
    }
}
