//! Lines that have to be registered: one node keeps each registered, and nothing begins over one while it is not.

use std::sync::{Arc, Mutex, MutexGuard};

use dialer::Dialer;
use domain::{
    AttemptId, LineId, LineKind, LineRegistration, LineSettings, NodeId, NumberState, RegistrationFailure,
    ScriptChoice, SipAddress, SipTrunk, TransferExtension, TransferRing, TransferStep, TransferTarget,
};
use jiff::Timestamp;
use rstest::rstest;
use store::dialing;
use telephony::{CallEvent, CallOrder, CallReport, Carrier, OrphanedCall, Refused, RegistrationReport};
use test_support::anything;

use crate::support::{Database, Dialed, World, rate};

/// A carrier whose callees answer at once and want to be connected with someone else over the same line.
#[derive(Default)]
struct Registering(Mutex<RegisteringState>);

#[derive(Default)]
struct RegisteringState {
    /// The lines that it was told to keep registered last, with their versions.
    kept: Vec<(LineId, i64)>,
    registrations: Vec<RegistrationReport>,
    placed: Vec<AttemptId>,
    reports: Vec<CallReport>,
    /// The calls whose transfers were ended.
    refused: Vec<AttemptId>,
}

impl Registering {
    fn state(&self) -> MutexGuard<'_, RegisteringState> {
        self.0.lock().unwrap()
    }

    fn kept(&self) -> Vec<(LineId, i64)> {
        self.state().kept.clone()
    }

    fn placed(&self) -> usize {
        self.state().placed.len()
    }

    /// The registrar registers the line, or refuses it with this code.
    fn says(&self, line: LineId, refuses: Option<u16>) {
        let registration = match refuses {
            None => LineRegistration::Registered,
            code => LineRegistration::Failed(RegistrationFailure { code, phrase: "No".to_owned() }),
        };
        self.state().registrations.push(RegistrationReport { line, registration });
    }
}

impl Carrier for Registering {
    fn place(&self, order: &CallOrder, at: Timestamp) -> Result<(), Refused> {
        let mut state = self.state();
        state.placed.push(order.attempt);
        let step = TransferStep {
            to: TransferTarget::Extension(TransferExtension::parse("801").unwrap()),
            line: order.line.id.uuid(),
            ring: TransferRing::or(30),
            no_answer: None,
        };
        for event in [CallEvent::Answered, CallEvent::TransferWanted(Box::new(step))] {
            state.reports.push(CallReport { attempt: order.attempt, leg: None, at, event });
        }
        Ok(())
    }

    fn end(&self, _: AttemptId, _: Timestamp) {}

    fn end_transfer(&self, attempt: AttemptId, _: Timestamp) {
        self.state().refused.push(attempt);
    }

    fn reports(&self, _: Timestamp) -> Vec<CallReport> {
        std::mem::take(&mut self.state().reports)
    }

    fn silence(&self, _: &OrphanedCall, _: Timestamp) {}

    fn keep_registered(&self, lines: &[Arc<domain::Line>]) {
        self.state().kept = lines.iter().map(|line| (line.id, line.version)).collect();
    }

    fn registration_reports(&self) -> Vec<RegistrationReport> {
        std::mem::take(&mut self.state().registrations)
    }
}

fn trunk(registers: bool, channels: i64) -> LineSettings {
    let addresses = vec![SipAddress::parse("127.0.0.1:5060").unwrap()];
    let trunk = SipTrunk { register: registers, ..SipTrunk::new(addresses) };
    let kind = LineKind::Sip(Box::new(trunk));
    LineSettings { cps: rate(20_000), ..LineSettings::new(kind, channels) }
}

fn node(world: &World) -> (Dialer, Arc<Registering>) {
    let carrier = Arc::new(Registering::default());
    (world.node_with(carrier.clone()), carrier)
}

#[rstest]
#[tokio::test]
async fn nothing_begins_over_a_line_while_it_is_not_registered(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, line) = world.simple(trunk(true, 1), Dialed { calls: 1, ..Dialed::default() }, 3).await;
    let (mut node, carrier) = node(&world);
    world.run(&mut node, 20, 100).await;
    assert_eq!((carrier.kept(), carrier.placed()), (vec![(line, 1)], 0));
    assert_eq!(world.in_state(task, NumberState::Due).await, 3, "no number is kept from other nodes");
    let known = async || {
        let found = dialing::line_registrations(&mut world.store.read().await.unwrap(), &[line]).await;
        found.unwrap().get(&line).map(|known| known.registration.clone())
    };
    carrier.says(line, Some(403));
    world.run(&mut node, 20, 100).await;
    let refused = RegistrationFailure { code: Some(403), phrase: "No".to_owned() };
    assert_eq!((carrier.placed(), known().await), (0, Some(LineRegistration::Failed(refused))));
    carrier.says(line, None);
    world.run(&mut node, 20, 100).await;
    assert_eq!((carrier.placed(), known().await), (1, Some(LineRegistration::Registered)));
    // The only channel is in use, so that the transfer waits. Once the line is not registered it waits in vain.
    assert_eq!(carrier.state().refused.len(), 0);
    carrier.says(line, Some(503));
    world.run(&mut node, 2, 100).await;
    let state = carrier.state();
    assert_eq!(state.refused, state.placed);
}

