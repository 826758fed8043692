//! Wake-ups for those who follow the event log. They carry no data: whoever is woken reads the log.
//!
//! A commit wakes only those who follow an account that it wrote events of. Nodes of one PostgreSQL tell each other which
//! accounts these are, for speed; whatever is lost on the way is found by
//! [`Store::sweep_wake_ups`](crate::Store::sweep_wake_ups), which asks once for all followed accounts.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::AccountId;
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::Result;

/// The channel on which nodes of one PostgreSQL wake each other.
const CHANNEL: &str = "dialtime_wake_ups";

/// How many accounts one message names: PostgreSQL takes less than 8,000 bytes, of which each takes 33.
const ACCOUNTS_PER_MESSAGE: usize = 200;

/// How many accounts wait to be told to other nodes at most. If there are more, all accounts are meant.
const MOST_UNSENT: usize = 2_000;

/// Stands in a message for all accounts.
const ALL: &str = "*";

/// Wakes who follows an account's events, and who waits for anything at all to be committed by this process.
#[derive(Clone, Debug)]
pub struct WakeUps(Arc<Followers>);

#[derive(Debug)]
struct Followers {
    /// Only accounts that someone follows.
    followed: Mutex<HashMap<AccountId, watch::Sender<()>>>,
    committed: watch::Sender<()>,
    /// `None` when there are no other nodes.
    unsent: Option<Unsent>,
}

/// What other nodes have not been told yet.
#[derive(Debug, Default)]
struct Unsent {
    accounts: Mutex<BTreeSet<AccountId>>,
    added: Notify,
}

/// Follows one account until it is dropped.
#[derive(Debug)]
pub struct Followed {
    account: AccountId,
    woken: watch::Receiver<()>,
    wake_ups: WakeUps,
}

impl WakeUps {
    pub(crate) fn new(is_shared: bool) -> Self {
        let unsent = is_shared.then(Unsent::default);
        Self(Arc::new(Followers { followed: Mutex::default(), committed: watch::Sender::new(()), unsent }))
    }

    /// Follows an account.
    pub fn follow(&self, account: AccountId) -> Followed {
        let woken = self.followed().entry(account).or_default().subscribe();
        Followed { account, woken, wake_ups: self.clone() }
    }

    /// Is changed whenever this process has committed events, or work for the runner.
    pub fn committed_here(&self) -> watch::Receiver<()> {
        self.0.committed.subscribe()
    }

    /// This process has committed events of these accounts, or, if there are none, other work for the runner.
    pub(crate) fn committed(&self, accounts: &[AccountId]) {
        self.0.committed.send_replace(());
        self.wake(accounts);
        if let Some(unsent) = self.0.unsent.as_ref().filter(|_| !accounts.is_empty()) {
            let mut waiting = lock(&unsent.accounts);
            // One more than there may be stands for all.
            let room = (MOST_UNSENT + 1).saturating_sub(waiting.len());
            waiting.extend(accounts.iter().take(room));
            unsent.added.notify_one();
        }
    }

    fn wake(&self, accounts: &[AccountId]) {
        let followed = self.followed();
        for sender in accounts.iter().filter_map(|account| followed.get(account)) {
            sender.send_replace(());
        }
    }

    fn wake_all(&self) {
        for sender in self.followed().values() {
            sender.send_replace(());
        }
    }

    /// Wakes as a message from another node says.
    fn wake_by(&self, accounts: &str) {
        if accounts == ALL {
            return self.wake_all();
        }
        let ids = accounts.split(',').filter_map(|id| Uuid::try_parse(id).ok());
        self.wake(&ids.map(AccountId::new).collect::<Vec<_>>());
    }

    /// The accounts that someone follows.
    pub(crate) fn followed_accounts(&self) -> HashSet<AccountId> {
        self.followed().keys().copied().collect()
    }

    /// Wakes those who follow an account whose log ends with another event now than in `swept`, which is brought up to date.
    pub(crate) fn wake_grown(&self, newest: &[(AccountId, i64)], swept: &mut HashMap<AccountId, i64>) {
        let grown = newest.iter().filter(|(account, last)| swept.insert(*account, *last) != Some(*last));
        self.wake(&grown.map(|(account, _)| *account).collect::<Vec<_>>());
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<AccountId, watch::Sender<()>>> {
        lock(&self.0.followed)
    }
}

impl Followed {
    /// Forgets wake-ups until now: to be done before the log is read, so that none is lost.
    pub fn reset(&mut self) {
        self.woken.mark_unchanged();
    }

