//! The streams that are open: how many there may be, and that each ends soon after its token no longer holds, also when
//! nobody reads it.
//!
//! One loop asks for all streams of the node whether their tokens still hold, once for each token and account, so that
//! many streams cost no more than few.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{LoopStatus, PartnerId};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::{
    Api,
    http::{cache::AccessClaim, connection::Connection, extract::still_holds, problem::Problem},
};

/// How long the loop rests. With [`LONGEST_ROUND`] and [`GRACE`] it makes less than five seconds.
const REST: Duration = Duration::from_millis(1_500);

/// How long the database may take to say of all tokens whether they hold. A stream whose token could not be looked at ends.
const LONGEST_ROUND: Duration = Duration::from_secs(2);

/// How long a stream that ends may take to say so to its client, before its connection is cut.
const GRACE: Duration = Duration::from_millis(500);

/// How many streams may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// On this node.
    pub of_node: usize,
    /// Of one partner, on this node.
    pub of_partner: usize,
}

impl StreamLimits {
    /// What holds where the operator chose nothing.
    pub const fn new() -> Self {
        Self { of_node: 2_000, of_partner: 500 }
    }
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self::new()
    }
}

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

/// A stream's place among those that are open, until it is dropped.
pub(super) struct StreamSlot {
    api: Api,
    id: u64,
    /// Cancelled when the stream is to end.
    pub(super) end: CancellationToken,
}

impl Streams {
    pub(crate) fn new(limits: StreamLimits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, OpenStreams> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends streams, and cuts the connections of those that have not ended after [`GRACE`].
    async fn end(&self, ids: &[u64]) {
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
    fn by_claim(&self) -> HashMap<AccessClaim, Vec<u64>> {
        let mut ids: HashMap<AccessClaim, Vec<u64>> = HashMap::new();
        for (id, entry) in &self.open().streams {
            ids.entry(entry.claim).or_default().push(*id);
        }
        ids
    }
}

impl StreamSlot {
    /// Takes a place for a stream that answers a partner's request.
    pub(super) fn take(
        api: &Api,
        partner: PartnerId,
        claim: AccessClaim,
        connection: Connection,
    ) -> Result<Self, Problem> {
        let limits = api.streams.limits;
        let mut open = api.streams.open();
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
        Ok(Self { api: api.clone(), id, end })
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut open = self.api.streams.open();
        let Some(entry) = open.streams.remove(&self.id) else { return };
        if let Some(count) = open.of_partner.get_mut(&entry.partner) {
            *count -= 1;
            if *count == 0 {
                open.of_partner.remove(&entry.partner);
            }
        }
    }
}

/// Ends the streams whose tokens no longer hold; for ever.
pub(crate) async fn watch(api: Api, status: Arc<LoopStatus>) {
    loop {
        let ended = to_end(&api).await;
        if !ended.is_empty() {
            api.streams.end(&ended).await;
        }
        let left = api.streams.open().streams.len();
        #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
        metrics::gauge!("dialtime_event_streams").set(left as f64);
        status.succeed(api.clock.now());
        sleep(REST).await;
    }
}

/// The streams whose tokens do not hold, or could not be looked at in time.
async fn to_end(api: &Api) -> Vec<u64> {
    let deadline = Instant::now() + LONGEST_ROUND;
    let clock_is_trusted = api.lifecycle.clock_difference.too_far().is_none();
    let mut ended = Vec::new();
    for (claim, ids) in api.streams.by_claim() {
        let holds = clock_is_trusted && timeout_at(deadline, still_holds(api, &claim)).await.unwrap_or(false);
        if !holds {
            ended.extend(ids);
        }
    }
    ended
}
