//! What every request needs: the store, the clock, chance, and what the operator chose.

use std::{num::NonZeroU32, ops::Deref, sync::Arc};

use calendar::Zone;
use domain::{Clock, ClockDifference, LoopStatus, Loops, PartnerId, Random};
use governor::DefaultKeyedRateLimiter;
use http::StatusCode;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    http::{allowance::Allowances, cache::ReadCache, chosen_ids::ChosenIds, token_uses::TokenUses},
    resources::events::streams::{self, StreamLimits, Streams},
};

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The zone of timestamps without one, and of groups that name none.
    pub zone: Zone,
    /// Which HTTP status refusals carry.
    pub error_status: ErrorStatus,
    /// The most bytes of a request's body.
    pub body_limit: usize,
    /// The most requests a second for one partner, with bursts of as many; `None` does not limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Which requests the access log names.
    pub access_log: AccessLog,
    /// Whether requests are counted for Prometheus.
    pub count_requests: bool,
    /// How many streams of events may be open.
    pub streams: StreamLimits,
}

impl ApiSettings {
    /// What holds where the operator chose nothing.
    pub const fn new(zone: Zone) -> Self {
        Self {
            zone,
            error_status: ErrorStatus::Fitting,
            body_limit: 1024 * 1024,
            rate_limit: None,
            access_log: AccessLog::All,
            count_requests: false,
            streams: StreamLimits::new(),
        }
    }
}

/// Which requests the access log names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLog {
    /// None.
    Nothing,
    /// Those that were refused or failed.
    Refusals,
    /// Every one.
    #[default]
    All,
}

/// Which HTTP status refusals carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorStatus {
    /// The fitting one.
    #[default]
    Fitting,
    /// Always 200, for clients that only read `code`.
    AlwaysOk,
}

impl ErrorStatus {
    pub(crate) const fn of(self, fitting: StatusCode) -> StatusCode {
        match self {
            Self::Fitting => fitting,
            Self::AlwaysOk => StatusCode::OK,
        }
    }
}

/// What others find out while requests are served.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Cancelled when answers that go on are to end.
    pub stop: CancellationToken,
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
    pub(crate) streams: Streams,
    pub(crate) token_uses: TokenUses,
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
        let streams = Streams::new(settings.streams);
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
        }))
    }

    /// A loop of the node, which ends streams of events whose tokens no longer hold; for ever.
    pub async fn watch_streams(self, status: Arc<LoopStatus>) {
        streams::watch(self, status).await;
    }
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
