//! Attempts that have ended: the platform's records. A row is written once, with the counter of its hour, and never changed;
//! lists and statistics count by the counters, whatever there is.

mod counters;
mod evidence;
mod list;
mod quarters;
mod retention;
mod row;
mod write;

pub(crate) use self::retention::{erase, is_any_of};
pub(crate) use self::write::{RecordedAttempt, record_with_evidence};
pub use self::{
    counters::{AttemptScope, CountsByOutcome, count_by_outcome},
    evidence::{StoredEvidence, decided_on, evidence},
    list::{AttemptFilter, NumberFilter, exists, get, list, owner},
    quarters::{QuarterCount, quarters},
    retention::{Expiring, delete_before, expiring},
    write::record,
};
