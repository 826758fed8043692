//! The carrier of simulated lines, which counts the calls that it places and remembers when each callee was called first.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use dialer::{DialerParts, DialerSettings};
use domain::{AttemptId, ClockDifference};
use jiff::Timestamp;
use telephony::{CallOrder, CallReport, Carrier, Carriers, OrphanedCall, Refused, SimulatedCarrier};
use test_support::{FixedRandom, Steady};

use crate::world::World;

pub(crate) struct CountedCarrier {
    carrier: SimulatedCarrier,
    placed: AtomicUsize,
    first: Mutex<HashMap<i64, Timestamp>>,
}

impl CountedCarrier {
    pub(crate) fn new() -> Arc<Self> {
        let carrier = SimulatedCarrier::new(Arc::new(FixedRandom::new(1)));
        Arc::new(Self { carrier, placed: AtomicUsize::new(0), first: Mutex::default() })
    }

    /// How many calls there were.
    pub(crate) fn placed(&self) -> usize {
        self.placed.load(Ordering::Relaxed)
    }

    /// When each callee was called first, by E.164 number.
    pub(crate) fn first_calls(&self) -> HashMap<i64, Timestamp> {
        self.first.lock().unwrap().clone()
    }

    /// A node of a world that dials over it.
    pub(crate) fn parts(self: &Arc<Self>, world: &World) -> DialerParts {
        DialerParts {
            store: world.store.clone(),
            clock: world.clock.clone(),
            steady: Arc::new(Steady(world.clock.clone())),
            random: Arc::new(FixedRandom::new(2)),
            clock_difference: Arc::new(ClockDifference::ignored()),
            carriers: Carriers { simulated: self.clone(), sip: None },
            settings: DialerSettings::default(),
        }
    }
}

impl Carrier for CountedCarrier {
    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        self.carrier.place(order, now)?;
        self.placed.fetch_add(1, Ordering::Relaxed);
        self.first.lock().unwrap().entry(order.callee.e164).or_insert(now);
        Ok(())
    }

    fn end(&self, attempt: AttemptId, now: Timestamp) {
        self.carrier.end(attempt, now);
    }

    fn reports(&self, now: Timestamp) -> Vec<CallReport> {
        self.carrier.reports(now)
    }

    fn silence(&self, call: &OrphanedCall, now: Timestamp) {
        self.carrier.silence(call, now);
    }
}
