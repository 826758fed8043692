//! Scripts (话术): reads, locks and writes. What tasks name is in [`tasks`](crate::tasks); how a script is made and changed is in
//! [`edits`](crate::edits).

mod list;
mod prompts;
mod row;

use domain::{AccountId, BotSecrets, MAXIMUM_SCRIPTS, Script, ScriptDraft, ScriptId};

pub(crate) use self::prompts::{lock_prompts, write_prompts};
use self::row::{ScriptRow, script_columns};
pub use self::{
    list::{list, list_of_tenant, offered},
    prompts::{PlayingScript, playing},
};
use crate::{
    Error, Kind, Limited, Result, Session, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::damaged,
        dialect::RowLock,
        error::taken_key,
        statement::{query, query_as},
    },
    error::{expect_version, on_foreign_key},
};

/// A script of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, id: ScriptId) -> Result<Script> {
    let row: Option<ScriptRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", script_columns!(), " FROM scripts WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.get()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Script))?.try_into()?)
}

/// A script whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
pub struct LockedScript {
    row: ScriptRow,
}

impl std::fmt::Debug for LockedScript {
    /// Without the secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LockedScript").field("id", &self.row.id).finish_non_exhaustive()
    }
}

impl LockedScript {
    /// The script.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn script(&self) -> Result<Script> {
        Ok(self.row.clone().try_into()?)
    }

    /// Refuses unless the script has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::Script, self.row.version, expected)
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId::new(self.row.account_id)
    }

    pub(crate) fn id(&self) -> ScriptId {
        ScriptId::new(self.row.id)
    }
}

/// Locks a script of an account, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, account: AccountId, id: ScriptId) -> Result<LockedScript> {
    lock_for(tx, account, id, RowLock::Change).await
}

/// Locks a script of an account, to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_delete(tx: &mut Tx, account: AccountId, id: ScriptId) -> Result<LockedScript> {
    lock_for(tx, account, id, RowLock::Delete).await
}

async fn lock_for(tx: &mut Tx, account: AccountId, id: ScriptId, lock: RowLock) -> Result<LockedScript> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", script_columns!(), " FROM scripts WHERE account_id = $1 AND id = $2{}"),
        dialect.lock(lock)
    ));
    let row: Option<ScriptRow> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(id.get()).fetch_optional(c).await)?;
    row.map(|row| LockedScript { row }).ok_or(Error::NotFound(Kind::Script))
}

/// Adds a script to an account that is locked.
pub(crate) async fn insert(
    tx: &mut Tx,
    account: AccountId,
    key: (ScriptId, i64),
    draft: &ScriptDraft,
    secrets: &BotSecrets,
    change: &Change,
) -> Result<Script> {
    let (count, most) = (list::count(tx, account).await?, MAXIMUM_SCRIPTS);
    if usize::try_from(count).map_err(damaged)? >= most {
        return Err(Error::Limit { of: Limited::Scripts, most });
    }
    let row = ScriptRow::new(account, key, draft, secrets, change.at)?;
    on!(tx, c => query(sql!(
        "INSERT INTO scripts (account_id, id, name, remark, flow, secrets, version, created_at, updated_at, has_bot) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)"))
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(&row.remark).bind(&row.flow).bind(&row.secrets)
        .bind(row.version).bind(row.created_at).bind(row.has_bot).execute(c).await.map(drop))
    .map_err(|error| match taken_key(&error) {
        Some(_) => Error::Taken(Unique::ScriptId),
        None => error.into(),
    })?;
    record(tx, &row, Action::Create, change).await?;
    Ok(row.try_into()?)
}

/// Changes a script; calls that begin from now on follow it.
pub(crate) async fn update(
    tx: &mut Tx,
    script: &LockedScript,
    draft: &ScriptDraft,
    secrets: &BotSecrets,
    change: &Change,
) -> Result<Script> {
    record(tx, &script.row, Action::Update, change).await?;
    let row = script.row.edited(draft, secrets, change.at)?;
    on!(tx, c => query(sql!(
        "UPDATE scripts SET name = $3, remark = $4, flow = $5, secrets = $6, version = $7, updated_at = $8, \
         has_bot = $9 WHERE account_id = $1 AND id = $2"))
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(&row.remark).bind(&row.flow).bind(&row.secrets)
        .bind(row.version).bind(row.updated_at).bind(row.has_bot).execute(c).await.map(drop))?;
    Ok(row.try_into()?)
}

/// Deletes a script. That no task names it is the foreign key's to say, in this one statement.
///
/// # Errors
/// [`Error::InUse`].
pub async fn delete(tx: &mut Tx, script: &LockedScript, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM scripts WHERE account_id = $1 AND id = $2"))
        .bind(script.row.account_id).bind(script.row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::Script)))?;
    record(tx, &script.row, Action::Delete, change).await
}

/// The version that a script of this id had last; 0 when there never was one.
pub(crate) async fn last_version(tx: &mut Tx, account: AccountId, id: ScriptId) -> Result<i64> {
    audit::last_version(tx, account, Subject::Script, &id.to_string()).await
}

async fn record(tx: &mut Tx, row: &ScriptRow, action: Action, change: &Change) -> Result<()> {
    let is_new = matches!(action, Action::Create);
    let entry = AuditEntry {
        account: AccountId::new(row.account_id),
        subject: Subject::Script,
        subject_id: &row.id,
        action,
        version: (!is_new).then_some(row.version),
        before: (!is_new).then_some(row),
    };
    audit::write(tx, change, entry).await
}
