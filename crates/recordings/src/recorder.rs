//! What records calls: the queues, the threads behind them, and what they have finished.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

use domain::{AttemptId, RecordingOrder};
use jiff::Timestamp;
use media::{
    g711::G711,
    recording::{RecordingPiece, RecordingSink},
};
use metrics::counter;

use crate::{
    finish::{self, FinishedRecording, finish_abandoned},
    folder::RecordingFolder,
    notes::RecordingNotes,
    writer::{EndedRecording, EndedRecordings, RecordingWriter, WriterOrder, WrittenFile},
};

/// How many threads write. One is enough for a thousand calls; with two, one slow answer of the disk holds up half of them.
const WRITERS: u64 = 2;

/// How many pieces wait for each writer at most: two seconds of two thousand calls, 16 MB.
const MOST_WAITING: usize = 2_048;

/// How often it is looked how much room the disk has.
const LOOK: Duration = Duration::from_secs(1);

/// How recordings are made.
#[derive(Clone, Debug)]
pub struct RecorderSettings {
    /// Where they are.
    pub folder: RecordingFolder,
    /// How many bytes must be free for a new one to begin.
    pub least_room: u64,
    /// Whether no call is to begin while no recording can.
    pub is_required: bool,
}

/// Records calls. Cheap to clone; the threads end with the last one and the last call.
#[derive(Clone)]
pub struct Recorder(Arc<RecorderParts>);

struct RecorderParts {
    settings: RecorderSettings,
    queues: Vec<Queue>,
    next: AtomicU64,
    under_way: Arc<AtomicU64>,
    finished: Arc<Mutex<Vec<FinishedRecording>>>,
    has_room: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Queue {
    orders: SyncSender<WriterOrder>,
    ended: Arc<EndedRecordings>,
}

impl Recorder {
    /// Begins to wait for calls. No file or folder is made before there is something to record.
    pub fn start(settings: RecorderSettings) -> Self {
        let (under_way, finished) = (Arc::default(), Arc::default());
        let (written, to_finish) = mpsc::channel();
        let queue = |_| {
            let (orders, waiting) = mpsc::sync_channel(MOST_WAITING);
            let ended = Arc::new(EndedRecordings::default());
            let writer = RecordingWriter {
                folder: settings.folder.clone(),
                orders: waiting,
                ended: Arc::clone(&ended),
                written: written.clone(),
                files: HashMap::new(),
            };
            thread::spawn(move || writer.run());
            Queue { orders, ended }
        };
        let queues = (0..WRITERS).map(queue).collect();
        let (counted, kept) = (Arc::clone(&under_way), Arc::clone(&finished));
        thread::spawn(move || finish_all(&to_finish, &counted, &kept));
        let has_room = Arc::new(AtomicBool::new(true));
        let parts =
            RecorderParts { settings, queues, next: AtomicU64::new(0), under_way, finished, has_room };
        let recorder = Self(Arc::new(parts));
        recorder.look();
        recorder.watch();
        recorder
    }

    /// Where recordings are.
    pub fn folder(&self) -> &RecordingFolder {
        &self.0.settings.folder
    }

    /// Begins to record a call that was answered then; `None`: it cannot be, and goes on without.
    pub fn record(
        &self,
        order: RecordingOrder,
        attempt: AttemptId,
        answered_at: Timestamp,
    ) -> Option<Box<dyn RecordingSink>> {
        if !self.has_room() {
            counter!("dialtime_recordings_refused_total").increment(1);
            return None;
        }
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let queue = self.0.queues.get(usize::try_from(id % WRITERS).unwrap_or(0))?.clone();
        let notes = RecordingNotes::new(order, attempt, answered_at);
        let under_way = Arc::clone(&self.0.under_way);
        Some(Box::new(QueueSink {
            id,
            queue,
            under_way,
            begin: Some((Box::new(notes), None)),
            pieces: 0,
            is_whole: true,
        }))
    }

    /// Whether there is room on the disk for a new recording, as it was known a second ago.
    pub fn has_room(&self) -> bool {
        self.0.has_room.load(Ordering::Relaxed)
    }

    /// Whether no call is to begin, because no recording can.
    pub fn is_missed(&self) -> bool {
        self.0.settings.is_required && !self.has_room()
    }

    /// How many recordings are being written or finished.
    pub fn under_way(&self) -> u64 {
        self.0.under_way.load(Ordering::Acquire)
    }

    /// What has been finished since this was asked last. Who asks answers for it.
    pub fn take_finished(&self) -> Vec<FinishedRecording> {
        std::mem::take(&mut *lock(&self.0.finished))
    }

