//! The parameter by which what is edited is only shown.

use super::query::{Flag, NotEmpty, query_parameters};

query_parameters! {
    /// Whether it is only shown.
    pub(crate) struct DryRunQuery {
        /// Shows what would stop and start, and changes nothing.
        dry_run: NotEmpty<Flag>,
    }
}
