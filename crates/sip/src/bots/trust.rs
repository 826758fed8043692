//! Whether calls are given to a bot that is there when it is asked: one whose calls fail one after another is left alone for a while, and
//! then gets one call that shows whether it is well again. Pure: fed with what calls came to and with the time.

use domain::{BotFault, Deadline, Present};
use jiff::{SignedDuration, Timestamp};

/// How many calls may fail one after another.
const MOST_FAILURES: u32 = 3;

/// How long a bot is left alone then, first and at most; it doubles each time that the call after it fails too.
const FIRST_REST: SignedDuration = SignedDuration::from_secs(5);
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(5);

/// What calls came to.
#[derive(Debug, Default)]
pub(super) struct BotTrust {
    /// How many have failed since one went well.
    failures: u32,
    rest: Option<BotRest>,
}

/// That a bot is left alone, or was until a while ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BotRest {
    /// Until when, by the clock on the wall as it went then.
    pub(super) until: Timestamp,
    /// How the last call failed.
    pub(super) fault: BotFault,
    over: Deadline,
    lasts: SignedDuration,
}

/// Which calls a bot is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trusted {
    /// Any.
    Wholly,
    /// One, which is its trial.
    ForOneCall(BotFault),
    /// None.
    NotNow(BotRest),
}

impl BotTrust {
    /// A call failed by a fault of the bot's. Says whether the bot is left alone from now on.
    pub(super) fn failed(&mut self, fault: BotFault, now: Present) -> bool {
        self.failures = self.failures.saturating_add(1);
        let lasts = match &self.rest {
            // Those that had begun before it was left alone say nothing new.
            Some(rest) if !rest.over.is_over(now) => return false,
            Some(rest) => (rest.lasts * 2).min(LONGEST_REST),
            None if self.failures < MOST_FAILURES => return false,
            None => FIRST_REST,
        };
        let until = now.wall.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        self.rest = Some(BotRest { until, fault, over: now.steadily_after(lasts), lasts });
        true
    }

    /// A call that the bot had is over by no fault of its own. Says whether that gives it calls again.
    pub(super) fn went_well(&mut self) -> bool {
        self.failures = 0;
        self.rest.take().is_some()
    }

    /// Which calls it is given.
    pub(super) fn trusted(&self, now: Present) -> Trusted {
        match &self.rest {
            None => Trusted::Wholly,
            Some(rest) if !rest.over.is_over(now) => Trusted::NotNow(rest.clone()),
            Some(rest) => Trusted::ForOneCall(rest.fault.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::BotFaultKind;

    use super::*;

    fn at(second: i64) -> Present {
        let steady = Duration::from_secs(second.unsigned_abs());
        Present { wall: Timestamp::from_second(second).unwrap(), steady }
    }

    fn fault() -> BotFault {
        BotFault::new(BotFaultKind::Lost, "gone")
    }

    #[test]
    fn one_whose_calls_fail_one_after_another_is_left_alone_for_longer_and_longer() {
        let (mut trust, mut now) = (BotTrust::default(), at(0));
        assert!(!trust.failed(fault(), now) && !trust.failed(fault(), now));
        assert_eq!(trust.trusted(now), Trusted::Wholly);
        let mut rests = Vec::new();
        for _ in 0..8 {
            assert!(trust.failed(fault(), now));
            assert!(!trust.failed(fault(), now), "it had begun before");
            let Trusted::NotNow(rest) = trust.trusted(now) else { panic!("it is given calls") };
            rests.push(rest.until.duration_since(now.wall).as_secs());
            now = at(rest.until.as_second());
            assert_eq!(trust.trusted(now), Trusted::ForOneCall(fault()));
        }
        assert_eq!(rests, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert!(trust.went_well());
        assert_eq!(trust.trusted(now), Trusted::Wholly);
        assert!(!trust.failed(fault(), now), "it is trusted as at first");
    }

    #[test]
    fn one_call_that_goes_well_is_enough() {
        let (mut trust, now) = (BotTrust::default(), at(0));
        for _ in 0..20 {
            assert!(!trust.failed(fault(), now) && !trust.failed(fault(), now) && !trust.went_well());
        }
        assert_eq!(trust.trusted(now), Trusted::Wholly);
    }
}
