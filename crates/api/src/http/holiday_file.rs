//! A file of holidays as the body of a request, or in its place the address of one.

use domain::{Fault, FaultRule, Faults, HttpUrl, UnclearAs};
use holiday_files::LARGEST_FILE;
use serde_json::Value;
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

use crate::http::{
    body::{Reading, fields, whole},
    choices::choice,
    small_file::{FileKind, ROWS, SmallFile},
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

choice! {
    /// What entries of a file are that are not understood.
    pub(crate) enum UnclearChoice as UnclearEntries for UnclearAs {
        /// Days off.
        DayOff = "day_off",
        /// Make-up workdays.
        MakeupWorkday = "makeup_workday",
        /// Days with a name that close nothing.
        Observance = "observance",
        /// Nothing.
        LeaveOut = "leave_out",
    }
}

/// A file of holidays, at most [`LARGEST_FILE`] bytes.
pub(crate) type HolidayFileBody = SmallFile<HolidayFileKind>;

/// Holidays.
#[derive(Debug)]
pub(crate) enum HolidayFileKind {}

impl FileKind for HolidayFileKind {
    const LARGEST: usize = LARGEST_FILE;

    fn is_called(kind: &str) -> bool {
        ROWS.contains(&kind) || ["text/calendar", "application/json"].contains(&kind)
    }
}

/// The longest body that is read as an address, in bytes.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// The address of a file, in place of the file, as it is sent.
struct AddressBody {
    url: Option<String>,
    unclear: Option<UnclearChoice>,
}

fields!(AddressBody { url, unclear } known &[]);

/// The address of a file, in place of the file.
pub(crate) struct AddressOfFile {
    pub(crate) url: HttpUrl,
    /// What its entries are that are not understood.
    pub(crate) unclear: Option<UnclearAs>,
}

impl HolidayFileBody {
    /// The address that it is, if it is one: an object with `url`, and without the `days` that every such file of holidays has.
    pub(crate) fn address(&self) -> Result<Option<AddressOfFile>, Vec<Fault>> {
        let may_be = self.bytes.len() <= LONGEST_ADDRESS && self.bytes.trim_ascii_start().starts_with(b"{");
        let object = may_be.then(|| serde_json::from_slice::<Value>(&self.bytes).ok()).flatten();
        let is_address = |object: &Value| object.get("url").is_some() && object.get("days").is_none();
        object.filter(is_address).map(AddressOfFile::read).transpose()
    }
}

impl AddressOfFile {
    fn read(object: Value) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::new();
        let body: Option<AddressBody> = whole(object, "body", &mut reading);
        let mut faults: Faults = reading.faults;
        let body = body.and_then(|AddressBody { url, unclear }| {
            let url = faults.check("url", url.ok_or(FaultRule::Required))?;
            let url = faults.check("url", HttpUrl::parse(&url))?;
            Some(Self { url, unclear: unclear.map(UnclearAs::from) })
        });
        faults.finish(body)
    }
}
