//! The schema: the same on both databases, brought up to date once, by whoever comes first.

use std::{collections::BTreeSet, path::Path};

use domain::{AccountId, DialTimeGroupId, GroupChange};
use rstest::rstest;
use store::{DatabaseError, Error, Kind, Store, edits, groups, health};

use crate::support::{
    ALL, Database, OwnDatabase, World, anything, change_at, delete_group, group_draft, name, update_group,
};

/// Each query gives the same texts on both databases: what it asks, SQLite's words, PostgreSQL's words.
const QUESTIONS: [(&str, &str, &str); 5] = [
    (
        "columns, in order, with type and nullability",
        "SELECT t.name || '.' || (c.cid + 1) || ' ' || c.name || ' ' || c.type
             || CASE c.\"notnull\" WHEN 1 THEN ' NOT NULL' ELSE '' END
         FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name <> '_sqlx_migrations'",
        "SELECT table_name || '.' || row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position) || ' ' || column_name || ' '
             || CASE data_type WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'bigint' THEN 'INTEGER'
                               WHEN 'boolean' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' ELSE data_type END
             || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'
             AND NOT (SELECT relispartition FROM pg_class WHERE oid = table_name::regclass)",
    ),
    (
        "primary keys",
        "SELECT t.name || ' ' || (SELECT group_concat(k.name, ', ') FROM
             (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk) k)
         FROM sqlite_schema t
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name <> '_sqlx_migrations'",
        "SELECT t.relname || ' ' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
             FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
             -- What tells a table's partitions apart must be in its key.
             WHERE NOT (t.relkind = 'p' AND a.attname = 'dialed_at'))
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         WHERE c.contype = 'p' AND t.relnamespace = 'public'::regnamespace AND t.relname <> '_sqlx_migrations'
             AND NOT t.relispartition",
    ),
    (
        "indexes and unique constraints",
        "SELECT t.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END
             || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END
             || CASE i.origin WHEN 'c' THEN ' ' || i.name ELSE '' END
             || ' (' || (SELECT group_concat(k.name, ', ') FROM
                 (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) k) || ')'
         FROM sqlite_schema t JOIN pragma_index_list(t.name) i
         WHERE t.type = 'table' AND i.origin <> 'pk'",
        "SELECT t.relname || CASE WHEN x.indisunique THEN ' unique' ELSE '' END
             || CASE WHEN x.indpred IS NOT NULL THEN ' partial' ELSE '' END
             || CASE WHEN EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype = 'u')
                     THEN '' ELSE ' ' || i.relname END
             || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                 FROM unnest(x.indkey::int2[]) WITH ORDINALITY k (number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')'
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
         WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisprimary AND NOT t.relispartition",
    ),
    (
        "foreign keys, with what a delete does",
        "SELECT t.name || ' (' || group_concat(k.\"from\", ', ') || ') -> ' || k.\"table\"
             || ' (' || group_concat(k.\"to\", ', ') || ') ' || k.on_update || ' ' || k.on_delete
         FROM sqlite_schema t JOIN (SELECT m.name AS owner, f.* FROM sqlite_schema m
             JOIN pragma_foreign_key_list(m.name) f ORDER BY m.name, f.id, f.seq) k ON k.owner = t.name
         WHERE t.type = 'table' GROUP BY t.name, k.id, k.\"table\", k.on_update, k.on_delete",
        "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                 FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)
             || ') -> ' || o.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                 FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
                 JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number)
             || ') ' || CASE c.confupdtype WHEN 'a' THEN 'NO ACTION' ELSE c.confupdtype::text END
             || ' ' || CASE c.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' ELSE c.confdeltype::text END
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
         WHERE c.contype = 'f'",
    ),
    (
        "triggers",
        "SELECT tbl_name || ' ' || name FROM sqlite_schema WHERE type = 'trigger'
             AND tbl_name IN (SELECT name FROM sqlite_schema WHERE type = 'table')",
        "SELECT event_object_table || ' ' || trigger_name FROM information_schema.triggers",
    ),
];

fn file_names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

async fn schema_version(store: &Store) -> store::Result<i64> {
    health::schema_version(&mut store.read().await.unwrap()).await
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let (sqlite, postgres) = (World::new(Database::Sqlite).await, World::new(Database::Postgres).await);
    for (what, sqlite_words, postgres_words) in QUESTIONS {
        let of_sqlite = sqlite.database.texts(sqlite_words).await;
        let of_postgres = postgres.database.texts(postgres_words).await;
        assert!(!of_sqlite.is_empty(), "{what}");
        assert_eq!(of_sqlite, of_postgres, "{what}");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = file_names("sqlite");
    assert!(names.iter().any(|name| name.starts_with("0001_")));
    assert_eq!(names, file_names("postgres"));
}

#[rstest]
#[tokio::test]
async fn a_new_database_has_no_schema_until_it_is_migrated(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect().await;
    assert_refused!(schema_version(&store).await, Error::Database(DatabaseError::Failed(_)));
    store.migrate().await.unwrap();
    let newest: i64 = file_names("sqlite").last().unwrap()[..4].parse().unwrap();
    assert_eq!(schema_version(&store).await.unwrap(), newest);
    assert_eq!(store.newest_migration(), newest);
}

#[rstest]
#[tokio::test]
async fn migrating_again_changes_nothing(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    world.group("group").await;
    let rows = world.database.row_counts().await;
    world.store.migrate().await.unwrap();
    world.database.connect().await.migrate().await.unwrap();
    assert_eq!(world.database.row_counts().await, rows);
    assert_eq!(schema_version(&world.store).await.unwrap(), world.store.newest_migration());
}

/// All in one thread: whoever waits for its turn must not keep the others from ending theirs.
#[rstest]
#[tokio::test]
async fn many_may_migrate_at_once(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let database = OwnDatabase::empty(database);
    let mut programs = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let store = database.connect().await;
        programs.spawn(async move { store.migrate().await.unwrap() });
    }
    programs.join_all().await;
    let store = database.connect().await;
    assert_eq!(schema_version(&store).await.unwrap(), store.newest_migration());
    let applied = database.texts("SELECT description FROM _sqlx_migrations").await;
    assert_eq!(applied.len(), file_names("sqlite").len());
}

