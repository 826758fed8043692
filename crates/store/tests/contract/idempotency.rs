//! Creates that are sent twice.

use domain::{IDEMPOTENCY_KEY_LIFETIME, PartnerId};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use store::{
    Tx,
    idempotency::{self, KeyClaim},
};

use crate::support::{Database, World, anything, at};

const REQUEST: [u8; 32] = [1; 32];
const OTHER_REQUEST: [u8; 32] = [2; 32];

async fn claim(world: &World, partner: PartnerId, key: &str, request: &[u8; 32], now: Timestamp) -> KeyClaim {
    world.write(async |tx| idempotency::claim(tx, partner, key, request, now).await).await.unwrap()
}

/// Claims the key and, if it is new, answers with `text`.
async fn once(tx: &mut Tx, partner: PartnerId, text: &str) -> store::Result<KeyClaim> {
    let claim = idempotency::claim(tx, partner, "key", &REQUEST, at(0)).await?;
    if claim == KeyClaim::First {
        idempotency::answer(tx, partner, "key", text).await?;
    }
    Ok(claim)
}

fn repeat(text: &str) -> KeyClaim {
    KeyClaim::Repeat(text.to_owned())
}

#[rstest]
#[tokio::test]
async fn the_same_request_gets_the_first_answer_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let answer = "{\"成功\": \"'\"}";
    assert_eq!(world.write(async |tx| once(tx, world.partner, answer).await).await.unwrap(), KeyClaim::First);
    for now in [at(1), at(0) + IDEMPOTENCY_KEY_LIFETIME] {
        assert_eq!(claim(&world, world.partner, "key", &REQUEST, now).await, repeat(answer));
    }
}

#[rstest]
#[tokio::test]
async fn another_request_with_the_same_key_is_a_conflict(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    world.write(async |tx| once(tx, world.partner, "answer").await).await.unwrap();
    assert_eq!(claim(&world, world.partner, "key", &OTHER_REQUEST, at(1)).await, KeyClaim::Conflict);
    assert_eq!(claim(&world, world.partner, "key", &REQUEST, at(1)).await, repeat("answer"));
}

#[rstest]
#[tokio::test]
async fn a_key_without_an_answer_is_a_conflict(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    assert_eq!(claim(&world, world.partner, "key", &REQUEST, at(0)).await, KeyClaim::First);
    assert_eq!(claim(&world, world.partner, "key", &REQUEST, at(0)).await, KeyClaim::Conflict);
}

#[rstest]
#[tokio::test]
async fn keys_differ_by_text_and_by_partner(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other = world.create_partner().await;
    world.write(async |tx| once(tx, world.partner, "answer").await).await.unwrap();
    for key in ["KEY", "key ", "ke", ""] {
        assert_eq!(claim(&world, world.partner, key, &REQUEST, at(0)).await, KeyClaim::First, "{key}");
    }
    let others = world.write(async |tx| once(tx, other, "other answer").await).await.unwrap();
    assert_eq!(others, KeyClaim::First);
    assert_eq!(claim(&world, world.partner, "key", &REQUEST, at(0)).await, repeat("answer"));
    assert_eq!(claim(&world, other, "key", &REQUEST, at(0)).await, repeat("other answer"));
}

#[rstest]
#[tokio::test]
async fn a_key_is_new_again_when_its_time_is_over(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    world.write(async |tx| once(tx, world.partner, "answer").await).await.unwrap();
    let over = at(0) + IDEMPOTENCY_KEY_LIFETIME + SignedDuration::from_micros(1);
    assert_eq!(claim(&world, world.partner, "key", &OTHER_REQUEST, over).await, KeyClaim::First);
}

#[rstest]
#[tokio::test]
async fn a_key_whose_transaction_was_dropped_is_free(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut tx = world.store.begin().await.unwrap();
    assert_eq!(once(&mut tx, world.partner, "lost").await.unwrap(), KeyClaim::First);
    assert_eq!(once(&mut tx, world.partner, "lost").await.unwrap(), repeat("lost"));
    drop(tx);
    assert_eq!(claim(&world, world.partner, "key", &OTHER_REQUEST, at(0)).await, KeyClaim::First);
}

#[rstest]
#[tokio::test]
async fn an_unknown_partner_has_no_keys(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let unknown = PartnerId::new(anything());
    world.write(async |tx| once(tx, unknown, "answer").await).await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn of_requests_sent_at_once_one_is_the_first_and_all_get_its_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    for _ in 0..3 {
        let world = World::new(database).await;
        let send = async |text: &str| {
            let claim = world.write(async |tx| once(tx, world.partner, text).await).await.unwrap();
            if let KeyClaim::Repeat(answer) = claim { (false, answer) } else { (true, text.to_owned()) }
        };
        let answers = <[_; 3]>::from(tokio::join!(send("a"), send("b"), send("c")));
        let first: Vec<_> = answers.iter().filter(|(first, _)| *first).collect();
        assert_eq!(first.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(_, text)| *text == first[0].1), "{answers:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_key_can_be_looked_up_without_being_taken(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let find = async |request, now| {
        let mut read = world.store.read().await.unwrap();
        idempotency::find(&mut read, world.partner, "key", request, now).await.unwrap()
    };
    assert_eq!(find(&REQUEST, at(0)).await, None);
    world.write(async |tx| once(tx, world.partner, "answer").await).await.unwrap();
    assert_eq!(find(&REQUEST, at(1)).await, Some(repeat("answer")));
    assert_eq!(find(&OTHER_REQUEST, at(1)).await, Some(KeyClaim::Conflict));
    assert_eq!(find(&REQUEST, at(1) + IDEMPOTENCY_KEY_LIFETIME).await, None, "it is too old");
}

#[rstest]
#[tokio::test]
async fn old_keys_are_forgotten_some_at_a_time(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    for key in ["a", "b", "c"] {
        claim(&world, world.partner, key, &REQUEST, at(0)).await;
    }
    claim(&world, world.partner, "new", &REQUEST, at(5)).await;
    let forget = async |limit| {
        world.write(async |tx| idempotency::delete_before(tx, at(5), limit).await).await.unwrap()
    };
    assert_eq!([forget(2).await, forget(2).await, forget(2).await], [2, 1, 0]);
    assert_eq!(world.database.texts("SELECT key FROM idempotency_keys").await, ["new"]);
}
