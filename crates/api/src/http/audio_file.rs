//! A file with audio as the body of a request.

use domain::LARGEST_PROMPT_FILE;

use crate::http::small_file::{FileKind, SmallFile};

/// A file with audio, at most [`LARGEST_PROMPT_FILE`] bytes.
pub(crate) type AudioFile = SmallFile<AudioFileKind>;

/// Audio, whatever it is called in particular.
#[derive(Debug)]
pub(crate) enum AudioFileKind {}

impl FileKind for AudioFileKind {
    const LARGEST: usize = LARGEST_PROMPT_FILE;

    fn is_called(kind: &str) -> bool {
        kind.starts_with("audio/")
    }
}
