//! The bots that calls are handed to: which of a step's takes a call, and what is known of whether they are there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Bot, BotStep, BotUrl, ScriptFlow, StepAction};
use crate::{AccountId, ScriptId};

/// The steps of a script that hand calls to bots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptBots {
    /// Whose script it is.
    pub owner: AccountId,
    /// Which.
    pub script: ScriptId,
    /// The bots of each such step, in the order of the steps.
    pub steps: Vec<Vec<Bot>>,
}

/// A bot as one script has it: its capacity counts the calls of that script alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotOfScript {
    /// Whose script it is.
    pub owner: AccountId,
    /// Which.
    pub script: ScriptId,
    /// Where the bot is.
    pub url: BotUrl,
}

/// The bots that a call may be handed to, written down with its attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptBots {
    /// Whose script it is.
    pub owner: AccountId,
    /// Which.
    pub script: ScriptId,
    /// The bot of each step that hands the call to one, in the order of the steps.
    pub urls: Vec<BotUrl>,
}

/// Whether a bot takes calls, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BotState {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// It is there.
    Ready,
    /// It is there and takes no more calls now.
    Full,
    /// It is there, and calls failed by it one after another: it takes one, which shows whether it is well again.
    OnTrial,
    /// It cannot be reached, or refuses, or calls failed by it one after another.
    Down,
}

/// What keeps calls from a script's bots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotObstacle {
    /// A step has no bot that can be used.
    Down,
    /// A step has bots, and all that can be used have as many calls as they take.
    Busy,
}

impl ScriptBots {
    /// Those of a script; `None`: it has none.
    pub fn of(owner: AccountId, script: ScriptId, flow: &ScriptFlow) -> Option<Self> {
        let steps: Vec<Vec<Bot>> = flow.bot_steps().map(|step| step.bots.clone()).collect();
        (!steps.is_empty()).then_some(Self { owner, script, steps })
    }

    /// A bot of it.
    pub fn bot(&self, url: &BotUrl) -> BotOfScript {
        BotOfScript { owner: self.owner, script: self.script, url: url.clone() }
    }

    /// Whether one of its bots takes no more than so many calls, given what is known of bots.
    pub fn has_capacity(&self, state: impl Fn(&BotUrl) -> BotState) -> bool {
        let is_bounded = |bot: &Bot| bot.capacity.is_some() || state(&bot.url) == BotState::OnTrial;
        self.steps.iter().flatten().any(is_bounded)
    }

    /// What keeps calls from it, given what is known of bots and how many calls they have.
    pub fn obstacle(
        &self,
        state: impl Fn(&BotUrl) -> BotState,
        calls: impl Fn(&BotOfScript) -> i64,
    ) -> Option<BotObstacle> {
        let of_step = |bots: &Vec<Bot>| {
            let is_there = |bot: &&Bot| !matches!(state(&bot.url), BotState::Unknown | BotState::Down);
            let mut there = bots.iter().filter(is_there).peekable();
            if there.peek().is_none() {
                return Some(BotObstacle::Down);
            }
            let takes = |bot: &Bot| has_room(bot, state(&bot.url), || calls(&self.bot(&bot.url)));
            (!there.any(takes)).then_some(BotObstacle::Busy)
        };
        let found: Vec<BotObstacle> = self.steps.iter().filter_map(of_step).collect();
        let is_down = found.contains(&BotObstacle::Down);
        if is_down { Some(BotObstacle::Down) } else { found.first().copied() }
    }

    /// A bot for each step, by weight among those that take a call; `chance` draws any number. `None`: a step has none.
    pub fn choose(
        &self,
        state: impl Fn(&BotUrl) -> BotState,
        calls: impl Fn(&BotOfScript) -> i64,
        mut chance: impl FnMut() -> u64,
    ) -> Option<AttemptBots> {
        let takes = |bot: &&Bot| has_room(bot, state(&bot.url), || calls(&self.bot(&bot.url)));
        let of_step = |bots: &Vec<Bot>| {
            let able: Vec<&Bot> = bots.iter().filter(takes).collect();
            Some(by_weight(&able, chance())?.url.clone())
        };
        let urls: Option<Vec<BotUrl>> = self.steps.iter().map(of_step).collect();
        Some(AttemptBots { owner: self.owner, script: self.script, urls: urls? })
    }
}

impl AttemptBots {
    /// Each of them once.
    pub fn of_script(&self) -> impl Iterator<Item = BotOfScript> + '_ {
        let counted: BTreeSet<&BotUrl> = self.urls.iter().collect();
        counted.into_iter().map(|url| BotOfScript {
            owner: self.owner,
            script: self.script,
            url: url.clone(),
        })
    }
}

