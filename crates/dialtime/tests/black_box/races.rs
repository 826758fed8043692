//! Clients that race. Every round lets requests go at the same moment and then looks at what they left behind; what
//! must hold, holds after each of the rounds, of which `scripts/long races` has hundreds. No answer is ever a 5xx.

use std::{
    collections::HashMap,
    sync::{Barrier, Mutex},
    time::Duration,
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, Program, Reply, World, dialtime, group, register, task};

/// How many rounds each race runs; a multiple of [`LANES`].
pub(crate) fn number_of_rounds() -> u32 {
    std::env::var("DIALTIME_RACE_ROUNDS").map_or(60, |rounds| rounds.parse().unwrap())
}

/// How many rounds run beside each other on one server, each with an account of its own.
const LANES: u32 = 4;

/// An account that only one lane uses.
pub(crate) struct Account {
    pub(crate) client: Client,
    user: String,
}

impl Account {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/agent-api/user/{}{rest}", self.user)
    }

    fn group_path(&self, id: i64) -> String {
        self.path(&format!("/dial-time-group/{id}"))
    }

    fn save(&self, is_default: bool) -> Reply {
        let mut body = group("group");
        body["is_default"] = is_default.into();
        self.client.post(&self.path("/dial-time-group"), &body)
    }

    pub(crate) fn group(&self) -> i64 {
        self.save(false).data()["id"].as_i64().unwrap()
    }

    fn default_group(&self) -> i64 {
        self.save(true).data()["id"].as_i64().unwrap()
    }

    fn make_default(&self, id: i64) -> Reply {
        self.client.put(&self.group_path(id), &json!({"name": "default", "is_default": true}))
    }

    pub(crate) fn delete(&self, id: i64) -> Reply {
        self.client.delete(&self.group_path(id))
    }

    fn replace(&self, id: i64, with: i64) -> Reply {
        self.client.post(&format!("{}/replace", self.group_path(id)), &json!({"with": with}))
    }

    /// Creates a task of either generation.
    pub(crate) fn attach(&self, round: u32, group: i64) -> Reply {
        let generation = if round.is_multiple_of(2) { "agent-api" } else { "agent-api/new" };
        self.client.post(&format!("/{generation}/user/{}/task", self.user), &task(group))
    }

    pub(crate) fn task(&self, group: i64) -> String {
        uuid(&self.attach(0, group))
    }

    fn modify(&self, task_id: &str, group: i64) -> Reply {
        self.client.put(&self.path(&format!("/task/{task_id}")), &task(group))
    }

    /// The group a task dials in, which must exist.
    fn group_of(&self, task_id: &str) -> i64 {
        let answer = self.client.get(&self.path(&format!("/task/{task_id}/edit")));
        let id = answer.data()["dial_time_id"].as_i64().unwrap();
        assert!(self.exists(id), "task {task_id} dials in group {id}, which is gone");
        id
    }

    fn exists(&self, id: i64) -> bool {
        let status = self.client.get(&self.group_path(id)).status;
        assert!(matches!(status, 200 | 404));
        status == 200
    }

    /// All pages of a list, which must hold as many items as it counts.
    fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        for page in 1.. {
            let answer = self.client.get(&self.path(&format!("{path}?per_page=100&page={page}")));
            items.extend(answer.data().as_array().unwrap().clone());
            if answer.body["meta"]["last_page"] == page {
                assert_eq!(answer.body["meta"]["total"], items.len(), "{path} is counted wrong");
                break;
            }
        }
        items
    }

    /// The ids of the account's default groups.
    fn defaults(&self) -> Vec<i64> {
        let groups = self.all("/dial-time-group");
        let defaults = groups.iter().filter(|group| group["is_default"] == true);
        defaults.map(|group| group["id"].as_i64().unwrap()).collect()
    }

    /// Removes all groups, so that the lists stay short; no task may be left.
    fn clear(&self) {
        for group in self.all("/dial-time-group") {
            self.delete(group["id"].as_i64().unwrap()).data();
        }
    }
}

pub(crate) fn uuid(answer: &Reply) -> String {
    answer.data()["uuid"].as_str().unwrap().to_owned()
}

/// Runs the rounds and counts the outcomes they name.
pub(crate) fn rounds(
    database: Database,
    round: impl Fn(&Account, u32) -> &'static str + Sync,
) -> HashMap<&'static str, u32> {
    let world = World::new(database);
    let lane = |lane: u32| {
        let client = world.client.clone();
        let account = Account { user: register(&client, "/users"), client };
        (0..number_of_rounds() / LANES)
            .map(|number| round(&account, lane + number * LANES))
            .collect::<Vec<_>>()
    };
    let outcomes = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|number| scope.spawn(move || lane(number))).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect::<Vec<_>>()
    });
    let mut counts = HashMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    eprintln!("{database:?}: {counts:?}");
    counts
}

