//! The calls that the other side may send something for, by their Call-ID, and from where: what comes from elsewhere is not for them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{CallTrace, Clock, TracedMessage};
use jiff::Timestamp;
use rsipstack::{sip::Host, transport::SipAddr};
use tokio::sync::{mpsc, oneshot};

/// From how many addresses answers of one call are taken note of.
const MOST_SOURCES: usize = 8;

/// The calls that are under way.
#[derive(Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<HashMap<String, CallPeer>>>);

/// What the other side of a call asks of it.
#[derive(Debug)]
pub(crate) enum PeerRequest {
    /// To agree on other sound.
    Sound(OfferedSound),
    /// Nothing more: it hung up, and was answered. The cause by Q.850 that it gave.
    Bye(Option<u8>),
}

/// What the other side of a call offers, to be answered; the answer is dropped where it is refused.
#[derive(Debug)]
pub(crate) struct OfferedSound {
    pub(crate) offer: Vec<u8>,
    pub(crate) answer: oneshot::Sender<Vec<u8>>,
}

struct CallPeer {
    sources: Vec<IpAddr>,
    requests: mpsc::Sender<PeerRequest>,
    /// With the clock that says when; `None`: it is not kept.
    trace: Option<(CallTrace, Arc<dyn Clock>)>,
}

/// That a call is under way; it is no longer when this is dropped.
pub(crate) struct KnownCall {
    peers: Peers,
    call_id: String,
}

impl Peers {
    fn calls(&self) -> MutexGuard<'_, HashMap<String, CallPeer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a call, and who answers what the other side asks of it. It is traced by a clock, if there is one.
    pub(crate) fn begin(
        &self,
        call_id: &str,
        requests: mpsc::Sender<PeerRequest>,
        trace_by: Option<Arc<dyn Clock>>,
    ) -> KnownCall {
        let trace = trace_by.map(|clock| (CallTrace::default(), clock));
        self.calls().insert(call_id.to_owned(), CallPeer { sources: Vec::new(), requests, trace });
        KnownCall { peers: self.clone(), call_id: call_id.to_owned() }
    }

    /// Takes note of where an answer to a call's requests came from.
    pub(crate) fn note_answer(&self, call_id: &str, from: IpAddr) {
        if let Some(CallPeer { sources, .. }) = self.calls().get_mut(call_id)
            && !sources.contains(&from)
            && sources.len() < MOST_SOURCES
        {
            sources.push(from);
        }
    }

    /// Takes note of a message of a call that is traced. `from`: who sent it, if it was not us; of strangers nothing is noted. The message is
    /// written out only where that is asked for.
    pub(crate) fn trace(
        &self,
        call_id: &str,
        from: Option<IpAddr>,
        message: impl FnOnce(Timestamp) -> TracedMessage,
    ) {
        if let Some(CallPeer { sources, trace: Some((trace, clock)), .. }) = self.calls().get_mut(call_id)
            && from.is_none_or(|from| sources.contains(&from))
        {
            let mut message = message(clock.now());
            // The stack does not say where an answer goes: back where its request came from.
            if message.peer.is_empty()
                && let Some(last) = trace.messages.last()
            {
                message.peer.clone_from(&last.peer);
                message.transport = last.transport;
            }
            trace.add(message);
        }
    }

    /// Whether a request of a call may come from there: from where its answers came.
    pub(crate) fn may_send(&self, call_id: &str, from: IpAddr) -> bool {
        self.calls().get(call_id).is_some_and(|call| call.sources.contains(&from))
    }

    /// Whether a call is under way of which answers came from there.
    pub(crate) fn knows(&self, from: IpAddr) -> bool {
        self.calls().values().any(|call| call.sources.contains(&from))
    }

    fn requests(&self, call_id: &str) -> Option<mpsc::Sender<PeerRequest>> {
        Some(self.calls().get(call_id)?.requests.clone())
    }

    /// What a call says to an offer of its other side; `None`: it refuses it, or is over.
    pub(crate) async fn answer_offer(&self, call_id: &str, offer: Vec<u8>) -> Option<Vec<u8>> {
        let requests = self.requests(call_id)?;
        let (answer, answered) = oneshot::channel();
        requests.try_send(PeerRequest::Sound(OfferedSound { offer, answer })).ok()?;
        answered.await.ok()
    }

    /// Tells a call that its other side has hung up.
    pub(crate) async fn hang_up(&self, call_id: &str, q850: Option<u8>) {
        if let Some(requests) = self.requests(call_id) {
            // One that has ended meanwhile need not know.
            let _ = requests.send(PeerRequest::Bye(q850)).await;
        }
    }
}

impl KnownCall {
    /// The messages so far, which are then forgotten; `None`: they are not kept.
    pub(crate) fn take_trace(&self) -> Option<CallTrace> {
        Some(self.peers.calls().get_mut(&self.call_id)?.trace.take()?.0)
    }
}

impl Drop for KnownCall {
    fn drop(&mut self) {
        self.peers.calls().remove(&self.call_id);
    }
}

/// Where a message came from.
pub(crate) fn source(address: &SipAddr) -> Option<IpAddr> {
    match address.addr.host {
        Host::IpAddr(address) => Some(address),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::SipTransport;
    use jiff::Timestamp;

    use super::*;

    struct SetClock;

    impl Clock for SetClock {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    #[tokio::test]
    async fn a_call_hears_only_those_who_answered_it() {
        let peers = Peers::default();
        let address = |last| IpAddr::from([127, 0, 0, last]);
        let (offers, mut offered) = mpsc::channel(1);
        let call = peers.begin("a@b", offers, Some(Arc::new(SetClock)));
        peers.note_answer("a@b", address(1));
        peers.note_answer("c@d", address(2));
        assert!(peers.may_send("a@b", address(1)) && !peers.may_send("a@b", address(2)));
        assert!(!peers.may_send("c@d", address(2)));
        assert!(peers.knows(address(1)) && !peers.knows(address(2)));
        let answering = async {
            let Some(PeerRequest::Sound(OfferedSound { offer, answer })) = offered.recv().await else {
                panic!("nothing was offered")
            };
            answer.send([offer, b"!".to_vec()].concat()).unwrap();
        };
        let (answer, ()) = tokio::join!(peers.answer_offer("a@b", b"hold".to_vec()), answering);
        assert_eq!(answer.as_deref(), Some(b"hold!".as_slice()));
        let message = |text: &str| TracedMessage {
            at: Timestamp::UNIX_EPOCH,
            is_sent: false,
            transport: SipTransport::Udp,
            peer: String::new(),
            text: text.to_owned(),
            leg: None,
        };
        peers.trace("a@b", Some(address(1)), |_| message("180"));
        peers.trace("a@b", Some(address(2)), |_| message("forged"));
        peers.trace("c@d", None, |_| message("of nobody"));
        assert_eq!(call.take_trace().unwrap().messages, [message("180")]);
        drop(call);
        assert!(!peers.may_send("a@b", address(1)));
        assert_eq!(peers.answer_offer("a@b", Vec::new()).await, None);
    }
}
