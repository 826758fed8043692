//! A recording comes to its end: its file is as long as its head says, and its SHA-256 is known.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

use domain::{Recording, RecordingPlace, RecordingState};
use media::recording::{BYTES_A_SAMPLE, HEAD_BYTES, file_head, read_head};
use sha2::{Digest, Sha256};

use crate::{
    folder::open_abandoned,
    notes::{RecordingEnd, RecordingNotes},
};

/// How much is read at once.
const BLOCK: usize = 256 * 1024;

const SAMPLES_A_MILLISECOND: u64 = 8;

/// A recording that is whole, or as whole as it will be. Its file stays this process's until this is dropped.
#[derive(Debug)]
pub struct FinishedRecording {
    /// What is to be written down of it.
    pub recording: Recording,
    /// Holds the lock.
    _file: File,
}

/// Finishes a file: what was written after the last head is in it, and no half sample. `is_whole`: its call ended before its writing did.
pub(crate) fn finish(file: File, is_whole: bool) -> io::Result<FinishedRecording> {
    let mut head = vec![0; usize::try_from(HEAD_BYTES).unwrap_or(0)];
    file.read_exact_at(&mut head, 0)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the head of a recording is damaged");
    let read = read_head(&head).ok_or_else(damaged)?;
    let mut notes = RecordingNotes::read(&read.notes).ok_or_else(damaged)?;
    let samples = (file.metadata()?.len() - HEAD_BYTES) / BYTES_A_SAMPLE;
    if notes.end.is_none() || read.samples != samples {
        notes.end = Some(if is_whole { RecordingEnd::Whole } else { RecordingEnd::CutShort });
        file.set_len(HEAD_BYTES + samples * BYTES_A_SAMPLE)?;
        file.write_all_at(&file_head(read.law, samples, &notes.text()), 0)?;
    }
    file.sync_data()?;
    let (sha256, bytes) = sha256(&file)?;
    let state = match notes.end {
        Some(RecordingEnd::Whole) => RecordingState::Finished,
        _ => RecordingState::CutShort,
    };
    let recording = Recording {
        account: notes.account,
        attempt: notes.attempt,
        task: notes.task,
        begun_at: notes.begun_at,
        duration_ms: i64::try_from(samples / SAMPLES_A_MILLISECOND).unwrap_or(i64::MAX),
        bytes,
        sha256,
        gaps: notes.gaps(),
        state,
        place: RecordingPlace::Folder,
        delete_at: Recording::delete_at(notes.begun_at, notes.kept_days),
    };
    Ok(FinishedRecording { recording, _file: file })
}

/// Finishes a file whose writer is gone; `None`: there is nothing to finish.
pub(crate) fn finish_abandoned(path: &Path) -> io::Result<Option<FinishedRecording>> {
    let Some(file) = open_abandoned(path)? else { return Ok(None) };
    if file.metadata()?.len() < HEAD_BYTES {
        fs::remove_file(path)?;
        return Ok(None);
    }
    match finish(file, false) {
        Ok(finished) => Ok(Some(finished)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            tracing::error!(path = %path.display(), "a recording that a dead process left is damaged, and put aside");
            fs::rename(path, path.with_extension("damaged"))?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn sha256(file: &File) -> io::Result<([u8; 32], i64)> {
    let (mut hash, mut block, mut place) = (Sha256::new(), vec![0; BLOCK], 0);
    loop {
        let read = file.read_at(&mut block, place)?;
        if read == 0 {
            return Ok((hash.finalize().into(), i64::try_from(place).unwrap_or(i64::MAX)));
        }
        hash.update(block.get(..read).unwrap_or_default());
        place += u64::try_from(read).unwrap_or(0);
    }
}