#[rstest]
#[tokio::test]
async fn a_line_that_is_changed_has_to_be_registered_anew(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (_, line) = world.simple(trunk(true, 10), Dialed { calls: 1, ..Dialed::default() }, 3).await;
    let (mut node, carrier) = node(&world);
    world.run(&mut node, 5, 100).await;
    carrier.says(line, None);
    world.change_line(line, trunk(true, 9)).await;
    world.run(&mut node, 5, 100).await;
    assert_eq!((carrier.kept(), carrier.placed()), (vec![(line, 2)], 0));
    carrier.says(line, None);
    world.run(&mut node, 20, 100).await;
    assert_eq!(carrier.placed(), 1);
    world.change_line(line, trunk(false, 10)).await;
    world.run(&mut node, 5, 100).await;
    assert_eq!(carrier.kept(), []);
    let known = dialing::line_registrations(&mut world.store.read().await.unwrap(), &[line]).await.unwrap();
    assert!(known.is_empty(), "{known:?}");
}

#[tokio::test]
async fn one_node_alone_registers_a_line_and_another_once_it_leaves() {
    let world = World::new(Database::Postgres).await;
    // Nobody names it: it is registered all the same.
    let line = world.line(trunk(false, 10), &[world.accounts.user], 100).await;
    let (_, of_task) = world.simple(trunk(true, 10), Dialed::default(), 0).await;
    let ((mut first, one), (mut second, other)) = (node(&world), node(&world));
    let both = async |first: &mut Dialer, second: &mut Dialer, steps: usize| {
        for _ in 0..steps {
            world.run(first, 1, 250).await;
            world.run(second, 1, 250).await;
            let (one, other) = (one.kept(), other.kept());
            assert!(one.iter().all(|kept| !other.contains(kept)), "{one:?} {other:?}");
        }
    };
    both(&mut first, &mut second, 8).await;
    assert_eq!((one.kept(), other.kept()), (vec![(of_task, 1)], vec![]));
    // It becomes one that registers while both have a part of it.
    world.change_line(line, trunk(true, 10)).await;
    both(&mut first, &mut second, 100).await;
    let kept: Vec<LineId> = one.kept().into_iter().chain(other.kept()).map(|(line, _)| line).collect();
    assert!(kept.len() == 2 && kept.contains(&line) && kept.contains(&of_task), "{kept:?}");
    first.leave().await.unwrap();
    world.run(&mut second, 8, 250).await;
    assert_eq!(other.kept().len(), 2);
}

#[tokio::test]
async fn a_node_that_lost_its_lease_says_again_which_lines_it_has_registered() {
    let world = World::new(Database::Postgres).await;
    let (_, line) = world.simple(trunk(true, 10), Dialed::default(), 0).await;
    let (mut node, carrier) = node(&world);
    world.run(&mut node, 5, 100).await;
    carrier.says(line, None);
    world.run(&mut node, 5, 100).await;
    let mut read = world.store.read().await.unwrap();
    let [id] = dialing::expired(&mut read, NodeId::new(anything()), true).await.unwrap()[..] else {
        panic!()
    };
    drop(read);
    let mut tx = world.store.begin().await.unwrap();
    dialing::leave(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    // Long enough for the lease to be renewed, in vain.
    world.run(&mut node, 300, 100).await;
    assert_eq!(carrier.kept(), [(line, 1)]);
    let known = dialing::line_registrations(&mut world.store.read().await.unwrap(), &[line]).await.unwrap();
    assert_eq!(known.get(&line).map(|known| &known.registration), Some(&LineRegistration::Registered));
}

#[rstest]
#[tokio::test]
async fn nobody_is_called_who_could_not_be_connected_from_here(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const TRANSFERRING: i64 = 5;
    let world = World::new(database).await;
    let user = world.accounts.user;
    let over = world.line(trunk(true, 10), &[user], 10).await;
    world.transferring_script(TRANSFERRING, over).await;
    let script = ScriptChoice { destination_extension: TRANSFERRING, ..ScriptChoice::default() };
    let dialed = Dialed { calls: 1, script, ..Dialed::default() };
    let (task, _) = world.simple(trunk(false, 10), dialed, 3).await;
    let (mut node, carrier) = node(&world);
    world.run(&mut node, 20, 100).await;
    assert_eq!((carrier.kept(), carrier.placed()), (vec![(over, 1)], 0));
    assert_eq!(world.in_state(task, NumberState::Due).await, 3, "no number is kept from other nodes");
    carrier.says(over, None);
    world.run(&mut node, 20, 100).await;
    assert_eq!(carrier.placed(), 1);
}
