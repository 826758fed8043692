//! Recordings of many calls at once, in each of which a bot says what no other call has: each is bit for bit what was sent and came back.

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use media::recording::HEAD_BYTES;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Callee, OPTIONS,
    bots::{Stream, TestBot, mu_law, script},
    line_for,
};
use crate::{
    dialing::{progress, start},
    support::{Database, ProgramWorld, World, until},
};
use test_support::free_port;

/// How many calls are made at once.
fn calls() -> usize {
    std::env::var("DIALTIME_RECORDED_CALLS").map_or(5, |calls| calls.parse().unwrap())
}

/// Mu-law bytes of a call of which no stretch is like another, nor like one of another call; none of them is silence.
pub(super) fn sound_of(call_sid: &str) -> Vec<u8> {
    let seed = u32::from_str_radix(&call_sid[call_sid.len() - 8..], 16).unwrap();
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(seed | 1), next);
    states.skip(1).take(12_000).map(|state| u8::try_from(state >> 25 & 0x3f).unwrap()).collect()
}

fn has(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

/// Says the sound of its call, and closes once it has come back.
fn say_own(stream: &mut Stream) {
    let said = sound_of(stream.start["start"]["callSid"].as_str().unwrap());
    stream.media(&said);
    let (last, mut heard) = (&said[said.len() - 160..], Vec::new());
    // The frames need not begin where the sound does. What is lost on a machine that has too much to do does not come; the recording tells of it.
    while !has(&heard[heard.len().saturating_sub(480)..], last) && heard.len() < 4 * said.len() {
        let Some(message) = stream.next() else { break };
        if message["event"] == "media" {
            heard.extend(BASE64_STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap());
        }
    }
    let _ = stream.socket.close(None);
    while stream.socket.read().is_ok() {}
}

/// A task that has so many calls at once, and records them.
pub(super) fn recording_task(world: &World, line: &str, script: i64, calls: usize) -> String {
    let body = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": calls,
        "caller_line_id": line, "record": true,
    });
    let task = world.client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let numbers: Vec<Value> = (0..calls).map(|number| json!({"phone": format!("138{number:08}")})).collect();
    world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": numbers})).data();
    task
}

/// The two channels of a record's recording.
fn channels(world: &World, task: &str, record: &Value) -> (Vec<u8>, Vec<u8>) {
    let id = record["record_id"].as_str().unwrap();
    let path = world.path(&format!("/task/{task}/record/{id}/download-full-voice"));
    let url = world.client.get(&path).data()["url"].as_str().unwrap().to_owned();
    let file = world.client.with_authorization(None).bytes(&url, &[]).bytes;
    let sound = &file[usize::try_from(HEAD_BYTES).unwrap()..];
    (sound.iter().step_by(2).copied().collect(), sound.iter().skip(1).step_by(2).copied().collect())
}

pub(super) fn folder(place: &Path) -> String {
    format!("folder:{}", place.display())
}

#[rstest]
fn each_recording_of_many_calls_at_once_is_its_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let port = free_port();
    let phones = Callee::start(&["-sn", "uas", "-rtp_echo", "-mp", &port.to_string()]);
    let (bot, _told) = TestBot::start(say_own);
    let (place, calls) = (tempfile::tempdir().unwrap(), calls());
    let options = ["--recordings", &folder(place.path()), "--recordings-least-free", "0"];
    let world = ProgramWorld::with(database, &[&OPTIONS[..], &options].concat());
    let script = script(&world, &bot.url, &json!({}));
    let line = line_for(&world, &mu_law(phones.port), calls);
    let task = recording_task(&world, &line, script, calls);
    start(&world, &task);
    until("all are called", || progress(&world, &task)["reason"]["code"] == "finished");
    let path = world.path(&format!("/task/{task}/record?per_page=100&recorded=true"));
    until("all are written down", || world.client.get(&path).data().as_array().unwrap().len() == calls);
    let records = world.client.get(&path).data().as_array().unwrap().clone();
    for record in &records {
        assert_eq!(record["recording"]["gaps"], json!([]), "{record}");
        let own = sound_of(&record["record_id"].as_str().unwrap().replace('-', ""));
        let (sent, heard) = channels(&world, &task, record);
        assert!(has(&sent, &own), "what was sent is in its first channel: {record}");
        assert!(has(&heard, &own), "what came back is in its second channel: {record}");
    }
}
