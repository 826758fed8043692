//! A file of numbers comes: piece by piece to the disk, and under its name only when it is whole.

use std::io::{self, Write};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use domain::{FaultRule, LARGEST_SPREADSHEET, NumberJobId};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use store::{DataFolder, NewFile};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    Api,
    http::{body::ParsedBody, extract::FromBody, problem::Problem, upload::UploadTurn},
};

/// How many pieces may wait for the disk.
const PIECES: usize = 16;

/// After so many bytes what was written is brought to the disk, and the room on it looked at: at the end there is little left to do.
const BETWEEN_LOOKS: u64 = 16 * 1_024 * 1_024;

/// What a spreadsheet begins with, as every archive does.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// The field that a file's faults are told by: the body as a whole.
const FILE: &str = "file";

/// A file of numbers that is about to come.
pub(crate) struct NumberFile {
    body: Body,
    /// Held as long as it comes.
    turn: UploadTurn,
}

impl FromBody for NumberFile {
    const IS_STREAM: bool = true;

    fn from_body(_: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }

    /// Whatever the file is called, as long as it is no form with files in it.
    fn from_stream(headers: &HeaderMap, body: Body, turn: UploadTurn) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.trim().to_ascii_lowercase().starts_with("multipart/");
        let is_packed = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
        if is_form || is_packed { Err(Problem::NotTheFile) } else { Ok(Self { body, turn }) }
    }
}

/// What is written next.
enum FilePiece {
    Bytes(Bytes),
    /// Nothing more: the file is whole.
    End,
}

impl NumberFile {
    /// Takes the file; gives the id of the folder that it is in, and how many bytes it is.
    pub(super) async fn receive(self, api: &Api, id: NumberJobId) -> Result<(Uuid, i64), Problem> {
        let Self { mut body, turn } = self;
        let limit = api.settings.import_limit;
        let announced = body.size_hint().lower();
        if announced > limit {
            return Err(Problem::FileTooLarge(limit));
        }
        let (sender, pieces) = mpsc::channel(PIECES);
        let (folder, new_id) =
            (api.settings.data_folder.clone(), NumberJobId::generate(&*api.clock, &*api.random));
        let writing = tokio::task::spawn_blocking(move || {
            let written = write(&folder, id, new_id.uuid(), announced, limit, pieces);
            drop(turn);
            written
        });
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Problem::CutOff)?;
            let Ok(bytes) = frame.into_data() else { continue };
            // The one who writes says why it takes no more.
            if sender.send(FilePiece::Bytes(bytes)).await.is_err() {
                break;
            }
        }
        // Fails when there is nobody to take it.
        let _ = sender.send(FilePiece::End).await;
        drop(sender);
        writing.await.map_err(|error| {
            tracing::error!(%error, "writing a file did not end");
            Problem::Internal
        })?
    }
}

/// Writes pieces as they come, to the end of the file; one that does not come to its end is deleted.
fn write(
    folder: &DataFolder,
    import: NumberJobId,
    new_id: Uuid,
    announced: u64,
    limit: u64,
    mut pieces: mpsc::Receiver<FilePiece>,
) -> Result<(Uuid, i64), Problem> {
    let id = folder.make(new_id).map_err(problem)?;
    expect_room(folder, announced)?;
    let mut file = folder.begin_import(import).map_err(problem)?;
    let mut written = ReceivedBytes { size: 0, looked_at: 0, beginning: Vec::new(), limit };
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            FilePiece::Bytes(bytes) => written.add(&mut file, folder, &bytes)?,
            FilePiece::End if written.size == 0 => return Err(Problem::fault(FILE, FaultRule::Empty)),
            FilePiece::End => {
                let size = file.finish().map_err(problem)?;
                return Ok((id, i64::try_from(size).unwrap_or(i64::MAX)));
            }
        }
    }
    // The client is gone.
    Err(Problem::CutOff)
}

fn expect_room(folder: &DataFolder, bytes: u64) -> Result<(), Problem> {
    if folder.room().map_err(problem)? <= bytes { Err(Problem::NoRoom) } else { Ok(()) }
}

/// How much was written.
struct ReceivedBytes {
    size: u64,
    /// How much it was when the disk was last looked at.
    looked_at: u64,
    beginning: Vec<u8>,
    limit: u64,
}

impl ReceivedBytes {
    fn add(&mut self, file: &mut NewFile, folder: &DataFolder, bytes: &[u8]) -> Result<(), Problem> {
        let missing = ARCHIVE.len().saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let is_spreadsheet = self.beginning == ARCHIVE;
        let limit = if is_spreadsheet { self.limit.min(LARGEST_SPREADSHEET) } else { self.limit };
        if self.size > limit {
            return Err(Problem::FileTooLarge(limit));
        }
        file.file().write_all(bytes).map_err(problem)?;
        if self.size - self.looked_at > BETWEEN_LOOKS {
            self.looked_at = self.size;
            file.file().sync_data().map_err(problem)?;
            expect_room(folder, 0)?;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn problem(error: io::Error) -> Problem {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        tracing::warn!(%error, "there is no room for a file of numbers");
        Problem::NoRoom
    } else {
        tracing::error!(%error, "a file of numbers cannot be written");
        Problem::Internal
    }
}
