//! Redial rules (重呼规则): reads, locks and writes. What tasks name is in [`tasks`](crate::tasks); how a rule is made is in
//! [`edits`](crate::edits).

mod row;

use domain::{AccountId, MAXIMUM_REDIAL_RULES, RedialRuleDraft, RedialRuleId, StoredRedialRule};

use self::row::{REDIAL_RULES, RedialRuleRow, redial_rule_columns};
use crate::{
    Error, Kind, Limited, Page, Paged, Result, Session, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::damaged,
        dialect::RowLock,
        error::taken_key,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::{expect_version, on_foreign_key},
};

/// A redial rule of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    session: &mut dyn Session,
    account: AccountId,
    id: RedialRuleId,
) -> Result<StoredRedialRule> {
    let row: Option<RedialRuleRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", redial_rule_columns!(), " FROM redial_rules WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.get()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::RedialRule))?.try_into()?)
}

/// The redial rules of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    account: AccountId,
    page: Page,
) -> Result<Paged<StoredRedialRule>> {
    let total = count(session, account).await?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", redial_rule_columns!(), " FROM redial_rules WHERE account_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, RedialRuleRow, _>(REDIAL_RULES, &rows)))?;
    Ok(Paged { items, total })
}

async fn count(session: &mut dyn Session, account: AccountId) -> Result<i64> {
    Ok(on!(session, c => query_scalar(sql!("SELECT count(*) FROM redial_rules WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?)
}

/// The redial rules that tasks of an account may name: its own, and those of its user under other ids; newest first, its own before.
///
/// # Errors
/// When the database does not answer.
pub async fn offered(session: &mut dyn Session, account: AccountId) -> Result<Vec<StoredRedialRule>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", redial_rule_columns!(), " FROM redial_rules WHERE account_id = $1 OR (account_id = \
             (SELECT parent_id FROM accounts WHERE id = $1) AND NOT EXISTS \
             (SELECT 1 FROM redial_rules own WHERE own.account_id = $1 AND own.id = redial_rules.id)) \
         ORDER BY account_id <> $1, created_at DESC, id DESC")))
        .bind(account.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, RedialRuleRow, _>(REDIAL_RULES, &rows)))?)
}

/// A redial rule whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedRedialRule {
    row: RedialRuleRow,
}

impl LockedRedialRule {
    /// The rule.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn rule(&self) -> Result<StoredRedialRule> {
        Ok(self.row.clone().try_into()?)
    }

    /// Refuses unless the rule has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::RedialRule, self.row.version, expected)
    }
}

/// Locks a redial rule of an account, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, account: AccountId, id: RedialRuleId) -> Result<LockedRedialRule> {
    lock_for(tx, account, id, RowLock::Change).await
}

/// Locks a redial rule of an account, to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_delete(tx: &mut Tx, account: AccountId, id: RedialRuleId) -> Result<LockedRedialRule> {
    lock_for(tx, account, id, RowLock::Delete).await
}

async fn lock_for(
    tx: &mut Tx,
    account: AccountId,
    id: RedialRuleId,
    lock: RowLock,
) -> Result<LockedRedialRule> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", redial_rule_columns!(), " FROM redial_rules WHERE account_id = $1 AND id = $2{}"),
        dialect.lock(lock)
    ));
    let row: Option<RedialRuleRow> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(id.get()).fetch_optional(c).await)?;
    row.map(|row| LockedRedialRule { row }).ok_or(Error::NotFound(Kind::RedialRule))
}

/// Adds a redial rule to an account that is locked.
pub(crate) async fn insert(
    tx: &mut Tx,
    account: AccountId,
    key: (RedialRuleId, i64),
    draft: &RedialRuleDraft,
    change: &Change,
) -> Result<StoredRedialRule> {
    let most = MAXIMUM_REDIAL_RULES;
    if usize::try_from(count(tx, account).await?).map_err(damaged)? >= most {
        return Err(Error::Limit { of: Limited::RedialRules, most });
    }
    let row = RedialRuleRow::new(account, key, draft, change.at)?;
    on!(tx, c => query(sql!(
        "INSERT INTO redial_rules (account_id, id, name, remark, statuses, minutes, times, daily_limit, version, \
                                   created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"))
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(&row.remark).bind(&row.statuses).bind(row.minutes)
        .bind(row.times).bind(row.daily_limit).bind(row.version).bind(row.created_at)
        .execute(c).await.map(drop))
    .map_err(|error| match taken_key(&error) {
        Some(_) => Error::Taken(Unique::RedialRuleId),
        None => error.into(),
    })?;
    record(tx, &row, Action::Create, change).await?;
    Ok(row.try_into()?)
}

/// Changes a redial rule; it holds for every try from now on, also of numbers that are due again already.
///
/// # Errors
/// When the database does not answer.
pub async fn update(
    tx: &mut Tx,
    rule: &LockedRedialRule,
    draft: &RedialRuleDraft,
    change: &Change,
) -> Result<StoredRedialRule> {
    record(tx, &rule.row, Action::Update, change).await?;
    let row = rule.row.edited(draft, change.at)?;
    on!(tx, c => query(sql!(
        "UPDATE redial_rules SET name = $3, remark = $4, statuses = $5, minutes = $6, times = $7, daily_limit = $8, \
                                 version = $9, updated_at = $10 WHERE account_id = $1 AND id = $2"))
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(&row.remark).bind(&row.statuses).bind(row.minutes)
        .bind(row.times).bind(row.daily_limit).bind(row.version).bind(row.updated_at)
        .execute(c).await.map(drop))?;
    Ok(row.try_into()?)
}

/// Deletes a redial rule. That no task names it is the foreign key's to say, in this one statement.
///
/// # Errors
/// [`Error::InUse`].
pub async fn delete(tx: &mut Tx, rule: &LockedRedialRule, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM redial_rules WHERE account_id = $1 AND id = $2"))
        .bind(rule.row.account_id).bind(rule.row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::RedialRule)))?;
    record(tx, &rule.row, Action::Delete, change).await
}

/// The version that a rule of this id had last; 0 when there never was one.
pub(crate) async fn last_version(tx: &mut Tx, account: AccountId, id: RedialRuleId) -> Result<i64> {
    audit::last_version(tx, account, Subject::RedialRule, &id.to_string()).await
}

async fn record(tx: &mut Tx, row: &RedialRuleRow, action: Action, change: &Change) -> Result<()> {
    let is_new = matches!(action, Action::Create);
    let entry = AuditEntry {
        account: AccountId::new(row.account_id),
        subject: Subject::RedialRule,
        subject_id: &row.id,
        action,
        version: (!is_new).then_some(row.version),
        before: (!is_new).then_some(row),
    };
    audit::write(tx, change, entry).await
}
