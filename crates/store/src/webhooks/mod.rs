//! Webhooks: what a person decides about them. `deliveries` has what is pending or done, `due` what is to be sent now, and `claim` who
//! sends it.

mod claim;
mod deliveries;
mod due;
mod row;

use domain::{AccountId, MAXIMUM_WEBHOOKS, OLD_SECRET_KEPT, Webhook, WebhookDraft, WebhookId, WebhookSecret};

use self::row::{WEBHOOKS, WebhookRow, kinds_text, webhook_columns};
pub use self::{
    claim::{
        Claim, Lease, Recipient, Waiting, WaitingLimits, claim, let_go, save_attempt, take_due, take_test,
        waiting, waiting_tests,
    },
    deliveries::{add_test, delete_before, list_deliveries, send_again, send_all_again},
    due::{Due, DueEvent},
    row::Delivery,
};
use crate::{
    Error, Kind, Limited, Result, Session, Tx, accounts,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::{damaged, micros, word},
        dialect::RowLock,
        lists,
        statement::{query, query_as, query_scalar},
    },
    events, removals,
};

/// Adds a webhook, for the events from now on.
///
/// # Errors
/// [`Error::Limit`] when the account has [`MAXIMUM_WEBHOOKS`] already.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    draft: &WebhookDraft,
    secret: &WebhookSecret,
    change: &Change,
) -> Result<Webhook> {
    accounts::lock_for_edits(tx, account).await?;
    let count: i64 = on!(tx, c => query_scalar(sql!("SELECT count(*) FROM webhooks WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?;
    if usize::try_from(count).map_err(damaged)? >= MAXIMUM_WEBHOOKS {
        return Err(Error::Limit { of: Limited::Webhooks, most: MAXIMUM_WEBHOOKS });
    }
    let newest = events::extent(tx, account).await?.newest;
    on!(tx, c => query(sql!(
        "INSERT INTO webhooks (id, account_id, url, format, kinds, enabled, secret, created_at, updated_at, cursor, batch) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)"))
        .bind(id.uuid()).bind(account.uuid()).bind(draft.url.as_str()).bind(word(draft.format)?)
        .bind(kinds_text(&draft.kinds)?).bind(draft.enabled).bind(secret.0.to_vec()).bind(micros(change.at)).bind(newest)
        .bind(i64::from(draft.batch))
        .execute(c).await.map(drop))?;
    record(tx, account, id, Action::Create, None, change).await?;
    get(tx, account, id).await
}

/// A webhook of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, id: WebhookId) -> Result<Webhook> {
    let row: Option<WebhookRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", webhook_columns!(), " FROM webhooks WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Webhook))?.try_into()?)
}

/// The webhooks of an account, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session, account: AccountId) -> Result<Vec<Webhook>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", webhook_columns!(), " FROM webhooks WHERE account_id = $1 ORDER BY id")))
        .bind(account.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, WebhookRow, _>(WEBHOOKS, &rows)))?)
}

/// A webhook whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
pub struct LockedWebhook {
    row: WebhookRow,
}

impl std::fmt::Debug for LockedWebhook {
    /// Without the secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LockedWebhook").field("id", &self.row.id).finish_non_exhaustive()
    }
}

impl LockedWebhook {
    /// The webhook.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn webhook(&self) -> Result<Webhook> {
        Ok(self.row.clone().try_into()?)
    }

    fn account(&self) -> AccountId {
        AccountId::new(self.row.account_id)
    }

    fn id(&self) -> WebhookId {
        WebhookId::new(self.row.id)
    }

    /// Refuses unless something may be sent to it.
    fn expect_enabled(&self) -> Result<()> {
        if self.row.enabled { Ok(()) } else { Err(Error::Disabled(Kind::Webhook)) }
    }
}

/// Locks a webhook of an account, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, account: AccountId, id: WebhookId) -> Result<LockedWebhook> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", webhook_columns!(), " FROM webhooks WHERE account_id = $1 AND id = $2{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<WebhookRow> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedWebhook { row }).ok_or(Error::NotFound(Kind::Webhook))
}

/// Changes a webhook. One that is enabled again, or has another address, sends at once what it owes.
///
/// # Errors
/// When the database does not answer.
pub async fn update(
    tx: &mut Tx,
    webhook: &LockedWebhook,
    draft: &WebhookDraft,
    change: &Change,
) -> Result<Webhook> {
    let (account, id, before) = (webhook.account(), webhook.id(), &webhook.row);
    record(tx, account, id, Action::Update, Some(before), change).await?;
    on!(tx, c => query(sql!(
        "UPDATE webhooks SET url = $3, format = $4, kinds = $5, enabled = $6, updated_at = $7, batch = $8, \
             gave_up_at = CASE WHEN $6 THEN NULL ELSE gave_up_at END \
         WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.uuid()).bind(draft.url.as_str()).bind(word(draft.format)?)
        .bind(kinds_text(&draft.kinds)?).bind(draft.enabled).bind(micros(change.at)).bind(i64::from(draft.batch))
        .execute(c).await.map(drop))?;
    if before.batch != i64::from(draft.batch) || before.format != word(draft.format)? {
        deliveries::dissolve_lists(tx, webhook).await?;
    }
    if draft.enabled && (!before.enabled || before.url != draft.url.as_str()) {
        deliveries::send_pending_now(tx, webhook, change.at).await?;
    }
    get(tx, account, id).await
}

/// Gives a webhook a new secret; the old one signs as well for [`OLD_SECRET_KEPT`].
///
/// # Errors
/// When the database does not answer.
pub async fn rotate_secret(
    tx: &mut Tx,
    webhook: &LockedWebhook,
    secret: &WebhookSecret,
    change: &Change,
) -> Result<Webhook> {
    let (account, id) = (webhook.account(), webhook.id());
    record(tx, account, id, Action::Update, Some(&webhook.row), change).await?;
    let until = micros(change.at.saturating_add(OLD_SECRET_KEPT).unwrap_or(change.at));
    on!(tx, c => query(sql!(
        "UPDATE webhooks SET old_secret = secret, old_until = $4, secret = $3, updated_at = $5 \
         WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.uuid()).bind(secret.0.to_vec()).bind(until).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    get(tx, account, id).await
}

/// Deletes a webhook. Its deliveries are left to be removed in the background.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, webhook: &LockedWebhook, change: &Change) -> Result<()> {
    let (account, id) = (webhook.account(), webhook.id());
    record(tx, account, id, Action::Delete, Some(&webhook.row), change).await?;
    on!(tx, c => query(sql!("DELETE FROM webhooks WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.uuid()).execute(c).await.map(drop))?;
    removals::begin_webhook(tx, id, change.at).await
}

async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    action: Action,
    before: Option<&WebhookRow>,
    change: &Change,
) -> Result<()> {
    let entry =
        AuditEntry { account, subject: Subject::Webhook, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}
