//! Bots: which this node asks whether they are there, what is written down of that, and what a call's bot is told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write as _,
};

use domain::{
    AccountId, AttemptBots, BotCondition, BotFault, BotFaultKind, BotHealthSnapshot, BotSecrets, BotState,
    BotUrl, NumberDetails, OpenAttempt, ScriptBots, ScriptId,
};
use sha2::{Digest as _, Sha256};
use store::{Result, dialing, dialing_events};
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
        let asked = self.directory.bots.iter().filter(|(_, bot)| bot.state != BotState::Unknown);
        let asked: HashMap<BotUrl, BotCondition> =
            asked.map(|(url, bot)| (url.clone(), bot.clone())).collect();
        let written = |url: &BotUrl| self.bots.written.get(url).unwrap_or(&BotCondition::READY);
        let changed: Vec<(&BotUrl, &BotCondition)> =
            asked.iter().filter(|(url, bot)| written(url) != *bot).collect();
        let is_asked = |url: &&BotUrl| self.directory.bots.contains_key(*url);
        let forgotten: Vec<&BotUrl> = self.bots.written.keys().filter(|url| !is_asked(url)).collect();
        if changed.is_empty() && forgotten.is_empty() {
            return self.tell_bots_down().await;
        }
        let is_one_back = changed.iter().any(|(url, _)| written(url).state == BotState::Down);
        let now = self.now().wall;
        let mut tx = self.parts.store.begin().await?;
        for (url, bot) in changed {
            dialing::note_bot(&mut tx, lease.node, url, bot, now).await?;
        }
        for url in forgotten {
            dialing::forget_bot(&mut tx, lease.node, url).await?;
        }
        tx.commit().await?;
        self.bots.written = asked;
        self.tell_bots_down().await?;
        if is_one_back { self.tell_bots_up().await } else { Ok(()) }
    }

    /// Tells whoever has tasks that may dial of their bots that cannot be reached: each once, whichever nodes find so.
    async fn tell_bots_down(&mut self) -> Result<()> {
        let down = self.accounts_of_bots_down();
        let is_new = |one: &(BotUrl, AccountId)| !self.bots.told_down.contains(one);
        let mut untold: BTreeMap<BotUrl, Vec<AccountId>> = BTreeMap::new();
        for (url, account) in down.iter().filter(|one| is_new(one)).cloned() {
            untold.entry(url).or_default().push(account);
        }
        if !untold.is_empty() {
            let now = self.now().wall;
            let mut tx = self.parts.store.begin().await?;
            for (url, accounts) in &untold {
                for account in dialing::note_bot_told_down(&mut tx, url, accounts).await? {
                    let health =
                        BotHealthSnapshot { bot_url: url.clone(), bot_fault: Some(self.fault_of(url)) };
                    dialing_events::bot_turned(&mut tx, account, health, now);
                }
            }
            tx.commit().await?;
        }
        self.bots.told_down = down;
        Ok(())
    }

    fn accounts_of_bots_down(&self) -> BTreeSet<(BotUrl, AccountId)> {
        let is_down = |url: &BotUrl| self.directory.bot_state(url) == BotState::Down;
        if !self.directory.bots.keys().any(is_down) {
            return BTreeSet::new();
        }
        let tasks = self.directory.tasks.values();
        let bots = tasks.flat_map(|task| {
            let account = task.task.item.task.account_id;
            task.known_bots().map(move |bot| (bot.url, account))
        });
        bots.filter(|(url, _)| is_down(url)).collect()
    }

    fn fault_of(&self, url: &BotUrl) -> BotFault {
        let known = self.directory.bots.get(url).and_then(|bot| bot.fault.clone());
        known.unwrap_or_else(|| BotFault::new(BotFaultKind::Unreachable, ""))
    }

    /// Tells who was told that a bot cannot be reached that it can again, once this node has found so and none finds otherwise.
    pub(crate) async fn tell_bots_up(&self) -> Result<()> {
        let there = self
            .directory
            .bots
            .iter()
            .filter(|(_, bot)| matches!(bot.state, BotState::Ready | BotState::Full));
        let there: Vec<BotUrl> = there.map(|(url, _)| url.clone()).collect();
        if there.is_empty() {
            return Ok(());
        }
        let mut read = self.parts.store.read().await?;
        let is_any_to_tell = dialing::has_bots_to_tell_up(&mut read, &there).await?;
        drop(read);
        if !is_any_to_tell {
            return Ok(());
        }
        let now = self.now().wall;
        let mut tx = self.parts.store.begin().await?;
        for (account, bot_url) in dialing::note_bots_told_up(&mut tx, &there).await? {
            let health = BotHealthSnapshot { bot_url, bot_fault: None };
            dialing_events::bot_turned(&mut tx, account, health, now);
        }
        tx.commit().await
    }

    /// Writes down anew what bots are: the node has another id.
    pub(crate) fn write_bots_anew(&mut self) {
        self.bots.written.clear();
        self.bots.told_down.clear();
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
        self.bots.get(url).map(|bot| bot.state).unwrap_or_default()
    }

    /// The scripts of these lists whose bots take no more than so many calls.
    pub(crate) fn scripts_with_capacity(&self, lists: &HashSet<i64>) -> BTreeSet<(AccountId, ScriptId)> {
        let tasks = lists.iter().filter_map(|list| self.tasks.get(list));
        let scripts = tasks.flat_map(|task| &task.task.scripts.bots);
        scripts
            .filter(|bots| bots.has_capacity(|url| self.bot_state(url)))
            .map(|bots| (bots.owner, bots.script))
            .collect()
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
