//! Imports of numbers from files: what is asked for, how far one is, and why a row or a whole file is not taken.

mod columns;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use phone::{Country, ListCountries, PhoneNumber, Refusal};
use serde::{Deserialize, Serialize};

pub use self::columns::{ColumnPlan, ImportField, columns_of_members, name_of_two, number_of_members};
use crate::{DetailText, NewNumber, NumberJobId, TextEncoding};

/// How many rows are read at once at most.
pub const IMPORT_CHUNK: usize = 2_000;
/// How many refused rows of an import are stored; further ones are counted.
pub const REFUSED_ROWS_KEPT: i64 = 100_000;
/// How many of them are rows whose number the task has already: a file that is sent again has no others, and many of them.
pub const DUPLICATE_ROWS_KEPT: i64 = 10_000;
/// For how long what is stored of an import is kept after it was last worked at: its file, its refused rows, and itself.
pub const IMPORTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most imports of one task that have not ended.
pub const MAXIMUM_RUNNING_IMPORTS: usize = 5;
/// The largest XLSX file, in bytes.
pub const LARGEST_SPREADSHEET: u64 = 50 * 1_024 * 1_024;
/// The most characters that are stored of a refused row.
pub const REFUSED_ROW_CHARACTERS: usize = 1_000;
/// The most columns of a file.
pub const MOST_COLUMNS: usize = 256;
/// The most bytes of a row.
pub const ROW_BYTES: usize = 256 * 1_024;
/// An import that said nothing for so long is interrupted: its node does not work at it.
pub const INTERRUPTED_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// What becomes of a number that the task has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportDuplicates {
    /// It stays as it is.
    #[default]
    Skip,
    /// It takes what the file tells of it; what became of it stays.
    Replace,
}

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Which column of the file a field is in, by the field's name; others are found by their usual names.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// The country of numbers that name none: two letters.
    pub default_country: String,
    /// The server's own default country, under which what is shown of a number is read later; imports of older versions do not say it.
    #[serde(default)]
    pub server_country: Option<String>,
    /// What becomes of numbers that the task has already.
    #[serde(default)]
    pub duplicates: ImportDuplicates,
    /// Whether nothing is added: the file is only checked.
    #[serde(default)]
    pub dry_run: bool,
    /// The encoding of its text; `None`: it is seen from the file.
    #[serde(default)]
    pub encoding: Option<TextEncoding>,
    /// What the file was called, for people.
    #[serde(default)]
    pub file_name: Option<String>,
}

impl ImportOptions {
    /// Whose numbers are that name no country.
    pub fn countries(&self) -> ListCountries {
        let country = |letters: &str| Country::parse(letters).ok();
        let written_in = country(&self.default_country).unwrap_or(Country::CHINA);
        let shown_in = self.server_country.as_deref().and_then(country).unwrap_or(written_in);
        ListCountries { written_in, shown_in }
    }
}

/// Where the next row of a file begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePlace {
    /// In bytes from the begin of the file; 0 before the header.
    pub byte: u64,
    /// The number of its line, counted from 1; 0 before the header.
    pub line: u64,
}

/// A row of a file, as it was read.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The number of its line.
    pub line: u64,
    /// The beginning of it, as it stands in the file.
    pub text: String,
    /// The number it holds, or why it is not taken.
    pub read: Result<NewNumber, RowRefusal>,
    /// Where the row after it begins.
    pub next: FilePlace,
}

/// A row that was refused, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// The number of its line.
    pub line: i64,
    /// Why; `None` for a reason that this version does not know.
    pub reason: Option<RowRefusal>,
    /// The beginning of it, as it stood in the file.
    pub text: String,
}

/// A column of a file as it was found. Telephone numbers in its name, which a file without a header has there, are hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    /// What the header calls it; the beginning of a long name.
    pub name: String,
    /// The field that it was taken for; `None`: a variable, or nobody has said yet.
    pub field: Option<String>,
}

/// What became of the rows of a file so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportCounts {
    /// Rows that were read.
    pub rows: i64,
    /// Numbers that were added.
    pub added: i64,
    /// Numbers that the task had, and that have what the file tells now.
    pub replaced: i64,
    /// Numbers that the task had, or that came before in the file.
    pub skipped: i64,
    /// Rows that were refused.
    pub refused: i64,
    /// Good numbers by their country.
    pub countries: BTreeMap<String, i64>,
    /// Good numbers by their kind.
    pub kinds: BTreeMap<String, i64>,
    /// Refused rows that were stored, and those among them that were duplicates.
    pub kept: (i64, i64),
    /// For how long it was worked at, in milliseconds.
    pub worked: i64,
    /// The columns of the file; of lines of JSON the members of the first of them.
    pub columns: Vec<FileColumn>,
    /// The encoding that its text is read in; a spreadsheet has none.
    pub encoding: Option<TextEncoding>,
}

