//! What was erased, as it is returned.

use domain::ErasureId;
use serde::Serialize;
use store::erasure::Erased;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was erased of a number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedView {
    /// By which the audit knows it.
    erasure_id: Uuid,
    /// Rows of tasks' lists.
    #[schema(minimum = 0)]
    numbers: i64,
    /// Rows that are left, for they are being called now: erase it again when the calls have ended.
    #[schema(minimum = 0)]
    left_out: i64,
    /// Records of calls.
    #[schema(minimum = 0)]
    records: i64,
    /// Callbacks that named it.
    #[schema(minimum = 0)]
    callbacks: i64,
    /// Refused rows of imports; that they were refused, and why, stays.
    #[schema(minimum = 0)]
    refused_rows: i64,
    /// Entries of do-not-call.
    #[schema(minimum = 0)]
    entries: i64,
    /// Imports that have not ended: they leave it out from now on, and their files are deleted at their end.
    #[schema(minimum = 0)]
    running_imports: i64,
    /// Whether it is never called again.
    suppressed: bool,
}

impl ErasedView {
    pub(super) fn new(erasure_id: ErasureId, suppressed: bool, erased: Erased) -> Self {
        let Erased { numbers, left_out, records, callbacks, refused_rows, entries, running_imports } = erased;
        Self {
            erasure_id: erasure_id.uuid(),
            numbers,
            left_out,
            records,
            callbacks,
            refused_rows,
            entries,
            running_imports,
            suppressed,
        }
    }
}
