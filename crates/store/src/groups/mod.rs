//! Dial time groups.

use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, EventKind, GroupChange, GroupDraft, HolidayCalendarId,
};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::FromRow as _;
use uuid::Uuid;

use crate::{
    Error, Page, Paged, Result, Session, Tx, accounts,
    audit::{self, Action, Change, Subject},
    database::{
        connection::dialect,
        convert::{damaged, from_json, from_word, json, micros, timestamp, word},
        dialect::RowLock,
        error::on_foreign_key,
        lists,
    },
    holidays,
    partners::stored_name,
    transitions::{self, Held, Told},
};

macro_rules! columns {
    () => {
        "id, account_id, name, content, is_default, skip_holiday, timezone, remark, version, created_at, updated_at, \
         holiday_calendar, makeup_policy, beyond_horizon, exceptions, told_open, told_at, told_revision, \
         next_change_at, (SELECT coalesce(max(revision), 0) FROM holiday_imports) AS holidays_revision"
    };
}

/// Adds a group under the next id that nobody was given and the account never brought. A new default takes the flag off
/// the old one.
///
/// # Errors
/// [`Error::NotFound`] when the account does not exist, [`Error::UnknownCalendar`].
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    accounts::lock(tx, account).await?;
    let id = fresh_id(tx, account).await?;
    make_room(tx, account, id, draft, change).await?;
    insert(tx, account, (id, 1), draft, change).await
}

/// Adds a group under an id that the account brings along from elsewhere. If it had a group of this id before, the
/// versions of that one are counted on: an id and a version never mean two things.
///
/// # Errors
/// [`Error::IdTaken`] when the account has a group of this id, [`Error::NotFound`] when it does not exist itself,
/// [`Error::UnknownCalendar`].
pub async fn bring(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    accounts::lock(tx, account).await?;
    make_room(tx, account, id, draft, change).await?;
    on!(tx, c => sqlx::query(
        "INSERT INTO brought_group_ids (account_id, id) VALUES ($1, $2) ON CONFLICT (account_id, id) DO NOTHING")
        .bind(account.uuid()).bind(id.get()).execute(c).await.map(drop))?;
    let last = audit::last_version(tx, account, Subject::DialTimeGroup, &id.to_string()).await?;
    insert(tx, account, (id, last + 1), draft, change).await
}

