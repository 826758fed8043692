//! What was read and is still true: answers that depend on nothing but the database, compiled groups, and who tokens
//! speak for.
//!
//! Everything is kept under the [`Snapshot`] that was taken before it was read, and given only to requests that find
//! the database in that very state. So nothing given is older than the request, whichever process wrote last; and
//! any write makes everything kept useless at once. Where the store tells no snapshot, nothing is kept.

use std::sync::Arc;

use domain::{AccountId, CompiledGroup, DialTimeGroupId, TokenHash};
use quick_cache::{Weighter, sync::Cache};
use store::{Page, Snapshot, partners::Authority};

use crate::http::envelope::Outcome;

/// How many tokens, each with an account it was used for, are kept: none takes more than a kilobyte.
const AUTHORITIES: usize = 10_000;
/// How many bytes of compiled groups are kept, about.
const GROUP_BYTES: u64 = 64 * 1024 * 1024;
/// What a group takes beside its schedule, about. The windows and exceptions it is compiled from take less than the schedule.
const GROUP_OVERHEAD: usize = 1024;
/// How many bytes of answers are kept, about.
const ANSWER_BYTES: u64 = 64 * 1024 * 1024;
/// What an answer takes beside its payload, about.
const ANSWER_OVERHEAD: usize = 256;

/// A token, and the user and the sub-user it is used for.
pub(crate) type Claim = (TokenHash, Option<AccountId>, Option<AccountId>);

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// A page of all groups of an account, as the list shows them when nothing more is asked for.
    Groups(AccountId, Page),
    /// A group of an account.
    Group(AccountId, DialTimeGroupId),
}

/// Bounded memory, least useful first to go.
pub(crate) struct Kept {
    authorities: Cache<Claim, (Snapshot, Arc<Authority>)>,
    groups: Cache<(AccountId, DialTimeGroupId), (Snapshot, Arc<CompiledGroup>), ByBytes>,
    answers: Cache<Subject, (Snapshot, Outcome), ByBytes>,
}

impl Kept {
    pub(crate) fn new() -> Self {
        let (answers, groups) = (expected(ANSWER_BYTES, 1024), expected(GROUP_BYTES, 32 * 1024));
        Self {
            authorities: Cache::new(AUTHORITIES),
            groups: Cache::with_weighter(groups, GROUP_BYTES, ByBytes),
            answers: Cache::with_weighter(answers, ANSWER_BYTES, ByBytes),
        }
    }

    pub(crate) fn authority(&self, now: Option<Snapshot>, claim: &Claim) -> Option<Arc<Authority>> {
        self.authorities.get(claim).and_then(|kept| still_true(now, kept))
    }

    /// `before` was taken before `authority` was read.
    pub(crate) fn keep_authority(&self, before: Option<Snapshot>, claim: Claim, authority: &Arc<Authority>) {
        if let Some(before) = before {
            self.authorities.insert(claim, (before, authority.clone()));
        }
    }

    pub(crate) fn group(
        &self,
        now: Option<Snapshot>,
        account: AccountId,
        id: DialTimeGroupId,
    ) -> Option<Arc<CompiledGroup>> {
        self.groups.get(&(account, id)).and_then(|kept| still_true(now, kept))
    }

    /// `before` was taken before `group` was read.
    pub(crate) fn keep_group(&self, before: Option<Snapshot>, group: &Arc<CompiledGroup>) {
        if let Some(before) = before {
            let key = (group.group.account_id, group.group.id);
            self.groups.insert(key, (before, group.clone()));
        }
    }

    pub(crate) fn answer(&self, now: Option<Snapshot>, subject: Subject) -> Option<Outcome> {
        self.answers.get(&subject).and_then(|kept| still_true(now, kept))
    }

    /// `before` was taken before what the answer says was read.
    pub(crate) fn keep_answer(&self, before: Option<Snapshot>, subject: Subject, answer: &Outcome) {
        if let Some(before) = before {
            self.answers.insert(subject, (before, answer.clone()));
        }
    }
}

/// How many items are expected to fill so many bytes.
fn expected(bytes: u64, each: u64) -> usize {
    usize::try_from(bytes / each).unwrap_or(usize::MAX)
}

fn still_true<T>(now: Option<Snapshot>, (then, value): (Snapshot, T)) -> Option<T> {
    (now == Some(then)).then_some(value)
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<(AccountId, DialTimeGroupId), (Snapshot, Arc<CompiledGroup>)> for ByBytes {
    fn weight(&self, _: &(AccountId, DialTimeGroupId), (_, group): &(Snapshot, Arc<CompiledGroup>)) -> u64 {
        u64::try_from(2 * group.schedule.size_in_bytes() + GROUP_OVERHEAD).unwrap_or(u64::MAX)
    }
}

impl Weighter<Subject, (Snapshot, Outcome)> for ByBytes {
    fn weight(&self, _: &Subject, (_, answer): &(Snapshot, Outcome)) -> u64 {
        let payload = match answer {
            Outcome::Success { data: Some(data), .. } => data.get().len(),
            _ => 0,
        };
        u64::try_from(payload + ANSWER_OVERHEAD).unwrap_or(u64::MAX)
    }
}
