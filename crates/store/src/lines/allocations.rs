//! The users' shares of lines.

use domain::{AccountId, AllocationDraft, Line, LineAllocation, LineAllocationId, LineId, PartnerId};

use super::{
    LockedLine,
    row::{ALLOCATIONS, AllocationRow, LINES, LineRow, allocation_columns, line_columns},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        DatabaseError,
        convert::{json, micros, uuids},
        dialect::RowLock,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
};

/// The most allocations that are read at once.
const READ_AT_ONCE: i64 = 10_000;

/// A share that a user was given.
#[derive(Clone, Debug)]
pub struct Allocated {
    /// The share.
    pub allocation: LineAllocation,
    /// How many calls at once all shares of the line have together.
    pub sum: i64,
}

/// Gives a user a share of a line. Of a line that the user has, the share, the deadline and the price are replaced; its id stays.
///
/// # Errors
/// [`Error::NotFound`] of the line or the user.
pub async fn allocate(
    tx: &mut Tx,
    line: &LockedLine,
    user: AccountId,
    draft: &AllocationDraft,
    change: &Change,
) -> Result<Allocated> {
    let (partner, id) = (line.partner(), line.id());
    let before = share_of(tx, line, user).await?;
    let sql = sql!(concat!(
        "INSERT INTO line_allocations (partner_id, line_id, user_id, line_concurrency, deadline_at, price, begin_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
         ON CONFLICT (partner_id, line_id, user_id) DO UPDATE SET line_concurrency = excluded.line_concurrency, \
             deadline_at = excluded.deadline_at, price = excluded.price, updated_at = excluded.updated_at \
         RETURNING ",
        allocation_columns!()
    ));
    let row: AllocationRow = on!(tx, c => query_as(sql)
        .bind(partner.uuid()).bind(id.uuid()).bind(user.uuid()).bind(draft.line_concurrency)
        .bind(draft.deadline_at.map(micros)).bind(draft.price.millionths()).bind(micros(change.at))
        .fetch_one(c).await)
    .map_err(on_foreign_key(Error::NotFound(Kind::Account)))?;
    let action = if before.is_some() { Action::Update } else { Action::Create };
    record(tx, user, row.allocation_id, action, before.as_ref(), change).await?;
    let sum: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT CAST(sum(line_concurrency) AS BIGINT) FROM line_allocations WHERE partner_id = $1 AND line_id = $2"))
        .bind(partner.uuid()).bind(id.uuid()).fetch_one(c).await)?;
    Ok(Allocated { allocation: row.try_into()?, sum })
}

/// The share that a user has of a locked line: nobody else gives it one meanwhile.
async fn share_of(tx: &mut Tx, line: &LockedLine, user: AccountId) -> Result<Option<AllocationRow>> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            allocation_columns!(),
            " FROM line_allocations WHERE partner_id = $1 AND line_id = $2 AND user_id = $3{}"
        ),
        dialect.lock(RowLock::Change)
    ));
    Ok(on!(tx, c => query_as(sql)
        .bind(line.partner().uuid()).bind(line.id().uuid()).bind(user.uuid()).fetch_optional(c).await)?)
}

/// A user's share whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedAllocation {
    partner: PartnerId,
    user: AccountId,
    row: AllocationRow,
}

/// Locks a share of a user.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_allocation(
    tx: &mut Tx,
    partner: PartnerId,
    user: AccountId,
    id: LineAllocationId,
) -> Result<LockedAllocation> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            allocation_columns!(),
            " FROM line_allocations WHERE partner_id = $1 AND user_id = $2 AND id = $3{}"
        ),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<AllocationRow> = on!(tx, c => query_as(sql)
        .bind(partner.uuid()).bind(user.uuid()).bind(id.get()).fetch_optional(c).await)?;
    row.map(|row| LockedAllocation { partner, user, row }).ok_or(Error::NotFound(Kind::LineAllocation))
}

/// Takes a share away. That is never refused.
///
/// # Errors
/// When the database does not answer.
pub async fn deallocate(tx: &mut Tx, allocation: &LockedAllocation, change: &Change) -> Result<()> {
    let LockedAllocation { partner, user, row } = allocation;
    on!(tx, c => query(sql!("DELETE FROM line_allocations WHERE partner_id = $1 AND user_id = $2 AND id = $3"))
        .bind(partner.uuid()).bind(user.uuid()).bind(row.allocation_id).execute(c).await.map(drop))?;
    record(tx, *user, row.allocation_id, Action::Delete, Some(row), change).await
}

