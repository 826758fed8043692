//! Do not call: numbers that an account must not call, nor its sub-users. How many there are is kept, for counting would grow with them.

mod row;
mod write;

use std::collections::BTreeSet;

use domain::{AccountId, PartnerId, StoredDoNotCall};
use jiff::Timestamp;

use self::row::{DO_NOT_CALL, DoNotCallRow, do_not_call_columns};
pub use self::write::{EntriesAdded, add, delete};
pub(crate) use self::write::{erase, replace};
use crate::{
    Error, Kind, Page, Paged, Result, Session,
    database::{
        convert::{json, micros},
        dialect::Dialect,
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// Which of these numbers (E.164, without the plus) an account may not call at an instant: by entries of its own, and by those of its
/// user, which may be the account itself. It is one statement, which looks each number up; ask for a few hundred at once.
///
/// # Errors
/// When the database does not answer.
pub async fn barred(
    session: &mut dyn Session,
    account: AccountId,
    user: AccountId,
    numbers: &[i64],
    now: Timestamp,
) -> Result<BTreeSet<i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT number FROM do_not_call WHERE account_id IN ($1, $2) AND {} AND (until IS NULL OR until > $4)",
        dialect.among("number", "$3")
    ));
    let found: Vec<i64> = on!(session, c => query_scalar(sql)
        .bind(account.uuid()).bind(user.uuid()).bind(json(&numbers)?).bind(micros(now)).fetch_all(c).await)?;
    Ok(found.into_iter().collect())
}

/// Whether any account of a partner must not call a number at an instant.
///
/// # Errors
/// When the database does not answer.
pub async fn is_barred_for_any(
    session: &mut dyn Session,
    partner: PartnerId,
    number: i64,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT EXISTS (SELECT 1 FROM accounts JOIN do_not_call ON do_not_call.account_id = accounts.id \
             WHERE accounts.partner_id = $1 AND number = $2 AND (until IS NULL OR until > $3))"))
        .bind(partner.uuid()).bind(number).bind(micros(now)).fetch_one(c).await)?)
}

/// An entry of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, number: i64) -> Result<StoredDoNotCall> {
    let row: Option<DoNotCallRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", do_not_call_columns!(), " FROM do_not_call WHERE account_id = $1 AND number = $2")))
        .bind(account.uuid()).bind(number).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::DoNotCall))?.try_into()?)
}

/// What a list of entries is narrowed to; `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct DoNotCallFilter {
    /// The number holds the digits of this, or the reason holds it.
    pub keyword: Option<String>,
    /// It comes from here.
    pub source: Option<String>,
    /// It holds at this instant.
    pub in_force_at: Option<Timestamp>,
}

impl DoNotCallFilter {
    const fn narrows(&self) -> bool {
        self.keyword.is_some() || self.source.is_some() || self.in_force_at.is_some()
    }
}

/// The digits of a text that may be a part of a number; empty when it cannot be one.
fn digits_of(keyword: &str) -> String {
    let text: String =
        keyword.chars().filter(|character| !matches!(character, '+' | ' ' | '-' | '(' | ')')).collect();
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text } else { String::new() }
}

/// The conditions of a [`DoNotCallFilter`]: on the keyword `$2` and its digits `$3`, the source `$4`, and the instant `$5`.
fn condition(dialect: Dialect) -> String {
    format!(
        "account_id = $1 AND ($2 IS NULL OR {reason} OR ($3 <> '' AND {digits})) AND ($4 IS NULL OR source = $4) \
         AND ($5 IS NULL OR until IS NULL OR until > $5)",
        reason = dialect.contains("coalesce(reason, '')", "$2"),
        digits = dialect.contains("CAST(number AS TEXT)", "$3")
    )
}

/// The entries of an account, those that were added or changed last first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    account: AccountId,
    filter: &DoNotCallFilter,
    page: Page,
) -> Result<Paged<StoredDoNotCall>> {
    let digits = filter.keyword.as_deref().map(digits_of).unwrap_or_default();
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(account.uuid())
                .bind(filter.keyword.as_deref())
                .bind(digits.as_str())
                .bind(filter.source.as_deref())
                .bind(filter.in_force_at.map(micros))
        };
    }
    let total = if filter.narrows() {
        let sql =
            sql!(session, |dialect| format!("SELECT count(*) FROM do_not_call WHERE {}", condition(dialect)));
        on!(session, c => filtered!(query_scalar(sql)).fetch_one(c).await)?
    } else {
        count(session, account).await?
    };
    let select = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            do_not_call_columns!(),
            " FROM do_not_call WHERE {} ORDER BY created_at DESC, number DESC LIMIT $6 OFFSET $7"
        ),
        condition(dialect)
    ));
    let items = on!(session, c => filtered!(query(select))
        .bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, DoNotCallRow, _>(DO_NOT_CALL, &rows)))?;
    Ok(Paged { items, total })
}

/// How many entries an account has.
async fn count(session: &mut dyn Session, account: AccountId) -> Result<i64> {
    let entries: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT entries FROM do_not_call_counts WHERE account_id = $1"))
        .bind(account.uuid()).fetch_optional(c).await)?;
    Ok(entries.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_looked_for_however_they_are_written() {
        for (keyword, digits) in [("+86 138-0000", "861380000"), ("(021)", "021"), ("客户", ""), ("1x", "")]
        {
            assert_eq!(digits_of(keyword), digits);
        }
    }
}
