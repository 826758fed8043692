//! Calls over SIP that are recorded, to a phone that sends back what it hears.

use std::{path::Path, thread, time::Duration};

use media::{
    g711::G711,
    recording::{HEAD_BYTES, read_head},
};
use rstest::rstest;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Callee, OPTIONS,
    death::{killed, record},
    line, record_of,
    scripts::{prompt, rising_tone, script},
};
use crate::{
    dialing::{progress, start},
    support::{Database, Program, ProgramWorld, until},
};
use test_support::free_port;

/// A phone that answers, speaks mu-law and sends back what it hears.
fn echo() -> Callee {
    let port = free_port();
    Callee::start(&["-sn", "uas", "-rtp_echo", "-mp", &port.to_string()])
}

/// A task of one number that plays a prompt, and records.
fn recording_task(world: &ProgramWorld, callee: &Callee, samples: &[i16]) -> String {
    let play = json!({"action": "play", "prompt": prompt(world, samples)});
    let pause = json!({"action": "gather", "digits": 1, "first_digit": 1});
    let script = script(world, &json!([play, pause, {"action": "hang_up"}]));
    let body = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": 5,
        "caller_line_id": line(world, callee.port), "record": true, "recording_retention_days": 7,
    });
    let task = world.client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let numbers = json!({"data": [{"phone": "13800000000"}]});
    world.client.post(&world.path(&format!("/task/{task}/number")), &numbers).data();
    task
}

/// The channels of a file.
fn channels(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (_, sound) = file.split_at(usize::try_from(HEAD_BYTES).unwrap());
    (sound.iter().step_by(2).copied().collect(), sound.iter().skip(1).step_by(2).copied().collect())
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

fn options(place: &Path) -> [String; 2] {
    ["--recordings".to_owned(), format!("folder:{}", place.display())]
}

#[rstest]
fn a_recording_is_bit_for_bit_what_the_callee_heard_and_said(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = echo();
    let place = tempfile::tempdir().unwrap();
    let own = options(place.path());
    let world = ProgramWorld::with(database, &[&OPTIONS[..], &[own[0].as_str(), &own[1]]].concat());
    let tone = rising_tone(2);
    let task = recording_task(&world, &callee, &tone);
    let record = record_of(&world, &task);
    let id = record["record_id"].as_str().unwrap();
    let detail = world.path(&format!("/task/{task}/detail/{id}"));
    until("it is written down", || world.client.get(&detail).data()["recording"].is_object());
    let recording = world.client.get(&detail).data()["recording"].clone();
    assert_eq!((&recording["state"], &recording["gaps"]), (&json!("finished"), &json!([])));
    let path = world.path(&format!("/task/{task}/record/{id}/download-full-voice"));
    let url = world.client.get(&path).data()["url"].as_str().unwrap().to_owned();
    let file = world.client.with_authorization(None).bytes(&url, &[]).bytes;
    let digest: Vec<u8> = Sha256::digest(&file).to_vec();
    let written = recording["sha256"].as_str().unwrap();
    let byte = |place| u8::from_str_radix(&written[place..place + 2], 16).unwrap();
    assert_eq!((0..64).step_by(2).map(byte).collect::<Vec<u8>>(), digest);
    let head = read_head(&file).unwrap();
    assert_eq!((head.law, head.samples * 2 + HEAD_BYTES), (G711::MuLaw, u64::try_from(file.len()).unwrap()));
    let (sent, heard) = channels(&file);
    let tone: Vec<u8> = tone.iter().map(|sample| G711::MuLaw.encode(*sample)).collect();
    let (left, came) = (find(&sent, &tone).unwrap(), find(&heard, &tone).unwrap());
    assert!(came >= left && came < left + 8 * 500, "{left} {came}");
    let talked = record["bill"].as_f64().unwrap() * 1_000.0;
    let lasted = recording["duration_ms"].as_f64().unwrap();
    assert!((lasted - talked).abs() < 1_500.0, "{record}");
}

#[rstest]
fn what_was_said_before_a_crash_can_be_heard(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = echo();
    let place = tempfile::tempdir().unwrap();
    let own = options(place.path());
    let mut world = ProgramWorld::with(database, &[&OPTIONS[..], &[own[0].as_str(), &own[1]]].concat());
    let tone = rising_tone(10);
    let task = recording_task(&world, &callee, &tone);
    start(&world, &task);
    until("somebody talks", || progress(&world, &task)["calls"]["talking"] == 1);
    thread::sleep(Duration::from_secs(4));
    let writing = std::fs::read_dir(place.path().join("writing")).unwrap().next().unwrap().unwrap().path();
    let (node, _) = killed(&mut world, database);
    // As the process left it: it opens and plays.
    if let Ok(left) = std::fs::read(&writing) {
        let head = read_head(&left).unwrap();
        assert!(head.samples >= 3 * 8_000, "{head:?}");
    }
    let found = record(&world, &node, &task);
    assert_eq!((&found["class"], &found["end_reason"]), (&json!("answered"), &json!("node_died")));
    drop(node);
    let again = Program::start(&world.database.url, &[&OPTIONS[..], &[own[0].as_str(), &own[1]]].concat());
    let client = world.client.at(&again.base);
    let detail = world.path(&format!("/task/{task}/detail/{}", found["record_id"].as_str().unwrap()));
    until("it is found", || client.get(&detail).data()["recording"].is_object());
    let recording = client.get(&detail).data()["recording"].clone();
    assert_eq!(recording["state"], "cut_short");
    assert!(recording["duration_ms"].as_i64().unwrap() >= 3_000, "{recording}");
    let path = world
        .path(&format!("/task/{task}/record/{}/download-full-voice", found["record_id"].as_str().unwrap()));
    let url = client.get(&path).data()["url"].as_str().unwrap().to_owned();
    let (sent, heard) = channels(&client.with_authorization(None).bytes(&url, &[]).bytes);
    let tone: Vec<u8> = tone.iter().map(|sample| G711::MuLaw.encode(*sample)).collect();
    let begins = find(&sent, &tone[..8_000]).unwrap();
    let said = &sent[begins..];
    assert!(tone.starts_with(said), "{} samples after {begins}", said.len());
    // What had not come back at the end is silence.
    assert!(find(&heard, &tone[..16_000]).is_some());
}
