//! What is said of a file of numbers beside it.

use std::collections::BTreeMap;

use domain::{FaultRule, Faults, ImportDuplicates, ImportOptions, TextEncoding};
use utoipa::openapi::{RefOr, Schema};

use crate::{
    Api,
    http::{
        query::{CountryCode, Flag, NotEmpty, Query, QueryKind, Search, query_parameters},
        values,
    },
};

/// What becomes of numbers that the task has already: a word for each.
const DUPLICATES: &[&str] = &["skip", "replace"];

/// What becomes of numbers that the task has already.
pub(crate) enum DuplicatesKind {}

impl QueryKind for DuplicatesKind {
    type Value = ImportDuplicates;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> ImportDuplicates {
        match query.one_of(name, DUPLICATES, faults) {
            Some("replace") => ImportDuplicates::Replace,
            _ => ImportDuplicates::Skip,
        }
    }

    fn schema() -> RefOr<Schema> {
        values::words("What becomes of numbers that the task has already.", DUPLICATES)
    }
}

/// The encoding of a file; `None`: it is seen from the file.
pub(crate) enum EncodingKind {}

impl QueryKind for EncodingKind {
    type Value = Option<TextEncoding>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<TextEncoding> {
        query.one_of(name, TextEncoding::ASKED, faults).and_then(TextEncoding::asked)
    }

    fn schema() -> RefOr<Schema> {
        values::words("An encoding of text.", TextEncoding::ASKED)
    }
}

query_parameters! {
    /// How a file of numbers is to be read.
    pub(crate) struct ImportQuery {
        /// The column that holds the numbers; left out, the first that is called `phone`, `mobile`, 手机号, 电话 or the like.
        phone_column: NotEmpty<Search>,
        /// The column that holds the names; left out, `name` or 姓名. The same for those that follow.
        name_column: NotEmpty<Search>,
        /// The column of e-mail addresses.
        email_column: NotEmpty<Search>,
        /// The column of companies.
        company_column: NotEmpty<Search>,
        /// The column of sexes: 0, 1 or 2, or a word.
        sex_column: NotEmpty<Search>,
        /// The column of places in the order of dialing.
        sort_column: NotEmpty<Search>,
        /// The column of `extra`.
        extra_column: NotEmpty<Search>,
        /// The column of `control_select_robot`.
        control_select_robot_column: NotEmpty<Search>,
        /// The country of numbers that name none: two letters. Left out, the server's. A number whose text would be another one under the
        /// server's is stored and answered in the international form (`+12125550123`); others stay as they are written.
        default_country: CountryCode,
        /// The encoding of the file's text. Left out, it is seen from the file, and the import's `encoding` says which it was taken for: in doubt
        /// between `gb18030` and another, `gb18030`. A byte order mark says more than this.
        encoding: NotEmpty<EncodingKind>,
        /// What becomes of numbers that the task has already: they stay as they are (`skip`, the default), or take what the file
        /// tells of them (`replace`). Of a replaced number a column that is empty, or a member of JSON that is `null` or an empty text, empties its field or
        /// variable; fields and variables that the file does not have stay. What became of it stays in either case. A row whose variables would
        /// be more than 8 kB with those that stay is refused.
        duplicates: NotEmpty<DuplicatesKind>,
        /// Only checks the file: nothing is added. Of numbers that come twice in it those among the first five million are noticed.
        dry_run: NotEmpty<Flag>,
        /// What the file is called, to be shown with the import.
        file_name: NotEmpty<Search>,
    }
}

impl ImportQuery {
    pub(super) fn options(self, api: &Api, faults: &mut Faults) -> ImportOptions {
        let columns = [
            ("phone", self.phone_column),
            ("name", self.name_column),
            ("email", self.email_column),
            ("company", self.company_column),
            ("sex", self.sex_column),
            ("sort", self.sort_column),
            ("extra", self.extra_column),
            ("control_select_robot", self.control_select_robot_column),
        ];
        let mut named = BTreeMap::new();
        for (field, column) in columns {
            let Some(column) = column else { continue };
            // A column holds one thing.
            if named.values().any(|other| *other == column) {
                faults.add(format!("{field}_column"), FaultRule::Repeated);
            }
            named.insert(field.to_owned(), column);
        }
        let server_country = api.settings.default_country;
        ImportOptions {
            columns: named,
            default_country: self.default_country.unwrap_or(server_country).as_str().to_owned(),
            server_country: Some(server_country.as_str().to_owned()),
            duplicates: self.duplicates,
            dry_run: self.dry_run,
            encoding: self.encoding,
            file_name: self.file_name,
        }
    }
}
