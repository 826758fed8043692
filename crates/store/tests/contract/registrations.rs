//! Lines that register, and how they stand with their registrars.

use domain::{
    LineDraft, LineId, LineKind, LineRecovery, LineRegistration, LineSettings, NodeId, RegistrationFailure,
    SipAddress, SipTrunk,
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

#[rstest]
#[tokio::test]
async fn how_far_a_line_that_is_down_has_come_back_is_told_of_all_nodes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    use LineRecovery::{IsAsked, IsTried, MayBeTried, Pauses};

    let world = World::new(database).await;
    let line = create(&world, false).await;
    let nodes = [node(&world, LEASE).await, node(&world, LEASE).await];
    let told = async || {
        let down = dialing::lines_down(&mut world.read().await, &[line]).await.unwrap();
        let down = down.get(&line)?;
        Some((down.nodes, down.probes, down.is_half_open, down.next_trial_at))
    };
    let note = async |node: NodeId, recovery: LineRecovery, until: Option<i64>| {
        let noting = async |tx: &mut store::Tx| {
            dialing::note_line_down(tx, line, node, at(1)).await?;
            dialing::note_recovery(tx, line, node, recovery, until.map(at)).await
        };
        world.write(noting).await.unwrap();
    };
    assert_eq!(told().await, None);
    note(nodes[0], Pauses, Some(10)).await;
    assert_eq!(told().await, Some((1, 0, false, Some(at(10)))));
    note(nodes[1], Pauses, Some(7)).await;
    assert_eq!(told().await, Some((2, 0, false, Some(at(7)))), "the first of them");
    note(nodes[1], IsAsked, None).await;
    assert_eq!(told().await, Some((2, 1, true, None)), "it is not left alone by both");
    note(nodes[1], MayBeTried, None).await;
    assert_eq!(told().await, Some((2, 0, true, None)));
    note(nodes[0], IsTried, None).await;
    note(nodes[1], IsTried, None).await;
    assert_eq!(told().await, Some((2, 2, true, None)));
    for node in nodes {
        world.write(async |tx| dialing::note_line_up(tx, line, node).await).await.unwrap();
    }
    assert_eq!(told().await, None);
}

/// Has a node find a line down; says whether that is news to those who have a share of it.
async fn find_down(world: &World, line: LineId, node: NodeId) -> bool {
    let noting = async |tx: &mut store::Tx| {
        dialing::note_line_down(tx, line, node, at(1)).await?;
        dialing::note_told_down(tx, line).await
    };
    world.write(noting).await.unwrap()
}

/// The same with a line that is up again.
async fn find_up(world: &World, line: LineId, node: NodeId) -> bool {
    let noting = async |tx: &mut store::Tx| {
        dialing::note_line_up(tx, line, node).await?;
        dialing::note_told_up(tx, line).await
    };
    world.write(noting).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn that_a_line_is_down_is_told_once_and_that_it_is_up_once_no_node_finds_it_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = create(&world, false).await;
    let nodes = [node(&world, LEASE).await, node(&world, LEASE).await];
    let down = async |node: NodeId| find_down(&world, line, node).await;
    let up = async |node: NodeId| find_up(&world, line, node).await;
    assert!(!up(nodes[0]).await, "nobody was told that it is down");
    for _ in 0..2 {
        assert_eq!((down(nodes[0]).await, down(nodes[1]).await), (true, false));
        assert_eq!((up(nodes[0]).await, up(nodes[1]).await), (false, true));
    }
    for node in nodes {
        down(node).await;
    }
    let leave = async |node: NodeId| {
        world.write(async |tx| dialing::leave(tx, node).await).await.unwrap();
        dialing::lines_to_tell_up(&mut world.read().await, 10).await.unwrap()
    };
    assert_eq!(leave(nodes[0]).await, []);
    assert_eq!(leave(nodes[1]).await, [line]);
    assert!(up(nodes[0]).await);
    assert_eq!(dialing::lines_to_tell_up(&mut world.read().await, 10).await.unwrap(), []);
    down(node(&world, LEASE).await).await;
    let delete = async |tx: &mut store::Tx| {
        let locked = lines::lock_to_delete(tx, world.partner, line).await?;
        lines::delete(tx, &locked, &world.change).await
    };
    world.write(delete).await.unwrap();
    assert!(!down(nodes[0]).await && !up(nodes[0]).await, "there is no such line");
}

/// One node finds a line up as another finds it down, a hundred times: whichever is first, it was told last that it is down.
#[tokio::test]
async fn a_line_that_one_node_finds_up_as_another_finds_it_down_is_told_to_be_down_last() {
    let world = World::new(Database::Postgres).await;
    let line = create(&world, false).await;
    let nodes = [node(&world, LEASE).await, node(&world, LEASE).await];
    for _ in 0..100 {
        assert!(find_down(&world, line, nodes[0]).await);
        let (is_up, is_down) =
            tokio::join!(find_up(&world, line, nodes[0]), find_down(&world, line, nodes[1]));
        assert_eq!(is_up, is_down, "up and then down, or neither");
        assert!(find_up(&world, line, nodes[1]).await);
    }
}

/// Of two nodes for which a line comes back at the same time exactly one says so, a hundred times.
#[tokio::test]
async fn two_nodes_that_find_a_line_up_at_once_tell_it_once() {
    let world = World::new(Database::Postgres).await;
    let line = create(&world, false).await;
    let nodes = [node(&world, LEASE).await, node(&world, LEASE).await];
    for _ in 0..100 {
        let noting = async |tx: &mut store::Tx| {
            for node in nodes {
                dialing::note_line_down(tx, line, node, at(1)).await?;
            }
            dialing::note_told_down(tx, line).await
        };
        assert!(world.write(noting).await.unwrap());
        let (one, other) = tokio::join!(find_up(&world, line, nodes[0]), find_up(&world, line, nodes[1]));
        assert!(one != other, "{one} {other}");
    }
}

#[rstest]
#[tokio::test]
async fn a_line_that_registers_is_up_once_some_node_has_registered_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = create(&world, true).await;
    let (dead, living) = (node(&world, LEASE).await, node(&world, LEASE).await);
    let note = async |node: NodeId, registration: LineRegistration| {
        let noting = async |tx: &mut store::Tx| {
            dialing::note_registration(tx, (line, node), &registration, at(1)).await?;
            if registration.is_registered() {
                dialing::note_told_up(tx, line).await
            } else {
                dialing::note_told_down(tx, line).await
            }
        };
        world.write(noting).await.unwrap()
    };
    assert!(note(dead, failed(Some(403))).await);
    let leaving = async |tx: &mut store::Tx| {
        dialing::leave(tx, dead).await?;
        dialing::note_told_up(tx, line).await
    };
    assert!(!world.write(leaving).await.unwrap(), "nobody has registered it");
    assert!(!note(living, failed(Some(403))).await, "they know");
    assert!(note(living, LineRegistration::Registered).await);
    assert!(!note(living, LineRegistration::Registered).await);
    // What a node said whose lease has run out matters no more, and a line that needs no registration is up without one.
    let late = node(&world, SignedDuration::ZERO).await;
    assert!(!note(late, LineRegistration::Registered).await);
    assert!(note(living, failed(None)).await);
    let to_tell = async || dialing::lines_to_tell_up(&mut world.read().await, 10).await.unwrap();
    assert_eq!(to_tell().await, []);
    world
        .write(async |tx| {
            let locked = lines::lock(tx, world.partner, line).await?;
            lines::update(tx, &locked, &draft(false), &world.change).await
        })
        .await
        .unwrap();
    assert_eq!(to_tell().await, [line]);
}
