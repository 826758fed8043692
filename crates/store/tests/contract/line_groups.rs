//! Line groups: whose they are, what they hold, and what a task that names one may be dialed over.

use domain::{
    DEFAULT_FAILOVER, Generation, LineGroupDraft, LineGroupId, LineId, LineLimit, OutcomeClass, PartnerId,
    TaskDraft, TaskId, TaskLine,
};
use rstest::rstest;
use store::{
    Error, Kind, Limited, Page, Result,
    dialing::{self, Route},
    lines,
    numbers::Duplicates,
};

use crate::{
    lines::{allocate, create},
    numbers::{number, phone},
    support::{ALL, Database, World, anything, name, task_draft},
};

fn draft(lines: &[LineId]) -> LineGroupDraft {
    let (description, failover) = ("华东".to_owned(), DEFAULT_FAILOVER.to_vec());
    LineGroupDraft { name: name("group"), description, lines: lines.to_vec(), failover }
}

async fn create_group(world: &World, partner: PartnerId, lines: &[LineId]) -> Result<LineGroupId> {
    let (id, draft) = (LineGroupId::new(anything()), draft(lines));
    world.write(async |tx| lines::create_group(tx, partner, id, &draft, &world.change).await).await?;
    Ok(id)
}

async fn delete_group(world: &World, partner: PartnerId, id: LineGroupId) -> Result<()> {
    world
        .write(async |tx| {
            let group = lines::lock_group_to_delete(tx, partner, id).await?;
            lines::delete_group(tx, &group, &world.change).await
        })
        .await
}

async fn replace_group(world: &World, id: LineGroupId, draft: &LineGroupDraft) -> Result<i64> {
    world
        .write(async |tx| {
            let group = lines::lock_group(tx, world.partner, id).await?;
            Ok(lines::replace_group(tx, &group, draft, &world.change).await?.version)
        })
        .await
}

async fn delete_line(world: &World, line: LineId) -> Result<()> {
    world
        .write(async |tx| {
            let line = lines::lock_to_delete(tx, world.partner, line).await?;
            lines::delete(tx, &line, &world.change).await
        })
        .await
}

async fn naming(world: &World, ids: &[TaskLine]) -> TaskDraft {
    let mut draft = task_draft(world.group("group").await);
    draft.settings.dialing.lines.line = ids.to_vec();
    draft.settings.dialing.pace.maximumcall = 5;
    draft
}

#[rstest]
#[tokio::test]
async fn a_group_is_its_partners_and_holds_its_lines(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let stranger = world.create_partner().await;
    let (one, other) = (create(&world, world.partner).await, create(&world, world.partner).await);
    let theirs = create(&world, stranger).await;
    let unknown = create_group(&world, world.partner, &[one, theirs]).await;
    let Err(Error::UnknownAt { kind: Kind::Line, fields }) = unknown else { panic!("{unknown:?}") };
    assert_eq!(fields, ["lines[1]"]);
    let id = create_group(&world, world.partner, &[other, one]).await.unwrap();
    let found = lines::get_group(&mut world.read().await, world.partner, id).await.unwrap();
    assert_eq!((found.draft, found.version), (draft(&[other, one]), 1));
    assert_refused!(
        lines::get_group(&mut world.read().await, stranger, id).await,
        Error::NotFound(Kind::LineGroup)
    );
    assert_refused!(delete_group(&world, stranger, id).await, Error::NotFound(Kind::LineGroup));
    assert_eq!(lines::list_groups(&mut world.read().await, stranger, ALL).await.unwrap().total, 0);
    assert_refused!(delete_line(&world, one).await, Error::InUse(Kind::Line));
    let with_one = Page { number: 1, size: 1 };
    let with_line =
        lines::groups_with_line(&mut world.read().await, world.partner, one, with_one).await.unwrap();
    assert_eq!((with_line.total, with_line.items[0].id), (1, id));
    let changed = LineGroupDraft { failover: vec![OutcomeClass::Blocked], ..draft(&[other]) };
    assert_eq!(replace_group(&world, id, &changed).await.unwrap(), 2);
    let list = lines::list_groups(&mut world.read().await, world.partner, ALL).await.unwrap();
    assert_eq!((list.total, &list.items[0].draft), (1, &changed));
    delete_line(&world, one).await.unwrap();
    delete_group(&world, world.partner, id).await.unwrap();
    delete_line(&world, other).await.unwrap();
}

