//! Write transactions. Each has an outbox: the events that it publishes are gathered and written as the last thing before
//! its commit, and then those who follow the accounts are woken.

use std::sync::Arc;

use domain::{AccountId, Event};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    Result, Session, WakeUps,
    database::{Driver, Queryable, Writable, connections::WriteConnection, sealed::HasDriver},
    events::{self, Outbox},
    schedule_cache::ScheduleCache,
    session::sealed::HasSchedules,
};

/// A write transaction. Dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    connection: WriteConnection,
    schedules: Arc<ScheduleCache>,
    wake_ups: WakeUps,
    outbox: Outbox,
    wakes_runner: bool,
    /// After the connection, which is to be free before the next of the account's transactions wants one.
    _share: Option<OwnedSemaphorePermit>,
}

impl Tx {
    pub(crate) fn new(
        connection: WriteConnection,
        schedules: Arc<ScheduleCache>,
        wake_ups: WakeUps,
        share: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            connection,
            schedules,
            wake_ups,
            outbox: Outbox::default(),
            wakes_runner: false,
            _share: share,
        }
    }

    /// Has the commit write an event to an account's log.
    pub(crate) fn publish(&mut self, account: AccountId, event: Event) {
        self.outbox.add(account, event);
    }

    /// Has the commit wake the runner, though it writes no event.
    pub(crate) fn wake_runner(&mut self) {
        self.wakes_runner = true;
    }

    /// Makes the transaction's changes last, and wakes those who follow the accounts whose logs have grown.
    ///
    /// # Errors
    /// Nothing was stored, or (a connection lost while waiting for the answer) it is not known whether it was.
    pub async fn commit(mut self) -> Result<()> {
        let accounts = events::append(&mut self.connection, std::mem::take(&mut self.outbox)).await?;
        self.connection.commit().await?;
        if self.wakes_runner || !accounts.is_empty() {
            self.wake_ups.committed(&accounts);
        }
        Ok(())
    }
}

impl HasDriver for Tx {
    #[expect(private_interfaces, reason = "only this crate speaks SQL")]
    fn driver(&mut self) -> Driver<'_> {
        self.connection.driver()
    }
}

impl HasSchedules for Tx {
    #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
    fn schedules(&self) -> &ScheduleCache {
        &self.schedules
    }

    fn sees_uncommitted(&self) -> bool {
        true
    }
}

impl Queryable for Tx {}
impl Writable for Tx {}
impl Session for Tx {}
