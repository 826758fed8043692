//! The audit logs of partners and accounts.

use super::{
    Row,
    Stranger::{NotFound, Own},
};

/// What is the partner's as a whole.
pub(super) const OF_PARTNER: &str = "/agent-api/audit";

pub(super) fn rows() -> Vec<Row> {
    vec![("get", OF_PARTNER, None, Own), ("get", "/agent-api/user/{user_id}/audit", None, NotFound)]
}
