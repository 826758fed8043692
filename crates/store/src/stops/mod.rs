//! Stops: the kill switch. A row is a stop that is on; whether an account is stopped is derived from these rows, in the same
//! statement that asks for anything else, and so holds from the commit on. What is published of it follows in steps: see
//! `publications` here and [`transitions`](crate::transitions).

pub(crate) mod publications;
mod row;

use std::collections::HashSet;

use domain::{AccountId, LineId, PartnerId, SetBy, StatedReason, Stop, StopLevel, StopTarget};
use uuid::Uuid;

use self::row::{NamedStopRow, STOPS, StopRow, stop_columns, subject};
use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, NO_ACCOUNT, Subject},
    database::{
        convert::{micros, uuids},
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
};

/// Whether a stop covers an account, in SQL: its partner, its id, and its user's.
macro_rules! stop_covers {
    ($partner:literal, $account:literal, $user:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM stops WHERE stops.level = 'installation' \
             OR (stops.level = 'partner' AND stops.subject = ",
            $partner,
            ") OR (stops.level = 'account' AND stops.subject IN (",
            $account,
            ", ",
            $user,
            ")))"
        )
    };
}
pub(crate) use stop_covers;

/// Whether the account of this id is stopped, in SQL. That there is no stop at all, as always but in an emergency, is found out
/// once for a whole statement.
macro_rules! account_stopped {
    ($account:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM stops) AND EXISTS (SELECT 1 FROM accounts held WHERE held.id = ",
            $account,
            " AND ",
            $crate::stops::stop_covers!("held.partner_id", "held.id", "held.parent_id"),
            "))"
        )
    };
}
pub(crate) use account_stopped;

/// The levels from the greatest down, in SQL.
macro_rules! level_order {
    () => {
        "CASE stops.level WHEN 'installation' THEN 0 WHEN 'partner' THEN 1 WHEN 'account' THEN 2 ELSE 3 END"
    };
}

/// Stops with what they cover, in SQL.
macro_rules! named_stops {
    () => {
        "stops LEFT JOIN partners p ON p.id = stops.partner_id \
         LEFT JOIN accounts a ON a.partner_id = stops.partner_id AND a.id = stops.account_id \
         LEFT JOIN lines l ON l.partner_id = stops.partner_id AND l.id = stops.line_id"
    };
}

/// The columns of [`NamedStopRow`] among them.
macro_rules! named_columns {
    () => {
        concat!(stop_columns!(), ", coalesce(a.name, l.name, p.name) AS name, a.parent_id AS user_id")
    };
}

/// A stop with the names of what it covers.
#[derive(Clone, Debug)]
pub struct NamedStop {
    /// The stop.
    pub stop: Stop,
    /// The name of the partner, the account or the line.
    pub name: Option<String>,
    /// The user of a sub-user.
    pub user: Option<AccountId>,
}

/// Which stops are asked for, of those that a partner is concerned by.
#[derive(Clone, Copy, Debug, Default)]
pub struct StopFilter {
    /// The only user that there is for who asks, with its sub-users.
    pub visible: Option<AccountId>,
    /// Only those that cover this user.
    pub user: Option<AccountId>,
    /// Only those that cover this sub-user: its own, and its user's.
    pub sub_user: Option<AccountId>,
}

/// The stops that are on for a partner or anything of it, the greatest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    partner: PartnerId,
    filter: StopFilter,
    page: Page,
) -> Result<Paged<NamedStop>> {
    const FOUND: &str = concat!(
        named_stops!(),
        " WHERE stops.level = 'installation' OR (stops.partner_id = $1 AND (stops.level = 'partner' \
             OR (stops.level = 'line' AND $2 IS NULL AND $3 IS NULL AND $4 IS NULL) \
             OR (stops.level = 'account' AND ($2 IS NULL OR a.id = $2 OR a.parent_id = $2) \
                 AND (($3 IS NULL AND $4 IS NULL) OR a.id = $3 OR a.id = $4 \
                     OR a.id = (SELECT parent_id FROM accounts WHERE id = $4)))))"
    );
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(partner.uuid())
                .bind(filter.visible.map(AccountId::uuid))
                .bind(filter.user.map(AccountId::uuid))
                .bind(filter.sub_user.map(AccountId::uuid))
        };
    }
    let count = sql!(session, |_dialect| format!("SELECT count(*) FROM {FOUND}"));
    let total: i64 = on!(session, c => filtered!(query_scalar(count)).fetch_one(c).await)?;
    let select = sql!(session, |_dialect| format!(
        concat!(
            "SELECT ",
            named_columns!(),
            " FROM {} ORDER BY ",
            level_order!(),
            ", stops.stopped_at DESC, stops.subject LIMIT $5 OFFSET $6"
        ),
        FOUND
    ));
    let items = on!(session, c =>
        filtered!(query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, NamedStopRow, _>(STOPS, &rows)))?;
    Ok(Paged { items, total })
}

/// The stops that cover something, the greatest first: the first of them is the one that is named.
///
/// # Errors
/// When the database does not answer.
pub async fn covering(session: &mut dyn Session, target: StopTarget) -> Result<Vec<NamedStop>> {
    let (account, line) = subjects(target);
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", named_columns!(), " FROM ", named_stops!(), " WHERE stops.level = 'installation' \
             OR (stops.partner_id = $1 AND (stops.level = 'partner' OR (stops.level = 'line' AND stops.subject = $3) \
                 OR (stops.level = 'account' AND stops.subject = $2) OR (stops.level = 'account' \
                     AND stops.subject = (SELECT parent_id FROM accounts WHERE id = $2)))) \
         ORDER BY ", level_order!(), ", a.parent_id IS NOT NULL")))
        .bind(target.partner().map(PartnerId::uuid)).bind(account).bind(line).fetch_all(c).await
            .map(|rows| lists::readable::<_, NamedStopRow, _>(STOPS, &rows)))?)
}

