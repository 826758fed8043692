//! Files with numbers that must not be called.

use std::collections::BTreeMap;

use domain::{
    Counted, DoNotCallEntry, Fault, FaultRule, Faults, ImportField, MOST_DO_NOT_CALL_AT_ONCE,
    MOST_DO_NOT_CALL_ROWS, check_reason, check_source,
};
use phone::Country;
use serde::Serialize;
use store::do_not_call;
use utoipa::ToSchema;

use super::{DoNotCallImportQuery, body::Ends, read_number};
use crate::http::{
    csv_file::CsvFile,
    csv_rows::{CsvRow, CsvRows},
    extract::AccountRequest,
    language::Language,
    messages::{rule_code, rule_text},
    problem::Problem,
    query::QueryParameters,
};

/// How many refused rows are told; how many there are is said of all.
const TOLD: usize = 1_000;

/// Where entries come from where neither their rows nor the request say it.
const SOURCE: &str = "import";

/// What became of a file.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DoNotCallImportView {
    /// The rows of the file, without its header and without those that are empty.
    rows: usize,
    /// New entries.
    #[schema(minimum = 0)]
    added: i64,
    /// Entries that were there, and have the new reason, source and end.
    #[schema(minimum = 0)]
    changed: i64,
    /// Entries whose number was erased: what is left of it stays as it is, for good.
    #[schema(minimum = 0)]
    erased: i64,
    /// Rows whose number stands further down in the file again: the last one holds.
    repeated: usize,
    /// Rows that were left out.
    refused: usize,
    /// Why: the first 1,000 of them.
    refusals: Vec<RefusedEntryView>,
}

/// A row that was left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedEntryView {
    /// Its line in the file, counted from 1.
    #[schema(minimum = 1)]
    line: usize,
    /// The column that is wrong; `row`: the row itself.
    #[schema(example = "phone")]
    field: &'static str,
    /// The rule it breaks.
    #[schema(example = "number_too_short")]
    rule: &'static str,
    /// What the rule asks for, in the language of the answer.
    message: String,
}

/// Takes a file into an account's entries, some at a time, so that nobody who writes waits for long.
pub(super) async fn import(request: &AccountRequest<(), CsvFile>) -> Result<DoNotCallImportView, Problem> {
    let language = request.caller.language;
    let (defaults, file) = (Defaults::read(request)?, request.body.bytes.clone());
    // Thousands of numbers take a moment of a processor.
    let read = tokio::task::spawn_blocking(move || read(language, &defaults, &file));
    let (entries, mut view) = read.await.map_err(|error| {
        tracing::error!(%error, "reading a file did not end");
        Problem::Internal
    })??;
    for some in entries.chunks(MOST_DO_NOT_CALL_AT_ONCE) {
        let mut tx = request.begin().await?;
        let added = do_not_call::add(&mut tx, request.account, some, &request.caller.change()).await?;
        tx.commit().await?;
        view.added += added.added;
        view.changed += added.changed;
        view.erased += added.erased;
    }
    Ok(view)
}

/// The entries of a file, each number once, and what is wrong with its other rows.
fn read(
    language: Language,
    defaults: &Defaults,
    file: &[u8],
) -> Result<(Vec<DoNotCallEntry>, DoNotCallImportView), Problem> {
    let mut rows = CsvRows::new(file);
    let (columns, mut first) = Columns::of(defaults.country, rows.next())?;
    let (mut entries, mut view) = (BTreeMap::new(), DoNotCallImportView::default());
    while let Some(row) = first.take().or_else(|| rows.next()) {
        view.rows += 1;
        if view.rows > MOST_DO_NOT_CALL_ROWS {
            return Err(Problem::fault("file", FaultRule::TooMany(Counted::Rows, MOST_DO_NOT_CALL_ROWS)));
        }
        match columns.entry(defaults, &row) {
            Ok(entry) => {
                view.repeated += usize::from(entries.insert(entry.number, entry).is_some());
            }
            Err((field, rule)) => view.refuse(row.line, field, &rule, language),
        }
    }
    Ok((entries.into_values().collect(), view))
}

