//! Attempts that have ended: the platform's records. A row is written once, with the counter of its hour, and never changed;
//! lists and statistics count by the counters, whatever there is.

mod counters;
mod list;
mod retention;
mod row;
mod write;

pub use self::{
    counters::{AttemptScope, CountsByOutcome, count_by_outcome},
    list::{AttemptFilter, NumberFilter, exists, get, list},
    retention::{Expiring, delete_before, expiring},
    write::record,
};
