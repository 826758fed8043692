//! Which lines are kept registered, and how they stand.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Line, LineId, LineKind, LineRegistration};
use telephony::RegistrationReport;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The lines that are kept registered.
#[derive(Default)]
pub(crate) struct Keepers(Mutex<KeepersState>);

#[derive(Default)]
struct KeepersState {
    lines: HashMap<LineId, Keeper>,
    reports: Vec<RegistrationReport>,
    /// How many registrations are being taken back.
    ending: usize,
}

/// What keeps a line registered.
struct Keeper {
    /// The line's, as it is registered.
    version: i64,
    end: CancellationToken,
    doubt: Arc<Notify>,
    registration: Option<LineRegistration>,
    /// The address at which it is registered.
    address: Option<usize>,
}

/// One that is to begin.
pub(crate) struct NewKeeper {
    pub(crate) line: Arc<Line>,
    /// Ends it.
    pub(crate) end: CancellationToken,
    /// Says that the registrar may have forgotten the line.
    pub(crate) doubt: Arc<Notify>,
}

impl Keepers {
    fn state(&self) -> MutexGuard<'_, KeepersState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends those of lines that are not among these, or are another version. Gives those that are to begin.
    pub(crate) fn become_these(&self, lines: &[Arc<Line>]) -> Vec<NewKeeper> {
        let mut state = self.state();
        let wanted: HashMap<LineId, i64> = lines.iter().map(|line| (line.id, line.version)).collect();
        let mut ended = Vec::new();
        state.lines.retain(|id, keeper| {
            let stays = wanted.get(id) == Some(&keeper.version);
            if !stays {
                keeper.end.cancel();
                ended.push(*id);
            }
            stays
        });
        state.ending += ended.len();
        state.reports.retain(|report| !ended.contains(&report.line));
        let mut begun = Vec::new();
        for line in lines.iter().filter(|line| matches!(line.draft.settings.kind, LineKind::Sip(_))) {
            if state.lines.contains_key(&line.id) {
                continue;
            }
            let (end, doubt) = (CancellationToken::new(), Arc::<Notify>::default());
            let keeper = Keeper {
                version: line.version,
                end: end.clone(),
                doubt: doubt.clone(),
                registration: None,
                address: None,
            };
            state.lines.insert(line.id, keeper);
            begun.push(NewKeeper { line: Arc::clone(line), end, doubt });
        }
        begun
    }

    /// The address at which a line is registered as it is here.
    pub(crate) fn registered_at(&self, line: &Line) -> Option<usize> {
        let state = self.state();
        state.lines.get(&line.id).filter(|keeper| keeper.version == line.version)?.address
    }

    /// Says that the registrar may have forgotten a line.
    pub(crate) fn doubt(&self, line: LineId) {
        if let Some(keeper) = self.state().lines.get(&line) {
            keeper.doubt.notify_one();
        }
    }

    /// How lines stand, where that has changed.
    pub(crate) fn take_reports(&self) -> Vec<RegistrationReport> {
        std::mem::take(&mut self.state().reports)
    }

    /// Whether registrations are being taken back.
    pub(crate) fn is_ending(&self) -> bool {
        self.state().ending > 0
    }

    /// Notes that a registration is not being taken back any more.
    pub(crate) fn note_taken_back(&self) {
        let mut state = self.state();
        state.ending = state.ending.saturating_sub(1);
    }

    /// Notes how a line stands, if that is known, and at which address it is registered.
    pub(crate) fn note(
        &self,
        (line, end): (&Line, &CancellationToken),
        registration: Option<LineRegistration>,
        address: Option<usize>,
    ) {
        let mut state = self.state();
        // Another may have begun meanwhile.
        let is_own = |keeper: &&mut Keeper| keeper.version == line.version && !end.is_cancelled();
        let Some(keeper) = state.lines.get_mut(&line.id).filter(is_own) else { return };
        keeper.address = address;
        let Some(registration) = registration else { return };
        if keeper.registration.as_ref() != Some(&registration) {
            keeper.registration = Some(registration.clone());
            // Only the last counts, so that reports are bounded by lines.
            state.reports.retain(|report| report.line != line.id);
            state.reports.push(RegistrationReport { line: line.id, registration });
        }
    }
}
