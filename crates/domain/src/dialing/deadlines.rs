//! What a call must not outlast, from when its window closes and what its line and task say.

use jiff::{SignedDuration, Timestamp};

use crate::{AtClose, CallRules, LineSettings};

/// The instants and spans of a call that hold whatever the other side does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallDeadlines {
    /// No INVITE leaves after this, neither a first one nor one that is sent again. `None`: its window never closes.
    pub latest_start: Option<Timestamp>,
    /// A call that is not answered by then is cancelled. `None`: its window never closes.
    pub cancel_at: Option<Timestamp>,
    /// For how long the phone may ring.
    pub ring_limit: SignedDuration,
    /// For how long people may talk.
    pub longest_talk: SignedDuration,
    /// An answered call is ended by then. `None`: it may outlast its window.
    pub latest_end: Option<Timestamp>,
}

/// How long before a close a call that nobody has answered is cancelled, so that no phone rings at the close.
pub const BEFORE_CLOSE: SignedDuration = SignedDuration::from_secs(2);

/// The deadlines of a call. `closes_at` is when the task may not dial any more, `clock_difference` how far this node's clock may be
/// wrong.
pub fn call_deadlines(
    closes_at: Option<Timestamp>,
    line: &LineSettings,
    rules: &CallRules,
    clock_difference: SignedDuration,
) -> CallDeadlines {
    let before = |at: Timestamp, span: SignedDuration| at.saturating_sub(span).unwrap_or(Timestamp::MIN);
    let first_answer = SignedDuration::from_secs(line.t1x64);
    let minimum_ring = SignedDuration::from_secs(rules.minimum_ring());
    let cancel_at = closes_at.map(|close| before(before(close, BEFORE_CLOSE), clock_difference.abs()));
    CallDeadlines {
        latest_start: cancel_at.map(|at| before(at, first_answer.max(minimum_ring))),
        cancel_at,
        ring_limit: SignedDuration::from_secs(line.ring_limit.min(rules.originate_timeout())),
        longest_talk: SignedDuration::from_secs(rules.maximum_talk_seconds()),
        latest_end: closes_at.filter(|_| rules.at_close == AtClose::HangUp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LineKind, Simulation};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn line(t1x64: i64) -> LineSettings {
        LineSettings { t1x64, ..LineSettings::new(LineKind::Simulated(Simulation::default()), 1) }
    }

    fn deadlines(closes_at: Option<i64>, t1x64: i64, difference: i64) -> CallDeadlines {
        let rules = CallRules::default();
        call_deadlines(closes_at.map(at), &line(t1x64), &rules, SignedDuration::from_secs(difference))
    }

    #[test]
    fn a_task_says_how_long_its_calls_ring_and_last_and_the_line_no_less_so() {
        let rules = CallRules {
            originate_timeout: Some(25),
            minimum_ring: Some(0),
            maximum_talk_seconds: Some(90),
            at_close: AtClose::HangUp,
            ..CallRules::default()
        };
        let found = call_deadlines(Some(at(1_000)), &line(8), &rules, SignedDuration::ZERO);
        assert_eq!((found.latest_start, found.latest_end), (Some(at(990)), Some(at(1_000))));
        assert_eq!((found.ring_limit.as_secs(), found.longest_talk.as_secs()), (25, 90));
        let slow = CallRules { originate_timeout: Some(180), ..rules };
        let found = call_deadlines(None, &line(8), &slow, SignedDuration::ZERO);
        assert_eq!((found.ring_limit.as_secs(), found.latest_end), (60, None));
    }

    #[test]
    fn unanswered_calls_are_silent_two_seconds_before_the_close() {
        let found = deadlines(Some(1_000), 8, 0);
        assert_eq!((found.cancel_at, found.latest_start), (Some(at(998)), Some(at(978))));
        let slow_line = deadlines(Some(1_000), 32, 0);
        assert_eq!(slow_line.latest_start, Some(at(966)));
    }

    #[test]
    fn a_clock_that_may_be_wrong_makes_it_earlier_whichever_way() {
        for difference in [3, -3] {
            assert_eq!(deadlines(Some(1_000), 8, difference).cancel_at, Some(at(995)));
        }
    }

    #[test]
    fn a_window_that_never_closes_has_no_last_start() {
        let found = deadlines(None, 8, 3);
        assert_eq!((found.cancel_at, found.latest_start), (None, None));
    }
}
