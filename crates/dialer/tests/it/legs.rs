//! Calls whose scripts connect callees with someone else: each leg takes a channel and a start of its line, is written down before it is dialed, and
//! rings nobody while the kill switch is on.

use std::sync::{Arc, Mutex, MutexGuard};

use dialer::Dialer;
use domain::{
    AnsweredBy, Answerer, AnswererReason, AttemptId, EndedBy, LegId, LineId, LineKind, LineSettings,
    NetworkCause, OutcomeClass, ReachedStep, SipAddress, SipTrunk, StepKind, StopTarget, TaskId,
    TransferExtension, TransferRing, TransferStep, TransferTarget,
};
use jiff::Timestamp;
use rstest::rstest;
use store::{Page, dialing};
use telephony::{CallEvent, CallOrder, CallRefusal, CallReport, Carrier, LegOrder, OrphanedCall, Refused};

use crate::support::{ALWAYS, Database, Dialed, World, rate};

const ALL: Page = Page { number: 1, size: 1_000 };

/// A carrier whose callees answer at once and are to be connected with someone else over the same line.
#[derive(Default)]
struct Switchboard(Mutex<SwitchboardState>);

#[derive(Default)]
struct SwitchboardState {
    reports: Vec<CallReport>,
    /// The legs that were placed, and when.
    placed: Vec<(AttemptId, LegId, Timestamp)>,
    /// The calls whose transfers were ended from here.
    ended: Vec<AttemptId>,
    silenced: Vec<OrphanedCall>,
}

impl Switchboard {
    fn state(&self) -> MutexGuard<'_, SwitchboardState> {
        self.0.lock().unwrap()
    }

    /// How many legs were placed, and how many transfers were ended from here.
    fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.placed.len(), state.ended.len())
    }

    /// Something happens to the leg that was placed at this place.
    fn happens(&self, place: usize, at: Timestamp, event: CallEvent) {
        let mut state = self.state();
        let (attempt, leg, _) = state.placed[place];
        state.reports.push(CallReport { attempt, leg: Some(leg), at, event });
    }
}

impl Carrier for Switchboard {
    fn place(&self, order: &CallOrder, at: Timestamp) -> Result<(), Refused> {
        let mut state = self.state();
        let extension = TransferExtension::parse("801").unwrap();
        let step = TransferStep {
            to: TransferTarget::Extension(extension),
            line: order.line.id.uuid(),
            ring: TransferRing::or(30),
            no_answer: None,
        };
        for event in [CallEvent::Answered, CallEvent::TransferWanted(Box::new(step))] {
            state.reports.push(CallReport { attempt: order.attempt, leg: None, at, event });
        }
        Ok(())
    }

    fn end(&self, attempt: AttemptId, at: Timestamp) {
        let event = CallEvent::HungUp(EndedBy::Dialtime);
        self.state().reports.push(CallReport { attempt, leg: None, at, event });
    }

    fn place_leg(&self, order: &LegOrder, now: Timestamp) -> Result<(), Refused> {
        self.state().placed.push((order.attempt, order.leg, now));
        Ok(())
    }

    fn end_transfer(&self, attempt: AttemptId, _: Timestamp) {
        self.state().ended.push(attempt);
    }

    fn reports(&self, _: Timestamp) -> Vec<CallReport> {
        std::mem::take(&mut self.state().reports)
    }

    fn silence(&self, call: &OrphanedCall, _: Timestamp) {
        self.state().silenced.push(call.clone());
    }
}

fn busy() -> CallEvent {
    CallEvent::Refused(CallRefusal {
        cause: NetworkCause { code: Some(486), ..NetworkCause::default() },
        ..CallRefusal::default()
    })
}

fn trunk(channels: i64, calls_a_second: i64) -> LineSettings {
    let trunk = SipTrunk::new(vec![SipAddress::parse("127.0.0.1:5060").unwrap()]);
    let kind = LineKind::Sip(Box::new(trunk));
    LineSettings { cps: rate(calls_a_second * 1_000), ..LineSettings::new(kind, channels) }
}

/// So many calls over a line of so many channels, each of which is to be connected over the same line.
async fn transferring(
    database: Database,
    calls: u32,
    channels: i64,
) -> (World, Dialer, Arc<Switchboard>, (TaskId, LineId)) {
    let world = World::new(database).await;
    let dialed = Dialed { calls: i64::from(calls), ..Dialed::default() };
    let task = world.simple(trunk(channels, 10), dialed, calls).await;
    let (node, switchboard) = node(&world);
    (world, node, switchboard, task)
}

fn node(world: &World) -> (Dialer, Arc<Switchboard>) {
    let switchboard = Arc::new(Switchboard::default());
    (world.node_with(switchboard.clone()), switchboard)
}

