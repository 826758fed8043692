//! What is left of a user's share of a line, held where tasks are saved, started and get their first numbers.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    AccountId, AccountKind, Generation, ImportDuplicates, ImportOptions, ImportOutcome, LineId, NewNumber,
    NumberFileKey, NumberJobId, TaskDraft, TaskId,
};
use phone::{Country, PhoneNumber};
use rstest::rstest;
use store::{
    Error, Limited, Result, Tx, edits, lines,
    numbers::{self, NewImport},
};

use crate::{
    lines::{allocate, create},
    support::{Database, World, anything, group_draft, new_account, task_draft},
};

/// The size of the share.
const SHARE: i64 = 10;

/// A share of a line, and what a task of an account that uses it is made of.
struct Scene {
    world: World,
    line: LineId,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let world = World::new(database).await;
        let line = create(&world, world.partner).await;
        allocate(&world, world.partner, line, world.account, SHARE).await;
        Self { world, line }
    }

    async fn draft(&self, account: AccountId, calls: i64) -> TaskDraft {
        let group = self.world.create_group(account, &group_draft("group")).await.unwrap().id;
        let mut draft = task_draft(group);
        draft.settings.dialing.lines.caller_line_id = Some(self.line.uuid());
        draft.settings.dialing.pace.maximumcall = calls;
        draft
    }

    async fn make(&self, account: AccountId, draft: &TaskDraft) -> Result<TaskId> {
        let made = self.world.create_task(account, Generation::V1, draft.clone()).await?;
        Ok(made.task.id)
    }

    async fn number(&self, account: AccountId, task: TaskId) -> Result<()> {
        let phone = PhoneNumber::parse("13800138000", Country::CHINA).unwrap();
        let new = [NewNumber::new(phone)];
        let change = &self.world.change;
        self.world
            .write(async |tx| {
                let mut locked = edits::numbers::lock(tx, account, task, change).await?;
                edits::numbers::expect_residue(tx, account, task, &locked).await?;
                numbers::add(tx, &mut locked.list, &new, numbers::Duplicates::Skip, change).await.map(drop)
            })
            .await
    }

    /// Begins an import as the API does.
    async fn import(&self, task: TaskId, dry_run: bool) -> Result<NumberJobId> {
        let (account, change) = (self.world.account, &self.world.change);
        let options = ImportOptions {
            columns: BTreeMap::new(),
            default_country: "CN".to_owned(),
            server_country: None,
            duplicates: ImportDuplicates::Skip,
            dry_run,
            encoding: None,
            file_name: Some(r#""dry_run":true"#.to_owned()),
        };
        let id = NumberJobId::new(anything());
        let file_key = NumberFileKey::stored(id.to_string());
        let new = NewImport { id, options, size: 1, folder: anything(), file_key };
        self.world
            .write(async |tx| {
                let locked = edits::numbers::lock(tx, account, task, change).await?;
                if !dry_run {
                    edits::numbers::expect_residue(tx, account, task, &locked).await?;
                }
                numbers::begin_import(tx, &locked.list, &new, change).await.map(|_| id)
            })
            .await
    }

    async fn start(&self, account: AccountId, task: TaskId) -> Result<()> {
        self.world.set_enabled(account, task, true).await.map(drop)
    }

    async fn save(&self, account: AccountId, task: TaskId, draft: &TaskDraft, calls: i64) -> Result<()> {
        let mut draft = draft.clone();
        draft.settings.dialing.pace.maximumcall = calls;
        self.world.update_task(account, task, draft).await.map(drop)
    }

    /// How many calls the tasks have.
    async fn taken(&self) -> i64 {
        let mut read = self.world.read().await;
        let calls = lines::calls_of_tasks(&mut read, self.world.account, &[self.line]).await.unwrap();
        calls.get(&self.line).copied().unwrap_or(0)
    }
}

/// The refusal with what is left.
macro_rules! assert_left {
    ($result:expr, $left:expr) => {
        let result = $result;
        let is_it = matches!(result, Err(Error::Limit { of: Limited::CallsOfLine, most }) if most == $left);
        assert!(is_it, "{result:?}");
    };
}

