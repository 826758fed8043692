//! What those hear of a line who have a share of it: that it is down once, whichever nodes find so, and that it is up once no node does.

use std::time::Duration;

use dialer::Dialer;
use domain::{AccountId, EventDetail, EventKind, LineId, NodeId, OutcomeClass};
use jiff::SignedDuration;
use rstest::rstest;
use store::{dialing, events};
use test_support::anything;

use crate::support::{Database, Dialed, World, always};

const DOWN: EventKind = EventKind::LineDown;
const UP: EventKind = EventKind::LineUp;

/// What was told of lines, in order; to each account the same.
async fn told(world: &World) -> Vec<EventKind> {
    let of = async |account: AccountId| {
        let logged = events::list(&mut world.store.read().await.unwrap(), account, 0, 10_000).await.unwrap();
        let of_line = logged.into_iter().filter_map(|logged| match logged.event.detail {
            Some(EventDetail::Line(health)) => Some((logged.event.kind, health.line_name)),
            _ => None,
        });
        of_line.collect::<Vec<_>>()
    };
    let told = of(world.accounts.user).await;
    assert_eq!(of(world.accounts.sub_user).await, told);
    assert!(told.iter().all(|(_, name)| name == "line"), "{told:?}");
    told.into_iter().map(|(kind, _)| kind).collect()
}

/// How many nodes find a line down.
async fn finding_it_down(world: &World) -> usize {
    world.texts("SELECT '' || since FROM lines_down").await.len()
}

async fn is_well(world: &World, line: LineId) {
    world.change_line(line, always(OutcomeClass::Answered, 1, 1)).await;
}

/// Removes all nodes, as another does once their leases have run out.
async fn remove_nodes(world: &World) {
    let mut read = world.store.read().await.unwrap();
    let nodes = dialing::expired(&mut read, NodeId::new(anything()), true).await.unwrap();
    drop(read);
    let mut tx = world.store.begin().await.unwrap();
    for node in nodes {
        dialing::leave(&mut tx, node).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn that_a_line_fails_is_told_once_and_taken_back_when_the_node_that_found_so_leaves(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (_, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(), 100).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    assert_eq!(told(&world).await, [DOWN]);
    node.leave().await.unwrap();
    assert_eq!(told(&world).await, [DOWN, UP]);
    is_well(&world, line).await;
    world.run(&mut world.node(), 300, 1_000).await;
    assert_eq!(told(&world).await, [DOWN, UP], "the next one finds nothing wrong");
}

#[rstest]
#[tokio::test]
async fn that_a_line_is_up_is_told_by_whoever_comes_after_a_node_that_died(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (_, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(), 100).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    drop(node);
    is_well(&world, line).await;
    remove_nodes(&world).await;
    assert_eq!(told(&world).await, [DOWN]);
    let mut next = world.node();
    world.run(&mut next, 2, 1_000).await;
    assert_eq!(told(&world).await, [DOWN, UP]);
    world.run(&mut next, 300, 1_000).await;
    assert_eq!(told(&world).await, [DOWN, UP]);
}

#[rstest]
#[tokio::test]
async fn how_far_a_line_that_is_down_has_come_back_is_written_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    // The call that tries it rings for half a minute.
    let (_, line) = world.simple(always(OutcomeClass::LineFailure, 30, 0), calls(), 100).await;
    let mut node = world.node();
    let mut steps: Vec<String> = Vec::new();
    for _ in 0..1_200 {
        world.run(&mut node, 1, 500).await;
        let step = "SELECT '' || recovery || CASE WHEN next_trial_at IS NULL THEN '' ELSE ' until' END FROM lines_down";
        steps.extend(world.texts(step).await);
    }
    steps.dedup();
    let pausing = steps.iter().filter(|step| *step == "0 until").count();
    let tried = steps.iter().filter(|step| *step == "3").count();
    assert!(pausing >= 3 && tried >= 3, "{steps:?}");
    assert!(
        steps.iter().all(|step| ["0 until", "2", "3"].contains(&step.as_str())),
        "nothing can be asked: {steps:?}"
    );
    is_well(&world, line).await;
    world.run(&mut node, 600, 1_000).await;
    assert_eq!(finding_it_down(&world).await, 0);
}

/// Two nodes that both find the only line down.
async fn two_that_find_it_down() -> (World, LineId, [Dialer; 2]) {
    let mut world = World::new(Database::Postgres).await;
    // By the database's clock: longer than a busy machine may stop the test.
    world.settings.node_lease = SignedDuration::from_secs(6);
    let (_, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(), 500).await;
    let mut nodes = [world.node(), world.node()];
    for round in 0.. {
        for node in &mut nodes {
            world.run(node, 1, 200).await;
        }
        if finding_it_down(&world).await == 2 {
            break;
        }
        assert!(round < 1_000, "one still calls");
    }
    assert_eq!(told(&world).await, [DOWN], "the second says nothing new");
    (world, line, nodes)
}

/// Runs a node until the other's lease has run out by the database's clock, and it is removed.
async fn outlive(world: &World, node: &mut Dialer) {
    let begun = std::time::Instant::now();
    while world.texts("SELECT '' || lease_until FROM nodes").await.len() > 1 {
        world.run(node, 2, 100).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(begun.elapsed() < Duration::from_mins(1), "not removed");
    }
    world.run(node, 1, 1_000).await;
}

#[tokio::test]
async fn a_line_that_the_living_node_finds_down_is_not_up_when_the_other_dies() {
    let (world, line, [dying, mut living]) = Box::pin(two_that_find_it_down()).await;
    drop(dying);
    outlive(&world, &mut living).await;
    assert_eq!((finding_it_down(&world).await, told(&world).await), (1, vec![DOWN]));
    is_well(&world, line).await;
    world.run(&mut living, 600, 1_000).await;
    assert_eq!((finding_it_down(&world).await, told(&world).await), (0, vec![DOWN, UP]));
}

#[tokio::test]
async fn a_line_is_up_once_the_last_node_that_finds_it_down_has_died() {
    let (world, line, [dying, mut living]) = Box::pin(two_that_find_it_down()).await;
    drop(dying);
    is_well(&world, line).await;
    let begun = std::time::Instant::now();
    while finding_it_down(&world).await > 1 {
        assert_eq!(told(&world).await, [DOWN], "the other still finds it down");
        world.run(&mut living, 1, 1_000).await;
        assert!(begun.elapsed() < Duration::from_mins(1), "it is not tried");
    }
    outlive(&world, &mut living).await;
    assert_eq!((finding_it_down(&world).await, told(&world).await), (0, vec![DOWN, UP]));
}

#[tokio::test]
async fn a_node_that_lost_its_lease_says_again_which_lines_it_leaves_alone() {
    let world = World::new(Database::Postgres).await;
    let (_, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(), 100).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    remove_nodes(&world).await;
    assert_eq!(finding_it_down(&world).await, 0);
    // Long enough for the lease to be renewed, in vain.
    world.run(&mut node, 30, 1_000).await;
    assert_eq!(finding_it_down(&world).await, 1);
    is_well(&world, line).await;
    world.run(&mut node, 600, 1_000).await;
    let told = told(&world).await;
    assert_eq!((told.first(), told.last(), told.len() % 2), (Some(&DOWN), Some(&UP), 0), "{told:?}");
    assert_eq!(finding_it_down(&world).await, 0);
}

fn calls() -> Dialed {
    Dialed { calls: 10, ..Dialed::default() }
}
