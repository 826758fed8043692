//! A database of a test's own, and the store's functions each in a transaction of its own.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
};

use calendar::{Exceptions, WeeklyWindows, Zone};
use domain::{
    AccountId, AccountKind, DialTimeGroup, DialTimeGroupId, Email, Generation, GroupChange, GroupDraft,
    HolidayCalendars, Name, NewAccount, Partner, PartnerId, Phone, Profile, Resume, Task, TaskBounds,
    TaskDraft, TaskId, TaskInGroup, TaskSettings, TokenId,
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator,
    sqlite::SqliteConnectOptions,
};
use store::{
    Connect, Page, Paged, Read, Result, Store, Tx, accounts,
    audit::{self, Actor, Change, HistoryRow, Subject},
    edits, groups, partners,
    tasks::{self, TaskFilter, TaskScope},
};
use uuid::Uuid;

/// A page that holds all that a test makes.
pub(crate) const ALL: Page = Page { number: 1, size: 1000 };

/// The result is an error of this kind.
macro_rules! assert_refused {
    ($result:expr, $error:pat) => {{
        let result = $result;
        assert!(matches!(result, Err($error)), "{result:?}");
    }};
}

/// The result is an error for what is stored, which cannot be read.
macro_rules! assert_damaged {
    ($result:expr) => {
        assert_refused!($result, store::Error::Database(store::DatabaseError::Damaged(_)))
    };
}

/// Two things are equal in all that they hold.
#[track_caller]
pub(crate) fn assert_same(one: &impl Debug, other: &impl Debug) {
    assert_eq!(format!("{one:#?}"), format!("{other:#?}"));
}

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// An id that nothing else has.
#[expect(clippy::disallowed_methods, reason = "a test's ids are nobody's to inject")]
pub(crate) fn anything() -> Uuid {
    Uuid::new_v4()
}

