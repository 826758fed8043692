//! Lines: whose they are, who has a share of one, and which tasks hold one.

use domain::{
    AccountId, AllocationDraft, AllocationPrice, Generation, LineAllocationId, LineDraft, LineId, LineKind,
    LineSettings, PartnerId, Simulation, TaskLine,
};
use rstest::rstest;
use store::{
    Error, Kind, Unique,
    audit::{self, NO_ACCOUNT, Subject},
    lines::{self, AllocationFilter},
};

use crate::support::{ALL, Database, World, anything, name, task_draft};

pub(crate) fn draft(text: &str) -> LineDraft {
    let settings = LineSettings::new(LineKind::Simulated(Simulation::default()), 10);
    LineDraft { name: name(text), secret: None, settings }
}

pub(crate) async fn create(world: &World, partner: PartnerId) -> LineId {
    let id = LineId::new(anything());
    world
        .write(async |tx| lines::create(tx, partner, id, &draft("line"), &world.change).await)
        .await
        .unwrap();
    id
}

pub(crate) async fn allocate(
    world: &World,
    partner: PartnerId,
    line: LineId,
    user: AccountId,
    calls: i64,
) -> LineAllocationId {
    let share =
        AllocationDraft { line_concurrency: calls, deadline_at: None, price: AllocationPrice::default() };
    let allocated = world.write(async |tx| {
        let line = lines::lock(tx, partner, line).await?;
        lines::allocate(tx, &line, user, &share, &world.change).await
    });
    allocated.await.unwrap().allocation.id
}

async fn delete(world: &World, partner: PartnerId, line: LineId) -> store::Result<()> {
    world
        .write(async |tx| {
            let line = lines::lock_to_delete(tx, partner, line).await?;
            lines::delete(tx, &line, &world.change).await
        })
        .await
}

#[rstest]
#[tokio::test]
async fn a_line_is_its_partners_alone(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let stranger = world.create_partner().await;
    let line = create(&world, world.partner).await;
    let found = lines::get(&mut world.read().await, world.partner, line).await.unwrap();
    assert_eq!((found.version, &found.draft), (1, &draft("line")));
    assert_refused!(lines::get(&mut world.read().await, stranger, line).await, Error::NotFound(Kind::Line));
    assert_refused!(delete(&world, stranger, line).await, Error::NotFound(Kind::Line));
    let taken =
        world.write(async |tx| lines::bring(tx, stranger, line, &draft("theirs"), &world.change).await).await;
    assert_refused!(taken, Error::Taken(Unique::LineId));
    let changed = world
        .write(async |tx| {
            let line = lines::lock(tx, world.partner, line).await?;
            lines::update(tx, &line, &draft("renamed"), &world.change).await
        })
        .await
        .unwrap();
    assert_eq!((changed.version, changed.draft.name), (2, name("renamed")));
    assert_eq!(lines::list(&mut world.read().await, world.partner, ALL).await.unwrap().total, 1);
    assert_eq!(lines::list(&mut world.read().await, stranger, ALL).await.unwrap().total, 0);
    world
        .write(async |tx| lines::note_test_call(tx, (world.partner, line), &world.change).await)
        .await
        .unwrap();
    delete(&world, world.partner, line).await.unwrap();
    let history = audit::history(&mut world.read().await, NO_ACCOUNT, Subject::Line, &line.to_string()).await;
    let rows: Vec<_> = history.unwrap().into_iter().map(|row| (row.action, row.version)).collect();
    let expected = [("create", None), ("update", Some(1)), ("test_call", None), ("delete", Some(2))];
    assert_eq!(rows, expected.map(|(action, version)| (action.to_owned(), version)));
}

#[rstest]
#[tokio::test]
async fn a_task_holds_the_lines_that_it_names_until_it_names_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (one, other) = (create(&world, world.partner).await, create(&world, world.partner).await);
    let mut task = task_draft(world.group("group").await);
    task.settings.dialing.lines.caller_line_id = Some(one.uuid());
    task.settings.dialing.lines.line = vec![TaskLine::Id(other.uuid()), TaskLine::Id(anything())];
    let made = world.create_task(world.account, Generation::V2, task.clone()).await.unwrap();
    for line in [one, other] {
        assert_refused!(delete(&world, world.partner, line).await, Error::InUse(Kind::Line));
        let naming = lines::tasks_naming(&mut world.read().await, world.partner, line, ALL).await.unwrap();
        let tasks: Vec<_> = naming.items.into_iter().map(|task| (task.id, task.name)).collect();
        assert_eq!((naming.total, tasks), (1, vec![(made.task.id, "task".to_owned())]));
    }
    task.settings.dialing.lines.caller_line_id = None;
    world.update_task(world.account, made.task.id, task).await.unwrap();
    delete(&world, world.partner, one).await.unwrap();
    assert_refused!(delete(&world, world.partner, other).await, Error::InUse(Kind::Line));
    world.delete_task(world.account, made.task.id).await.unwrap();
    delete(&world, world.partner, other).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_share_is_one_for_each_user_and_its_sub_users_use_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (line, unused) = (create(&world, world.partner).await, create(&world, world.partner).await);
    let share = allocate(&world, world.partner, line, world.account, 3).await;
    assert_eq!(allocate(&world, world.partner, line, world.account, 5).await, share);
    allocate(&world, world.partner, line, world.stranger, 7).await;
    let sub_user = world.create_sub_user().await;
    for account in [world.account, sub_user] {
        let found = lines::allocations_of_user(&mut world.read().await, account).await.unwrap();
        let found: Vec<_> = found
            .into_iter()
            .map(|(line, share)| (line.id, share.id, share.draft.line_concurrency))
            .collect();
        assert_eq!(found, [(line, share, 5)]);
    }
    let list = async |filter| {
        let found = lines::list_shares(&mut world.read().await, world.partner, filter, ALL).await.unwrap();
        assert_eq!(usize::try_from(found.total), Ok(found.items.len()));
        let row = |(line, share): (domain::Line, Option<lines::UserShare>)| {
            (line.id, share.map(|share| share.allocation.draft.line_concurrency))
        };
        found.items.into_iter().map(row).collect::<Vec<_>>()
    };
    let user = Some(world.account);
    assert_eq!(list(AllocationFilter { user, unused: false }).await, [(line, Some(5))]);
    assert_eq!(list(AllocationFilter { user: None, unused: true }).await, [(unused, None)]);
    assert_eq!(list(AllocationFilter::default()).await.len(), 3);
    assert_refused!(delete(&world, world.partner, line).await, Error::InUse(Kind::Line));
    let wrong =
        world.write(async |tx| lines::lock_allocation(tx, world.partner, world.stranger, share).await).await;
    assert_refused!(wrong, Error::NotFound(Kind::LineAllocation));
    let bound = world
        .write(async |tx| {
            let share = lines::lock_allocation(tx, world.partner, world.account, share).await?;
            let bound = lines::bind_scripts(tx, &share, &[297, 5], &world.change).await?;
            lines::deallocate(tx, &share, &world.change).await?;
            Ok(bound)
        })
        .await
        .unwrap();
    assert_eq!(bound.scripts, [297, 5]);
    let left = lines::allocations_of_user(&mut world.read().await, world.account).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
