//! Prompts: uploaded, converted, downloaded, and held by the scripts that play them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World};

/// A WAV file of one channel: so many 16-bit samples at half the height.
fn wav(rate: u32, samples: usize) -> Vec<u8> {
    wav_of(rate, &vec![0x4000; samples])
}

/// A WAV file of these samples, on one channel.
pub(crate) fn wav_of(rate: u32, samples: &[i16]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend_from_slice(&u32::try_from(36 + samples.len() * 2).unwrap().to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * 2).to_le_bytes());
    file.extend_from_slice(&[2, 0, 16, 0]);
    file.extend_from_slice(b"data");
    file.extend_from_slice(&u32::try_from(samples.len() * 2).unwrap().to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn upload(world: &World, name: &str, file: &[u8]) -> Reply {
    let path = world.path(&format!("/prompt?name={name}"));
    world.client.upload("POST", &path, &[("Content-Type", "audio/wav")], file)
}

#[rstest]
fn a_prompt_is_converted_once_and_downloaded_as_calls_play_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let made = upload(&world, "%E6%AC%A2%E8%BF%8E%E8%AF%AD", &wav(16_000, 32_000));
    assert_eq!((made.message(), made.header("ETag")), ("创建成功", "\"1\""));
    let (id, data) = (made.data()["id"].as_str().unwrap(), made.data());
    assert_eq!(
        (&data["name"], &data["milliseconds"], &data["warnings"]),
        (&json!("欢迎语"), &json!(2_000), &json!([]))
    );
    let path = world.path(&format!("/prompt/{id}"));
    assert_eq!(world.client.get(&path).data(), data);
    let file = world.client.bytes(&format!("{path}/audio"), &[]);
    assert_eq!(
        (file.status, file.header("Content-Type"), file.bytes.len()),
        (200, "audio/wav", 44 + 2 * 16_000)
    );
    assert_eq!(file.header("ETag"), format!("\"{}\"", data["sha256"].as_str().unwrap()));
    let part = world.client.bytes(&format!("{path}/audio"), &[("Range", "bytes=44-47")]);
    assert_eq!((part.status, part.header("Content-Range")), (206, "bytes 44-47/32044"));
    assert_eq!(part.bytes, file.bytes[44..48]);
    let known = world.client.bytes(&format!("{path}/audio"), &[("If-None-Match", file.header("ETag"))]);
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let beyond = world.client.bytes(&format!("{path}/audio"), &[("Range", "bytes=32044-")]);
    assert_eq!((beyond.status, beyond.header("Content-Range")), (416, "bytes */32044"));
    // Other audio, another name; then it goes.
    let stale =
        world.client.upload("PUT", &format!("{path}/audio"), &[("If-Match", "\"9\"")], &wav(8_000, 800));
    assert_eq!(stale.status, 412);
    let replaced = world.client.upload("PUT", &format!("{path}/audio"), &[], &wav(8_000, 800));
    assert_eq!((&replaced.data()["milliseconds"], &replaced.data()["version"]), (&json!(100), &json!(2)));
    assert_ne!(replaced.data()["sha256"], data["sha256"]);
    let mut renamed = replaced.data().clone();
    renamed["name"] = json!("再见");
    let renamed = world.client.put(&path, &renamed);
    assert_eq!((&renamed.data()["name"], &renamed.data()["version"]), (&json!("再见"), &json!(3)));
    assert_eq!(world.client.get(&world.path("/prompt")).column("name"), [json!("再见")]);
    world.client.delete(&path).data();
    assert_eq!(
        (world.client.get(&path).status, world.client.get(&format!("{path}/audio")).status),
        (404, 404)
    );
}

#[rstest]
fn each_broken_file_is_refused_for_its_own_reason(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let good = wav(8_000, 800);
    let mut compressed = good.clone();
    compressed[20] = 2;
    for (file, rule) in [
        (&b""[..], "not_wav"),
        (b"ID3\x03\0 an MP3", "not_wav"),
        (&good[..good.len() - 100], "truncated"),
        (&good[..30], "truncated"),
        (&wav(8_000, 0), "no_samples"),
        (&compressed, "compressed"),
        (&wav(96_000, 800), "sample_rate"),
        (&wav(8_000, 600 * 8_000 + 1), "too_many_seconds"),
    ] {
        assert_eq!(upload(&world, "x", file).faults(), [("file", rule)]);
    }
    assert_eq!(upload(&world, "", &good).faults(), [("name", "required")]);
    assert_eq!(upload(&world, &"x".repeat(65), &good).faults(), [("name", "too_long")]);
    let path = world.path("/prompt?name=x");
    let multipart = [("Content-Type", "multipart/form-data; boundary=x")];
    assert_eq!(world.client.upload("POST", &path, &multipart, &good).status, 415);
    assert_eq!(world.client.post(&path, &json!({})).status, 415);
    let large = vec![0; 20 * 1024 * 1024 + 1];
    assert_eq!(upload(&world, "x", &large).status, 413);
    assert_eq!(world.client.get(&world.path("/prompt")).body["meta"]["total"], 0, "nothing is stored");
    // What curl sends unless it is told.
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    world.client.upload("POST", &path, &form, &good).data();
}

