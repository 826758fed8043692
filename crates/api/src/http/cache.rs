//! The read cache: answers that depend on the database alone, compiled groups, and whom tokens speak for.
//!
//! Each entry is stored with the [`Snapshot`] that was taken before it was read, and is given only to requests that find
//! the database in the same state. So no answer is older than its request, whichever process wrote last, and any write
//! makes all entries useless at once. Where the store has no snapshot to give, nothing is cached.

use std::sync::Arc;

use domain::{AccountId, CompiledGroup, DialTimeGroupId, TokenHash};
use quick_cache::{Weighter, sync::Cache};
use store::{Page, Snapshot, partners::Authority};

use crate::http::envelope::Outcome;

/// The most tokens that are cached, each with an account it was used for: none takes more than a kilobyte.
const AUTHORITIES: usize = 10_000;
/// About how many bytes of compiled groups are cached.
const GROUP_BYTES: u64 = 64 * 1024 * 1024;
/// About how much a group takes beside its schedule. The windows and exceptions it is compiled from take less than the schedule.
const GROUP_OVERHEAD: usize = 1024;
/// About how many bytes of answers are cached.
const ANSWER_BYTES: u64 = 64 * 1024 * 1024;
/// About how much an answer takes beside its payload.
const ANSWER_OVERHEAD: usize = 256;

/// A token, and the user and the sub-user it is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccessClaim {
    pub(crate) token: TokenHash,
    pub(crate) user: Option<AccountId>,
    pub(crate) sub_user: Option<AccountId>,
}

/// An answer that can be cached, by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CachedAnswer {
    /// A page of all groups of an account, as the list shows them when nothing more is asked for.
    Groups(AccountId, Page),
    /// A group of an account.
    Group(AccountId, DialTimeGroupId),
}

/// A group's id names a group only together with its account.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CompiledGroupKey {
    account: AccountId,
    group: DialTimeGroupId,
}

/// Caches of bounded size; the least useful entries go first.
pub(crate) struct ReadCache {
    authorities: Cache<AccessClaim, CacheEntry<Arc<Authority>>>,
    groups: Cache<CompiledGroupKey, CacheEntry<WeighedGroup>, CachedBytes>,
    answers: Cache<CachedAnswer, CacheEntry<Outcome>, CachedBytes>,
}

/// A compiled group, and about how many bytes it took when it was cached. Its schedule grows as more years are asked about, and the
/// cache, which adds up and takes away these, must be told the same each time.
#[derive(Clone)]
struct WeighedGroup {
    group: Arc<CompiledGroup>,
    bytes: u64,
}

impl WeighedGroup {
    fn new(group: Arc<CompiledGroup>) -> Self {
        let bytes = u64::try_from(2 * group.schedule.size_in_bytes() + GROUP_OVERHEAD).unwrap_or(u64::MAX);
        Self { group, bytes }
    }
}

/// A value, and the state of the database it was read from.
#[derive(Clone)]
struct CacheEntry<T> {
    snapshot: Snapshot,
    value: T,
}

impl<T> CacheEntry<T> {
    fn if_current(self, now: Option<Snapshot>) -> Option<T> {
        (now == Some(self.snapshot)).then_some(self.value)
    }
}

impl ReadCache {
    pub(crate) fn new() -> Self {
        let (answers, groups) = (expected(ANSWER_BYTES, 1024), expected(GROUP_BYTES, 32 * 1024));
        Self {
            authorities: Cache::new(AUTHORITIES),
            groups: Cache::with_weighter(groups, GROUP_BYTES, CachedBytes),
            answers: Cache::with_weighter(answers, ANSWER_BYTES, CachedBytes),
        }
    }

    pub(crate) fn authority(&self, now: Option<Snapshot>, claim: &AccessClaim) -> Option<Arc<Authority>> {
        self.authorities.get(claim)?.if_current(now)
    }

    /// `before` was taken before `authority` was read.
    pub(crate) fn store_authority(
        &self,
        before: Option<Snapshot>,
        claim: AccessClaim,
        authority: &Arc<Authority>,
    ) {
        if let Some(snapshot) = before {
            self.authorities.insert(claim, CacheEntry { snapshot, value: authority.clone() });
        }
    }

    pub(crate) fn group(
        &self,
        now: Option<Snapshot>,
        account: AccountId,
        group: DialTimeGroupId,
    ) -> Option<Arc<CompiledGroup>> {
        let weighed = self.groups.get(&CompiledGroupKey { account, group })?.if_current(now)?;
        Some(weighed.group)
    }

    /// `before` was taken before `group` was read.
    pub(crate) fn store_group(&self, before: Option<Snapshot>, group: &Arc<CompiledGroup>) {
        if let Some(snapshot) = before {
            let key = CompiledGroupKey { account: group.group.account_id, group: group.group.id };
            self.groups.insert(key, CacheEntry { snapshot, value: WeighedGroup::new(group.clone()) });
        }
    }

    pub(crate) fn answer(&self, now: Option<Snapshot>, about: CachedAnswer) -> Option<Outcome> {
        self.answers.get(&about)?.if_current(now)
    }

    /// `before` was taken before what the answer says was read.
    pub(crate) fn store_answer(&self, before: Option<Snapshot>, about: CachedAnswer, answer: &Outcome) {
        if let Some(snapshot) = before {
            self.answers.insert(about, CacheEntry { snapshot, value: answer.clone() });
        }
    }
}

/// How many items are expected to fill so many bytes.
fn expected(bytes: u64, each: u64) -> usize {
    usize::try_from(bytes / each).unwrap_or(usize::MAX)
}

/// Weighs entries by their size.
#[derive(Clone)]
struct CachedBytes;

impl Weighter<CompiledGroupKey, CacheEntry<WeighedGroup>> for CachedBytes {
    fn weight(&self, _: &CompiledGroupKey, group: &CacheEntry<WeighedGroup>) -> u64 {
        group.value.bytes
    }
}

impl Weighter<CachedAnswer, CacheEntry<Outcome>> for CachedBytes {
    fn weight(&self, _: &CachedAnswer, answer: &CacheEntry<Outcome>) -> u64 {
        let payload = match &answer.value {
            Outcome::Success { data: Some(data), .. } => data.get().len(),
            _ => 0,
        };
        u64::try_from(payload + ANSWER_OVERHEAD).unwrap_or(u64::MAX)
    }
}
