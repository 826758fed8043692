//! The runner: its loops, and what they are made of.

use std::sync::Arc;

use domain::{CLOCK_BOUND, Clock, ClockDifference, LoopStatus, Random};
use jiff::SignedDuration;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, LoopEnded, Supervisor, WriteBody,
    calendar_feeds::CalendarFeeds,
    clock_check::ClockCheck,
    housekeeping::Housekeeping,
    imports::Imports,
    numbers::NumberLists,
    outbound::OutboundClient,
    rounds::Rounds,
    settings::Settings,
    transitions::Transitions,
    wake_ups,
    webhooks::{Dispatcher, Sender},
};

/// What a node does without being asked.
pub struct Runner {
    clock_check: ClockCheck,
    random: Arc<dyn Random>,
    write_body: WriteBody,
    settings: Settings,
}

impl Runner {
    /// A runner on a database. It notes how far its clock is from the database's in `difference`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        difference: Arc<ClockDifference>,
        write_body: WriteBody,
        settings: Settings,
    ) -> Self {
        Self { clock_check: ClockCheck { store, clock, difference }, random, write_body, settings }
    }

    /// Starts all loops.
    pub fn start(self, supervisor: &mut Supervisor) {
        let ClockCheck { store, clock, .. } = self.clock_check.clone();
        let settings = self.settings;
        // On a database of one node there is one clock.
        let tolerance = if store.is_shared() { CLOCK_BOUND * 2 } else { SignedDuration::ZERO };
        let engine = Engine::new(store.clone(), clock.clone(), tolerance);
        let transitions = Transitions { engine, clock_check: self.clock_check.clone() };
        let client = Arc::new(OutboundClient::new(settings.webhooks_to_private));
        let sender = Sender::new(clock.clone(), self.random, self.write_body, client.clone());
        let dispatcher = Dispatcher::new(self.clock_check.clone(), sender);
        let feeds = CalendarFeeds::new(self.clock_check.clone(), client, settings.zone);
        let folder = settings.data_folder.clone();
        let housekeeping = Housekeeping { clock_check: self.clock_check.clone(), settings };
        let imports = Imports { clock_check: self.clock_check.clone(), folder };
        let numbers = NumberLists { clock_check: self.clock_check.clone() };
        let rounds = |status: Arc<LoopStatus>| Rounds::new(status, clock.clone());
        supervisor.start("clock", |status| self.clock_check.run(rounds(status)));
        supervisor.start("transitions", |status| transitions.run(rounds(status)));
        supervisor.start("webhooks", |status| dispatcher.run(rounds(status)));
        supervisor.start("calendar feeds", |status| feeds.run(rounds(status)));
        supervisor.start("housekeeping", |status| housekeeping.run(rounds(status)));
        supervisor.start("imports", |status| imports.run(rounds(status)));
        supervisor.start("numbers", |status| numbers.run(rounds(status)));
        supervisor.start("wake-ups", |status| wake_ups::run(store, rounds(status)));
    }

    /// Runs all loops and nothing else, until `stop`.
    ///
    /// # Errors
    /// The first loop that ends by itself or panics.
    pub async fn run(self, stop: CancellationToken) -> Result<(), LoopEnded> {
        let mut supervisor = Supervisor::new(Arc::default(), stop);
        self.start(&mut supervisor);
        supervisor.watch().await
    }
}
