//! A node that is killed again and again while bots talk in several calls that are recorded: each call is ended and said to be, each recording is whole up to
//! its last second, and those who are called next have all the room there was.

use std::{fmt::Write as _, thread, time::Duration};

use jiff::Timestamp;
use media::{
    g711::G711,
    recording::{HEAD_BYTES, read_head},
};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Callee, OPTIONS,
    bots::{Stream, TestBot, mu_law_line, script},
    recorded_bots::{folder, recording_task, sound_of},
};
use crate::{
    crashes::Chance,
    dialing::{progress, start},
    support::{Database, Program, ProgramWorld, now, until},
};
use test_support::free_port;

/// How many calls there are at once: as many as the bot takes, and as the line has for the account.
const CALLS: usize = 5;

/// How often a bot says the sound of its call: 1.5 seconds each.
const TIMES: usize = 4;

/// How often the node is killed.
fn kills() -> usize {
    std::env::var("DIALTIME_KILLS").map_or(2, |kills| kills.parse().unwrap())
}

/// Says the sound of its call some times, and closes when all of it has left.
fn say_on(stream: &mut Stream) {
    let said = sound_of(stream.start["start"]["callSid"].as_str().unwrap());
    stream.media(&said.repeat(TIMES));
    let _ = stream.socket.close(None);
    while stream.socket.read().is_ok() {}
}

/// A world of one node with a bot, a line to phones that say back what they hear, and recordings.
struct Calls {
    world: ProgramWorld,
    options: Vec<String>,
    script: i64,
    line: String,
    _phones: Callee,
    _bot: TestBot,
}

impl Calls {
    fn new(database: Database, recordings: &str) -> Self {
        let port = free_port();
        let phones = Callee::start(&["-sn", "uas", "-rtp_echo", "-mp", &port.to_string()]);
        let (bot, _told) = TestBot::start(say_on);
        let own = [OPTIONS[0], OPTIONS[1], "--recordings", recordings, "--recordings-least-free", "0"];
        let world = ProgramWorld::with(database, &own);
        let script = script(&world, &bot.url, &json!({"capacity": CALLS}));
        let line = mu_law_line(&world, phones.port);
        let options = own.map(str::to_owned).to_vec();
        Self { world, options, script, line, _phones: phones, _bot: bot }
    }

    fn begin(&self) -> String {
        let task = recording_task(&self.world, &self.line, self.script, CALLS);
        start(&self.world, &task);
        task
    }

    fn talking(&self, task: &str) -> u64 {
        progress(&self.world, task)["calls"]["talking"].as_u64().unwrap()
    }

    /// Kills the node and starts another in its place; gives when.
    fn kill(&mut self) -> Timestamp {
        let at = now();
        self.world.server.kill();
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.world.server = Program::start(&self.world.database.url, &options);
        self.world.world.client = self.world.client.at(&self.world.server.base);
        at
    }

    /// The records of a task, once it is over and all of its recordings are there.
    fn records(&self, task: &str) -> Vec<Value> {
        until("all are called", || progress(&self.world, task)["reason"]["code"] == "finished");
        let path = self.world.path(&format!("/task/{task}/record?all=1&per_page=100"));
        let records = || self.world.client.get(&path).data().as_array().unwrap().clone();
        let is_there = |record: &Value| record["recording"].is_object() || !lasted(record);
        until("all are written down", || records().iter().all(is_there));
        records()
    }

    /// Checks a recording against its record; gives its channels.
    fn channels(&self, task: &str, record: &Value) -> [Vec<u8>; 2] {
        let (id, recording) = (record["record_id"].as_str().unwrap(), &record["recording"]);
        let path = self.world.path(&format!("/task/{task}/record/{id}/download-full-voice"));
        let url = self.world.client.get(&path).data()["url"].as_str().unwrap().to_owned();
        let file = self.world.client.with_authorization(None).bytes(&url, &[]).bytes;
        let head = read_head(&file).unwrap();
        assert_eq!(
            (head.law, head.samples * 2 + HEAD_BYTES),
            (G711::MuLaw, u64::try_from(file.len()).unwrap())
        );
        assert_eq!(recording["duration_ms"].as_u64().unwrap(), head.samples / 8, "{record}");
        let digest = Sha256::digest(&file).iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        assert_eq!((&recording["sha256"], &recording["gaps"]), (&json!(digest), &json!([])), "{record}");
        let sound = &file[usize::try_from(HEAD_BYTES).unwrap()..];
        [0, 1].map(|channel| sound.iter().skip(channel).step_by(2).copied().collect())
    }
}