/// What of accounts and lines is stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoppedAmong {
    /// The accounts, whatever level stops them.
    pub accounts: HashSet<AccountId>,
    /// The lines, by stops of their own.
    pub lines: HashSet<LineId>,
}

/// Those of these accounts and lines that are stopped, by one statement: for who asks again before each call.
///
/// # Errors
/// When the database does not answer.
pub async fn among(
    session: &mut dyn Session,
    accounts: &[AccountId],
    lines: &[LineId],
) -> Result<StoppedAmong> {
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT 'account' AS level, asked.id AS id FROM accounts asked WHERE {} AND ",
            account_stopped!("asked.id"),
            " UNION ALL SELECT level, subject FROM stops WHERE level = 'line' AND {}"
        ),
        dialect.among_uuids("asked.id", "$1"),
        dialect.among_uuids("subject", "$2")
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(String, Uuid)> =
        on!(session, c => query_as(sql).bind(accounts).bind(lines).fetch_all(c).await)?;
    let mut found = StoppedAmong::default();
    for (level, id) in rows {
        if level == StopLevel::Line.code() {
            found.lines.insert(LineId::new(id));
        } else {
            found.accounts.insert(AccountId::new(id));
        }
    }
    Ok(found)
}

/// Whether there is a stop of exactly this, of the same partner.
async fn is_on(tx: &mut Tx, target: StopTarget) -> Result<bool> {
    Ok(on!(tx, c => query_scalar(sql!(
        "SELECT EXISTS (SELECT 1 FROM stops WHERE level = $1 AND subject = $2 AND ($3 IS NULL OR partner_id = $3))"))
        .bind(target.level().code()).bind(subject(target)).bind(target.partner().map(PartnerId::uuid))
        .fetch_one(c).await)?)
}

/// Adds a stop, unless it is on already; says whether it was added.
///
/// # Errors
/// [`Error::NotFound`] of what it is to cover.
pub(crate) async fn add(tx: &mut Tx, stop: &Stop, change: &Change) -> Result<bool> {
    let Stop { target, reason, by, at } = stop;
    let (account, line) = subjects(*target);
    let token = match by {
        SetBy::CommandLine => None,
        SetBy::Token(id, _) => Some(id.uuid()),
    };
    let added = on!(tx, c => query(sql!(
        "INSERT INTO stops (level, subject, partner_id, account_id, line_id, reason, token_id, token_name, stopped_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (level, subject) DO NOTHING"))
        .bind(target.level().code()).bind(subject(*target)).bind(target.partner().map(PartnerId::uuid))
        .bind(account).bind(line).bind(reason.as_ref().map(StatedReason::as_str)).bind(token)
        .bind(by.token_name()).bind(micros(*at))
        .execute(c).await.map(|done| done.rows_affected() > 0))
    .map_err(on_foreign_key(Error::NotFound(kind(*target))))?;
    if added {
        record(tx, *target, Action::Create, None, change).await?;
    } else if !is_on(tx, *target).await? {
        return Err(Error::NotFound(kind(*target)));
    }
    Ok(added)
}

/// Ends a stop; gives it, or `None` when it was not on.
pub(crate) async fn remove(tx: &mut Tx, target: StopTarget, change: &Change) -> Result<Option<Stop>> {
    let row: Option<StopRow> = on!(tx, c => query_as(sql!(concat!(
        "DELETE FROM stops WHERE level = $1 AND subject = $2 AND ($3 IS NULL OR partner_id = $3) RETURNING ",
        stop_columns!())))
        .bind(target.level().code()).bind(subject(target)).bind(target.partner().map(PartnerId::uuid))
        .fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    record(tx, target, Action::Delete, Some(&row), change).await?;
    Ok(Some(row.try_into()?))
}

/// The account or the line of a target.
const fn subjects(target: StopTarget) -> (Option<Uuid>, Option<Uuid>) {
    match target {
        StopTarget::Account(_, account) => (Some(account.uuid()), None),
        StopTarget::Line(_, line) => (None, Some(line.uuid())),
        StopTarget::Installation | StopTarget::Partner(_) => (None, None),
    }
}

const fn kind(target: StopTarget) -> Kind {
    match target {
        StopTarget::Installation | StopTarget::Partner(_) => Kind::Partner,
        StopTarget::Account(..) => Kind::Account,
        StopTarget::Line(..) => Kind::Line,
    }
}

/// The audit of a stop is its account's, where it is an account's.
async fn record(
    tx: &mut Tx,
    target: StopTarget,
    action: Action,
    before: Option<&StopRow>,
    change: &Change,
) -> Result<()> {
    let account = match target {
        StopTarget::Account(_, account) => account,
        StopTarget::Installation | StopTarget::Partner(_) | StopTarget::Line(..) => NO_ACCOUNT,
    };
    let id = target.id().map_or_else(String::new, |id| format!(" {id}"));
    let subject_id = format!("{}{id}", target.level().code());
    let entry = AuditEntry {
        account,
        subject: Subject::Stop,
        subject_id: &subject_id,
        action,
        version: None,
        before,
    };
    audit::write_of_partner(tx, target.partner(), change, entry).await
}
