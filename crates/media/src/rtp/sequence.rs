//! Which of the packets of a stream have come: what is lost, what comes twice and what comes late (RFC 3550 appendix A.1).

/// How far ahead a sequence number may be and still belong to the stream: a minute of packets.
const MOST_AHEAD: u16 = 3_000;

/// How many packets back are remembered.
const WINDOW: u64 = 64;

/// What a sequence number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SequencePlace {
    /// It has not come before: its number, wrap-arounds counted.
    New(u64),
    /// It has come before.
    Duplicate,
    /// It is too old to tell, or out of line.
    Late,
}

/// The packets of one source.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    first: u64,
    highest: u64,
    /// Which of the last have come; bit 0 is the highest.
    seen: u64,
    received: u64,
    /// What would come next if the source had begun anew (RFC 3550 appendix A.1, `bad_seq`).
    anew: Option<u16>,
    /// What was lost before it began anew.
    lost_before: u64,
}

impl Sequence {
    /// A source whose packets are numbered above those of another, or above 0.
    pub(super) fn starting(sequence: u16, above: u64) -> Self {
        // A whole round up, so that what comes late from before the first has a number, too.
        let first = (((above >> 16) + 1) << 16) + u64::from(sequence);
        Self { first, highest: first, seen: 1, received: 1, anew: None, lost_before: 0 }
    }

    pub(super) fn place(&mut self, sequence: u16) -> SequencePlace {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is what the packet had")]
        let ahead = sequence.wrapping_sub(self.highest as u16);
        if ahead == 0 {
            return SequencePlace::Duplicate;
        }
        if ahead <= MOST_AHEAD {
            return self.advance(ahead);
        }
        let behind = u64::from(ahead.wrapping_neg());
        if behind < WINDOW {
            return self.fill(behind);
        }
        if self.anew == Some(sequence) {
            let lost_before = self.lost();
            *self = Self { lost_before, ..Self::starting(sequence, self.highest) };
            return SequencePlace::New(self.highest);
        }
        self.anew = Some(sequence.wrapping_add(1));
        SequencePlace::Late
    }

    fn advance(&mut self, ahead: u16) -> SequencePlace {
        self.highest += u64::from(ahead);
        self.seen = self.seen.checked_shl(ahead.into()).unwrap_or(0) | 1;
        self.received += 1;
        self.anew = None;
        SequencePlace::New(self.highest)
    }

    fn fill(&mut self, behind: u64) -> SequencePlace {
        if self.seen & (1 << behind) != 0 {
            return SequencePlace::Duplicate;
        }
        self.seen |= 1 << behind;
        self.received += 1;
        self.first = self.first.min(self.highest - behind);
        SequencePlace::New(self.highest - behind)
    }

    /// The highest number so far.
    pub(super) const fn highest(&self) -> u64 {
        self.highest
    }

    /// How many have not come.
    pub(super) const fn lost(&self) -> u64 {
        self.lost_before + (self.highest - self.first + 1).saturating_sub(self.received)
    }
}
