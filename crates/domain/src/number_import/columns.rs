//! What the columns of a file hold, and the numbers that its rows make.

use std::{collections::BTreeSet, sync::Arc};

use phone::{ListCountries, PhoneNumber, Refusal};
use serde_json::{Map, Value};

use super::{FileColumn, ImportFailure, ImportOptions, MOST_COLUMNS, RowRefusal};
use crate::{
    DetailText, EmptiedDetail, NewNumber, NumberDetails, SORT_BOUNDS, check_variables, without_numbers,
};

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
            "手機號",
            "手機號碼",
            "手機",
            "電話",
            "電話號碼",
            "號碼",
            "聯絡電話",
            "行動電話",
            "電話番号",
            "携帯番号",
            "携帯電話",
        ],
    ),
    (
        ImportField::Text(DetailText::Name),
        &["name", "姓名", "名字", "客户姓名", "联系人", "客戶姓名", "聯絡人", "氏名", "名前"],
    ),
    (
        ImportField::Text(DetailText::Email),
        &["email", "e-mail", "邮箱", "电子邮箱", "郵箱", "電子郵件", "電子信箱", "メールアドレス"],
    ),
    (ImportField::Text(DetailText::Company), &["company", "公司", "公司名称", "单位", "公司名稱", "会社名"]),
    (ImportField::Sex, &["sex", "gender", "性别", "性別"]),
    (ImportField::Sort, &["sort", "排序"]),
    (ImportField::Text(DetailText::Extra), &["extra"]),
    (ImportField::Text(DetailText::ControlSelectRobot), &["control_select_robot"]),
];

impl ImportField {
    /// The names that a field can be asked for by.
    pub const NAMES: &'static [&'static str] =
        &["phone", "name", "email", "company", "sex", "sort", "extra", "control_select_robot"];

    /// The names by which its column is known, whatever their case.
    pub fn usual_names(self) -> &'static [&'static str] {
        USUAL_NAMES.iter().find(|(field, _)| *field == self).map_or(&[], |(_, names)| *names)
    }

    /// The name that it can be asked for by.
    fn name(self) -> Option<String> {
        self.usual_names().first().map(|name| (*name).to_owned())
    }

    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        USUAL_NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
    }
}

/// The most characters of a column's name that are shown.
const SHOWN_CHARACTERS: usize = 40;

impl FileColumn {
    /// A column of this name.
    pub fn of(name: &str, field: Option<String>) -> Self {
        let name: String =
            name.trim().chars().filter(|character| *character != '\0').take(SHOWN_CHARACTERS).collect();
        Self { name: without_numbers(&name), field }
    }

    /// The columns of a header of which nobody knows what they hold.
    pub fn unknown(header: &[String]) -> Vec<Self> {
        header.iter().take(MOST_COLUMNS).map(|name| Self::of(name, None)).collect()
    }
}

/// What each column of a file holds; `None`: a variable of the column's name.
#[derive(Clone, Debug)]
pub struct ColumnPlan(Vec<(Arc<str>, Option<ImportField>)>);