/// Makes sure, with the account locked, that it has no group of this id, and takes the flag off its default if the new
/// group is to be that. A delete of a group of this id that has not ended is waited for.
async fn make_room(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<()> {
    holidays::hold(tx, &draft.holiday_calendar).await?;
    let (present, old_default) = if draft.is_default {
        lock_with_default(tx, account, id).await?
    } else {
        (lock_all(tx, account, [id, id], RowLock::Change).await?.pop(), None)
    };
    match present {
        Some(_) => Err(Error::IdTaken),
        None => unset_default(tx, account, old_default, change).await,
    }
}

async fn insert(
    tx: &mut Tx,
    account: AccountId,
    (id, version): (DialTimeGroupId, i64),
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    let texts = Texts::of(draft)?;
    let row: GroupRow = on!(tx, c => sqlx::query_as(concat!(
        "INSERT INTO dial_time_groups (account_id, id, version, name, content, is_default, skip_holiday, timezone, \
                                       holiday_calendar, makeup_policy, beyond_horizon, exceptions, created_at, \
                                       updated_at, told_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13) RETURNING ", columns!()))
        .bind(account.uuid()).bind(id.get()).bind(version).bind(draft.name.as_str()).bind(&texts.content)
        .bind(draft.is_default).bind(draft.skip_holiday).bind(draft.timezone.name())
        .bind(draft.holiday_calendar.as_str()).bind(&texts.makeup_policy).bind(&texts.beyond_horizon)
        .bind(&texts.exceptions).bind(micros(change.at))
        .fetch_one(c).await)
    .map_err(on_foreign_key(Error::NotFound))?;
    record(tx, account, id, Action::Create, None, change).await?;
    edited(tx, row.into(), change).await
}

/// The next id of all accounts that this account, which is locked, did not bring along itself.
async fn fresh_id(tx: &mut Tx, account: AccountId) -> Result<DialTimeGroupId> {
    loop {
        let id: i64 = on!(tx, c => sqlx::query_scalar("INSERT INTO fresh_group_ids DEFAULT VALUES RETURNING id")
            .fetch_one(c).await)?;
        on!(tx, c => sqlx::query("DELETE FROM fresh_group_ids WHERE id = $1").bind(id).execute(c).await.map(drop))?;
        let Some(last) = last_brought_in_row(tx, account, id).await? else {
            return Ok(DialTimeGroupId::new(id));
        };
        number_from(tx, DialTimeGroupId::new(last + 1)).await?;
    }
}

/// The last of the ids in a row, from this one on, that the account brought along; `None` when this one is none of them.
async fn last_brought_in_row(tx: &mut Tx, account: AccountId, id: i64) -> Result<Option<i64>> {
    Ok(on!(tx, c => sqlx::query_scalar(
        "SELECT b.id FROM brought_group_ids b WHERE b.account_id = $1 AND b.id >= $2 \
         AND EXISTS (SELECT 1 FROM brought_group_ids WHERE account_id = $1 AND id = $2) \
         AND NOT EXISTS (SELECT 1 FROM brought_group_ids n WHERE n.account_id = b.account_id AND n.id = b.id + 1) \
         ORDER BY b.id LIMIT 1")
        .bind(account.uuid()).bind(id).fetch_optional(c).await)?)
}

/// Gives the next group this id, if nobody brought it along, and counts on from it. It never counts back over ids that
/// were given.
///
/// # Errors
/// When the database does not answer.
pub async fn number_from(tx: &mut Tx, next: DialTimeGroupId) -> Result<()> {
    for &sql in dialect(tx).number_groups_from() {
        on!(tx, c => sqlx::query(sql).bind(next.get()).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// One group of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    session: &mut impl Session,
    account: AccountId,
    id: DialTimeGroupId,
) -> Result<DialTimeGroup> {
    let row: GroupRow = on!(session, c => sqlx::query_as(concat!(
        "SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.get())
        .fetch_one(c).await)?;
    row.try_into()
}

/// Those of these groups that the account has, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn get_many(
    session: &mut impl Session,
    account: AccountId,
    ids: &[DialTimeGroupId],
) -> Result<Vec<DialTimeGroup>> {
    let among = dialect(session).among("id", "$2");
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        concat!("SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 AND {}"),
        among
    ));
    Ok(on!(session, c => sqlx::query(sql)
        .bind(account.uuid()).bind(json(&ids)?)
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>("dial_time_groups", &rows)))?)
}

/// The groups of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    account: AccountId,
    page: Page,
) -> Result<Paged<DialTimeGroup>> {
    // Not counted here: that would grow with their number.
    let total: Option<i64> = on!(session, c =>
        sqlx::query_scalar("SELECT groups FROM group_counts WHERE account_id = $1")
            .bind(account.uuid()).fetch_optional(c).await)?;
    let items = on!(session, c => sqlx::query(concat!(
        "SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 \
         ORDER BY id DESC LIMIT $2 OFFSET $3"))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>("dial_time_groups", &rows)))?;
    Ok(Paged { items, total: total.unwrap_or(0) })
}

/// The groups of an account whose name contains `name`, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_named(
    session: &mut impl Session,
    account: AccountId,
    name: &str,
    page: Page,
) -> Result<Paged<DialTimeGroup>> {
    let named = dialect(session).contains("name", "$2");
    let condition = format!("FROM dial_time_groups WHERE account_id = $1 AND {named}");
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) {condition}"));
    let total: i64 = on!(session, c =>
        sqlx::query_scalar(count).bind(account.uuid()).bind(name).fetch_one(c).await)?;
    let select = sqlx::AssertSqlSafe(format!(
        concat!("SELECT ", columns!(), " {} ORDER BY id DESC LIMIT $3 OFFSET $4"),
        condition
    ));
    let items = on!(session, c => sqlx::query(select)
        .bind(account.uuid()).bind(name).bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>("dial_time_groups", &rows)))?;
    Ok(Paged { items, total })
}

/// Changes a group, if it still has the `expected` version (any, when `None`). A new default takes the flag off
/// the old one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::VersionMismatch`], [`Error::UnknownCalendar`].
pub async fn update(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    group_change: GroupChange,
    expected: Option<i64>,
    change: &Change,
) -> Result<DialTimeGroup> {
    if let Some(calendar) = &group_change.holiday_calendar {
        holidays::hold(tx, calendar).await?;
    }
    let (before, old_default) = if group_change.is_default == Some(true) {
        let (before, old) = lock_with_default(tx, account, id).await?;
        (before.ok_or(Error::NotFound)?, old)
    } else {
        (lock(tx, account, id, RowLock::Change).await?, None)
    };
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(Error::VersionMismatch);
    }
    unset_default(tx, account, old_default, change).await?;
    let held = transitions::catch_up(tx, before.clone().into(), change.at).await?;
    let draft = held.group()?.draft.clone().with(group_change);
    record(tx, account, id, Action::Update, Some(&before), change).await?;
    let held = write(tx, account, id, &draft, change).await?;
    transitions::tell_group(tx, &held, EventKind::GroupUpdated, change.at)?;
    edited(tx, held, change).await
}

