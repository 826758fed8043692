//! Connections and transactions: which addresses are understood, what a dropped transaction leaves, who sees what, and
//! what is said when there is no connection to be had.

use calendar::HolidayCalendar;
use domain::{
    AccountKind, CalendarSubscriptionId, DialTimeGroupId, Generation, GroupDraft, HttpUrl, Partner,
    PartnerId, SubscriptionKeyHash, TaskId, Token, TokenHash, TokenId, WebhookDraft, WebhookFormat,
    WebhookId, WebhookSecret,
};
use rstest::rstest;
use store::{
    Connect, DatabaseError, Error, Kind, Store, Tx, accounts, calendar_subscriptions, edits, groups, health,
    holidays, idempotency, partners, webhooks,
};

use crate::holidays::years;
use crate::support::{
    ALL, Database, OwnDatabase, World, anything, at, default_draft, delete_group, group_draft, name,
    new_account, rename, task_draft, update_group,
};

async fn connect(url: String) -> store::Result<Store> {
    Store::connect(&Connect { url, connections: 1 }).await
}

#[tokio::test]
async fn an_address_that_names_neither_database_is_refused() {
    for url in [
        "",
        "test.db",
        "mysql://localhost/test",
        "SQLITE:test.db",
        "postgres://localhost:port/test",
        "sqlite://x?mode=never",
    ] {
        assert_refused!(connect(url.to_owned()).await, Error::Database(DatabaseError::Address(_)));
    }
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:file.db?mode=memory"] {
        assert_refused!(connect(url.to_owned()).await, Error::Database(DatabaseError::Address(_)));
    }
}

#[tokio::test]
async fn a_file_in_a_folder_that_is_not_there_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("test.db");
    assert_refused!(
        connect(format!("sqlite:{}", path.display())).await,
        Error::Database(DatabaseError::Address(_))
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let text = "no database, but long enough to have a header that says so: ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    assert_refused!(
        connect(format!("sqlite:{}", path.display())).await,
        Error::Database(DatabaseError::NoDatabase(_))
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_database_that_the_server_does_not_have_cannot_be_opened() {
    let database = OwnDatabase::empty(Database::Postgres);
    let refused = connect(format!("{}_missing", database.url)).await;
    assert!(refused.unwrap_err().to_string().contains("_missing\" does not exist"), "the cause is named");
}

#[rstest]
#[tokio::test]
async fn a_store_says_which_database_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let own = OwnDatabase::empty(database);
    let expected = if database == Database::Sqlite { "sqlite" } else { "postgres" };
    assert_eq!(own.connect().await.kind(), expected);
}

#[rstest]
#[tokio::test]
async fn what_was_committed_is_there_after_a_restart(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    world.store.close().await;
    let world = World { store: world.database.connect().await, ..world };
    assert_eq!(world.get_group(world.account, group).await.unwrap().draft, group_draft("group"));
}

/// One of everything.
async fn change_everything(world: &World, tx: &mut Tx) -> store::Result<()> {
    let (account, change) = (world.account, &world.change);
    let now = at(0);
    let partner =
        Partner { id: PartnerId::new(anything()), name: name("lost"), created_at: now, disabled_at: None };
    partners::create(tx, &partner).await?;
    let token = Token {
        id: TokenId::new(anything()),
        partner_id: partner.id,
        name: name("lost"),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        scope: domain::TokenScope::All,
        numbers: domain::NumberDisplay::Full,
        user: None,
        last_used_at: None,
    };
    partners::create_token(tx, &token, &TokenHash([0; 32])).await?;
    accounts::create(tx, &new_account(partner.id, AccountKind::User)).await?;
    let draft = GroupDraft { skip_holiday: true, ..default_draft("lost") };
    let group = edits::groups::create(tx, account, &draft, change).await?.id;
    let (subscription, key) = (CalendarSubscriptionId::new(anything()), SubscriptionKeyHash([0; 32]));
    calendar_subscriptions::create(tx, account, group, subscription, &key, change).await?;
    let draft = task_draft(group);
    edits::tasks::create(tx, account, TaskId::new(anything()), Generation::V1, draft, change).await?;
    idempotency::claim(tx, partner.id, "key", &[0; 32], now).await?;
    let webhook = WebhookId::new(anything());
    let webhook_draft = WebhookDraft {
        url: HttpUrl::parse("https://example.com").unwrap(),
        format: WebhookFormat::Standard,
        kinds: Vec::new(),
        enabled: true,
        batch: 1,
    };
    webhooks::create(tx, account, webhook, &webhook_draft, &WebhookSecret([0; 32]), change).await?;
    let webhook = webhooks::lock(tx, account, webhook).await?;
    webhooks::add_test(tx, &webhook, now).await?;
    holidays::import(tx, &years("CN", [2027], "x"), change).await?;
    holidays::publish_near_horizon(tx, &HolidayCalendar::china(), now).await
}

