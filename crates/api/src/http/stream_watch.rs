//! The loop that ends streams of events soon after their tokens no longer hold, also when nobody reads them.
//!
//! It asks for all streams of the node whether their tokens still hold, once for each token and account, so that many
//! streams cost no more than few.

use std::{sync::Arc, time::Duration};

use domain::LoopStatus;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{Api, http::extract::still_holds};

/// How long the loop rests. With [`LONGEST_ROUND`] and the time that streams have to end it makes less than five seconds.
const REST: Duration = Duration::from_millis(1_500);

/// How long the database may take to say of all tokens whether they hold. A stream whose token could not be looked at ends.
const LONGEST_ROUND: Duration = Duration::from_secs(2);

impl Api {
    /// A loop of the node, which ends streams of events whose tokens no longer hold; for ever.
    pub async fn watch_streams(self, status: Arc<LoopStatus>) {
        watch(self, status).await;
    }
}

async fn watch(api: Api, status: Arc<LoopStatus>) {
    loop {
        let ended = to_end(&api).await;
        if !ended.is_empty() {
            api.streams.end(&ended).await;
        }
        let left = api.streams.count();
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