/// The group after its edit, with what the edit changes told.
async fn edited(tx: &mut Tx, held: Held, change: &Change) -> Result<DialTimeGroup> {
    let group = held.group()?.clone();
    transitions::edited(tx, held, change.at).await?;
    Ok(group)
}

async fn write(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<Held> {
    let texts = Texts::of(draft)?;
    let row: GroupRow = on!(tx, c => sqlx::query_as(concat!(
        "UPDATE dial_time_groups SET name = $3, content = $4, is_default = $5, skip_holiday = $6, timezone = $7, \
                                     holiday_calendar = $8, makeup_policy = $9, beyond_horizon = $10, \
                                     exceptions = $11, version = version + 1, updated_at = $12 \
         WHERE account_id = $1 AND id = $2 RETURNING ", columns!()))
        .bind(account.uuid()).bind(id.get()).bind(draft.name.as_str()).bind(&texts.content).bind(draft.is_default)
        .bind(draft.skip_holiday).bind(draft.timezone.name()).bind(draft.holiday_calendar.as_str())
        .bind(&texts.makeup_policy).bind(&texts.beyond_horizon).bind(&texts.exceptions).bind(micros(change.at))
        .fetch_one(c).await)?;
    Ok(row.into())
}

/// Deletes a group, if it still has the `expected` version (any, when `None`). That no task refers to it is the
/// foreign key's to say, in this one statement; a check before it would be a race.
///
/// # Errors
/// [`Error::GroupInUse`], [`Error::NotFound`], [`Error::VersionMismatch`].
pub async fn delete(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    expected: Option<i64>,
    change: &Change,
) -> Result<()> {
    let row: Option<GroupRow> = on!(tx, c => sqlx::query_as(concat!(
        "DELETE FROM dial_time_groups WHERE account_id = $1 AND id = $2 AND ($3 IS NULL OR version = $3) \
         RETURNING ", columns!()))
        .bind(account.uuid()).bind(id.get()).bind(expected)
        .fetch_optional(c).await)
    .map_err(on_foreign_key(Error::GroupInUse))?;
    let Some(before) = row else {
        get(tx, account, id).await?;
        // Without an expected version, one that was brought along only after the delete had looked.
        return Err(if expected.is_some() { Error::VersionMismatch } else { Error::NotFound });
    };
    record(tx, account, id, Action::Delete, Some(&before), change).await?;
    let held = Held::from(before);
    transitions::tell_missed(tx, &held, change.at).await?;
    transitions::tell_group(tx, &held, EventKind::GroupDeleted, change.at)
}

/// Points every task of a group to `with`, another group of the account, and deletes the group. Says how many
/// tasks were moved.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UnknownGroup`] for `with`, [`Error::VersionMismatch`].
pub async fn replace(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    with: DialTimeGroupId,
    expected: Option<i64>,
    change: &Change,
) -> Result<u64> {
    // No task comes or goes meanwhile.
    accounts::lock(tx, account).await?;
    let (from, to) = hold_pair(tx, account, id, with, change.at).await?;
    let moved = crate::tasks::move_to_group(tx, &from, &to, change).await?;
    delete(tx, account, id, expected, change).await?;
    Ok(moved)
}

async fn hold_pair(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    with: DialTimeGroupId,
    now: Timestamp,
) -> Result<(Held, Held)> {
    let rows = lock_all(tx, account, [id, with], RowLock::Delete).await?;
    let find = |id: DialTimeGroupId| rows.iter().find(|row| row.id == id.get()).cloned();
    let from = find(id).ok_or(Error::NotFound)?.into();
    let to = find(with).ok_or(Error::UnknownGroup)?.into();
    let from = transitions::catch_up(tx, from, now).await?;
    let to = transitions::catch_up(tx, to, now).await?;
    Ok((from, to))
}

/// Holds a group, and another one if it is given, for a change of a task that dials in it or is going to; what was due
/// before `now` is told of both. [`Error::UnknownGroup`] is for the caller to say, if it misses one.
pub(crate) async fn hold_for_task(
    tx: &mut Tx,
    account: AccountId,
    ids: [DialTimeGroupId; 2],
    now: Timestamp,
) -> Result<Vec<Held>> {
    let mut held = Vec::with_capacity(2);
    for row in lock_all(tx, account, ids, RowLock::Change).await? {
        held.push(transitions::catch_up(tx, row.into(), now).await?);
    }
    Ok(held)
}

/// Locks two groups of an account, or one, in the order of their ids: two who want the same two must not wait for each
/// other.
async fn lock_all(
    tx: &mut Tx,
    account: AccountId,
    [one, other]: [DialTimeGroupId; 2],
    lock: RowLock,
) -> Result<Vec<GroupRow>> {
    let lock = dialect(tx).lock(lock);
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dial_time_groups WHERE account_id = $1 AND id IN ($2, $3) ORDER BY id{}"
        ),
        lock
    ));
    Ok(on!(tx, c => sqlx::query_as(sql)
        .bind(account.uuid()).bind(one.get()).bind(other.get())
        .fetch_all(c).await)?)
}

