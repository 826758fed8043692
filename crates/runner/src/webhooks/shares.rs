//! Who may have how much of what one node sends with, so that receivers that hang delay nobody else's deliveries.
//!
//! A partner may have a quarter of as many slots as are then still free: one alone has a fifth of all, two a sixth each, and
//! so on. So there is room for the next partner, however many receivers of one hang. Those that are known to fail have at
//! most half of all slots together, and one receiver host of a partner has a few.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::PartnerId;
use url::Url;

/// How many slots one partner's deliveries to one receiver host may have.
const SLOTS_PER_HOST: usize = 8;

/// How many times more slots must be free than a partner has.
const FREE_FOR_ONE: usize = 4;

/// The slots of one kind of work.
#[derive(Clone, Debug)]
pub(super) struct Shares(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    slots: usize,
    all: usize,
    failing: usize,
    partners: HashMap<PartnerId, usize>,
    hosts: HashMap<(PartnerId, String), usize>,
}

/// A slot, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    shares: Shares,
    host: (PartnerId, String),
    failing: bool,
}

impl Shares {
    pub(super) fn new(slots: usize) -> Self {
        let (partners, hosts) = (HashMap::new(), HashMap::new());
        Self(Arc::new(Mutex::new(Taken { slots, all: 0, failing: 0, partners, hosts })))
    }

    /// Takes a slot to send to a partner's receiver, if its share allows. `failing` says whether the receiver is known
    /// to fail.
    pub(super) fn take(&self, partner: PartnerId, url: &str, failing: bool) -> Option<Slot> {
        let host = (partner, host_of(url));
        let mut taken = self.taken();
        if !taken.allows(&host, failing) {
            return None;
        }
        taken.all += 1;
        taken.failing += usize::from(failing);
        *taken.partners.entry(partner).or_default() += 1;
        *taken.hosts.entry(host.clone()).or_default() += 1;
        drop(taken);
        Some(Slot { shares: self.clone(), host, failing })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn allows(&self, host: &(PartnerId, String), failing: bool) -> bool {
        let free = self.slots - self.all;
        let of_partner = self.partners.get(&host.0).copied().unwrap_or(0);
        let of_host = self.hosts.get(host).copied().unwrap_or(0);
        let room_for_failing = !failing || self.failing < self.slots / 2;
        of_partner * FREE_FOR_ONE < free && of_host < SLOTS_PER_HOST && room_for_failing
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        taken.all -= 1;
        taken.failing -= usize::from(self.failing);
        give_back(&mut taken.partners, &self.host.0);
        give_back(&mut taken.hosts, &self.host);
    }
}

/// Counts one less; what is zero is forgotten.
fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// Host and port; all addresses that cannot be read count as one.
fn host_of(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return String::new() };
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn partner(number: u128) -> PartnerId {
        PartnerId::new(Uuid::from_u128(number))
    }

    /// As many slots as a partner gets, each for a host of its own.
    fn take_all(shares: &Shares, partner: PartnerId, failing: bool) -> Vec<Slot> {
        let url = |number| format!("https://host{number}.example.com/hook");
        (0..1_000).filter_map(|number| shares.take(partner, &url(number), failing)).collect()
    }

    #[test]
    fn there_is_room_for_the_next_partner() {
        let shares = Shares::new(200);
        let mut held = Vec::new();
        for number in 0..15 {
            let slots = take_all(&shares, partner(number), false);
            assert!((1..=40).contains(&slots.len()), "partner {number} has {}", slots.len());
            held.push(slots);
        }
        held.clear();
        assert!(shares.taken().partners.is_empty() && shares.taken().hosts.is_empty());
        assert_eq!(take_all(&shares, partner(1), false).len(), 40, "what was given back is there again");
    }

    #[test]
    fn partners_that_ask_in_turns_get_alike() {
        let shares = Shares::new(200);
        let mut held: [Vec<Slot>; 3] = Default::default();
        for round in 0..200 {
            for (number, slots) in (0..).zip(&mut held) {
                slots.extend(shares.take(
                    partner(number),
                    &format!("https://host{round}.example.com"),
                    false,
                ));
            }
        }
        assert_eq!(held.map(|slots| slots.len()), [29, 29, 29]);
    }

    #[test]
    fn those_that_fail_have_half_of_all_at_most() {
        let shares = Shares::new(200);
        let held: Vec<Vec<Slot>> = (0..300).map(|number| take_all(&shares, partner(number), true)).collect();
        assert_eq!(held.iter().map(Vec::len).sum::<usize>(), 100);
        assert!(shares.take(partner(300), "https://good.example.com", false).is_some());
    }

    #[test]
    fn one_host_of_a_partner_has_a_few() {
        let shares = Shares::new(200);
        let take =
            |partner, url| (0..100).map_while(|_| shares.take(partner, url, false)).collect::<Vec<_>>();
        let first = take(partner(1), "https://example.com/a");
        assert_eq!(first.len(), SLOTS_PER_HOST);
        assert!(
            shares.take(partner(1), "https://example.com:443/b", false).is_none(),
            "the same host and port"
        );
        assert!(shares.take(partner(1), "https://example.com:8443/a", false).is_some());
        assert_eq!(
            take(partner(2), "https://example.com/a").len(),
            SLOTS_PER_HOST,
            "another partner has its own"
        );
    }
}
