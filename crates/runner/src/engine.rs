//! The engine: publishes what is due, by whatever clock it is given.

use std::{sync::Arc, time::Duration};

use domain::Clock;
use jiff::{SignedDuration, Timestamp};
use store::{
    Result, Store, schedules,
    transitions::{self, Outlook, Step},
};

/// How long to leave others to what they have begun.
const WHILE_OTHERS_WORK: Duration = Duration::from_millis(5);

/// Publishes what is due.
pub struct Engine {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How much other nodes' clocks may be ahead of this one's.
    tolerance: SignedDuration,
    /// When it last ran; `None` before the first time.
    ran_at: Option<Timestamp>,
}

impl Engine {
    /// An engine on a database. What was published up to `tolerance` ahead of its clock is taken for another node's, whose
    /// clock is ahead by so much; what was published further ahead is taken back, for the clock was set back.
    pub fn new(store: Store, clock: Arc<dyn Clock>, tolerance: SignedDuration) -> Self {
        Self { store, clock, tolerance, ran_at: None }
    }

    /// Publishes all that is due, in the order it was due, and says when there is something next.
    ///
    /// # Errors
    /// When the database does not answer; what was published until then stays published.
    pub async fn tick(&mut self) -> Result<Option<Timestamp>> {
        let outlook = self.outlook().await?;
        self.tick_with(outlook).await
    }

    async fn outlook(&self) -> Result<Outlook> {
        transitions::outlook(&mut self.store.read().await?).await
    }

    /// [`Engine::tick`] for who has just asked what is ahead: if that is nothing, the database is not asked again.
    pub(crate) async fn tick_with(&mut self, mut outlook: Outlook) -> Result<Option<Timestamp>> {
        if self.check_clock().await? {
            outlook = self.outlook().await?;
        }
        while outlook.is_due(self.clock.now()) {
            if outlook.holidays_changed {
                // So that the steps find them read.
                schedules::current_calendars(&mut self.store.read().await?).await?;
            }
            if outlook.stops_changed {
                self.publish_stops().await?;
            }
            self.publish().await?;
            outlook = self.outlook().await?;
        }
        Ok(outlook.next_change)
    }

    /// What is to be done first the first time, and after the clock was set back. Says whether it was.
    async fn check_clock(&mut self) -> Result<bool> {
        let now = self.clock.now();
        match self.ran_at {
            None => self.begin(now).await?,
            Some(before) if now < before => self.take_back(now).await?,
            Some(_) => {
                self.ran_at = Some(now);
                return Ok(false);
            }
        }
        self.ran_at = Some(now);
        Ok(true)
    }

    async fn begin(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.store.begin().await?;
        transitions::evaluate_again_with(&mut tx, &schedules::built_in_data()).await?;
        tx.commit().await?;
        self.take_back(now).await
    }

    async fn take_back(&self, now: Timestamp) -> Result<()> {
        loop {
            let mut tx = self.store.begin().await?;
            if !transitions::take_back(&mut tx, now, self.tolerance).await? {
                return Ok(());
            }
            tx.commit().await?;
        }
    }

    /// Publishes to some whom a stop covers; what that closes is published before the others' turn comes.
    async fn publish_stops(&self) -> Result<()> {
        let mut tx = self.store.begin().await?;
        match transitions::publish_stops(&mut tx, self.clock.now()).await? {
            Step::Published => tx.commit().await,
            Step::Nothing => Ok(()),
            Step::Busy => {
                drop(tx);
                tokio::time::sleep(WHILE_OTHERS_WORK).await;
                Ok(())
            }
        }
    }

    /// On a database that is shared two work at once, as two nodes would: while one waits for the database, the other
    /// derives.
    async fn publish(&self) -> Result<()> {
        if self.store.is_shared() {
            tokio::try_join!(Box::pin(self.publish_alone()), Box::pin(self.publish_alone()))?;
            return Ok(());
        }
        self.publish_alone().await
    }

    async fn publish_alone(&self) -> Result<()> {
        loop {
            let mut tx = self.store.begin().await?;
            match transitions::step(&mut tx, self.clock.now()).await? {
                Step::Published => tx.commit().await?,
                Step::Nothing => return Ok(()),
                Step::Busy => {
                    drop(tx);
                    tokio::time::sleep(WHILE_OTHERS_WORK).await;
                }
            }
        }
    }
}
