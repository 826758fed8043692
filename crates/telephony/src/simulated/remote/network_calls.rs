//! The calls of the network and what it has seen of them, as a pure state machine.

use std::collections::HashMap;

use domain::AttemptId;
use jiff::Timestamp;

use super::{
    messages::Invite,
    traffic::{NetworkTraffic, NodeTraffic, TrafficCall},
};
use crate::{
    CallReport,
    simulated::calls::{SimulatedCalls, planned},
};

/// The most calls that are remembered. INVITEs beyond it are heard by nobody.
const MOST_CALLS: usize = 200_000;

/// A network.
#[derive(Debug, Default)]
pub(super) struct NetworkCalls {
    calls: SimulatedCalls,
    traffic: NetworkTraffic,
    /// Where each call is in `traffic`.
    places: HashMap<AttemptId, usize>,
}

impl NetworkCalls {
    /// Takes the INVITE of a call; one that is there already is only counted.
    pub(super) fn invite(&mut self, node: u32, invite: &Invite, now: Timestamp) {
        self.node(node).invites += 1;
        let Invite { attempt, line, callee, .. } = *invite;
        if let Some(call) = self.places.get(&attempt).and_then(|place| self.traffic.calls.get_mut(*place)) {
            call.invites += 1;
            return;
        }
        let place = self.traffic.calls.len();
        if place == MOST_CALLS
            || self.calls.place(attempt, planned(&invite.call(), invite.on_machine, now)).is_err()
        {
            return;
        }
        self.places.insert(attempt, place);
        self.traffic.calls.push(TrafficCall {
            attempt,
            node,
            line,
            callee,
            invites: 1,
            at: now,
            answered_at: None,
            ended_at: None,
            code: None,
        });
    }

    /// Ends a call, whosever it is.
    pub(super) fn end(&mut self, node: u32, attempt: AttemptId, now: Timestamp) {
        let call = self.places.get(&attempt).and_then(|place| self.traffic.calls.get(*place));
        let (is_under_way, is_ringing) =
            call.map_or((false, false), |call| (call.is_under_way(), call.is_ringing()));
        let did = self.node(node);
        match (is_under_way, is_ringing) {
            (true, true) => did.cancels += 1,
            (true, false) => did.byes += 1,
            (false, _) => did.idle_ends += 1,
        }
        self.calls.end(attempt, now);
    }

    /// What has happened up to now, each with the node that is told.
    pub(super) fn reports(&mut self, now: Timestamp) -> Vec<(u32, CallReport)> {
        let reports = self.calls.reports(now);
        reports.into_iter().filter_map(|report| Some((self.note(&report)?, report))).collect()
    }

    fn note(&mut self, report: &CallReport) -> Option<u32> {
        let call = self.traffic.calls.get_mut(*self.places.get(&report.attempt)?)?;
        call.note(report);
        Some(call.node)
    }

    fn node(&mut self, node: u32) -> &mut NodeTraffic {
        self.traffic.nodes.entry(node).or_default()
    }

    /// What it has seen.
    pub(super) fn traffic(&self) -> NetworkTraffic {
        self.traffic.clone()
    }
}

#[cfg(test)]
mod tests {
    use domain::{AnsweredBy, LineId, OnMachine, OutcomeClass};
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn invite(number: u128, class: OutcomeClass) -> Invite {
        let (attempt, line) = (AttemptId::new(Uuid::from_u128(number)), LineId::new(Uuid::from_u128(1)));
        Invite {
            attempt,
            line,
            callee: 8_613_800_000_000,
            class,
            ring: 2,
            talk: 10,
            by: AnsweredBy::Human,
            on_machine: OnMachine::Continue,
        }
    }

    #[test]
    fn it_counts_what_nodes_do_and_lets_each_end_the_calls_of_others() {
        let mut calls = NetworkCalls::default();
        let (answered, endless) = (invite(1, OutcomeClass::Answered), invite(2, OutcomeClass::Unknown));
        calls.invite(7, &answered, at(0));
        calls.invite(7, &answered, at(1));
        calls.invite(8, &endless, at(1));
        assert_eq!(calls.reports(at(3)).iter().filter(|(node, _)| *node == 7).count(), 2);
        let line = answered.line;
        assert_eq!((calls.traffic().under_way(), calls.traffic().ringing()), (2, 1));
        calls.end(9, answered.attempt, at(4));
        calls.end(9, endless.attempt, at(4));
        let ends = calls.reports(at(5));
        calls.end(7, answered.attempt, at(5));
        assert!(ends.iter().all(|(_, report)| report.event.is_end() && report.at == at(4)));
        assert_eq!(ends.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [7, 8]);
        let seen = calls.traffic();
        assert_eq!(
            (seen.under_way(), seen.most_at_once(line), seen.most_starts_in_a_second(line)),
            (0, 2, 1)
        );
        assert_eq!(seen.by_number()[&answered.callee].iter().map(|call| call.invites).sum::<u32>(), 3);
        assert_eq!((seen.nodes[&7].invites, seen.nodes[&7].idle_ends), (2, 1));
        assert_eq!((seen.nodes[&9].cancels, seen.nodes[&9].byes), (1, 1));
    }
}
