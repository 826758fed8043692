//! Webhooks: what is sent to other programs, at least once, and of each task and each group in order.
//!
//! Each webhook that has something to send is claimed in the database and worked at by a task of its own, within the share
//! of its partner ([`shares`]), so that one that answers slowly, or never, delays no other. Tests are sent beside them.
//! [`sender`] makes one attempt.

mod sender;
mod shares;

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{Clock, DeliveryAttempt, WebhookId};
use futures_util::future::join_all;
use jiff::SignedDuration;
use store::{
    Result, Store,
    webhooks::{self, Claim, Due, Lease, Recipient, Waiting, WaitingLimits},
};
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

pub(crate) use self::sender::Sender;
pub use self::sender::{Body, WriteBody};
use self::shares::{Shares, Slot};
use crate::{clock_check::ClockCheck, rounds::Rounds, supervisor::text_of};

/// How long a claim lasts unless it is prolonged, which happens before every round of attempts.
const LEASE: SignedDuration = SignedDuration::from_secs(25);

/// How many webhooks one node works at, and how many tests it sends beside them.
const WEBHOOK_SLOTS: usize = 200;
const TEST_SLOTS: usize = 50;

/// How many that wait are asked for.
const WAITING: WaitingLimits = WaitingLimits { per_partner: 200, total: 1_000 };

/// How many requests to a webhook are under way at once, each of other subjects, once one has succeeded. Until then it
/// is one: a receiver that hangs holds one connection.
const AT_ONCE: u32 = 8;

/// After how many rounds a webhook is let go, though it may have more to send: others may be waiting.
const ROUNDS: usize = 50;

/// How long until a look without being woken, and the shortest time between two looks.
const LOOK: Duration = Duration::from_secs(1);
const REST: Duration = Duration::from_millis(50);

/// Works at the webhooks that have something to send.
pub(crate) struct Dispatcher {
    clock_check: ClockCheck,
    worker: Worker,
    webhooks: Shares,
    tests: Shares,
    working: JoinSet<()>,
}

#[derive(Clone)]
struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    sender: Arc<Sender>,
}

/// What came of a round of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    NothingDue,
    AllFailed,
    SomeDelivered,
}

impl Dispatcher {
    pub(crate) fn new(clock_check: ClockCheck, sender: Sender) -> Self {
        let (store, clock) = (clock_check.store.clone(), clock_check.clock.clone());
        let worker = Worker { store, clock, sender: Arc::new(sender) };
        let (webhooks, tests) = (Shares::new(WEBHOOK_SLOTS), Shares::new(TEST_SLOTS));
        Self { clock_check, worker, webhooks, tests, working: JoinSet::new() }
    }

    /// Looks for work whenever there may be some, for ever.
    pub(crate) async fn run(mut self, mut rounds: Rounds) {
        let mut committed = self.worker.store.wake_ups().committed_here();
        self.clock_check.ask_first(&mut rounds).await;
        loop {
            let looked = if self.clock_check.is_trusted() { self.dispatch().await } else { Ok(0) };
            if let Some(waiting) = rounds.note(looked) {
                rounds.status().note_backlog(waiting);
            }
            tokio::time::sleep(REST).await;
            self.rest(&mut committed).await;
        }
    }

    /// Waits until something was committed, or some work has ended.
    async fn rest(&mut self, committed: &mut watch::Receiver<()>) {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = committed.changed() => {}
            Some(ended) = self.working.join_next() => {
                if let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) {
                    tracing::error!(panic = text_of(&*panic), "sending to a webhook panicked; it is left for a while");
                }
            }
        }
    }

    /// Begins to work at what waits, as far as shares allow; gives how much waited.
    async fn dispatch(&mut self) -> Result<usize> {
        let now = self.worker.clock.now();
        let mut read = self.worker.store.read().await?;
        let waiting = webhooks::waiting(&mut read, now, WAITING).await?;
        let tests = webhooks::waiting_tests(&mut read, now, WAITING).await?;
        drop(read);
        let backlog = waiting.len() + tests.len();
        for test in tests {
            if let Some(slot) = take(&self.tests, &test) {
                self.spawn(slot, self.worker.clone().send_test(test.id));
            }
        }
        self.claim(&waiting).await?;
        Ok(backlog)
    }

    async fn claim(&mut self, waiting: &[Waiting<WebhookId>]) -> Result<()> {
        let slots = waiting.iter().filter_map(|webhook| Some((webhook.id, take(&self.webhooks, webhook)?)));
        let mut slots: HashMap<WebhookId, Slot> = slots.collect();
        if slots.is_empty() {
            return Ok(());
        }
        let (token, lease) = (self.worker.sender.token(), self.worker.lease());
        let wanted: Vec<WebhookId> = slots.keys().copied().collect();
        let mut tx = self.worker.store.begin().await?;
        let claims = webhooks::claim(&mut tx, token, lease, &wanted).await?;
        tx.commit().await?;
        for claim in claims {
            if let Some(slot) = slots.remove(&claim.id) {
                self.spawn(slot, self.worker.clone().work(claim));
            }
        }
        Ok(())
    }

    /// Has work done that keeps its slot until it ends, however it ends.
    fn spawn(&mut self, slot: Slot, work: impl Future<Output = ()> + Send + 'static) {
        self.working.spawn(async move {
            let _slot = slot;
            work.await;
        });
    }
}

