//! The network as a server on loopback: a thread that lets time pass, and two for each connection.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use domain::Clock;

use super::{
    frames,
    messages::{FromNetwork, ToNetwork, WireReport},
    network_calls::NetworkCalls,
};

/// How often time passes.
const TICK: Duration = Duration::from_millis(2);

/// How many ticks there are between two words that it is there: a second's.
const TICKS_OF_SILENCE: u64 = 500;

/// The most connections at once.
const MOST_CONNECTIONS: usize = 100;

/// The most messages that wait for a connection, and reports for a node that has none.
const MOST_WAITING: usize = 100_000;

/// How long a node may take to read. One that was stopped for longer connects again.
const WRITING: Duration = Duration::from_mins(1);

/// Serves a network, for ever.
///
/// # Errors
/// When it cannot take connections.
pub fn serve_network(listener: &TcpListener, clock: Arc<dyn Clock>) -> io::Result<()> {
    let network = Arc::new(NetworkServer { clock, state: Mutex::default() });
    let ticking = network.clone();
    thread::spawn(move || ticking.tick());
    for serial in 0.. {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITING))?;
        network.clone().take(serial, stream)?;
    }
    Ok(())
}

struct NetworkServer {
    clock: Arc<dyn Clock>,
    state: Mutex<NetworkServerState>,
}

#[derive(Default)]
struct NetworkServerState {
    calls: NetworkCalls,
    /// By their serial.
    connections: HashMap<u64, NetworkConnection>,
    /// What nodes without a connection have missed.
    missed: HashMap<u32, VecDeque<WireReport>>,
}

struct NetworkConnection {
    node: Option<u32>,
    frames: SyncSender<Vec<u8>>,
}

impl NetworkServer {
    fn state(&self) -> MutexGuard<'_, NetworkServerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) {
        for tick in 0_u64.. {
            thread::sleep(TICK);
            let mut state = self.state();
            state.advance(&*self.clock);
            if tick % TICKS_OF_SILENCE == 0 {
                state.say_that_it_is_there();
            }
        }
    }

    /// Takes a connection, with a thread that reads and one that writes.
    fn take(self: Arc<Self>, serial: u64, stream: TcpStream) -> io::Result<()> {
        let (frames, waiting) = sync_channel(MOST_WAITING);
        let mut state = self.state();
        if state.connections.len() == MOST_CONNECTIONS {
            return Ok(());
        }
        state.connections.insert(serial, NetworkConnection { node: None, frames });
        drop(state);
        let writer = stream.try_clone()?;
        thread::spawn(move || write_all(writer, &waiting));
        thread::spawn(move || self.hear(serial, stream));
        Ok(())
    }

    fn hear(&self, serial: u64, mut stream: TcpStream) {
        while let Ok(message) = frames::read(&mut stream, frames::SHORT) {
            let mut state = self.state();
            state.hear(serial, &message, &*self.clock);
        }
        // Its writer ends with it.
        self.state().connections.remove(&serial);
        let _ = stream.shutdown(Shutdown::Read);
    }
}

/// Writes what waits for a connection, until there is nobody left who could send more.
fn write_all(mut stream: TcpStream, waiting: &Receiver<Vec<u8>>) {
    while let Ok(frame) = waiting.recv() {
        if stream.write_all(&frame).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

impl NetworkServerState {
    fn hear(&mut self, serial: u64, message: &ToNetwork, clock: &dyn Clock) {
        self.advance(clock);
        let now = clock.now();
        let node = self.connections.get(&serial).and_then(|connection| connection.node);
        match (message, node) {
            (ToNetwork::Node(node), _) => self.welcome(serial, *node),
            (ToNetwork::Invite(invite), Some(node)) => self.calls.invite(node, invite, now),
            (ToNetwork::End(attempt), Some(node)) => self.calls.end(node, *attempt, now),
            (ToNetwork::Observe, _) => {
                let seen = self.calls.traffic();
                self.send(serial, &FromNetwork::Seen(seen));
            }
            (ToNetwork::Invite(_) | ToNetwork::End(_), None) => {}
        }
    }

    /// From now on a node hears here what it hears, beginning with what it has missed.
    fn welcome(&mut self, serial: u64, node: u32) {
        for connection in self.connections.values_mut().filter(|one| one.node == Some(node)) {
            connection.node = None;
        }
        if let Some(connection) = self.connections.get_mut(&serial) {
            connection.node = Some(node);
        }
        for report in self.missed.remove(&node).unwrap_or_default() {
            self.tell(node, report);
        }
    }

    fn advance(&mut self, clock: &dyn Clock) {
        for (node, report) in self.calls.reports(clock.now()) {
            self.tell(node, (&report).into());
        }
    }

    fn tell(&mut self, node: u32, report: WireReport) {
        let connection = self.connections.iter().find(|(_, one)| one.node == Some(node));
        let serial = connection.map(|(serial, _)| *serial);
        let is_sent = serial.is_some_and(|serial| self.send(serial, &FromNetwork::Report(report.clone())));
        if !is_sent {
            let missed = self.missed.entry(node).or_default();
            if missed.len() == MOST_WAITING {
                missed.pop_front();
            }
            missed.push_back(report);
        }
    }

    /// Has a message written; says whether it will be, as far as is known. A connection with too many to write is given up.
    fn send(&mut self, serial: u64, message: &FromNetwork) -> bool {
        let (Some(connection), Ok(frame)) = (self.connections.get(&serial), frames::frame(message)) else {
            return false;
        };
        let is_taken = connection.frames.try_send(frame).is_ok();
        if !is_taken {
            self.connections.remove(&serial);
        }
        is_taken
    }

    fn say_that_it_is_there(&mut self) {
        let serials: Vec<u64> = self.connections.keys().copied().collect();
        for serial in serials {
            self.send(serial, &FromNetwork::Here);
        }
    }
}
