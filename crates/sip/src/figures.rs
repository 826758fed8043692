//! Figures of the sound of calls, for the operator's monitoring. Nothing is decided by them.

use std::time::Duration;

use media::session::{MediaSession, MediaStatistics};
use metrics::counter;

/// How long a session may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends the sound of a call, and counts what it was.
pub(crate) fn end(session: MediaSession) {
    // Without a runtime there is no session either.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async {
        if let Ok(statistics) = tokio::time::timeout(PATIENCE, session.end()).await {
            count(&statistics);
        }
    });
}

fn count(statistics: &MediaStatistics) {
    for (at_most, packets) in statistics.lateness.steps().filter(|(_, packets)| *packets > 0) {
        let at_most = at_most.map_or_else(|| "+Inf".to_owned(), |at_most| at_most.as_secs_f64().to_string());
        counter!("dialtime_sound_packets_sent_total", "lateness" => at_most).increment(packets);
    }
    counter!("dialtime_sound_packets_skipped_total").increment(statistics.skipped);
    counter!("dialtime_sound_packets_received_total").increment(statistics.received.received);
    counter!("dialtime_sound_packets_lost_total").increment(statistics.received.lost);
}