/// Binds scripts to a share, in place of those that were.
///
/// # Errors
/// When the database does not answer.
pub async fn bind_scripts(
    tx: &mut Tx,
    allocation: &LockedAllocation,
    scripts: &[i64],
    change: &Change,
) -> Result<LineAllocation> {
    let LockedAllocation { partner, user, row } = allocation;
    record(tx, *user, row.allocation_id, Action::Update, Some(row), change).await?;
    let sql = sql!(concat!(
        "UPDATE line_allocations SET scripts = $4, updated_at = $5 WHERE partner_id = $1 AND user_id = $2 AND id = $3 \
         RETURNING ",
        allocation_columns!()
    ));
    let row: AllocationRow = on!(tx, c => query_as(sql)
        .bind(partner.uuid()).bind(user.uuid()).bind(row.allocation_id).bind(json(&scripts)?)
        .bind(micros(change.at)).fetch_one(c).await)?;
    Ok(row.try_into()?)
}

/// A share, and the user who has it.
#[derive(Clone, Debug)]
pub struct UserShare {
    /// The share.
    pub allocation: LineAllocation,
    /// The user's name.
    pub user_name: String,
    /// The user's e-mail address.
    pub user_email: String,
    /// The user's telephone number.
    pub user_phone: String,
}

#[derive(sqlx_macros::FromRow)]
struct UserShareRow {
    #[sqlx(flatten)]
    allocation: AllocationRow,
    user_name: String,
    user_email: String,
    user_phone: String,
}

impl TryFrom<UserShareRow> for UserShare {
    type Error = DatabaseError;

    fn try_from(row: UserShareRow) -> std::result::Result<Self, DatabaseError> {
        let UserShareRow { allocation, user_name, user_email, user_phone } = row;
        Ok(Self { allocation: allocation.try_into()?, user_name, user_email, user_phone })
    }
}

/// The columns of [`UserShareRow`].
macro_rules! share_columns {
    () => {
        concat!(allocation_columns!(), ", a.name AS user_name, a.email AS user_email, a.phone AS user_phone")
    };
}

/// The shares of a line, oldest first.
///
/// # Errors
/// [`Error::NotFound`] of the line.
pub async fn list_allocations(
    session: &mut dyn Session,
    partner: PartnerId,
    line: LineId,
    page: Page,
) -> Result<Paged<UserShare>> {
    super::get(session, partner, line).await?;
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM line_allocations WHERE partner_id = $1 AND line_id = $2"))
        .bind(partner.uuid()).bind(line.uuid()).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", share_columns!(), " FROM line_allocations JOIN accounts a ON a.id = line_allocations.user_id \
         WHERE line_allocations.partner_id = $1 AND line_allocations.line_id = $2 \
         ORDER BY line_allocations.id LIMIT $3 OFFSET $4")))
        .bind(partner.uuid()).bind(line.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, UserShareRow, _>(ALLOCATIONS, &rows)))?;
    Ok(Paged { items, total })
}

/// The shares of these lines, of one user or of all, oldest first; at most 10,000.
///
/// # Errors
/// When the database does not answer.
pub async fn allocations_of_lines(
    session: &mut dyn Session,
    partner: PartnerId,
    lines: &[LineId],
    user: Option<AccountId>,
) -> Result<Vec<UserShare>> {
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            share_columns!(),
            " FROM line_allocations JOIN accounts a ON a.id = line_allocations.user_id \
             WHERE line_allocations.partner_id = $1 AND {} AND ($3 IS NULL OR line_allocations.user_id = $3) \
             ORDER BY line_allocations.id LIMIT $4"
        ),
        dialect.among_uuids("line_allocations.line_id", "$2")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    Ok(on!(session, c => query(sql)
        .bind(partner.uuid()).bind(lines).bind(user.map(AccountId::uuid)).bind(READ_AT_ONCE).fetch_all(c).await
        .map(|rows| lists::readable::<_, UserShareRow, _>(ALLOCATIONS, &rows)))?)
}

/// What a list of shares is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllocationFilter {
    /// Of this user.
    pub user: Option<AccountId>,
    /// Only lines that nobody has a share of.
    pub unused: bool,
}

#[derive(sqlx_macros::FromRow)]
struct LineWithShareRow {
    #[sqlx(flatten)]
    line: LineRow,
    share: Option<i64>,
}