fn take<I>(shares: &Shares, waiting: &Waiting<I>) -> Option<Slot> {
    shares.take(waiting.partner, &waiting.url, waiting.failing)
}

impl Worker {
    /// Sends what is due, round by round, and lets go. What fails on the way is taken up when the claim has ended.
    async fn work(self, claim: Claim) {
        let webhook = claim.id;
        if let Err(error) = self.rounds(claim).await {
            tracing::warn!(%webhook, %error, "a webhook is left for a while");
        }
    }

    async fn rounds(&self, claim: Claim) -> Result<()> {
        let (mut at_once, mut failed) = (1, None);
        for _ in 0..ROUNDS {
            match self.round(claim, at_once).await? {
                Round::NothingDue => break,
                Round::SomeDelivered => (at_once, failed) = (AT_ONCE, Some(false)),
                Round::AllFailed => {
                    failed = Some(true);
                    break;
                }
            }
        }
        let mut tx = self.store.begin().await?;
        webhooks::let_go(&mut tx, claim, failed, self.clock.now()).await?;
        tx.commit().await
    }

    /// From now on, for as long as a claim lasts.
    fn lease(&self) -> Lease {
        Lease { now: self.clock.now(), length: LEASE }
    }

    /// Attempts what is due, at most `at_once` deliveries.
    async fn round(&self, claim: Claim, at_once: u32) -> Result<Round> {
        let mut tx = self.store.begin().await?;
        let due = webhooks::take_due(&mut tx, claim, self.lease(), at_once).await?;
        tx.commit().await?;
        let Some((recipient, due)) = due.filter(|(_, due)| !due.is_empty()) else {
            return Ok(Round::NothingDue);
        };
        let attempts = due.into_iter().map(async |due| {
            let attempt = self.sender.attempt(&recipient, &due).await;
            (due, attempt)
        });
        let attempts = join_all(attempts).await;
        self.save(&recipient, &attempts).await?;
        let delivered = attempts.iter().any(|(_, attempt)| attempt.succeeded());
        Ok(if delivered { Round::SomeDelivered } else { Round::AllFailed })
    }

    async fn save(&self, recipient: &Recipient, attempts: &[(Due, DeliveryAttempt)]) -> Result<()> {
        let webhook = recipient.webhook.id;
        let mut tx = self.store.begin().await?;
        let mut gave_up = false;
        for (due, attempt) in attempts {
            report(webhook, due, attempt);
            let (now, wait) = (self.clock.now(), self.sender.wait_after(due.attempts));
            let then = attempt.then(due.is_test(), due.since, wait, now);
            gave_up |= webhooks::save_attempt(&mut tx, webhook, due, attempt, then, now).await?;
        }
        tx.commit().await?;
        if gave_up {
            tracing::error!(%webhook, "a webhook has failed for two days and is disabled");
        }
        Ok(())
    }

    /// Sends a test, unless someone else does.
    async fn send_test(self, id: i64) {
        if let Err(error) = self.try_test(id).await {
            tracing::warn!(id, %error, "a test of a webhook is left for a while");
        }
    }

    async fn try_test(&self, id: i64) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let taken = webhooks::take_test(&mut tx, id, self.lease()).await?;
        tx.commit().await?;
        let Some((recipient, due)) = taken else { return Ok(()) };
        let attempt = self.sender.attempt(&recipient, &due).await;
        self.save(&recipient, &[(due, attempt)]).await
    }
}

/// Counts an attempt, and logs one that failed. What a receiver answered may hold anything and is not logged; its owner sees it
/// in the list of deliveries.
fn report(webhook: WebhookId, due: &Due, attempt: &DeliveryAttempt) {
    let outcome = match attempt.status {
        _ if attempt.succeeded() => "delivered",
        Some(_) => "refused",
        None => "unreachable",
    };
    metrics::counter!("dialtime_webhook_deliveries_total", "outcome" => outcome).increment(1);
    let tries = due.attempts + 1;
    match attempt.status {
        _ if attempt.succeeded() => {}
        Some(status) => tracing::warn!(%webhook, tries, status, "a delivery to a webhook was refused"),
        None => tracing::warn!(%webhook, tries, reason = attempt.answer, "a webhook could not be reached"),
    }
}

/// A number nobody else draws.
fn unique(bytes: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
