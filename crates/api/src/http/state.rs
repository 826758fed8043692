//! What every request needs: the store, the clock, the random source, what the operator chose, and what is shared by requests.

use std::{ops::Deref, sync::Arc};

use domain::{Clock, ClockDifference, Loops, PartnerId, Random};
use governor::DefaultKeyedRateLimiter;
use jiff::Timestamp;
use store::{Store, recordings::AddressKey};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::http::{
    allowance::Allowances, audio_conversion::Converter, cache::ReadCache, chosen_ids::ChosenIds,
    settings::ApiSettings, streams::Streams, token_uses::TokenUses, upload::Uploads,
};

/// How many files of numbers a node takes at once. They go to the disk piece by piece.
const IMPORT_UPLOADS: usize = 32;

/// What others find out while requests are served.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Cancelled when answers that go on are to end.
    pub stop: CancellationToken,
    /// Cancelled when even what was allowed to go on is to end at once.
    pub hurry: CancellationToken,
    /// How far this node's clock is from the database's.
    pub clock_difference: Arc<ClockDifference>,
    /// The loops of this node, and how they fare.
    pub loops: Arc<Loops>,
}

/// What every request needs; cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

/// The parts of an [`Api`].
pub struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) settings: ApiSettings,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) rate: Option<DefaultKeyedRateLimiter<PartnerId>>,
    pub(crate) cache: ReadCache,
    pub(crate) allowances: Allowances,
    pub(crate) chosen_ids: ChosenIds,
    pub(crate) streams: Arc<Streams>,
    pub(crate) token_uses: TokenUses,
    pub(crate) uploads: Uploads,
    pub(crate) import_uploads: Uploads,
    pub(crate) converter: Converter,
    pub(crate) address_key: OnceCell<AddressKey>,
}

impl Api {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: ApiSettings,
        lifecycle: Lifecycle,
    ) -> Self {
        let rate = settings
            .rate_limit
            .map(|limit| DefaultKeyedRateLimiter::keyed(governor::Quota::per_second(limit)));
        let streams = Arc::new(Streams::new(settings.streams));
        let (cache, allowances, chosen_ids) = (ReadCache::new(), Allowances::new(), ChosenIds::default());
        let token_uses = TokenUses::default();
        Self(Arc::new(Parts {
            store,
            clock,
            random,
            settings,
            lifecycle,
            rate,
            cache,
            allowances,
            chosen_ids,
            streams,
            token_uses,
            uploads: Uploads::new(),
            import_uploads: Uploads::of(IMPORT_UPLOADS),
            converter: Converter::new(),
            address_key: OnceCell::new(),
        }))
    }
}

impl Api {
    /// The present: by the database's clock where this node's is too far from it.
    pub(crate) fn now(&self) -> Timestamp {
        let (now, ahead) = (self.clock.now(), self.lifecycle.clock_difference.too_far());
        ahead.and_then(|ahead| now.checked_sub(ahead).ok()).unwrap_or(now)
    }
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