impl ImportCounts {
    /// A row was read that holds this number.
    pub fn note_good(&mut self, phone: &PhoneNumber) {
        let region = phone.region();
        let country = region.as_ref().map_or(UNKNOWN_COUNTRY, Country::as_str);
        for (counts, name) in [(&mut self.countries, country), (&mut self.kinds, phone.kind().code())] {
            match counts.get_mut(name) {
                Some(count) => *count += 1,
                None => drop(counts.insert(name.to_owned(), 1)),
            }
        }
    }

    /// How many rows that were refused or left out are not stored, for there were too many.
    pub fn not_kept(&self) -> i64 {
        (self.skipped + self.refused - self.kept.0).max(0)
    }

    /// Whether one more refused row is stored; it is counted then.
    pub const fn keep(&mut self, reason: RowRefusal) -> bool {
        let is_duplicate = matches!(reason, RowRefusal::Duplicate);
        if self.kept.0 >= REFUSED_ROWS_KEPT || (is_duplicate && self.kept.1 >= DUPLICATE_ROWS_KEPT) {
            return false;
        }
        self.kept.0 += 1;
        self.kept.1 += is_duplicate as i64;
        true
    }
}

/// Under what numbers are counted that belong to no country, such as those of a satellite.
const UNKNOWN_COUNTRY: &str = "other";

/// How an import of numbers ended, as its event tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Which import.
    pub import_id: NumberJobId,
    /// `finished`, `cancelled` or `failed`.
    pub state: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// What became of its rows.
    pub rows: i64,
    /// Numbers that were added.
    pub added: i64,
    /// Numbers that were replaced.
    pub replaced: i64,
    /// Numbers that were left out, for the task had them.
    pub skipped: i64,
    /// Rows that were refused.
    pub refused: i64,
    /// Whether nothing was to be added.
    pub dry_run: bool,
}

impl ImportSummary {
    /// That of an import that ended so.
    pub fn of(id: NumberJobId, outcome: ImportOutcome, counts: &ImportCounts, dry_run: bool) -> Self {
        let state = ImportState::from(outcome);
        Self {
            import_id: id,
            state: state.code().to_owned(),
            failure: state.failure().map(|failure| failure.code().to_owned()),
            rows: counts.rows,
            added: counts.added,
            replaced: counts.replaced,
            skipped: counts.skipped,
            refused: counts.refused,
            dry_run,
        }
    }
}

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// It goes on.
    Running,
    /// Its node does not work at it: it goes on when the node is back, or the same file is sent again.
    Interrupted,
    /// All rows were read.
    Finished,
    /// Someone ended it; what was added stays.
    Cancelled,
    /// The file cannot be read on; what was added stays.
    Failed(ImportFailure),
}

impl ImportState {
    /// The names of all of them.
    pub const CODES: &'static [&'static str] = &["running", "interrupted", "finished", "cancelled", "failed"];

    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }

    /// Why it failed, if it did.
    pub const fn failure(self) -> Option<ImportFailure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl From<ImportOutcome> for ImportState {
    fn from(outcome: ImportOutcome) -> Self {
        match outcome {
            ImportOutcome::Finished => Self::Finished,
            ImportOutcome::Cancelled => Self::Cancelled,
            ImportOutcome::Failed(failure) => Self::Failed(failure),
        }
    }
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// All rows were read.
    Finished,
    /// Someone ended it.
    Cancelled,
    /// The file cannot be read on.
    #[serde(untagged)]
    Failed(ImportFailure),
}

/// Why a file cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportFailure {
    /// It has no row, or no header.
    NoRows,
    /// Its first row holds a number, and so names no columns.
    NoHeader,
    /// No column is known to hold numbers.
    NoPhoneColumn,
    /// A column that was named is not there.
    NamedColumn,
    /// Two columns have one name. Imports of older versions have one name for all that is wrong with a header but the three above.
    #[serde(alias = "columns")]
    ColumnTwice,
    /// There are too many columns.
    TooManyColumns,
    /// The header does not end: a quote in it is not closed, or it is longer than a row may be.
    HeaderEnd,
    /// It is in none of the encodings that are read.
    Encoding,
    /// It is neither rows of text nor a spreadsheet: a page, an array of JSON, a picture.
    FileKind,
    /// It is no XLSX that can be read, or no usual one.
    Spreadsheet,
    /// It is a spreadsheet without a sheet that is shown.
    NoSheet,
    /// The first sheet of a spreadsheet is empty.
    EmptySheet,
    /// Unpacked, it is larger than may be.
    TooLarge,
    /// Its task was deleted.
    TaskDeleted,
    /// The file is not there any more.
    FileLost,
}

