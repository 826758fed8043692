//! This node's lease, as the node itself may count on it: it ends earlier than the database says, by what asking for it took.

use std::time::Duration;

use domain::{Deadline, NodeId, Present};
use jiff::SignedDuration;

use crate::calls::LEASE_MARGIN;

/// A lease that this node has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeLease {
    /// Under which id.
    pub(crate) node: NodeId,
    /// Until when the node may start calls and write.
    pub(crate) ends: Deadline,
    /// When it is to be renewed.
    renew_at: Duration,
}

impl NodeLease {
    /// A lease of this length that was asked for at an instant.
    pub(crate) fn new(node: NodeId, asked: Present, lease: SignedDuration) -> Self {
        let third = Duration::try_from(lease).unwrap_or(Duration::ZERO) / 3;
        let usable = lease.saturating_sub(LEASE_MARGIN).max(SignedDuration::ZERO);
        Self { node, ends: asked.after(usable), renew_at: asked.steady.saturating_add(third) }
    }

    /// Whether it is time to renew it.
    pub(crate) fn is_due(&self, now: Present) -> bool {
        self.renew_at <= now.steady
    }
}
