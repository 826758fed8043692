//! The database is away while calls go on: nothing of what happened meanwhile is lost.

use domain::{LineSettings, NumberState, OutcomeClass};
use jiff::SignedDuration;
use rstest::rstest;

use crate::support::{Database, Dialed, World, always, rate};

fn calls(calls: i64) -> Dialed {
    Dialed { calls, ..Dialed::default() }
}

/// Has every statement on a table fail until [`bring_back`].
async fn take_away(world: &World, table: &str) {
    world.database.execute(&format!("ALTER TABLE {table} RENAME TO taken_away")).await;
}

async fn bring_back(world: &World, table: &str) {
    world.database.execute(&format!("ALTER TABLE taken_away RENAME TO {table}")).await;
}

#[rstest]
#[tokio::test]
async fn calls_that_end_while_the_database_is_away_have_the_outcome_they_had(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    // One call a second, so that some ring, some are answered and some end at any time.
    let line = LineSettings { cps: rate(1_000), ..always(OutcomeClass::Answered, 3, 2) };
    let (task, _) = world.simple(line, calls(4), 4).await;
    let mut node = world.node();
    world.run(&mut node, 42, 100).await;
    assert_eq!(world.in_state(task, NumberState::InCall).await, 4);
    take_away(&world, "open_attempts").await;
    for _ in 0..70 {
        node.round().await.ok();
        world.pass_with(&node, 100);
    }
    bring_back(&world, "open_attempts").await;
    world.run(&mut node, 20, 100).await;
    let classes: Vec<OutcomeClass> = world.records().await.iter().map(|record| record.class).collect();
    assert_eq!(classes, [OutcomeClass::Answered; 4]);
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn an_answer_while_the_database_is_away_is_known_to_who_ends_the_call_of_a_dead_node(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    world.settings.node_lease = SignedDuration::from_millis(2_200);
    let (task, _) = world.simple(always(OutcomeClass::Answered, 3, 600), calls(2), 2).await;
    let mut node = world.node();
    world.run(&mut node, 10, 100).await;
    take_away(&world, "open_attempts").await;
    for _ in 0..30 {
        node.round().await.ok();
        world.pass_with(&node, 100);
    }
    bring_back(&world, "open_attempts").await;
    world.run(&mut node, 3, 100).await;
    drop(node);
    let mut other = world.node();
    for _ in 0..60 {
        world.run(&mut other, 1, 100).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if world.records().await.len() == 2 {
            break;
        }
    }
    let classes: Vec<OutcomeClass> = world.records().await.iter().map(|record| record.class).collect();
    assert_eq!(classes, [OutcomeClass::Answered; 2]);
    world.check_counts(task).await;
}

#[tokio::test]
async fn a_node_that_cannot_renew_its_lease_silences_its_phones_before_it_ends_and_lets_people_talk() {
    let mut world = World::new(Database::Postgres).await;
    world.settings.node_lease = SignedDuration::from_secs(9);
    let user = world.accounts.user;
    let group = world.group(user, crate::support::ALWAYS).await;
    let (mut tasks, mut lines) = (Vec::new(), Vec::new());
    for ring in [1, 50] {
        let line = world.line(always(OutcomeClass::Answered, ring, 600), &[user], 10).await;
        let task = world.task(user, group, line, calls(2)).await;
        let first = u32::try_from(ring).unwrap();
        world.numbers(user, task, first..first + 2).await;
        tasks.push(task);
        lines.push(line);
    }
    let mut node = world.node();
    world.run(&mut node, 20, 100).await;
    take_away(&world, "nodes").await;
    let lease = world.settings.node_lease;
    let until = world.now() + lease;
    while world.now() < until {
        node.round().await.ok();
        world.pass_with(&node, 100);
    }
    let seen = world.seen();
    assert_eq!((seen.under_way[&lines[0]], seen.under_way[&lines[1]]), (2, 0));
    bring_back(&world, "nodes").await;
    world.run(&mut node, 5, 100).await;
    let records = world.records().await;
    assert_eq!(records.len(), 2, "those that were silenced");
    assert!(records.iter().all(|record| record.times.answered_at.is_none()));
    for task in tasks {
        world.check_counts(task).await;
    }
}
