//! The real clocks and the real random source: the only ones in the whole program.

use std::time::Duration;

use domain::{Clock, Random, SteadyClock};
use jiff::Timestamp;

/// The machine's clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // The database keeps microseconds. A clock that cannot be rounded is far outside of what they can count.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// Time since the machine was started, sleep included.
#[derive(Debug)]
pub(crate) struct SystemSteadyClock;

impl SteadyClock for SystemSteadyClock {
    fn elapsed(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::try_from(now).unwrap_or(Duration::ZERO)
    }
}

/// The operating system's randomness.
#[derive(Debug)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws lots")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}
