//! Attempts that have ended: the platform's records. A row is written once, with the counter of its hour, and never changed;
//! lists and statistics count by the counters, whatever there is.

mod counters;
mod evidence;
mod line_slots;
mod list;
mod months;
mod quarters;
mod results;
mod retention;
mod row;
mod traces;
mod write;

pub(crate) use self::retention::{erase, is_any_of};
pub(crate) use self::write::{RecordedAttempt, record_with_evidence};
pub use self::{
    counters::{AttemptScope, CountsByOutcome, count_by_outcome},
    evidence::{StoredEvidence, decided_on, evidence},
    line_slots::{
        LINE_SLOT, LineCalls, delete_line_slots_before, last_line_faults, line_calls_since, line_slot_of,
        line_slots_since,
    },
    list::{AttemptFilter, NumberFilter, exists, get, list, list_after, owner},
    months::{drop_month, make_months},
    quarters::{QuarterCount, quarters},
    results::{
        CountsByResult, LockedResult, ResultFilter, ResultKey, ResultSummary, StoredResult,
        accounts_with_results_before, count_by_result, delete_results_before, lock_result, result,
        result_summaries, save_result,
    },
    retention::{Expiring, delete_before, expiring},
    traces::{EndedTrace, delete_traces_before, store_traces, trace},
    write::record,
};
