//! What a task says of its calls: how long they ring and last, what a close and a crash do to them, how fast they follow each other, what
//! callees see, and which script runs.

use std::time::Duration;

use domain::{
    AfterUnknown, AtClose, Attempt, CallRules, CallerIdPolicy, CallerIds, CallerNumber, EndedBy,
    LineSettings, NumberDetails, NumberState, OutcomeClass, RedialRule, RedialSettings, ScriptChoice,
};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;

use crate::support::{Database, Dialed, NINE, SCRIPT, World, always, rate};

fn with(calls: i64, rules: CallRules) -> Dialed {
    Dialed { calls, rules, ..Dialed::default() }
}

#[rstest]
#[tokio::test]
async fn phones_ring_and_people_talk_no_longer_than_the_task_says(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let rules =
        CallRules { originate_timeout: Some(10), maximum_talk_seconds: Some(30), ..CallRules::default() };
    world.simple(always(OutcomeClass::NoAnswer, 100, 0), with(1, rules.clone()), 1).await;
    let mut node = world.node();
    world.run(&mut node, 60, 500).await;
    let silent = world.records().await.remove(0);
    assert_eq!((silent.class, silent.ended_by), (OutcomeClass::NoAnswer, EndedBy::Dialtime));
    let rang = silent.times.ended_at.duration_since(silent.times.dialed_at);
    assert!((10..=11).contains(&rang.as_secs()), "{rang:?}");
    world.simple(always(OutcomeClass::Answered, 1, 600), with(1, rules), 1).await;
    world.run(&mut node, 90, 500).await;
    let records = world.records().await;
    let talked = records.iter().find(|record| record.class == OutcomeClass::Answered).unwrap();
    assert!((30..=31).contains(&talked.times.talk().as_secs()));
    assert_eq!(talked.ended_by, EndedBy::Dialtime);
}

/// Fewer calls at once, and another pace, for a task that has numbers ahead: what is edited holds for the next call.
#[rstest]
#[tokio::test]
async fn an_edit_of_how_fast_a_task_dials_holds_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let slow = Dialed { calls: 10, interval: Some(3_600), ..Dialed::default() };
    let (task, line) = world.simple(always(OutcomeClass::Busy, 1, 0), slow, 50).await;
    let mut node = world.node();
    world.run(&mut node, 20, 500).await;
    assert_eq!(world.records().await.len(), 1);
    let quick = Dialed { calls: 1, interval: Some(2), ..Dialed::default() };
    world.change_dialing(world.accounts.user, task, line, quick).await;
    world.run(&mut node, 40, 500).await;
    let called = world.records().await.len();
    assert!((8..=12).contains(&called), "{called} in 20 seconds");
}

/// One call a day: that of yesterday evening takes nothing from today, though it ended today.
#[rstest]
#[tokio::test]
async fn a_try_counts_for_the_day_on_which_it_began(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T23:59:50+08:00").await;
    let rule = RedialRule::new(&[4], 1, 5, Some(1)).unwrap();
    let redial = world.redial_rule(world.accounts.user, rule).await;
    world
        .simple(always(OutcomeClass::NoAnswer, 20, 0), Dialed { calls: 1, redial, ..Dialed::default() }, 1)
        .await;
    let mut node = world.node();
    world.run(&mut node, 300, 1_000).await;
    let begun = |record: &Attempt| record.times.dialed_at.duration_since(NINE.parse().unwrap()).as_mins();
    let mut begun: Vec<i64> = world.records().await.iter().map(begun).collect();
    begun.sort_unstable();
    assert_eq!(begun, [15 * 60 - 1, 15 * 60 + 1], "the third would be the second of its day");
}

/// From nine in the morning to a quarter past nine, every day.
const QUARTER: &str = r#"[{"week":3,"times":[{"begin_time":"09:00","end_time":"09:15"}]}]"#;

