//! Numbers that an account must not call: whose they are, for whom they hold, and until when.

use std::{collections::BTreeSet, sync::Arc};

use domain::{AccountId, DoNotCallEntry, PartnerId};
use jiff::Timestamp;
use rstest::rstest;
use store::{
    Error, Kind, Limited, Page,
    audit::{self, Subject},
    do_not_call::{self, DoNotCallFilter, EntriesAdded},
};

use crate::support::{ALL, Database, World, at};

pub(crate) fn entry(number: i64, until: Option<Timestamp>) -> DoNotCallEntry {
    DoNotCallEntry { number, reason: Some("客户要求".to_owned()), source: "api".to_owned(), until }
}

async fn try_add(
    world: &World,
    account: AccountId,
    numbers: &[i64],
    until: Option<Timestamp>,
) -> store::Result<EntriesAdded> {
    let entries: Vec<_> = numbers.iter().map(|number| entry(*number, until)).collect();
    world.write(async |tx| do_not_call::add(tx, account, &entries, &world.change).await).await
}

pub(crate) async fn add(
    world: &World,
    account: AccountId,
    numbers: &[i64],
    until: Option<Timestamp>,
) -> EntriesAdded {
    try_add(world, account, numbers, until).await.unwrap()
}

async fn delete(world: &World, account: AccountId, number: i64) -> store::Result<()> {
    world.write(async |tx| do_not_call::delete(tx, account, number, &world.change).await).await
}

#[rstest]
#[tokio::test]
async fn entries_hold_for_an_account_and_its_sub_users_until_they_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    add(&world, world.account, &[1, 2], None).await;
    add(&world, world.account, &[3], Some(at(100))).await;
    add(&world, sub_user, &[4], None).await;
    add(&world, world.stranger, &[5], None).await;
    let barred = async |account, user, now| {
        let numbers = [1, 3, 4, 5, 6, 1];
        let found = do_not_call::barred(&mut world.read().await, account, user, &numbers, at(now)).await;
        found.unwrap()
    };
    let (user, own) = (world.account, sub_user);
    assert_eq!(barred(user, user, 99).await, BTreeSet::from([1, 3]));
    assert_eq!(barred(user, user, 100).await, BTreeSet::from([1]));
    assert_eq!(barred(own, user, 99).await, BTreeSet::from([1, 3, 4]));
    let none = do_not_call::barred(&mut world.read().await, user, user, &[], at(0)).await.unwrap();
    assert!(none.is_empty());
    let barred_for_any = async |partner, number, now| {
        let found = do_not_call::is_barred_for_any(&mut world.read().await, partner, number, at(now)).await;
        found.unwrap()
    };
    for (number, now, expected) in
        [(1, 99, true), (3, 99, true), (3, 100, false), (4, 99, true), (5, 99, true), (6, 99, false)]
    {
        assert_eq!(barred_for_any(world.partner, number, now).await, expected, "{number} at {now}");
    }
    assert!(!barred_for_any(PartnerId::new(world.stranger.uuid()), 1, 99).await);
    // The same number of both is barred as long as one of them holds.
    add(&world, own, &[3], None).await;
    assert_eq!(barred(own, user, 100).await, BTreeSet::from([1, 3, 4]));
    delete(&world, own, 3).await.unwrap();
    assert_refused!(delete(&world, own, 1).await, Error::NotFound(Kind::DoNotCall));
    assert_eq!(barred(own, user, 100).await, BTreeSet::from([1, 4]));
}

