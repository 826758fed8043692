//! What is said of imports of numbers: why a row was refused and why a whole file was, in both languages, and the refused rows as CSV.

use domain::{
    DUPLICATE_ROWS_KEPT, DetailText, FaultRule, FileColumn, ImportFailure, ImportField, ImportOptions,
    REFUSED_ROWS_KEPT, ROW_BYTES, RefusedRow, RowRefusal, VARIABLES_BYTES, name_of_two,
};

use crate::http::{csv_cells::text_cell, language::Language, messages::rule_text};

/// The first line of the refused rows as CSV, with the mark by which Excel knows that it is UTF-8.
pub(crate) const REFUSED_ROWS_HEADER: &str = "\u{FEFF}line,reason,message,row\r\n";

/// Why a row was refused.
pub(crate) fn row_refusal_text(refusal: RowRefusal, language: Language) -> String {
    let (chinese, english) = match refusal {
        RowRefusal::Number(refusal) => return rule_text(&FaultRule::Number(refusal), language),
        RowRefusal::Sort => {
            let (smallest, greatest) = domain::SORT_BOUNDS;
            return rule_text(&FaultRule::OutOfRange(smallest, greatest), language);
        }
        RowRefusal::Text(text) => return detail_refusal(text, language),
        RowRefusal::Variables => return rule_text(&FaultRule::TooManyBytes(VARIABLES_BYTES), language),
        RowRefusal::TooLong => return rule_text(&FaultRule::TooManyBytes(ROW_BYTES), language),
        RowRefusal::Columns => ("列数少于表头", "has fewer columns than the header"),
        RowRefusal::Unnamed(column) => return unnamed_column(column, language),
        RowRefusal::Encoding => {
            ("含有无法识别的字符编码", "holds what is no character of the file's encoding")
        }
        RowRefusal::Json => {
            ("不是JSON对象，或字段类型有误", "is no JSON object, or a field of it has the wrong type")
        }
        RowRefusal::Repeated => ("同一字段出现两次", "holds a field twice"),
        RowRefusal::Quote => ("引号没有结束", "begins a quote that does not end"),
        RowRefusal::Sex => {
            ("性别必须为0、1、2或男、女、未知", "`sex` must be 0, 1 or 2, or male, female or unknown")
        }
        RowRefusal::Duplicate => {
            ("号码已存在，已跳过", "its number is there already, or came before in the file; it was left out")
        }
        RowRefusal::Erased => (
            "号码已在导入期间清除，未导入",
            "its number was erased while the file was imported; it was left out",
        ),
    };
    language.choose(chinese, english).to_owned()
}

fn unnamed_column(column: u16, language: Language) -> String {
    match (column, language) {
        (0, Language::Chinese) => "有内容的字段没有名称".to_owned(),
        (0, Language::English) => "holds a field without a name".to_owned(),
        (_, Language::Chinese) => format!("第{column}列有内容，但表头没有该列的列名"),
        (_, Language::English) => {
            format!("has a value in column {column}, for which the header has no name")
        }
    }
}

fn detail_refusal(text: DetailText, language: Language) -> String {
    let (field, most) = (text.field(), text.characters());
    match language {
        Language::Chinese => format!("{field}不能超过{most}个字符，且不能含有控制字符或不可见字符"),
        Language::English => {
            format!("`{field}` must not have more than {most} characters, nor control or invisible ones")
        }
    }
}

/// How a column is named by whoever imports a file.
#[derive(Clone, Copy)]
enum NamingOption {
    Parameter,
    CommandLine,
}

impl NamingOption {
    const fn of_phone(self) -> &'static str {
        match self {
            Self::Parameter => "phone_column=...",
            Self::CommandLine => "--column phone=...",
        }
    }
}

/// Why a file with these columns, for which this was asked, could not be read on.
pub(crate) fn failure_text(
    failure: ImportFailure,
    columns: &[FileColumn],
    asked: &ImportOptions,
    language: Language,
) -> String {
    told(failure, (columns, asked), (NamingOption::Parameter, language))
}

fn told(
    failure: ImportFailure,
    (columns, asked): (&[FileColumn], &ImportOptions),
    (option, language): (NamingOption, Language),
) -> String {
    let quoted = |names: Vec<&str>| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(language.choose("、", ", "))
    };
    let names = || columns.iter().map(|column| column.name.as_str());
    match failure {
        ImportFailure::NoPhoneColumn => no_phone_column(&quoted(names().collect()), option, language),
        ImportFailure::NamedColumn => {
            let asked: Vec<FileColumn> =
                asked.columns.values().map(|name| FileColumn::of(name, None)).collect();
            let missing = asked.iter().map(|column| column.name.as_str());
            let missing = missing.filter(|name| names().all(|other| other != *name)).collect();
            named_column(&quoted(missing), &quoted(names().collect()), language)
        }
        ImportFailure::ColumnTwice => {
            let name = name_of_two(names()).map(|name| format!("`{name}`")).unwrap_or_default();
            match language {
                Language::Chinese => format!("表头中列名{name}重复，列名不能重复"),
                Language::English => {
                    format!("two columns have the name {name}; no two may have one name")
                }
            }
        }
        _ => {
            let (chinese, english) = plain_words(failure);
            language.choose(chinese, english).to_owned()
        }
    }
}

fn named_column(missing: &str, names: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("文件中没有指定的列{missing}，请检查列名；文件的列有：{names}"),
        Language::English => format!(
            "the file has no column {missing}, which was asked for; look for a misspelling: it has {names}"
        ),
    }
}