/// Sends requests at the same moment; in most rounds one of them is held back a little, so that each comes first at
/// times.
pub(crate) fn at_once<const N: usize>(round: u32, requests: [&(dyn Fn() -> Reply + Sync); N]) -> [Reply; N] {
    let held_back = round as usize % (N + 1);
    let delay = Duration::from_micros(u64::from(round) * 37 % 2_000);
    let barrier = Barrier::new(N);
    let mut index = 0..;
    let answers = std::thread::scope(|scope| {
        let barrier = &barrier;
        let threads = requests.map(|request| {
            let wait = index.next() == Some(held_back);
            scope.spawn(move || {
                barrier.wait();
                if wait {
                    std::thread::sleep(delay);
                }
                request()
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    for answer in &answers {
        assert!(answer.status < 500, "round {round}: {}", answer.body);
    }
    answers
}

fn assert_in_use(answer: &Reply) {
    assert_eq!((answer.status, answer.code()), (409, 8101), "{}", answer.body);
}

/// The group that a request names is unknown by now.
fn assert_unknown(answer: &Reply, field: &str) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(answer.faulty_fields(), [field]);
}

#[rstest]
fn a_group_is_either_deleted_or_attached_to_a_new_task_never_both_and_never_neither(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let id = account.group();
        let [deleted, created] = at_once(round, [&|| account.delete(id), &|| account.attach(round, id)]);
        if created.status == 200 {
            assert_in_use(&deleted);
            assert_eq!(account.group_of(&uuid(&created)), id);
            "attached"
        } else {
            deleted.data();
            assert_unknown(&created, "dial_time_id");
            assert!(!account.exists(id));
            "deleted"
        }
    });
    assert_eq!(outcomes.len(), 2, "the race always went the same way: {outcomes:?}");
}

#[rstest]
fn a_group_is_either_deleted_or_taken_by_an_existing_task_never_both_and_never_neither(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let (home, id) = (account.group(), account.group());
        let task_id = account.task(home);
        let [deleted, modified] = at_once(round, [&|| account.delete(id), &|| account.modify(&task_id, id)]);
        if modified.status == 200 {
            assert_in_use(&deleted);
            assert_eq!(account.group_of(&task_id), id);
            "modified"
        } else {
            deleted.data();
            assert_unknown(&modified, "dial_time_id");
            assert_eq!(account.group_of(&task_id), home);
            assert!(!account.exists(id));
            "deleted"
        }
    });
    assert_eq!(outcomes.len(), 2, "the race always went the same way: {outcomes:?}");
}

#[rstest]
fn of_two_groups_saved_as_default_at_once_exactly_one_stays_the_default(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        // In some rounds there is a default before, and in others none.
        if round.is_multiple_of(3) {
            account.clear();
        }
        let answers = at_once(round, [&|| account.save(true), &|| account.save(true)]);
        let ids = answers.map(|answer| answer.data()["id"].as_i64().unwrap());
        let defaults = account.defaults();
        assert_eq!(defaults.len(), 1);
        assert!(ids.contains(&defaults[0]));
        "saved"
    });
}

#[rstest]
fn of_two_groups_made_default_at_once_exactly_one_stays_the_default(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        account.clear();
        let (_old, a, b) = (account.default_group(), account.group(), account.group());
        let answers = at_once(round, [&|| account.make_default(a), &|| account.make_default(b)]);
        for answer in answers {
            assert_eq!(answer.data()["is_default"], true);
        }
        let defaults = account.defaults();
        assert!(defaults == [a] || defaults == [b], "{defaults:?}");
        "made default"
    });
}

#[rstest]
fn making_a_group_default_while_the_old_default_is_deleted_leaves_one_default(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        account.clear();
        let (old, new) = (account.default_group(), account.group());
        let [made, deleted] = at_once(round, [&|| account.make_default(new), &|| account.delete(old)]);
        made.data();
        deleted.data();
        assert_eq!(account.defaults(), [new]);
        "done"
    });
}

#[rstest]
fn making_a_group_default_while_it_replaces_the_old_default_leaves_one_default(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        account.clear();
        let (old, new) = if round.is_multiple_of(2) {
            (account.default_group(), account.group())
        } else {
            let new = account.group();
            (account.default_group(), new)
        };
        let [made, replaced] = at_once(round, [&|| account.make_default(new), &|| account.replace(old, new)]);
        made.data();
        replaced.data();
        assert!(!account.exists(old));
        assert_eq!(account.defaults(), [new]);
        "done"
    });
}

