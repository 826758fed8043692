//! When each token was last used: noted in memory, and written now and then by a loop.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::TokenId;
use jiff::{SignedDuration, Timestamp};

/// The most tokens that are remembered; beyond it new ones wait until others are written and forgotten.
const MOST_TOKENS: usize = 10_000;
/// The shortest time between two writes of one token's use by one node.
const REST: SignedDuration = SignedDuration::from_secs(60);

/// The last use of each token that was used lately.
#[derive(Debug, Default)]
pub(crate) struct TokenUses(Mutex<HashMap<TokenId, Use>>);

#[derive(Clone, Copy, Debug)]
struct Use {
    at: Timestamp,
    /// The last use that was written.
    written: Option<Timestamp>,
}

impl Use {
    fn is_due(self) -> bool {
        self.written.is_none_or(|written| self.at.duration_since(written) >= REST)
    }
}

impl TokenUses {
    /// Notes that a token is used now, which costs one lookup in a map.
    pub(crate) fn note(&self, token: TokenId, now: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = uses.get_mut(&token) {
            known.at = known.at.max(now);
        } else if uses.len() < MOST_TOKENS {
            uses.insert(token, Use { at: now, written: None });
        }
    }

    /// What is to be written: the uses that are due, or all that were not written yet.
    pub(crate) fn due(&self, all: bool) -> Vec<(TokenId, Timestamp)> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |one: &Use| one.written.is_none_or(|written| written < one.at);
        let mut due: Vec<_> = uses
            .iter()
            .filter(|(_, one)| one.is_due() || (all && is_new(one)))
            .map(|(token, one)| (*token, one.at))
            .collect();
        // Nodes that write the same tokens at once must not wait for each other.
        due.sort_unstable();
        due
    }

    /// Notes what was written, and forgets tokens that have not been used since long before.
    pub(crate) fn wrote(&self, written: &[(TokenId, Timestamp)], now: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (token, at) in written {
            if let Some(known) = uses.get_mut(token) {
                known.written = Some(*at);
            }
        }
        uses.retain(|_, one| one.written != Some(one.at) || now.duration_since(one.at) < REST);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_use_is_written_at_once_and_then_once_a_minute() {
        let (uses, token) = (TokenUses::default(), TokenId::new(Uuid::nil()));
        uses.note(token, at(1));
        assert_eq!(uses.due(false), [(token, at(1))]);
        uses.wrote(&[(token, at(1))], at(1));
        uses.note(token, at(60));
        assert_eq!((uses.due(false), uses.due(true)), (vec![], vec![(token, at(60))]));
        uses.note(token, at(61));
        assert_eq!(uses.due(false), [(token, at(61))]);
        uses.wrote(&[(token, at(61))], at(121));
        assert!(uses.0.lock().unwrap().is_empty(), "it is forgotten when it rests");
    }

    #[test]
    fn it_is_bounded() {
        let uses = TokenUses::default();
        for number in 0..MOST_TOKENS + 10 {
            uses.note(TokenId::new(Uuid::from_u128(u128::try_from(number).unwrap())), at(1));
        }
        assert_eq!(uses.due(false).len(), MOST_TOKENS);
    }
}