impl ColumnPlan {
    /// Finds out what the columns of a header hold. Of two that could hold a field, the first does.
    ///
    /// # Errors
    /// What is wrong with the header, of which [`ImportFailure`] has six kinds.
    pub fn of(header: &[String], options: &ImportOptions) -> Result<Self, ImportFailure> {
        if header.len() > MOST_COLUMNS {
            return Err(ImportFailure::TooManyColumns);
        }
        // Two rows of numbers alone may well have something twice.
        if holds_number(header, options) {
            return Err(ImportFailure::NoHeader);
        }
        let mut columns: Vec<(Arc<str>, Option<ImportField>)> =
            header.iter().map(|name| (name.trim().into(), None)).collect();
        if name_of_two(columns.iter().map(|(name, _)| &**name)).is_some() {
            return Err(ImportFailure::ColumnTwice);
        }
        for (field, name) in &options.columns {
            let field = ImportField::named(field).ok_or(ImportFailure::NamedColumn)?;
            let place = columns.iter().position(|(column, _)| **column == *name.trim());
            columns[place.ok_or(ImportFailure::NamedColumn)?].1 = Some(field);
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

    /// The columns, each with what it was taken for.
    pub fn columns(&self) -> Vec<FileColumn> {
        let columns = self.0.iter();
        columns.map(|(name, field)| FileColumn::of(name, field.and_then(ImportField::name))).collect()
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
    pub fn number(&self, cells: Vec<String>, countries: ListCountries) -> Result<NewNumber, RowRefusal> {
        let is_named = |(name, field): &(Arc<str>, Option<ImportField>)| field.is_some() || !name.is_empty();
        // Spreadsheets end their rows with commas for columns that nobody uses.
        if self.0.iter().skip(cells.len()).any(is_named) {
            return Err(RowRefusal::Columns);
        }
        let mut row = RowReading::new(countries);
        let mut columns = self.0.iter();
        for (place, cell) in cells.into_iter().enumerate() {
            match columns.next().filter(|column| is_named(column)) {
                Some((_, Some(field))) => row.field(*field, cell)?,
                Some((name, None)) => row.variable(name, cell.into()),
                None if cell.trim().is_empty() => {}
                None => return Err(RowRefusal::Unnamed(u16::try_from(place + 1).unwrap_or(u16::MAX))),
            }
        }
        row.finish()
    }
}

/// Whether a header holds a number, as that of a file has which names no columns.
fn holds_number(header: &[String], options: &ImportOptions) -> bool {
    let country = options.countries().written_in;
    let is_named = |name: &String| options.columns.values().any(|column| column.trim() == name.trim());
    header.iter().any(|name| !is_named(name) && PhoneNumber::parse(name, country).is_ok())
}

/// The name that two columns have, if any do: nobody knows which of them is meant. Capitals tell names of fields not apart.
pub fn name_of_two<'n>(names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !name.is_empty()).find(|name| {
        let is_field = ImportField::named(name).is_some();
        !seen.insert(if is_field { name.to_lowercase() } else { (*name).to_owned() })
    })
}

/// Makes a number of the members of an object, whose names say what they hold. Of two that could hold a field, the one that is asked for
/// does, else the first.
///
/// # Errors
/// Why it is not taken.
pub fn number_of_members(
    members: Map<String, Value>,
    options: &ImportOptions,
    countries: ListCountries,
) -> Result<NewNumber, RowRefusal> {
    let mut row = RowReading::new(countries);
    let mut fields = MemberFields::of(options);
    for (name, value) in members {
        match fields.next(&name) {
            Some(field) => match value {
                Value::Null => row.field(field, String::new())?,
                Value::String(text) => row.field(field, text)?,
                Value::Number(number) => row.field(field, number.to_string())?,
                _ => return Err(RowRefusal::Json),
            },
            None if name.is_empty() && !says_nothing(&value) => return Err(RowRefusal::Unnamed(0)),
            None => row.variable(&name.into(), value),
        }
    }
    row.finish()
}

/// The columns of lines of JSON, by the names of members in the order in which they come.
pub fn columns_of_members<'n>(
    names: impl Iterator<Item = &'n str>,
    options: &ImportOptions,
) -> Vec<FileColumn> {
    let (mut fields, mut seen) = (MemberFields::of(options), BTreeSet::new());
    let new = names.filter(|name| seen.insert(*name)).take(MOST_COLUMNS);
    new.map(|name| FileColumn::of(name, fields.next(name).and_then(ImportField::name))).collect()
}

/// Which fields members hold.
struct MemberFields<'o> {
    options: &'o ImportOptions,
    /// Those that are asked for, and those that members hold which came before.
    held: Vec<ImportField>,
}

impl<'o> MemberFields<'o> {
    fn of(options: &'o ImportOptions) -> Self {
        Self { options, held: options.columns.keys().filter_map(|field| ImportField::named(field)).collect() }
    }

    /// What the next member holds; `None`: a variable.
    fn next(&mut self, name: &str) -> Option<ImportField> {
        let asked = self.options.columns.iter().find(|(_, column)| **column == name);
        let asked = asked.and_then(|(field, _)| ImportField::named(field));
        let field = asked.or_else(|| ImportField::named(name).filter(|field| !self.held.contains(field)));
        self.held.extend(field);
        field
    }
}

/// A row as far as it is read.
struct RowReading {
    countries: ListCountries,
    phone: Option<PhoneNumber>,
    sort: Option<i64>,
    details: NumberDetails,
    emptied: Vec<EmptiedDetail>,
}

impl RowReading {
    fn new(countries: ListCountries) -> Self {
        Self { countries, phone: None, sort: None, details: NumberDetails::default(), emptied: Vec::new() }
    }

