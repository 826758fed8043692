//! A node's way into a network that is another process.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use domain::{AttemptId, Random};
use jiff::Timestamp;

use super::{
    frames,
    messages::{FromNetwork, Invite, ToNetwork},
};
use crate::{
    CallOrder, CallReport, Carrier, OrphanedCall, Refused,
    simulated::{on_machine, simulate},
};

/// How long connecting and writing may take.
const SOON: Duration = Duration::from_secs(1);

/// How long the network may be silent: it says every second that it is there.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(200);

/// The most reports that nobody has asked for yet, and ends that wait for a connection. The oldest are forgotten: the dialer has a
/// deadline for each call.
const MOST_WAITING: usize = 100_000;

/// A carrier of simulated lines whose calls are in another process, which outlives this one.
pub struct RemoteNetwork {
    link: Arc<Link>,
    random: Arc<dyn Random>,
}

struct Link {
    address: SocketAddr,
    state: Mutex<LinkState>,
    heard: Mutex<VecDeque<CallReport>>,
}

#[derive(Default)]
struct LinkState {
    stream: Option<TcpStream>,
    /// Calls to end as soon as there is a connection.
    to_end: VecDeque<AttemptId>,
    is_closed: bool,
}

impl RemoteNetwork {
    /// A way into the network at this address, which draws lots from this source. Whenever the network cannot be reached, it is tried
    /// again, and calls are refused meanwhile.
    pub fn new(address: SocketAddr, random: Arc<dyn Random>) -> Self {
        let link = Arc::new(Link { address, state: Mutex::default(), heard: Mutex::default() });
        // The first time at once, so that the first call finds it.
        let first = link.connect();
        let kept = link.clone();
        thread::spawn(move || kept.keep(first));
        Self { link, random }
    }
}

impl Drop for RemoteNetwork {
    fn drop(&mut self) {
        let mut state = self.link.state();
        state.is_closed = true;
        state.disconnect();
    }
}

impl fmt::Debug for RemoteNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RemoteNetwork(..)")
    }
}

impl LinkState {
    fn disconnect(&mut self) {
        if let Some(stream) = self.stream.take() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn send(&mut self, message: &ToNetwork) -> io::Result<()> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let written = frames::frame(message).and_then(|frame| stream.write_all(&frame));
        if written.is_err() {
            self.disconnect();
        }
        written
    }

    /// Tells the network which calls are to end, as far as there is a connection.
    fn send_ends(&mut self) {
        while let Some(attempt) = self.to_end.front().copied() {
            if self.send(&ToNetwork::End(attempt)).is_err() {
                return;
            }
            self.to_end.pop_front();
        }
    }
}

impl Link {
    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self) -> MutexGuard<'_, VecDeque<CallReport>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects; gives the side that is read.
    fn connect(&self) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&self.address, SOON)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(SOON))?;
        stream.set_read_timeout(Some(LONGEST_SILENCE))?;
        frames::write(&mut stream, &ToNetwork::Node(std::process::id()))?;
        let reading = stream.try_clone()?;
        let mut state = self.state();
        state.stream = Some(stream);
        state.send_ends();
        Ok(reading)
    }

    /// Hears what the network says, and connects again where the connection breaks, until the carrier is gone.
    fn keep(&self, first: io::Result<TcpStream>) {
        let mut connected = first;
        loop {
            if let Ok(stream) = &mut connected {
                self.hear(stream);
            }
            let mut state = self.state();
            state.disconnect();
            if state.is_closed {
                return;
            }
            drop(state);
            thread::sleep(PAUSE);
            connected = self.connect();
        }
    }

    fn hear(&self, stream: &mut TcpStream) {
        while let Ok(message) = frames::read(stream, frames::SHORT) {
            if let FromNetwork::Report(report) = message {
                let mut heard = self.heard();
                if heard.len() == MOST_WAITING {
                    heard.pop_front();
                }
                heard.push_back(report.into());
            }
        }
    }

    fn end(&self, attempt: AttemptId) {
        let mut state = self.state();
        if state.to_end.len() == MOST_WAITING {
            state.to_end.pop_front();
        }
        state.to_end.push_back(attempt);
        state.send_ends();
    }
}

impl Carrier for RemoteNetwork {
    /// The INVITE has left when this returns: a process that is stopped afterwards sends nothing late.
    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        let call = simulate(order, &*self.random, now)?;
        let invite = ToNetwork::Invite(Invite {
            attempt: order.attempt,
            line: order.line.id,
            callee: order.callee.e164,
            class: call.class,
            ring: call.ring,
            talk: call.talk,
            by: call.by,
            on_machine: on_machine(order),
        });
        self.link.state().send(&invite).map_err(|_| Refused::Unreachable)
    }

    fn end(&self, attempt: AttemptId, _now: Timestamp) {
        self.link.end(attempt);
    }

    fn reports(&self, _now: Timestamp) -> Vec<CallReport> {
        std::mem::take(&mut *self.link.heard()).into()
    }

    fn silence(&self, call: &OrphanedCall, _now: Timestamp) {
        self.link.end(call.attempt);
    }
}
