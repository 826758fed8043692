//! Bounds for work that is expensive or open to strangers, whether or not the operator set a rate limit: lookups of unknown
//! secrets for each address, and password hashes for each partner, of which no more run at once than there are cores.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::extract::ConnectInfo;
use domain::PartnerId;
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock as _};
use http::Extensions;
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::{password::HashMemory, problem::Problem};

/// How often something is allowed.
#[derive(Clone, Copy)]
struct Rate {
    each_second: u32,
    at_once: u32,
}

/// Lookups of unknown secrets for one address.
const LOOKUPS: Rate = Rate { each_second: 20, at_once: 200 };

/// Password hashes for one partner.
const HASHES: Rate = Rate { each_second: 10, at_once: 100 };

/// For how long a request waits for its turn to hash a password.
const TURN: Duration = Duration::from_secs(20);

/// The most addresses that are counted one by one; beyond that the others share one allowance.
const ADDRESSES: usize = 10_000;

/// How many secrets that were good before are remembered.
const KNOWN: usize = 10_000;

/// What is left of each allowance. Its memory is bounded.
pub(crate) struct Allowances {
    lookups: DefaultKeyedRateLimiter<IpAddr>,
    known: Cache<[u8; 32], ()>,
    hashes: DefaultKeyedRateLimiter<PartnerId>,
    hashing: Arc<Hashing>,
}

/// Turns to hash a password, as many as there are cores, and the memory for them. The memory is used again by the next in turn:
/// allocated anew, each thread that ever hashed would keep some.
struct Hashing {
    turns: Arc<Semaphore>,
    free: Mutex<Vec<HashMemory>>,
}

/// A turn to hash a password. Ends when it is dropped.
pub(crate) struct TurnToHash {
    _permit: OwnedSemaphorePermit,
    hashing: Arc<Hashing>,
    memory: HashMemory,
}

impl TurnToHash {
    /// The memory for the hash.
    pub(crate) fn memory(&mut self) -> &mut HashMemory {
        &mut self.memory
    }
}

impl Drop for TurnToHash {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        self.hashing.free.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

impl Allowances {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            lookups: limiter(LOOKUPS),
            known: Cache::new(KNOWN),
            hashes: limiter(HASHES),
            hashing: Arc::new(Hashing { turns: Arc::new(Semaphore::new(cores)), free: Mutex::default() }),
        }
    }

    /// Counts the lookup of a secret by its hash, unless it was good before: so clients with a good one do not suffer from others
    /// behind the same address, such as a proxy's.
    pub(crate) fn look_up(&self, peer: IpAddr, hash: &[u8; 32]) -> Result<(), Problem> {
        if self.known.get(hash).is_some() { Ok(()) } else { check(&self.lookups, &self.one_of_few(peer)) }
    }

    /// Remembers a secret that was good, by its hash.
    pub(crate) fn was_good(&self, hash: [u8; 32]) {
        self.known.insert(hash, ());
    }

    /// Waits for the turn to hash a password for a partner.
    pub(crate) async fn turn_to_hash(&self, partner: PartnerId) -> Result<TurnToHash, Problem> {
        check(&self.hashes, &partner)?;
        let hashing = self.hashing.clone();
        let Ok(Ok(permit)) = tokio::time::timeout(TURN, hashing.turns.clone().acquire_owned()).await else {
            return Err(Problem::Unavailable);
        };
        let memory = hashing.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Ok(TurnToHash { _permit: permit, hashing, memory })
    }

    /// The address, or a common one when there are too many to count one by one.
    fn one_of_few(&self, peer: IpAddr) -> IpAddr {
        if self.lookups.len() < ADDRESSES {
            return peer;
        }
        self.lookups.retain_recent();
        if self.lookups.len() < ADDRESSES { peer } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) }
    }
}

/// Counts one against a key's limit; the refusal says when there is room again.
pub(crate) fn check<K: Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Problem> {
    limiter.check_key(key).map(drop).map_err(|not_until| {
        let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
        Problem::TooManyRequests { retry_after: wait.as_secs() + 1 }
    })
}

fn limiter<K: Hash + Eq + Clone>(Rate { each_second, at_once }: Rate) -> DefaultKeyedRateLimiter<K> {
    let [each_second, at_once] =
        [each_second, at_once].map(|number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN));
    DefaultKeyedRateLimiter::keyed(Quota::per_second(each_second).allow_burst(at_once))
}

/// Whose connection a request came on: an address, or the network of one where everybody has many (IPv6).
pub(crate) fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    match peer.map(|ConnectInfo(peer)| peer.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came_from(address: &str) -> IpAddr {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 1)));
        peer(&extensions)
    }

    #[test]
    fn a_network_counts_as_one_where_everybody_has_many_addresses() {
        assert_eq!(came_from("2001:db8::1"), came_from("2001:db8::2"));
        assert_ne!(came_from("2001:db8::1"), came_from("2001:db8:1::1"));
        assert_ne!(came_from("192.0.2.1"), came_from("192.0.2.2"));
        assert_eq!(came_from("::ffff:192.0.2.1"), came_from("192.0.2.1"));
    }

    #[test]
    fn unknown_secrets_are_counted_for_each_address_and_good_ones_are_not() {
        let allowances = Allowances::new();
        let (here, there) = (came_from("192.0.2.1"), came_from("192.0.2.2"));
        allowances.was_good([1; 32]);
        let refused = |peer, hash| allowances.look_up(peer, &hash).is_err();
        assert!((0..1_000).any(|_| refused(here, [2; 32])), "it is bounded");
        assert!(!refused(here, [1; 32]), "whoever was known before");
        assert!(!refused(there, [2; 32]), "others");
    }

    #[test]
    fn the_memory_for_addresses_is_bounded() {
        let allowances = Allowances::new();
        for number in 0..u32::try_from(ADDRESSES + 1_000).unwrap() {
            let _ = allowances.look_up(IpAddr::V4(number.into()), &[2; 32]);
        }
        assert!(allowances.lookups.len() <= ADDRESSES + 1);
    }
}
