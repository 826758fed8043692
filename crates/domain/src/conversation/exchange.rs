//! Conversations as rows of a question and its answer, which is how the platform shows them.

use super::{Speaker, SpokenTurn, Transcript, TurnTime};

/// What the callee said, and what the callee was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenExchange<'t> {
    /// When it began.
    pub time: TurnTime,
    /// What the callee said; empty where the bot or a person spoke first.
    pub question: Vec<&'t SpokenTurn>,
    /// What the bot or a person said then; empty where nobody did.
    pub answer: Vec<&'t SpokenTurn>,
}

impl SpokenExchange<'_> {
    /// The words of one side, as one text.
    pub fn words(turns: &[&SpokenTurn]) -> String {
        turns.iter().map(|turn| turn.text()).collect::<Vec<_>>().join("\n")
    }
}

/// The exchanges of a conversation, in their order. Each turn is in one of them.
pub fn exchanges(transcript: &Transcript) -> Vec<SpokenExchange<'_>> {
    let mut exchanges: Vec<SpokenExchange<'_>> = Vec::new();
    for turn in transcript.turns() {
        let is_question = turn.speaker == Speaker::Callee;
        match exchanges.last_mut() {
            Some(last) if !is_question => last.answer.push(turn),
            Some(last) if last.answer.is_empty() => last.question.push(turn),
            _ => {
                let (question, answer) =
                    if is_question { (vec![turn], vec![]) } else { (vec![], vec![turn]) };
                exchanges.push(SpokenExchange { time: turn.time, question, answer });
            }
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn transcript(speakers: &[Speaker]) -> Transcript {
        let turn = |(place, speaker): (i64, &Speaker)| {
            SpokenTurn::new(TurnTime::Offset(place), *speaker, place.to_string()).unwrap()
        };
        Transcript::new((0..).zip(speakers).map(turn).collect()).unwrap()
    }

    #[test]
    fn what_is_said_in_one_go_is_one_text() {
        use Speaker::{Agent, Bot, Callee};
        let transcript = transcript(&[Bot, Callee, Callee, Bot, Agent, Callee]);
        let words: Vec<_> = exchanges(&transcript)
            .iter()
            .map(|exchange| {
                (SpokenExchange::words(&exchange.question), SpokenExchange::words(&exchange.answer))
            })
            .collect();
        let expected = [("", "0"), ("1\n2", "3\n4"), ("5", "")];
        assert_eq!(words, expected.map(|(question, answer)| (question.to_owned(), answer.to_owned())));
    }

    proptest! {
        #[test]
        fn each_turn_is_shown_once_and_each_round_has_a_row(
            speakers in prop::collection::vec(prop_oneof![Just(Speaker::Bot), Just(Speaker::Callee)], 0..40),
        ) {
            let transcript = transcript(&speakers);
            let exchanges = exchanges(&transcript);
            let shown: Vec<&SpokenTurn> =
                exchanges.iter().flat_map(|exchange| exchange.question.iter().chain(&exchange.answer)).copied().collect();
            prop_assert_eq!(shown, transcript.turns().iter().collect::<Vec<_>>());
            let asked = exchanges.iter().filter(|exchange| !exchange.question.is_empty()).count();
            prop_assert_eq!(i64::try_from(asked).unwrap(), transcript.rounds());
        }
    }
}
