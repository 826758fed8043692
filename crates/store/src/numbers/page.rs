//! Pages of a task's numbers, newest first, and one number. The total comes from the counts, and each page from an index, so that neither
//! grows with the list.

use domain::{AccountId, NumberKey, NumberStatus, TaskId, TaskNumber};
use jiff::Timestamp;

use super::{
    counts, list,
    row::{NUMBERS, NumberRow, numbers_with_details},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session,
    database::{
        convert::micros,
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// What a list of numbers is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct NumberListFilter {
    /// The status is one of these; empty: any.
    pub statuses: Vec<NumberStatus>,
    /// Added at this instant or later.
    pub from: Option<Timestamp>,
    /// Added before this instant.
    pub until: Option<Timestamp>,
}

/// A number of a task.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    key: &NumberKey,
) -> Result<TaskNumber> {
    let list = list::id_of(session, account, task).await?.ok_or(Error::NotFound(Kind::Number))?;
    let row: Option<NumberRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", numbers_with_details!(),
        "WHERE numbers.list_id = $1 AND numbers.e164 = $2 AND numbers.extension = $3 AND numbers.suffix = $4")))
        .bind(list).bind(key.e164).bind(key.extension.as_str()).bind(key.suffix.as_str())
        .fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Number))?.try_into()?)
}

/// A page of a task's numbers, those that were added last first.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    filter: &NumberListFilter,
    page: Page,
) -> Result<Paged<TaskNumber>> {
    let Some(list) = list::id_of(session, account, task).await? else {
        return Ok(Paged { items: Vec::new(), total: 0 });
    };
    if filter.from.is_some() || filter.until.is_some() {
        return by_time(session, list, filter, page).await;
    }
    let counts = counts::of_list(session, list).await?;
    if filter.statuses.is_empty() {
        let items = all(session, list, page).await?;
        return Ok(Paged { items, total: counts.total() });
    }
    let wanted = NumberStatus::ALL.into_iter().filter(|status| filter.statuses.contains(status));
    let total = wanted.map(|status| counts.of_status(status)).sum();
    let items = by_status(session, list, mask(&filter.statuses), page).await?;
    Ok(Paged { items, total })
}

/// A set of statuses as a number with a bit for each; all of them where none is named.
fn mask(statuses: &[NumberStatus]) -> i64 {
    let statuses = if statuses.is_empty() { &NumberStatus::ALL[..] } else { statuses };
    statuses.iter().fold(0, |mask, status| mask | 1 << status.number())
}

async fn all(session: &mut dyn Session, list: i64, page: Page) -> Result<Vec<TaskNumber>> {
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            numbers_with_details!(),
            "WHERE numbers.list_id = $1 AND {} ORDER BY numbers.id DESC"
        ),
        dialect.chosen(
            "numbers.id",
            "SELECT id FROM numbers WHERE list_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3"
        )
    ));
    Ok(on!(session, c => query(sql)
        .bind(list).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, NumberRow, _>(NUMBERS, &rows)))?)
}

/// Of each status that is asked for the first numbers, up to the end of the page, are taken from the index; the page is what remains of these.
/// One question for all statuses would read and sort all of their numbers.
async fn by_status(session: &mut dyn Session, list: i64, mask: i64, page: Page) -> Result<Vec<TaskNumber>> {
    let sql = sql!(session, |dialect| {
        let first = |status: NumberStatus| {
            let number = status.number();
            format!(
                "SELECT id FROM (SELECT id FROM numbers WHERE list_id = $1 AND status = {number} AND ($2 & {bit}) <> 0 \
                 ORDER BY id DESC LIMIT $3) AS of_{number}",
                bit = 1 << number
            )
        };
        let firsts = NumberStatus::ALL.map(first).join(" UNION ALL ");
        let page = format!("SELECT id FROM ({firsts}) AS firsts ORDER BY id DESC LIMIT $4 OFFSET $5");
        format!(
            concat!(
                "SELECT ",
                numbers_with_details!(),
                "WHERE numbers.list_id = $1 AND {} ORDER BY numbers.id DESC"
            ),
            dialect.chosen("numbers.id", &page)
        )
    });
    let end = page.offset().saturating_add(page.limit());
    Ok(on!(session, c => query(sql)
        .bind(list).bind(mask).bind(end).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, NumberRow, _>(NUMBERS, &rows)))?)
}

/// Which numbers were added between two instants, `$2` and `$3`, and have one of the statuses `$4`. Where any status will do, the index by
/// time alone answers, without a look at the numbers.
fn added_between(by_status: bool) -> String {
    let status = if by_status { "((1 << CAST(status AS INTEGER)) & $4) <> 0" } else { "$4 IS NOT NULL" };
    format!("list_id = $1 AND created_at >= $2 AND created_at < $3 AND {status}")
}

/// Here the total is counted: it grows with the numbers that were added between the instants.
async fn by_time(
    session: &mut dyn Session,
    list: i64,
    filter: &NumberListFilter,
    page: Page,
) -> Result<Paged<TaskNumber>> {
    let (from, until) = (filter.from.map_or(0, micros), filter.until.map_or(i64::MAX, micros));
    let (by_status, mask) = (!filter.statuses.is_empty(), mask(&filter.statuses));
    let count = sql!(session, by_status: bool = [false, true], |_dialect| format!(
        "SELECT count(*) FROM numbers WHERE {}",
        added_between(by_status)
    ));
    let total: i64 = on!(session, c => query_scalar(count)
        .bind(list).bind(from).bind(until).bind(mask).fetch_one(c).await)?;
    let select = sql!(session, by_status: bool = [false, true], |dialect| {
        let page = format!(
            "SELECT id FROM numbers WHERE {} ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6",
            added_between(by_status)
        );
        format!(
            concat!(
                "SELECT ",
                numbers_with_details!(),
                "WHERE numbers.list_id = $1 AND {} ORDER BY numbers.created_at DESC, numbers.id DESC"
            ),
            dialect.chosen("numbers.id", &page)
        )
    });
    let items = on!(session, c => query(select)
        .bind(list).bind(from).bind(until).bind(mask).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, NumberRow, _>(NUMBERS, &rows)))?;
    Ok(Paged { items, total })
}
