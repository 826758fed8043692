//! PostgreSQL's connections: what bounds every wait for them and on them, and what is said when there is none to be had.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction,
    pool::{PoolConnection, PoolOptions},
    postgres::PgConnectOptions,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{DatabaseError, PATIENCE, error::Result};

/// What every session is bound by, in milliseconds or, for TCP, in seconds. A node that dies, or whose machine does, must not
/// hold its locks for the hours that TCP would wait. A row that someone else holds, and a statement that does not end, must
/// not keep a connection that others wait for. Statements are short: to compile one for the processor takes longer than it does.
const SESSION: [(&str, &str); 8] = [
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
    ("idle_in_transaction_session_timeout", "15000"),
    ("lock_timeout", "2000"),
    ("statement_timeout", "15000"),
    ("jit", "off"),
];

/// Migrations may rewrite large tables, and nodes that start together wait for the one that migrates.
const UNBOUNDED: [(&str, &str); 2] = [("lock_timeout", "0"), ("statement_timeout", "0")];

/// A connection that was idle for so long is asked whether it is still good: the database may have been restarted. Asking
/// each time would cost every statement a round trip.
const ASKED_AFTER: Duration = Duration::from_millis(250);

/// After how long a wait for a connection one asks what is wrong, and for how long the answer holds.
const WONDERED_AFTER: Duration = Duration::from_millis(250);

/// How many owners' shares are remembered before those that nobody uses are forgotten.
const SHARES: usize = 1_000;

/// PostgreSQL's code for a server that takes no more connections.
const TOO_MANY_CONNECTIONS: &str = "53300";

/// The connections of one PostgreSQL.
#[derive(Debug)]
pub(crate) struct PostgresPools {
    options: PgConnectOptions,
    pub(crate) read: PgPool,
    pub(crate) write: PgPool,
    /// Notifications between nodes have two of their own: one listens for ever.
    notifications: PgPool,
    shares: ConnectionShares,
    /// What was last found out about why there is no connection.
    refusal: tokio::sync::Mutex<Option<(Instant, Option<ConnectRefusal>)>>,
}

/// Why PostgreSQL takes no connection.
#[derive(Clone, Debug)]
struct ConnectRefusal {
    reason: String,
    /// Whether waiting for one of our own connections may still help.
    is_passing: bool,
}

impl PostgresPools {
    /// Connects once, to say at once what is wrong, and then as needed: up to `most` for reading, as many for writing.
    pub(crate) async fn open(options: PgConnectOptions, most: u32) -> Result<Self> {
        let options = options.options(SESSION);
        attempt(&options).await.map_err(|error| DatabaseError::Unreachable(in_words(&options, &error)))?;
        let read_only = options.clone().options([("default_transaction_read_only", "on")]);
        Ok(Self {
            read: pool(most).connect_lazy_with(read_only),
            write: pool(most).connect_lazy_with(options.clone()),
            notifications: pool(2).connect_lazy_with(options.clone()),
            shares: ConnectionShares::new(most),
            refusal: tokio::sync::Mutex::default(),
            options,
        })
    }

    pub(crate) async fn read(&self) -> Result<PoolConnection<Postgres>> {
        self.acquire(&self.read).await
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        let mut left = self.write.options().get_max_connections();
        loop {
            let connection = self.acquire(&self.write).await?;
            match Transaction::begin(connection, None).await {
                // It died while idle, and nothing was done on it yet.
                Err(_) if left > 0 => left -= 1,
                begun => return Ok(begun?),
            }
        }
    }