/// Locks groups of whichever accounts that meet a condition on `$1` and that nobody else has at the moment.
pub(crate) async fn lock_free(
    tx: &mut Tx,
    condition: &'static str,
    parameter: i64,
    limit: i64,
) -> Result<Vec<Held>> {
    let lock = dialect(tx).lock(RowLock::ChangeIfFree);
    let sql = sqlx::AssertSqlSafe(format!(
        concat!("SELECT ", columns!(), " FROM dial_time_groups WHERE {} ORDER BY id LIMIT $2{}"),
        condition, lock
    ));
    on!(tx, c => {
        let rows = sqlx::query(sql).bind(parameter).bind(limit).fetch_all(c).await?;
        let held = |row| match GroupRow::from_row(row) {
            Ok(group) => Ok(group.into()),
            Err(error) => KeyRow::from_row(row).map(|key| key.held(&error)).map_err(Error::from),
        };
        rows.iter().map(held).collect()
    })
}

/// As much of a group as is needed to leave it alone, when the rest cannot be decoded.
#[derive(sqlx::FromRow)]
struct KeyRow {
    id: i64,
    account_id: Uuid,
    version: i64,
    #[sqlx(flatten)]
    told: Told,
}

impl KeyRow {
    fn held(self, error: &sqlx::Error) -> Held {
        Held {
            account: AccountId::new(self.account_id),
            id: DialTimeGroupId::new(self.id),
            version: self.version,
            told: self.told,
            group: Err(error.to_string()),
        }
    }
}

/// A group that this transaction has locked, as it stands now.
pub(crate) async fn held(tx: &mut Tx, account: AccountId, id: DialTimeGroupId) -> Result<Held> {
    let row: GroupRow = on!(tx, c => sqlx::query_as(concat!(
        "SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.get()).fetch_one(c).await)?;
    Ok(row.into())
}

async fn lock(tx: &mut Tx, account: AccountId, id: DialTimeGroupId, lock: RowLock) -> Result<GroupRow> {
    let lock = dialect(tx).lock(lock);
    let sql = sqlx::AssertSqlSafe(format!(
        concat!("SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 AND id = $2{}"),
        lock
    ));
    Ok(on!(tx, c => sqlx::query_as(sql).bind(account.uuid()).bind(id.get()).fetch_one(c).await)?)
}

/// Locks the account, so that the later of two who choose a default waits and wins, and then both the group that
/// is to become the default and the one that is. Gives both. The two are locked in the order of their ids, like
/// those of a replacement, or the two changes could wait for each other.
async fn lock_with_default(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
) -> Result<(Option<GroupRow>, Option<GroupRow>)> {
    accounts::lock(tx, account).await?;
    let default: Option<i64> = on!(tx, c =>
        sqlx::query_scalar("SELECT id FROM dial_time_groups WHERE account_id = $1 AND is_default")
            .bind(account.uuid()).fetch_optional(c).await)?;
    let default = default.map_or(id, DialTimeGroupId::new);
    let rows = lock_all(tx, account, [id, default], RowLock::Change).await?;
    let (group, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.id == id.get());
    // While we waited for it, it may have stopped being the default.
    let old = others.into_iter().find(|row| row.is_default);
    Ok((group.into_iter().next(), old))
}

/// Takes the default flag off a group that is locked; the unique index would refuse a second default.
async fn unset_default(
    tx: &mut Tx,
    account: AccountId,
    old: Option<GroupRow>,
    change: &Change,
) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    let id = DialTimeGroupId::new(old.id);
    record(tx, account, id, Action::Update, Some(&old), change).await?;
    on!(tx, c => sqlx::query(
        "UPDATE dial_time_groups SET is_default = false, version = version + 1, updated_at = $3 \
         WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.get()).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    let held = Held { version: old.version + 1, ..old.into() };
    transitions::tell_group(tx, &held, EventKind::GroupUpdated, change.at)
}

/// All groups of an account, as they stand in the table.
pub(crate) async fn rows_of(tx: &mut Tx, account: AccountId) -> Result<Vec<(DialTimeGroupId, GroupRow)>> {
    let rows: Vec<GroupRow> = on!(tx, c => sqlx::query_as(concat!(
        "SELECT ", columns!(), " FROM dial_time_groups WHERE account_id = $1 ORDER BY id"))
        .bind(account.uuid()).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (DialTimeGroupId::new(row.id), row)).collect())
}

/// Holds the groups of these accounts that enabled tasks dial in; what was due before `now` is told of each.
pub(crate) async fn hold_of_accounts(
    tx: &mut Tx,
    accounts: &[AccountId],
    now: Timestamp,
) -> Result<Vec<Held>> {
    let (lock, among) = (dialect(tx).lock(RowLock::Change), dialect(tx).among_uuids("account_id", "$1"));
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dial_time_groups WHERE {} AND EXISTS (SELECT 1 FROM tasks t \
             WHERE t.account_id = dial_time_groups.account_id AND t.dial_time_id = dial_time_groups.id AND t.enabled) \
             ORDER BY account_id, id{}"
        ),
        among, lock
    ));
    let accounts: Vec<String> = accounts.iter().map(|id| id.uuid().simple().to_string()).collect();
    let rows: Vec<GroupRow> = on!(tx, c => sqlx::query_as(sql).bind(json(&accounts)?).fetch_all(c).await)?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        held.push(transitions::catch_up(tx, row.into(), now).await?);
    }
    Ok(held)
}

