//! The streams of events that are open on this node: how many there may be, and how they are ended.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::PartnerId;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::http::{cache::AccessClaim, connection::Connection, problem::Problem, settings::StreamLimits};

/// How long a stream that ends has to finish before its connection is cut.
const GRACE: Duration = Duration::from_millis(500);

/// The streams that are open on this node.
#[derive(Debug)]
pub(crate) struct Streams {
    limits: StreamLimits,
    open: Mutex<OpenStreams>,
}

#[derive(Debug, Default)]
struct OpenStreams {
    next_id: u64,
    streams: BTreeMap<u64, OpenStream>,
    of_partner: HashMap<PartnerId, usize>,
}

#[derive(Debug)]
struct OpenStream {
    partner: PartnerId,
    claim: AccessClaim,
    end: CancellationToken,
    connection: Connection,
}

/// One of the streams that may be open, taken until it is dropped.
pub(crate) struct StreamSlot {
    streams: Arc<Streams>,
    id: u64,
    /// Cancelled when the stream is to end.
    pub(crate) end: CancellationToken,
}

impl Streams {
    pub(crate) fn new(limits: StreamLimits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, OpenStreams> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends streams, and cuts the connections of those that have not ended after [`GRACE`].
    pub(crate) async fn end(&self, ids: &[u64]) {
        for entry in self.of(ids) {
            entry.0.cancel();
        }
        sleep(GRACE).await;
        for entry in self.of(ids) {
            entry.1.cut();
        }
    }

    fn of(&self, ids: &[u64]) -> Vec<(CancellationToken, Connection)> {
        let open = self.open();
        let entries = ids.iter().filter_map(|id| open.streams.get(id));
        entries.map(|entry| (entry.end.clone(), entry.connection.clone())).collect()
    }

    /// The streams that are open, by what they have proved.
    pub(crate) fn by_claim(&self) -> HashMap<AccessClaim, Vec<u64>> {
        let mut ids: HashMap<AccessClaim, Vec<u64>> = HashMap::new();
        for (id, entry) in &self.open().streams {
            ids.entry(entry.claim).or_default().push(*id);
        }
        ids
    }

    /// How many streams are open.
    pub(crate) fn count(&self) -> usize {
        self.open().streams.len()
    }
}

impl StreamSlot {
    /// Takes a slot for a stream that answers a partner's request.
    pub(crate) fn take(
        streams: &Arc<Streams>,
        partner: PartnerId,
        claim: AccessClaim,
        connection: Connection,
    ) -> Result<Self, Problem> {
        let limits = streams.limits;
        let mut open = streams.open();
        if open.streams.len() >= limits.of_node {
            tracing::warn!(
                limit = limits.of_node,
                "a stream of events is refused: the node has as many as it may have"
            );
            return Err(Problem::TooManyStreams { of_partner: false });
        }
        let of_partner = open.of_partner.entry(partner).or_default();
        if *of_partner >= limits.of_partner {
            return Err(Problem::TooManyStreams { of_partner: true });
        }
        *of_partner += 1;
        let (id, end) = (open.next_id, CancellationToken::new());
        open.next_id += 1;
        open.streams.insert(id, OpenStream { partner, claim, end: end.clone(), connection });
        drop(open);
        Ok(Self { streams: streams.clone(), id, end })
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        let Some(entry) = open.streams.remove(&self.id) else { return };
        if let Some(count) = open.of_partner.get_mut(&entry.partner) {
            *count -= 1;
            if *count == 0 {
                open.of_partner.remove(&entry.partner);
            }
        }
    }
}
