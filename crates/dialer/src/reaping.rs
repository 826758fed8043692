//! The reaper: ends what nodes had that are gone. Their phones are silenced first; then each attempt gets its outcome, and the numbers
//! that were only leased are due again.

use std::time::Duration;

use domain::{EndReason, NodeId, OutcomeClass};
use store::{Result, dialing};
use telephony::OrphanedCall;

use crate::{dialer::Dialer, writing::end_without_call};

/// How often nodes are looked for that are gone.
const EVERY: Duration = Duration::from_secs(1);

/// How many attempts, and how many leased numbers, are ended in one transaction.
const AT_ONCE: u32 = 500;

impl Dialer {
    /// Ends what nodes had whose lease has run out.
    pub(crate) async fn reap(&mut self) -> Result<()> {
        let now = self.now();
        let Some(lease) = self.lease.filter(|_| self.reap_at <= now.steady) else { return Ok(()) };
        self.reap_at = now.steady.saturating_add(EVERY);
        let is_alone = !self.parts.store.is_shared();
        if !is_alone {
            self.look_at_shares().await?;
        }
        if !is_alone && !self.has_answered_for_a_lease(now.steady) {
            return Ok(());
        }
        let mut read = self.parts.store.read().await?;
        let gone = dialing::expired(&mut read, lease.node, is_alone).await?;
        drop(read);
        for node in gone {
            while self.reap_some(node, is_alone).await? {}
            self.shares_at = Duration::ZERO;
        }
        Ok(())
    }

    /// Has lines be divided anew as soon as a node has come, or has given back what it had: no share waits for its renewal.
    async fn look_at_shares(&mut self) -> Result<()> {
        let holders = dialing::share_holders(&mut self.parts.store.read().await?).await?;
        if holders != self.share_holders {
            self.share_holders = holders;
            self.shares_at = Duration::ZERO;
        }
        Ok(())
    }

    /// While the database was away nobody could renew: no lease counts as run out before everybody had the time to.
    fn has_answered_for_a_lease(&self, now: Duration) -> bool {
        let lease = Duration::try_from(self.parts.settings.node_lease).unwrap_or(Duration::ZERO);
        self.answers_since.is_some_and(|since| since.saturating_add(lease) <= now)
    }

    /// Says whether there is more.
    async fn reap_some(&self, node: NodeId, is_alone: bool) -> Result<bool> {
        let mut tx = self.parts.store.begin().await?;
        if !dialing::lock_expired(&mut tx, node, is_alone).await? {
            return Ok(false);
        }
        let attempts = dialing::open_attempts_of_node(&mut tx, node, AT_ONCE).await?;
        let now = self.now();
        for attempt in &attempts {
            let was_answered = attempt.milestones.answered_at.is_some();
            let handle = attempt.handle.clone();
            let call = OrphanedCall { attempt: attempt.id, line: attempt.line_id, was_answered, handle };
            self.calls.silence(&call, now);
            for leg in attempt.legs.iter().filter(|leg| leg.end.is_none()) {
                let (was_answered, handle) = (leg.answered_at.is_some(), leg.handle.clone());
                let leg = OrphanedCall { attempt: attempt.id, line: leg.line_id, was_answered, handle };
                self.calls.silence(&leg, now);
            }
        }
        let ended = attempts.len();
        end_without_call(&mut tx, attempts, (OutcomeClass::Unknown, Some(EndReason::NodeDied)), now.wall)
            .await?;
        let released = dialing::release_all(&mut tx, node, AT_ONCE).await?;
        let is_done = ended == 0 && released == 0;
        if is_done {
            dialing::leave(&mut tx, node).await?;
        }
        tx.commit().await?;
        if ended > 0 {
            tracing::warn!(%node, calls = ended, "ended the calls of a node that is gone");
        }
        Ok(!is_done)
    }
}