fn no_phone_column(names: &str, option: NamingOption, language: Language) -> String {
    let (option, usual) = (option.of_phone(), ImportField::Phone.usual_names());
    match language {
        Language::Chinese => format!(
            "找不到号码列，首行（表头）有：{names}；请将号码列命名为{}之一，或用{option}指定表头中的列名",
            usual.join("、")
        ),
        Language::English => format!(
            "no column is known to hold numbers; the first row, which names the columns, has {names}. Name it as one of {}, or say which it is with {option}, as the first row has it",
            usual.join(", ")
        ),
    }
}

/// What is said of a failure whatever the columns are.
const fn plain_words(failure: ImportFailure) -> (&'static str, &'static str) {
    match failure {
        ImportFailure::NoRows => ("文件中没有数据", "the file holds no rows"),
        // What is said of these says more.
        ImportFailure::NoPhoneColumn | ImportFailure::NamedColumn | ImportFailure::ColumnTwice => {
            ("表头有误", "the header is faulty")
        }
        ImportFailure::NoHeader => (
            "文件没有表头：首行是号码而不是列名，请在其上加一行列名，如phone,name",
            "the file has no header: its first row holds a number where the columns' names should be; put a row such as `phone,name` above it",
        ),
        ImportFailure::TooManyColumns => ("列数超过256", "the file has more than 256 columns"),
        ImportFailure::HeaderEnd => (
            "表头没有结束：引号没有成对，或首行超过256 KB",
            "the header does not end: a quote in it is not closed, or the first row is longer than 256 kB",
        ),
        ImportFailure::FileKind => (
            "文件不是CSV、逐行JSON对象或XLSX；JSON数组请改为每行一个对象，网页和图片无法导入",
            "the file is neither CSV, lines of JSON objects nor XLSX; write an array as one object a line; pages and pictures hold no rows",
        ),
        ImportFailure::Encoding => (
            "无法识别文件编码，支持UTF-8、UTF-16（须带BOM）、GB18030、Big5、Shift_JIS和Windows-1252",
            "the file is in none of the encodings that are read: UTF-8, UTF-16 with a byte order mark, GB18030, Big5, Shift_JIS and Windows-1252",
        ),
        ImportFailure::Spreadsheet => (
            "不是通常的XLSX文件，无法读取；请用表格软件另存为XLSX，加密的文件和旧版XLS也是",
            "the file is no usual XLSX and cannot be read; save it anew as XLSX in a spreadsheet program, as also encrypted ones and those of older versions (XLS)",
        ),
        ImportFailure::NoSheet => {
            ("文件中没有可见的工作表", "no sheet was found in the file, or all of its sheets are hidden")
        }
        ImportFailure::EmptySheet => (
            "第一个可见的工作表是空的；请将号码移到第一个工作表",
            "the first sheet that is not hidden is empty; only that one is read, so put the numbers there",
        ),
        ImportFailure::TooLarge => ("文件解压后过大", "the file is too large when it is unpacked"),
        ImportFailure::TaskDeleted => ("任务已删除", "the task was deleted"),
        ImportFailure::FileLost => {
            ("文件已不存在或无法读取", "the file is not there any more, or cannot be read")
        }
    }
}

/// Why a file with these columns, for which this was asked, could not be read on, in English, for the command line.
pub fn import_failure_text(failure: ImportFailure, columns: &[FileColumn], asked: &ImportOptions) -> String {
    told(failure, (columns, asked), (NamingOption::CommandLine, Language::English))
}

/// Refused rows as lines of CSV, in English and with the header, for the command line; and how many were not kept.
pub fn refused_rows_csv(rows: &[RefusedRow], not_kept: i64) -> String {
    let lines = rows.iter().map(|row| refused_row_csv(row, Language::English));
    let rest = Some(not_kept).filter(|count| *count > 0).map(|count| not_kept_csv(count, Language::English));
    std::iter::once(REFUSED_ROWS_HEADER.to_owned()).chain(lines).chain(rest).collect()
}

/// The last line of the refused rows where some were not kept.
pub(crate) fn not_kept_csv(count: i64, language: Language) -> String {
    let message = match language {
        Language::Chinese => format!(
            "另有{count}行未导入，未保留明细：重复号码最多保留{DUPLICATE_ROWS_KEPT}行，合计最多{REFUSED_ROWS_KEPT}行"
        ),
        Language::English => format!(
            "{count} more rows were not taken and are not listed: {DUPLICATE_ROWS_KEPT} duplicates are kept, and {REFUSED_ROWS_KEPT} rows in all"
        ),
    };
    format!(",not_kept,{},\r\n", text_cell(&message))
}

/// A refused row as a line of CSV: the number of its line, why, and the row.
pub(crate) fn refused_row_csv(row: &RefusedRow, language: Language) -> String {
    let (reason, message) = row
        .reason
        .map_or_else(Default::default, |reason| (reason.code(), row_refusal_text(reason, language)));
    format!("{},{reason},{},{}\r\n", row.line, text_cell(&message), text_cell(&row.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_that_are_said_are_those_that_hold() {
        assert_eq!((domain::MOST_COLUMNS, ROW_BYTES), (256, 256 * 1_024));
    }

    #[test]
    fn a_refused_row_is_a_line_of_csv_and_no_formula() {
        let line = |text: &str| {
            let reason = Some(RowRefusal::Columns);
            refused_row_csv(&RefusedRow { line: 7, reason, text: text.to_owned() }, Language::Chinese)
        };
        assert_eq!(line("a,\"b\""), "7,columns,\"列数少于表头\",\"a,\"\"b\"\"\"\r\n");
        assert!(line("=1+1").ends_with(",\"'=1+1\"\r\n") && line("+cmd").ends_with(",\"'+cmd\"\r\n"));
        assert!(line("+8613800138000").ends_with(",\"+8613800138000\"\r\n"));
    }
}
