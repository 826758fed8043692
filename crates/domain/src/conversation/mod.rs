//! Conversations: what was said in a call, and what came of it, as the bot or another program says.

mod exchange;
mod field;
mod hidden;
mod intention;
mod patch;
mod result;
mod rounds;
mod score;
mod transcript;
mod turn;

pub use self::{
    exchange::{SpokenExchange, exchanges},
    field::{RESULT_FIELDS_BYTES, ResultFields},
    hidden::without_numbers,
    intention::Intention,
    patch::Patch,
    result::{CallResult, MAXIMUM_TAGS, ResultChange, ResultSnapshot, SUMMARY_CHARACTERS, check_summary},
    rounds::{MOST_ROUNDS, RoundsBand},
    score::{LARGEST_SCORE, Score},
    transcript::{MAXIMUM_TURNS, NumberedTurn, TRANSCRIPT_BYTES, Transcript},
    turn::{
        LONGEST_OFFSET, Speaker, SpokenSpan, SpokenTurn, TURN_CHARACTERS, TURN_TOLERANCE_MINUTES, TurnTime,
    },
};
