//! Answers to INVITEs of processes that are gone: who picked up says so for half a minute, and there is no transaction that would hear it. Only what
//! answers such an INVITE by its branch and its From tag is heard, which nobody knows but those it went to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rsipstack::sip::{CSeq, Method, Request, Response, StatusCodeKind, ToTypedHeader, prelude::HeadersExt};
use tokio::sync::mpsc;

/// How many answers to one INVITE wait until they are heard: they are repeated.
const MOST_WAITING: usize = 4;

/// The INVITEs that are being cancelled for processes that are gone, by their Call-ID.
#[derive(Clone, Default)]
pub(crate) struct LateAnswers(Arc<Mutex<HashMap<String, AwaitedInvite>>>);

struct AwaitedInvite {
    identity: InviteIdentity,
    answers: mpsc::Sender<Response>,
}

/// What an INVITE, its CANCEL and its answers have in common.
#[derive(PartialEq, Eq)]
struct InviteIdentity {
    branch: String,
    from_tag: String,
    sequence: u32,
}

impl InviteIdentity {
    fn of(message: &impl HeadersExt) -> Option<Self> {
        Some(Self {
            branch: message.via_header().ok()?.typed().ok()?.branch()?.to_string(),
            from_tag: message.from_header().ok()?.tag().ok()??.to_string(),
            sequence: message.cseq_header().ok()?.seq().ok()?,
        })
    }
}

/// The answers to one INVITE; they are heard until this is dropped.
pub(crate) struct AwaitedAnswers {
    invites: LateAnswers,
    call_id: String,
    answers: mpsc::Receiver<Response>,
}

impl LateAnswers {
    fn invites(&self) -> MutexGuard<'_, HashMap<String, AwaitedInvite>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears answers to the INVITE that this request cancels. `None`: it is heard already, or the request cancels none.
    pub(crate) fn to_invite_of(&self, cancel: &Request) -> Option<AwaitedAnswers> {
        let identity = InviteIdentity::of(cancel).filter(|_| cancel.method == Method::Cancel)?;
        let call_id = cancel.call_id_header().ok()?.value().to_owned();
        let mut invites = self.invites();
        if invites.contains_key(&call_id) {
            return None;
        }
        let (heard, answers) = mpsc::channel(MOST_WAITING);
        invites.insert(call_id.clone(), AwaitedInvite { identity, answers: heard });
        drop(invites);
        Some(AwaitedAnswers { invites: self.clone(), call_id, answers })
    }

    /// Takes note of an answer, if it says that somebody picked up whose INVITE is being cancelled.
    pub(crate) fn hear(&self, answer: &Response) {
        if answer.status_code.kind() != StatusCodeKind::Successful {
            return;
        }
        let Ok(call_id) = answer.call_id_header() else { return };
        let invites = self.invites();
        let Some(AwaitedInvite { identity, answers }) = invites.get(call_id.value()) else { return };
        let is_to_invite =
            answer.cseq_header().and_then(CSeq::method).is_ok_and(|method| method == Method::Invite);
        if is_to_invite && InviteIdentity::of(answer).as_ref() == Some(identity) {
            // Where there is no room, it comes again.
            let _ = answers.try_send(answer.clone());
        }
    }
}

impl AwaitedAnswers {
    /// The next answer.
    pub(crate) async fn next(&mut self) -> Option<Response> {
        self.answers.recv().await
    }
}

impl Drop for AwaitedAnswers {
    fn drop(&mut self) {
        self.invites.invites().remove(&self.call_id);
    }
}
