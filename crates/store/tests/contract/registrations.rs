//! Lines that register, and how they stand with their registrars.

use domain::{
    LineDraft, LineId, LineKind, LineRegistration, LineSettings, NodeId, RegistrationFailure, SipAddress,
    SipTrunk,
};
use jiff::SignedDuration;
use rstest::rstest;
use store::{dialing, lines};

use crate::support::{Database, World, anything, at, name};

const LEASE: SignedDuration = SignedDuration::from_mins(1);

fn draft(registers: bool) -> LineDraft {
    let addresses = vec![SipAddress::parse("192.0.2.1").unwrap()];
    let trunk = SipTrunk { register: registers, ..SipTrunk::new(addresses) };
    LineDraft {
        name: name("line"),
        secret: None,
        settings: LineSettings::new(LineKind::Sip(Box::new(trunk)), 10),
    }
}

async fn create(world: &World, registers: bool) -> LineId {
    let (id, draft) = (LineId::new(anything()), draft(registers));
    world.write(async |tx| lines::create(tx, world.partner, id, &draft, &world.change).await).await.unwrap();
    id
}

async fn node(world: &World, lease: SignedDuration) -> NodeId {
    let node = NodeId::new(anything());
    world.write(async |tx| dialing::enter(tx, node, lease).await).await.unwrap();
    node
}

fn failed(code: Option<u16>) -> LineRegistration {
    LineRegistration::Failed(RegistrationFailure { code, phrase: "No".to_owned() })
}

#[rstest]
#[tokio::test]
async fn the_lines_that_register_are_known_by_their_settings(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let found = async |most: u32| {
        let found = dialing::registering_lines(&mut world.read().await, most).await.unwrap();
        found.into_iter().map(|line| line.id).collect::<Vec<_>>()
    };
    create(&world, false).await;
    let mut ids = [create(&world, true).await, create(&world, true).await];
    ids.sort_unstable();
    assert_eq!((found(10).await, found(1).await), (ids.to_vec(), vec![ids[0]]));
    world
        .write(async |tx| {
            let line = lines::lock(tx, world.partner, ids[0]).await?;
            lines::update(tx, &line, &draft(false), &world.change).await
        })
        .await
        .unwrap();
    assert_eq!(found(10).await, [ids[1]]);
}

#[rstest]
#[tokio::test]
async fn a_registration_is_known_from_nodes_that_live(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = create(&world, true).await;
    let (first, second, dead) =
        (node(&world, LEASE).await, node(&world, LEASE).await, node(&world, SignedDuration::ZERO).await);
    let note = async |node: NodeId, registration: LineRegistration, seconds: i64| {
        let noting = async |tx: &mut store::Tx| {
            dialing::note_registration(tx, (line, node), &registration, at(seconds)).await
        };
        world.write(noting).await.unwrap();
    };
    let known = async || {
        let found = dialing::line_registrations(&mut world.read().await, &[line]).await.unwrap();
        found.get(&line).map(|known| (known.registration.clone(), known.since))
    };
    note(dead, LineRegistration::Registered, 1).await;
    assert_eq!(known().await, None);
    note(first, failed(Some(403)), 10).await;
    assert_eq!(known().await, Some((failed(Some(403)), at(10))));
    note(first, failed(None), 20).await;
    assert_eq!(known().await, Some((failed(None), at(10))), "it has been so since then");
    note(first, LineRegistration::Registered, 30).await;
    assert_eq!(known().await, Some((LineRegistration::Registered, at(30))));
    // Where one has taken over, what the other said last matters no more.
    note(second, LineRegistration::Registered, 40).await;
    note(first, failed(None), 50).await;
    assert_eq!(known().await, Some((LineRegistration::Registered, at(40))));
    world.write(async |tx| dialing::forget_registration(tx, line, second).await).await.unwrap();
    assert_eq!(known().await, Some((failed(None), at(50))));
    world.write(async |tx| dialing::leave(tx, first).await).await.unwrap();
    assert_eq!(known().await, None);
}