#[rstest]
#[tokio::test]
async fn a_leg_waits_for_a_channel_and_a_start_of_its_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, switchboard, (task, line)) = transferring(database, 2, 3).await;
    world.run(&mut node, 40, 50).await;
    assert_eq!(switchboard.state().placed.len(), 1, "two calls and a leg have all three channels");
    let mut read = world.store.read().await.unwrap();
    let over = dialing::calls_over_lines(&mut read, &[line]).await.unwrap();
    assert_eq!(over.get(&line).map(|over| over.calls), Some(3));
    let open = dialing::open_attempts(&mut read, world.accounts.user, Some(task), ALL).await.unwrap();
    let last_start = open.items.iter().map(|attempt| attempt.dialed_at).max();
    assert!(last_start.is_some() && over[&line].last_start == last_start, "{over:?}");
    drop(read);
    let legs: usize = open.items.iter().map(|attempt| attempt.legs.len()).sum();
    assert_eq!(legs, 1, "it is written down");
    switchboard.happens(0, world.now(), busy());
    world.run(&mut node, 10, 50).await;
    let placed: Vec<_> = switchboard.state().placed.clone();
    let [(first, ..), (second, ..)] = placed.as_slice() else { panic!("{} legs", placed.len()) };
    assert_ne!(first, second, "its channel is the next one's");
    switchboard.happens(1, world.now(), CallEvent::Answered);
    switchboard.happens(1, world.now(), CallEvent::HungUp(EndedBy::Agent));
    for (attempt, ..) in &placed {
        switchboard.end(*attempt, world.now());
    }
    world.run(&mut node, 5, 50).await;
    let records = world.records().await;
    let of = |id| records.iter().find(|record| record.id == id).unwrap().legs[0].clone();
    let ends = [of(*first), of(*second)].map(|leg| (leg.end.clone().unwrap().class, leg.end.unwrap().by));
    assert_eq!(ends, [(OutcomeClass::Busy, EndedBy::Agent), (OutcomeClass::Answered, EndedBy::Agent)]);
    let over = dialing::calls_over_lines(&mut world.store.read().await.unwrap(), &[line]).await.unwrap();
    assert_eq!(over.get(&line), None);
}

#[rstest]
#[tokio::test]
async fn nobody_waits_longer_than_ten_seconds_for_a_channel(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, switchboard, _) = transferring(database, 1, 1).await;
    world.run(&mut node, 90, 100).await;
    assert_eq!(switchboard.counts(), (0, 0));
    world.run(&mut node, 20, 100).await;
    assert_eq!(switchboard.counts(), (0, 1));
}

#[rstest]
#[tokio::test]
async fn a_leg_waits_until_its_user_may_have_one_call_more_over_the_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    // Both calls begin at once, before either has its leg.
    let line = world.line(trunk(10, 1_000), &[user], 2).await;
    let group = world.group(user, ALWAYS).await;
    let task = world.task(user, group, line, Dialed { calls: 2, ..Dialed::default() }).await;
    world.numbers(user, task, 0..2).await;
    let (mut node, switchboard) = node(&world);
    world.run(&mut node, 40, 50).await;
    assert_eq!(switchboard.counts(), (0, 0), "two calls are the user's whole share of the line");
    let open = dialing::open_attempts(&mut world.store.read().await.unwrap(), user, Some(task), ALL).await;
    let calls: Vec<AttemptId> = open.unwrap().items.iter().map(|attempt| attempt.id).collect();
    let [one, other] = calls.as_slice() else { panic!("{} calls", calls.len()) };
    switchboard.end(*one, world.now());
    world.run(&mut node, 10, 50).await;
    let placed: Vec<_> = switchboard.state().placed.iter().map(|(attempt, ..)| *attempt).collect();
    assert_eq!(placed, [*other], "it takes the place of the call that is over");
}

#[rstest]
#[tokio::test]
async fn the_kill_switch_of_a_line_silences_its_legs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, mut node, switchboard, (_, line)) = transferring(database, 1, 3).await;
    world.run(&mut node, 10, 50).await;
    assert_eq!(switchboard.counts(), (1, 0));
    world.stop(StopTarget::Line(world.accounts.partner, line), true).await;
    world.run(&mut node, 2, 50).await;
    assert_eq!(switchboard.counts(), (1, 1));
}

#[rstest]
#[tokio::test]
async fn the_leg_of_a_node_that_dies_is_silenced_and_in_the_record(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    world.settings.node_lease = jiff::SignedDuration::from_millis(2_200);
    let dialed = Dialed { calls: 1, ..Dialed::default() };
    let (task, _) = world.simple(trunk(3, 10), dialed, 1).await;
    let (mut node, switchboard) = self::node(&world);
    world.run(&mut node, 20, 50).await;
    let handle = domain::CallHandle::new("BYE").unwrap();
    switchboard.happens(0, world.now(), CallEvent::Answered);
    switchboard.happens(0, world.now(), CallEvent::Endable(handle.clone()));
    let [early, answerer] =
        [(AnsweredBy::Unsure, AnswererReason::NotSpeech), (AnsweredBy::Human, AnswererReason::ShortGreeting)]
            .map(|(by, reason)| Answerer { by, reason, after: 1_296, beep_after: None });
    let step = ReachedStep { at: world.now(), step: Some(1), label: None, kind: StepKind::Transfer };
    let attempt = switchboard.state().placed[0].0;
    for event in
        [CallEvent::JudgedEarly(early), CallEvent::Judged(answerer), CallEvent::Reached(step.clone())]
    {
        let report = CallReport { attempt, leg: None, at: world.now(), event };
        switchboard.state().reports.push(report);
    }
    world.run(&mut node, 2, 50).await;
    drop(node);
    let (mut next, after) = self::node(&world);
    let begun = std::time::Instant::now();
    while world.records().await.is_empty() {
        world.run(&mut next, 1, 1_000).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(begun.elapsed().as_secs() < 60, "not reaped");
    }
    let silenced: Vec<_> = after.state().silenced.iter().map(|call| call.handle.clone()).collect();
    assert_eq!(silenced, [None, Some(handle)], "the call and its leg");
    let records = world.records().await;
    let end = records[0].legs[0].end.clone().unwrap();
    assert_eq!((records[0].task_id, end.class, end.by), (task, OutcomeClass::Answered, EndedBy::Unknown));
    assert_eq!((records[0].early_answerer, records[0].answerer), (Some(early), Some(answerer)));
    assert_eq!(records[0].steps, [step], "what was heard is kept");
}