/// A number that nothing else in this program has.
fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// So many seconds after the first instant of 2025 UTC.
pub(crate) fn at(seconds: i64) -> Timestamp {
    "2025-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// Windows from their JSON.
pub(crate) fn windows(json: &str) -> WeeklyWindows {
    serde_json::from_str(json).unwrap()
}

/// Exceptions from their JSON.
pub(crate) fn exceptions(json: &str) -> Exceptions {
    serde_json::from_str(json).unwrap()
}

/// A group that is open on Mondays from 08:00 to 20:00 in Shanghai.
pub(crate) fn group_draft(text: &str) -> GroupDraft {
    let content = windows(r#"[{"week": 1, "times": [{"begin_time": "08:00", "end_time": "20:00"}]}]"#);
    GroupDraft::new(name(text), content, Zone::parse("Asia/Shanghai").unwrap())
}

pub(crate) fn default_draft(text: &str) -> GroupDraft {
    GroupDraft { is_default: true, ..group_draft(text) }
}

/// A change of nothing but the name.
pub(crate) fn rename(text: &str) -> GroupChange {
    GroupChange::rename(name(text))
}

pub(crate) fn make_default(text: &str) -> GroupChange {
    GroupChange { is_default: Some(true), ..rename(text) }
}

pub(crate) fn task_draft(group: DialTimeGroupId) -> TaskDraft {
    TaskDraft {
        name: name("task"),
        dial_time_id: group,
        bounds: TaskBounds::default(),
        resume: Resume::default(),
        settings: TaskSettings::default(),
    }
}

/// A task in a group that nothing was imported for.
pub(crate) fn in_group(task: Task, group: DialTimeGroup) -> TaskInGroup {
    let schedule = Arc::new(group.draft.schedule(&HolidayCalendars::built_in()));
    TaskInGroup { task, group, schedule, account_disabled: false }
}

/// An account with an address and a number that nobody else has.
pub(crate) fn new_account(partner: PartnerId, kind: AccountKind) -> NewAccount {
    let number = next_number();
    NewAccount {
        id: AccountId::new(anything()),
        partner_id: partner,
        kind,
        name: name("account"),
        email: Email::parse(&format!("account{number}@example.com")).unwrap(),
        phone: Phone::parse(&format!("138{number:08}")).unwrap(),
        password_hash: "$argon2id$hash".to_owned(),
        tenant_id: None,
        profile: Profile::default(),
        now: at(0),
    }
}

/// A change by the holder of a token nobody else has.
pub(crate) fn change_at(seconds: i64) -> Change {
    Change { actor: Actor::Token(TokenId::new(anything())), at: at(seconds) }
}

/// Changes a group if it has the expected version; `None` allows any.
pub(crate) async fn update_group(
    tx: &mut Tx,
    owner: AccountId,
    id: DialTimeGroupId,
    group_change: GroupChange,
    expected: Option<i64>,
    change: &Change,
) -> Result<DialTimeGroup> {
    let group = edits::groups::lock_to_update(tx, owner, id, group_change).await?;
    group.group().expect_version(expected.as_ref().map(std::slice::from_ref))?;
    edits::groups::update(tx, group, change).await
}

/// Deletes a group if it has the expected version; `None` allows any.
pub(crate) async fn delete_group(
    tx: &mut Tx,
    owner: AccountId,
    id: DialTimeGroupId,
    expected: Option<i64>,
    change: &Change,
) -> Result<()> {
    let group = edits::groups::lock_to_delete(tx, owner, id).await?;
    group.expect_version(expected.as_ref().map(std::slice::from_ref))?;
    edits::groups::delete(tx, &group, change).await
}

/// A database that only one test uses; removed with it.
pub(crate) struct OwnDatabase {
    pub(crate) url: String,
    kind: OwnKind,
}

enum OwnKind {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { name: String },
}

impl OwnDatabase {
    pub(crate) async fn new(database: Database) -> Self {
        match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                Self { url, kind: OwnKind::Sqlite { _folder: folder } }
            }
            Database::Postgres => {
                let name = format!("dialtime_{}", anything().simple());
                on_postgres(&format!("CREATE DATABASE {name}")).await;
                let url = postgres_url().rsplit_once('/').unwrap().0.to_owned() + "/" + &name;
                Self { url, kind: OwnKind::Postgres { name } }
            }
        }
    }

    pub(crate) async fn connect(&self) -> Store {
        self.connect_with(4).await
    }

    pub(crate) async fn connect_with(&self, connections: u32) -> Store {
        Store::connect(&Connect { url: self.url.clone(), connections }).await.unwrap()
    }

    /// Runs SQL that the store has no function for.
    pub(crate) async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.kind {
            OwnKind::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
            OwnKind::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
        }
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.try_execute(sql).await.unwrap();
    }

    /// What a query of one text column gives, sorted.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let mut texts: Vec<String> = match self.kind {
            OwnKind::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
            OwnKind::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
        };
        texts.sort();
        texts
    }

    /// Runs the migrations that come before this one, as the program of that time did.
    pub(crate) async fn migrate_before(&self, version: i64) {
        let folder = match self.kind {
            OwnKind::Sqlite { .. } => "migrations/sqlite",
            OwnKind::Postgres { .. } => "migrations/postgres",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut migrator = Migrator::new(folder).await.unwrap();
        migrator.migrations.to_mut().retain(|migration| migration.version < version);
        match self.kind {
            OwnKind::Sqlite { .. } => {
                let options = SqliteConnectOptions::from_str(&self.url).unwrap().create_if_missing(true);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                migrator.run_direct(None, &mut connection, false).await.unwrap();
                connection.close().await.unwrap();
            }
            OwnKind::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                migrator.run_direct(None, &mut connection, false).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// How many rows refer to something that is not there; PostgreSQL has no such rows.
    pub(crate) async fn broken_references(&self) -> usize {
        match self.kind {
            OwnKind::Sqlite { .. } => {
                self.texts("SELECT \"table\" FROM pragma_foreign_key_check").await.len()
            }
            OwnKind::Postgres { .. } => 0,
        }
    }

    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        self.url.strip_prefix("sqlite:").unwrap().into()
    }

    /// A connection to PostgreSQL that the store knows nothing of.
    pub(crate) async fn outsider(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Has PostgreSQL end all connections to this database, as a restart does.
    pub(crate) async fn end_connections(&self) {
        let OwnKind::Postgres { name } = &self.kind else { panic!("PostgreSQL only") };
        on_postgres(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
    }

    /// Changes a setting of this database on PostgreSQL, for connections from then on.
    pub(crate) async fn alter(&self, setting: &str) {
        let OwnKind::Postgres { name } = &self.kind else { panic!("PostgreSQL only") };
        on_postgres(&format!("ALTER DATABASE {name} {setting}")).await;
    }

    /// An id as this database's SQL writes it.
    pub(crate) fn literal(&self, id: Uuid) -> String {
        match self.kind {
            OwnKind::Sqlite { .. } => format!("X'{}'", id.simple()),
            OwnKind::Postgres { .. } => format!("'{id}'"),
        }
    }

    /// How many rows each table has that is not empty.
    pub(crate) async fn row_counts(&self) -> Vec<String> {
        let tables = match self.kind {
            OwnKind::Sqlite { .. } => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
                 AND name <> '_sqlx_migrations'"
            }
            OwnKind::Postgres { .. } => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'"
            }
        };
        let count = |table: &String| format!("SELECT '{table} ' || count(*) FROM {table}");
        let counts: Vec<String> = self.texts(tables).await.iter().map(count).collect();
        let counts = self.texts(&counts.join(" UNION ALL ")).await;
        counts.into_iter().filter(|count| !count.ends_with(" 0")).collect()
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let OwnKind::Postgres { name } = &self.kind else { return };
        let sql = format!("DROP DATABASE {name} WITH (FORCE)");
        // A test's own runtime cannot be waited for from here.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(on_postgres(&sql));
        })
        .join()
        .unwrap();
    }
}

