//! Numbers of tasks.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::TextEncoding;
use phone::{Country, ListCountries};
use uuid::Uuid;

use super::service::country;

#[derive(Debug, Subcommand)]
pub(crate) enum NumbersCommand {
    /// Import the numbers of a file into a task: CSV, lines of JSON, or XLSX. May be done while servers work on the database.
    ///
    /// Rows that cannot be taken are left out and counted. Stopped or killed, it has added what it had read; run again, it leaves out what
    /// the task has already. Exits with 0 when all of the file was read.
    Import(ImportNumbers),
    /// Erase a number from all that is stored of a user with its sub-users, of a sub-user, or of all accounts of a partner: lists, records with
    /// their evidence, callbacks, refused rows of imports, do-not-call and what the audit says of it. May be done while servers work on the
    /// database, and again: numbers that are being called are left out. Says how much it was; the audit does, too, and not which number.
    Erase(NumberToBeErased),
}

/// Whose numbers are that name no country.
#[derive(Debug, Args)]
pub(crate) struct Countries {
    /// The country of numbers that do not name theirs: two letters. Left out, the servers'.
    #[arg(long, value_parser = country)]
    default_country: Option<Country>,
    /// The default country of the servers that work on the database: what is stored of a number is read with it.
    #[arg(long, env = "DIALTIME_DEFAULT_COUNTRY", default_value = "CN", value_parser = country)]
    server_country: Country,
}

impl Countries {
    /// Of what is given here, and of what is stored.
    pub(crate) fn of_list(&self) -> ListCountries {
        let written_in = self.default_country.unwrap_or(self.server_country);
        ListCountries { written_in, shown_in: self.server_country }
    }
}

/// What is to be erased.
#[derive(Debug, Args)]
pub(crate) struct NumberToBeErased {
    /// The number, in any form in which it can be added.
    pub(crate) phone: String,
    /// The user, with its sub-users, or the sub-user.
    #[arg(long, value_name = "ID", required_unless_present = "partner")]
    pub(crate) user: Option<Uuid>,
    /// The partner, with all its users and sub-users.
    #[arg(long, value_name = "ID", conflicts_with = "user")]
    pub(crate) partner: Option<Uuid>,
    /// Erase it from do-not-call, too: whoever adds it again can have it called. Else an entry stays that says nothing but the number.
    #[arg(long)]
    pub(crate) may_be_called_again: bool,
    #[command(flatten)]
    pub(crate) countries: Countries,
}

/// What is to be imported.
#[derive(Debug, Args)]
pub(crate) struct ImportNumbers {
    /// The file. Its first row, or the names of its members, say what is in it.
    pub(crate) file: PathBuf,
    /// The task.
    #[arg(long, value_name = "ID", value_parser = task_id)]
    pub(crate) task: Uuid,
    /// The column that holds a field, such as `phone=号码`; may be repeated. Fields: phone, name, email, company, sex, sort, extra,
    /// `control_select_robot`. Others are found by their usual names.
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = column)]
    pub(crate) column: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) countries: Countries,
    /// The encoding of its text: utf-8, gb18030, big5, `shift_jis` or windows-1252. Left out, it is seen from the file; in doubt it is gb18030.
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub(crate) encoding: Option<TextEncoding>,
    /// Give numbers that the task has already what the file tells of them.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Only check the file.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the rows that were not taken to this file, as CSV, with their lines and why.
    #[arg(long, value_name = "FILE")]
    pub(crate) refused: Option<PathBuf>,
}

fn task_id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| {
        "not an id, such as f232d184-dd54-42a0-8ace-0bf8d660f4cc: the `uuid` of a task".to_owned()
    })
}

fn encoding(text: &str) -> Result<TextEncoding, String> {
    let unknown = || format!("{text:?} is none of {}", TextEncoding::ASKED.join(", "));
    TextEncoding::asked(&text.to_ascii_lowercase()).ok_or_else(unknown)
}

fn column(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("not written as FIELD=COLUMN")?;
    if !domain::ImportField::NAMES.contains(&field) {
        return Err(format!("{field:?} is none of {}", domain::ImportField::NAMES.join(", ")));
    }
    Ok((field.to_owned(), column.to_owned()))
}
