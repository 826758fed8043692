//! The simulated telephone network, as a process.

use telephony::{NetworkObserver, NetworkTraffic};
use test_support::Program;

use crate::support::program;

/// The network; it ends with the test.
pub(super) struct NetworkProgram {
    /// Where nodes find it.
    pub(super) address: String,
    observer: NetworkObserver,
    _program: Program,
}

impl NetworkProgram {
    pub(super) fn start() -> Self {
        let started = Program::start(&mut program("", &["simulated-network"]));
        let line = started.line(&["listening on "]);
        let address = line.rsplit(' ').next().unwrap().to_owned();
        let observer = NetworkObserver::new(address.parse().unwrap());
        Self { address, observer, _program: started }
    }

    /// What it has seen up to now.
    pub(super) fn traffic(&self) -> NetworkTraffic {
        self.observer.traffic().unwrap()
    }
}