fn postgres_url() -> String {
    std::env::var("DIALTIME_TEST_POSTGRES_URL")
        .expect("DIALTIME_TEST_POSTGRES_URL names no PostgreSQL: run the tests with ./test, which starts one")
}

async fn on_postgres(sql: &str) {
    let mut connection = PgConnection::connect(&postgres_url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A migrated database with a partner and two users of it that know nothing of each other.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) partner: PartnerId,
    pub(crate) account: AccountId,
    pub(crate) stranger: AccountId,
    /// Who makes the next changes, and when.
    pub(crate) change: Change,
    // After the store, whose connections must not outlive it.
    pub(crate) database: OwnDatabase,
}

impl World {
    pub(crate) async fn new(database: Database) -> Self {
        let database = OwnDatabase::new(database).await;
        let store = database.connect().await;
        store.migrate().await.unwrap();
        let nobody = AccountId::new(Uuid::nil());
        let partner = PartnerId::new(Uuid::nil());
        let mut world =
            Self { store, partner, account: nobody, stranger: nobody, change: change_at(0), database };
        world.partner = world.create_partner().await;
        world.account = world.create_user().await;
        world.stranger = world.create_user().await;
        world
    }

    /// Commits what went well; drops the transaction of what did not.
    pub(crate) async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut tx = self.store.begin().await?;
        let value = work(&mut tx).await?;
        tx.commit().await?;
        Ok(value)
    }

    pub(crate) async fn read(&self) -> Read {
        self.store.read().await.unwrap()
    }

    pub(crate) async fn create_partner(&self) -> PartnerId {
        let partner = Partner {
            id: PartnerId::new(anything()),
            name: name(&format!("partner {}", next_number())),
            created_at: at(0),
            disabled_at: None,
        };
        self.write(async |tx| partners::create(tx, &partner).await).await.unwrap();
        partner.id
    }

    pub(crate) async fn create_account(&self, account: &NewAccount) -> Result<domain::Account> {
        self.write(async |tx| accounts::create(tx, account).await).await
    }

    pub(crate) async fn create_user(&self) -> AccountId {
        self.create_account(&new_account(self.partner, AccountKind::User)).await.unwrap().id
    }

    /// A sub-user of [`World::account`].
    pub(crate) async fn create_sub_user(&self) -> AccountId {
        let kind = AccountKind::SubUser(self.account);
        self.create_account(&new_account(self.partner, kind)).await.unwrap().id
    }

    pub(crate) async fn create_group(&self, owner: AccountId, draft: &GroupDraft) -> Result<DialTimeGroup> {
        self.write(async |tx| edits::groups::create(tx, owner, draft, &self.change).await).await
    }

    pub(crate) async fn bring_group(
        &self,
        owner: AccountId,
        id: DialTimeGroupId,
        draft: &GroupDraft,
    ) -> Result<DialTimeGroup> {
        self.write(async |tx| edits::groups::bring(tx, owner, id, draft, &self.change).await).await
    }

    /// A group of [`World::account`], open on Mondays.
    pub(crate) async fn group(&self, text: &str) -> DialTimeGroupId {
        self.create_group(self.account, &group_draft(text)).await.unwrap().id
    }

    pub(crate) async fn default_group(&self, text: &str) -> DialTimeGroupId {
        self.create_group(self.account, &default_draft(text)).await.unwrap().id
    }

    pub(crate) async fn get_group(&self, owner: AccountId, id: DialTimeGroupId) -> Result<DialTimeGroup> {
        groups::get(&mut self.read().await, owner, id).await
    }

    pub(crate) async fn list_groups(&self, owner: AccountId, page: Page) -> Result<Paged<DialTimeGroup>> {
        groups::list(&mut self.read().await, owner, page).await
    }

    pub(crate) async fn update_group(
        &self,
        owner: AccountId,
        id: DialTimeGroupId,
        group_change: GroupChange,
        expected: Option<i64>,
    ) -> Result<DialTimeGroup> {
        self.write(async |tx| update_group(tx, owner, id, group_change, expected, &self.change).await).await
    }

    pub(crate) async fn delete_group(
        &self,
        owner: AccountId,
        id: DialTimeGroupId,
        expected: Option<i64>,
    ) -> Result<()> {
        self.write(async |tx| delete_group(tx, owner, id, expected, &self.change).await).await
    }

    pub(crate) async fn replace_group(
        &self,
        owner: AccountId,
        id: DialTimeGroupId,
        with: DialTimeGroupId,
        expected: Option<i64>,
    ) -> Result<u64> {
        self.write(async |tx| {
            let locked = edits::groups::lock_to_replace(tx, owner, id, with).await?;
            locked.group().expect_version(expected.as_ref().map(std::slice::from_ref))?;
            edits::groups::replace(tx, locked, &self.change).await
        })
        .await
    }

    pub(crate) async fn create_task(
        &self,
        owner: AccountId,
        generation: Generation,
        draft: TaskDraft,
    ) -> Result<TaskInGroup> {
        let id = TaskId::new(anything());
        self.write(async |tx| edits::tasks::create(tx, owner, id, generation, draft, &self.change).await)
            .await
    }

    /// A task of [`World::account`].
    pub(crate) async fn task(&self, group: DialTimeGroupId) -> TaskId {
        let made = self.create_task(self.account, Generation::V1, task_draft(group)).await;
        made.unwrap().task.id
    }

    pub(crate) async fn get_task(&self, owner: AccountId, id: TaskId) -> Result<TaskInGroup> {
        tasks::get(&mut self.read().await, owner, id).await
    }

    pub(crate) async fn get_task_to_change(
        &self,
        owner: AccountId,
        id: TaskId,
        group: Option<DialTimeGroupId>,
    ) -> Result<Task> {
        self.write(async |tx| edits::tasks::lock(tx, owner, id, group, self.change.at).await?.task()).await
    }

    pub(crate) async fn update_task(
        &self,
        owner: AccountId,
        id: TaskId,
        draft: TaskDraft,
    ) -> Result<TaskInGroup> {
        self.write(async |tx| {
            let task = edits::tasks::lock(tx, owner, id, Some(draft.dial_time_id), self.change.at).await?;
            edits::tasks::update(tx, &task, draft, &self.change).await
        })
        .await
    }

    pub(crate) async fn set_enabled(
        &self,
        owner: AccountId,
        id: TaskId,
        enabled: bool,
    ) -> Result<TaskInGroup> {
        self.write(async |tx| {
            let task = edits::tasks::lock(tx, owner, id, None, self.change.at).await?;
            edits::tasks::set_enabled(tx, &task, enabled, &self.change).await
        })
        .await
    }

    pub(crate) async fn delete_task(&self, owner: AccountId, id: TaskId) -> Result<()> {
        self.write(async |tx| {
            let task = edits::tasks::lock(tx, owner, id, None, self.change.at).await?;
            edits::tasks::delete(tx, &task, &self.change).await
        })
        .await
    }

    pub(crate) async fn list_tasks(
        &self,
        scope: TaskScope,
        filter: &TaskFilter,
        now: Timestamp,
        page: Page,
    ) -> Result<Paged<TaskInGroup>> {
        tasks::list(&mut self.read().await, scope, filter, now, page).await
    }

    pub(crate) async fn group_history(&self, owner: AccountId, id: DialTimeGroupId) -> Vec<HistoryRow> {
        self.history(owner, Subject::DialTimeGroup, &id.to_string()).await
    }

    pub(crate) async fn task_history(&self, owner: AccountId, id: TaskId) -> Vec<HistoryRow> {
        self.history(owner, Subject::Task, &id.to_string()).await
    }

    async fn history(&self, owner: AccountId, subject: Subject, id: &str) -> Vec<HistoryRow> {
        audit::history(&mut self.read().await, owner, subject, id).await.unwrap()
    }

    /// The ids of the account's default groups: there must never be two.
    pub(crate) async fn defaults(&self, owner: AccountId) -> Vec<DialTimeGroupId> {
        let groups = self.list_groups(owner, ALL).await.unwrap().items;
        groups.into_iter().filter(|group| group.draft.is_default).map(|group| group.id).collect()
    }
}
