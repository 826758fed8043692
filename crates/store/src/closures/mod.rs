//! Planned closures of the installation, of partners and of accounts. A row is one of them; what of them holds for a group is asked where its schedule is
//! compiled ([`schedules`](crate::schedules)), and a revision says when that is to be done again. What is published of them follows in steps, as of stops.

mod row;

use calendar::ClosedSpans;
use domain::{
    AccountId, ClosureId, ClosureTarget, MAXIMUM_PLANNED_CLOSURES, PartnerId, PlannedClosure, SetBy,
    StopTarget,
};
use jiff::Timestamp;

use self::row::{CLOSURES, ClosureRow, SpanRow, closure_columns, spans};
use crate::{
    Error, Kind, Limited, Page, Paged, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, NO_ACCOUNT, Subject},
    database::{
        convert::micros,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
};

/// Those that cover the account `$1`, in SQL.
macro_rules! covering_account {
    () => {
        "closures JOIN accounts covered ON covered.id = $1 WHERE (closures.level = 'installation' \
         OR (closures.level = 'partner' AND closures.subject = covered.partner_id) \
         OR (closures.level = 'account' AND closures.subject IN (covered.id, covered.parent_id)))"
    };
}

/// When nothing of an account dials because of planned closures, as they are now. What one was before it was made or after it was revoked is not
/// counted.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(session: &mut dyn Session, account: AccountId) -> Result<ClosedSpans> {
    let rows: Vec<SpanRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT closures.name, closures.begin_at, closures.end_at, closures.created_at, closures.revoked_at FROM ",
        covering_account!())))
        .bind(account.uuid()).fetch_all(c).await)?;
    Ok(spans(rows)?)
}

/// The same as it was known at an instant.
pub(crate) async fn of_account_at(
    session: &mut dyn Session,
    account: AccountId,
    at: Timestamp,
) -> Result<ClosedSpans> {
    let rows: Vec<SpanRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT closures.name, closures.begin_at, closures.end_at, closures.created_at, \
                CAST(NULL AS BIGINT) AS revoked_at FROM ", covering_account!(),
        " AND closures.created_at <= $2 AND (closures.revoked_at IS NULL OR $2 < closures.revoked_at)")))
        .bind(account.uuid()).bind(micros(at)).fetch_all(c).await)?;
    Ok(spans(rows)?)
}

/// One more with each change of closures; 0: there was never any.
pub(crate) async fn revision(session: &mut dyn Session) -> Result<i64> {
    Ok(on!(session, c =>
        query_scalar(sql!("SELECT coalesce(max(revision), 0) FROM closure_revision")).fetch_one(c).await)?)
}

/// Which closures are asked for, of those that a partner is concerned by.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClosureFilter {
    /// The only user that there is for who asks, with its sub-users.
    pub visible: Option<AccountId>,
    /// Only those of this account, its user's, the partner's and the installation's.
    pub account: Option<AccountId>,
    /// Those that have ended, instead of those that have not.
    pub ended: bool,
}

/// The closures that concern a partner, or with none those of the whole installation, and have not ended at `now`, the first to begin first; or those
/// that have, the last to end first. Revoked ones are neither.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    partner: Option<PartnerId>,
    filter: ClosureFilter,
    now: Timestamp,
    page: Page,
) -> Result<Paged<PlannedClosure>> {
    const FOUND: &str = "closures LEFT JOIN accounts a ON a.id = closures.account_id \
         WHERE closures.revoked_at IS NULL AND (closures.end_at <= $4) = $5 AND (closures.level = 'installation' \
             OR (closures.partner_id = $1 AND (closures.level = 'partner' \
                 OR (($2 IS NULL OR a.id = $2 OR a.parent_id = $2) \
                     AND ($3 IS NULL OR a.id = $3 OR a.id = (SELECT parent_id FROM accounts WHERE id = $3))))))";
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(partner.map(PartnerId::uuid))
                .bind(filter.visible.map(AccountId::uuid))
                .bind(filter.account.map(AccountId::uuid))
                .bind(micros(now))
                .bind(filter.ended)
        };
    }
    let count = sql!(session, |_dialect| format!("SELECT count(*) FROM {FOUND}"));
    let total: i64 = on!(session, c => filtered!(query_scalar(count)).fetch_one(c).await)?;
    let select = sql!(session, |_dialect| format!(
        concat!(
            "SELECT ",
            closure_columns!(),
            " FROM {} ORDER BY CASE WHEN $5 THEN -closures.end_at ELSE closures.begin_at END, closures.id LIMIT $6 OFFSET $7"
        ),
        FOUND
    ));
    let items = on!(session, c =>
        filtered!(query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, ClosureRow, _>(CLOSURES, &rows)))?;
    Ok(Paged { items, total })
}

