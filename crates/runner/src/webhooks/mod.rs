//! Webhooks: what is told to other programs, at least once, and of each task and each group in order.
//!
//! Each webhook that has something to send is claimed in the database and worked at by a task of its own, so that one that
//! answers slowly, or never, delays no other. [`sender`] makes one attempt, [`address`] says where it must not go.

mod address;
mod sender;

use std::sync::Arc;

use domain::Clock;
use futures_util::future::join_all;
use jiff::SignedDuration;
use store::{
    Result, Store,
    webhooks::{self, Attempt, Claim, Due},
};
use tokio::task::JoinSet;
use uuid::Uuid;

pub(crate) use self::sender::Sender;
pub use self::sender::{Body, WriteBody};

/// How long a claim lasts unless it is prolonged, which happens before every round of attempts.
const LEASE: SignedDuration = SignedDuration::from_secs(25);

/// How many webhooks one node works at.
const WEBHOOKS: usize = 200;

/// Works at the webhooks that have something to send.
pub(crate) struct Dispatcher {
    worker: Worker,
    working: JoinSet<()>,
}

#[derive(Clone)]
struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    sender: Arc<Sender>,
}

impl Dispatcher {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, sender: Sender) -> Self {
        let worker = Worker { store, clock, sender: Arc::new(sender) };
        Self { worker, working: JoinSet::new() }
    }

    /// Claims webhooks that wait, and begins to work at them.
    pub(crate) async fn dispatch(&mut self) -> Result<()> {
        while self.working.try_join_next().is_some() {}
        let free = WEBHOOKS.saturating_sub(self.working.len());
        let (token, now) = (self.worker.sender.token(), self.worker.clock.now());
        let mut tx = self.worker.store.begin().await?;
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        let claims = webhooks::claim(&mut tx, token, (now, LEASE), limit).await?;
        tx.commit().await?;
        for claim in claims {
            self.working.spawn(self.worker.clone().work(claim));
        }
        Ok(())
    }
}

impl Worker {
    /// Sends what is due, round by round, and lets go. What fails on the way is taken up when the claim has ended.
    async fn work(self, claim: Claim) {
        let webhook = claim.id;
        loop {
            match self.round(claim).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return tracing::warn!(%webhook, %error, "a webhook is left for a while"),
            }
        }
        if let Err(error) = self.let_go(claim).await {
            tracing::warn!(%webhook, %error, "a webhook is left for a while");
        }
    }

    /// Attempts what is due; says whether there was anything.
    async fn round(&self, claim: Claim) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let due = webhooks::take_due(&mut tx, claim, (self.clock.now(), LEASE)).await?;
        tx.commit().await?;
        let Some((recipient, due)) = due.filter(|(_, due)| !due.is_empty()) else { return Ok(false) };
        let attempts = due.into_iter().map(async |due| {
            let attempt = self.sender.attempt(&recipient, &due).await;
            (due, attempt)
        });
        self.keep(claim, &join_all(attempts).await).await?;
        Ok(true)
    }

    async fn keep(&self, claim: Claim, attempts: &[(Due, Attempt)]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let mut gave_up = false;
        for (due, attempt) in attempts {
            gave_up |= webhooks::keep_attempt(&mut tx, claim, due, attempt, self.clock.now()).await?;
        }
        tx.commit().await?;
        if gave_up {
            tracing::error!(webhook = %claim.id, "a webhook has failed for two days and is disabled");
        }
        Ok(())
    }

    async fn let_go(&self, claim: Claim) -> Result<()> {
        let mut tx = self.store.begin().await?;
        webhooks::let_go(&mut tx, claim).await?;
        tx.commit().await
    }
}

/// A number nobody else draws.
fn unique(bytes: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