#[rstest]
fn a_task_attached_while_its_group_is_replaced_is_moved_or_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let (old, new) = (account.group(), account.group());
        let before = account.task(old);
        let [replaced, created] =
            at_once(round, [&|| account.replace(old, new), &|| account.attach(round, old)]);
        assert!(!account.exists(old));
        assert_eq!(account.group_of(&before), new);
        let moved = replaced.data()["tasks"].as_u64().unwrap();
        if created.status == 200 {
            assert_eq!((moved, account.group_of(&uuid(&created))), (2, new));
            "moved"
        } else {
            assert_unknown(&created, "dial_time_id");
            assert_eq!(moved, 1);
            "refused"
        }
    });
    assert_eq!(outcomes.len(), 2, "the race always went the same way: {outcomes:?}");
}

#[rstest]
fn of_two_replacements_that_cross_one_wins_and_no_task_is_lost(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let (a, b) = (account.group(), account.group());
        let tasks = [account.task(a), account.task(b)];
        let [a_by_b, b_by_a] = at_once(round, [&|| account.replace(a, b), &|| account.replace(b, a)]);
        let (won, lost, left) = if a_by_b.status == 200 { (a_by_b, b_by_a, b) } else { (b_by_a, a_by_b, a) };
        assert_eq!(won.data()["tasks"], 1);
        assert_unknown(&lost, "with");
        for task_id in &tasks {
            assert_eq!(account.group_of(task_id), left);
        }
        if left == b { "a by b" } else { "b by a" }
    });
}

#[rstest]
fn of_two_edits_of_the_same_version_one_is_stale(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let path = account.group_path(account.group());
        let edit =
            |name: &str| account.client.json("PUT", &path, &[("If-Match", "\"1\"")], &json!({"name": name}));
        let [one, other] = at_once(round, [&|| edit("one"), &|| edit("other")]);
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(lost.status, 412, "{}", lost.body);
        assert_eq!(account.client.get(&path).data(), won.data());
        assert_eq!(won.data()["version"], 2);
        "edited"
    });
}

#[rstest]
fn an_edit_and_a_delete_of_the_same_version_do_not_both_succeed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let id = account.group();
        let (path, version) = (account.group_path(id), [("If-Match", "\"1\"")]);
        let edit = || account.client.json("PUT", &path, &version, &json!({"name": "edited"}));
        let delete = || account.client.send("DELETE", &path, &version, None);
        let [edited, deleted] = at_once(round, [&edit, &delete]);
        if edited.status == 200 {
            assert_eq!(deleted.status, 412, "{}", deleted.body);
            assert!(account.exists(id));
            "edited"
        } else {
            deleted.data();
            assert_eq!(edited.status, 404, "{}", edited.body);
            "deleted"
        }
    });
    assert_eq!(outcomes.len(), 2, "the race always went the same way: {outcomes:?}");
}

#[rstest]
fn edits_of_different_fields_of_a_task_are_both_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let group = account.group();
        let path = account.path(&format!("/task/{}", account.task(group)));
        let edit = |field: &str, value: Value| {
            let mut body = task(group);
            body[field] = value;
            account.client.put(&path, &body)
        };
        let answers =
            at_once(round, [&|| edit("remark", "kept".into()), &|| edit("call_pause_second", 7.into())]);
        for answer in answers {
            answer.data();
        }
        let answer = account.client.get(&format!("{path}/edit"));
        let data = answer.data();
        assert_eq!((&data["remark"], &data["call_pause_second"]), (&json!("kept"), &json!(7)));
        "edited"
    });
}

#[rstest]
fn edits_of_different_fields_of_a_webhook_are_both_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let body = json!({"url": "https://example.com/before", "enabled": false});
        let made = account.client.post(&account.path("/webhook"), &body).data()["id"].clone();
        let path = account.path(&format!("/webhook/{}", made.as_str().unwrap()));
        let edit = |body: Value| account.client.put(&path, &body);
        let answers = at_once(
            round,
            [&|| edit(json!({"url": "https://example.com/after"})), &|| {
                edit(json!({"events": ["task.running"]}))
            }],
        );
        for answer in answers {
            answer.data();
        }
        let data = account.client.get(&path).data().clone();
        let kept = (&data["url"], &data["events"]);
        assert_eq!(kept, (&json!("https://example.com/after"), &json!(["task.running"])));
        account.client.delete(&path).data();
        "edited"
    });
}

