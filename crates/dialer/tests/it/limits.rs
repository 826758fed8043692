//! Limits of lines, tasks and users, with one node and with several.

use std::{collections::HashMap, time::Duration};

use dialer::Dialer;
use domain::{AccountKind, CallRate, LineSettings, OutcomeClass};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use test_support::{create_account, new_account};

use crate::support::{ALWAYS, Database, Dialed, World, always, rate};

/// How long a node that is gone has its share of a line, by the database's clock; a node that is there renews it in time.
const SHARE: SignedDuration = SignedDuration::from_millis(3_300);

/// A round of each node, all at once; then so many milliseconds, in which each keeps its calls.
async fn turn(world: &World, nodes: &mut [Dialer], milliseconds: i64) {
    let rounds = nodes.iter_mut().map(async |node| node.round().await.unwrap());
    futures_util::future::join_all(rounds).await;
    for _ in 0..milliseconds / 10 {
        world.pass(10);
        for node in &*nodes {
            node.calls().round(node.now());
        }
    }
}

/// The most starts within any second.
fn most_in_a_second(starts: &[Timestamp]) -> usize {
    let within = |from: &Timestamp| {
        let until = *from + SignedDuration::from_secs(1);
        starts.iter().filter(|at| *from <= **at && **at < until).count()
    };
    starts.iter().map(within).max().unwrap_or(0)
}

fn line(class: OutcomeClass, channels: i64, cps: CallRate) -> LineSettings {
    LineSettings { channels, cps, ..always(class, 2, 5) }
}

#[rstest]
#[tokio::test]
async fn a_line_keeps_its_channels_and_its_rate(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(500, 2_500, 50_000)] thousandths: i64,
) {
    let mut world = World::new(database).await;
    world.settings.directory_age = Duration::from_millis(500);
    let settings = line(OutcomeClass::Answered, 30, rate(thousandths));
    let dialed = Dialed { calls: 100, ..Dialed::default() };
    let (_, id) = world.simple(settings, dialed, 400).await;
    let mut node = world.node();
    world.run(&mut node, 600, 50).await;
    let seen = world.seen();
    let starts = &seen.starts[&id];
    let expected = usize::try_from((30 * thousandths / 1_000).min(150)).unwrap();
    assert!(starts.len() * 10 >= expected * 8, "{} of {expected}", starts.len());
    assert!(seen.most_at_once[&id] <= 30);
    assert!(most_in_a_second(starts) <= usize::try_from((thousandths + 999) / 1_000).unwrap());
    let apart = SignedDuration::from_millis(1_000_000 / thousandths);
    assert!(starts.windows(2).all(|two| two[1].duration_since(two[0]) >= apart));
}

/// All numbers of the list are with the node well before they are called.
#[rstest]
#[tokio::test]
async fn a_slow_line_gets_to_the_last_numbers_of_a_list(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let settings = line(OutcomeClass::Busy, 5, rate(200));
    let (_, id) = world.simple(settings, Dialed { calls: 5, ..Dialed::default() }, 3).await;
    world.run(&mut world.node(), 170, 100).await;
    assert_eq!(world.seen().starts[&id].len(), 3);
}

#[rstest]
#[tokio::test]
async fn several_nodes_together_keep_a_line_and_a_task(#[values(500, 2_500, 50_000)] thousandths: i64) {
    let mut world = World::new(Database::Postgres).await;
    world.settings.directory_age = Duration::from_millis(200);
    world.settings.line_share = SHARE;
    // A line so slow is one node's, whose share is waited for below: by the database's clock, in which nobody renews a lease.
    let is_slow = rate(thousandths) < rate(2_000);
    if !is_slow {
        world.settings.node_lease = SignedDuration::from_secs(9);
    }
    let settings = line(OutcomeClass::Answered, 20, rate(thousandths));
    let (_, id) = world.simple(settings, Dialed { calls: 12, ..Dialed::default() }, 600).await;
    let mut nodes = [world.node(), world.node(), world.node()];
    // Every few seconds one dies, and another comes in its place.
    let (deaths, turns) = if is_slow { (5, 96) } else { (8, 60) };
    for death in 0..deaths {
        for _ in 0..turns {
            turn(&world, &mut nodes, 50).await;
        }
        nodes[death % 3] = world.node();
        if is_slow {
            tokio::time::sleep(Duration::try_from(SHARE).unwrap()).await;
        }
    }
    let seen = world.seen();
    let starts = &seen.starts[&id];
    assert!(starts.len() > 3, "{}", starts.len());
    assert!(seen.most_at_once[&id] <= 12, "{}", seen.most_at_once[&id]);
    let most = usize::try_from((thousandths + 999) / 1_000).unwrap();
    assert!(most_in_a_second(starts) <= most + 1, "{} of {most}", most_in_a_second(starts));
    assert!(seen.calls.values().all(|calls| calls.len() == 1));
}

