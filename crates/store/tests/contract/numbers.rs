//! Numbers of tasks: added, listed, deleted, reset, and removed with their task; the counts are right after each.

use domain::{
    AccountId, Attempt, CalledNumber, Generation, NewNumber, NumberDetails, NumberJobId, NumberKey,
    NumberSelection, NumberState, NumberStatus, TaskId, TaskNumber,
};
use jiff::SignedDuration;
use phone::{Country, PhoneNumber};
use rstest::rstest;
use serde_json::json;
use store::{
    Error, Kind, Page, Paged, Result, attempts,
    audit::Subject,
    edits::{self, accounts::Whom},
    numbers::{self, Added, Changed, Duplicates, NumberListFilter, NumberReset},
};
use test_support::answered_attempt;

use crate::support::{ALL, Database, World, anything, at, change_at, task_draft};

/// The number that ends so.
pub(crate) fn phone(end: u32) -> String {
    format!("138{end:08}")
}

fn key(text: &str) -> NumberKey {
    NumberKey::from(&PhoneNumber::parse(text, Country::CHINA).unwrap())
}

pub(crate) fn number(text: &str) -> NewNumber {
    let phone = PhoneNumber::parse(text, Country::CHINA).unwrap();
    NewNumber::new(phone)
}

fn named(text: &str, name: &str) -> NewNumber {
    let variables = json!({"城市": "上海"}).as_object().cloned().unwrap();
    let details =
        NumberDetails { name: Some(name.to_owned()), sex: Some(2), variables, ..NumberDetails::default() };
    NewNumber { details, ..number(text) }
}

impl World {
    /// A task with numbers that end in 0, 1, 2 and so on.
    async fn task_with_numbers(&self, count: u32) -> TaskId {
        let task = self.task(self.group("group").await).await;
        let new: Vec<NewNumber> = (0..count).map(|end| number(&phone(end))).collect();
        self.add(task, &new, Duplicates::Skip).await.unwrap();
        task
    }

    pub(crate) async fn add(
        &self,
        task: TaskId,
        new: &[NewNumber],
        duplicates: Duplicates,
    ) -> Result<Vec<Added>> {
        self.write(async |tx| {
            let mut locked = edits::numbers::lock(tx, self.account, task, &self.change).await?;
            numbers::add(tx, &mut locked.list, new, duplicates, &self.change).await
        })
        .await
    }

    async fn page(&self, task: TaskId, filter: &NumberListFilter, page: Page) -> Paged<TaskNumber> {
        numbers::page(&mut self.read().await, self.account, task, filter, page).await.unwrap()
    }

    async fn ids(&self, task: TaskId, filter: &NumberListFilter) -> Vec<i64> {
        self.page(task, filter, ALL).await.items.iter().map(|number| number.id).collect()
    }

    async fn get_number(&self, task: TaskId, text: &str) -> Result<TaskNumber> {
        numbers::get(&mut self.read().await, self.account, task, &key(text)).await
    }

    /// Moves a number to another status and state as a dialer does.
    async fn dialed(&self, id: i64, status: NumberStatus, state: NumberState) {
        let (status, state) = (status.number(), state.number());
        self.database
            .execute(&format!(
                "UPDATE number_counts SET numbers = numbers - 1 WHERE (list_id, status, state) IN \
                     (SELECT list_id, status, state FROM numbers WHERE id = {id})"
            ))
            .await;
        self.database
            .execute(&format!(
                "UPDATE numbers SET status = {status}, state = {state}, tries = 1, next_attempt_at = 5 WHERE id = {id}"
            ))
            .await;
        self.database
            .execute(&format!(
                "INSERT INTO number_counts (list_id, status, state, numbers) \
                 SELECT list_id, status, state, 1 FROM numbers WHERE id = {id} \
                 ON CONFLICT (list_id, status, state) DO UPDATE SET numbers = number_counts.numbers + 1"
            ))
            .await;
    }

    async fn reset(&self, task: TaskId, selection: &NumberSelection) -> Changed {
        self.write(async |tx| {
            let locked = edits::numbers::lock(tx, self.account, task, &self.change).await?;
            let found = numbers::lock_selected(tx, &locked.list, selection).await?;
            numbers::reset(tx, &locked.list, &found, &self.change).await
        })
        .await
        .unwrap()
    }