#[rstest]
#[tokio::test]
async fn a_task_is_refused_what_is_not_left(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::new(database).await;
    let (world, user) = (&scene.world, scene.world.account);
    let draft = scene.draft(user, 6).await;
    let (one, other) = (scene.make(user, &draft).await.unwrap(), scene.make(user, &draft).await.unwrap());
    let mut greedy = draft.clone();
    greedy.settings.dialing.pace.maximumcall = SHARE + 1;
    assert_left!(scene.make(user, &greedy).await, 10);
    // Without numbers both may be on, and the first that gets some takes its part.
    scene.start(user, one).await.unwrap();
    scene.start(user, other).await.unwrap();
    scene.number(user, one).await.unwrap();
    scene.number(user, one).await.unwrap();
    assert_eq!(scene.taken().await, 6);
    assert_left!(scene.number(user, other).await, 4);
    assert_left!(scene.save(user, other, &draft, 7).await, 4);
    scene.save(user, other, &draft, 6).await.unwrap();
    scene.save(user, one, &draft, 10).await.unwrap();
    assert_left!(scene.save(user, one, &draft, 11).await, 10);
    // A sub-user has the same share.
    let sub_user = world.create_sub_user().await;
    let of_sub_user = scene.draft(sub_user, 1).await;
    assert_left!(scene.make(sub_user, &of_sub_user).await, 0);
    scene.save(user, one, &draft, 9).await.unwrap();
    let third = scene.make(sub_user, &of_sub_user).await.unwrap();
    scene.number(sub_user, third).await.unwrap();
    scene.start(sub_user, third).await.unwrap();
    assert_eq!(scene.taken().await, SHARE);
    // What is switched off gives its part back, and takes it again when it is switched on.
    world.set_enabled(user, one, false).await.unwrap();
    scene.number(user, other).await.unwrap();
    assert_left!(scene.start(user, one).await, 3);
    // A share may be made smaller; tasks can still be edited, if they want no more.
    allocate(world, world.partner, scene.line, user, 2).await;
    scene.save(user, other, &draft, 5).await.unwrap();
    assert_left!(scene.save(user, other, &draft, 6).await, 1);
    // A stranger has no share, and its tasks do not call.
    let of_stranger = scene.draft(world.stranger, 100).await;
    scene.make(world.stranger, &of_stranger).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_import_holds_its_part_before_its_first_numbers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::new(database).await;
    let (world, user) = (&scene.world, scene.world.account);
    let draft = scene.draft(user, 6).await;
    let (one, other) = (scene.make(user, &draft).await.unwrap(), scene.make(user, &draft).await.unwrap());
    scene.start(user, one).await.unwrap();
    scene.import(one, true).await.unwrap();
    assert_eq!(scene.taken().await, 0, "a dry run adds nothing");
    let import = scene.import(one, false).await.unwrap();
    assert_eq!(scene.taken().await, 6);
    scene.start(user, other).await.unwrap();
    assert_left!(scene.number(user, other).await, 4);
    assert_left!(scene.import(other, false).await.map(drop), 4);
    // One that ends without having added any gives it back.
    let end =
        async |tx: &mut Tx| numbers::end_import(tx, import, ImportOutcome::Cancelled, world.change.at).await;
    world.write(end).await.unwrap();
    assert_eq!(scene.taken().await, 0);
    scene.number(user, other).await.unwrap();
    // A task that is off holds nothing, and takes its part where it is switched on, though it has no numbers yet.
    world.set_enabled(user, one, false).await.unwrap();
    scene.import(one, false).await.unwrap();
    assert_eq!(scene.taken().await, 6);
    assert_left!(scene.start(user, one).await, 4);
}

/// How many rounds a race runs.
const ROUNDS: i64 = 200;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_race_takes_more_than_there_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Arc::new(Scene::new(database).await);
    let partner = scene.world.partner;
    let user = scene.world.account;
    let mut accounts = vec![user];
    for _ in 0..2 {
        let sub_user = new_account(partner, AccountKind::SubUser(user));
        accounts.push(scene.world.create_account(&sub_user).await.unwrap().id);
    }
    let [starter, saver, filler] = <[AccountId; 3]>::try_from(accounts).unwrap();
    let drafts = [scene.draft(starter, 4).await, scene.draft(saver, 1).await, scene.draft(filler, 4).await];
    let (mut refused, mut most) = (0, 0);
    for round in 0..ROUNDS {
        let [started, saved, filled] = [
            scene.make(starter, &drafts[0]).await.unwrap(),
            scene.make(saver, &drafts[1]).await.unwrap(),
            scene.make(filler, &drafts[2]).await.unwrap(),
        ];
        scene.number(starter, started).await.unwrap();
        scene.number(saver, saved).await.unwrap();
        scene.start(saver, saved).await.unwrap();
        scene.start(filler, filled).await.unwrap();
        let (one, two, three, draft) = (scene.clone(), scene.clone(), scene.clone(), drafts[1].clone());
        let raced = [
            tokio::spawn(async move { one.start(starter, started).await }),
            tokio::spawn(async move { two.save(saver, saved, &draft, 5).await }),
            tokio::spawn(async move { three.number(filler, filled).await }),
        ];
        let mut left_out = 0;
        for result in raced {
            match result.await.unwrap() {
                Ok(()) => {}
                Err(Error::Limit { of: Limited::CallsOfLine, .. }) => left_out += 1,
                Err(error) => panic!("round {round}: {error}"),
            }
        }
        let taken = scene.taken().await;
        assert!(taken <= SHARE, "round {round}: {taken}");
        // Two of three have room, and which of them is for the race to say.
        assert_eq!(left_out, 1, "round {round}: {taken}");
        (refused, most) = (refused + left_out, taken.max(most));
        for (account, task) in [(starter, started), (saver, saved), (filler, filled)] {
            scene.world.delete_task(account, task).await.unwrap();
        }
    }
    assert_eq!((refused, most > 8), (ROUNDS, true));
}
