//! Files as calls leave them, and as dead processes do.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use domain::{AccountId, AttemptId, RecordingOrder, RecordingSpan, RecordingState, TaskId};
use jiff::Timestamp;
use media::{
    g711::G711,
    recording::{HEAD_BYTES, RecordedChannel, RecordingGap, RecordingPiece, read_head},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::*;

const ATTEMPT: AttemptId = AttemptId::new(Uuid::from_u128(0x1234));
const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(7));

fn recorder(path: &Path) -> Recorder {
    Recorder::start(RecorderSettings {
        folder: RecordingFolder::new(path.to_owned()),
        least_room: 0,
        is_required: false,
    })
}

fn order() -> RecordingOrder {
    RecordingOrder { account: ACCOUNT, task: TaskId::new(Uuid::from_u128(9)), kept_days: 3 }
}

fn piece(bytes: &[u8]) -> RecordingPiece {
    RecordingPiece { silence: 0, bytes: bytes.to_vec(), gaps: Vec::new() }
}

/// What a recorder has finished, once nothing is under way.
fn finished(recorder: &Recorder) -> Vec<FinishedRecording> {
    let begun = Instant::now();
    while recorder.under_way() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is never finished");
        std::thread::sleep(Duration::from_millis(5));
    }
    recorder.take_finished()
}

#[test]
fn a_call_leaves_a_file_that_is_what_it_said() {
    let place = tempfile::tempdir().unwrap();
    let recorder = recorder(&place.path().join("recordings"));
    assert!(!place.path().join("recordings").exists(), "nothing is made before it is needed");
    let mut sink = recorder.record(order(), ATTEMPT, Timestamp::UNIX_EPOCH).unwrap();
    sink.begin(G711::MuLaw);
    let sound: Vec<u8> = (0..16_000_u32).map(|place| u8::try_from(place % 251).unwrap()).collect();
    assert!(sink.write(&mut piece(&sound)));
    let gap = RecordingGap { channel: RecordedChannel::Heard, from: 8_000, to: 8_800 };
    assert!(sink.write(&mut RecordingPiece { silence: 800, bytes: vec![1, 2], gaps: vec![gap] }));
    drop(sink);
    let finished = finished(&recorder);
    let [FinishedRecording { recording, .. }] = finished.as_slice() else { panic!("{finished:?}") };
    assert_eq!(
        (recording.account, recording.attempt, recording.state),
        (ACCOUNT, ATTEMPT, RecordingState::Finished)
    );
    assert_eq!(recording.delete_at, "1970-01-04T00:00:00Z".parse().unwrap());
    assert_eq!(recording.gaps, [RecordingSpan { channel: 2, from_ms: 1_000, to_ms: 1_100 }]);
    assert_eq!(recording.duration_ms, 1_100);

    recorder.folder().settle(ACCOUNT, ATTEMPT).unwrap();
    recorder.folder().settle(ACCOUNT, ATTEMPT).unwrap();
    let path = place.path().join(format!("recordings/{ACCOUNT}/34/{ATTEMPT}.wav"));
    let file = fs::read(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(recording.bytes, i64::try_from(file.len()).unwrap());
    assert_eq!(recording.sha256[..], Sha256::digest(&file)[..]);
    let head = read_head(&file).unwrap();
    assert_eq!((head.law, head.samples), (G711::MuLaw, 8_801));
    let (_, written) = file.split_at(usize::try_from(HEAD_BYTES).unwrap());
    assert_eq!(written, [&sound[..], &[G711::MuLaw.silence(); 1_600], &[1, 2]].concat());
    recorder.folder().open(ACCOUNT, ATTEMPT).unwrap();
    assert!(recorder.folder().open(AccountId::new(Uuid::from_u128(8)), ATTEMPT).is_err());
    recorder.folder().delete(ACCOUNT, ATTEMPT).unwrap();
    recorder.folder().delete(ACCOUNT, ATTEMPT).unwrap();
    assert!(!path.exists());
}

#[test]
fn what_a_dead_process_left_is_finished_once_and_by_one() {
    let place = tempfile::tempdir().unwrap();
    let (first, other) = (recorder(place.path()), recorder(place.path()));
    let mut sink = first.record(order(), ATTEMPT, Timestamp::UNIX_EPOCH).unwrap();
    sink.begin(G711::ALaw);
    assert!(sink.write(&mut piece(&[3; 8_000])));
    let path = place.path().join(format!("writing/{ATTEMPT}.wav"));
    let begun = Instant::now();
    while fs::metadata(&path).map_or(0, |file| file.len()) < HEAD_BYTES + 8_000 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is never written");
    }
    assert!(other.finish_abandoned(9).unwrap().is_empty(), "it is being written");
    drop(sink);
    let whole = finished(&first);
    assert!(other.finish_abandoned(9).unwrap().is_empty(), "it is not written down yet");
    drop(whole);
    assert_eq!(other.finish_abandoned(9).unwrap()[0].recording.state, RecordingState::Finished);
}