#[rstest]
#[tokio::test]
async fn a_dropped_transaction_leaves_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let default = world.default_group("default").await;
    let rows = world.database.row_counts().await;

    let mut tx = world.store.begin().await.unwrap();
    change_everything(&world, &mut tx).await.unwrap();
    drop(tx);
    assert_eq!(world.database.row_counts().await, rows);
    assert_eq!(world.defaults(world.account).await, [default]);
    assert_eq!(world.get_group(world.account, default).await.unwrap().version, 1);

    world.write(async |tx| change_everything(&world, tx).await).await.unwrap();
    let after = world.database.row_counts().await;
    let unchanged: Vec<_> = rows.iter().filter(|row| after.contains(row)).collect();
    // Both groups are one account's, which was counted before.
    assert_eq!(unchanged, ["group_counts 1"]);
}

#[rstest]
#[tokio::test]
async fn a_transaction_dropped_after_an_error_leaves_nothing_and_its_connection_good(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    world.task(group).await;
    let rows = world.database.row_counts().await;
    for _ in 0..12 {
        let failed = world
            .write(async |tx| {
                change_everything(&world, tx).await?;
                delete_group(tx, world.account, group, None, &world.change).await
            })
            .await;
        assert_refused!(failed, Error::InUse(Kind::Group));
    }
    assert_eq!(world.database.row_counts().await, rows);
    world.group("another").await;
}

#[rstest]
#[tokio::test]
async fn a_reader_does_not_wait_for_a_writer_and_sees_only_what_was_committed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let group = world.group("old").await;
    let mut read = world.read().await;
    let mut tx = world.store.begin().await.unwrap();
    update_group(&mut tx, account, group, rename("new"), None, &world.change).await.unwrap();
    let inside = groups::get(&mut tx, account, group).await.unwrap();
    let outside = groups::get(&mut read, account, group).await.unwrap();
    assert_eq!((inside.draft.name, outside.draft.name), (name("new"), name("old")));
    tx.commit().await.unwrap();
    let after = groups::get(&mut read, account, group).await.unwrap();
    assert_eq!(after.draft.name, name("new"));
}

#[rstest]
#[tokio::test]
async fn a_writer_of_another_program_waits_for_its_turn(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other_program = world.database.connect().await;
    let group = world.group("group").await;
    let mut tx = world.store.begin().await.unwrap();
    update_group(&mut tx, world.account, group, rename("one"), None, &world.change).await.unwrap();
    let other = async {
        let mut tx = other_program.begin().await?;
        let change = rename("other");
        update_group(&mut tx, world.account, group, change, None, &world.change).await?;
        tx.commit().await
    };
    let (one, other) = tokio::join!(tx.commit(), other);
    one.unwrap();
    other.unwrap();
    let found = world.get_group(world.account, group).await.unwrap();
    assert_eq!((found.version, found.draft.name), (3, name("other")));
}

#[rstest]
#[tokio::test]
async fn no_free_connection_in_time_is_told_as_passing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect_with(1).await;
    let (read, tx) = (store.read().await.unwrap(), store.begin().await.unwrap());
    let (another_read, another_tx) = tokio::join!(store.read(), store.begin());
    assert_refused!(another_read, Error::Database(DatabaseError::Unavailable(_)));
    assert_refused!(another_tx, Error::Database(DatabaseError::Unavailable(_)));
    drop((read, tx));
    health::ping(&mut store.read().await.unwrap()).await.unwrap();
    health::ping(&mut store.begin().await.unwrap()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_closed_store_is_told_as_passing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect().await;
    store.close().await;
    assert_refused!(store.read().await, Error::Database(DatabaseError::Unavailable(_)));
    assert_refused!(store.begin().await, Error::Database(DatabaseError::Unavailable(_)));
}

#[rstest]
#[tokio::test]
async fn readers_go_on_beside_each_other(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let mut reads = Vec::new();
    for _ in 0..4 {
        let mut read = world.read().await;
        assert!(partners::is_any(&mut read).await.unwrap());
        reads.push(read);
    }
    assert_eq!(reads.len(), 4);
}

/// Transactions that wait for SQLite's writer share its commit: what one of them rolls back is its own alone, and all
/// that were told of success are there.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_transactions_at_once_each_is_kept_or_rolled_back_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..400 {
        let (store, account) = (world.store.clone(), world.account);
        let change = world.change;
        running.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let name = format!("group {number}");
            edits::groups::create(&mut tx, account, &group_draft(&name), &change).await.unwrap();
            match number % 4 {
                0 => drop(tx),
                1 => {
                    let missing = DialTimeGroupId::new(i64::MAX);
                    let refused = delete_group(&mut tx, account, missing, None, &change).await;
                    assert!(matches!(refused, Err(Error::NotFound(_))));
                }
                _ => {
                    tx.commit().await.unwrap();
                    return Some(name);
                }
            }
            None
        });
    }
    let mut told: Vec<_> = running.join_all().await.into_iter().flatten().collect();
    let groups = world.list_groups(world.account, ALL).await.unwrap();
    let mut kept: Vec<_> = groups.items.iter().map(|group| group.draft.name.as_str().to_owned()).collect();
    told.sort();
    kept.sort();
    assert_eq!(told.len(), 200);
    assert_eq!(told, kept);
}