#[rstest]
#[tokio::test]
async fn answered_calls_outlast_a_close_unless_their_task_says_otherwise(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(AtClose::Finish, AtClose::HangUp)] at_close: AtClose,
    #[values("window", "pause")] how: &str,
) {
    let world = World::at(database, "2026-06-10T09:14:20+08:00").await;
    let user = world.accounts.user;
    let line = world.line(always(OutcomeClass::Answered, 2, 120), &[user], 10).await;
    let dialed = with(3, CallRules { at_close, minimum_ring: Some(5), ..CallRules::default() });
    let task = world.task(user, world.group(user, QUARTER).await, line, dialed).await;
    world.numbers(user, task, 0..3).await;
    let mut node = world.node();
    world.run(&mut node, 30, 500).await;
    assert_eq!(world.seen().under_way[&line], 3);
    if how == "pause" {
        world.enable(user, task, false).await;
        world.run(&mut node, 4, 500).await;
    } else {
        world.run(&mut node, 52, 500).await;
    }
    let left = if at_close == AtClose::Finish { 3 } else { 0 };
    assert_eq!(world.seen().under_way[&line], left);
    world.run(&mut node, 260, 500).await;
    let records = world.records().await;
    assert!(records.iter().all(|record| record.class == OutcomeClass::Answered));
    let close = "2026-06-10T09:15:00+08:00".parse().unwrap();
    assert!(records.iter().all(|record| (record.times.ended_at <= close) == (at_close == AtClose::HangUp)));
}

#[rstest]
#[tokio::test]
async fn no_call_starts_so_late_that_a_phone_could_not_ring_as_long_as_the_task_wants(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(0, 60)] minimum_ring: i64,
) {
    let world = World::at(database, "2026-06-10T09:13:00+08:00").await;
    let user = world.accounts.user;
    let line = LineSettings { t1x64: 4, ..always(OutcomeClass::Busy, 1, 0) };
    let line = world.line(line, &[user], 10).await;
    let rules = CallRules { minimum_ring: Some(minimum_ring), ..CallRules::default() };
    let task = world.task(user, world.group(user, QUARTER).await, line, with(1, rules)).await;
    world.numbers(user, task, 0..500).await;
    world.run(&mut world.node(), 600, 250).await;
    let last = *world.seen().starts[&line].last().unwrap();
    let close = "2026-06-10T09:15:00+08:00".parse().unwrap();
    let left = last.duration_until(close).as_secs();
    let least = 2 + minimum_ring.max(4);
    assert!((least..least + 3).contains(&left), "{left} seconds before the close");
}

#[tokio::test]
async fn nodes_together_start_the_calls_of_a_task_no_faster_than_it_says() {
    for (rules, interval, apart) in [
        (CallRules { calls_per_second: Some(rate(2_500)), ..CallRules::default() }, None, 400),
        (CallRules::default(), Some(2), 2_000),
    ] {
        let world = World::new(Database::Postgres).await;
        let dialed = Dialed { interval, ..with(50, rules) };
        let (_, line) = world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 100).await;
        let mut nodes = vec![world.node(), world.node(), world.node()];
        for _ in 0..400 {
            for node in &mut nodes {
                node.round().await.unwrap();
            }
            for _ in 0..5 {
                world.pass(5);
                for node in &nodes {
                    node.calls().round(node.now());
                }
            }
        }
        let starts = &world.seen().starts[&line];
        // A node looks every five milliseconds here, and is that much late at most.
        let apart = SignedDuration::from_millis(apart - 5);
        for two in starts.windows(2) {
            assert!(two[0].duration_until(two[1]) >= apart, "{two:?}");
        }
        let most = usize::try_from(10_000 / apart.as_millis()).unwrap();
        assert!(starts.len() * 10 >= most * 8, "{} of {most}", starts.len());
    }
}

