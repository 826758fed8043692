//! Scripts (话术): what happens in a call once someone answers, or a machine does; and the prompts that they play.

mod bot_fault;
mod bots;
mod flow;
mod machine;
mod parts;
mod prompt;
mod run;
mod step;
mod target;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use self::{
    bot_fault::{BotCondition, BotFault, BotFaultKind, BotHealthSnapshot, BotOfCall},
    bots::{AttemptBots, BotObstacle, BotOfScript, BotState, ScriptBots},
    flow::{
        MAXIMUM_BOTS, MAXIMUM_BRANCHES, MAXIMUM_STEPS, MAXIMUM_VARIABLES, ScriptFlow, VARIABLE_CHARACTERS,
        VARIABLE_NAME_CHARACTERS,
    },
    machine::{
        GreetingTiming, ListeningTiming, MachineHandling, MachineTimings, OnMachine, PauseTiming,
        VerdictTiming, WordCount, WordTiming,
    },
    parts::{
        BotSecret, BotUrl, Bounded, DigitPattern, LABEL_CHARACTERS, LONGEST_BOT_SECRET, LONGEST_BOT_URL,
        MOST_DIGITS, StepLabel, TransferAddress, TransferExtension,
    },
    prompt::{
        LARGEST_PROMPT_FILE, LONGEST_PROMPT, MAXIMUM_PROMPT_SECONDS, MAXIMUM_PROMPTS, PROMPT_RATE, Prompt,
        PromptAudio,
    },
    run::{EnteredStep, GatheredKeys, ScriptCommand, ScriptEnd, ScriptRun},
    step::{
        Bot, BotCapacity, BotConnect, BotReconnects, BotStep, BotWeight, DEFAULT_BOT_RECONNECTS,
        DEFAULT_FIRST_KEY, DEFAULT_NEXT_KEY, DEFAULT_TRANSFER_RING, DEFAULT_VISITS, DigitBranch, DigitCount,
        GatherStep, KeySeconds, PlayStep, ScriptStep, StepAction, StepKind, TransferRing, TransferStep,
        TransferTarget, Visits,
    },
};
use crate::{AccountId, Name, ScriptId};

/// The most scripts that an account may have.
pub const MAXIMUM_SCRIPTS: usize = 1_000;

/// The most different scripts that a task may name.
pub const MAXIMUM_SCRIPTS_OF_TASK: usize = 500;

/// A script as it is stored.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its id.
    pub id: ScriptId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// All that a person decides about it, but for the secrets of its bots.
    pub draft: ScriptDraft,
    /// What proves to its bots who calls them.
    pub secrets: BotSecrets,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// All that a person decides about a script, but for the secrets of its bots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptDraft {
    /// Its name.
    pub name: Name,
    /// A remark.
    pub remark: Option<String>,
    /// Its steps.
    pub flow: ScriptFlow,
}

/// What the scripts are and need that a task's calls may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskScripts {
    /// Whether every one of them is there.
    pub are_there: bool,
    /// Those that hand calls to bots.
    pub bots: Vec<ScriptBots>,
}

/// The secrets of a script's bots, by their addresses.
pub type BotSecrets = BTreeMap<BotUrl, BotSecret>;

/// What a request says of secrets: another one, or none any more. What it does not name keeps its secret.
pub type SecretChanges = BTreeMap<BotUrl, Option<BotSecret>>;

/// The secrets after a change: those of bots that are still there.
pub fn changed_secrets(present: BotSecrets, changes: SecretChanges, flow: &ScriptFlow) -> BotSecrets {
    let mut secrets = present;
    for (url, change) in changes {
        match change {
            Some(secret) => drop(secrets.insert(url, secret)),
            None => drop(secrets.remove(&url)),
        }
    }
    let urls = flow.bot_urls();
    secrets.retain(|url, _| urls.contains(url));
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> BotUrl {
        BotUrl::parse(text).unwrap()
    }

    fn secret(text: &str) -> BotSecret {
        BotSecret::parse(text).unwrap()
    }

    #[test]
    fn a_secret_stays_until_another_comes_or_its_bot_goes() {
        let bots = |urls: &[&str]| {
            let bot = |url: &&str| serde_json::json!({ "url": url, "weight": 1, "capacity": null });
            let bots: Vec<_> = urls.iter().map(bot).collect();
            let step = serde_json::json!({ "label": null, "visits": 1, "action": "bot", "bots": bots, "variables": {},
                                           "connect": "answer", "next": null });
            ScriptFlow::new(vec![serde_json::from_value(step).unwrap()], OnMachine::default()).unwrap()
        };
        let (one, other) = ("wss://one.example.com/", "wss://other.example.com/");
        let present: BotSecrets = [(url(one), secret("1")), (url(other), secret("2"))].into();
        let unchanged = bots(&[one, other]);
        assert_eq!(changed_secrets(present.clone(), SecretChanges::new(), &unchanged), present);
        let changes: SecretChanges = [(url(one), Some(secret("3"))), (url(other), None)].into();
        assert_eq!(changed_secrets(present.clone(), changes, &unchanged), [(url(one), secret("3"))].into());
        let gone = changed_secrets(present, SecretChanges::new(), &bots(&[other]));
        assert_eq!(gone, [(url(other), secret("2"))].into());
    }
}