impl ScriptFlow {
    /// The steps that hand calls to bots.
    pub fn bot_steps(&self) -> impl Iterator<Item = &BotStep> {
        self.steps().iter().filter_map(|step| match &step.action {
            StepAction::Bot(bot) => Some(bot),
            _ => None,
        })
    }

    /// Whether the first thing that a call comes to, after what is only played, is a bot: then it is connected while the phone rings.
    pub fn begins_with_bot(&self) -> Option<&BotStep> {
        let after_prompts = self.steps().iter().find(|step| !matches!(step.action, StepAction::Play(_)))?;
        match &after_prompts.action {
            StepAction::Bot(bot) => Some(bot),
            _ => None,
        }
    }
}

fn has_room(bot: &Bot, state: BotState, calls: impl FnOnce() -> i64) -> bool {
    match state {
        BotState::Ready => bot.capacity.is_none_or(|capacity| calls() < capacity.get()),
        BotState::OnTrial => calls() == 0,
        BotState::Unknown | BotState::Full | BotState::Down => false,
    }
}

fn by_weight<'b>(bots: &[&'b Bot], chance: u64) -> Option<&'b Bot> {
    let weight = |bot: &Bot| bot.weight.get().unsigned_abs();
    let all: u64 = bots.iter().map(|bot| weight(bot)).sum();
    let mut left = chance.checked_rem(all)?;
    bots.iter().copied().find(|bot| {
        let is_it = left < weight(bot);
        left = left.saturating_sub(weight(bot));
        is_it
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use uuid::Uuid;

    use super::{
        BotState::{Down, Full, OnTrial, Ready, Unknown},
        *,
    };
    use crate::{BotCapacity, BotWeight};

    fn bot(name: &str, weight: i64, capacity: Option<i64>) -> Bot {
        Bot {
            url: BotUrl::parse(&format!("ws://{name}.example.com/")).unwrap(),
            weight: BotWeight::new(weight).unwrap(),
            capacity: capacity.map(|most| BotCapacity::new(most).unwrap()),
        }
    }

    fn bots(steps: Vec<Vec<Bot>>) -> ScriptBots {
        ScriptBots { owner: AccountId::new(Uuid::from_u128(1)), script: ScriptId::new(7), steps }
    }

    #[test]
    fn bots_are_chosen_by_weight_among_those_that_have_room() {
        let one = bots(vec![vec![bot("a", 1, None), bot("b", 3, Some(2)), bot("c", 100, None)]]);
        let state =
            |url: &BotUrl| if url.as_str().contains("//c") { BotState::Full } else { BotState::Ready };
        let mut chosen: HashMap<String, u64> = HashMap::new();
        for chance in 0..400 {
            let bots = one.choose(state, |_| 1, || chance).unwrap();
            *chosen.entry(bots.urls[0].as_str().to_owned()).or_default() += 1;
        }
        assert_eq!(chosen["ws://a.example.com/"], 100);
        assert_eq!(chosen["ws://b.example.com/"], 300);
        let full = one.choose(state, |_| 2, || 3).unwrap();
        assert_eq!(full.urls[0].as_str(), "ws://a.example.com/");
    }

    #[test]
    fn every_step_needs_a_bot_that_takes_the_call() {
        let two = bots(vec![vec![bot("a", 1, None)], vec![bot("b", 1, Some(5)), bot("c", 1, Some(1))]]);
        let state = |of: [BotState; 3]| move |url: &BotUrl| of["abc".find(&url.as_str()[5..6]).unwrap()];
        for (states, calls, expected) in [
            ([Ready, Ready, Ready], 0, None),
            ([Ready, Down, Ready], 0, None),
            ([Ready, Down, Ready], 1, Some(BotObstacle::Busy)),
            ([Ready, Full, Full], 0, Some(BotObstacle::Busy)),
            ([Full, Ready, Ready], 0, Some(BotObstacle::Busy)),
            ([Full, Down, Unknown], 0, Some(BotObstacle::Down)),
            ([Unknown, Ready, Ready], 0, Some(BotObstacle::Down)),
            ([Ready, OnTrial, Down], 0, None),
            ([OnTrial, Ready, Down], 1, Some(BotObstacle::Busy)),
        ] {
            assert_eq!(two.obstacle(state(states), |_| calls), expected, "{states:?} {calls}");
            assert_eq!(two.choose(state(states), |_| calls, || 0).is_some(), expected.is_none());
        }
    }
}
