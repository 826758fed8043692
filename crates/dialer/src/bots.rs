//! Bots: which this node asks whether they are there, what is written down of that, and what a call's bot is told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write as _,
};

use domain::{
    AccountId, AttemptBots, BotSecrets, BotState, BotUrl, NumberDetails, OpenAttempt, ScriptBots, ScriptId,
};
use sha2::{Digest as _, Sha256};
use store::{Result, dialing};
use telephony::{CallBots, Carrier as _, KnownBot};

use crate::{
    dialer::{Dialer, DialerParts},
    directory::{Directory, TaskEntry},
};

impl Dialer {
    /// Asks the bots of what may be dialed, and no others; what was read anew knows of none what they have said.
    pub(crate) fn watch_bots(&mut self) {
        let tasks = self.directory.tasks.values();
        let known = tasks.flat_map(|task| task.known_bots());
        let known: BTreeMap<BotUrl, KnownBot> = known.map(|bot| (bot.url.clone(), bot)).collect();
        let known: Vec<KnownBot> = known.into_values().collect();
        self.parts.carriers.watch_bots(&known);
        self.directory.bots = self.parts.carriers.bots();
    }

    /// Takes note of which bots take calls, and writes down what has changed.
    pub(crate) async fn note_bots(&mut self) -> Result<()> {
        self.directory.bots = self.parts.carriers.bots();
        let Some(lease) = self.lease else { return Ok(()) };
        let asked = self.directory.bots.iter().filter(|(_, state)| **state != BotState::Unknown);
        let asked: HashMap<BotUrl, BotState> = asked.map(|(url, state)| (url.clone(), *state)).collect();
        let changed: Vec<(&BotUrl, BotState)> = asked
            .iter()
            .filter(|(url, state)| self.bots.written.get(*url).copied().unwrap_or(BotState::Ready) != **state)
            .map(|(url, state)| (url, *state))
            .collect();
        let is_asked = |url: &&BotUrl| self.directory.bots.contains_key(*url);
        let forgotten: Vec<&BotUrl> = self.bots.written.keys().filter(|url| !is_asked(url)).collect();
        if changed.is_empty() && forgotten.is_empty() {
            return Ok(());
        }
        let now = self.now().wall;
        let mut tx = self.parts.store.begin().await?;
        for (url, state) in changed {
            dialing::note_bot(&mut tx, lease.node, url, state, now).await?;
        }
        for url in forgotten {
            dialing::forget_bot(&mut tx, lease.node, url).await?;
        }
        tx.commit().await?;
        self.bots.written = asked;
        Ok(())
    }

    /// Writes down anew what bots are: the node has another id.
    pub(crate) fn write_bots_anew(&mut self) {
        self.bots.written.clear();
    }
}

impl TaskEntry {
    fn known_bots(&self) -> impl Iterator<Item = KnownBot> + '_ {
        let bots = self.task.scripts.bots.iter().flat_map(|script| script.steps.iter().flatten());
        bots.map(|bot| KnownBot {
            url: bot.url.clone(),
            secret: self.task.bot_secrets.get(&bot.url).cloned(),
        })
    }

    /// The bots of a script that its calls may run; `None`: that has none.
    pub(crate) fn bots_of(&self, script: ScriptId) -> Option<&ScriptBots> {
        self.task.scripts.bots.iter().find(|bots| bots.script == script)
    }
}

impl Directory {
    /// Whether each of the scripts has bots that take calls, as far as they say so themselves.
    pub(crate) fn has_bots(&self, scripts: &[ScriptBots]) -> bool {
        scripts.iter().all(|bots| bots.obstacle(|url| self.bot_state(url), |_| 0).is_none())
    }

    /// What is known of a bot.
    pub(crate) fn bot_state(&self, url: &BotUrl) -> BotState {
        self.bots.get(url).copied().unwrap_or_default()
    }

    /// The scripts of these lists whose bots take no more than so many calls.
    pub(crate) fn scripts_with_capacity(&self, lists: &HashSet<i64>) -> BTreeSet<(AccountId, ScriptId)> {
        let tasks = lists.iter().filter_map(|list| self.tasks.get(list));
        let scripts = tasks.flat_map(|task| &task.task.scripts.bots);
        scripts.filter(|bots| bots.has_capacity()).map(|bots| (bots.owner, bots.script)).collect()
    }
}

/// What a call's bots are told, and what is written down of what they prove themselves with.
pub(crate) fn bots_of_call(
    parts: &DialerParts,
    attempt: &mut OpenAttempt,
    details: &NumberDetails,
    (bots, secrets): (AttemptBots, &BotSecrets),
) -> CallBots {
    let mut bytes = [0; 32];
    parts.random.fill(&mut bytes);
    let token = in_hexadecimal(&bytes);
    let known = |url: &BotUrl| KnownBot { url: url.clone(), secret: secrets.get(url).cloned() };
    let made = CallBots {
        account: attempt.account_id,
        chosen: bots.urls.iter().map(known).collect(),
        parameters: parameters(attempt, details),
        token: token.clone(),
    };
    attempt.bots = Some(bots);
    attempt.bot_token_sha256 = Some(in_hexadecimal(&Sha256::digest(token)));
    made
}

fn in_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a bot is told of a call: the variables of the number, and what we know of it, which no variable replaces.
fn parameters(attempt: &OpenAttempt, details: &NumberDetails) -> BTreeMap<String, String> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let variables = details.variables.iter().map(|(name, value)| (name.clone(), text(value)));
    let mut parameters: BTreeMap<String, String> = variables.collect();
    let own = [
        ("name", details.name.clone()),
        ("company", details.company.clone()),
        ("extra", details.extra.clone()),
        ("call_id", Some(attempt.id.to_string())),
        ("task_id", Some(attempt.task_id.to_string())),
        ("task_name", Some(attempt.task_name.clone())),
        ("to_number", Some(format!("+{}", attempt.number.e164))),
        ("from_number", attempt.caller_id.clone()),
    ];
    parameters.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    parameters
}
