//! `dialtime amd`: who answered in recordings, and how often that is right.

use std::{f32::consts::TAU, fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::Ended;

use crate::{prompts::wav_of, support::run};

/// So many milliseconds of a sound, of which this is each sample, by its time in seconds.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn sound(milliseconds: u32, mut sample: impl FnMut(f32) -> f32) -> Vec<i16> {
    (0..milliseconds * 8).map(|at| sample(at as f32 / 8_000.0) as i16).collect()
}

/// Something like a voice: a tone with its overtones, whose height and loudness change as those of syllables do.
fn voice(milliseconds: u32) -> Vec<i16> {
    let mut phase = 0.0_f32;
    sound(milliseconds, |now| {
        phase += (130.0 + 25.0 * (TAU * 2.0 * now).sin()) / 8_000.0;
        let vowel = 600.0 + 300.0 * (TAU * 3.0 * now).sin();
        let overtones = (1..24_u8).map(|number| {
            let away = (f32::from(number) * 130.0 - vowel) / 250.0;
            (TAU * phase * f32::from(number)).sin() * (0.08 + (-away * away).exp())
        });
        overtones.sum::<f32>() * 2_500.0 * (0.65 + 0.35 * (TAU * 4.0 * now).sin())
    })
}

fn tone(milliseconds: u32, frequency: f32) -> Vec<i16> {
    sound(milliseconds, |now| (TAU * frequency * now).sin() * 8_000.0)
}

fn silence(milliseconds: u32) -> Vec<i16> {
    sound(milliseconds, |_| 0.0)
}

/// Recordings in folders that are called after who answered, of whom one is not who it is said to be.
fn recordings() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let greeting = [silence(400), voice(600), silence(2_000)].concat();
    let sounds = [
        ("human/hello.wav", greeting.clone()),
        ("machine/greeting.wav", [silence(400), voice(3_000), silence(1_000)].concat()),
        ("machine/beep.wav", [greeting.clone(), tone(400, 1_000.0), silence(800)].concat()),
        ("machine/mistaken.wav", greeting),
        ("unsure/ringing.wav", [tone(1_000, 425.0), silence(1_000)].concat()),
    ];
    for (file, samples) in sounds {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, wav_of(8_000, &samples)).unwrap();
    }
    folder
}

const FILES: [&str; 5] = [
    "human/hello.wav",
    "machine/beep.wav",
    "machine/greeting.wav",
    "machine/mistaken.wav",
    "unsure/ringing.wav",
];

fn amd(folder: &Path, options: &[&str], files: &[&str]) -> Ended {
    let files: Vec<String> = files.iter().map(|file| folder.join(file).display().to_string()).collect();
    let mut arguments = vec!["amd"];
    arguments.extend(options);
    arguments.extend(files.iter().map(String::as_str));
    run("", &arguments)
}

fn in_json(folder: &Path, options: &[&str], files: &[&str]) -> Value {
    let ended = amd(folder, &[&["--json"], options].concat(), files);
    assert!(ended.is_good(), "{}", ended.error);
    serde_json::from_str(&ended.output).unwrap()
}

/// The verdicts and reasons of a file.
fn verdicts(file: &Value) -> Vec<(&str, &str)> {
    let verdicts = file["verdicts"].as_array().unwrap().iter();
    verdicts.map(|found| (found["verdict"].as_str().unwrap(), found["reason"].as_str().unwrap())).collect()
}

#[test]
fn recordings_are_judged_and_compared_with_their_folders() {
    let folder = recordings();
    let found = in_json(folder.path(), &[], &FILES);
    let files = found["files"].as_array().unwrap();
    let expected: [&[(&str, &str)]; 5] = [
        &[("human", "short_greeting")],
        &[("human", "short_greeting"), ("machine", "beep")],
        &[("machine", "long_greeting")],
        &[("human", "short_greeting")],
        &[("unsure", "not_speech")],
    ];
    for ((file, expected), name) in files.iter().zip(expected).zip(FILES) {
        assert!(file["file"].as_str().unwrap().ends_with(name), "{file}");
        assert_eq!(file["label"], name.split_once('/').unwrap().0, "{name}");
        assert_eq!(verdicts(file), expected, "{name}");
    }
    let [beep] = &files[1]["beeps"].as_array().unwrap()[..] else { panic!("{}", files[1]) };
    assert!(beep["from"].as_i64().unwrap().abs_diff(3_000) < 50, "{beep}");
    assert!(beep["to"].as_i64().unwrap().abs_diff(3_400) < 50, "{beep}");

    let rows = found["table"].as_array().unwrap();
    let counted: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!([row["label"], row["files"], row["human"], row["machine"], row["unsure"], row["none"]])
        })
        .collect();
    let expected = [
        json!(["human", 1, 1, 0, 0, 0]),
        json!(["machine", 3, 1, 2, 0, 0]),
        json!(["unsure", 1, 0, 0, 1, 0]),
    ];
    assert_eq!(counted, expected);
    assert_eq!((&rows[0]["accuracy"], &rows[2]["accuracy"]), (&json!(1.0), &json!(1.0)));
    assert!((rows[1]["accuracy"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9);
    let instants = |name: &str| rows[1][name].as_i64().unwrap();
    assert!(instants("mean_first") < instants("mean_last"), "a beep comes after the greeting");

    let said = amd(folder.path(), &[], &FILES).output;
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[1].contains("human (short_greeting) at ") && lines[1].contains(", then machine (beep) at ")
    );
    assert!(lines[1].contains("; beep at "), "{}", lines[1]);
    assert!(lines[6].starts_with("label") && lines[8].starts_with("machine"), "{said}");
    assert!(lines[8].contains(" 67 %"), "{said}");
}

#[test]
fn a_list_may_say_who_answered_and_timings_may_be_others() {
    let folder = recordings();
    let list = folder.path().join("who.csv");
    fs::write(&list, "label,file\nmachine,hello.wav\nhuman,mistaken.wav\n").unwrap();
    let list = list.display().to_string();
    let found = in_json(folder.path(), &["--labels", &list], &FILES);
    let labels: Vec<&Value> = found["files"].as_array().unwrap().iter().map(|file| &file["label"]).collect();
    assert_eq!(labels, [&json!("machine"), &Value::Null, &Value::Null, &json!("human"), &Value::Null]);
    assert_eq!(found["table"].as_array().unwrap().len(), 2, "what nobody says anything of is not counted");

    let strict = in_json(folder.path(), &["--greeting", "500"], &["human/hello.wav"]);
    assert_eq!(verdicts(&strict["files"][0]), [("machine", "long_greeting")]);
    let refused = amd(folder.path(), &["--greeting", "499"], &["human/hello.wav"]);
    assert_eq!(refused.code, Some(2), "{}", refused.error);
}

#[test]
fn files_that_cannot_be_judged_are_named_and_the_others_judged() {
    let folder = recordings();
    fs::write(folder.path().join("text.wav"), "no sound").unwrap();
    let ended = amd(folder.path(), &[], &["text.wav", "nowhere.wav", "human/hello.wav"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.error.contains("text.wav") && ended.error.contains("nowhere.wav"), "{}", ended.error);
    assert!(ended.output.contains("hello.wav: human (short_greeting)"), "{}", ended.output);
    fs::write(folder.path().join("who.csv"), "file,label\nhello.wav,nobody\n").unwrap();
    let list = folder.path().join("who.csv").display().to_string();
    let ended = amd(folder.path(), &["--labels", &list], &["human/hello.wav"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.error.contains("line 2: `nobody`"), "{}", ended.error);
}
