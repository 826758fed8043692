//! A clock that a test sets.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands until it is set, or one that goes on from where it was set. To the microsecond.
#[derive(Debug)]
pub struct SetClock {
    /// The instant, of one that stands; of one that goes on, how far it is ahead of the machine's.
    micros: AtomicI64,
    goes_on: bool,
}

impl SetClock {
    /// A clock that stands at an instant.
    pub fn standing(now: Timestamp) -> Self {
        Self { micros: AtomicI64::new(now.as_microsecond()), goes_on: false }
    }

    /// A clock that goes on from an instant.
    pub fn from(now: Timestamp) -> Self {
        let clock = Self::real();
        clock.set(now);
        clock
    }

    /// The machine's clock, until it is set.
    pub const fn real() -> Self {
        Self { micros: AtomicI64::new(0), goes_on: true }
    }

    /// Sets it; one that goes on does so from there.
    pub fn set(&self, now: Timestamp) {
        let base = if self.goes_on { machine_micros() } else { 0 };
        self.micros.store(now.as_microsecond() - base, Ordering::SeqCst);
    }

    /// Sets one that goes on to so much after the machine's time; before it, if that is negative.
    pub fn set_ahead(&self, ahead: SignedDuration) {
        assert!(self.goes_on, "it stands");
        self.micros.store(ahead.as_micros().try_into().unwrap(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        let base = if self.goes_on { machine_micros() } else { 0 };
        Timestamp::from_microsecond(base + self.micros.load(Ordering::SeqCst)).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "what a test's clock is set against")]
fn machine_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

/// A steady clock that follows one that a test sets.
pub struct Steady(pub std::sync::Arc<dyn Clock>);

impl domain::SteadyClock for Steady {
    fn elapsed(&self) -> std::time::Duration {
        let micros = self.0.now().as_microsecond();
        std::time::Duration::from_micros(micros.unsigned_abs())
    }
}
