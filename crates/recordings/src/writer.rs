//! A thread that writes the files of many calls.

use std::{
    collections::HashMap,
    fs::File,
    io,
    os::unix::fs::FileExt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use media::{
    g711::G711,
    recording::{BYTES_A_SAMPLE, HEAD_BYTES, RecordingPiece, file_head},
};
use metrics::counter;

use crate::{folder::RecordingFolder, notes::RecordingNotes};

/// How often it is looked for recordings that are over, however little there is to write.
const LOOK: Duration = Duration::from_millis(100);

/// How much silence is written at once.
const SILENCE: u64 = 64 * 1024;

/// What a writer is told, in this order for each recording.
#[derive(Debug)]
pub(crate) enum WriterOrder {
    Begin(u64, Box<RecordingNotes>, G711),
    Piece(u64, RecordingPiece),
}

/// Recordings that are over. Beside the queue, which may be full; bounded by the number of calls.
#[derive(Debug, Default)]
pub(crate) struct EndedRecordings {
    is_any: AtomicBool,
    which: Mutex<Vec<EndedRecording>>,
}

/// A recording that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedRecording {
    pub(crate) id: u64,
    /// How many pieces it has.
    pub(crate) pieces: u64,
    /// Whether there was room for the last.
    pub(crate) is_whole: bool,
}

impl EndedRecordings {
    pub(crate) fn add(&self, recording: EndedRecording) {
        self.which.lock().unwrap_or_else(PoisonError::into_inner).push(recording);
        self.is_any.store(true, Ordering::Release);
    }
}

/// A file that is over, for whoever finishes it, and whether all was written that there was; `None`: it could not be made.
pub(crate) type WrittenFile = (Option<File>, bool);

/// Writes until nobody can tell it anything any more.
pub(crate) struct RecordingWriter {
    pub(crate) folder: RecordingFolder,
    pub(crate) orders: Receiver<WriterOrder>,
    pub(crate) ended: Arc<EndedRecordings>,
    pub(crate) written: Sender<WrittenFile>,
    pub(crate) files: HashMap<u64, GrowingFile>,
}

/// A file that grows.
pub(crate) struct GrowingFile {
    /// `None`: it could not be made.
    file: Option<File>,
    notes: RecordingNotes,
    law: G711,
    samples: u64,
    /// How many pieces came.
    pieces: u64,
    /// Whether some could not be written, after which none is.
    has_failed: bool,
}

impl RecordingWriter {
    pub(crate) fn run(mut self) {
        loop {
            match self.orders.recv_timeout(LOOK) {
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.ended.is_any.load(Ordering::Acquire) {
                self.end_some();
            }
        }
        self.end_some();
    }

    fn obey(&mut self, order: WriterOrder) {
        match order {
            WriterOrder::Begin(id, notes, law) => {
                let file = GrowingFile::begin(&self.folder, *notes, law);
                self.files.insert(id, file);
            }
            WriterOrder::Piece(id, piece) => {
                if let Some(file) = self.files.get_mut(&id) {
                    file.take(&piece);
                }
            }
        }
    }

    /// Ends the recordings that are over and all of whose pieces have come.
    fn end_some(&mut self) {
        let mut which = self.ended.which.lock().unwrap_or_else(PoisonError::into_inner);
        let has_come =
            |one: &mut EndedRecording| self.files.get(&one.id).is_some_and(|file| file.pieces >= one.pieces);
        let over: Vec<EndedRecording> = which.extract_if(.., has_come).collect();
        self.ended.is_any.store(!which.is_empty(), Ordering::Release);
        drop(which);
        for EndedRecording { id, is_whole, .. } in over {
            let Some(GrowingFile { file, has_failed, .. }) = self.files.remove(&id) else { continue };
            // Where nobody finishes it any more, who starts next does.
            let _ = self.written.send((file, is_whole && !has_failed));
        }
    }
}

impl GrowingFile {
    fn begin(folder: &RecordingFolder, notes: RecordingNotes, law: G711) -> Self {
        let begun = folder.begin(notes.attempt).and_then(|file| {
            file.write_all_at(&file_head(law, 0, &notes.text()), 0)?;
            Ok(file)
        });
        let file = begun.inspect_err(|error| note_failure(error, "begun")).ok();
        Self { has_failed: file.is_none(), file, notes, law, samples: 0, pieces: 0 }
    }

    fn take(&mut self, piece: &RecordingPiece) {
        self.pieces += 1;
        if self.has_failed {
            return;
        }
        if let Err(error) = self.write(piece) {
            self.has_failed = true;
            note_failure(&error, "written on");
        }
    }

    /// Sound first and then the head, so that this never says more than there is.
    fn write(&mut self, piece: &RecordingPiece) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut place = HEAD_BYTES + self.samples * BYTES_A_SAMPLE;
        let mut silence = piece.silence * BYTES_A_SAMPLE;
        while silence > 0 {
            let some = silence.min(SILENCE);
            file.write_all_at(&vec![self.law.silence(); usize::try_from(some).unwrap_or(0)], place)?;
            (place, silence) = (place + some, silence - some);
        }
        file.write_all_at(&piece.bytes, place)?;
        let bytes = u64::try_from(piece.bytes.len()).unwrap_or(0);
        self.samples += piece.silence + bytes / BYTES_A_SAMPLE;
        for gap in &piece.gaps {
            self.notes.add_gap(gap);
        }
        file.write_all_at(&file_head(self.law, self.samples, &self.notes.text()), 0)
    }
}

fn note_failure(error: &io::Error, what: &str) {
    counter!("dialtime_recording_failures_total").increment(1);
    tracing::error!(%error, "a recording could not be {what}; its call goes on");
}
