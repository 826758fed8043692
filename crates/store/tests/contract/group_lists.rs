//! Dial time groups: how they are numbered, listed and counted.

use std::sync::Arc;

use domain::DialTimeGroupId;
use rstest::rstest;
use store::{Error, Kind, Page, edits, groups};

use crate::groups::total;
use crate::support::{ALL, Database, World, delete_group, group_draft, make_default, rename};

async fn number_from(world: &World, next: DialTimeGroupId) {
    world.write(async |tx| groups::number_from(tx, next).await).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn no_id_is_given_twice(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let account = world.account;
    let mut last = DialTimeGroupId::new(0);
    for number in 0..6 {
        let owner = if number % 2 == 0 { account } else { world.stranger };
        let id = world.create_group(owner, &group_draft("group")).await.unwrap().id;
        assert!(id > last, "{id} after {last}");
        last = id;
        world.delete_group(owner, id, None).await.unwrap();
    }
    // Nor after a restart, when the table is empty.
    world.store.close().await;
    let world = World { store: world.database.connect().await, ..world };
    assert!(world.group("group").await > last);
}

#[rstest]
#[tokio::test]
async fn numbering_begins_where_it_is_told_to(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    for next in [297, 298, 5_000_000_000] {
        number_from(&world, DialTimeGroupId::new(next)).await;
        assert_eq!(world.group("group").await.get(), next);
    }
    assert_eq!(world.group("group").await.get(), 5_000_000_001);
}

#[rstest]
#[tokio::test]
async fn numbering_never_goes_back_over_ids_that_were_given(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    number_from(&world, DialTimeGroupId::new(10)).await;
    let last = world.group("group").await;
    world.delete_group(world.account, last, None).await.unwrap();
    for next in [10, 1, 0, -5] {
        number_from(&world, DialTimeGroupId::new(next)).await;
    }
    assert_eq!(world.group("group").await.get(), 11);
}

#[rstest]
#[tokio::test]
async fn numbering_of_a_new_database_from_nowhere_begins_at_1(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    for next in [0, -5, 1] {
        number_from(&world, DialTimeGroupId::new(next)).await;
    }
    assert_eq!(world.group("group").await.get(), 1);
}

#[rstest]
#[tokio::test]
async fn groups_come_newest_first_in_pages(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.insert(0, world.group(&format!("group {number}")).await);
        world.create_group(world.stranger, &group_draft("theirs")).await.unwrap();
    }
    let mut seen = Vec::new();
    for (number, size) in [(1, 3), (2, 3), (3, 3)] {
        let page = world.list_groups(world.account, Page { number, size }).await.unwrap();
        assert_eq!(page.total, 7);
        seen.extend(page.items.into_iter().map(|group| group.id));
    }
    assert_eq!(seen, expected);
}

#[rstest]
#[tokio::test]
async fn a_name_is_looked_for_as_it_stands_and_in_pages(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let (one, two) = (world.group("50%_Ä'\\").await, world.group("50x").await);
    world.create_group(world.stranger, &group_draft("50%_Ä'\\")).await.unwrap();
    let found = async |text: &str, page: Page| {
        let listed = groups::list_named(&mut world.read().await, account, text, page).await.unwrap();
        (listed.items.iter().map(|group| group.id).collect::<Vec<_>>(), listed.total)
    };
    assert_eq!(found("50", ALL).await, (vec![two, one], 2));
    for text in ["0%_", "Ä", "'\\", "50%_Ä'\\"] {
        assert_eq!(found(text, ALL).await, (vec![one], 1), "{text}");
    }
    for text in ["5_", "0%x", "ä", "X"] {
        assert_eq!(found(text, ALL).await, (vec![], 0), "{text}");
    }
    assert_eq!(found("50", Page { number: 2, size: 1 }).await, (vec![one], 2));
    assert_eq!(found("50", Page { number: 3, size: 1 }).await, (vec![], 2));
    world.update_group(account, one, rename("other"), None).await.unwrap();
    assert_eq!(found("50", ALL).await, (vec![two], 1));
}

#[rstest]
#[tokio::test]
async fn a_page_past_the_end_is_empty_and_still_tells_the_total(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    world.group("group").await;
    for page in [
        Page { number: 2, size: 1 },
        Page { number: u32::MAX, size: 100 },
        Page { number: u32::MAX, size: u32::MAX },
        Page { number: 1, size: 0 },
    ] {
        let listed = world.list_groups(world.account, page).await.unwrap();
        assert_eq!((listed.items.len(), listed.total), (0, 1), "{page:?}");
    }
    let zeroth = world.list_groups(world.account, Page { number: 0, size: 1 }).await.unwrap();
    assert_eq!(zeroth.items.len(), 1);
}

#[rstest]
#[tokio::test]
async fn the_total_follows_every_change(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let account = world.account;
    assert_eq!(total(&world, account).await, 0);
    let (one, two) = (world.group("one").await, world.default_group("two").await);
    assert_eq!(total(&world, account).await, 2);
    world.update_group(account, one, make_default("one"), None).await.unwrap();
    assert_eq!(total(&world, account).await, 2);
    world.replace_group(account, one, two, None).await.unwrap();
    assert_eq!(total(&world, account).await, 1);
    world.task(two).await;
    assert_refused!(world.delete_group(account, two, None).await, Error::InUse(Kind::Group));
    assert_eq!(total(&world, account).await, 1);
    let three = world.group("three").await;
    world.delete_group(account, three, None).await.unwrap();
    assert_eq!(total(&world, account).await, 1);
    assert_eq!(total(&world, world.stranger).await, 0);
}

#[rstest]
#[tokio::test]
async fn the_total_is_the_transactions_own_until_it_ends(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let kept = world.group("kept").await;
    let mut tx = world.store.begin().await.unwrap();
    edits::groups::create(&mut tx, account, &group_draft("a"), &world.change).await.unwrap();
    edits::groups::create(&mut tx, account, &group_draft("b"), &world.change).await.unwrap();
    assert_eq!(groups::list(&mut tx, account, ALL).await.unwrap().total, 3);
    delete_group(&mut tx, account, kept, None, &world.change).await.unwrap();
    assert_eq!(groups::list(&mut tx, account, ALL).await.unwrap().total, 2);
    assert_eq!(total(&world, account).await, 1);
    drop(tx);
    assert_eq!(total(&world, account).await, 1);
    world.delete_group(account, kept, None).await.unwrap();
    assert_eq!(total(&world, account).await, 0);
}

#[rstest]
#[tokio::test]
async fn groups_made_and_deleted_at_once_are_all_counted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..24 {
        let world = Arc::clone(&world);
        changes.spawn(async move {
            let id = world.group("group").await;
            if number % 3 == 0 {
                world.delete_group(world.account, id, None).await.unwrap();
            }
        });
    }
    changes.join_all().await;
    assert_eq!(total(&world, world.account).await, 16);
}