/// A WAV file of this kind, with as many bits a sample: so many times these bytes.
fn wav_of_kind(kind: u16, bits: u16, sample: &[u8], samples: usize) -> Vec<u8> {
    let mut file = wav(8_000, 0);
    file[20..22].copy_from_slice(&kind.to_le_bytes());
    file[28..32].copy_from_slice(&(8_000 * u32::from(bits / 8)).to_le_bytes());
    file[32..34].copy_from_slice(&(bits / 8).to_le_bytes());
    file[34..36].copy_from_slice(&bits.to_le_bytes());
    let sound = sample.repeat(samples);
    file[40..44].copy_from_slice(&u32::try_from(sound.len()).unwrap().to_le_bytes());
    [file, sound].concat()
}

#[test]
fn floating_point_of_both_widths_is_taken_and_other_widths_say_which_there_are() {
    let world = World::new(Database::Sqlite);
    for file in [
        wav_of_kind(3, 64, &0.5_f64.to_le_bytes(), 800),
        wav_of_kind(3, 32, &0.5_f32.to_le_bytes(), 800),
        wav_of_kind(1, 32, &[0, 0, 0, 0x40], 800),
        wav_of_kind(6, 8, &[0xa5], 800),
        wav_of_kind(7, 8, &[0x8f], 800),
    ] {
        let made = upload(&world, "x", &file);
        assert_eq!((made.status, &made.data()["milliseconds"]), (200, &json!(100)), "{}", made.body);
    }
    let half = wav_of_kind(3, 16, &[0, 0x38], 800);
    let path = world.path("/prompt?name=x");
    let headers = [("Content-Type", "audio/wav"), ("Accept-Language", "en")];
    let refused = world.client.upload("POST", &path, &headers, &half);
    assert_eq!(refused.faults(), [("file", "sample_width")]);
    let message = refused.body["data"][0]["message"].as_str().unwrap();
    assert!(message.contains("floating point 32 or 64"), "{message}");
    // A frame that has no room for its samples.
    let mut contradiction = wav(8_000, 800);
    contradiction[32] = 1;
    assert_eq!(upload(&world, "x", &contradiction).faults(), [("file", "broken_wav")]);
}

#[rstest]
fn silence_is_taken_with_a_warning(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let mut silent = wav(8_000, 800);
    silent[44..].fill(0);
    let made = upload(&world, "x", &silent);
    let warning = json!({"field": "file", "rule": "silence", "message": "录音中没有声音"});
    assert_eq!(made.data()["warnings"], json!([warning]));
    let english = world.client.send("GET", &world.path("/prompt"), &[("Accept-Language", "en")], None);
    assert_eq!(english.data()[0]["warnings"][0]["message"], "Nothing is to be heard in it");
}

#[rstest]
fn a_prompt_that_scripts_play_is_not_deleted_and_they_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let prompt = upload(&world, "x", &wav(8_000, 800)).data()["id"].clone();
    let (_, stranger) = world.stranger();
    let script = |prompt: &Value| {
        json!({"name": "s", "steps": [{"action": "play", "prompt": prompt}, {"action": "hang_up"}],
               "on_machine": {"action": "leave_message", "prompt": prompt}})
    };
    let own = world.client.post(&world.path("/script"), &script(&prompt)).data()["id"].clone();
    // A sub-user plays its user's.
    let sub_user = format!("/script?sub_user_id={}", world.sub_user);
    let of_sub_user = world.client.post(&world.path(&sub_user), &script(&prompt)).data()["id"].clone();
    let path = world.path(&format!("/prompt/{}", prompt.as_str().unwrap()));
    let refused = world.client.delete(&path);
    assert_eq!((refused.status, refused.code(), &refused.body["meta"]), (409, 8104, &json!({"total": 2})));
    assert_eq!(refused.body["data"], json!([{"id": own, "name": "s"}, {"id": of_sub_user, "name": "s"}]));
    // Nobody else plays it, and nobody plays what is not there.
    let strange = world.client.post(&world.path("/script"), &script(&json!(stranger)));
    assert_eq!(strange.faults(), [("steps[0].prompt", "unknown"), ("on_machine.prompt", "unknown")]);
    world.client.delete(&world.path(&format!("/script/{own}"))).data();
    let without = json!({"steps": [{"action": "hang_up"}], "on_machine": {"action": "continue"}});
    let sub_user = format!("/script/{of_sub_user}?sub_user_id={}", world.sub_user);
    world.client.put(&world.path(&sub_user), &without).data();
    world.client.delete(&path).data();
}
