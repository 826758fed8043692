//! The loops of a node, which work without being asked, and when each last succeeded.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// No instant yet: earlier than any clock shows.
const NEVER: i64 = i64::MIN;

/// The state of one loop. The loop writes it; others only read.
#[derive(Debug)]
pub struct LoopStatus {
    name: &'static str,
    /// In microseconds since 1970 UTC.
    succeeded_at: AtomicI64,
    /// In microseconds.
    lateness: AtomicI64,
    backlog: AtomicU64,
}

impl LoopStatus {
    fn new(name: &'static str) -> Self {
        let (succeeded_at, lateness, backlog) = (AtomicI64::new(NEVER), AtomicI64::new(0), AtomicU64::new(0));
        Self { name, succeeded_at, lateness, backlog }
    }

    /// The name of the loop, unique in its node.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Notes that a round succeeded now.
    pub fn succeed(&self, now: Timestamp) {
        self.succeeded_at.store(now.as_microsecond(), Ordering::Relaxed);
    }

    /// When a round last succeeded; `None` before the first.
    pub fn last_success(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.succeeded_at.load(Ordering::Relaxed)).ok()
    }

    /// Notes how late the loop was with what it did last; zero when it was in time.
    pub fn note_lateness(&self, lateness: SignedDuration) {
        let micros = i64::try_from(lateness.as_micros()).unwrap_or(i64::MAX);
        self.lateness.store(micros.max(0), Ordering::Relaxed);
    }

    /// How late the loop was with what it did last.
    pub fn lateness(&self) -> SignedDuration {
        SignedDuration::from_micros(self.lateness.load(Ordering::Relaxed))
    }

    /// Notes how many things the loop still has to do, as far as it knows.
    pub fn note_backlog(&self, things: usize) {
        self.backlog.store(u64::try_from(things).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many things the loop still had to do when it last looked.
    pub fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }
}

/// The loops of a node, in the order they were started.
#[derive(Debug, Default)]
pub struct Loops(Mutex<Vec<Arc<LoopStatus>>>);

impl Loops {
    /// Adds a loop that is about to start.
    pub fn add(&self, name: &'static str) -> Arc<LoopStatus> {
        let status = Arc::new(LoopStatus::new(name));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(status.clone());
        status
    }

    /// All loops.
    pub fn list(&self) -> Vec<Arc<LoopStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_says_when_it_last_succeeded_and_how_it_fares() {
        let loops = Loops::default();
        let status = loops.add("transitions");
        assert_eq!(
            (status.last_success(), status.lateness(), status.backlog()),
            (None, SignedDuration::ZERO, 0)
        );
        let now = Timestamp::from_second(1_750_000_000).unwrap();
        status.succeed(now);
        status.note_lateness(SignedDuration::from_secs(-1));
        status.note_backlog(7);
        let listed = loops.list();
        assert_eq!(listed.iter().map(|status| status.name()).collect::<Vec<_>>(), ["transitions"]);
        assert_eq!((listed[0].last_success(), listed[0].backlog()), (Some(now), 7));
        assert_eq!(listed[0].lateness(), SignedDuration::ZERO, "early is not late");
    }
}