    /// Waits for a wake-up since [`Followed::reset`].
    pub async fn woken(&mut self) {
        // The sender stays as long as someone follows.
        let _ = self.woken.changed().await;
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let mut followed = self.wake_ups.followed();
        // This receiver is still counted.
        if followed.get(&self.account).is_some_and(|sender| sender.receiver_count() <= 1) {
            followed.remove(&self.account);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the nodes of one PostgreSQL wake each other.
#[derive(Debug)]
pub struct Exchange {
    pool: PgPool,
    wake_ups: WakeUps,
    /// Tells this node's messages from those of others.
    node: Uuid,
}

impl Exchange {
    pub(crate) async fn open(pool: PgPool, wake_ups: WakeUps) -> Result<Self> {
        let node = sqlx::query_scalar("SELECT gen_random_uuid()").fetch_one(&pool).await?;
        Ok(Self { pool, wake_ups, node })
    }

    /// Waits until this process has committed events.
    pub async fn wait(&self) {
        match &self.wake_ups.0.unsent {
            Some(unsent) => unsent.added.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Tells other nodes what this process has committed.
    ///
    /// # Errors
    /// When the database does not answer; then it is as if all had been told, and the others' sweeps find it.
    pub async fn send(&self) -> Result<()> {
        let Some(unsent) = &self.wake_ups.0.unsent else { return Ok(()) };
        let accounts = std::mem::take(&mut *lock(&unsent.accounts));
        let messages = messages(self.node, &accounts);
        if !messages.is_empty() {
            sqlx::query("SELECT count(pg_notify($1, message)) FROM unnest($2::text[]) AS message")
                .bind(CHANNEL)
                .bind(messages)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    /// Hears other nodes for as long as the connection holds, and wakes who follows what they name.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn hear(&self) -> Result<()> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        // What was said while nobody listened stands in the log.
        self.wake_ups.wake_all();
        while let Some(message) = listener.try_recv().await? {
            if let Some((node, accounts)) = message.payload().split_once(' ')
                && Uuid::try_parse(node) != Ok(self.node)
            {
                self.wake_ups.wake_by(accounts);
            }
        }
        Err(sqlx::Error::PoolClosed.into())
    }
}

/// What to send: the node, and the accounts or [`ALL`].
fn messages(node: Uuid, accounts: &BTreeSet<AccountId>) -> Vec<String> {
    let node = node.simple();
    if accounts.len() > MOST_UNSENT {
        return vec![format!("{node} {ALL}")];
    }
    let ids: Vec<String> = accounts.iter().map(|account| account.uuid().simple().to_string()).collect();
    ids.chunks(ACCOUNTS_PER_MESSAGE).map(|ids| format!("{node} {}", ids.join(","))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::new(Uuid::from_u128(number))
    }

    fn is_woken(followed: &mut Followed) -> bool {
        let woken = followed.woken.has_changed().unwrap();
        followed.reset();
        woken
    }

    #[test]
    fn a_commit_wakes_those_who_follow_its_accounts_and_nobody_else() {
        let wake_ups = WakeUps::new(false);
        let (mut one, mut same, mut other) =
            (wake_ups.follow(account(1)), wake_ups.follow(account(1)), wake_ups.follow(account(2)));
        let committed = wake_ups.committed_here();
        wake_ups.committed(&[account(1), account(3)]);
        assert!(is_woken(&mut one) && is_woken(&mut same) && !is_woken(&mut other));
        assert!(committed.has_changed().unwrap());
        wake_ups.wake_by(&format!("{},rubbish", Uuid::from_u128(2).simple()));
        assert!(!is_woken(&mut one) && is_woken(&mut other));
        wake_ups.wake_by(ALL);
        assert!(is_woken(&mut one) && is_woken(&mut other));
    }

    #[test]
    fn an_account_is_forgotten_when_its_last_follower_leaves() {
        let wake_ups = WakeUps::new(false);
        let (one, two) = (wake_ups.follow(account(1)), wake_ups.follow(account(1)));
        drop(one);
        assert_eq!(wake_ups.followed().len(), 1);
        drop(two);
        assert!(wake_ups.followed().is_empty());
    }

    #[test]
    fn what_waits_to_be_told_to_other_nodes_is_bounded_and_so_is_each_message() {
        let wake_ups = WakeUps::new(true);
        let some: Vec<AccountId> = (0..450).map(account).collect();
        wake_ups.committed(&some);
        let unsent = wake_ups.0.unsent.as_ref().unwrap();
        let sent = messages(Uuid::nil(), &lock(&unsent.accounts));
        assert_eq!(sent.len(), 3);
        assert!(sent.iter().all(|message| message.len() < 8_000));
        wake_ups.committed(&(0..1_000_000).map(account).collect::<Vec<_>>());
        assert!(lock(&unsent.accounts).len() <= MOST_UNSENT + 1);
        wake_ups.committed(&(5_000_000..5_010_000).map(account).collect::<Vec<_>>());
        let sent = messages(Uuid::nil(), &lock(&unsent.accounts));
        assert_eq!(sent, [format!("{} *", Uuid::nil().simple())]);
    }
}
