//! What a connection is doing, and how long it may: pure rules over instants that are given.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::ConnectionLimits;

/// A body that always moves may still not take longer than this.
const LONGEST_BODY: Duration = Duration::from_mins(10);

/// How long a client may go on sending after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// How long a client is sure of its connection, however many there are.
const JUST_NOW: Duration = Duration::from_millis(250);

/// How long a client may let the server wait once the server is to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(1);

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No byte of a request is there.
    Idle,
    /// The request's headers are coming.
    Head,
    /// The request's body is coming.
    Body,
    /// The request is complete; its answer has not begun.
    Handling,
    /// The request took too long; it is to be answered with this.
    Refused(StatusCode),
    /// The answer is being written; an event stream's may go on for days.
    Answering,
    /// Everything is said; what the client still sends is read and thrown away, for a while.
    Closing,
}

/// What is to be done about a connection that let the server wait for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// To close it: there is nothing to answer, or nobody who reads it.
    Close,
    /// To reset it: what it still holds must not reach anybody.
    Reset,
    /// To answer what has come of a request, and close it.
    RefuseUnheard(StatusCode),
    /// To answer the request in the place of its handler.
    Refuse(StatusCode),
}

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    phase: Phase,
    since: Instant,
    /// When bytes of a body came last.
    moved: Instant,
    /// Since when the client takes nothing of what is written.
    blocked: Option<Instant>,
    /// Whether a request of its was answered well.
    useful: bool,
    /// Whether its body may take longer than [`LONGEST_BODY`], as long as it moves.
    patient: bool,
}

impl Progress {
    pub(super) const fn new(now: Instant) -> Self {
        Self { phase: Phase::Idle, since: now, moved: now, blocked: None, useful: false, patient: false }
    }

