//! Ceilings of partners and of accounts: each is a group that every task below must also be inside of. What of them holds for a group is asked where its
//! schedule is compiled ([`schedules`](crate::schedules)); a revision, which an edit of such a group counts up as well, says when that is to be done again.

mod row;

use domain::{
    AccountId, CeilingTarget, DialTimeGroup, DialTimeGroupId, GroupCeiling, PartnerId, SetBy, StopTarget,
};
use jiff::Timestamp;
use uuid::Uuid;

use self::row::CeilingRow;
use crate::{
    Error, Kind, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, HistoryRow, NO_ACCOUNT, Subject},
    database::{
        convert::{from_json, json, micros, uuids},
        lists,
        statement::{query, query_as, query_scalar},
    },
    groups::{self, GROUPS, GroupRow, LockedGroup, group_columns},
};

/// The columns of [`CeilingRow`], of `ceilings` joined with its group.
macro_rules! ceiling_columns {
    () => {
        "ceilings.level, ceilings.subject, ceilings.partner_id, ceilings.group_account_id, ceilings.group_id, ceilings.token_id, \
         ceilings.token_name, ceilings.set_at, dial_time_groups.name FROM ceilings JOIN dial_time_groups \
         ON dial_time_groups.account_id = ceilings.group_account_id AND dial_time_groups.id = ceilings.group_id"
    };
}

/// Those below which the account `$1` lies, in SQL.
macro_rules! above_account {
    () => {
        "(ceilings.level = 'partner' AND ceilings.subject = (SELECT partner_id FROM accounts WHERE id = $1)) \
         OR (ceilings.level = 'account' AND (ceilings.subject = $1 OR ceilings.subject = (SELECT parent_id FROM accounts WHERE id = $1)))"
    };
}

/// The ceilings below which an account lies: the partner's, its user's, its own.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(session: &mut dyn Session, account: AccountId) -> Result<Vec<GroupCeiling>> {
    let rows: Vec<CeilingRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", ceiling_columns!(), " WHERE ", above_account!())))
        .bind(account.uuid()).fetch_all(c).await)?;
    let mut ceilings: Vec<GroupCeiling> =
        rows.into_iter().map(GroupCeiling::try_from).collect::<std::result::Result<_, _>>()?;
    ceilings.sort_by_key(|ceiling| {
        (ceiling.target.account().is_some(), ceiling.target.account() == Some(account))
    });
    Ok(ceilings)
}

/// The ceiling of exactly this target, if it has one.
///
/// # Errors
/// When the database does not answer.
pub async fn get(session: &mut dyn Session, target: CeilingTarget) -> Result<Option<GroupCeiling>> {
    Ok(row(session, target).await?.map(GroupCeiling::try_from).transpose()?)
}

async fn row(session: &mut dyn Session, target: CeilingTarget) -> Result<Option<CeilingRow>> {
    let target = StopTarget::from(target);
    Ok(on!(session, c => query_as(sql!(concat!(
        "SELECT ", ceiling_columns!(), " WHERE ceilings.level = $1 AND ceilings.subject = $2")))
        .bind(target.level().code()).bind(target.id().unwrap_or_default()).fetch_optional(c).await)?)
}

