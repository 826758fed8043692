//! The carrier of simulated lines: nobody is called. Each call goes as its line's script says, by whatever clock it is asked
//! with.
//!
//! [`SimulatedCarrier`] has its calls in the same process. For tests of crashes and of several nodes the network is a process of its
//! own, which outlives the nodes (`remote`).

mod answerers;
mod calls;
mod causes;
mod remote;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{AttemptId, LineKind, OnMachine, Random, SimulatedCall};
use jiff::Timestamp;

use self::calls::{SimulatedCalls, planned};
pub use self::remote::{
    NetworkObserver, NetworkTraffic, NodeTraffic, RemoteNetwork, TrafficCall, serve_network,
};
use crate::{CallOrder, CallReport, Carrier, OrphanedCall, Refused};

/// A carrier that reaches nobody.
pub struct SimulatedCarrier {
    calls: Mutex<SimulatedCalls>,
    random: Arc<dyn Random>,
}

impl SimulatedCarrier {
    /// A carrier without calls, which draws lots from this source.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { calls: Mutex::default(), random }
    }

    fn calls(&self) -> MutexGuard<'_, SimulatedCalls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to come of a call, by its line's script and by lot; also refuses what no carrier may send.
fn simulate(order: &CallOrder, random: &dyn Random, now: Timestamp) -> Result<SimulatedCall, Refused> {
    order.check(now)?;
    let LineKind::Simulated(simulation) = &order.line.draft.settings.kind else {
        return Err(Refused::NoCarrier);
    };
    let mut chance = [[0; 8]; 3];
    for bytes in &mut chance {
        random.fill(bytes);
    }
    Ok(simulation.call(&order.callee.e164.to_string(), chance.map(u64::from_le_bytes)))
}

/// What its script does on a machine.
fn on_machine(order: &CallOrder) -> OnMachine {
    order.script.as_ref().map(|script| script.flow.machine().on_machine).unwrap_or_default()
}

impl fmt::Debug for SimulatedCarrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SimulatedCarrier(..)")
    }
}

impl Carrier for SimulatedCarrier {
    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        let call = simulate(order, &*self.random, now)?;
        self.calls().place(order.attempt, planned(&call, on_machine(order), now))
    }

    fn end(&self, attempt: AttemptId, now: Timestamp) {
        self.calls().end(attempt, now);
    }

    fn reports(&self, now: Timestamp) -> Vec<CallReport> {
        self.calls().reports(now)
    }

    /// Calls live in this process alone: those of another are over with it.
    fn silence(&self, call: &OrphanedCall, now: Timestamp) {
        self.calls().end(call.attempt, now);
    }
}
