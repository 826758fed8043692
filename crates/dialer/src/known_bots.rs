//! What this node has said of bots, and which lists rest because of them.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use domain::{AccountId, BotCondition, BotUrl, Present};

/// How long a list rests whose next call found no bot with room: other nodes' calls are counted in the database alone.
const REST: Duration = Duration::from_millis(250);

/// What this node knows and has said of bots.
#[derive(Default)]
pub(crate) struct KnownBots {
    /// What is written down of those that it asks.
    pub(crate) written: HashMap<BotUrl, BotCondition>,
    /// The accounts that were told of those which cannot be reached.
    pub(crate) told_down: BTreeSet<(BotUrl, AccountId)>,
    /// Until when lists rest that found no bot with room, by the steady clock.
    resting: HashMap<i64, Duration>,
}

impl KnownBots {
    /// Has lists rest.
    pub(crate) fn rest(&mut self, lists: impl IntoIterator<Item = i64>, now: Present) {
        self.resting.retain(|_, until| now.steady < *until);
        self.resting.extend(lists.into_iter().map(|list| (list, now.steady.saturating_add(REST))));
    }

    /// Whether a list rests.
    pub(crate) fn rests(&self, list: i64, now: Present) -> bool {
        self.resting.get(&list).is_some_and(|until| now.steady < *until)
    }
}
