//! How recordings are shown.

use domain::{Recording, RecordingPlace, RecordingSpan, RecordingState};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{choices::choice, formats::InstantSchema, time::instant},
    resources::prompts::hexadecimal,
};

choice! {
    /// What became of a recording.
    enum RecordingStateView as RecordingState for RecordingState {
        /// It is whole.
        Finished = "finished",
        /// Its writing ended before the call did: the server died, or its disk was full.
        CutShort = "cut_short",
        /// It was deleted when it was old.
        Deleted = "deleted",
    }
}

choice! {
    /// Where the file of a recording is.
    enum RecordingPlaceView as RecordingPlace for RecordingPlace {
        /// In a folder of the server.
        Folder = "folder",
        /// In a bucket.
        Bucket = "bucket",
    }
}

/// The recording of a call: a WAV file of two channels, G.711 at 8 kHz. The first is what the callee heard, the second what the callee said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recording)]
pub(crate) struct RecordingView {
    state: RecordingStateView,
    /// When it begins: at the answer.
    #[schema(value_type = InstantSchema)]
    begun_at: String,
    /// How long it is, in milliseconds.
    #[schema(minimum = 0)]
    duration_ms: i64,
    /// How many bytes its file has.
    #[schema(minimum = 0)]
    bytes: i64,
    /// The SHA-256 of its file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// Where it has silence that was none: packets were lost or did not leave, or could not be written in time.
    #[schema(max_items = 60)]
    gaps: Vec<RecordingGapView>,
    stored_in: RecordingPlaceView,
    /// When it is deleted, or was.
    #[schema(value_type = InstantSchema)]
    delete_at: String,
}

/// A gap of a recording, in milliseconds since its begin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordingGap)]
struct RecordingGapView {
    /// 1: what the callee heard; 2: what the callee said.
    #[schema(minimum = 1, maximum = 2)]
    channel: u8,
    #[schema(minimum = 0)]
    from_ms: u64,
    #[schema(minimum = 0)]
    to_ms: u64,
}

impl RecordingView {
    pub(super) fn new(api: &Api, recording: &Recording) -> Self {
        let gap = |&RecordingSpan { channel, from_ms, to_ms }: &RecordingSpan| RecordingGapView {
            channel,
            from_ms,
            to_ms,
        };
        Self {
            state: recording.state.into(),
            begun_at: instant(api.settings.zone, recording.begun_at),
            duration_ms: recording.duration_ms,
            bytes: recording.bytes,
            sha256: hexadecimal(&recording.sha256),
            gaps: recording.gaps.iter().map(gap).collect(),
            stored_in: recording.place.into(),
            delete_at: instant(api.settings.zone, recording.delete_at),
        }
    }
}

/// The address of a recording's file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordingAddress)]
pub(crate) struct RecordingAddressView {
    record_id: Uuid,
    /// Whoever has it can read the file until it expires, without a token. Without `--public-url` the server does not know its own address; then it is the path
    /// alone. `null`: there is no recording.
    url: Option<String>,
    /// Until when the address is good.
    #[schema(value_type = Option<InstantSchema>)]
    expires_at: Option<String>,
    recording: Option<RecordingView>,
}

impl RecordingAddressView {
    pub(super) fn new(api: &Api, record: Uuid, found: Option<(&Recording, String, jiff::Timestamp)>) -> Self {
        let Some((recording, path, until)) = found else {
            return Self { record_id: record, url: None, expires_at: None, recording: None };
        };
        Self {
            record_id: record,
            url: Some(api.settings.public_url.of(&path)),
            expires_at: Some(instant(api.settings.zone, until)),
            recording: Some(RecordingView::new(api, recording)),
        }
    }
}