/// The routes of a task, which gets a number for it.
async fn routes(world: &World, task: TaskId) -> Vec<Route> {
    world.add(task, &[number(&phone(1))], Duplicates::Skip).await.unwrap();
    let mut read = world.read().await;
    let progress = dialing::progress(&mut read, world.account, task, world.change.at).await.unwrap();
    let list = progress.list.unwrap();
    let tasks = dialing::tasks_of_lists(&mut read, &[list]).await.unwrap();
    dialing::routes_of_tasks(&mut read, &tasks).await.unwrap().remove(&list).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_task_is_dialed_over_the_lines_of_its_groups_in_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(create(&world, world.partner).await);
    }
    let [first, second, third, alone] = <[LineId; 4]>::try_from(ids).unwrap();
    let group = create_group(&world, world.partner, &[third, first, second]).await.unwrap();
    let limited = TaskLine::Limited(LineLimit { id: alone.uuid(), limit: Some(2) });
    let named = [limited, TaskLine::Id(anything()), TaskLine::Id(group.uuid()), TaskLine::Id(first.uuid())];
    let task = naming(&world, &named).await;
    let made = world.create_task(world.account, Generation::V2, task.clone()).await.unwrap();
    let share = allocate(&world, world.partner, first, world.account, 8).await;
    let routes = routes(&world, made.task.id).await;
    let shown: Vec<_> = routes.iter().map(|route| (route.group, route.calls, &route.failover[..])).collect();
    assert_eq!(shown, [(None, 2, &[][..]), (Some(group), 5, &DEFAULT_FAILOVER)]);
    let of_lines = |route: &Route| {
        route
            .lines
            .iter()
            .map(|line| (line.line, line.share.map(|share| share.allocation)))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_lines(&routes[0]), [(alone, None)]);
    assert_eq!(of_lines(&routes[1]), [(third, None), (first, Some(share)), (second, None)]);
    // The task holds the group, which holds its lines.
    assert_refused!(delete_group(&world, world.partner, group).await, Error::InUse(Kind::LineGroup));
    let tasks = lines::tasks_naming_group(&mut world.read().await, world.partner, group, ALL).await.unwrap();
    assert_eq!((tasks.total, tasks.items[0].id), (1, made.task.id));
    let none = naming(&world, &[]).await;
    world.update_task(world.account, made.task.id, none).await.unwrap();
    delete_group(&world, world.partner, group).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_group_takes_of_the_first_line_that_there_is_a_share_of(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (one, other) = (create(&world, world.partner).await, create(&world, world.partner).await);
    let group = create_group(&world, world.partner, &[one, other]).await.unwrap();
    allocate(&world, world.partner, other, world.account, 4).await;
    let by_group = naming(&world, &[TaskLine::Id(group.uuid())]).await;
    let refused = world.create_task(world.account, Generation::V1, by_group.clone()).await;
    assert_refused!(refused, Error::Limit { of: Limited::CallsOfLine, most: 4 });
    // The first line is the one that counts, once there is a share of it; named beside its group it counts once.
    allocate(&world, world.partner, one, world.account, 5).await;
    let both = naming(&world, &[TaskLine::Id(group.uuid()), TaskLine::Id(one.uuid())]).await;
    for draft in [by_group, both] {
        world.create_task(world.account, Generation::V1, draft).await.unwrap();
    }
    let calls = lines::calls_of_tasks(&mut world.read().await, world.account, &[one, other]).await.unwrap();
    assert!(calls.is_empty(), "they are off: {calls:?}");
}