    /// Takes a reset of all numbers, to be done in the background.
    async fn begin_reset(&self, task: TaskId) -> NumberReset {
        let (id, selection) = (NumberJobId::new(anything()), NumberSelection::default());
        self.write(async |tx| {
            let locked = edits::numbers::lock(tx, self.account, task, &self.change).await?;
            numbers::begin_reset(tx, &locked.list, id, selection, &self.change).await
        })
        .await
        .unwrap()
    }

    async fn delete_numbers(&self, task: TaskId, texts: &[&str]) -> Changed {
        let keys: Vec<NumberKey> = texts.iter().map(|text| key(text)).collect();
        self.write(async |tx| {
            let locked = edits::numbers::lock(tx, self.account, task, &self.change).await?;
            let named = numbers::lock_named(tx, &locked.list, &keys, &NumberSelection::default()).await?;
            numbers::delete(tx, &locked.list, &named, &self.change).await
        })
        .await
        .unwrap()
    }

    /// The counts are those of the rows.
    async fn assert_counted(&self) {
        let columns =
            "CAST(list_id AS TEXT) || ' ' || CAST(status AS TEXT) || ' ' || CAST(state AS TEXT) || ' ' || ";
        let kept = format!("SELECT {columns} CAST(numbers AS TEXT) FROM number_counts WHERE numbers <> 0");
        let counted =
            format!("SELECT {columns} CAST(count(*) AS TEXT) FROM numbers GROUP BY list_id, status, state");
        assert_eq!(self.database.texts(&kept).await, self.database.texts(&counted).await);
    }

    /// Removes what is left of deleted tasks, a few numbers at a time; says in how many steps.
    async fn remove_all(&self, most: u32) -> usize {
        let mut steps = 0;
        while self.write(async |tx| numbers::remove_some(tx, most).await).await.unwrap() {
            steps += 1;
        }
        steps
    }

    /// The account's deleted tasks whose numbers are not all gone: how many there were, and how many of them are gone.
    async fn removals(&self) -> Vec<(i64, i64)> {
        let found = numbers::list_removals(&mut self.read().await, self.account, ALL).await.unwrap();
        found.items.iter().map(|one| (one.total, one.gone)).collect()
    }
}

fn of_status(statuses: &[NumberStatus]) -> NumberListFilter {
    NumberListFilter { statuses: statuses.to_vec(), ..NumberListFilter::default() }
}

