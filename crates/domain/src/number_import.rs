//! Imports of numbers from files: what is asked for, how far one is, and why a row or a whole file is not taken.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use phone::{Country, PhoneNumber, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{DetailText, NewNumber, NumberDetails, SORT_BOUNDS, check_variables};

/// How many rows are read and put in order before they are written.
pub const IMPORT_CHUNK: usize = 10_000;
/// How many refused rows of an import are stored; further ones are counted.
pub const REFUSED_ROWS_KEPT: i64 = 100_000;
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
    /// What becomes of numbers that the task has already.
    #[serde(default)]
    pub duplicates: ImportDuplicates,
    /// Whether nothing is added: the file is only checked.
    #[serde(default)]
    pub dry_run: bool,
    /// What the file was called, for people.
    #[serde(default)]
    pub file_name: Option<String>,
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
    /// No column is known to hold numbers, or a column that was named is not there.
    NoPhoneColumn,
    /// Two columns have one name, or there are too many.
    Columns,
    /// It is neither UTF-8 nor GB18030.
    Encoding,
    /// It is no XLSX that can be read.
    Spreadsheet,
    /// Unpacked, it is larger than may be.
    TooLarge,
    /// Its task was deleted.
    TaskDeleted,
    /// The file is not there any more.
    FileLost,
}

impl ImportFailure {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRows => "no_rows",
            Self::NoPhoneColumn => "no_phone_column",
            Self::Columns => "columns",
            Self::Encoding => "encoding",
            Self::Spreadsheet => "spreadsheet",
            Self::TooLarge => "too_large",
            Self::TaskDeleted => "task_deleted",
            Self::FileLost => "file_lost",
        }
    }
}

/// How an import stands at `now`: derived from how it ended, or from when its node last said that it works at it.
pub fn import_state(outcome: Option<ImportOutcome>, updated_at: Timestamp, now: Timestamp) -> ImportState {
    match outcome {
        Some(ImportOutcome::Finished) => ImportState::Finished,
        Some(ImportOutcome::Cancelled) => ImportState::Cancelled,
        Some(ImportOutcome::Failed(failure)) => ImportState::Failed(failure),
        None if now.duration_since(updated_at) > INTERRUPTED_AFTER => ImportState::Interrupted,
        None => ImportState::Running,
    }
}

/// Why a row of a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowRefusal {
    /// Its number is none to call.
    Number(Refusal),
    /// It has more or fewer columns than the header.
    Columns,
    /// Its characters cannot be read.
    Encoding,
    /// It is no JSON object.
    Json,
    /// It is longer than may be.
    TooLong,
    /// A text is too long, or holds what cannot be seen.
    Text(DetailText),
    /// `sex` is none of 0, 1 and 2.
    Sex,
    /// `sort` is no whole number within its bounds.
    Sort,
    /// There is too much in the other columns.
    Variables,
}

impl RowRefusal {
    /// Its stable name.
    pub fn code(self) -> String {
        match self {
            Self::Number(refusal) => format!("number_{}", refusal.code()),
            Self::Columns => "columns".to_owned(),
            Self::Encoding => "encoding".to_owned(),
            Self::Json => "json".to_owned(),
            Self::TooLong => "too_long".to_owned(),
            Self::Text(text) => text.field().to_owned(),
            Self::Sex => "sex".to_owned(),
            Self::Sort => "sort".to_owned(),
            Self::Variables => "variables".to_owned(),
        }
    }

    /// The one of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        let numbers = Refusal::ALL.into_iter().map(Self::Number);
        let texts = DetailText::ALL.into_iter().map(Self::Text);
        let others = [
            Self::Columns,
            Self::Encoding,
            Self::Json,
            Self::TooLong,
            Self::Sex,
            Self::Sort,
            Self::Variables,
        ];
        numbers.chain(texts).chain(others).find(|refusal| refusal.code() == code)
    }
}

/// What a column of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportField {
    /// The number.
    Phone,
    /// A text beside it.
    Text(DetailText),
    /// 0, 1 or 2, or a word for it.
    Sex,
    /// The place in the order of dialing.
    Sort,
}