    fn field(&mut self, field: ImportField, cell: String) -> Result<(), RowRefusal> {
        match field {
            ImportField::Phone => {
                let phone = PhoneNumber::parse_listed(&cell, self.countries);
                self.phone = Some(phone.map_err(RowRefusal::Number)?);
            }
            ImportField::Text(text) => {
                let told = text.check(cell).map_err(|_| RowRefusal::Text(text))?;
                self.note_empty(told.is_none(), || EmptiedDetail::Text(text));
                *text.of(&mut self.details) = told;
            }
            ImportField::Sex => {
                self.details.sex = sex(&cell)?;
                self.note_empty(self.details.sex.is_none(), || EmptiedDetail::Sex);
            }
            ImportField::Sort => self.sort = Some(sort(&cell)?),
        }
        Ok(())
    }

    fn note_empty(&mut self, is_empty: bool, detail: impl FnOnce() -> EmptiedDetail) {
        if is_empty {
            self.emptied.push(detail());
        }
    }

    fn variable(&mut self, name: &Arc<str>, value: Value) {
        if name.is_empty() {
            return;
        }
        let says_nothing = says_nothing(&value);
        self.note_empty(says_nothing, || EmptiedDetail::Variable(name.clone()));
        if !says_nothing {
            self.details.variables.insert(name.to_string(), value);
        }
    }

    fn finish(self) -> Result<NewNumber, RowRefusal> {
        check_variables(&self.details.variables).map_err(|_| RowRefusal::Variables)?;
        let phone = self.phone.ok_or(RowRefusal::Number(Refusal::Empty))?;
        Ok(NewNumber { phone, sort: self.sort, details: self.details, emptied: self.emptied })
    }
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
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
    use phone::Country;

    use super::*;
    use crate::ImportDuplicates;

    const CHINA: ListCountries = ListCountries::of(Country::CHINA);