/// The groups of the ceilings below which an account lies. `None`: one of them cannot be read.
pub(crate) async fn groups_above(
    session: &mut dyn Session,
    account: AccountId,
) -> Result<Vec<Option<DialTimeGroup>>> {
    let (count, readable) = on!(session, c => query(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE (account_id, id) IN \
         (SELECT ceilings.group_account_id, ceilings.group_id FROM ceilings WHERE ", above_account!(), ") ORDER BY account_id, id")))
        .bind(account.uuid()).fetch_all(c).await
        .map(|rows| (rows.len(), lists::readable::<_, GroupRow, DialTimeGroup>(GROUPS, &rows))))?;
    let damaged = count - readable.len();
    Ok(readable.into_iter().map(Some).chain(std::iter::repeat_n(None, damaged)).collect())
}

/// The same as they were known at an instant, as the audit has it; `None`: nothing says any more how one was.
pub(crate) async fn groups_above_at(
    session: &mut dyn Session,
    account: AccountId,
    at: Timestamp,
) -> Result<Option<Vec<DialTimeGroup>>> {
    let mut groups = Vec::new();
    for target in targets_above(session, account).await? {
        let Some((owner, id)) = known_at(session, target, at).await? else { continue };
        match groups::as_of(session, owner, id, at).await? {
            Some(group) => groups.push(group),
            None => return Ok(None),
        }
    }
    Ok(Some(groups))
}

/// The partner, the user and the account itself.
async fn targets_above(session: &mut dyn Session, account: AccountId) -> Result<Vec<CeilingTarget>> {
    let found: Option<(Uuid, Option<Uuid>)> = on!(session, c => query_as(sql!(
        "SELECT partner_id, parent_id FROM accounts WHERE id = $1"))
        .bind(account.uuid()).fetch_optional(c).await)?;
    let Some((partner, parent)) = found else { return Ok(Vec::new()) };
    let partner = PartnerId::new(partner);
    let accounts = parent.map(AccountId::new).into_iter().chain([account]);
    let of_accounts = accounts.map(|account| CeilingTarget::Account(partner, account));
    Ok([CeilingTarget::Partner(partner)].into_iter().chain(of_accounts).collect())
}

/// Which group was the ceiling of a target at an instant.
async fn known_at(
    session: &mut dyn Session,
    target: CeilingTarget,
    at: Timestamp,
) -> Result<Option<(AccountId, DialTimeGroupId)>> {
    let (account, id) = (target.account().unwrap_or(NO_ACCOUNT), subject_id(target));
    let history = audit::history(session, account, Subject::Ceiling, &id).await?;
    let row = match history.into_iter().find(|change| micros(at) < change.at) {
        Some(HistoryRow { before, .. }) => before.as_deref().map(from_json).transpose()?,
        None => row(session, target).await?,
    };
    Ok(row.map(|row: CeilingRow| (AccountId::new(row.group_account_id), DialTimeGroupId::new(row.group_id))))
}

/// One more with each change of ceilings and of their groups; 0: there was never any.
pub(crate) async fn revision(session: &mut dyn Session) -> Result<i64> {
    Ok(on!(session, c =>
        query_scalar(sql!("SELECT coalesce(max(revision), 0) FROM ceiling_revision")).fetch_one(c).await)?)
}

/// Makes a locked group a ceiling, in the place of another if there is one.
///
/// # Errors
/// [`Error::NotFound`] of what is to lie below.
pub(crate) async fn set(
    tx: &mut Tx,
    target: CeilingTarget,
    group: &LockedGroup,
    by: &SetBy,
    change: &Change,
) -> Result<()> {
    let before = row(tx, target).await?;
    let (of, token) = (StopTarget::from(target), token(by));
    on!(tx, c => query(sql!(
        "INSERT INTO ceilings (level, subject, partner_id, account_id, group_account_id, group_id, token_id, token_name, set_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (level, subject) DO UPDATE SET group_account_id = excluded.group_account_id, group_id = excluded.group_id, \
             token_id = excluded.token_id, token_name = excluded.token_name, set_at = excluded.set_at"))
        .bind(of.level().code()).bind(of.id().unwrap_or_default()).bind(target.partner().uuid())
        .bind(target.account().map(AccountId::uuid)).bind(group.account().uuid()).bind(group.id().get())
        .bind(token).bind(by.token_name()).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(crate::error::on_foreign_key(Error::NotFound(Kind::Account)))?;
    count_up(tx).await?;
    let action = if before.is_some() { Action::Update } else { Action::Create };
    record(tx, target, action, before.as_ref(), change).await
}

/// Removes a ceiling; gives it.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn remove(tx: &mut Tx, target: CeilingTarget, change: &Change) -> Result<GroupCeiling> {
    let before = row(tx, target).await?.ok_or(Error::NotFound(Kind::Ceiling))?;
    let of = StopTarget::from(target);
    let removed = on!(tx, c => query(sql!("DELETE FROM ceilings WHERE level = $1 AND subject = $2"))
        .bind(of.level().code()).bind(of.id().unwrap_or_default())
        .execute(c).await.map(|done| done.rows_affected()))?;
    if removed == 0 {
        return Err(Error::NotFound(Kind::Ceiling));
    }
    count_up(tx).await?;
    record(tx, target, Action::Delete, Some(&before), change).await?;
    Ok(before.try_into()?)
}

/// Removes those of accounts that are about to be deleted, and with `all` that of their partner as well.
///
/// # Errors
/// [`Error::InUse`] when a group of theirs is the ceiling of what stays.
pub(crate) async fn remove_of_deleted(
    tx: &mut Tx,
    (partner, accounts): (PartnerId, &[AccountId]),
    all: bool,
    change: &Change,
) -> Result<()> {
    let of_accounts = accounts.iter().map(|account| CeilingTarget::Account(partner, *account));
    for target in of_accounts.chain(all.then_some(CeilingTarget::Partner(partner))) {
        match remove(tx, target, change).await {
            Ok(_) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let sql = sql!(tx, |dialect| format!(
        "SELECT EXISTS (SELECT 1 FROM ceilings WHERE {})",
        dialect.among_uuids("group_account_id", "$1")
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let stays: bool = on!(tx, c => query_scalar(sql).bind(accounts).fetch_one(c).await)?;
    if stays { Err(Error::InUse(Kind::Ceiling)) } else { Ok(()) }
}

/// The groups of all accounts that lie below any of these groups of an account, which are ceilings, in the order of their ids, at most `limit`; without
/// these groups themselves. Those that cannot be read are left out.
pub(crate) async fn groups_below(
    session: &mut dyn Session,
    account: AccountId,
    ceilings: &[DialTimeGroupId],
    limit: u32,
) -> Result<Vec<DialTimeGroup>> {
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE account_id IN \
                 (SELECT below.id FROM accounts below JOIN ceilings ON (ceilings.level = 'partner' AND ceilings.subject = below.partner_id) \
                      OR (ceilings.level = 'account' AND (ceilings.subject = below.id OR ceilings.subject = below.parent_id)) \
                  WHERE ceilings.group_account_id = $1 AND {}) \
             AND NOT (account_id = $1 AND {}) ORDER BY account_id, id LIMIT $3"
        ),
        dialect.among("ceilings.group_id", "$2"),
        dialect.among("dial_time_groups.id", "$2")
    ));
    let ids: Vec<i64> = ceilings.iter().map(|group| group.get()).collect();
    Ok(on!(session, c => query(sql).bind(account.uuid()).bind(json(&ids)?).bind(i64::from(limit))
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, DialTimeGroup>(GROUPS, &rows)))?)
}

/// The groups of all accounts that a ceiling of this target lies above, in the order of their ids, at most `limit`. Those that cannot be read are left out.
pub(crate) async fn groups_of(
    session: &mut dyn Session,
    target: CeilingTarget,
    limit: u32,
) -> Result<Vec<DialTimeGroup>> {
    let account = target.account().unwrap_or(NO_ACCOUNT).uuid();
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id IN \
             (SELECT id FROM accounts WHERE partner_id = $1 AND (id = $2 OR parent_id = $2 OR $3)) \
         ORDER BY account_id, id LIMIT $4")))
        .bind(target.partner().uuid()).bind(account).bind(target.account().is_none()).bind(i64::from(limit))
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, DialTimeGroup>(GROUPS, &rows)))?)
}

