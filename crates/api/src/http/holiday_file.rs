//! A file of holidays as the body of a request, small enough to be held in memory.

use bytes::Bytes;
use domain::UnclearAs;
use holiday_files::LARGEST_FILE;
use http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

use crate::http::{
    body::ParsedBody, extract::FromBody, problem::Problem, settings::ApiSettings, upload::UploadTurn,
    values::schema_of,
};

schema_of!(
    /// A file of holidays.
    HolidayFileText,
    "HolidayFile",
    RefOr::T(Schema::Object(
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some("A file of holidays: iCalendar, CSV, holiday-cn's JSON, or JSON of our own; or in its place `{\"url\": ...}`, the address of one."))
            .build()
    ))
);

/// A file of holidays, at most [`LARGEST_FILE`] bytes.
#[derive(Debug)]
pub(crate) struct HolidayFileBody {
    pub(crate) bytes: Bytes,
    /// Held as long as the bytes.
    #[expect(dead_code, reason = "it is held")]
    turn: UploadTurn,
}

/// The longest body that is read as an address, in bytes.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// What programs call such a file; the first three are what they call any.
const KINDS: [&str; 9] = [
    "",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/calendar",
    "text/csv",
    "text/plain",
    "application/csv",
    "application/json",
    "application/vnd.ms-excel",
];

/// The address of a file, in place of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressOfFile {
    /// `http` or `https`.
    pub(crate) url: String,
    /// What its entries are that are not understood.
    pub(crate) unclear: Option<UnclearAs>,
}

impl HolidayFileBody {
    /// The address that it is, if it is one: an object with `url` and nothing else but `unclear`. No file of holidays is such.
    pub(crate) fn address(&self) -> Option<AddressOfFile> {
        let may_be = self.bytes.len() <= LONGEST_ADDRESS && self.bytes.trim_ascii_start().starts_with(b"{");
        may_be.then(|| serde_json::from_slice(&self.bytes).ok()).flatten()
    }
}

impl FromBody for HolidayFileBody {
    const IS_FILE: bool = true;

    fn limit(_: &ApiSettings) -> usize {
        LARGEST_FILE
    }

    fn from_body(_: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }

    fn from_file(headers: &HeaderMap, bytes: Bytes, turn: UploadTurn) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if KINDS.contains(&kind.as_str()) {
            Ok(Self { bytes, turn })
        } else {
            Err(Problem::UnsupportedMediaType)
        }
    }
}