impl ImportFailure {
    /// The names of all of them.
    pub const CODES: &'static [&'static str] = &[
        "no_rows",
        "no_header",
        "no_phone_column",
        "named_column",
        "column_twice",
        "too_many_columns",
        "header_end",
        "encoding",
        "file_kind",
        "spreadsheet",
        "no_sheet",
        "empty_sheet",
        "too_large",
        "task_deleted",
        "file_lost",
    ];

    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRows => "no_rows",
            Self::NoHeader => "no_header",
            Self::NoPhoneColumn => "no_phone_column",
            Self::NamedColumn => "named_column",
            Self::ColumnTwice => "column_twice",
            Self::TooManyColumns => "too_many_columns",
            Self::HeaderEnd => "header_end",
            Self::Encoding => "encoding",
            Self::FileKind => "file_kind",
            Self::Spreadsheet => "spreadsheet",
            Self::NoSheet => "no_sheet",
            Self::EmptySheet => "empty_sheet",
            Self::TooLarge => "too_large",
            Self::TaskDeleted => "task_deleted",
            Self::FileLost => "file_lost",
        }
    }
}

/// How an import stands at `now`: derived from how it ended, or from when its node last said that it works at it.
pub fn import_state(outcome: Option<ImportOutcome>, updated_at: Timestamp, now: Timestamp) -> ImportState {
    match outcome {
        Some(outcome) => outcome.into(),
        None if now.duration_since(updated_at) > INTERRUPTED_AFTER => ImportState::Interrupted,
        None => ImportState::Running,
    }
}

/// Why a row of a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowRefusal {
    /// Its number is none to call.
    Number(Refusal),
    /// It has fewer columns than the header.
    Columns,
    /// It has a value in this column, counted from 1, which has no name or is beyond the header; 0 for a member of JSON without a name.
    Unnamed(u16),
    /// Its characters cannot be read.
    Encoding,
    /// It is no JSON object.
    Json,
    /// A field stands in it twice.
    Repeated,
    /// It is longer than may be.
    TooLong,
    /// It begins a quote that does not end.
    Quote,
    /// A text is too long, or holds what cannot be seen.
    Text(DetailText),
    /// `sex` is none of 0, 1 and 2.
    Sex,
    /// `sort` is no whole number within its bounds.
    Sort,
    /// There is too much in the other columns.
    Variables,
    /// The task has its number already, or it came before in the file.
    Duplicate,
    /// It holds a number that was erased since the import began; its text is not kept.
    Erased,
}

impl RowRefusal {
    /// Its stable name.
    pub fn code(self) -> String {
        match self {
            Self::Number(refusal) => format!("number_{}", refusal.code()),
            Self::Columns | Self::Unnamed(_) => "columns".to_owned(),
            Self::Encoding => "encoding".to_owned(),
            Self::Json => "json".to_owned(),
            Self::Repeated => "repeated".to_owned(),
            Self::TooLong => "too_long".to_owned(),
            Self::Quote => "quote".to_owned(),
            Self::Text(text) => text.field().to_owned(),
            Self::Sex => "sex".to_owned(),
            Self::Sort => "sort".to_owned(),
            Self::Variables => "variables".to_owned(),
            Self::Duplicate => "duplicate".to_owned(),
            Self::Erased => "erased".to_owned(),
        }
    }

    /// Its name as it is stored, with the column that it is about.
    pub fn stored_code(self) -> String {
        match self {
            Self::Unnamed(column) => format!("{}{column}", Self::UNNAMED),
            other => other.code(),
        }
    }

    /// What a stored name begins with that says a column.
    const UNNAMED: &str = "columns:";

    /// The one of this stored name.
    pub fn from_code(code: &str) -> Option<Self> {
        if let Some(column) = code.strip_prefix(Self::UNNAMED) {
            return column.parse().ok().map(Self::Unnamed);
        }
        let numbers = Refusal::ALL.into_iter().map(Self::Number);
        let texts = DetailText::ALL.into_iter().map(Self::Text);
        let others = [
            Self::Columns,
            Self::Encoding,
            Self::Json,
            Self::Repeated,
            Self::TooLong,
            Self::Quote,
            Self::Sex,
            Self::Sort,
            Self::Variables,
            Self::Duplicate,
            Self::Erased,
        ];
        numbers.chain(texts).chain(others).find(|refusal| refusal.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_older_versions_are_read() {
        let read = |text: &str| serde_json::from_str::<ImportOutcome>(text).unwrap();
        assert_eq!(read("\"columns\""), ImportOutcome::Failed(ImportFailure::ColumnTwice));
        assert_eq!(read("\"no_phone_column\""), ImportOutcome::Failed(ImportFailure::NoPhoneColumn));
    }

    #[test]
    fn an_import_is_interrupted_when_nobody_works_at_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(import_state(None, at(100), at(160)), ImportState::Running);
        assert_eq!(import_state(None, at(100), at(161)), ImportState::Interrupted);
        assert_eq!(import_state(Some(ImportOutcome::Finished), at(100), at(900)), ImportState::Finished);
        let failed = Some(ImportOutcome::Failed(ImportFailure::Encoding));
        assert_eq!(import_state(failed, at(100), at(900)), ImportState::Failed(ImportFailure::Encoding));
    }
}