/// Below what a locked group that was edited is the ceiling. If it is one, all that lies below is compiled again.
pub(crate) async fn of_edited_group(tx: &mut Tx, group: &LockedGroup) -> Result<Vec<CeilingTarget>> {
    let rows: Vec<CeilingRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", ceiling_columns!(), " WHERE ceilings.group_account_id = $1 AND ceilings.group_id = $2 \
         ORDER BY ceilings.level, ceilings.subject")))
        .bind(group.account().uuid()).bind(group.id().get()).fetch_all(c).await)?;
    if !rows.is_empty() {
        count_up(tx).await?;
    }
    Ok(rows.iter().map(CeilingRow::target).collect::<std::result::Result<_, _>>()?)
}

/// As what a locked group cannot be deleted, if it cannot: what tasks refer to comes first, as documented.
pub(crate) async fn kind_in_use(tx: &mut Tx, group: &LockedGroup) -> Result<Kind> {
    let only_ceiling: bool = on!(tx, c => query_scalar(sql!(
        "SELECT EXISTS (SELECT 1 FROM ceilings WHERE group_account_id = $1 AND group_id = $2) \
            AND NOT EXISTS (SELECT 1 FROM tasks WHERE account_id = $1 AND dial_time_id = $2)"))
        .bind(group.account().uuid()).bind(group.id().get()).fetch_one(c).await)?;
    Ok(if only_ceiling { Kind::Ceiling } else { Kind::Group })
}

/// Changes of ceilings come one after the other.
async fn count_up(tx: &mut Tx) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO ceiling_revision (only_row, revision) VALUES (1, 1) \
         ON CONFLICT (only_row) DO UPDATE SET revision = ceiling_revision.revision + 1"))
        .execute(c).await.map(drop))?;
    Ok(())
}

fn token(by: &SetBy) -> Option<Uuid> {
    match by {
        SetBy::CommandLine => None,
        SetBy::Token(id, _) => Some(id.uuid()),
    }
}

fn subject_id(target: CeilingTarget) -> String {
    let target = StopTarget::from(target);
    format!("{} {}", target.level().code(), target.id().unwrap_or_default())
}

async fn record(
    tx: &mut Tx,
    target: CeilingTarget,
    action: Action,
    before: Option<&CeilingRow>,
    change: &Change,
) -> Result<()> {
    let entry = AuditEntry {
        account: target.account().unwrap_or(NO_ACCOUNT),
        subject: Subject::Ceiling,
        subject_id: &subject_id(target),
        action,
        version: None,
        before,
    };
    audit::write_of_partner(tx, Some(target.partner()), change, entry).await
}