fn instant(record: &Value, name: &str) -> Timestamp {
    record["times"][name].as_str().unwrap_or_else(|| panic!("{name}: {record}")).parse().unwrap()
}

/// Whether a call went on for so long after its answer that there must be a recording.
fn lasted(record: &Value) -> bool {
    let ended = record["times"]["answered"].is_string();
    ended && instant(record, "ended").duration_since(instant(record, "answered")).as_secs_f64() > 1.0
}

/// Checks that a channel has the sound of its call from somewhere on, without a break, until that is over or the recording is; gives how much.
fn follow(channel: &[u8], call: &str) -> usize {
    let said = sound_of(call).repeat(TIMES);
    let Some(begin) = channel.windows(160).position(|window| window == &said[..160]) else { return 0 };
    let rest = &channel[begin..];
    let same = rest.iter().zip(&said).take_while(|(heard, said)| heard == said).count();
    assert!(same + 160 >= rest.len().min(said.len()), "{call}: a break after {same} of {}", said.len());
    same
}

fn check_killed(calls: &Calls, task: &str, record: &Value, killed_at: Timestamp) {
    assert_eq!(
        (&record["class"], &record["end_reason"]),
        (&json!("answered"), &json!("node_died")),
        "{record}"
    );
    let talked = killed_at.duration_since(instant(record, "answered")).as_secs_f64();
    let recording = &record["recording"];
    if !recording.is_object() {
        assert!(talked < 1.0, "{record}");
        return;
    }
    assert_eq!(recording["state"], "cut_short", "{record}");
    let lasts = recording["duration_ms"].as_f64().unwrap() / 1_000.0;
    assert!(lasts > talked - 1.0, "{lasts} s of {talked} s: {record}");
    let id = record["record_id"].as_str().unwrap().replace('-', "");
    for channel in calls.channels(task, record) {
        follow(&channel, &id);
    }
}

#[rstest]
fn calls_with_bots_end_and_their_recordings_are_whole_though_the_node_is_killed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (place, chance) = (tempfile::tempdir().unwrap(), Chance::new());
    let mut calls = Calls::new(database, &folder(place.path()));
    for _ in 0..kills() {
        let task = calls.begin();
        until("somebody talks", || calls.talking(&task) > 0);
        thread::sleep(Duration::from_millis(chance.below(5_000)));
        let killed_at = calls.kill();
        let records = calls.records(&task);
        let mut numbers: Vec<&Value> = records.iter().map(|record| &record["phone"]).collect();
        numbers.sort_by_key(ToString::to_string);
        numbers.dedup();
        assert_eq!((records.len(), numbers.len()), (CALLS, CALLS), "nobody is called twice: {records:?}");
        for record in records.iter().filter(|record| record["end_reason"] == "node_died") {
            if record["times"]["answered"].is_string() {
                check_killed(&calls, &task, record, killed_at);
            }
        }
    }
    let task = calls.begin();
    until("as many talk at once as before", || calls.talking(&task) == u64::try_from(CALLS).unwrap());
    for record in calls.records(&task) {
        assert_eq!((&record["class"], &record["end_reason"]), (&json!("answered"), &Value::Null), "{record}");
        let id = record["record_id"].as_str().unwrap().replace('-', "");
        let all = sound_of(&id).len() * TIMES;
        let [sent, heard] = calls.channels(&task, &record).map(|channel| follow(&channel, &id));
        assert!(sent == all && heard + 8_000 > all, "{sent} and {heard} of {all}: {record}");
    }
}
