//! All that was said in a call.

use serde::{Deserialize, Serialize};

use super::{Speaker, SpokenTurn};
use crate::{Counted, FaultRule};

/// The most turns of a transcript.
pub const MAXIMUM_TURNS: usize = 1_000;

/// The most bytes that the texts of a transcript may have together.
pub const TRANSCRIPT_BYTES: usize = 256 * 1024;

/// All that was said in a call, in its order. It stays within its bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Transcript(Vec<SpokenTurn>);

/// A turn that is added, and its place if that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedTurn {
    /// Its place in the transcript, counted from 1; `None`: whichever is next.
    pub number: Option<i64>,
    /// The turn.
    pub turn: SpokenTurn,
}

impl Transcript {
    /// Checks the bounds of a whole transcript.
    ///
    /// # Errors
    /// The bound that it breaks.
    pub fn new(turns: Vec<SpokenTurn>) -> Result<Self, FaultRule> {
        if turns.len() > MAXIMUM_TURNS {
            return Err(FaultRule::TooMany(Counted::Turns, MAXIMUM_TURNS));
        }
        let bytes: usize = turns.iter().map(|turn| turn.text().len()).sum();
        if bytes > TRANSCRIPT_BYTES {
            return Err(FaultRule::TooManyBytes(TRANSCRIPT_BYTES));
        }
        Ok(Self(turns))
    }

    /// The turns.
    pub fn turns(&self) -> &[SpokenTurn] {
        &self.0
    }

    /// Adds turns. One whose place is taken already must be the same as there, and is passed over: it was sent again.
    ///
    /// # Errors
    /// The place in `added` of the first that cannot be taken and the rule that it breaks; without a place it is one of the transcript as a
    /// whole.
    pub fn append(self, added: Vec<NumberedTurn>) -> Result<Self, (Option<usize>, FaultRule)> {
        let Self(mut turns) = self;
        for (place, NumberedTurn { number, turn }) in added.into_iter().enumerate() {
            let next = i64::try_from(turns.len()).unwrap_or(i64::MAX).saturating_add(1);
            match number.unwrap_or(next) {
                number if number == next => turns.push(turn),
                number if number < 1 || number > next => {
                    return Err((Some(place), FaultRule::OutOfRange(1, next)));
                }
                number => {
                    let index = usize::try_from(number - 1).ok();
                    if index.and_then(|index| turns.get(index)) != Some(&turn) {
                        return Err((Some(place), FaultRule::Taken));
                    }
                }
            }
        }
        Self::new(turns).map_err(|rule| (None, rule))
    }

    /// How often the callee spoke: what is said in one go, in however many turns, counts once.
    pub fn rounds(&self) -> i64 {
        let is_callee = |turn: &&SpokenTurn| turn.speaker == Speaker::Callee;
        let goes_on = self.0.windows(2).filter(|pair| pair.iter().all(|turn| is_callee(&turn))).count();
        let rounds = self.0.iter().filter(is_callee).count() - goes_on;
        i64::try_from(rounds).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TurnTime;

    fn turn(speaker: Speaker, text: &str) -> SpokenTurn {
        SpokenTurn::new(TurnTime::Offset(0), speaker, text.to_owned()).unwrap()
    }

    fn speakers() -> impl Strategy<Value = Vec<SpokenTurn>> {
        let one = prop_oneof![Just(Speaker::Bot), Just(Speaker::Callee), Just(Speaker::Agent)];
        prop::collection::vec((one, "[a-z]{1,4}").prop_map(|(speaker, text)| turn(speaker, &text)), 0..30)
    }

    #[test]
    fn a_transcript_has_bounds() {
        let many = vec![turn(Speaker::Bot, "x"); MAXIMUM_TURNS + 1];
        assert_eq!(Transcript::new(many.clone()), Err(FaultRule::TooMany(Counted::Turns, MAXIMUM_TURNS)));
        let full = Transcript::new(many[1..].to_vec()).unwrap();
        let one_more = vec![NumberedTurn { number: None, turn: turn(Speaker::Bot, "y") }];
        assert_eq!(full.append(one_more).unwrap_err().0, None);
        let long = vec![turn(Speaker::Callee, &"好".repeat(4_000)); 22];
        assert_eq!(Transcript::new(long), Err(FaultRule::TooManyBytes(TRANSCRIPT_BYTES)));
    }

    #[test]
    fn a_turn_that_is_sent_again_must_be_the_same() {
        let first = Transcript::new(vec![turn(Speaker::Bot, "a")]).unwrap();
        let send = |number, text: &str| {
            first.clone().append(vec![NumberedTurn { number, turn: turn(Speaker::Bot, text) }])
        };
        assert_eq!(send(Some(1), "a"), Ok(first.clone()));
        assert_eq!(send(Some(1), "b"), Err((Some(0), FaultRule::Taken)));
        for number in [0, 3, i64::MIN, i64::MAX] {
            assert_eq!(send(Some(number), "a"), Err((Some(0), FaultRule::OutOfRange(1, 2))));
        }
        assert_eq!(send(Some(2), "b").unwrap(), send(None, "b").unwrap());
    }

    proptest! {
        #[test]
        fn turns_come_to_the_same_in_whatever_pieces_and_however_often_they_are_sent(
            turns in speakers(), pieces in prop::collection::vec((0_usize..30, 0_usize..30), 0..10),
        ) {
            let numbered = |range: std::ops::Range<usize>| -> Vec<NumberedTurn> {
                let turns = turns.get(range.clone()).unwrap_or_default();
                turns.iter().zip(range.start + 1..).map(|(turn, number)| NumberedTurn {
                    number: i64::try_from(number).ok(), turn: turn.clone(),
                }).collect()
            };
            let mut sent = Transcript::default();
            for (from, length) in pieces {
                let from = from.min(sent.turns().len());
                sent = sent.append(numbered(from..(from + length).min(turns.len()).max(from))).unwrap();
            }
            sent = sent.append(numbered(0..turns.len())).unwrap();
            prop_assert_eq!(sent.turns(), turns.as_slice());
        }

        #[test]
        fn rounds_are_the_times_that_the_callee_began_to_speak(turns in speakers()) {
            let mut expected = 0;
            let mut before = None;
            for turn in &turns {
                expected += i64::from(turn.speaker == Speaker::Callee && before != Some(Speaker::Callee));
                before = Some(turn.speaker);
            }
            prop_assert_eq!(Transcript::new(turns).unwrap().rounds(), expected);
        }
    }
}