pub(crate) async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    action: Action,
    before: Option<&GroupRow>,
    change: &Change,
) -> Result<()> {
    let entry = audit::Entry {
        account,
        subject: Subject::DialTimeGroup,
        subject_id: &id,
        action,
        version: before.map(|before| before.version),
        before,
    };
    audit::write(tx, change, entry).await
}

/// The parts of a group that are kept as text.
struct Texts {
    content: String,
    makeup_policy: String,
    beyond_horizon: String,
    exceptions: String,
}

impl Texts {
    fn of(draft: &GroupDraft) -> Result<Self> {
        Ok(Self {
            content: json(&draft.content)?,
            makeup_policy: word(draft.makeup_policy)?,
            beyond_horizon: word(draft.beyond_horizon)?,
            exceptions: json(&draft.exceptions)?,
        })
    }
}

#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub(crate) struct GroupRow {
    id: i64,
    account_id: Uuid,
    name: String,
    content: String,
    is_default: bool,
    skip_holiday: bool,
    timezone: String,
    remark: Option<String>,
    version: i64,
    created_at: i64,
    updated_at: i64,
    holiday_calendar: String,
    makeup_policy: String,
    beyond_horizon: String,
    exceptions: String,
    #[serde(skip)]
    holidays_revision: i64,
    #[serde(skip)]
    #[sqlx(flatten)]
    told: Told,
}

impl From<GroupRow> for Held {
    fn from(row: GroupRow) -> Self {
        let (account, id) = (AccountId::new(row.account_id), DialTimeGroupId::new(row.id));
        let (version, told) = (row.version, row.told);
        let group = told.check().and_then(|()| DialTimeGroup::try_from(row));
        Self { account, id, version, told, group: group.map_err(|error| error.to_string()) }
    }
}

impl TryFrom<GroupRow> for DialTimeGroup {
    type Error = Error;

    fn try_from(row: GroupRow) -> Result<Self> {
        Ok(Self {
            id: DialTimeGroupId::new(row.id),
            account_id: AccountId::new(row.account_id),
            draft: GroupDraft {
                name: stored_name(&row.name)?,
                content: from_json(&row.content)?,
                is_default: row.is_default,
                skip_holiday: row.skip_holiday,
                timezone: calendar::Zone::parse(&row.timezone).map_err(damaged)?,
                holiday_calendar: HolidayCalendarId::new(row.holiday_calendar),
                makeup_policy: from_word(&row.makeup_policy)?,
                beyond_horizon: from_word(&row.beyond_horizon)?,
                exceptions: from_json(&row.exceptions)?,
            },
            remark: row.remark,
            version: row.version,
            holidays_revision: row.holidays_revision,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}
