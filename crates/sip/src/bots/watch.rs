//! Bots that are asked whether they are there: each over a connection of its own, on which no call is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{BotCondition, BotFault, BotState, BotUrl, Clock, Present};
use futures_util::StreamExt as _;
use media::bot::{BotConnectFault, BotFailure, BotSocket, StreamStart, check};
use telephony::KnownBot;
use tokio::{
    runtime::Handle,
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use url::Url;

use super::{
    BotWay,
    fault::{fault_of, fault_of_way},
    trust::{BotTrust, Trusted},
};

/// How many bots are asked at most; what is beyond them takes no calls.
const MOST_WATCHED: usize = 1_000;

/// How often a bot is asked, and how long it may take to answer.
const EVERY: Duration = Duration::from_secs(5);

/// The bots that are asked.
#[derive(Default)]
pub(crate) struct Bots(Mutex<HashMap<BotUrl, WatchedBot>>);

struct WatchedBot {
    bot: KnownBot,
    found: Arc<FoundBot>,
    task: JoinHandle<()>,
}

/// What is known of a bot.
struct FoundBot {
    clock: Arc<dyn Clock>,
    begun: Instant,
    /// What it says itself when it is asked.
    condition: Mutex<BotCondition>,
    /// What its calls came to.
    trust: Mutex<BotTrust>,
    /// Until when one that is full is left alone.
    full_until: Mutex<Option<Instant>>,
    is_doubted: Notify,
}

impl Bots {
    /// Asks these from now on, and no others.
    pub(crate) fn watch(&self, bots: &[KnownBot], way: &BotWay, runtime: &Handle) {
        let mut watched = self.lock();
        watched.retain(|_, one| bots.contains(&one.bot));
        for bot in bots.iter().take(MOST_WATCHED) {
            watched.entry(bot.url.clone()).or_insert_with(|| {
                let found = Arc::new(FoundBot::new(Arc::clone(&way.clock)));
                let task = runtime.spawn(keep_asking(bot.clone(), way.clone(), Arc::clone(&found)));
                WatchedBot { bot: bot.clone(), found, task }
            });
        }
    }

    /// What is known of those that are asked.
    pub(crate) fn conditions(&self) -> HashMap<BotUrl, BotCondition> {
        self.lock().iter().map(|(url, one)| (url.clone(), one.found.condition())).collect()
    }

    /// A call's bot has failed: it is asked anew, and one that could not be connected to takes no calls until it answers.
    pub(crate) fn failed(&self, url: &BotUrl, failure: &BotFailure) {
        let watched = self.lock();
        let Some(one) = watched.get(url) else { return };
        if let BotFailure::NotConnected(fault) = failure {
            one.found.note_fault(url, fault);
        }
        // That it is full is no fault.
        if !matches!(failure, BotFailure::NotConnected(BotConnectFault::Full(_))) {
            one.found.distrust(url, fault_of(failure));
        }
        // One that says what is no message is there, and wrong.
        if !matches!(failure, BotFailure::BadMessage(_) | BotFailure::NoText) {
            one.found.is_doubted.notify_one();
        }
    }

    /// A call that a bot had is over by no fault of the bot's.
    pub(crate) fn went_well(&self, url: &BotUrl) {
        if let Some(one) = self.lock().get(url) {
            one.found.trust_again(url);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BotUrl, WatchedBot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WatchedBot {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FoundBot {
    fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            begun: Instant::now(),
            condition: Mutex::default(),
            trust: Mutex::default(),
            full_until: Mutex::default(),
            is_doubted: Notify::new(),
        }
    }

    /// What it says itself, unless its calls say otherwise.
    fn condition(&self) -> BotCondition {
        let said = self.condition.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if said.state != BotState::Ready {
            return said;
        }
        match self.trust().trusted(self.now()) {
            Trusted::Wholly => said,
            Trusted::ForOneCall(fault) => {
                BotCondition { state: BotState::OnTrial, fault: Some(fault), until: None }
            }
            Trusted::NotNow(rest) => {
                BotCondition { state: BotState::Down, fault: Some(rest.fault), until: Some(rest.until) }
            }
        }
    }

    fn trust(&self) -> MutexGuard<'_, BotTrust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn distrust(&self, url: &BotUrl, fault: BotFault) {
        let kind = fault.kind;
        if self.trust().failed(fault, self.now()) {
            tracing::warn!(
                bot = host_of(url),
                ?kind,
                "calls fail one after another by a bot: it gets none for a while"
            );
        }
    }

    fn trust_again(&self, url: &BotUrl) {
        if self.trust().went_well() {
            tracing::info!(bot = host_of(url), "a call went well again with a bot");
        }
    }

    fn now(&self) -> Present {
        Present { wall: self.clock.now(), steady: self.begun.elapsed() }
    }

    /// What it says itself.
    fn state(&self) -> BotState {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner).state
    }

    fn note(&self, url: &BotUrl, condition: BotCondition) {
        let BotCondition { state, fault, .. } = condition.clone();
        let before = {
            let mut known = self.condition.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *known, condition).state
        };
        if before == state {
            return;
        }
        let words = fault.map(|fault| fault.words).unwrap_or_default();
        let bot = host_of(url);
        match state {
            BotState::Ready if before == BotState::Unknown => tracing::debug!(bot, "a bot is there"),
            BotState::Ready => tracing::info!(bot, "a bot takes calls again"),
            BotState::Full => tracing::warn!(bot, "a bot takes no more calls now"),
            BotState::Down => tracing::warn!(bot, words, "a bot cannot be reached: nobody is called for it"),
            BotState::Unknown | BotState::OnTrial => {}
        }
    }

    fn note_fault(&self, url: &BotUrl, fault: &BotConnectFault) {
        let (state, until) = match fault {
            BotConnectFault::Full(rest) => {
                let until = Instant::now() + *rest;
                *self.full_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
                (BotState::Full, self.clock.now().checked_add(*rest).ok())
            }
            _ => (BotState::Down, None),
        };
        self.note(url, BotCondition { state, fault: Some(fault_of_way(fault)), until });
    }

    fn full_until(&self) -> Option<Instant> {
        self.full_until.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An address as it may stand in a log: what follows the host may be secret.
pub(super) fn host_of(url: &BotUrl) -> String {
    let parsed: Option<Url> = url.as_str().parse().ok();
    let shown = parsed.and_then(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    });
    shown.unwrap_or_default()
}

/// Asks a bot for ever.
async fn keep_asking(bot: KnownBot, way: BotWay, found: Arc<FoundBot>) {
    // A stream that never starts.
    let start = StreamStart {
        account_sid: String::new(),
        call_sid: String::new(),
        stream_sid: String::new(),
        custom_parameters: [].into(),
    };
    loop {
        if let Some(until) = found.full_until() {
            sleep_until(until).await;
        }
        let connected_at = Instant::now();
        match way.open(&bot, &start).await {
            Ok(socket) => {
                found.note(&bot.url, BotCondition::READY);
                hold(socket, &found).await;
                // One that closes what it does not need is not asked in a hurry.
                if found.state() == BotState::Ready && connected_at.elapsed() < EVERY {
                    tokio::select! {
                        () = sleep_until(connected_at + EVERY) => {}
                        () = found.is_doubted.notified() => {}
                    }
                }
            }
            Err(fault) => {
                found.note_fault(&bot.url, &fault);
                if found.state() == BotState::Down {
                    sleep(EVERY).await;
                }
            }
        }
    }
}

/// Asks over a connection until it is gone, or a call has found that the bot fails.
async fn hold(mut socket: BotSocket, found: &FoundBot) {
    loop {
        tokio::select! {
            () = found.is_doubted.notified() => return,
            said = socket.next() => match said {
                Some(Ok(message)) if !message.is_close() => {}
                _ => return,
            },
            () = sleep(EVERY) => {
                if !check(&mut socket, EVERY).await {
                    return;
                }
            }
        }
    }
}
