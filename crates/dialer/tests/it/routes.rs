//! Which lines a task's calls go over: those that are built in, and those of a group together, in their order.

use domain::{LineKind, LineSettings, NumberState, OutcomeClass, SipTransport, SipTrunk};
use rstest::rstest;

use crate::support::{ALWAYS, Database, Dialed, World, always};

#[rstest]
#[tokio::test]
async fn a_group_is_used_in_order_and_its_limit_holds_over_all_of_its_lines(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let small = LineSettings { channels: 2, ..always(OutcomeClass::Answered, 1, 20) };
    let first = world.line(small, &[user], 100).await;
    let second = world.line(always(OutcomeClass::Answered, 1, 20), &[user], 100).await;
    let group = world.line_group(&[first, second], &[]).await;
    let dialed = Dialed { calls: 10, limit: Some(5), ..Dialed::default() };
    let task = world.task(user, world.group(user, ALWAYS).await, group, dialed).await;
    world.numbers(user, task, 0..30).await;
    let mut node = world.node();
    world.run(&mut node, 100, 200).await;
    let seen = world.seen();
    assert_eq!((seen.most_at_once[&first], seen.most_at_once[&second]), (2, 3));
    world.run(&mut node, 900, 200).await;
    assert_eq!(world.in_state(task, NumberState::Done).await, 30);
}

#[rstest]
#[tokio::test]
async fn nothing_begins_over_a_line_that_no_carrier_is_built_in_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let trunk = SipTrunk {
        addresses: Vec::new(),
        outbound_proxy: None,
        transport: SipTransport::Udp,
        auth_user: None,
        register: false,
        from_user: None,
        from_domain: None,
        display_name: None,
        asserted_identity: None,
        headers: Vec::new(),
        codecs: Vec::new(),
    };
    let settings = LineSettings::new(LineKind::Sip(Box::new(trunk)), 10);
    let (task, _) = world.simple(settings, Dialed { calls: 3, ..Dialed::default() }, 5).await;
    world.run(&mut world.node(), 50, 1_000).await;
    assert_eq!((world.records().await.len(), world.in_state(task, NumberState::Due).await), (0, 5));
}