/// The conditions of [`AllocationFilter`]; `$2` is the user.
const FILTERS: [&str; 3] =
    ["$2 IS NULL", "line_allocations.user_id = $2", "$2 IS NULL AND line_allocations.id IS NULL"];

impl AllocationFilter {
    const fn condition(self) -> &'static str {
        match (self.unused, self.user) {
            (true, _) => FILTERS[2],
            (false, Some(_)) => FILTERS[1],
            (false, None) => FILTERS[0],
        }
    }
}

/// A partner's lines, newest first, each as often as there are shares of it, and once where there are none.
///
/// # Errors
/// When the database does not answer.
pub async fn list_shares(
    session: &mut dyn Session,
    partner: PartnerId,
    filter: AllocationFilter,
    page: Page,
) -> Result<Paged<(Line, Option<UserShare>)>> {
    let user = filter.user.filter(|_| !filter.unused).map(AccountId::uuid);
    let condition = filter.condition();
    let count = sql!(session, condition: &'static str = FILTERS, |_dialect| format!(
        "SELECT count(*) FROM lines LEFT JOIN line_allocations ON line_allocations.partner_id = lines.partner_id \
             AND line_allocations.line_id = lines.id WHERE lines.partner_id = $1 AND {condition}"
    ));
    let total: i64 =
        on!(session, c => query_scalar(count).bind(partner.uuid()).bind(user).fetch_one(c).await)?;
    let select = sql!(session, condition: &'static str = FILTERS, |_dialect| format!(
        concat!(
            "SELECT ",
            line_columns!(),
            ", line_allocations.id AS share FROM lines \
             LEFT JOIN line_allocations ON line_allocations.partner_id = lines.partner_id \
             AND line_allocations.line_id = lines.id WHERE lines.partner_id = $1 AND {condition} \
             ORDER BY lines.created_at DESC, lines.id DESC, line_allocations.id LIMIT $3 OFFSET $4"
        ),
        condition = condition
    ));
    let rows: Vec<(Line, Option<i64>)> = on!(session, c => query(select)
        .bind(partner.uuid()).bind(user).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, LineWithShareRow, _>(LINES, &rows)))?;
    let lines: Vec<LineId> = rows.iter().map(|(line, _)| line.id).collect();
    let shares = allocations_of_lines(session, partner, &lines, filter.user).await?;
    let share = |id: Option<i64>| shares.iter().find(|share| Some(share.allocation.id.get()) == id).cloned();
    Ok(Paged { items: rows.into_iter().map(|(line, id)| (line, share(id))).collect(), total })
}

impl TryFrom<LineWithShareRow> for (Line, Option<i64>) {
    type Error = DatabaseError;

    fn try_from(row: LineWithShareRow) -> std::result::Result<Self, DatabaseError> {
        Ok((row.line.try_into()?, row.share))
    }
}

#[derive(sqlx_macros::FromRow)]
struct LineOfUserRow {
    #[sqlx(flatten)]
    line: LineRow,
    #[sqlx(flatten)]
    allocation: AllocationRow,
}

impl TryFrom<LineOfUserRow> for (Line, LineAllocation) {
    type Error = DatabaseError;

    fn try_from(row: LineOfUserRow) -> std::result::Result<Self, DatabaseError> {
        Ok((row.line.try_into()?, row.allocation.try_into()?))
    }
}

/// The lines that an account has a share of, itself or as a sub-user of the user that has it; oldest share first, at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub async fn allocations_of_user(
    session: &mut dyn Session,
    account: AccountId,
) -> Result<Vec<(Line, LineAllocation)>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", line_columns!(), ", ", allocation_columns!(), " FROM accounts a \
         JOIN line_allocations ON line_allocations.partner_id = a.partner_id \
             AND line_allocations.user_id = coalesce(a.parent_id, a.id) \
         JOIN lines ON lines.partner_id = line_allocations.partner_id AND lines.id = line_allocations.line_id \
         WHERE a.id = $1 ORDER BY line_allocations.id LIMIT 1000")))
        .bind(account.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, LineOfUserRow, _>(LINES, &rows)))?)
}

async fn record(
    tx: &mut Tx,
    user: AccountId,
    id: i64,
    action: Action,
    before: Option<&AllocationRow>,
    change: &Change,
) -> Result<()> {
    let subject = Subject::LineAllocation;
    let entry = AuditEntry { account: user, subject, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}
