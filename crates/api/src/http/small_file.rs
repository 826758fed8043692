//! A file as the body of a request, small enough to be held in memory.

use std::marker::PhantomData;

use bytes::Bytes;
use http::{HeaderMap, header};

use crate::http::{
    body::ParsedBody, extract::FromBody, problem::Problem, settings::ApiSettings, upload::UploadTurn,
};

/// A kind of file.
pub(crate) trait FileKind: Send {
    /// The most bytes of one.
    const LARGEST: usize;

    /// Whether programs call such a file so, in lower case and without parameters.
    fn is_called(kind: &str) -> bool;
}

/// A file of a kind.
#[derive(Debug)]
pub(crate) struct SmallFile<K> {
    pub(crate) bytes: Bytes,
    /// Held as long as the bytes.
    pub(crate) turn: UploadTurn,
    kind: PhantomData<K>,
}

/// What programs call any file: curl calls it a form unless it is told.
const ANY: [&str; 3] = ["", "application/octet-stream", "application/x-www-form-urlencoded"];

/// What programs call a file with rows.
pub(crate) const ROWS: [&str; 4] = ["text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"];

impl<K: FileKind> FromBody for SmallFile<K> {
    const IS_FILE: bool = true;

    fn limit(_: &ApiSettings) -> usize {
        K::LARGEST
    }

    fn from_body(_: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }

    fn from_file(headers: &HeaderMap, bytes: Bytes, turn: UploadTurn) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if ANY.contains(&kind.as_str()) || K::is_called(&kind) {
            Ok(Self { bytes, turn, kind: PhantomData })
        } else {
            Err(Problem::UnsupportedMediaType)
        }
    }
}
