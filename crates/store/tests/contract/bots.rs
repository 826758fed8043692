//! Bots that take no calls, and who is told of those that cannot be reached.

use std::collections::BTreeSet;

use domain::{AccountId, BotCondition, BotFault, BotFaultKind, BotState, BotUrl, NodeId};
use jiff::SignedDuration;
use rstest::rstest;
use store::dialing;

use crate::support::{Database, World, anything, at};

async fn node(world: &World) -> NodeId {
    let node = NodeId::new(anything());
    world.write(async |tx| dialing::enter(tx, node, SignedDuration::from_mins(1)).await).await.unwrap();
    node
}

fn url(name: &str) -> BotUrl {
    BotUrl::parse(&format!("wss://{name}.example.com/media?key=\"a\"")).unwrap()
}

fn condition(state: BotState, kind: Option<BotFaultKind>) -> BotCondition {
    let fault = kind.map(|kind| BotFault::new(kind, "in \"words\""));
    BotCondition { state, fault, until: kind.map(|_| at(60)) }
}

fn down() -> BotCondition {
    condition(BotState::Down, Some(BotFaultKind::Certificate))
}

async fn note(world: &World, node: NodeId, url: &BotUrl, condition: &BotCondition) {
    world.write(async |tx| dialing::note_bot(tx, node, url, condition, at(0)).await).await.unwrap();
}

async fn leave(world: &World, node: NodeId) {
    world.write(async |tx| dialing::leave(tx, node).await).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_worst_that_a_node_finds_of_a_bot_counts(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let nodes = [node(&world).await, node(&world).await, node(&world).await];
    let bot = url("bot");
    let full = condition(BotState::Full, Some(BotFaultKind::Full));
    for (node, found) in nodes.into_iter().zip([&full, &down(), &full]) {
        note(&world, node, &bot, found).await;
    }
    let known = async || {
        let urls = [bot.clone(), url("other")];
        let mut found = dialing::bot_conditions(&mut world.read().await, &urls).await.unwrap();
        (found.remove(&bot), found.is_empty())
    };
    assert_eq!(known().await, (Some(down()), true));
    leave(&world, nodes[1]).await;
    assert_eq!(known().await, (Some(full.clone()), true));
    for node in [nodes[0], nodes[2]] {
        note(&world, node, &bot, &condition(BotState::Ready, None)).await;
    }
    assert_eq!(known().await, (None, true));
}

#[rstest]
#[tokio::test]
async fn whoever_is_told_that_a_bot_is_down_is_told_so_once_and_that_it_is_up_once_no_node_finds_it_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (one, dying) = (node(&world).await, node(&world).await);
    let bot = url("bot");
    let both = BTreeSet::from([world.account, world.stranger]);
    let tell_down = async |accounts: &[AccountId]| {
        let told = world.write(async |tx| dialing::note_bot_told_down(tx, &bot, accounts).await).await;
        BTreeSet::from_iter(told.unwrap())
    };
    let tell_up = async |urls: &[BotUrl]| {
        let is_any = dialing::has_bots_to_tell_up(&mut world.read().await, urls).await.unwrap();
        let told = world.write(async |tx| dialing::note_bots_told_up(tx, urls).await).await.unwrap();
        assert_eq!(is_any, !told.is_empty());
        assert!(told.iter().all(|(_, url)| *url == bot), "{told:?}");
        told.into_iter().map(|(account, _)| account).collect::<BTreeSet<_>>()
    };
    for node in [one, dying] {
        note(&world, node, &bot, &down()).await;
    }
    assert_eq!(tell_down(&[world.account]).await, BTreeSet::from([world.account]));
    let gone = AccountId::new(anything());
    assert_eq!(tell_down(&[world.account, world.stranger, gone]).await, BTreeSet::from([world.stranger]));
    assert_eq!(tell_up(std::slice::from_ref(&bot)).await, BTreeSet::new(), "two nodes find it down");
    note(&world, one, &bot, &condition(BotState::Ready, None)).await;
    assert_eq!(tell_up(std::slice::from_ref(&bot)).await, BTreeSet::new(), "one still does");
    leave(&world, dying).await;
    assert_eq!(tell_up(&[url("other")]).await, BTreeSet::new(), "it is about another");
    assert_eq!(tell_up(&[url("other"), bot.clone()]).await, both);
    assert_eq!(tell_up(std::slice::from_ref(&bot)).await, BTreeSet::new(), "they are told");
    assert_eq!(tell_down(&[world.account]).await, BTreeSet::from([world.account]), "it is down anew");
}
