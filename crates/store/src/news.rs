//! That there are new events: a bell, not a letter. Who hears it reads the log; who misses it looks by and by.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::watch;

use crate::{Result, Store};

/// The channel on which nodes of one PostgreSQL ring for each other.
const CHANNEL: &str = "dialtime_events";

/// The shortest time between two rings to other nodes.
const REST: Duration = Duration::from_millis(20);

/// How long to wait before trying again after the database went away.
const RETRY: Duration = Duration::from_secs(1);

/// Two bells: one for what this process wrote, one for what anyone did.
#[derive(Clone, Debug)]
pub struct News {
    written: Arc<watch::Sender<()>>,
    any: Arc<watch::Sender<()>>,
}

impl Default for News {
    fn default() -> Self {
        Self { written: Arc::new(watch::Sender::new(())), any: Arc::new(watch::Sender::new(())) }
    }
}

impl News {
    /// Rings for what this process has committed.
    pub(crate) fn written(&self) {
        self.written.send_replace(());
        self.heard();
    }

    /// Rings for what another node says it has committed.
    pub fn heard(&self) {
        self.any.send_replace(());
    }

    /// Hears what this process commits.
    pub fn of_this_process(&self) -> watch::Receiver<()> {
        self.written.subscribe()
    }

    /// Hears whatever is known to be new.
    pub fn of_all(&self) -> watch::Receiver<()> {
        self.any.subscribe()
    }
}

/// Rings for other nodes when this one writes, and hears theirs; for ever. Only for speed: whoever waits for news looks
/// from time to time as well. On SQLite there are no others.
pub async fn exchange_news(store: Store) {
    let Some(pool) = store.postgres() else { return std::future::pending().await };
    tokio::join!(ring_for_others(pool, store.news()), hear_others(pool, store.news()));
}

async fn ring_for_others(pool: &PgPool, news: &News) {
    let mut written = news.of_this_process();
    while written.changed().await.is_ok() {
        let rung = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(pool).await;
        if let Err(error) = rung {
            tracing::debug!(%error, "other nodes were not rung for");
        }
        tokio::time::sleep(REST).await;
    }
}

async fn hear_others(pool: &PgPool, news: &News) {
    loop {
        if let Err(error) = listen(pool, news).await {
            tracing::debug!(%error, "other nodes are not heard");
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// This node hears its own rings as well, which does no harm: it rings only for what it wrote.
async fn listen(pool: &PgPool, news: &News) -> Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What was rung while nobody listened is not lost: it stands in the log.
        news.heard();
        listener.recv().await?;
    }
}
