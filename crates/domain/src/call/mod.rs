//! Calls: what came of them.

mod outcome;

pub use self::outcome::{NumberStatus, OutcomeClass};
