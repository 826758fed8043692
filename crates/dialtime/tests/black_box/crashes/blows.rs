//! What is done to nodes, at random: killed, or stopped and woken.

use std::{
    thread,
    time::{Duration, Instant},
};

use domain::Random as _;
use rustix::process::Signal;
use test_support::FixedRandom;

use super::dialed::Dialing;

/// What is done to a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Blow {
    /// SIGKILL; another comes in its place after a moment.
    Kill,
    /// SIGSTOP, and SIGCONT well before its lease has run out.
    Nap,
    /// SIGSTOP, and SIGCONT after its lease of 9 seconds has run out.
    Sleep,
}

/// Chance that can be had again: its seed is printed.
pub(crate) struct Chance(FixedRandom);

impl Chance {
    /// By the seed in `DIALTIME_SEED`, or another each time.
    pub(crate) fn new() -> Self {
        let drawn = || test_support::anything().as_u128().to_le_bytes();
        let seed = std::env::var("DIALTIME_SEED").map_or_else(
            |_| u32::from_le_bytes(drawn()[..4].try_into().unwrap()),
            |seed| seed.parse().unwrap(),
        );
        eprintln!("seed: DIALTIME_SEED={seed}");
        Self(FixedRandom::new(seed.into()))
    }

    /// A number below another.
    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    fn milliseconds(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    /// What is done next: half of the blows kill.
    pub(super) fn blow(&self) -> Blow {
        match self.below(8) {
            0..4 => Blow::Kill,
            4..7 => Blow::Nap,
            _ => Blow::Sleep,
        }
    }
}

/// Strikes nodes, and remembers what may have become unknown by that.
pub(super) struct Striker {
    chance: Chance,
    /// The longest time between two blows, in milliseconds.
    longest_pause: u64,
    /// When each node that is stopped is woken.
    stopped: Vec<Option<Instant>>,
    /// Attempts that were under way when a node was killed or put to sleep, with their nodes.
    pub(super) in_flight: Vec<(String, String)>,
    /// How many nodes have lost what they had.
    pub(super) lost: usize,
}

impl Striker {
    pub(super) fn new(chance: Chance, nodes: usize) -> Self {
        Self { chance, longest_pause: 2_200, stopped: vec![None; nodes], in_flight: Vec::new(), lost: 0 }
    }

    /// Leaves longer pauses, so that blows fall all along a long list.
    pub(super) fn slowly(self) -> Self {
        Self { longest_pause: 7_000, ..self }
    }

    /// Waits for a moment and strikes a node.
    pub(super) fn strike(&mut self, dialing: &mut Dialing, blow: Blow) {
        let moment = Instant::now() + self.chance.milliseconds(200, self.longest_pause);
        while Instant::now() < moment {
            thread::sleep(Duration::from_millis(10));
            self.wake(dialing, Instant::now());
        }
        let place = usize::try_from(self.chance.below(self.stopped.len() as u64)).unwrap();
        if self.stopped[place].is_some() && !matches!(blow, Blow::Kill) {
            return;
        }
        eprintln!("{blow:?} of node {place}");
        match blow {
            Blow::Kill => self.kill(dialing, place),
            Blow::Nap => self.stop(dialing, place, self.chance.milliseconds(100, 4_000)),
            Blow::Sleep => {
                self.stop(dialing, place, self.chance.milliseconds(10_000, 13_000));
                self.note_lost(dialing);
            }
        }
    }

    fn kill(&mut self, dialing: &mut Dialing, place: usize) {
        // Once it is dead, it asks the database for nothing more.
        dialing.nodes[place].kill();
        self.stopped[place] = None;
        self.note_lost(dialing);
        thread::sleep(self.chance.milliseconds(0, 800));
        dialing.nodes[place] = dialing.new_node();
    }

    fn stop(&mut self, dialing: &Dialing, place: usize, span: Duration) {
        dialing.signal(place, Signal::STOP);
        self.stopped[place] = Some(Instant::now() + span);
    }

    /// Notes that a node loses what it has now.
    pub(super) fn note_lost(&mut self, dialing: &Dialing) {
        self.lost += 1;
        self.note_in_flight(dialing);
    }

    /// Once the database has done what the node asked for last.
    fn note_in_flight(&mut self, dialing: &Dialing) {
        thread::sleep(Duration::from_millis(100));
        self.in_flight.extend(dialing.open_attempts());
    }

    /// Wakes the nodes whose time has come.
    fn wake(&mut self, dialing: &Dialing, now: Instant) {
        for place in 0..self.stopped.len() {
            if self.stopped[place].is_some_and(|until| until <= now) {
                dialing.signal(place, Signal::CONT);
                self.stopped[place] = None;
                self.note_in_flight(dialing);
            }
        }
    }

    /// Waits until all nodes are awake.
    pub(super) fn wake_all(&mut self, dialing: &Dialing) {
        while self.stopped.iter().any(Option::is_some) {
            thread::sleep(Duration::from_millis(10));
            self.wake(dialing, Instant::now());
        }
    }
}