/// One of them that is not revoked, whatever it covers.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, id: ClosureId) -> Result<PlannedClosure> {
    let row: Option<ClosureRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", closure_columns!(), " FROM closures WHERE closures.id = $1 AND closures.revoked_at IS NULL")))
        .bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Closure))?.try_into()?)
}

/// Adds a closure.
///
/// # Errors
/// [`Error::NotFound`] of what it is to cover, [`Error::Limit`].
pub(crate) async fn add(tx: &mut Tx, closure: &PlannedClosure, change: &Change) -> Result<()> {
    count_up(tx).await?;
    let (target, token) = (StopTarget::from(closure.target), token(&closure.by));
    let subject = target.id().unwrap_or_default();
    let ahead: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM closures WHERE level = $1 AND subject = $2 AND revoked_at IS NULL AND $3 < end_at"))
        .bind(target.level().code()).bind(subject).bind(micros(change.at)).fetch_one(c).await)?;
    if usize::try_from(ahead).unwrap_or(usize::MAX) >= MAXIMUM_PLANNED_CLOSURES {
        return Err(Error::Limit { of: Limited::Closures, most: MAXIMUM_PLANNED_CLOSURES });
    }
    let account = match closure.target {
        ClosureTarget::Account(_, account) => Some(account.uuid()),
        ClosureTarget::Installation | ClosureTarget::Partner(_) => None,
    };
    on!(tx, c => query(sql!(
        "INSERT INTO closures (id, level, subject, partner_id, account_id, name, begin_at, end_at, token_id, token_name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"))
        .bind(closure.id.uuid()).bind(target.level().code()).bind(subject)
        .bind(target.partner().map(PartnerId::uuid)).bind(account).bind(closure.name.as_str())
        .bind(micros(closure.begin)).bind(micros(closure.end)).bind(token).bind(closure.by.token_name())
        .bind(micros(closure.created_at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(Kind::Account)))?;
    record(tx, closure, Action::Create, change).await
}

/// Revokes a closure; gives it.
///
/// # Errors
/// [`Error::NotFound`] where it is not there, or revoked already.
pub(crate) async fn revoke(tx: &mut Tx, id: ClosureId, change: &Change) -> Result<PlannedClosure> {
    count_up(tx).await?;
    let row: Option<ClosureRow> = on!(tx, c => query_as(sql!(concat!(
        "UPDATE closures SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING ", closure_columns!())))
        .bind(id.uuid()).bind(micros(change.at)).fetch_optional(c).await)?;
    let closure: PlannedClosure = row.ok_or(Error::NotFound(Kind::Closure))?.try_into()?;
    record(tx, &closure, Action::Delete, change).await?;
    Ok(closure)
}

/// Changes of closures come one after the other.
async fn count_up(tx: &mut Tx) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO closure_revision (only_row, revision) VALUES (1, 1) \
         ON CONFLICT (only_row) DO UPDATE SET revision = closure_revision.revision + 1"))
        .execute(c).await.map(drop))?;
    Ok(())
}

fn token(by: &SetBy) -> Option<uuid::Uuid> {
    match by {
        SetBy::CommandLine => None,
        SetBy::Token(id, _) => Some(id.uuid()),
    }
}

/// The audit of a closure is its account's, where it is an account's.
async fn record(tx: &mut Tx, closure: &PlannedClosure, action: Action, change: &Change) -> Result<()> {
    let account = match closure.target {
        ClosureTarget::Account(_, account) => account,
        ClosureTarget::Installation | ClosureTarget::Partner(_) => NO_ACCOUNT,
    };
    // Nothing was there before it was planned.
    let before = matches!(action, Action::Delete).then(|| domain::ClosureSnapshot::new(closure, &closure.by));
    let entry = AuditEntry {
        account,
        subject: Subject::Closure,
        subject_id: &closure.id,
        action,
        version: None,
        before: before.as_ref(),
    };
    audit::write_of_partner(tx, closure.target.partner(), change, entry).await
}
