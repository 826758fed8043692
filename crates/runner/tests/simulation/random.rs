//! Whatever people do, whoever dies and however the clock is set: what is told is what the oracle has.

use domain::{GroupDraft, Resume, TaskBounds};
use proptest::{prelude::*, test_runner::TestRunner};
use rstest::rstest;
use test_support::DatabaseKind as Database;

use crate::world::{World, draft, minutes};

#[derive(Clone, Debug)]
enum Move {
    Pass(i64),
    SetBack(i64),
    Tick,
    TickOne(usize),
    Restart(usize),
    Crash,
    AddGroup(usize),
    EditGroup(usize, usize),
    ReplaceGroup(usize, usize),
    AddTask(usize, usize, bool),
    EditTask(usize, usize, usize),
    Switch(usize, bool),
    DeleteTask(usize),
}

fn any_move() -> impl Strategy<Value = Move> {
    let some = 0..64_usize;
    prop_oneof![
        4 => (1..400_i64).prop_map(Move::Pass),
        4 => (400..4_000_i64).prop_map(Move::Pass),
        1 => (1..1_000_i64).prop_map(Move::SetBack),
        4 => Just(Move::Tick),
        2 => (0..2_usize).prop_map(Move::TickOne),
        1 => (0..2_usize).prop_map(Move::Restart),
        1 => Just(Move::Crash),
        1 => some.clone().prop_map(Move::AddGroup),
        2 => (some.clone(), some.clone()).prop_map(|(group, draft)| Move::EditGroup(group, draft)),
        1 => (some.clone(), some.clone()).prop_map(|(group, with)| Move::ReplaceGroup(group, with)),
        2 => (some.clone(), some.clone(), any::<bool>()).prop_map(|(g, bounds, ask)| Move::AddTask(g, bounds, ask)),
        2 => (some.clone(), some.clone(), some.clone()).prop_map(|(t, g, bounds)| Move::EditTask(t, g, bounds)),
        6 => (some.clone(), any::<bool>()).prop_map(|(task, on)| Move::Switch(task, on)),
        1 => some.prop_map(Move::DeleteTask),
    ]
}

fn some_draft(number: usize) -> GroupDraft {
    const ZONES: [&str; 4] =
        ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"];
    const WINDOWS: [&str; 4] = [
        r#"[{"week": 1, "times": [{"begin_time": "09:00", "end_time": "18:00"}]},
            {"week": 4, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
            {"week": 6, "times": [{"begin_time": "22:00", "end_time": "03:00"}]}]"#,
        r#"[{"week": 0, "times": [{"begin_time": "01:00", "end_time": "01:15"}, {"begin_time": "01:30", "end_time": "02:30"}]},
            {"week": 3, "times": [{"begin_time": "20:00", "end_time": "19:00"}]}]"#,
        "[]",
        r#"[{"week": 5, "times": [{"begin_time": "09:00", "end_time": "18:00"}]},
            {"week": 6, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
            {"week": 0, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}]"#,
    ];
    const EXCEPTIONS: [&str; 2] = ["[]", r#"[{"begin_date": "2026-10-29", "end_date": "2026-10-31"}]"#];
    let (zone, windows) = (ZONES[number % 4], WINDOWS[number / 4 % 4]);
    draft(zone, windows, EXCEPTIONS[number / 16 % 2], number < 32)
}