    /// What could not be written down.
    pub fn put_back(&self, finished: Vec<FinishedRecording>) {
        lock(&self.0.finished).extend(finished);
    }

    /// Finishes recordings whose writers are gone, at most so many. May take as long as reading them does.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn finish_abandoned(&self, most: usize) -> std::io::Result<Vec<FinishedRecording>> {
        let mut finished = Vec::new();
        for path in self.folder().being_written()? {
            if finished.len() >= most {
                break;
            }
            match finish_abandoned(&path) {
                Ok(found) => finished.extend(found),
                Err(error) => {
                    tracing::warn!(%error, path = %path.display(), "a recording that a dead process left cannot be finished now");
                }
            }
        }
        Ok(finished)
    }

    /// Looks how much room there is.
    fn look(&self) {
        let RecorderSettings { folder, least_room, .. } = &self.0.settings;
        let room = folder.room().unwrap_or(0);
        let has_room = room >= *least_room;
        if self.0.has_room.swap(has_room, Ordering::Relaxed) != has_room {
            if has_room {
                tracing::info!(room, "the disk of recordings has room again");
            } else {
                tracing::error!(room, least_room, "the disk of recordings is full: no new recording begins");
            }
        }
    }

    /// Looks again and again, as long as someone records.
    fn watch(&self) {
        let parts = Arc::downgrade(&self.0);
        thread::spawn(move || {
            while let Some(parts) = parts.upgrade() {
                Self(parts).look();
                thread::sleep(LOOK);
            }
        });
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recorder").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// Finishes one file after another. Apart from the writers: it waits for the disk.
fn finish_all(
    written: &Receiver<WrittenFile>,
    under_way: &AtomicU64,
    finished: &Mutex<Vec<FinishedRecording>>,
) {
    while let Ok((file, is_whole)) = written.recv() {
        match file.map(|file| finish::finish(file, is_whole)) {
            None => {}
            Some(Ok(recording)) => lock(finished).push(recording),
            Some(Err(error)) => {
                tracing::error!(%error, "a recording could not be finished; it is tried again later");
            }
        }
        under_way.fetch_sub(1, Ordering::Release);
    }
}

fn lock(finished: &Mutex<Vec<FinishedRecording>>) -> MutexGuard<'_, Vec<FinishedRecording>> {
    finished.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the sound of one call goes.
struct QueueSink {
    id: u64,
    queue: Queue,
    under_way: Arc<AtomicU64>,
    /// What it begins with, until there was room for that, and the law once it is known.
    begin: Option<(Box<RecordingNotes>, Option<G711>)>,
    /// How many pieces there was room for.
    pieces: u64,
    /// Whether there was room for the last.
    is_whole: bool,
}

impl QueueSink {
    /// Says whether the recording has begun.
    fn begin_now(&mut self) -> bool {
        match self.begin.take() {
            None => true,
            Some((notes, Some(law))) => {
                match self.queue.orders.try_send(WriterOrder::Begin(self.id, notes, law)) {
                    Ok(()) => {
                        self.under_way.fetch_add(1, Ordering::AcqRel);
                        true
                    }
                    Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => {
                        if let WriterOrder::Begin(_, notes, law) = order {
                            self.begin = Some((notes, Some(law)));
                        }
                        false
                    }
                }
            }
            not_yet => {
                self.begin = not_yet;
                false
            }
        }
    }
}

impl RecordingSink for QueueSink {
    fn begin(&mut self, law: G711) {
        if let Some((_, of)) = &mut self.begin {
            *of = Some(law);
        }
        self.begin_now();
    }

    fn write(&mut self, piece: &mut RecordingPiece) -> bool {
        self.is_whole = false;
        if self.begin_now() {
            match self.queue.orders.try_send(WriterOrder::Piece(self.id, std::mem::take(piece))) {
                Ok(()) => {
                    self.pieces += 1;
                    self.is_whole = true;
                    return true;
                }
                Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => {
                    if let WriterOrder::Piece(_, back) = order {
                        *piece = back;
                    }
                }
            }
        }
        counter!("dialtime_recording_gaps_total").increment(1);
        false
    }
}

impl Drop for QueueSink {
    fn drop(&mut self) {
        if self.begin.is_none() {
            let (id, pieces, is_whole) = (self.id, self.pieces, self.is_whole);
            self.queue.ended.add(EndedRecording { id, pieces, is_whole });
        }
    }
}

impl fmt::Debug for QueueSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueueSink").field("id", &self.id).finish_non_exhaustive()
    }
}