#[rstest]
#[tokio::test]
async fn numbers_are_listed_newest_first_with_what_is_told_of_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(3).await;
    let added = world.add(task, &[named("021-61234567转801_ab1", "王芳")], Duplicates::Skip).await.unwrap();
    assert_eq!(added, [Added::New(4)]);
    let page = world.page(task, &NumberListFilter::default(), Page { number: 1, size: 3 }).await;
    assert_eq!(
        (page.total, page.items.iter().map(|number| number.id).collect::<Vec<_>>()),
        (4, vec![4, 3, 2])
    );
    let number = &page.items[0];
    assert_eq!((number.phone.as_str(), &number.key), ("021-61234567转801_ab1", &key("02161234567-801_ab1")));
    assert_eq!(number.details, named("13800000000", "王芳").details);
    assert_eq!((number.status, number.state, number.tries), (NumberStatus::Waiting, NumberState::Due, 0));
    assert_eq!((number.next_attempt_at, number.created_at), (None, world.change.at));
    let second = world.page(task, &NumberListFilter::default(), Page { number: 2, size: 3 }).await;
    assert_eq!(second.items.iter().map(|number| number.id).collect::<Vec<_>>(), [1]);
    assert_eq!(world.get_number(task, "+862161234567 ext 801_ab1").await.unwrap().id, 4);
    for missing in ["02161234567", "021-61234567转801", "13900000000"] {
        assert_refused!(world.get_number(task, missing).await, Error::NotFound(Kind::Number));
    }
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn pages_by_status_and_by_time_hold_what_they_should(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let task = world.task_with_numbers(10).await;
    world.change = change_at(100);
    world.add(task, &[number(&phone(10)), number(&phone(11))], Duplicates::Skip).await.unwrap();
    for id in [2, 5, 11] {
        world.dialed(id, NumberStatus::Busy, NumberState::Done).await;
    }
    for id in [3, 9] {
        world.dialed(id, NumberStatus::DoNotCall, NumberState::Done).await;
    }
    let (busy, both) =
        (of_status(&[NumberStatus::Busy]), of_status(&[NumberStatus::Busy, NumberStatus::DoNotCall]));
    assert_eq!(world.ids(task, &busy).await, [11, 5, 2]);
    assert_eq!(world.ids(task, &both).await, [11, 9, 5, 3, 2]);
    let page = world.page(task, &both, Page { number: 2, size: 2 }).await;
    assert_eq!((page.total, page.items.iter().map(|number| number.id).collect::<Vec<_>>()), (5, vec![5, 3]));
    let late = NumberListFilter { from: Some(at(50)), ..NumberListFilter::default() };
    assert_eq!(world.ids(task, &late).await, [12, 11]);
    let early = NumberListFilter { until: Some(at(50)), ..both.clone() };
    assert_eq!(
        (world.ids(task, &early).await, world.page(task, &early, ALL).await.total),
        (vec![9, 5, 3, 2], 4)
    );
    let counts = numbers::counts(&mut world.read().await, world.account, task).await.unwrap();
    assert_eq!((counts.total(), counts.of_status(NumberStatus::Busy)), (12, 3));
    assert_eq!((counts.in_state(NumberState::Done), counts.in_state(NumberState::Due)), (5, 7));
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn a_number_is_there_once_unless_its_extension_or_suffix_differs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(2).await;
    let new = [
        named("0086 13800000001", "again"),
        number("13800000007"),
        number("+8613800000007"),
        number("13800000007_a"),
        number("13800000007转1"),
    ];
    let skipped = world.add(task, &new, Duplicates::Skip).await.unwrap();
    assert_eq!(skipped, [Added::Skipped, Added::New(4), Added::Skipped, Added::New(6), Added::New(7)]);
    assert_eq!(world.get_number(task, "13800000001").await.unwrap().details, NumberDetails::default());
    world.dialed(2, NumberStatus::Busy, NumberState::Done).await;
    let replaced = world.add(task, &new[..2], Duplicates::Replace).await.unwrap();
    assert_eq!(replaced, [Added::Replaced(2), Added::Replaced(4)]);
    let number = world.get_number(task, "13800000001").await.unwrap();
    assert_eq!((number.phone.as_str(), number.status), ("0086 13800000001", NumberStatus::Busy));
    assert_eq!(number.details.name.as_deref(), Some("again"));
    assert_eq!(world.page(task, &NumberListFilter::default(), ALL).await.total, 5);
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn numbers_that_are_being_called_are_neither_deleted_nor_reset(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(5).await;
    world.dialed(1, NumberStatus::Busy, NumberState::Done).await;
    world.dialed(2, NumberStatus::Waiting, NumberState::Leased).await;
    world.dialed(3, NumberStatus::Busy, NumberState::InCall).await;
    let deleted =
        world.delete_numbers(task, &["13800000001", "13800000002", "13800000004", "13999999999"]).await;
    assert_eq!(deleted, Changed { changed: 1, left_out: 2 });
    let all = NumberSelection::default();
    assert_eq!(world.reset(task, &all).await, Changed { changed: 2, left_out: 2 });
    let number = world.get_number(task, "13800000000").await.unwrap();
    assert_eq!((number.status, number.state, number.tries), (NumberStatus::Waiting, NumberState::Due, 0));
    assert_eq!(number.next_attempt_at, None);
    world.assert_counted().await;
    let history = audit_of(&world, task).await;
    let counts: Vec<(&str, &str)> =
        history.iter().map(|(action, before)| (action.as_str(), before.as_str())).collect();
    let one = r#"{"numbers":1}"#;
    assert_eq!(counts, [("create", r#"{"numbers":5}"#), ("delete", one), ("update", r#"{"numbers":2}"#)]);
}

async fn audit_of(world: &World, task: TaskId) -> Vec<(String, String)> {
    let (mut read, id) = (world.read().await, task.to_string());
    let rows = store::audit::history(&mut read, world.account, Subject::Numbers, &id).await.unwrap();
    rows.into_iter().map(|row| (row.action, row.before.unwrap_or_default())).collect()
}

#[rstest]
#[tokio::test]
async fn a_selection_is_met_by_numbers_for_which_all_holds(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let task = world.task_with_numbers(12).await;
    world.change = change_at(100);
    world.add(task, &[number(&phone(20))], Duplicates::Skip).await.unwrap();
    for id in 1..=13 {
        world.dialed(id, NumberStatus::NoAnswer, NumberState::Done).await;
    }
    let busy = NumberSelection { statuses: vec![NumberStatus::Busy], ..NumberSelection::default() };
    assert_eq!(world.reset(task, &busy).await, Changed::default());
    let keyword = NumberSelection { keyword: Some("0001".to_owned()), ..NumberSelection::default() };
    assert_eq!(world.reset(task, &keyword).await.changed, 3, "1, 10 and 11");
    let late = NumberSelection { from: Some(at(50)), until: Some(at(101)), ..NumberSelection::default() };
    assert_eq!(world.reset(task, &late).await.changed, 1);
    let unanswered = NumberSelection { statuses: vec![NumberStatus::NoAnswer], ..NumberSelection::default() };
    let count = world
        .write(async |tx| {
            let locked = edits::numbers::lock(tx, world.account, task, &world.change).await?;
            let few = numbers::count_selected(tx, &locked.list, &unanswered, 3).await?;
            Ok((few, numbers::count_selected(tx, &locked.list, &unanswered, 100).await?))
        })
        .await;
    assert_eq!(count.unwrap(), (3, 9));
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn a_reset_goes_on_step_by_step_over_the_numbers_that_there_were(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(25).await;
    for id in 1..=25 {
        world.dialed(id, NumberStatus::Busy, NumberState::Done).await;
    }
    world.dialed(7, NumberStatus::Busy, NumberState::InCall).await;
    let (id, selection) = (
        NumberJobId::new(anything()),
        NumberSelection { statuses: vec![NumberStatus::Busy], ..NumberSelection::default() },
    );
    let begun = world
        .write(async |tx| {
            let locked = edits::numbers::lock(tx, world.account, task, &world.change).await?;
            numbers::begin_reset(tx, &locked.list, id, selection, &world.change).await
        })
        .await
        .unwrap();
    assert_eq!((begun.looked_at, begun.reset, begun.ended_at), ((25, 0), 0, None));
    world.add(task, &[number(&phone(90))], Duplicates::Skip).await.unwrap();
    world.dialed(26, NumberStatus::Busy, NumberState::Done).await;
    let mut done = Vec::new();
    while world.write(async |tx| numbers::reset_some(tx, 10, at(9)).await).await.unwrap() {
        let reset = numbers::get_reset(&mut world.read().await, world.account, task, id).await.unwrap();
        done.push((reset.looked_at.1, reset.reset, reset.left_out, reset.ended_at.is_some()));
        world.assert_counted().await;
    }
    assert_eq!(done, [(10, 9, 1, false), (20, 19, 1, false), (25, 24, 1, true)]);
    assert_eq!(world.ids(task, &of_status(&[NumberStatus::Busy])).await, [26, 7]);
    let list = numbers::list_resets(&mut world.read().await, world.account, task, ALL).await.unwrap();
    assert_eq!((list.total, list.items[0].id), (1, id));
    let other = numbers::get_reset(&mut world.read().await, world.stranger, task, id).await;
    assert_refused!(other, Error::NotFound(Kind::NumberJob));
}

#[rstest]
#[tokio::test]
async fn a_reset_leaves_out_what_was_called_since_it_was_taken(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(8).await;
    world.delete_numbers(task, &["13800000007"]).await;
    for id in 1..=7 {
        world.dialed(id, NumberStatus::Busy, NumberState::Done).await;
    }
    let begun = world.begin_reset(task).await;
    assert_eq!(begun.looked_at, (7, 0), "those that there are");
    let taken = begun.created_at;
    let called = |end: u32, task, dialed_at| {
        let attempt = answered_attempt(world.account, task, dialed_at);
        let number = CalledNumber {
            e164: 8_613_800_000_000 + i64::from(end),
            phone: phone(end),
            ..attempt.number.clone()
        };
        Attempt { number, ..attempt }
    };
    let second = SignedDuration::from_secs(1);
    let ended = [
        called(0, task, taken + second),
        called(1, task, taken),
        // Under way when the reset was taken, then over: at that time it would have been left out.
        called(2, task, taken - second),
        called(3, task, taken - 60 * second),
        called(4, TaskId::new(anything()), taken + second),
        Attempt { account_id: world.stranger, ..called(5, task, taken + second) },
    ];
    world.write(async |tx| attempts::record(tx, &ended).await).await.unwrap();
    let mut looked_at = Vec::new();
    while world.write(async |tx| numbers::reset_some(tx, 4, at(9)).await).await.unwrap() {
        let list = numbers::list_resets(&mut world.read().await, world.account, task, ALL).await.unwrap();
        looked_at.push((list.items[0].looked_at, list.items[0].reset, list.items[0].left_out));
    }
    assert_eq!(looked_at, [((7, 4), 1, 3), ((7, 7), 4, 3)]);
    assert_eq!(world.ids(task, &of_status(&[NumberStatus::Busy])).await, [3, 2, 1]);
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn what_is_anothers_does_not_exist(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(2).await;
    let read = &mut world.read().await;
    let page = numbers::page(read, world.stranger, task, &NumberListFilter::default(), ALL).await.unwrap();
    assert_eq!((page.total, page.items.len()), (0, 0));
    let number = numbers::get(read, world.stranger, task, &key("13800000000")).await;
    assert_refused!(number, Error::NotFound(Kind::Number));
    assert_eq!(numbers::counts(read, world.stranger, task).await.unwrap().total(), 0);
    let locked =
        world.write(async |tx| edits::numbers::lock(tx, world.stranger, task, &world.change).await).await;
    assert_refused!(locked, Error::NotFound(Kind::Task));
}

#[rstest]
#[tokio::test]
async fn a_deleted_task_frees_its_group_at_once_and_its_numbers_go_step_by_step(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let empty = world.database.row_counts().await;
    let group = world.group("group").await;
    let id = TaskId::new(anything());
    let create = async || {
        let draft = task_draft(group);
        world
            .write(async |tx| {
                edits::tasks::create(tx, world.account, id, Generation::V1, draft, &world.change).await
            })
            .await
            .unwrap();
    };
    create().await;
    let new: Vec<NewNumber> = (0..25).map(|end| named(&phone(end), "王")).collect();
    world.add(id, &new, Duplicates::Skip).await.unwrap();
    world.delete_task(world.account, id).await.unwrap();
    // The same id again, which has nothing to do with the numbers of the one before.
    create().await;
    world.add(id, &new[..2], Duplicates::Skip).await.unwrap();
    assert_eq!(world.page(id, &NumberListFilter::default(), ALL).await.total, 2);
    assert!(numbers::is_any_deleted(&mut world.read().await).await.unwrap());
    assert_eq!(world.removals().await, [(25, 0)]);
    assert!(world.write(async |tx| numbers::remove_some(tx, 10).await).await.unwrap());
    assert_eq!(world.removals().await, [(25, 10)]);
    assert_eq!(world.remove_all(10).await, 3, "two more steps of ten, and the list itself");
    assert_eq!(world.removals().await, []);
    assert_eq!(world.page(id, &NumberListFilter::default(), ALL).await.total, 2);
    world.assert_counted().await;
    world.delete_task(world.account, id).await.unwrap();
    world.delete_group(world.account, group, None).await.unwrap();
    world.remove_all(1_000).await;
    assert!(!numbers::is_any_deleted(&mut world.read().await).await.unwrap());
    let about_numbers = |counts: Vec<String>| {
        counts.into_iter().filter(|count| count.starts_with("number")).collect::<Vec<_>>()
    };
    assert_eq!(about_numbers(world.database.row_counts().await), about_numbers(empty));
}

#[rstest]
#[tokio::test]
async fn a_reset_of_a_deleted_task_ends(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let task = world.task_with_numbers(25).await;
    world.begin_reset(task).await;
    world.delete_task(world.account, task).await.unwrap();
    assert!(world.write(async |tx| numbers::reset_some(tx, 10, at(9)).await).await.unwrap());
    assert!(!world.write(async |tx| numbers::reset_some(tx, 10, at(9)).await).await.unwrap());
    world.remove_all(10).await;
    assert_eq!(world.database.texts("SELECT request FROM number_jobs").await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn the_numbers_of_a_deleted_account_go(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    world.task_with_numbers(5).await;
    let whom = Whom::Account(world.partner, world.account);
    world.write(async |tx| edits::accounts::delete(tx, whom, true, &world.change).await).await.unwrap();
    assert_eq!(world.remove_all(100).await, 2);
    let left: AccountId = world.account;
    let rows = world.database.texts("SELECT CAST(id AS TEXT) FROM number_lists").await;
    assert!(rows.is_empty(), "{left}: {rows:?}");
}
