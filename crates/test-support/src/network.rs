//! A telephone network of simulated lines that outlives the nodes which call over it, and counts what they do, as the other side of a
//! real line would.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{AttemptId, LineId, Random};
use jiff::Timestamp;
use telephony::{CallOrder, CallReport, Carrier, OrphanedCall, Refused, SimulatedCarrier, TrafficCall};

/// The network. Each node gets its own way into it by [`Network::node`].
pub struct Network {
    random: Arc<dyn Random>,
    state: Mutex<NetworkState>,
}

#[derive(Default)]
struct NetworkState {
    nodes: Vec<Arc<SimulatedCarrier>>,
    /// What nodes have not heard yet.
    unheard: HashMap<usize, Vec<CallReport>>,
    /// Whose call it is, over which line, and where it is in `traffic.log`.
    calls: HashMap<AttemptId, (usize, LineId, usize)>,
    traffic: Traffic,
}

/// What the network has seen.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// When calls were started over each line.
    pub starts: HashMap<LineId, Vec<Timestamp>>,
    /// When each number was called, by its E.164 digits.
    pub calls: HashMap<i64, Vec<Timestamp>>,
    /// Every call, in the order in which they started; their nodes are counted from 0.
    pub log: Vec<TrafficCall>,
    /// How many calls each line has now.
    pub under_way: HashMap<LineId, usize>,
    /// How many calls each line had at most at once.
    pub most_at_once: HashMap<LineId, usize>,
}

impl Network {
    /// A network without calls.
    pub fn new(random: Arc<dyn Random>) -> Arc<Self> {
        Arc::new(Self { random, state: Mutex::default() })
    }

    /// A node's way into it.
    pub fn node(self: &Arc<Self>) -> Arc<dyn Carrier> {
        let mut state = self.state();
        state.nodes.push(Arc::new(SimulatedCarrier::new(self.random.clone())));
        Arc::new(NodeCarrier { network: self.clone(), place: state.nodes.len() - 1 })
    }

    /// What it has seen up to an instant, of nodes that are gone too.
    pub fn traffic(&self, now: Timestamp) -> Traffic {
        let mut state = self.state();
        state.advance(now);
        state.traffic.clone()
    }

    /// How many calls there are, of nodes that are gone too.
    pub fn under_way(&self, now: Timestamp) -> usize {
        let mut state = self.state();
        state.advance(now);
        state.calls.len()
    }

    fn state(&self) -> MutexGuard<'_, NetworkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NetworkState {
    fn advance(&mut self, now: Timestamp) {
        for (place, node) in self.nodes.iter().enumerate() {
            for report in node.reports(now) {
                if let Some((_, line, place)) = self.calls.get(&report.attempt).copied() {
                    self.traffic.log[place].note(&report);
                    if report.event.is_end() {
                        self.calls.remove(&report.attempt);
                        *self.traffic.under_way.get_mut(&line).unwrap() -= 1;
                    }
                }
                self.unheard.entry(place).or_default().push(report);
            }
        }
    }

    fn note_start(&mut self, order: &CallOrder, place: usize, now: Timestamp) {
        let line = order.line.id;
        let traffic = &mut self.traffic;
        self.calls.insert(order.attempt, (place, line, traffic.log.len()));
        traffic.log.push(TrafficCall {
            attempt: order.attempt,
            node: place.try_into().unwrap(),
            line,
            callee: order.callee.e164,
            invites: 1,
            at: now,
            answered_at: None,
            ended_at: None,
            code: None,
        });
        traffic.starts.entry(line).or_default().push(now);
        traffic.calls.entry(order.callee.e164).or_default().push(now);
        let under_way = traffic.under_way.entry(line).or_default();
        *under_way += 1;
        let most = traffic.most_at_once.entry(line).or_default();
        *most = (*most).max(*under_way);
    }
}

struct NodeCarrier {
    network: Arc<Network>,
    place: usize,
}

impl Carrier for NodeCarrier {
    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        let mut state = self.network.state();
        state.advance(now);
        state.nodes[self.place].place(order, now)?;
        state.note_start(order, self.place, now);
        Ok(())
    }

    fn end(&self, attempt: AttemptId, now: Timestamp) {
        self.network.state().nodes[self.place].end(attempt, now);
    }

    fn reports(&self, now: Timestamp) -> Vec<CallReport> {
        let mut state = self.network.state();
        state.advance(now);
        state.unheard.remove(&self.place).unwrap_or_default()
    }

    fn silence(&self, call: &OrphanedCall, now: Timestamp) {
        let state = self.network.state();
        if let Some((place, ..)) = state.calls.get(&call.attempt) {
            state.nodes[*place].end(call.attempt, now);
        }
    }
}
