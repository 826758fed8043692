//! Legs begin: whom a callee is connected with is decided in the transaction that writes the leg down, on what holds there and then, and only then
//! is anyone called.

use std::{sync::Arc, time::Duration};

use domain::{CallDeadlines, CallLeg, LegId, Line, LineId, LineKind, Present, TaskReason};
use jiff::SignedDuration;
use store::{
    Result, Tx,
    dialing::{self, ShareOfLine},
    stops,
};
use telephony::LegOrder;

use crate::{calls::LEASE_MARGIN, dialer::Dialer, transfer::WantedLeg};

/// How long before its start a leg may be written down.
const AHEAD: Duration = Duration::from_millis(50);

/// After this it is tried again where the account's share of the line is used up.
const PAUSE: Duration = Duration::from_millis(250);

/// What is decided of a leg.
enum LegDecision {
    /// It begins.
    Begin(Box<(CallLeg, LegOrder)>),
    /// Its user's share of the line is used up.
    Later,
    /// It may not begin.
    Never,
}

impl Dialer {
    /// Begins the legs that calls want and that may begin now.
    pub(crate) async fn begin_legs(&mut self) -> Result<()> {
        let now = self.now();
        if self.lease.is_none_or(|lease| lease.ends.is_over(now)) {
            return Ok(());
        }
        self.calls.refuse_transfers_over_unregistered_lines(now);
        let wanted = self.calls.take_transfers(now, now.steady.saturating_add(AHEAD));
        if wanted.is_empty() {
            return Ok(());
        }
        let decided = self.decide_legs(&wanted, now).await;
        let now = self.now();
        match decided {
            Ok(decided) => {
                for (wanted, decision) in wanted.into_iter().zip(decided) {
                    match decision {
                        LegDecision::Begin(begun) => self.calls.begin_leg(begun.0, begun.1, now),
                        LegDecision::Later => self.calls.put_off_transfer(wanted.attempt.id, PAUSE, now),
                        LegDecision::Never => self.calls.refuse_transfer(wanted.attempt.id, now),
                    }
                }
                Ok(())
            }
            Err(error) => {
                for wanted in wanted {
                    self.calls.put_off_transfer(wanted.attempt.id, PAUSE, now);
                }
                Err(error)
            }
        }
    }

    /// Decides on legs, and writes down those that begin.
    async fn decide_legs(&self, wanted: &[WantedLeg], now: Present) -> Result<Vec<LegDecision>> {
        let mut tx = self.parts.store.begin().await?;
        let holds_lease = match self.lease {
            Some(lease) => dialing::holds_lease(&mut tx, lease.node, LEASE_MARGIN).await?,
            None => false,
        };
        if !holds_lease {
            return Ok(wanted.iter().map(|_| LegDecision::Later).collect());
        }
        let mut shares = Vec::with_capacity(wanted.len());
        for WantedLeg { attempt, step, .. } in wanted {
            let share = dialing::share_of_line(&mut tx, attempt.user_id, LineId::new(step.line)).await?;
            shares.push(share.filter(|share| share.deadline_at.is_none_or(|deadline| now.wall < deadline)));
        }
        // All at once, in their order: nodes that begin legs at the same time do not wait for each other.
        let ids: Vec<_> = shares.iter().flatten().map(|share| share.allocation).collect();
        dialing::lock_shares(&mut tx, &ids).await?;
        let mut decided = Vec::with_capacity(wanted.len());
        for (wanted, share) in wanted.iter().zip(shares) {
            decided.push(match share {
                Some(share) => self.decide_leg(&mut tx, wanted, share, now).await?,
                None => LegDecision::Never,
            });
        }
        tx.commit().await?;
        Ok(decided)
    }

    async fn decide_leg(
        &self,
        tx: &mut Tx,
        wanted: &WantedLeg,
        share: ShareOfLine,
        now: Present,
    ) -> Result<LegDecision> {
        let (id, attempt) = (LineId::new(wanted.step.line), &wanted.attempt);
        let Some(line) = dialing::lines_by_id(tx, &[id]).await?.pop() else { return Ok(LegDecision::Never) };
        let stopped = stops::among(tx, &[attempt.account_id], &[id]).await?;
        let is_stopped = !stopped.accounts.is_empty() || !stopped.lines.is_empty();
        if is_stopped || !self.may_transfer(wanted, &line, now) {
            return Ok(LegDecision::Never);
        }
        let under_way = dialing::calls_under_way(tx, &[], &[attempt.user_id]).await?;
        if under_way.of_user_over(attempt.user_id, id) >= share.calls {
            return Ok(LegDecision::Later);
        }
        let (leg, order) = self.leg(wanted, line, now);
        let is_begun = dialing::begin_leg(tx, attempt, &leg).await?;
        Ok(if is_begun { LegDecision::Begin(Box::new((leg, order))) } else { LegDecision::Never })
    }

    /// Whether a call may be transferred over a line at all: it is the partner's, carries legs, and the account may dial.
    fn may_transfer(&self, wanted: &WantedLeg, line: &Line, now: Present) -> bool {
        let list = wanted.attempt.place.list;
        let task = self.directory.tasks.get(&list).unwrap_or(&wanted.task);
        let is_held = matches!(task.task.item.decide(now.wall).reason, TaskReason::Held(_));
        let carries = matches!(line.draft.settings.kind, LineKind::Sip(_));
        !is_held && carries && line.partner_id == task.task.partner
    }

    fn leg(&self, wanted: &WantedLeg, line: Line, now: Present) -> (CallLeg, LegOrder) {
        let WantedLeg { attempt, step, deadlines, .. } = wanted;
        let settings = &line.draft.settings;
        let ring_limit = SignedDuration::from_secs(step.ring.get().min(settings.ring_limit));
        let deadlines = CallDeadlines { latest_start: None, cancel_at: None, ring_limit, ..*deadlines };
        let leg = CallLeg {
            id: LegId::generate(&*self.parts.clock, &*self.parts.random),
            line_id: line.id,
            target: step.to.shown(),
            dialed_at: now.wall,
            ringing_at: None,
            answered_at: None,
            end: None,
            handle: None,
        };
        let order = LegOrder {
            attempt: attempt.id,
            leg: leg.id,
            target: step.to.clone(),
            caller: settings.caller_ids.numbers.first().cloned(),
            line: Arc::new(line),
            deadlines,
        };
        (leg, order)
    }
}