    /// A part of the connections for writing that is one owner's, so that a row that is held, or a flood of writes, is
    /// felt by its own owner alone.
    pub(crate) async fn share_of(&self, owner: Uuid) -> Result<OwnedSemaphorePermit> {
        let share = self.shares.of(owner);
        match timeout(PATIENCE, share.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(DatabaseError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    pub(crate) fn notifications(&self) -> &PgPool {
        &self.notifications
    }

    /// A connection for migrations, outside of the pools: whoever starts a server is told at once why there is none.
    pub(crate) async fn for_migrations(&self) -> Result<PgConnection> {
        let options = self.options.clone().options(UNBOUNDED);
        connect(&options).await.map_err(|error| DatabaseError::Unreachable(in_words(&options, &error)))
    }

    pub(crate) async fn close(&self) {
        tokio::join!(self.read.close(), self.write.close(), self.notifications.close());
    }

    /// A connection of the pool. The pool itself would try for as long as it waits, and then say nothing of the reason.
    async fn acquire(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>> {
        tokio::select! {
            biased;
            acquired = pool.acquire() => match acquired {
                Err(sqlx::Error::PoolTimedOut) => Err(self.timed_out().await),
                Err(error @ sqlx::Error::PoolClosed) => Err(DatabaseError::Unavailable(error)),
                acquired => acquired.map_err(|refused| DatabaseError::Unreachable(in_words(&self.options, &refused))),
            },
            // Of its own on the heap, and only when there is something to wait for.
            refusal = async { Box::pin(self.refused()).await } => Err(DatabaseError::Unreachable(refusal)),
        }
    }

    /// Waits until it is certain that there will be no connection; gives the reason.
    async fn refused(&self) -> String {
        loop {
            sleep(WONDERED_AFTER).await;
            let mut known = self.refusal.lock().await;
            let fresh = known.take_if(|(asked, _)| asked.elapsed() < WONDERED_AFTER);
            let found = match fresh {
                Some((_, found)) => found,
                None => attempt(&self.options).await.err().map(|error| ConnectRefusal {
                    reason: in_words(&self.options, &error),
                    is_passing: has_none_left(&error),
                }),
            };
            *known = Some((Instant::now(), found.clone()));
            if let Some(refusal) = found.filter(|refusal| !refusal.is_passing) {
                return refusal.reason;
            }
        }
    }

    /// Why no connection became free in time: those of our own are all at work, or PostgreSQL gave us no more.
    async fn timed_out(&self) -> DatabaseError {
        let known = self.refusal.lock().await;
        match known.as_ref() {
            Some((asked, Some(refusal))) if asked.elapsed() < PATIENCE => {
                DatabaseError::Unreachable(refusal.reason.clone())
            }
            _ => DatabaseError::Unavailable(sqlx::Error::PoolTimedOut),
        }
    }
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    match timeout(PATIENCE, options.connect()).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

async fn attempt(options: &PgConnectOptions) -> sqlx::Result<()> {
    connect(options).await?.close().await
}

/// Whether the server has as many connections as it takes: waiting for one of our own may still help.
fn has_none_left(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref()
        == Some(TOO_MANY_CONNECTIONS)
}

/// Where there is no connection to be had, and why. Never shows the password.
fn in_words(options: &PgConnectOptions, error: &sqlx::Error) -> String {
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let reason = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    format!("PostgreSQL at {place}: {reason}")
}

fn pool(most: u32) -> PoolOptions<Postgres> {
    PoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection: &mut PgConnection, meta| {
            Box::pin(async move { Ok(meta.idle_for < ASKED_AFTER || connection.ping().await.is_ok()) })
        })
}

/// How many transactions each owner may have under way on this node.
#[derive(Debug)]
struct ConnectionShares {
    each: usize,
    owners: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
}

impl ConnectionShares {
    /// Half of the connections, at least one, is enough: the transactions of one owner wait for each other anyway.
    fn new(connections: u32) -> Self {
        let each = usize::try_from(connections / 2).unwrap_or(usize::MAX).clamp(1, Semaphore::MAX_PERMITS);
        Self { each, owners: Mutex::default() }
    }

    fn of(&self, owner: Uuid) -> Arc<Semaphore> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if owners.len() >= SHARES {
            owners.retain(|_, share| Arc::strong_count(share) > 1);
        }
        owners.entry(owner).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_owner_has_half_of_the_connections_and_shares_that_nobody_uses_are_forgotten() {
        for (connections, each) in [(1, 1), (2, 1), (8, 4), (9, 4)] {
            let shares = ConnectionShares::new(connections);
            let used = shares.of(Uuid::nil()).acquire_owned().await.unwrap();
            assert_eq!(shares.of(Uuid::nil()).available_permits(), each - 1);
            for number in 1..=3 * SHARES {
                shares.of(Uuid::from_u128(u128::try_from(number).unwrap()));
            }
            assert!(shares.owners.lock().unwrap().len() <= SHARES + 1);
            assert_eq!(shares.of(Uuid::nil()).available_permits(), each - 1, "in use");
            drop(used);
        }
    }
}