#[rstest]
#[tokio::test]
async fn a_fast_task_is_as_fast_as_it_says(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let rules = CallRules { calls_per_second: Some(rate(60_000)), ..CallRules::default() };
    let (_, line) = world.simple(always(OutcomeClass::Busy, 1, 0), with(500, rules), 400).await;
    world.run(&mut world.node(), 200, 25).await;
    let starts = &world.seen().starts[&line];
    let in_second = |from: &jiff::Timestamp| {
        let until = *from + SignedDuration::from_secs(1);
        starts.iter().filter(|at| from <= *at && **at < until).count()
    };
    let most = starts.iter().map(in_second).max().unwrap();
    assert!(most <= 60 && starts.len() >= 240, "{most} in a second, {} in five", starts.len());
}

fn numbers(texts: &[&str]) -> Vec<CallerNumber> {
    texts.iter().map(|text| CallerNumber::parse(text).unwrap()).collect()
}

#[rstest]
#[tokio::test]
async fn callees_see_those_of_the_lines_numbers_that_the_task_chooses_and_another_when_they_are_called_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = LineSettings {
        caller_ids: CallerIds {
            policy: CallerIdPolicy::SameForCallee,
            numbers: numbers(&["0211", "0212", "0213", "0214"]),
        },
        ..always(OutcomeClass::Busy, 1, 0)
    };
    let rules = CallRules { caller_ids: numbers(&["0212", "0214", "0219"]), ..CallRules::default() };
    for policy in [None, Some(json!(1))] {
        let redial = RedialSettings {
            redial_enabled: Some(json!(1)),
            redial_interval: Some(1),
            redial_max_times: Some(1),
            redial_conditions: Some(json!({ "da_status": [8] })),
            redial_new_number_policy: policy.clone(),
            ..RedialSettings::default()
        };
        let before = world.records().await.len();
        world.simple(line.clone(), Dialed { redial, ..with(5, rules.clone()) }, 5).await;
        world.run(&mut world.node(), 80, 1_000).await;
        let mut seen = std::collections::BTreeMap::<i64, Vec<String>>::new();
        let records = world.records().await;
        for record in &records[..records.len() - before] {
            seen.entry(record.number.e164).or_default().push(record.caller_id.clone().unwrap());
        }
        for shown in seen.values() {
            assert_eq!(shown.len(), 2);
            assert!(shown.iter().all(|number| ["0212", "0214"].contains(&number.as_str())), "{shown:?}");
            assert_eq!(shown[0] == shown[1], policy.is_none(), "{shown:?}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_line_that_has_none_of_the_numbers_that_a_task_chooses_shows_its_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let caller_ids = CallerIds { policy: CallerIdPolicy::Fixed, numbers: numbers(&["0211", "0212"]) };
    let line = LineSettings { caller_ids, ..always(OutcomeClass::Busy, 1, 0) };
    let rules = CallRules { caller_ids: numbers(&["0219"]), ..CallRules::default() };
    world.simple(line, with(5, rules), 5).await;
    world.run(&mut world.node(), 40, 1_000).await;
    let records = world.records().await;
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(|record| record.caller_id.as_deref() == Some("0211")));
}

#[rstest]
#[tokio::test]
async fn the_script_is_chosen_by_the_number_then_by_the_clock_of_the_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    for id in [301, 302] {
        world.script_with_id(user, id).await;
    }
    let script = ScriptChoice {
        destination_extension_with_variable_list: Some(
            json!([{ "mode": 1, "values": ["vip"], "destination_extension": 301, "sort": 1 }]),
        ),
        destination_extension_list: Some(
            json!([{ "begin": "09:01", "end": "12:00", "destination_extension": 302 }]),
        ),
        ..ScriptChoice::default()
    };
    let dialed = Dialed { script, ..with(1, CallRules::default()) };
    let (task, _) = world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 1).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    let vip = NumberDetails { control_select_robot: Some("vip".to_owned()), ..NumberDetails::default() };
    world.numbers_with(user, task, 1..2, vip).await;
    world.numbers(user, task, 2..3).await;
    world.run(&mut node, 60, 1_000).await;
    let mut run: Vec<(i64, Option<i64>)> =
        world.records().await.iter().map(|record| (record.number.e164, record.script_id)).collect();
    run.sort_unstable();
    let scripts: Vec<Option<i64>> = run.into_iter().map(|(_, script)| script).collect();
    assert_eq!(scripts, [Some(SCRIPT), Some(301), Some(302)]);
}

