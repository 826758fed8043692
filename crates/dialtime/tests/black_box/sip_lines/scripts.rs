//! What callees hear: a prompt as it was uploaded, to a phone nobody here wrote.

use std::f64::consts::TAU;

use rstest::rstest;
use serde_json::{Value, json};

use super::{OPTIONS, baresip::Baresip, line, record_of};
use crate::{
    dialing::task_with_script,
    prompts::wav_of,
    support::{Database, ProgramWorld, World, until},
    telemetry::figures,
};

const RATE: u32 = 8_000;

/// A tone that rises from 300 to 3,000 Hz, which is nowhere like itself.
#[expect(clippy::cast_possible_truncation, reason = "samples of a tone")]
pub(super) fn rising_tone(seconds: u32) -> Vec<i16> {
    let length = f64::from(seconds);
    let sample = |place: u32| {
        let time = f64::from(place) / f64::from(RATE);
        let turns = 300.0_f64.mul_add(time, 2_700.0 * time * time / (2.0 * length));
        ((TAU * turns).sin() * 12_000.0) as i16
    };
    (0..seconds * RATE).map(sample).collect()
}

/// Uploads a prompt; gives its id.
pub(super) fn prompt(world: &World, samples: &[i16]) -> String {
    let path = world.path("/prompt?name=tone");
    let made = world.client.upload("POST", &path, &[("Content-Type", "audio/wav")], &wav_of(RATE, samples));
    made.data()["id"].as_str().unwrap().to_owned()
}

/// Makes a script; gives its id.
pub(super) fn script(world: &World, steps: &Value) -> i64 {
    let body = json!({"name": "script", "steps": steps});
    world.client.post(&world.path("/script"), &body).data()["id"].as_i64().unwrap()
}

/// Where what was sent begins in what was heard.
pub(super) fn place(sent: &[i16], heard: &[i16]) -> usize {
    let likeness = |place: usize| -> f64 {
        // All would take minutes.
        let pairs = sent.iter().zip(&heard[place..]).step_by(7);
        pairs.map(|(sent, heard)| f64::from(*sent) * f64::from(*heard)).sum()
    };
    let places = 0..=heard.len().checked_sub(sent.len()).expect("the whole prompt was heard");
    places.max_by(|one, other| likeness(*one).total_cmp(&likeness(*other))).unwrap()
}

/// How much louder what was sent is than what is wrong with what was heard, in decibels.
pub(super) fn signal_to_noise(sent: &[i16], heard: &[i16]) -> f64 {
    let signal: f64 = sent.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let wrong = sent.iter().zip(heard).map(|(sent, heard)| (f64::from(*sent) - f64::from(*heard)).powi(2));
    10.0 * (signal / wrong.sum::<f64>()).log10()
}

#[rstest]
fn a_prompt_is_heard_as_it_was_uploaded(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let phone = Baresip::start("+8613800000000");
    let world = ProgramWorld::with(database, &OPTIONS);
    let sent = rising_tone(4);
    let play = json!({"action": "play", "prompt": prompt(&world, &sent)});
    let script = script(&world, &json!([play, {"action": "hang_up"}]));
    let record = record_of(&world, &task_with_script(&world, &line(&world, phone.port), script, 1));
    assert_eq!(
        (&record["class"], &record["ended_by"]),
        (&json!("answered"), &json!("script")),
        "{}",
        phone.said()
    );
    let step = |place: usize| (&record["steps"][place]["step"], &record["steps"][place]["action"]);
    assert_eq!(record["steps"].as_array().unwrap().len(), 2, "{record}");
    assert_eq!([step(0), step(1)], [(&json!(1), &json!("play")), (&json!(2), &json!("hang_up"))]);
    let heard = phone.heard();
    let place = place(&sent, &heard);
    let (before, heard) = heard.split_at(place);
    assert!(before.len() < 16_000, "it begins at once, and not after {} samples", before.len());
    let decibels = signal_to_noise(&sent, heard);
    assert!(decibels > 30.0, "{decibels} dB");
}

#[test]
fn the_sound_of_a_call_is_counted_once_it_is_over() {
    let phone = Baresip::start("+8613800000000");
    let world =
        ProgramWorld::with(Database::Sqlite, &[&OPTIONS[..], &["--metrics-listen", "127.0.0.1:0"]].concat());
    let play = json!({"action": "play", "prompt": prompt(&world, &rising_tone(2))});
    let script = script(&world, &json!([play, {"action": "hang_up"}]));
    record_of(&world, &task_with_script(&world, &line(&world, phone.port), script, 1));
    let count = |name: &str| -> f64 {
        let figures = figures(&world);
        let of_name = |line: &&str| line.split(['{', ' ']).next() == Some(name);
        figures
            .lines()
            .filter(of_name)
            .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
            .sum()
    };
    until("it is counted", || count("dialtime_sound_packets_sent_total") > 0.0);
    let sent = count("dialtime_sound_packets_sent_total") + count("dialtime_sound_packets_skipped_total");
    assert!((100.0..300.0).contains(&sent), "2 s at 50 packets a second: {sent}");
    assert!(figures(&world).contains("dialtime_sound_packets_sent_total{lateness=\""));
    assert!(count("dialtime_sound_packets_received_total") > 0.0, "{}", phone.said());
    assert!(figures(&world).contains("dialtime_sound_packets_lost_total "), "also where it is none");
}
