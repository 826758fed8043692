//! Lines that have to be registered: which of them this node keeps registered, and how they stand.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{AttemptId, Line, LineId, LineRegistration, Present};
use telephony::Carrier;

use super::{Calls, CallsState, LineOfNode};
use crate::{breaker::Turned, call::Call, transfer::Transfer};

/// A line that has to be registered.
#[derive(Clone, Debug)]
pub(super) struct RegisteringLine {
    /// As it is to be registered.
    line: Arc<Line>,
    /// Whether calls can go over it from here.
    is_registered: bool,
}

impl LineOfNode {
    /// Whether calls can go over it, as far as our own side and its registration go.
    pub(super) fn may_be_used(&self) -> bool {
        self.is_carried && self.registering.as_ref().is_none_or(|registering| registering.is_registered)
    }

    /// Takes note of the line as it is now. When it is another it has to be registered anew; one that is gone needs no registration.
    pub(super) fn know_registering(&mut self, line: Option<&Arc<Line>>) {
        let line = line.filter(|line| line.draft.settings.kind.registers());
        let known = self.registering.take();
        self.registering = line.map(|line| {
            let is_registered =
                known.is_some_and(|known| known.line.version == line.version && known.is_registered);
            RegisteringLine { line: Arc::clone(line), is_registered }
        });
    }

    /// The line, if this node is to keep it registered: no other node may start calls over it.
    fn to_register(&self, now: Present) -> Option<&Arc<Line>> {
        let registering = self.registering.as_ref().filter(|_| self.is_alone && self.has_share(now));
        registering.map(|registering| &registering.line)
    }
}

impl Calls {
    /// How lines stand with their registrars of which that is not written down; `None`: this node does not keep their registration any more.
    pub(crate) fn registrations(&self) -> Vec<(LineId, Option<LineRegistration>)> {
        self.state().registrations.iter().map(|(line, registration)| (*line, registration.clone())).collect()
    }

    /// Forgets these: they are written down.
    pub(crate) fn forget_registrations(&self, written: &[(LineId, Option<LineRegistration>)]) {
        let mut state = self.state();
        for (line, registration) in written {
            if state.registrations.get(line) == Some(registration) {
                state.registrations.remove(line);
            }
        }
    }

    /// Has it be written down under the node's new id which lines are down and which are registered: what was under the old one is gone.
    pub(crate) fn write_lines_anew(&self) {
        let mut state = self.state();
        let state = &mut *state;
        for (line, used) in &mut state.lines {
            used.written_step = None;
            state.turned.extend(used.breaker.failing().map(|class| (*line, Turned::Down(class))));
            if used.registering.as_ref().is_some_and(|registering| registering.is_registered) {
                state.registrations.entry(*line).or_insert(Some(LineRegistration::Registered));
            }
        }
    }

    /// The lines that have to be registered and are from here.
    pub(crate) fn registered(&self) -> HashSet<LineId> {
        let state = self.state();
        let registered = |used: &LineOfNode| used.registering.as_ref().is_some_and(|line| line.is_registered);
        state.lines.iter().filter(|(_, used)| registered(used)).map(|(line, _)| *line).collect()
    }

    /// Ends the transfers that want a line which has to be registered and is not from here: nobody is kept waiting for it.
    pub(crate) fn refuse_transfers_over_unregistered_lines(&self, now: Present) {
        let mut state = self.state();
        let is_in_vain = |(_, transfer): &(&Call, &Transfer)| {
            let used = state.lines.get(&transfer.line()).filter(|_| !transfer.has_channel());
            used.is_some_and(|used| !used.may_be_used())
        };
        let ended: Vec<AttemptId> =
            state.transfers().filter(is_in_vain).map(|(call, _)| call.attempt.id).collect();
        for attempt in ended {
            state.end_transfer(&*self.carrier, attempt, now);
        }
    }
}

impl CallsState {
    /// Has the carrier keep those lines registered that are this node's alone, for as long as it has its lease; and hears how they stand.
    pub(super) fn keep_registrations(&mut self, carrier: &dyn Carrier, now: Present) {
        let has_lease = self.may_start_until.is_some_and(|until| !until.is_over(now));
        let lines = self.lines.values().filter(|_| has_lease);
        let mut wanted: Vec<Arc<Line>> = lines.filter_map(|used| used.to_register(now)).cloned().collect();
        wanted.sort_unstable_by_key(|line| line.id);
        let kept: Vec<(LineId, i64)> = wanted.iter().map(|line| (line.id, line.version)).collect();
        if kept != self.kept_registered {
            carrier.keep_registered(&wanted);
            self.note_kept(kept);
        }
        for report in carrier.registration_reports() {
            let kept = &self.kept_registered;
            if kept.binary_search_by_key(&report.line, |(line, _)| *line).is_err() {
                continue;
            }
            self.set_registered(report.line, report.registration.is_registered());
            self.registrations.insert(report.line, Some(report.registration));
        }
    }

    /// Takes note of what is kept registered from now on. What was and is no longer, or was another version, is not registered.
    fn note_kept(&mut self, kept: Vec<(LineId, i64)>) {
        let versions: HashMap<LineId, i64> = kept.iter().copied().collect();
        for (line, version) in std::mem::replace(&mut self.kept_registered, kept) {
            if versions.get(&line) != Some(&version) {
                self.set_registered(line, false);
                self.registrations.insert(line, None);
            }
        }
    }

    fn set_registered(&mut self, line: LineId, is_registered: bool) {
        let registering = self.lines.get_mut(&line).and_then(|used| used.registering.as_mut());
        if let Some(registering) = registering {
            registering.is_registered = is_registered;
        }
    }
}