#[rstest]
#[tokio::test]
async fn a_task_that_names_a_script_which_is_not_there_does_not_dial(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let list = json!([{ "begin": "20:00", "end": "21:00", "destination_extension": 999 }]);
    let script = ScriptChoice { destination_extension_list: Some(list), ..ScriptChoice::default() };
    let dialed = Dialed { script, ..with(1, CallRules::default()) };
    world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 1).await;
    world.run(&mut world.node(), 10, 1_000).await;
    assert!(world.records().await.is_empty());
    // What a switch names that is off is never run.
    let rule = json!([{ "switch_start": "00:00", "switch_end": "24:00", "group_id": 999 }]);
    let script =
        ScriptChoice { is_group_switch: Some(2), group_switch_rule: Some(rule), ..ScriptChoice::default() };
    let dialed = Dialed { script, ..with(1, CallRules::default()) };
    world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 1).await;
    world.run(&mut world.node(), 10, 1_000).await;
    assert_eq!(world.records().await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_a_crash_hid_is_a_try_and_the_task_says_what_follows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(AfterUnknown::ByRule, AfterUnknown::Hold, AfterUnknown::GiveUp)] after_unknown: AfterUnknown,
) {
    let mut world = World::new(database).await;
    world.settings.node_lease = SignedDuration::from_millis(2_200);
    let redial = RedialSettings {
        redial_enabled: Some(json!(1)),
        redial_interval: Some(1),
        redial_max_times: Some(3),
        redial_conditions: Some(json!({ "da_status": [4] })),
        ..RedialSettings::default()
    };
    let rules = CallRules { after_unknown, ..CallRules::default() };
    let dialed = Dialed { redial, ..with(2, rules) };
    let (task, line) = world.simple(always(OutcomeClass::NoAnswer, 40, 0), dialed, 2).await;
    let mut node = world.node();
    world.run(&mut node, 5, 200).await;
    drop(node);
    let mut other = world.node();
    for _ in 0..60 {
        world.run(&mut other, 1, 100).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if world.records().await.len() == 2 {
            break;
        }
    }
    let records = world.records().await;
    assert!(records.iter().all(|record| record.class == OutcomeClass::Unknown));
    assert_eq!(records.len(), 2);
    world.run(&mut other, 120, 1_000).await;
    let (due, calls) = match after_unknown {
        AfterUnknown::ByRule => (0, 4),
        AfterUnknown::Hold => (2, 2),
        AfterUnknown::GiveUp => (0, 2),
    };
    assert_eq!(world.seen().starts[&line].len(), calls);
    if after_unknown != AfterUnknown::ByRule {
        assert_eq!(world.in_state(task, NumberState::Due).await, due);
        let mut read = world.store.read().await.unwrap();
        let user = world.accounts.user;
        let progress = store::dialing::progress(&mut read, user, task, world.now()).await.unwrap();
        assert_eq!((progress.held, progress.to_call(), progress.open()), (due, 0, due));
    }
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn callees_see_a_lines_numbers_in_turn(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let shown = numbers(&["0211", "0212", "0213"]);
    let line = LineSettings {
        caller_ids: CallerIds { policy: CallerIdPolicy::RoundRobin, numbers: shown },
        ..always(OutcomeClass::Busy, 1, 0)
    };
    world.simple(line, with(1, CallRules::default()), 12).await;
    world.run(&mut world.node(), 60, 1_000).await;
    let mut records = world.records().await;
    records.sort_by_key(|record| record.times.dialed_at);
    let seen: Vec<&str> = records.iter().filter_map(|record| record.caller_id.as_deref()).collect();
    assert_eq!(seen, ["0211", "0212", "0213"].repeat(4));
}