#[rstest]
#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'newer', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    world.database.execute(newer).await;
    assert_refused!(world.store.migrate().await, Error::Database(DatabaseError::Migration(_)));
    assert_eq!(schema_version(&world.store).await.unwrap(), 9999);
}

#[rstest]
#[tokio::test]
async fn a_migration_edited_after_it_was_run_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other = "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 2) \
                 WHERE version = 1";
    world.database.execute(other).await;
    assert_refused!(world.store.migrate().await, Error::Database(DatabaseError::Migration(_)));
    // What is there can still be used.
    world.group("group").await;
}

/// The migration that made a group's key its account and its id.
const GROUP_IDS: i64 = 11;

/// A database as the version before left it: a user with groups 1 (the default) and 2 (with a task and a subscription),
/// and another with group 3; group 4 was deleted.
async fn database_before_group_ids(database: Database) -> (OwnDatabase, AccountId, AccountId) {
    let database = OwnDatabase::empty(database);
    database.migrate_before(GROUP_IDS).await;
    let [partner, one, two, task, subscription] = std::array::from_fn(|_| database.literal(anything()));
    let content = r#"[{"week": 1, "times": [{"begin_time": "08:00", "end_time": "20:00"}]}]"#;
    let account = |id: &str, number: u8| {
        format!(
            "({id}, {partner}, 'user', 'u{number}@example.com', '1380000000{number}', 'hash', '{{}}', 0, 0)"
        )
    };
    let group = |account: &str, is_default: bool| {
        format!("({account}, 'group', '{content}', {is_default}, false, 'Asia/Shanghai', 3, 5, 6)")
    };
    let statements = format!(
        "INSERT INTO partners (id, name, created_at) VALUES ({partner}, 'partner', 0);
         INSERT INTO accounts (id, partner_id, name, email, phone, password_hash, profile, created_at, updated_at)
             VALUES {}, {};
         INSERT INTO dial_time_groups (account_id, name, content, is_default, skip_holiday, timezone, version,
                                       created_at, updated_at) VALUES {}, {}, {}, {};
         INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, closures, settings, created_at)
             VALUES ({task}, {one}, 1, 'task', true, 2, '[]', '{{}}', 0);
         INSERT INTO calendar_subscriptions (id, account_id, group_id, hash, created_at)
             VALUES ({subscription}, {one}, 2, {subscription}, 0);
         DELETE FROM dial_time_groups WHERE id = 4;",
        account(&one, 1),
        account(&two, 2),
        group(&one, true),
        group(&one, false),
        group(&two, false),
        group(&two, false),
    );
    database.execute(&statements).await;
    let id = |literal: &str| AccountId::new(literal.trim_matches(['X', '\'']).parse().unwrap());
    (database, id(&one), id(&two))
}

/// All that there is of every group. What was published of one was called told.
fn every_group(published_at: &str) -> String {
    format!(
        "SELECT id || name || content || is_default || skip_holiday || timezone || version || created_at \
                || updated_at || holiday_calendar || {published_at} || coalesce(next_change_at, 0) FROM dial_time_groups"
    )
}

#[rstest]
#[tokio::test]
async fn what_was_there_before_group_ids_were_each_accounts_own_stays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (database, one, two) = database_before_group_ids(database).await;
    let (groups, rows) = (database.texts(&every_group("told_at")).await, database.row_counts().await);
    assert_eq!(groups.len(), 3);
    let store = database.connect().await;
    store.migrate().await.unwrap();
    assert_eq!(database.texts(&every_group("published_at")).await, groups);
    assert_eq!(database.row_counts().await, rows);
    assert_eq!(database.broken_references().await, 0);

    let (change, group) = (change_at(0), DialTimeGroupId::new);
    let mut tx = store.begin().await.unwrap();
    // The default of one account, and the count of the other, are still what they were.
    let other_default = GroupChange { is_default: Some(true), ..GroupChange::rename(name("group")) };
    let other_default = update_group(&mut tx, one, group(2), other_default, None, &change).await.unwrap();
    assert!(other_default.draft.is_default);
    assert!(!groups::get(&mut tx, one, group(1)).await.unwrap().draft.is_default);
    assert_eq!(groups::list(&mut tx, two, ALL).await.unwrap().total, 1);
    // An id that was given before, also to a group that is gone, is not given again.
    let fresh = edits::groups::create(&mut tx, one, &group_draft("fresh"), &change).await.unwrap();
    assert_eq!(fresh.id, group(5));
    edits::groups::bring(&mut tx, one, group(3), &group_draft("the other's too"), &change).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    assert_refused!(delete_group(&mut tx, one, group(2), None, &change).await, Error::InUse(Kind::Group));
}

#[rstest]
#[tokio::test]
async fn a_reference_to_nothing_stops_the_migration_of_group_ids() {
    let (database, ..) = database_before_group_ids(Database::Sqlite).await;
    database.execute("PRAGMA foreign_keys = OFF; UPDATE tasks SET dial_time_id = 4").await;
    let groups = database.texts(&every_group("told_at")).await;
    assert_refused!(database.connect().await.migrate().await, Error::Database(DatabaseError::Migration(_)));
    assert_eq!(database.texts(&every_group("told_at")).await, groups);
}
