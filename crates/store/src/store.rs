//! The store: a database, the schedules that were compiled from it, and wake-ups for who follows its event logs.

use std::{
    collections::HashMap,
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::AccountId;
use uuid::Uuid;

use crate::{
    Exchange, Result, Snapshot, WakeUps,
    database::{
        Connect, PoolUse,
        connections::{Pools, ReadConnection},
    },
    events,
    schedule_cache::ScheduleCache,
    session::Read,
    transaction::Tx,
};

/// A database.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
    schedules: Arc<ScheduleCache>,
    wake_ups: WakeUps,
    /// How many write transactions were begun.
    begun: Arc<AtomicU64>,
}

impl Store {
    /// Connects, and makes a SQLite file that is not there. Does not migrate.
    ///
    /// # Errors
    /// An address that is neither SQLite's nor PostgreSQL's, or a database that cannot be reached.
    pub async fn connect(connect: &Connect) -> Result<Self> {
        let pools = Pools::connect(connect).await?;
        let wake_ups = WakeUps::new(pools.is_shared());
        Ok(Self { pools, schedules: Arc::new(ScheduleCache::new()), wake_ups, begun: Arc::default() })
    }

    /// Brings the schema up to date, one program at a time.
    ///
    /// # Errors
    /// A migration that fails, or a schema newer than this program.
    pub async fn migrate(&self) -> Result<()> {
        Ok(self.pools.migrate().await?)
    }

    /// The number of the newest migration that this program has, to compare with [`crate::health::schema_version`].
    pub fn newest_migration(&self) -> i64 {
        self.pools.newest_migration()
    }

    /// Takes a connection for reading.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`](crate::DatabaseError::Unavailable) when none is free in time or the database is away.
    pub async fn read(&self) -> Result<Read> {
        let connection: ReadConnection = self.pools.read().await?;
        Ok(Read::new(connection, self.schedules.clone()))
    }

    /// Opens a write transaction. Never call it while holding a connection: SQLite has one writer.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`](crate::DatabaseError::Unavailable) when no connection is free in time or the database
    /// is away.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with(None).await
    }

    /// [`Store::begin`] for something of one account's, or of one partner's. Of these only as many are under way at once
    /// as leave connections to others, should all of them wait for a row that someone holds.
    ///
    /// # Errors
    /// Those of [`Store::begin`].
    pub async fn begin_for(&self, whose: Uuid) -> Result<Tx> {
        let share = self.pools.share_of(whose).await?;
        self.begin_with(share).await
    }

    async fn begin_with(&self, share: Option<tokio::sync::OwnedSemaphorePermit>) -> Result<Tx> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let connection = self.pools.begin().await?;
        Ok(Tx::new(connection, self.schedules.clone(), self.wake_ups.clone(), share))
    }

    /// How many write transactions were begun here: by it who does long work knows whether others write.
    pub fn transactions_begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Wakes those who follow the event log.
    pub fn wake_ups(&self) -> &WakeUps {
        &self.wake_ups
    }

    /// Connects to the other nodes of a PostgreSQL to exchange wake-ups; `None` on SQLite, where there are no other nodes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn exchange(&self) -> Result<Option<Exchange>> {
        match self.pools.notifications() {
            Some(pool) => Ok(Some(Exchange::open(pool.clone(), self.wake_ups.clone()).await?)),
            None => Ok(None),
        }
    }

    /// Wakes those who follow an account whose log has grown since the last sweep, as `swept` has it. One question to the
    /// database, or none when nobody follows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_wake_ups(&self, swept: &mut HashMap<AccountId, i64>) -> Result<()> {
        let followed = self.wake_ups.followed_accounts();
        swept.retain(|account, _| followed.contains(account));
        if !followed.is_empty() {
            let newest = events::newest_of(&mut self.read().await?, &followed).await?;
            self.wake_ups.wake_grown(&newest, swept);
        }
        Ok(())
    }

    /// The state the database is in now, for who caches what was read: it may be given again while this stays the
    /// same. `None` when it cannot be told, as always on PostgreSQL; then nothing may be cached.
    pub fn snapshot(&self) -> Option<Snapshot> {
        self.pools.snapshot()
    }

    /// Closes all connections after what runs on them is done.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// Makes this the only program that serves from it, for as long as the file is open. Of PostgreSQL any number may.
    ///
    /// # Errors
    /// [`DatabaseError::Served`](crate::DatabaseError::Served) when another one does.
    pub fn serve_alone(&self) -> Result<Option<File>> {
        Ok(self.pools.serve_alone()?)
    }

    /// Whether several nodes may serve from it.
    pub fn is_shared(&self) -> bool {
        self.pools.is_shared()
    }

    /// How the connections are used now. SQLite's one writer is not among them.
    pub fn pools(&self) -> Vec<PoolUse> {
        self.pools.pools()
    }

    /// `sqlite` or `postgres`, for people.
    pub fn kind(&self) -> &'static str {
        if self.pools.is_shared() { "postgres" } else { "sqlite" }
    }

    pub(crate) fn connections(&self) -> &Pools {
        &self.pools
    }
}