/// The names by which a column is known, the field's own first.
const USUAL_NAMES: [(ImportField, &[&str]); 8] = [
    (
        ImportField::Phone,
        &[
            "phone",
            "number",
            "mobile",
            "tel",
            "telephone",
            "手机号",
            "手机号码",
            "手机",
            "电话",
            "电话号码",
            "号码",
            "联系电话",
        ],
    ),
    (ImportField::Text(DetailText::Name), &["name", "姓名", "名字", "客户姓名", "联系人"]),
    (ImportField::Text(DetailText::Email), &["email", "e-mail", "邮箱", "电子邮箱"]),
    (ImportField::Text(DetailText::Company), &["company", "公司", "公司名称", "单位"]),
    (ImportField::Sex, &["sex", "gender", "性别"]),
    (ImportField::Sort, &["sort", "排序"]),
    (ImportField::Text(DetailText::Extra), &["extra"]),
    (ImportField::Text(DetailText::ControlSelectRobot), &["control_select_robot"]),
];

impl ImportField {
    /// The names that a field can be asked for by.
    pub const NAMES: &'static [&'static str] =
        &["phone", "name", "email", "company", "sex", "sort", "extra", "control_select_robot"];

    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        USUAL_NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
    }
}

/// What each column of a file holds; `None`: a variable of the column's name.
#[derive(Clone, Debug)]
pub struct ColumnPlan(Vec<(String, Option<ImportField>)>);

impl ColumnPlan {
    /// Finds out what the columns of a header hold. Of two that could hold a field, the first does.
    ///
    /// # Errors
    /// [`ImportFailure::NoPhoneColumn`], [`ImportFailure::Columns`].
    pub fn of(header: &[String], options: &ImportOptions) -> Result<Self, ImportFailure> {
        if header.len() > MOST_COLUMNS {
            return Err(ImportFailure::Columns);
        }
        let mut columns: Vec<(String, Option<ImportField>)> =
            header.iter().map(|name| (name.trim().to_owned(), None)).collect();
        for (field, name) in &options.columns {
            let field = ImportField::named(field).ok_or(ImportFailure::NoPhoneColumn)?;
            let place = columns.iter().position(|(column, _)| column == name.trim());
            columns[place.ok_or(ImportFailure::NoPhoneColumn)?].1 = Some(field);
        }
        for place in 0..columns.len() {
            let known = ImportField::named(&columns[place].0);
            let is_free = |field| columns.iter().all(|(_, other)| *other != Some(field));
            if let Some(field) = known.filter(|field| columns[place].1.is_none() && is_free(*field)) {
                columns[place].1 = Some(field);
            }
        }
        let holds_phone = columns.iter().any(|(_, field)| *field == Some(ImportField::Phone));
        if holds_phone { Ok(Self(columns)) } else { Err(ImportFailure::NoPhoneColumn) }
    }

    /// How many columns a row has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes a number of the cells of a row.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn number(&self, cells: Vec<String>, country: Country) -> Result<NewNumber, RowRefusal> {
        if cells.len() != self.0.len() {
            return Err(RowRefusal::Columns);
        }
        let mut row = RowReading::new(country);
        for ((name, field), cell) in self.0.iter().zip(cells) {
            match field {
                Some(field) => row.field(*field, cell)?,
                None => row.variable(name, cell.into()),
            }
        }
        row.finish()
    }
}

/// Makes a number of the members of an object, whose names say what they hold.
///
/// # Errors
/// Why it is not taken.
pub fn number_of_members(
    members: Map<String, Value>,
    options: &ImportOptions,
    country: Country,
) -> Result<NewNumber, RowRefusal> {
    let mut row = RowReading::new(country);
    for (name, value) in members {
        let asked =
            options.columns.iter().find(|(_, column)| **column == name).map(|(field, _)| field.as_str());
        match ImportField::named(asked.unwrap_or(&name)) {
            Some(field) => match value {
                Value::Null => {}
                Value::String(text) => row.field(field, text)?,
                Value::Number(number) => row.field(field, number.to_string())?,
                _ => return Err(RowRefusal::Json),
            },
            None => row.variable(&name, value),
        }
    }
    row.finish()
}

/// A row as far as it is read.
struct RowReading {
    country: Country,
    phone: Option<PhoneNumber>,
    sort: i64,
    details: NumberDetails,
}

impl RowReading {
    fn new(country: Country) -> Self {
        Self { country, phone: None, sort: 0, details: NumberDetails::default() }
    }

