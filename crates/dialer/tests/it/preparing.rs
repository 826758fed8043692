//! Calls that their carrier makes ready: none starts before it is written down what ends it.

use std::sync::{Arc, Mutex, MutexGuard};

use dialer::Dialer;
use domain::{
    AttemptId, CallHandle, LegId, LineKind, LineSettings, NumberState, OutcomeClass, SipAddress, SipTrunk,
    StopTarget,
};
use jiff::Timestamp;
use rstest::rstest;
use store::{Page, dialing};
use telephony::{CallEvent, CallOrder, CallRefusal, CallReport, Carrier, OrphanedCall, Preparation, Refused};

use crate::{
    support::{ALWAYS, Database, Dialed, World, rate},
    windows::FIVE_MINUTES,
};

const ALL: Page = Page { number: 1, size: 1_000 };

/// A carrier that makes calls ready, and does nothing else unless it is told to.
#[derive(Default)]
struct Workshop(Mutex<WorkshopState>);

#[derive(Default)]
struct WorkshopState {
    reports: Vec<CallReport>,
    prepared: Vec<AttemptId>,
    written: Vec<(AttemptId, CallHandle)>,
    started: Vec<AttemptId>,
    ended: Vec<AttemptId>,
}

impl Workshop {
    fn state(&self) -> MutexGuard<'_, WorkshopState> {
        self.0.lock().unwrap()
    }

    /// So many calls were made ready, started and ended.
    fn counts(&self) -> [usize; 3] {
        let state = self.state();
        [&state.prepared, &state.started, &state.ended].map(Vec::len)
    }

    fn happens(&self, place: usize, at: Timestamp, event: CallEvent) {
        let mut state = self.state();
        let attempt = state.prepared[place];
        state.reports.push(CallReport { attempt, leg: None, at, event });
    }
}

impl Carrier for Workshop {
    fn prepare(&self, order: &CallOrder) -> Result<Preparation, Refused> {
        self.state().prepared.push(order.attempt);
        Ok(Preparation::UnderWay)
    }

    fn start(&self, attempt: AttemptId, _: Timestamp) -> Result<(), Refused> {
        self.state().started.push(attempt);
        Ok(())
    }

    fn note_endable(&self, attempt: AttemptId, _: Option<LegId>, handle: &CallHandle) {
        self.state().written.push((attempt, handle.clone()));
    }

    fn place(&self, _: &CallOrder, _: Timestamp) -> Result<(), Refused> {
        panic!("what was prepared is started")
    }

    fn end(&self, attempt: AttemptId, _: Timestamp) {
        self.state().ended.push(attempt);
    }

    fn reports(&self, _: Timestamp) -> Vec<CallReport> {
        std::mem::take(&mut self.state().reports)
    }

    fn silence(&self, _: &OrphanedCall, _: Timestamp) {}
}

/// A call over a SIP line that is made ready.
async fn prepared(database: Database) -> (World, Dialer, Arc<Workshop>) {
    prepared_in(World::new(database).await, ALWAYS).await
}

async fn prepared_in(world: World, windows: &str) -> (World, Dialer, Arc<Workshop>) {
    let user = world.accounts.user;
    let trunk = SipTrunk::new(vec![SipAddress::parse("127.0.0.1:5060").unwrap()]);
    let settings = LineSettings::new(LineKind::Sip(Box::new(trunk)), 5);
    let line = world.line(LineSettings { cps: rate(10_000), ..settings }, &[user], 100).await;
    let group = world.group(user, windows).await;
    let task = world.task(user, group, line, Dialed { calls: 1, ..Dialed::default() }).await;
    world.numbers(user, task, 0..1).await;
    let workshop = Arc::new(Workshop::default());
    let mut node = world.node_with(workshop.clone());
    for _ in 0..40 {
        world.run(&mut node, 1, 50).await;
        if workshop.counts() != [0, 0, 0] {
            break;
        }
    }
    assert_eq!(workshop.counts(), [1, 0, 0]);
    (world, node, workshop)
}

#[rstest]
#[tokio::test]
async fn a_call_starts_once_what_ends_it_is_written_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, workshop) = prepared(database).await;
    world.run(&mut node, 4, 50).await;
    assert_eq!(workshop.counts(), [1, 0, 0], "it is not ready");
    let handle = CallHandle::new("CANCEL").unwrap();
    workshop.happens(0, world.now(), CallEvent::Endable(handle.clone()));
    // It is heard, and not written down.
    world.pass_with(&node, 100);
    assert_eq!(workshop.counts(), [1, 0, 0], "it is not written down");
    world.run(&mut node, 1, 50).await;
    assert_eq!(workshop.counts(), [1, 1, 0]);
    let mut read = world.store.read().await.unwrap();
    let open = dialing::open_attempts(&mut read, world.accounts.user, None, ALL).await.unwrap();
    assert_eq!(open.items[0].handle, Some(handle));
    assert_eq!(workshop.state().written.len(), 1, "its carrier knows that it is");
}

#[rstest]
#[tokio::test]
async fn a_call_that_is_not_ready_in_time_is_not_sent_and_costs_no_try(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, workshop) = prepared(database).await;
    world.run(&mut node, 45, 50).await;
    let [_, started, ended] = workshop.counts();
    assert_eq!((started, ended), (0, 1), "it is told to forget the call");
    let records = world.records().await;
    assert_eq!((records[0].class, records[0].status), (OutcomeClass::NotSent, None));
}

/// Nobody answers at the line's address: that is said at once, and is a failure of the line as of a call that was sent.
#[rstest]
#[tokio::test]
async fn a_call_that_fails_before_its_start_is_over(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, workshop) = prepared(database).await;
    let mut refusal = CallRefusal::default();
    (refusal.cause.code, refusal.cause.is_local) = (Some(503), true);
    workshop.happens(0, world.now(), CallEvent::Refused(refusal));
    world.run(&mut node, 2, 50).await;
    let records = world.records().await;
    assert_eq!((records[0].class, records[0].cause.code), (OutcomeClass::LineFailure, Some(503)));
    assert_eq!(workshop.counts()[1], 0);
}

#[rstest]
#[tokio::test]
async fn the_kill_switch_forgets_what_is_made_ready(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, workshop) = prepared(database).await;
    world.stop(StopTarget::Installation, true).await;
    world.run(&mut node, 3, 50).await;
    assert_eq!(workshop.counts(), [1, 0, 1]);
    let records = world.records().await;
    assert_eq!(records[0].class, OutcomeClass::NotSent);
    for state in [NumberState::InCall, NumberState::Done] {
        assert_eq!(world.in_state(records[0].task_id, state).await, 0, "it is called later");
    }
}

/// What a decision says of the close is by the clock of then: one that is set back before the call starts does not move it.
#[rstest]
#[tokio::test]
async fn a_clock_that_is_set_back_before_a_start_lets_no_phone_ring_longer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:04:20+08:00").await;
    let (world, mut node, workshop) = prepared_in(world, FIVE_MINUTES).await;
    world.set_clock_by(-120);
    workshop.happens(0, world.now(), CallEvent::Endable(CallHandle::new("CANCEL").unwrap()));
    world.run(&mut node, 4, 50).await;
    assert_eq!(workshop.counts(), [1, 1, 0]);
    workshop.happens(0, world.now(), CallEvent::Ringing);
    world.run(&mut node, 35, 1_000).await;
    assert_eq!(workshop.counts(), [1, 1, 0]);
    world.run(&mut node, 5, 1_000).await;
    assert_eq!(workshop.counts(), [1, 1, 1], "it is close");
}
