//! Imports of numbers as they are returned.

use std::collections::BTreeMap;

use domain::{
    FileColumn, ImportCounts, ImportDuplicates, ImportFailure, ImportState, TextEncoding, import_state,
};
use serde::Serialize;
use store::numbers::NumberImport;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        extract::Caller,
        formats::LocalTimeSchema,
        import_messages::failure_text,
        time::stamp,
        values::{self, schema_of},
    },
};

schema_of!(
    /// How imports of numbers may stand.
    NumberImportStateSchema,
    "NumberImportState",
    values::words(
        "`running`; `interrupted`: its node is away, and it goes on when that is back, or the same file is sent again; `finished`: all rows \
         were read; `cancelled`; `failed`: the file cannot be read on, and `failure` says why. What was added stays.",
        ImportState::CODES
    )
);
schema_of!(
    /// Why imports of numbers may fail.
    NumberImportFailureSchema,
    "NumberImportFailure",
    values::words("Why the file could not be read on.", ImportFailure::CODES)
);

schema_of!(
    /// What files of numbers are read in.
    NumberFileEncodingSchema,
    "NumberFileEncoding",
    values::words("The encoding of a file's text.", TextEncoding::CODES)
);

/// An import of numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberImportView {
    id: Uuid,
    #[schema(value_type = NumberImportStateSchema)]
    state: &'static str,
    /// Why it failed; `null` where it did not.
    #[schema(value_type = Option<NumberImportFailureSchema>)]
    failure: Option<&'static str>,
    /// The same in words.
    failure_message: Option<String>,
    /// What the file is called.
    file_name: Option<String>,
    /// Which columns hold the fields, by the fields: those that were named, and once the header was read all that were known. The others are variables.
    columns: BTreeMap<String, String>,
    /// All columns of the file in their order, once the header was read; of lines of JSON the members of its first ten. Digits of telephone numbers in them are `*`.
    header: Vec<String>,
    /// The encoding that the file's text is read in, once that is known; `null` for a spreadsheet.
    #[schema(value_type = Option<NumberFileEncodingSchema>)]
    encoding: Option<&'static str>,
    /// The country of numbers that name none.
    #[schema(example = "CN")]
    default_country: String,
    /// What becomes of numbers that the task has already: `skip` or `replace`.
    #[schema(example = "skip")]
    duplicates: &'static str,
    /// Whether nothing is added.
    dry_run: bool,
    /// How many bytes there are to read; of a spreadsheet of its rows, and of UTF-16 of the same in UTF-8, once they are unpacked.
    bytes: i64,
    /// How many of them were read.
    bytes_done: i64,
    /// Rows that were read.
    rows: i64,
    /// Numbers that were added.
    added: i64,
    /// Numbers that the task had, and that have what the file tells of them now.
    replaced: i64,
    /// Numbers that were left out, for the task has them, or they came before in the file.
    skipped: i64,
    /// Rows that were refused.
    refused: i64,
    /// Rows among the refused and the skipped that can be downloaded.
    refused_rows: i64,
    /// Rows among them that cannot, for there are too many: 10,000 skipped ones are kept, and 100,000 in all.
    refused_rows_not_kept: i64,
    /// Good numbers by their country.
    countries: BTreeMap<String, i64>,
    /// Good numbers by their type.
    types: BTreeMap<String, i64>,
    /// How many rows are read in a second.
    rows_per_second: i64,
    /// How many seconds it will still take; `null` when that is not known or it has ended.
    seconds_left: Option<i64>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    /// When it was last worked at.
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    ended_at: Option<String>,
}

impl NumberImportView {
    pub(super) fn new(api: &Api, caller: &Caller, import: NumberImport) -> Self {
        let stamp = |instant| stamp(api.settings.zone, instant);
        let outcome = import.ended.map(|(outcome, _)| outcome);
        let state = import_state(outcome, import.updated_at, caller.now);
        let (bytes, bytes_done) = import.read;
        let refused_rows_not_kept = import.counts.not_kept();
        let seconds_left = seconds_left(state, import.counts.worked, import.read);
        let ImportCounts { rows, added, replaced, skipped, refused, countries, kinds, kept, worked, .. } =
            import.counts;
        let (columns, encoding) = (import.counts.columns, import.counts.encoding);
        Self {
            id: import.id.uuid(),
            state: state.code(),
            failure: state.failure().map(ImportFailure::code),
            failure_message: state
                .failure()
                .map(|failure| failure_text(failure, &columns, &import.options, caller.language)),
            file_name: import.options.file_name,
            columns: held_by(&columns).unwrap_or(import.options.columns),
            header: columns.into_iter().map(|column| column.name).collect(),
            encoding: encoding.map(TextEncoding::code),
            default_country: import.options.default_country,
            duplicates: match import.options.duplicates {
                ImportDuplicates::Skip => "skip",
                ImportDuplicates::Replace => "replace",
            },
            dry_run: import.options.dry_run,
            bytes,
            bytes_done,
            rows,
            added,
            replaced,
            skipped,
            refused,
            refused_rows: kept.0,
            refused_rows_not_kept,
            countries,
            types: kinds,
            rows_per_second: scaled(rows, 1_000, worked),
            seconds_left,
            created_at: stamp(import.created_at),
            updated_at: stamp(import.updated_at),
            ended_at: import.ended.map(|(_, at)| stamp(at)),
        }
    }
}

/// How long a running import will still take that was worked at for so long, of so many bytes of which so many are read.
fn seconds_left(state: ImportState, worked: i64, (bytes, bytes_done): (i64, i64)) -> Option<i64> {
    let is_known = state == ImportState::Running && bytes_done > 0;
    is_known.then(|| scaled(worked, bytes - bytes_done, bytes_done.saturating_mul(1_000)))
}

/// The columns that hold fields, by these; `None` while nothing is known of any.
fn held_by(columns: &[FileColumn]) -> Option<BTreeMap<String, String>> {
    let held = columns.iter().filter_map(|column| Some((column.field.clone()?, column.name.clone())));
    Some(held.collect()).filter(|held: &BTreeMap<_, _>| !held.is_empty())
}

/// `number * by / to`; 0 where there is nothing to divide by.
fn scaled(number: i64, by: i64, to: i64) -> i64 {
    let scaled = i128::from(number) * i128::from(by) / i128::from(to.max(1));
    if to <= 0 { 0 } else { i64::try_from(scaled).unwrap_or(i64::MAX) }
}
