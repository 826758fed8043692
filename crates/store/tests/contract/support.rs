//! The store's functions each in a transaction of its own, on a database of a test's own.

use std::{fmt::Debug, sync::Arc};

use calendar::{Exceptions, WeeklyWindows, Zone};
use domain::{
    AccountId, AccountKind, Attempt, DialTimeGroup, DialTimeGroupId, Generation, GroupChange, GroupDraft,
    HolidayCalendars, Name, NewAccount, PartnerId, Resume, Task, TaskBounds, TaskDraft, TaskId, TaskInGroup,
    TaskSettings, TokenId,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Page, Paged, Read, Result, Store, Tx, accounts,
    attempts::{self, AttemptFilter, AttemptScope},
    audit::{self, Actor, Change, HistoryRow, Subject},
    edits, groups,
    tasks::{self, TaskFilter, TaskScope},
};
use test_support::next_number;
pub(crate) use test_support::{DatabaseKind as Database, OwnDatabase, anything};
use uuid::Uuid;

/// A page that holds all that a test makes.
pub(crate) const ALL: Page = Page { number: 1, size: 1000 };

/// A list of attempts, read by steps that are shorter than most lists.
pub(crate) async fn step_by_step(world: &World, scope: AttemptScope, filter: &AttemptFilter) -> Vec<Attempt> {
    const MOST: u32 = 2;
    let mut all = Vec::<Attempt>::new();
    loop {
        let last = all.last().map(|attempt| (attempt.times.dialed_at, attempt.id));
        let found = attempts::list_after(&mut world.read().await, scope, filter, last, MOST).await.unwrap();
        assert!(found.len() <= 2);
        if found.is_empty() {
            return all;
        }
        all.extend(found);
    }
}

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
    let schedule = Arc::new(group.schedule(&HolidayCalendars::built_in()));
    TaskInGroup::new(task, group, schedule, None)
}

/// An account with an address and a number that nobody else has.
pub(crate) fn new_account(partner: PartnerId, kind: AccountKind) -> NewAccount {
    test_support::new_account(partner, kind, at(0))
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
        let database = OwnDatabase::migrated(database);
        let store = database.connect().await;
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
        let name = format!("partner {}", next_number());
        test_support::create_partner(&self.store, &name, at(0)).await
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

    /// Adds plain enabled tasks to a group of the account; nothing is published of them.
    pub(crate) async fn add_enabled_tasks(&self, group: DialTimeGroupId, count: i64) {
        let (id, owner) = match self.database.kind() {
            Database::Sqlite => ("randomblob(16)", format!("X'{}'", self.account.uuid().simple())),
            Database::Postgres => ("gen_random_uuid()", format!("'{}'::uuid", self.account)),
        };
        let sql = format!(
            "INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, closures, settings, created_at) \
             WITH RECURSIVE numbers (number) AS \
                 (SELECT CAST(1 AS BIGINT) UNION ALL SELECT number + 1 FROM numbers WHERE number < {count}) \
             SELECT {id}, {owner}, 1, 'task', true, {group}, '[]', '{{}}', 0 FROM numbers"
        );
        self.database.execute(&sql).await;
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
