//! The calls that the other side may send something for, by their Call-ID, and from where: what comes from elsewhere is not for them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{mpsc, oneshot};

/// From how many addresses answers of one call are taken note of.
const MOST_SOURCES: usize = 8;

/// The calls that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peers(Arc<Mutex<HashMap<String, CallPeer>>>);

/// What the other side of a call offers, to be answered; the answer is dropped where it is refused.
#[derive(Debug)]
pub(crate) struct OfferedSound {
    pub(crate) offer: Vec<u8>,
    pub(crate) answer: oneshot::Sender<Vec<u8>>,
}

#[derive(Debug)]
struct CallPeer {
    sources: Vec<IpAddr>,
    offers: mpsc::Sender<OfferedSound>,
}

/// That a call is under way; it is no longer when this is dropped.
#[derive(Debug)]
pub(crate) struct KnownCall {
    peers: Peers,
    call_id: String,
}

impl Peers {
    fn calls(&self) -> MutexGuard<'_, HashMap<String, CallPeer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a call, and who answers what it is offered.
    pub(crate) fn begin(&self, call_id: &str, offers: mpsc::Sender<OfferedSound>) -> KnownCall {
        self.calls().insert(call_id.to_owned(), CallPeer { sources: Vec::new(), offers });
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

    /// Whether a request of a call may come from there: from where its answers came.
    pub(crate) fn may_send(&self, call_id: &str, from: IpAddr) -> bool {
        self.calls().get(call_id).is_some_and(|call| call.sources.contains(&from))
    }

    /// What a call says to an offer of its other side; `None`: it refuses it, or is over.
    pub(crate) async fn answer_offer(&self, call_id: &str, offer: Vec<u8>) -> Option<Vec<u8>> {
        let offers = self.calls().get(call_id)?.offers.clone();
        let (answer, answered) = oneshot::channel();
        offers.try_send(OfferedSound { offer, answer }).ok()?;
        answered.await.ok()
    }
}

impl Drop for KnownCall {
    fn drop(&mut self) {
        self.peers.calls().remove(&self.call_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_hears_only_those_who_answered_it() {
        let peers = Peers::default();
        let address = |last| IpAddr::from([127, 0, 0, last]);
        let (offers, mut offered) = mpsc::channel(1);
        let call = peers.begin("a@b", offers);
        peers.note_answer("a@b", address(1));
        peers.note_answer("c@d", address(2));
        assert!(peers.may_send("a@b", address(1)) && !peers.may_send("a@b", address(2)));
        assert!(!peers.may_send("c@d", address(2)));
        let answering = async {
            let OfferedSound { offer, answer } = offered.recv().await.unwrap();
            answer.send([offer, b"!".to_vec()].concat()).unwrap();
        };
        let (answer, ()) = tokio::join!(peers.answer_offer("a@b", b"hold".to_vec()), answering);
        assert_eq!(answer.as_deref(), Some(b"hold!".as_slice()));
        drop(call);
        assert!(!peers.may_send("a@b", address(1)));
        assert_eq!(peers.answer_offer("a@b", Vec::new()).await, None);
    }
}