impl DoNotCallImportView {
    fn refuse(&mut self, line: usize, field: &'static str, rule: &FaultRule, language: Language) {
        self.refused += 1;
        if self.refusals.len() < TOLD {
            let message = rule_text(rule, language);
            self.refusals.push(RefusedEntryView { line, field, rule: rule_code(rule), message });
        }
    }
}

/// What holds for rows that do not say it.
struct Defaults {
    reason: Option<String>,
    source: String,
    /// The country of numbers that name none.
    country: Country,
    ends: Ends,
}

impl Defaults {
    fn read(request: &AccountRequest<(), CsvFile>) -> Result<Self, Vec<Fault>> {
        let (settings, mut faults) = (&request.api.settings, Faults::default());
        let query = DoNotCallImportQuery::read(&request.query, &mut faults);
        let country = query.default_country.unwrap_or(settings.default_country);
        let reason = faults.check("reason", check_reason(&query.reason.unwrap_or_default()));
        let source = faults.check("source", check_source(&query.source.unwrap_or_default()));
        faults.finish(reason.zip(source).map(|(reason, source)| Self {
            reason,
            source: source.unwrap_or_else(|| SOURCE.to_owned()),
            country,
            ends: Ends { zone: settings.zone, now: request.caller.now },
        }))
    }
}

/// Where a file has what.
struct Columns {
    count: usize,
    phone: usize,
    reason: Option<usize>,
    source: Option<usize>,
    until: Option<usize>,
}

/// What the header may call the columns.
const REASON: &[&str] = &["reason", "remark", "原因", "备注"];
const FROM: &[&str] = &["source", "来源"];
const UNTIL: &[&str] = &["until", "有效期", "截止时间", "到期时间"];

impl Columns {
    /// What the first row says; it is given back where it is no header.
    fn of(country: Country, row: Option<CsvRow>) -> Result<(Self, Option<CsvRow>), Problem> {
        let row = row.ok_or_else(|| Problem::fault("file", FaultRule::Empty))?;
        let cells = row.cells.as_ref().ok_or_else(|| Problem::fault("file", FaultRule::Encoding))?;
        let place = |names: &[&str]| {
            cells.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()))
        };
        let count = cells.len();
        if let Some(phone) = place(ImportField::Phone.usual_names()) {
            let (reason, source, until) = (place(REASON), place(FROM), place(UNTIL));
            return Ok((Self { count, phone, reason, source, until }, None));
        }
        if cells.first().is_some_and(|cell| read_number(country, cell).is_ok()) {
            let columns = Self { count, phone: 0, reason: None, source: None, until: None };
            return Ok((columns, Some(row)));
        }
        Err(Problem::fault("phone", FaultRule::Required))
    }

    /// The entry of a row, or the column that is wrong with it.
    fn entry(&self, defaults: &Defaults, row: &CsvRow) -> Result<DoNotCallEntry, (&'static str, FaultRule)> {
        let cells = row.cells.as_ref().ok_or(("row", FaultRule::Encoding))?;
        if cells.len() > self.count {
            return Err(("row", FaultRule::TooManyCells(self.count)));
        }
        let cell =
            |column: Option<usize>| column.and_then(|place| cells.get(place)).map_or("", String::as_str);
        let phone = cell(Some(self.phone)).trim();
        if phone.is_empty() {
            return Err(("phone", FaultRule::Required));
        }
        let number = read_number(defaults.country, phone).map_err(|rule| ("phone", rule))?;
        let reason = check_reason(cell(self.reason)).map_err(|rule| ("reason", rule))?;
        let source = check_source(cell(self.source)).map_err(|rule| ("source", rule))?;
        let until = defaults.ends.read(cell(self.until)).map_err(|rule| ("until", rule))?;
        Ok(DoNotCallEntry {
            number,
            reason: reason.or_else(|| defaults.reason.clone()),
            source: source.unwrap_or_else(|| defaults.source.clone()),
            until,
        })
    }
}
