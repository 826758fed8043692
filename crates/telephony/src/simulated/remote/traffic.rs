//! What the network has seen.

use std::collections::{BTreeMap, HashMap};

use domain::{AttemptId, LineId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{CallEvent, CallReport};

/// Everything that nodes did, those that are gone included.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NetworkTraffic {
    /// Every call, in the order of their INVITEs.
    pub calls: Vec<TrafficCall>,
    /// What each process did, by its id.
    pub nodes: BTreeMap<u32, NodeTraffic>,
}

/// A call as the network saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrafficCall {
    /// Its attempt.
    pub attempt: AttemptId,
    /// The process that sent its INVITE.
    pub node: u32,
    /// Over which line.
    pub line: LineId,
    /// Who was called, by E.164 digits.
    pub callee: i64,
    /// How many INVITEs there were of it.
    pub invites: u32,
    /// When the first came.
    pub at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// With which SIP code it was refused; 487 when it was cancelled.
    pub code: Option<u16>,
}

/// What one process did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTraffic {
    /// INVITEs.
    pub invites: u32,
    /// CANCELs of calls that were there and unanswered.
    pub cancels: u32,
    /// BYEs of calls that were there and answered.
    pub byes: u32,
    /// CANCELs and BYEs of calls that were not there, or no longer.
    pub idle_ends: u32,
}

impl TrafficCall {
    /// Notes what happened to it.
    pub fn note(&mut self, report: &CallReport) {
        match &report.event {
            CallEvent::Answered => self.answered_at = Some(report.at),
            CallEvent::Refused(refusal) => self.code = refusal.cause.code,
            CallEvent::Endable(_)
            | CallEvent::Ringing
            | CallEvent::EarlyMedia
            | CallEvent::Judged(_)
            | CallEvent::JudgedEarly(_)
            | CallEvent::Reached(_)
            | CallEvent::Noted(_)
            | CallEvent::TransferWanted(_)
            | CallEvent::HungUp(_) => {}
        }
        if report.event.is_end() {
            self.ended_at = Some(report.at);
        }
    }

    /// Whether it is not over.
    pub const fn is_under_way(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether the phone rings.
    pub const fn is_ringing(&self) -> bool {
        self.is_under_way() && self.answered_at.is_none()
    }
}

impl NetworkTraffic {
    /// How many calls there are now.
    pub fn under_way(&self) -> usize {
        self.calls.iter().filter(|call| call.is_under_way()).count()
    }

    /// How many phones ring now.
    pub fn ringing(&self) -> usize {
        self.calls.iter().filter(|call| call.is_ringing()).count()
    }

    /// The calls of each number, in order.
    pub fn by_number(&self) -> HashMap<i64, Vec<&TrafficCall>> {
        let mut numbers: HashMap<i64, Vec<&TrafficCall>> = HashMap::new();
        for call in &self.calls {
            numbers.entry(call.callee).or_default().push(call);
        }
        numbers
    }

    /// The most calls at once over a line.
    pub fn most_at_once(&self, line: LineId) -> usize {
        let of_line = || self.calls.iter().filter(|call| call.line == line);
        // Where a call ends as another begins, its end comes first.
        let mut turns: Vec<(Timestamp, i8)> = of_line().map(|call| (call.at, 1)).collect();
        turns.extend(of_line().filter_map(|call| Some((call.ended_at?, -1))));
        turns.sort_unstable();
        let count = |now: &mut i64, (_, turn): (Timestamp, i8)| {
            *now += i64::from(turn);
            Some(*now)
        };
        let most = turns.into_iter().scan(0, count).max().unwrap_or(0);
        usize::try_from(most).unwrap_or(0)
    }

    /// The most starts over a line within any second.
    pub fn most_starts_in_a_second(&self, line: LineId) -> usize {
        let starts: Vec<Timestamp> =
            self.calls.iter().filter(|call| call.line == line).map(|call| call.at).collect();
        let within = |place: usize, from: Timestamp| {
            let until = from.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
            starts.iter().skip(place).take_while(|at| **at < until).count()
        };
        starts.iter().enumerate().map(|(place, from)| within(place, *from)).max().unwrap_or(0)
    }
}