/// A line with so few starts a second is one node's alone, which must be able to use all of it; the others keep no numbers from it.
#[tokio::test]
async fn several_nodes_fill_a_slow_line() {
    let mut world = World::new(Database::Postgres).await;
    world.settings.directory_age = Duration::from_millis(200);
    let settings = LineSettings { channels: 10, cps: rate(4_000), ..always(OutcomeClass::Answered, 2, 600) };
    let (_, id) = world.simple(settings, Dialed { calls: 10, ..Dialed::default() }, 10).await;
    let mut nodes = [world.node(), world.node(), world.node()];
    for _ in 0..150 {
        turn(&world, &mut nodes, 100).await;
    }
    assert_eq!(world.seen().most_at_once[&id], 10);
}

/// What was not started while nothing was to be called is not made up for: it could not be placed in time.
#[rstest]
#[tokio::test]
async fn a_line_that_had_nothing_to_do_begins_no_more_than_it_can_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let dialed = Dialed { calls: 30, ..Dialed::default() };
    let (task, id) = world.simple(line(OutcomeClass::Answered, 30, rate(2_000)), dialed, 1).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    world.numbers(world.accounts.user, task, 1..31).await;
    world.run(&mut node, 200, 50).await;
    assert!((19..=21).contains(&world.seen().starts[&id].len()), "{}", world.seen().starts[&id].len());
    let records = world.records().await;
    assert!(records.iter().all(|record| record.class == OutcomeClass::Answered), "{records:?}");
}

/// What it had is others' when its lease has run out and its calls were ended, and not when its share would have.
#[tokio::test]
async fn what_a_dead_node_had_of_a_line_is_soon_given_back() {
    const LEASE: SignedDuration = SignedDuration::from_secs(6);
    let mut world = World::new(Database::Postgres).await;
    world.settings.node_lease = LEASE;
    world.settings.directory_age = Duration::from_millis(200);
    let settings = line(OutcomeClass::Busy, 1_000, rate(10_000));
    let (_, id) = world.simple(settings, Dialed { calls: 200, ..Dialed::default() }, 600).await;
    let mut nodes = [world.node(), world.node(), world.node()];
    let starts_in_four_seconds = async |nodes: &mut [Dialer]| {
        let before = world.seen().starts[&id].len();
        for _ in 0..40 {
            turn(&world, nodes, 100).await;
        }
        world.seen().starts[&id].len() - before
    };
    for _ in 0..70 {
        turn(&world, &mut nodes, 100).await;
    }
    // One start a second less for each node, which may be at its own place in its second.
    let together = starts_in_four_seconds(&mut nodes).await;
    assert!((22..=28 + 3).contains(&together), "{together}");
    tokio::time::sleep(Duration::try_from(LEASE).unwrap()).await;
    let left = &mut nodes[..1];
    for _ in 0..30 {
        turn(&world, left, 100).await;
    }
    let alone = starts_in_four_seconds(left).await;
    assert!((36..=40).contains(&alone), "{alone}");
}

#[rstest]
#[tokio::test]
async fn a_task_rests_between_its_calls(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let dialed = Dialed { calls: 2, pause: Some(10), interval: Some(3), ..Dialed::default() };
    let (_, id) = world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 20).await;
    world.run(&mut world.node(), 900, 100).await;
    let starts = &world.seen().starts[&id];
    assert!(starts.windows(2).all(|two| two[1].duration_since(two[0]) >= SignedDuration::from_secs(3)));
    // Each of two slots: a second of call and ten of rest.
    let within = |from: Timestamp| {
        starts
            .iter()
            .filter(move |at| from <= **at && at.duration_since(from) < SignedDuration::from_secs(11))
    };
    assert!(starts.iter().all(|from| within(*from).count() <= 2));
    assert!((14..=17).contains(&starts.len()), "{}", starts.len());
}

#[rstest]
#[tokio::test]
async fn a_line_is_shared_fairly_by_accounts_and_their_tasks(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    world.settings.directory_age = Duration::from_millis(500);
    let mut users = vec![world.accounts.user];
    for _ in 1..5 {
        let user = new_account(world.accounts.partner, AccountKind::User, world.now());
        users.push(create_account(&world.store, &user).await);
    }
    for user in &users[1..] {
        world.script(*user).await;
    }
    let line = world.line(line(OutcomeClass::Answered, 40, rate(10_000)), &users, 1_000).await;
    let mut owners = HashMap::new();
    for place in 0..50_u32 {
        // The first user has thirty tasks, the others five each.
        let user = users[if place < 30 { 0 } else { usize::try_from(place).unwrap() % 4 + 1 }];
        let group = world.group(user, ALWAYS).await;
        let task = world.task(user, group, line, Dialed { calls: 20, ..Dialed::default() }).await;
        world.numbers(user, task, place * 100..place * 100 + 60).await;
        owners.extend(
            (place * 100..place * 100 + 60).map(|number| (8_613_800_000_000 + i64::from(number), user)),
        );
    }
    world.run(&mut world.node(), 1_000, 50).await;
    let mut calls: HashMap<_, usize> = HashMap::new();
    for (number, starts) in &world.seen().calls {
        *calls.entry(owners[number]).or_default() += starts.len();
    }
    let (least, most) = (calls.values().min().unwrap(), calls.values().max().unwrap());
    assert!(calls.len() == 5 && most - least <= 3, "{calls:?}");
}
