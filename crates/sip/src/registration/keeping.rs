//! Keeps lines registered, each by a task of its own, for as long as the dialer wants that, and takes the registration back then.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{Line, LineKind, LineRegistration, Present, RegistrationFailure, SipTrunk};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    RegisterSender, Registrar,
    course::{RegistrarAnswer, RegistrationCourse, RegistrationStep},
    granted, is_taken,
};
use crate::{
    answer,
    asking::{AddressState, AskedAddress},
    keepers::NewKeeper,
    shared::{CarrierState, StackState},
    stack::Stack,
};

/// How long taking a registration back may take: what is not heard of ends by itself.
const TAKING_BACK: Duration = Duration::from_secs(2);

/// How often it is looked whether the clock or our own address is another.
const EVERY: Duration = Duration::from_secs(1);

/// How much of a registrar's words is kept.
const LONGEST_PHRASE: usize = 200;

/// Says that a registration is not being taken back any more, whatever becomes of its task.
struct TakenBack(Arc<CarrierState>);

impl Drop for TakenBack {
    fn drop(&mut self) {
        self.0.keepers.note_taken_back();
    }
}

/// Keeps a line registered until the end is wanted.
pub(crate) async fn keep(NewKeeper { line, end, doubt }: NewKeeper, shared: Arc<CarrierState>) {
    let taken_back = TakenBack(Arc::clone(&shared));
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return };
    let mut registering = Registering {
        line: &line,
        trunk,
        end: &end,
        doubt: &doubt,
        course: RegistrationCourse::new(trunk.addresses.len(), shared.chance(), shared.now()),
        shared: &shared,
        sender: None,
        asked: None,
        failure: RegistrationFailure::default(),
    };
    let until_end = async {
        loop {
            registering.go_on().await;
        }
    };
    tokio::select! {
        () = end.cancelled() => {}
        () = until_end => {}
    }
    if tokio::time::timeout(TAKING_BACK, registering.take_back()).await.is_err() {
        tracing::debug!(line = %line.id, "a registration could not be taken back in time");
    }
    drop(taken_back);
}

/// A line that is being registered.
struct Registering<'k> {
    line: &'k Line,
    trunk: &'k SipTrunk,
    end: &'k CancellationToken,
    doubt: &'k Notify,
    course: RegistrationCourse,
    shared: &'k CarrierState,
    /// Our own address with what requests from there have in common.
    sender: Option<(SocketAddr, RegisterSender)>,
    /// The address that was asked last and may have registered us.
    asked: Option<usize>,
    /// What the last registrar said that failed.
    failure: RegistrationFailure,
}

