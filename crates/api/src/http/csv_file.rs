//! A file with rows as the body of a request.

use domain::LARGEST_DO_NOT_CALL_FILE;
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

use crate::http::{
    small_file::{FileKind, ROWS, SmallFile},
    values::schema_of,
};

schema_of!(
    /// A file with rows.
    CsvText,
    "CsvFile",
    RefOr::T(Schema::Object(
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some("A CSV file."))
            .build()
    ))
);

/// A file with rows, at most [`LARGEST_DO_NOT_CALL_FILE`] bytes.
pub(crate) type CsvFile = SmallFile<RowFileKind>;

/// Rows.
#[derive(Debug)]
pub(crate) enum RowFileKind {}

impl FileKind for RowFileKind {
    const LARGEST: usize = LARGEST_DO_NOT_CALL_FILE;

    fn is_called(kind: &str) -> bool {
        ROWS.contains(&kind)
    }
}