    fn field(&mut self, field: ImportField, cell: String) -> Result<(), RowRefusal> {
        match field {
            ImportField::Phone => {
                self.phone = Some(PhoneNumber::parse(&cell, self.country).map_err(RowRefusal::Number)?);
            }
            ImportField::Text(text) => {
                *text.of(&mut self.details) = text.check(cell).map_err(|_| RowRefusal::Text(text))?;
            }
            ImportField::Sex => self.details.sex = sex(&cell)?,
            ImportField::Sort => self.sort = sort(&cell)?,
        }
        Ok(())
    }

    fn variable(&mut self, name: &str, value: Value) {
        let says_nothing = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        if !name.is_empty() && !says_nothing {
            self.details.variables.insert(name.to_owned(), value);
        }
    }

    fn finish(self) -> Result<NewNumber, RowRefusal> {
        check_variables(&self.details.variables).map_err(|_| RowRefusal::Variables)?;
        let phone = self.phone.ok_or(RowRefusal::Number(Refusal::Empty))?;
        Ok(NewNumber { phone, sort: self.sort, details: self.details })
    }
}

fn sex(cell: &str) -> Result<Option<u8>, RowRefusal> {
    match cell.trim().to_lowercase().as_str() {
        "" => Ok(None),
        "0" | "未知" | "unknown" => Ok(Some(0)),
        "1" | "男" | "male" | "m" => Ok(Some(1)),
        "2" | "女" | "female" | "f" => Ok(Some(2)),
        _ => Err(RowRefusal::Sex),
    }
}

fn sort(cell: &str) -> Result<i64, RowRefusal> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(0);
    }
    let (smallest, greatest) = SORT_BOUNDS;
    cell.parse().ok().filter(|sort| (smallest..=greatest).contains(sort)).ok_or(RowRefusal::Sort)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(columns: &[(&str, &str)]) -> ImportOptions {
        ImportOptions {
            columns: columns.iter().map(|(field, name)| ((*field).to_owned(), (*name).to_owned())).collect(),
            default_country: "CN".to_owned(),
            duplicates: ImportDuplicates::Skip,
            dry_run: false,
            file_name: None,
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn columns_are_known_by_their_usual_names_and_by_those_that_are_asked_for() {
        let plan = ColumnPlan::of(&texts(&["手机号", "姓名", "城市", "性别"]), &options(&[])).unwrap();
        let number = plan.number(texts(&["13800138000", "王芳", "上海", "女"]), Country::CHINA).unwrap();
        assert_eq!((number.phone.e164(), number.details.name.as_deref()), (8_613_800_138_000, Some("王芳")));
        assert_eq!((number.details.sex, &number.details.variables["城市"]), (Some(2), &Value::from("上海")));
        let asked = ColumnPlan::of(&texts(&["phone", "座机"]), &options(&[("phone", "座机")])).unwrap();
        let number = asked.number(texts(&["x", "021-61234567"]), Country::CHINA).unwrap();
        assert_eq!((number.phone.e164(), number.details.variables.len()), (862_161_234_567, 1));
        for (header, columns) in [(vec!["a", "b"], vec![]), (vec!["phone"], vec![("phone", "号码")])] {
            assert_eq!(
                ColumnPlan::of(&texts(&header), &options(&columns)).unwrap_err(),
                ImportFailure::NoPhoneColumn
            );
        }
    }

    #[test]
    fn a_row_that_is_not_taken_says_why() {
        let plan = ColumnPlan::of(&texts(&["phone", "name", "sex", "sort"]), &options(&[])).unwrap();
        for (cells, refusal) in [
            (vec!["110", "", "", ""], RowRefusal::Number(Refusal::Emergency)),
            (vec!["", "", "", ""], RowRefusal::Number(Refusal::Empty)),
            (vec!["13800138000", "", "3", ""], RowRefusal::Sex),
            (vec!["13800138000", "", "", "1e99"], RowRefusal::Sort),
            (vec!["13800138000", "a\u{0}", "", ""], RowRefusal::Text(DetailText::Name)),
            (vec!["13800138000", "", ""], RowRefusal::Columns),
            (vec!["13800138000", "", "", "", ""], RowRefusal::Columns),
        ] {
            assert_eq!(plan.number(texts(&cells), Country::CHINA).unwrap_err(), refusal, "{cells:?}");
            assert_eq!(RowRefusal::from_code(&refusal.code()), Some(refusal));
        }
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