#[rstest]
fn creates_sent_at_once_with_one_key_make_one_thing_and_get_one_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let key = format!("round {round}");
        let path = account.path("/dial-time-group");
        let create = || account.client.json("POST", &path, &[("Idempotency-Key", &key)], &group("once"));
        let answers = at_once(round, [&create, &create, &create, &create]);
        for answer in &answers {
            assert_eq!(answer.body, answers[0].body);
        }
        let id = answers[0].data()["id"].as_i64().unwrap();
        assert_eq!(account.client.get(&path).body["meta"]["total"], 1);
        account.delete(id).data();
        "made once"
    });
}

/// All changes of groups and tasks at once, on few groups of one account: whatever the order, no two wait for each
/// other, and every rule holds at the end.
#[rstest]
fn a_storm_of_changes_keeps_every_rule(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    const CLIENTS: u32 = 6;
    let world = World::new(database);
    let account = Account { client: world.client.clone(), user: world.user.clone() };
    let groups: Mutex<Vec<i64>> = Mutex::new((0..4).map(|_| account.group()).collect());
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (account, groups) = (&account, &groups);
            scope.spawn(move || {
                let (mut tasks, mut dice) = (Vec::new(), Dice(client + 1));
                for round in 0..number_of_rounds() {
                    let answer = storm(account, groups, &mut tasks, &mut dice, round);
                    assert!(answer.status < 500, "{}", answer.body);
                }
            });
        }
    });
    assert!(account.defaults().len() <= 1);
    // The total counts the tasks alone, and the pages only those with a group.
    for task in account.all("/task") {
        account.group_of(task["uuid"].as_str().unwrap());
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as usize % sides
    }
}

/// One change of any kind. A group that is gone makes room for a new one.
fn storm(
    account: &Account,
    groups: &Mutex<Vec<i64>>,
    tasks: &mut Vec<String>,
    dice: &mut Dice,
    round: u32,
) -> Reply {
    let present = groups.lock().unwrap().clone();
    let (slot, other) = (dice.roll(present.len()), present[dice.roll(present.len())]);
    let chosen = present[slot];
    match dice.roll(10) {
        0..=2 => account.make_default(chosen),
        3 => account.client.put(&account.group_path(chosen), &json!({"name": "x", "is_default": false})),
        4 | 5 => {
            let answer =
                if chosen == other { account.delete(chosen) } else { account.replace(chosen, other) };
            if answer.status == 200 {
                let id = account.save(dice.roll(2) == 0).data()["id"].as_i64().unwrap();
                groups.lock().unwrap()[slot] = id;
            }
            answer
        }
        6 | 7 if !tasks.is_empty() => account.modify(&tasks[dice.roll(tasks.len())], chosen),
        8 if !tasks.is_empty() => {
            let task_id = tasks.swap_remove(dice.roll(tasks.len()));
            account.client.delete(&account.path(&format!("/task/{task_id}")))
        }
        _ => {
            let answer = account.attach(round, chosen);
            if answer.status == 200 {
                tasks.push(uuid(&answer));
            }
            answer
        }
    }
}

#[rstest]
fn a_read_after_a_change_sees_it_however_many_read_beside_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    rounds(database, |account, round| {
        let id = account.group();
        let (detail, list) = (account.group_path(id), account.path("/dial-time-group"));
        for version in 2..4 {
            let change = || account.client.put(&detail, &group(&format!("version {version}")));
            let read = || account.client.get(&detail);
            let [changed, before_or_after] = at_once(round + version, [&change, &read]);
            assert_eq!(changed.data()["version"], version);
            assert!([version - 1, version].map(Value::from).contains(&before_or_after.data()["version"]));
            assert_eq!(read().data(), changed.data());
            assert_eq!(&account.client.get(&list).data()[0], changed.data());
        }
        account.delete(id).data();
        assert_eq!(account.client.get(&detail).status, 404);
        assert_eq!(account.all("/dial-time-group").len(), 0);
        "seen"
    });
}

#[test]
fn a_change_by_one_server_is_seen_by_the_next_read_from_another() {
    let world = World::new(Database::Postgres);
    let other = Program::start(&world.database.url, &[]);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let there = Client::new(&other.base, &token);
    let path = world.path(&format!("/dial-time-group/{}", world.group("group")));
    for round in 0..number_of_rounds() {
        let name = format!("round {round}");
        let (writer, reader) = if round % 2 == 0 { (&world.client, &there) } else { (&there, &world.client) };
        writer.put(&path, &json!({"name": name})).data();
        assert_eq!(reader.get(&path).data()["name"], name);
    }
}