    pub(super) const fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) const fn enter(&mut self, phase: Phase, now: Instant) {
        (self.phase, self.since, self.moved, self.patient) = (phase, now, now, false);
    }

    /// The body that comes may take as long as it likes, as long as it moves.
    pub(super) const fn be_patient(&mut self) {
        self.patient = true;
    }

    /// A request was answered well.
    pub(super) const fn was_useful(&mut self) {
        self.useful = true;
    }

    /// Bytes came.
    pub(super) fn received(&mut self, now: Instant) {
        match self.phase {
            Phase::Idle => self.enter(Phase::Head, now),
            Phase::Body => self.moved = now,
            _ => {}
        }
    }

    /// Bytes of an answer were taken, or were not.
    pub(super) fn wrote(&mut self, taken: bool, now: Instant) {
        self.blocked = if taken { None } else { self.blocked.or(Some(now)) };
    }

    /// Whether the client takes nothing of what is written.
    pub(super) const fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// When the connection will have let the server wait for too long, if nothing happens until then; `stopping` is since when
    /// the server is to stop. `None` while it is the server's turn and it may take its time.
    pub(super) fn deadline(&self, limits: &ConnectionLimits, stopping: Option<Instant>) -> Option<Instant> {
        let stop = stopping.map(|at| at + STOP_PATIENCE);
        let sooner = |usual: Instant| Some(stop.map_or(usual, |stop| usual.min(stop)));
        if let Some(blocked) = self.blocked {
            // Who reads the last answer slowly, but reads, may do so until the server's patience at stopping is over.
            let stop = stop.map(|stop| stop.max(blocked + STOP_PATIENCE));
            let usual = blocked + limits.write;
            return Some(stop.map_or(usual, |stop| usual.min(stop)));
        }
        match self.phase {
            Phase::Idle => Some(stopping.unwrap_or(self.since + limits.idle)),
            Phase::Head => sooner(self.since + limits.header),
            Phase::Body if self.patient => sooner(self.moved + limits.body),
            Phase::Body => sooner((self.moved + limits.body).min(self.since + LONGEST_BODY)),
            Phase::Handling => Some(self.since + limits.request),
            Phase::Refused(_) | Phase::Answering => None,
            Phase::Closing => sooner(self.since + LINGER),
        }
    }

    /// What is to be done when the deadline has passed; `stopping` is whether the server is to stop.
    pub(super) const fn remedy(&self, stopping: bool) -> Remedy {
        let slow = if stopping { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::REQUEST_TIMEOUT };
        match (self.blocked, self.phase) {
            (None, Phase::Head) => Remedy::RefuseUnheard(slow),
            (None, Phase::Body) => Remedy::Refuse(slow),
            (None, Phase::Handling) => Remedy::Refuse(StatusCode::SERVICE_UNAVAILABLE),
            _ => Remedy::Close,
        }
    }

    /// Orders the connections that may be closed when there are too many, the first to go first: those that were never of use to
    /// their client before the others, those that have only just come last, for their request may be on its way, and among equals
    /// those that have let the server wait the longest. `None` while it is the server's turn.
    pub(super) fn expendable(&self, now: Instant) -> Option<(u8, Instant)> {
        let waiting_since = match (self.blocked, self.phase) {
            (Some(blocked), _) => Some(blocked),
            (None, Phase::Idle | Phase::Head | Phase::Closing) => Some(self.since),
            (None, Phase::Body) => Some(self.moved),
            (None, Phase::Handling | Phase::Refused(_) | Phase::Answering) => None,
        };
        waiting_since.map(|since| {
            let just_now = now.duration_since(since) < JUST_NOW;
            (if just_now { 2 } else { u8::from(self.useful) }, since)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits = ConnectionLimits {
        connections: 1,
        idle: seconds(75),
        header: seconds(10),
        body: seconds(30),
        request: seconds(60),
        write: seconds(20),
    };

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// When a connection is closed, counted from `begin`.
    fn closed_after(progress: &Progress, begin: Instant, stopping: Option<Instant>) -> Option<Duration> {
        progress.deadline(&LIMITS, stopping).map(|at| at - begin)
    }

    #[test]
    fn each_phase_has_its_own_patience() {
        let begin = Instant::now();
        let mut progress = Progress::new(begin);
        for (phase, patience) in [
            (Phase::Idle, Some(LIMITS.idle)),
            (Phase::Head, Some(LIMITS.header)),
            (Phase::Body, Some(LIMITS.body)),
            (Phase::Handling, Some(LIMITS.request)),
            (Phase::Answering, None),
        ] {
            progress.enter(phase, begin);
            assert_eq!(closed_after(&progress, begin, None), patience, "{phase:?}");
        }
    }

    #[test]
    fn headers_may_not_trickle_and_a_body_may_for_a_while() {
        let begin = Instant::now();
        let mut progress = Progress::new(begin);
        progress.received(begin + seconds(5));
        assert_eq!(progress.phase(), Phase::Head);
        progress.received(begin + seconds(12));
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(15)));
        progress.enter(Phase::Body, begin);
        progress.received(begin + seconds(29));
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(59)));
        progress.received(begin + seconds(599));
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(600)));
        progress.be_patient();
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(629)));
        progress.enter(Phase::Body, begin);
        progress.received(begin + seconds(599));
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(600)), "the next one may not");
    }

    #[test]
    fn an_answer_may_go_on_for_as_long_as_it_is_read() {
        let begin = Instant::now();
        let mut progress = Progress::new(begin);
        progress.enter(Phase::Answering, begin);
        progress.wrote(false, begin + seconds(100));
        progress.wrote(false, begin + seconds(110));
        assert_eq!(closed_after(&progress, begin, None), Some(seconds(120)));
        progress.wrote(true, begin + seconds(119));
        assert_eq!(closed_after(&progress, begin, None), None);
    }

    #[test]
    fn half_requests_hold_a_stop_for_a_second_and_running_ones_for_as_long_as_they_need() {
        let begin = Instant::now();
        let stopping = begin + seconds(5);
        let mut progress = Progress::new(begin);
        for (phase, patience) in [
            (Phase::Idle, Some(seconds(5))),
            (Phase::Head, Some(seconds(6))),
            (Phase::Body, Some(seconds(6))),
            (Phase::Handling, Some(seconds(60))),
            (Phase::Answering, None),
        ] {
            progress.enter(phase, begin);
            assert_eq!(closed_after(&progress, begin, Some(stopping)), patience, "{phase:?}");
        }
        progress.wrote(false, begin + seconds(1));
        assert_eq!(closed_after(&progress, begin, Some(stopping)), Some(seconds(6)));
        progress.wrote(true, begin + seconds(8));
        progress.wrote(false, begin + seconds(9));
        assert_eq!(closed_after(&progress, begin, Some(stopping)), Some(seconds(10)));
    }

    #[test]
    fn a_request_is_answered_as_long_as_somebody_may_read_it() {
        let begin = Instant::now();
        let mut progress = Progress::new(begin);
        let (slow, stopping) = (StatusCode::REQUEST_TIMEOUT, StatusCode::SERVICE_UNAVAILABLE);
        for (phase, usual, at_stop) in [
            (Phase::Idle, Remedy::Close, Remedy::Close),
            (Phase::Head, Remedy::RefuseUnheard(slow), Remedy::RefuseUnheard(stopping)),
            (Phase::Body, Remedy::Refuse(slow), Remedy::Refuse(stopping)),
            (Phase::Handling, Remedy::Refuse(stopping), Remedy::Refuse(stopping)),
            (Phase::Closing, Remedy::Close, Remedy::Close),
        ] {
            progress.enter(phase, begin);
            assert_eq!((progress.remedy(false), progress.remedy(true)), (usual, at_stop), "{phase:?}");
        }
        progress.enter(Phase::Body, begin);
        progress.wrote(false, begin);
        assert_eq!(progress.remedy(false), Remedy::Close);
    }

    #[test]
    fn only_who_lets_the_server_wait_may_be_closed_and_strangers_first() {
        let begin = Instant::now();
        let mut progress = Progress::new(begin);
        for (phase, waiting) in [
            (Phase::Idle, true),
            (Phase::Head, true),
            (Phase::Body, true),
            (Phase::Handling, false),
            (Phase::Answering, false),
            (Phase::Closing, true),
        ] {
            progress.enter(phase, begin);
            assert_eq!(progress.expendable(begin).is_some(), waiting, "{phase:?}");
        }
        progress.enter(Phase::Answering, begin);
        progress.wrote(false, begin + seconds(3));
        let now = begin + seconds(9);
        let stranger = progress.expendable(now);
        assert_eq!(stranger, Some((0, begin + seconds(3))));
        let mut known = Progress::new(begin);
        known.was_useful();
        assert!(stranger < known.expendable(now), "however long it has been idle");
        let newcomer = Progress::new(now);
        assert!(known.expendable(now) < newcomer.expendable(now), "its request may be on its way");
    }
}