#[rstest]
#[tokio::test]
async fn what_is_added_again_is_changed_and_counted_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    assert_eq!(
        add(&world, world.account, &[10, 11, 12], None).await,
        EntriesAdded { added: 3, changed: 0, erased: 0 }
    );
    let again = add(&world, world.account, &[12, 13], Some(at(7))).await;
    assert_eq!(again, EntriesAdded { added: 1, changed: 1, erased: 0 });
    let found = do_not_call::get(&mut world.read().await, world.account, 12).await.unwrap();
    assert_eq!((found.entry, found.created_at), (entry(12, Some(at(7))), world.change.at));
    assert_refused!(
        do_not_call::get(&mut world.read().await, world.stranger, 12).await,
        Error::NotFound(Kind::DoNotCall)
    );
    delete(&world, world.account, 12).await.unwrap();
    assert_refused!(delete(&world, world.account, 12).await, Error::NotFound(Kind::DoNotCall));
    let all = list(&world, &DoNotCallFilter::default(), ALL).await;
    assert_eq!(all, (3, vec![13, 11, 10]));
    let history = |id: &'static str| {
        let world = &world;
        async move {
            let mut read = world.read().await;
            audit::history(&mut read, world.account, Subject::DoNotCall, id).await.unwrap()
        }
    };
    let added: Vec<_> = history("entries").await.into_iter().map(|row| row.before.unwrap()).collect();
    assert_eq!(added, [r#"{"added":3,"changed":0,"erased":0}"#, r#"{"added":1,"changed":1,"erased":0}"#]);
    let deleted = history("12").await.pop().unwrap();
    assert_eq!(deleted.action, "delete");
    assert!(
        deleted.before.unwrap().contains("客户要求"),
        "why a number was barred is told of one that is not"
    );
}

async fn list(world: &World, filter: &DoNotCallFilter, page: Page) -> (i64, Vec<i64>) {
    let found = do_not_call::list(&mut world.read().await, world.account, filter, page).await.unwrap();
    (found.total, found.items.into_iter().map(|stored| stored.entry.number).collect())
}

#[rstest]
#[tokio::test]
async fn a_list_is_narrowed_and_paged(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    add(&world, world.account, &[8_613_800_000_001, 8_613_800_000_002], None).await;
    add(&world, world.account, &[442_071_838_750], Some(at(10))).await;
    let elsewhere =
        DoNotCallEntry { reason: None, source: "12321".to_owned(), ..entry(8_613_900_000_001, None) };
    world
        .write(async |tx| do_not_call::add(tx, world.account, &[elsewhere], &world.change).await)
        .await
        .unwrap();
    let by = |keyword: Option<&str>, source: Option<&str>, in_force_at| DoNotCallFilter {
        keyword: keyword.map(str::to_owned),
        source: source.map(str::to_owned),
        in_force_at,
    };
    let numbers = [8_613_900_000_001, 8_613_800_000_002, 8_613_800_000_001];
    assert_eq!(list(&world, &by(Some("+86 138-0000 0002"), None, None), ALL).await, (1, vec![numbers[1]]));
    assert_eq!(list(&world, &by(Some("0001"), None, None), ALL).await, (2, vec![numbers[0], numbers[2]]));
    assert_eq!(list(&world, &by(Some("客户"), None, None), ALL).await.0, 3);
    assert_eq!(list(&world, &by(Some("%"), None, None), ALL).await.0, 0);
    assert_eq!(list(&world, &by(None, Some("12321"), None), ALL).await, (1, vec![numbers[0]]));
    assert_eq!(list(&world, &by(None, None, Some(at(10))), ALL).await, (3, numbers.to_vec()));
    let second = Page { number: 2, size: 1 };
    assert_eq!(list(&world, &DoNotCallFilter::default(), second).await, (4, vec![numbers[1]]));
}

#[rstest]
#[tokio::test]
async fn an_account_has_so_many_and_the_count_withstands_races(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    add(&world, world.account, &[1], None).await;
    let tasks: Vec<_> = (0..8_i64)
        .map(|task| {
            let world = world.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    // Each number is added by two, and deleted by one of them.
                    let number = 100 + round * 4 + task / 2;
                    add(&world, world.account, &[number, number + 1_000], None).await;
                    if task % 2 == 0 {
                        // The other one may have deleted nothing, for it deletes none.
                        delete(&world, world.account, number + 1_000).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (total, numbers) = list(&world, &DoNotCallFilter::default(), ALL).await;
    assert_eq!(usize::try_from(total), Ok(numbers.len()));
    world.database.execute("UPDATE do_not_call_counts SET entries = 999999").await;
    assert_refused!(
        try_add(&world, world.account, &[2, 3], None).await,
        Error::Limit { of: Limited::DoNotCall, most: 1_000_000 }
    );
    assert_eq!(
        add(&world, world.account, &[1, 4], None).await,
        EntriesAdded { added: 1, changed: 1, erased: 0 }
    );
    // What is there can be changed, however many there are.
    assert_eq!(
        add(&world, world.account, &[1, 4], None).await,
        EntriesAdded { added: 0, changed: 2, erased: 0 }
    );
}