    fn options(columns: &[(&str, &str)]) -> ImportOptions {
        ImportOptions {
            columns: columns.iter().map(|(field, name)| ((*field).to_owned(), (*name).to_owned())).collect(),
            default_country: "CN".to_owned(),
            server_country: None,
            duplicates: ImportDuplicates::Skip,
            dry_run: false,
            encoding: None,
            file_name: None,
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn columns_are_known_by_their_usual_names_and_by_those_that_are_asked_for() {
        let plan = ColumnPlan::of(&texts(&["手机号", "姓名", "城市", "性别"]), &options(&[])).unwrap();
        let number = plan.number(texts(&["13800138000", "王芳", "上海", "女"]), CHINA).unwrap();
        assert_eq!((number.phone.e164(), number.details.name.as_deref()), (8_613_800_138_000, Some("王芳")));
        assert_eq!((number.details.sex, &number.details.variables["城市"]), (Some(2), &Value::from("上海")));
        let found = plan.columns().into_iter().map(|column| (column.name, column.field.unwrap_or_default()));
        let found: Vec<String> = found.map(|(name, field)| format!("{name}={field}")).collect();
        assert_eq!(found, ["手机号=phone", "姓名=name", "城市=", "性别=sex"]);
        let asked = ColumnPlan::of(&texts(&["phone", "座机"]), &options(&[("phone", "座机")])).unwrap();
        let number = asked.number(texts(&["x", "021-61234567"]), CHINA).unwrap();
        assert_eq!((number.phone.e164(), number.details.variables.len()), (862_161_234_567, 1));
        // Files in Big5 and Shift_JIS name them otherwise.
        for header in [["電話號碼", "姓名", "性別"], ["電話番号", "氏名", "性別"]] {
            let plan = ColumnPlan::of(&texts(&header), &options(&[])).unwrap();
            let number = plan.number(texts(&["13800138000", "王芳", "女"]), CHINA).unwrap();
            assert_eq!((number.details.name.as_deref(), number.details.sex), (Some("王芳"), Some(2)));
        }
        for (header, columns, failure) in [
            (vec!["a", "b"], vec![], ImportFailure::NoPhoneColumn),
            (vec!["phone"], vec![("phone", "号码")], ImportFailure::NamedColumn),
            (vec!["13800138000", "x", "x"], vec![("phone", "phone")], ImportFailure::NoHeader),
            (vec!["021-61234567"], vec![], ImportFailure::NoHeader),
            (vec!["phone"], vec![("name", "客户")], ImportFailure::NamedColumn),
            (vec!["phone", "name", "phone"], vec![], ImportFailure::ColumnTwice),
            (vec!["phone", "name", "Phone "], vec![], ImportFailure::ColumnTwice),
            (vec!["座机", "座机"], vec![("phone", "座机")], ImportFailure::ColumnTwice),
            (vec!["phone", "城市", "城市"], vec![], ImportFailure::ColumnTwice),
        ] {
            let refused = ColumnPlan::of(&texts(&header), &options(&columns)).unwrap_err();
            assert_eq!(refused, failure, "{header:?}");
        }
        let many: Vec<String> = (0..=MOST_COLUMNS).map(|column| column.to_string()).collect();
        assert_eq!(ColumnPlan::of(&many, &options(&[])).unwrap_err(), ImportFailure::TooManyColumns);
        assert!(ColumnPlan::of(&texts(&["phone", "", "", "a", "A"]), &options(&[])).is_ok());
        let numbered = options(&[("phone", "13800138000")]);
        assert!(ColumnPlan::of(&texts(&["13800138000"]), &numbered).is_ok(), "it is asked for");
    }

    #[test]
    fn of_two_members_that_could_hold_a_field_one_does_and_the_other_is_a_variable() {
        let number = |text: &str, columns: &[(&str, &str)]| {
            let members = serde_json::from_str(text).unwrap();
            let number = number_of_members(members, &options(columns), CHINA).unwrap();
            (number.phone.e164(), number.details.variables)
        };
        let text = r#"{"phone": "13800138000", "手机号": "13800138001"}"#;
        let (phone, variables) = number(text, &[]);
        assert_eq!((phone, &variables["手机号"]), (8_613_800_138_000, &Value::from("13800138001")));
        let told = |columns: &[(&str, &str)]| {
            let told = columns_of_members(["phone", "手机号", "x", "phone"].into_iter(), &options(columns));
            told.into_iter().map(|column| column.field).collect::<Vec<_>>()
        };
        assert_eq!(told(&[]), [Some("phone".to_owned()), None, None]);
        assert_eq!(told(&[("phone", "手机号")]), [None, Some("phone".to_owned()), None]);
        let (phone, variables) = number(text, &[("phone", "手机号")]);
        assert_eq!((phone, &variables["phone"]), (8_613_800_138_001, &Value::from("13800138000")));
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
            (vec!["13800138000", "", "", "", "", "x"], RowRefusal::Unnamed(6)),
        ] {
            assert_eq!(plan.number(texts(&cells), CHINA).unwrap_err(), refusal, "{cells:?}");
            assert_eq!(RowRefusal::from_code(&refusal.stored_code()), Some(refusal));
        }
        assert_eq!(RowRefusal::from_code("columns"), Some(RowRefusal::Columns));
    }

    #[test]
    fn a_column_without_a_name_is_nothing_and_a_value_in_it_is_told() {
        let plan = ColumnPlan::of(&texts(&["phone", " ", "name", "", ""]), &options(&[])).unwrap();
        for (cells, told) in [
            (vec!["13800138000", "", "a"], Ok("a")),
            (vec!["13800138000", " ", "a", "", "", "", " "], Ok("a")),
            (vec!["13800138000", "x", "a"], Err(RowRefusal::Unnamed(2))),
            (vec!["13800138000", "", "a", "", "x"], Err(RowRefusal::Unnamed(5))),
            (vec!["13800138000", "", "a", "", "", "", "x"], Err(RowRefusal::Unnamed(7))),
            (vec!["13800138000", ""], Err(RowRefusal::Columns)),
        ] {
            let number = plan.number(texts(&cells), CHINA);
            let name = number.map(|number| number.details.name.unwrap_or_default());
            assert_eq!(name, told.map(str::to_owned), "{cells:?}");
        }
        let member = |text: &str| {
            let members = serde_json::from_str(text).unwrap();
            number_of_members(members, &options(&[]), CHINA).map(|number| number.phone.e164())
        };
        assert_eq!(member(r#"{"phone": "13800138000", "": "x"}"#), Err(RowRefusal::Unnamed(0)));
        assert_eq!(member(r#"{"phone": "13800138000", "": null}"#), Ok(8_613_800_138_000));
    }
}
