//! What came of conversations: written while a call is under way and after its end, and counted beside the records from their end on.

mod counters;
mod find;
mod retention;
mod row;
mod write;

pub(super) use self::find::{ResultConditions, ResultSearch, after, conditions, count, page};
pub(super) use self::retention::delete_of;
pub(super) use self::write::note_ended;
pub use self::{
    counters::{CountsByResult, ResultKey, count_by_result},
    find::{ResultFilter, result, result_summaries},
    retention::{accounts_with_results_before, delete_results_before},
    row::{ResultSummary, StoredResult},
    write::{LockedResult, lock_result, save_result},
};