/// Windows that a task has of its own.
const HOURS: &str = r#"[{"week":1,"times":[{"begin_time":"10:00","end_time":"13:30"},{"begin_time":"22:00","end_time":"03:00"}]},
    {"week":3,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":6,"times":[{"begin_time":"08:00","end_time":"11:00"}]}]"#;

fn some_bounds(world: &World, number: usize) -> TaskBounds {
    let edge = |there: usize, minute: i64| (number & there != 0).then(|| world.now() + minutes(minute));
    let closures = (number & 4 != 0).then(|| world.closure(-300, 900));
    let touching = (number & 8 != 0).then(|| world.closure(900, 1_440));
    TaskBounds {
        start: edge(1, 600),
        stop: edge(2, if number & 16 == 0 { 6_000 } else { 1_440 }),
        closures: closures.into_iter().chain(touching).collect(),
        hours: (number & 32 != 0).then(|| serde_json::from_str(HOURS).unwrap()),
    }
}

async fn play(world: &mut World, one: Move) {
    let (groups, tasks) = (world.groups.len(), world.tasks.len());
    match one {
        Move::Pass(minutes) => world.pass(minutes),
        Move::SetBack(minutes) => {
            // What was due is told before; else nobody could say what had been told.
            world.tick().await;
            world.set_back(minutes).await;
        }
        Move::Tick => drop(world.tick().await),
        Move::TickOne(engine) => drop(world.tick_one(engine).await),
        Move::Restart(engine) => world.restart(engine).await,
        Move::Crash => world.crash().await,
        Move::AddGroup(draft) => world.add_group(some_draft(draft)).await,
        Move::EditGroup(group, draft) => world.edit_group(group % groups, some_draft(draft)).await,
        Move::ReplaceGroup(group, with) if group % groups != with % groups => {
            world.replace_group(group % groups, with % groups).await;
        }
        Move::ReplaceGroup(..) => {}
        Move::AddTask(group, bounds, ask) => {
            let resume = if ask { Resume::Ask } else { Resume::Auto };
            world.add_task(group % groups, some_bounds(world, bounds), resume).await;
        }
        _ if tasks == 0 => {}
        Move::EditTask(task, group, bounds) => {
            world.edit_task(task % tasks, group % groups, some_bounds(world, bounds)).await;
        }
        Move::Switch(task, enabled) => world.switch(task % tasks, enabled).await,
        Move::DeleteTask(task) => world.delete_task(task % tasks).await,
    }
}

#[rstest]
fn whatever_happens_is_told_once_and_in_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let moves = proptest::collection::vec(any_move(), 10..60);
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let played = TestRunner::new(config).run(&moves, |moves| {
        runtime.block_on(async {
            let mut world = World::new(database, "2026-09-29T00:00:00Z").await;
            world.add_group(some_draft(0)).await;
            for one in moves {
                play(&mut world, one).await;
            }
            world.tick().await;
            world.check().await.map_err(TestCaseError::fail)
        })
    });
    played.unwrap();
}

/// Open at all times, by the clock of a zone.
fn always_open(zone: &str) -> GroupDraft {
    let days: Vec<_> = (0..7)
        .map(|week| format!(r#"{{"week":{week},"times":[{{"begin_time":"00:00","end_time":"24:00"}}]}}"#))
        .collect();
    draft(zone, &format!("[{}]", days.join(",")), "[]", false)
}

/// A task with windows of its own that are open by the clock in Shanghai and closed by that in New York, at once: a Monday at
/// 10:30 there, and a Sunday here.
async fn by_two_clocks(database: Database, resume: Resume, zone: &str) -> World {
    let mut world = World::new(database, "2026-09-28T02:30:00Z").await;
    world.add_group(always_open(zone)).await;
    world.add_task(0, some_bounds(&world, 32), resume).await;
    world.switch(0, true).await;
    world
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_groups_clock_says_at_once_what_a_tasks_own_windows_make_of_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(Resume::Auto, Resume::Ask)] resume: Resume,
) {
    let mut world = by_two_clocks(database, resume, "Asia/Shanghai").await;
    for zone in ["America/New_York", "Asia/Shanghai"] {
        world.edit_group(0, always_open(zone)).await;
    }
    world.tick().await;
    world.check().await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_task_comes_to_no_state_by_a_clock_that_its_group_no_longer_has(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(Resume::Auto, Resume::Ask)] resume: Resume,
) {
    let mut world = by_two_clocks(database, resume, "Asia/Shanghai").await;
    let closed = draft("Asia/Shanghai", "[]", "[]", false);
    world.edit_group(0, closed).await;
    world.edit_group(0, always_open("America/New_York")).await;
    world.tick().await;
    world.check().await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_task_whose_group_is_replaced_follows_the_clock_of_the_other_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(Resume::Auto, Resume::Ask)] resume: Resume,
    #[values(["Asia/Shanghai", "America/New_York"], ["America/New_York", "Asia/Shanghai"])] zones: [&str; 2],
) {
    let mut world = by_two_clocks(database, resume, zones[0]).await;
    world.add_group(always_open(zones[1])).await;
    world.replace_group(0, 1).await;
    world.tick().await;
    world.check().await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_other_zones_evaluates_a_tasks_own_windows_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = by_two_clocks(database, Resume::Auto, "Asia/Shanghai").await;
    world.tick().await;
    world.evaluated_with_other_zones(0).await;
    world.restart(0).await;
    world.tick().await;
    world.check().await.unwrap();
}