impl Registering<'_> {
    async fn go_on(&mut self) {
        match self.course.step(self.shared.now()) {
            RegistrationStep::Wait(due) => {
                tokio::select! {
                    () = tokio::time::sleep(due.left(self.shared.now()).min(EVERY)) => self.begin_again_elsewhere(),
                    () = self.doubt.notified() => self.course.doubt(self.shared.now()),
                }
            }
            RegistrationStep::Register { address, seconds } => {
                let asked = self.shared.now();
                let answer = self.register(address, seconds).await;
                self.course.hear(answer, asked, self.shared.now());
            }
        }
        self.tell(self.shared.now());
    }

    /// Tells how the line stands, once that is known: not while there is another address to ask at once.
    fn tell(&self, now: Present) {
        let address = self.course.registered_at(now);
        let is_asking = matches!(self.course.step(now), RegistrationStep::Register { .. });
        let registration = match address {
            Some(_) => Some(LineRegistration::Registered),
            None if is_asking => None,
            None => Some(LineRegistration::Failed(self.failure.clone())),
        };
        self.shared.keepers.note((self.line, self.end), registration, address);
    }

    /// What was granted to another address of ours is of no use.
    fn begin_again_elsewhere(&mut self) {
        let own = match &*self.shared.stack.borrow() {
            StackState::Running(stack) => stack.own,
            StackState::Asleep | StackState::Failed(_) => return,
        };
        if self.sender.as_ref().is_some_and(|(known, _)| *known != own) {
            self.sender = None;
            self.course.begin_again(self.shared.now());
        }
    }

    async fn register(&mut self, address: usize, seconds: u32) -> RegistrarAnswer {
        self.asked = Some(address);
        let stack = match self.shared.stack().await {
            Ok(stack) => stack,
            Err(words) => return self.fail(None, &words, None),
        };
        match self.ask(&stack, address, seconds).await {
            Some((AddressState::Answered { code, words, .. }, answered)) => {
                self.hear(&answered, (code, &words))
            }
            Some((AddressState::Silent, _)) => self.fail(None, "", None),
            Some((AddressState::Unreachable(words), _)) => self.fail(None, &words, None),
            None => self.fail(None, "the address cannot be called", None),
        }
    }

    /// Asks a registrar: what became of it, and what its answer means.
    async fn ask(
        &mut self,
        stack: &Stack,
        address: usize,
        seconds: u32,
    ) -> Option<(AddressState, RegistrarReply)> {
        let address = self.trunk.addresses.get(address)?;
        let asked = AskedAddress { line: self.line, trunk: self.trunk, address, own: stack.own };
        let registrar = Registrar::new(asked)?;
        let known = self.sender.take().filter(|(own, _)| *own == stack.own);
        let (own, mut sender) = known.unwrap_or_else(|| (stack.own, RegisterSender::new(stack)));
        let (answer, checked) = registrar.register(&mut sender, &stack.dialogs.endpoint, seconds).await;
        self.sender = Some((own, sender));
        let contact = registrar.own_address();
        let answered = RegistrarReply {
            granted: answer.as_ref().map_or(0, |answer| granted::granted_seconds(answer, &contact, seconds)),
            least: answer.as_ref().and_then(granted::least_seconds),
            left_alone: answer.as_ref().and_then(answer::wait_of_any),
        };
        Some((checked.state, answered))
    }

    fn hear(&mut self, answered: &RegistrarReply, (code, words): (u16, &str)) -> RegistrarAnswer {
        if (200..=299).contains(&code) && answered.granted > 0 {
            return RegistrarAnswer::Granted(answered.granted);
        }
        let failed = self.fail(Some(code), words, answered.left_alone);
        answered.least.map_or(failed, RegistrarAnswer::TooBrief)
    }

    fn fail(&mut self, code: Option<u16>, words: &str, left_alone: Option<Duration>) -> RegistrarAnswer {
        let phrase: String =
            words.chars().filter(|character| !character.is_control()).take(LONGEST_PHRASE).collect();
        let failure = RegistrationFailure { code, phrase };
        if self.failure != failure {
            tracing::warn!(line = %self.line.id, code, phrase = failure.phrase, "a line could not be registered");
        }
        self.failure = failure;
        RegistrarAnswer::Failed(left_alone)
    }

    /// Takes back whatever the registrar that was asked last may have granted.
    async fn take_back(&mut self) {
        let running = match &*self.shared.stack.borrow() {
            StackState::Running(stack) => Some(Arc::clone(stack)),
            StackState::Asleep | StackState::Failed(_) => None,
        };
        let address = self.course.registered_at(self.shared.now()).or(self.asked);
        let (Some(stack), Some(address)) = (running, address) else { return };
        let Some((state, _)) = self.ask(&stack, address, 0).await else { return };
        if !is_taken(&state) {
            let code = match state {
                AddressState::Answered { code, .. } => Some(code),
                _ => None,
            };
            tracing::debug!(line = %self.line.id, code, "a registration was not taken back");
        }
    }
}

/// What an answer means.
struct RegistrarReply {
    granted: u32,
    least: Option<u32>,
    left_alone: Option<Duration>,
}