#[test]
fn a_torn_file_is_as_long_as_what_was_written() {
    let place = tempfile::tempdir().unwrap();
    let (first, other) = (recorder(place.path()), recorder(place.path()));
    let mut sink = first.record(order(), ATTEMPT, Timestamp::UNIX_EPOCH).unwrap();
    sink.begin(G711::ALaw);
    assert!(sink.write(&mut piece(&[3; 8_000])));
    drop(sink);
    drop(finished(&first));
    let path = place.path().join(format!("writing/{ATTEMPT}.wav"));

    // As a process leaves it that dies: its head tells of less than there is, and the last sample is torn.
    let mut bytes = fs::read(&path).unwrap();
    bytes.splice(
        ..usize::try_from(HEAD_BYTES).unwrap(),
        media::recording::file_head(
            G711::ALaw,
            2_000,
            &read_head(&bytes).unwrap().notes.replace("\"whole\"", "null"),
        ),
    );
    bytes.push(9);
    fs::write(&path, &bytes).unwrap();
    let found = other.finish_abandoned(9).unwrap();
    let recording = &found[0].recording;
    assert_eq!((recording.state, recording.duration_ms), (RecordingState::CutShort, 500));
    let file = fs::read(&path).unwrap();
    assert_eq!(
        (file.len(), read_head(&file).unwrap().samples),
        (usize::try_from(HEAD_BYTES).unwrap() + 8_000, 4_000)
    );
    assert_eq!(recording.sha256[..], Sha256::digest(&file)[..]);
    drop(found);
    assert_eq!(
        other.finish_abandoned(9).unwrap()[0].recording.state,
        RecordingState::CutShort,
        "and again the same"
    );

    fs::write(&path, b"RIFF").unwrap();
    fs::write(place.path().join("writing/damaged.wav"), vec![0; 5_000]).unwrap();
    assert!(other.finish_abandoned(9).unwrap().is_empty());
    let left: Vec<_> =
        fs::read_dir(place.path().join("writing")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["damaged.damaged"]);
}

#[test]
fn a_folder_that_cannot_be_written_and_a_full_disk_disturb_no_call() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("file"), b"").unwrap();
    let broken = recorder(&place.path().join("file/recordings"));
    let mut sink = broken.record(order(), ATTEMPT, Timestamp::UNIX_EPOCH).unwrap();
    sink.begin(G711::ALaw);
    assert!(sink.write(&mut piece(&[3; 8_000])));
    drop(sink);
    assert!(finished(&broken).is_empty());

    let settings = RecorderSettings {
        folder: RecordingFolder::new(place.path().join("a")),
        least_room: u64::MAX,
        is_required: true,
    };
    let full = Recorder::start(settings);
    assert!(!full.has_room() && full.is_missed());
    assert!(full.record(order(), ATTEMPT, Timestamp::UNIX_EPOCH).is_none());
}
