//! A file with audio as the body of a request.

use bytes::Bytes;
use domain::LARGEST_PROMPT_FILE;
use http::{HeaderMap, header};

use crate::http::{
    body::ParsedBody, extract::FromBody, problem::Problem, settings::ApiSettings, upload::UploadTurn,
};

/// A file with audio, at most [`LARGEST_PROMPT_FILE`] bytes.
#[derive(Debug)]
pub(crate) struct AudioFile {
    pub(crate) bytes: Bytes,
    /// Held as long as the bytes.
    pub(crate) turn: UploadTurn,
}

impl FromBody for AudioFile {
    const IS_FILE: bool = true;

    fn limit(_: &ApiSettings) -> usize {
        LARGEST_PROMPT_FILE
    }

    fn from_body(_: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }

    /// Whatever the file is called, as long as it is not called something else: curl calls it a form unless it is told.
    fn from_file(headers: &HeaderMap, bytes: Bytes, turn: UploadTurn) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_good = kind.starts_with("audio/")
            || ["", "application/octet-stream", "application/x-www-form-urlencoded"].contains(&kind.as_str());
        if is_good { Ok(Self { bytes, turn }) } else { Err(Problem::UnsupportedMediaType) }
    }
}
