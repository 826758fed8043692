//! Webhooks, and the deliveries that are pending or done.
//!
//! An event becomes a delivery when its webhook's turn comes, not when it is written: whoever writes events pays nothing
//! for who listens. A node claims a webhook, looks at the events after its cursor, sends what is due and lets go; a claim
//! ends by itself, so the webhooks of a node that dies go on elsewhere. Then something may be sent twice, but of one
//! subject never in another order.

use domain::{
    AccountId, EventKind, LoggedEvent, OLD_SECRET_KEPT, PartnerId, TRIED_FOR, Webhook, WebhookDraft,
    WebhookFormat, WebhookId, WebhookSecret, WebhookUrl,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Page, Paged, Result, Session, Tx, accounts,
    audit::{self, Action, Change, Subject},
    database::{
        connection::dialect,
        convert::{damaged, from_json, from_word, json, micros, timestamp, word},
        dialect::RowLock,
        lists,
    },
    events,
};

/// How many deliveries of one webhook may be pending before no more events are looked at.
const MOST_PENDING: i64 = 500;

/// How many events are looked at, at once.
const LOOKED_AT_ONCE: u32 = 100;

/// How much of an answer is kept, in characters.
const ANSWER_KEPT: usize = 1_000;

const COLUMNS: &str = "w.id, w.account_id, w.url, w.format, w.kinds, w.enabled, w.gave_up_at, w.secret, w.old_secret, \
                       w.old_until, w.created_at, w.updated_at, w.cursor";

/// Adds a webhook, for the events from now on.
///
/// # Errors
/// When the account has [`domain::MAXIMUM_WEBHOOKS`] already: [`Error::TooManyWebhooks`].
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    draft: &WebhookDraft,
    secret: &WebhookSecret,
    change: &Change,
) -> Result<Webhook> {
    accounts::lock(tx, account).await?;
    let count: i64 = on!(tx, c => sqlx::query_scalar("SELECT count(*) FROM webhooks WHERE account_id = $1")
        .bind(account.uuid()).fetch_one(c).await)?;
    if usize::try_from(count).map_err(damaged)? >= domain::MAXIMUM_WEBHOOKS {
        return Err(Error::TooManyWebhooks);
    }
    let newest = events::extent(tx, account).await?.newest;
    on!(tx, c => sqlx::query(
        "INSERT INTO webhooks (id, account_id, url, format, kinds, enabled, secret, created_at, updated_at, cursor) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)")
        .bind(id.uuid()).bind(account.uuid()).bind(draft.url.as_str()).bind(word(draft.format)?)
        .bind(kinds_text(&draft.kinds)?).bind(draft.enabled).bind(secret.0.to_vec()).bind(micros(change.at)).bind(newest)
        .execute(c).await.map(drop))?;
    record(tx, account, id, Action::Create, None, change).await?;
    get(tx, account, id).await
}

/// A webhook of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut impl Session, account: AccountId, id: WebhookId) -> Result<Webhook> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM webhooks w WHERE w.account_id = $1 AND w.id = $2"
    ));
    let row: Row =
        on!(session, c => sqlx::query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_one(c).await)?;
    row.try_into()
}

/// A webhook of an account, which nobody else changes until this transaction ends: to lay a change over it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_to_change(tx: &mut Tx, account: AccountId, id: WebhookId) -> Result<Webhook> {
    lock(tx, account, id).await?.try_into()
}

/// The webhooks of an account, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut impl Session, account: AccountId) -> Result<Vec<Webhook>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM webhooks w WHERE w.account_id = $1 ORDER BY w.id"
    ));
    Ok(on!(session, c => sqlx::query(sql).bind(account.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, Row, _>("webhooks", &rows)))?)
}

/// Changes a webhook. One that is enabled again, or has another address, sends at once what it owes.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn update(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    draft: &WebhookDraft,
    change: &Change,
) -> Result<Webhook> {
    let before = lock(tx, account, id).await?;
    record(tx, account, id, Action::Update, Some(&before), change).await?;
    on!(tx, c => sqlx::query(
        "UPDATE webhooks SET url = $3, format = $4, kinds = $5, enabled = $6, updated_at = $7, \
             gave_up_at = CASE WHEN $6 THEN NULL ELSE gave_up_at END \
         WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid()).bind(draft.url.as_str()).bind(word(draft.format)?)
        .bind(kinds_text(&draft.kinds)?).bind(draft.enabled).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    if draft.enabled && (!before.enabled || before.url != draft.url.as_str()) {
        send_pending_now(tx, id, change.at).await?;
    }
    get(tx, account, id).await
}

/// Has all that is pending sent at once, as if for the first time; says how many deliveries that is.
async fn send_pending_now(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<u64> {
    let pending = on!(tx, c => sqlx::query(
        "UPDATE webhook_deliveries SET next_attempt_at = $2, since = $2, attempts = 0 \
         WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL")
        .bind(id.uuid()).bind(micros(now)).execute(c).await.map(|done| done.rows_affected()))?;
    serve_now(tx, id, now).await?;
    Ok(pending)
}

/// Has a webhook served at once, and before those that fail.
async fn serve_now(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<()> {
    on!(tx, c => sqlx::query("UPDATE webhooks SET next_attempt_at = $2, failures = 0, served_at = 0 WHERE id = $1")
        .bind(id.uuid()).bind(micros(now)).execute(c).await.map(drop))?;
    tx.wake_runner();
    Ok(())
}

/// Has all pending deliveries of a webhook sent again at once, and not when their turn comes; says how many these are.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::WebhookDisabled`].
pub async fn send_all_again(tx: &mut Tx, account: AccountId, id: WebhookId, now: Timestamp) -> Result<u64> {
    if lock(tx, account, id).await?.enabled {
        send_pending_now(tx, id, now).await
    } else {
        Err(Error::WebhookDisabled)
    }
}

/// Has a delivery sent again at once, whether it is pending or done. Those of the same subject that are pending before
/// it are sent at once too, for they keep their order.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::WebhookDisabled`], unless it is a test; [`Error::EventGone`].
pub async fn send_again(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    delivery: i64,
    now: Timestamp,
) -> Result<Delivery> {
    let webhook = lock(tx, account, id).await?;
    let (number, subject): (Option<i64>, String) = on!(tx, c => sqlx::query_as(
        "SELECT number, subject FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2")
        .bind(id.uuid()).bind(delivery).fetch_one(c).await)?;
    if let Some(number) = number {
        if !webhook.enabled {
            return Err(Error::WebhookDisabled);
        }
        let event = events::get(tx, account, number).await;
        event.map_err(|error| if matches!(error, Error::NotFound) { Error::EventGone } else { error })?;
    }
    on!(tx, c => sqlx::query(
        "UPDATE webhook_deliveries SET next_attempt_at = $4, since = $4, attempts = 0, delivered = false \
         WHERE webhook_id = $1 AND (id = $2 OR (subject = $3 AND id < $2 AND next_attempt_at IS NOT NULL))")
        .bind(id.uuid()).bind(delivery).bind(subject).bind(micros(now)).execute(c).await.map(drop))?;
    serve_now(tx, id, now).await?;
    one_delivery(tx, id, delivery).await
}

async fn one_delivery(tx: &mut Tx, id: WebhookId, delivery: i64) -> Result<Delivery> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {DELIVERY_COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2"
    ));
    let row: DeliveryRow =
        on!(tx, c => sqlx::query_as(sql).bind(id.uuid()).bind(delivery).fetch_one(c).await)?;
    row.try_into()
}

/// Gives a webhook a new secret; the old one signs as well for [`OLD_SECRET_KEPT`].
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rotate_secret(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    secret: &WebhookSecret,
    change: &Change,
) -> Result<Webhook> {
    let before = lock(tx, account, id).await?;
    record(tx, account, id, Action::Update, Some(&before), change).await?;
    let until = micros(change.at.saturating_add(OLD_SECRET_KEPT).unwrap_or(change.at));
    on!(tx, c => sqlx::query(
        "UPDATE webhooks SET old_secret = secret, old_until = $4, secret = $3, updated_at = $5 \
         WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid()).bind(secret.0.to_vec()).bind(until).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    get(tx, account, id).await
}

/// Deletes a webhook and forgets its deliveries.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(tx: &mut Tx, account: AccountId, id: WebhookId, change: &Change) -> Result<()> {
    let before = lock(tx, account, id).await?;
    record(tx, account, id, Action::Delete, Some(&before), change).await?;
    on!(tx, c => sqlx::query("DELETE FROM webhooks WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid()).execute(c).await.map(drop))?;
    Ok(())
}

/// Has something sent to a webhook that is no event, at once and also while it is disabled; gives the delivery.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::TooManyTests`] when [`MOST_TESTS`] are pending already.
pub async fn add_test(tx: &mut Tx, account: AccountId, id: WebhookId, now: Timestamp) -> Result<Delivery> {
    lock(tx, account, id).await?;
    let pending: i64 = on!(tx, c => sqlx::query_scalar(
        "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND number IS NULL AND next_attempt_at IS NOT NULL")
        .bind(id.uuid()).fetch_one(c).await)?;
    if usize::try_from(pending).map_err(damaged)? >= MOST_TESTS {
        return Err(Error::TooManyTests);
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "INSERT INTO webhook_deliveries (webhook_id, kind, subject, created_at, since, next_attempt_at) \
         VALUES ($1, '{TEST}', '{TEST}', $2, $2, $2) RETURNING {DELIVERY_COLUMNS}"
    ));
    let row: DeliveryRow =
        on!(tx, c => sqlx::query_as(sql).bind(id.uuid()).bind(micros(now)).fetch_one(c).await)?;
    tx.wake_runner();
    row.try_into()
}

/// How many tests of one webhook may be pending.
pub const MOST_TESTS: usize = 100;

/// What a test is called among the types of events.
pub const TEST: &str = "webhook.test";

/// What became of an event at a webhook.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: i64,
    /// The event's number; `None` of a test.
    pub number: Option<i64>,
    /// The event's type, or [`TEST`].
    pub kind: String,
    /// When its turn came.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was last tried.
    pub attempted_at: Option<Timestamp>,
    /// When it is tried next; `None` when it is done.
    pub next_attempt_at: Option<Timestamp>,
    /// Whether it was answered with success.
    pub delivered: bool,
    /// The HTTP status of the last answer; `None` when there was none.
    pub status: Option<i64>,
    /// The beginning of the last answer, or why there was none.
    pub answer: Option<String>,
}

const DELIVERY_COLUMNS: &str = "id, number, kind, created_at, attempts, attempted_at, next_attempt_at, delivered, status, \
                                answer";

/// The deliveries of a webhook, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn deliveries(session: &mut impl Session, id: WebhookId, page: Page) -> Result<Paged<Delivery>> {
    let total: i64 = on!(session, c =>
        sqlx::query_scalar("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1")
            .bind(id.uuid()).fetch_one(c).await)?;
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {DELIVERY_COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3"
    ));
    let items = on!(session, c => sqlx::query(sql)
        .bind(id.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, DeliveryRow, _>("webhook_deliveries", &rows)))?;
    Ok(Paged { items, total })
}

/// Forgets deliveries that are done and were made before `instant`, at most `limit` of them; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let lock = dialect(tx).lock(RowLock::DeleteIfFree);
    let sql = sqlx::AssertSqlSafe(format!(
        "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
             WHERE created_at < $1 AND next_attempt_at IS NULL ORDER BY created_at LIMIT $2{lock})"
    ));
    Ok(on!(tx, c => sqlx::query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?)
}

/// Whether a webhook has something to do that nobody does: a condition on `webhooks w`, with the present instant in `$1`.
/// A claim that ended by itself left something undone.
const HAS_WORK: &str = "w.enabled AND w.claimed_until < $1 AND (w.claim IS NOT NULL OR w.next_attempt_at <= $1 \
     OR (NOT w.\"full\" AND w.cursor < (SELECT last FROM event_counters c WHERE c.account_id = w.account_id)))";

/// Someone's right to send to a webhook, for a while.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The webhook.
    pub id: WebhookId,
    token: Uuid,
}

/// Where to send, as it is now.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The webhook.
    pub webhook: Webhook,
    /// The name of its account.
    pub account_name: String,
    /// Whether its account is a sub-user.
    pub is_sub_user: bool,
}

/// A webhook, or a test of one, that waits to be served.
#[derive(Clone, Debug)]
pub struct Waiting<I> {
    /// What waits.
    pub id: I,
    /// Whose it is.
    pub partner: PartnerId,
    /// Where it sends to, as stored.
    pub url: String,
    /// Whether all that was last tried of it failed.
    pub failing: bool,
}

/// Webhooks that have something to do and nobody who does it: of each partner at most `per_partner`, and of one partner's
/// those first that do not fail, and were served longest ago. Partners take turns.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(
    session: &mut impl Session,
    now: Timestamp,
    (per_partner, limit): (u32, u32),
) -> Result<Vec<Waiting<WebhookId>>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id, partner_id, url, failing FROM \
             (SELECT w.id, a.partner_id, w.url, w.failures > 0 AS failing, w.served_at, \
                     row_number() OVER (PARTITION BY a.partner_id ORDER BY w.failures > 0, w.served_at, w.id) AS place \
              FROM webhooks w JOIN accounts a ON a.id = w.account_id WHERE {HAS_WORK}) AS waiting \
         WHERE place <= $2 ORDER BY place, served_at, id LIMIT $3"
    ));
    let rows: Vec<(Uuid, Uuid, String, bool)> = on!(session, c => sqlx::query_as(sql)
        .bind(micros(now)).bind(i64::from(per_partner)).bind(i64::from(limit)).fetch_all(c).await)?;
    let waiting = |(id, partner, url, failing)| waits(WebhookId::new(id), partner, url, failing);
    Ok(rows.into_iter().map(waiting).collect())
}

/// Tests that wait to be sent: of each partner at most `per_partner`, and of one partner's the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_tests(
    session: &mut impl Session,
    now: Timestamp,
    (per_partner, limit): (u32, u32),
) -> Result<Vec<Waiting<i64>>> {
    let sql = "SELECT id, partner_id, url, failing FROM \
             (SELECT d.id, a.partner_id, w.url, d.attempts > 0 AS failing, \
                     row_number() OVER (PARTITION BY a.partner_id ORDER BY d.attempts, d.id) AS place \
              FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id JOIN accounts a ON a.id = w.account_id \
              WHERE d.number IS NULL AND d.next_attempt_at <= $1) AS waiting \
         WHERE place <= $2 ORDER BY place, id LIMIT $3";
    let rows: Vec<(i64, Uuid, String, bool)> = on!(session, c => sqlx::query_as(sql)
        .bind(micros(now)).bind(i64::from(per_partner)).bind(i64::from(limit)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, partner, url, failing)| waits(id, partner, url, failing)).collect())
}

fn waits<I>(id: I, partner: Uuid, url: String, failing: bool) -> Waiting<I> {
    Waiting { id, partner: PartnerId::new(partner), url, failing }
}

/// Claims those of these webhooks that still have something to do, for `lease`. `token` is the claimant's, and nobody
/// else's.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &mut Tx,
    token: Uuid,
    (now, lease): (Timestamp, SignedDuration),
    webhooks: &[WebhookId],
) -> Result<Vec<Claim>> {
    let (among, lock) = (dialect(tx).among_uuids("w.id", "$2"), dialect(tx).lock(RowLock::ChangeIfFree));
    let until = now.saturating_add(lease).unwrap_or(now);
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE webhooks SET claim = $3, claimed_until = $4 WHERE id IN \
             (SELECT w.id FROM webhooks w WHERE {among} AND {HAS_WORK}{lock}) RETURNING id"
    ));
    let wanted: Vec<String> = webhooks.iter().map(|id| id.uuid().simple().to_string()).collect();
    let ids: Vec<Uuid> = on!(tx, c => sqlx::query_scalar(sql)
        .bind(micros(now)).bind(json(&wanted)?).bind(token).bind(micros(until)).fetch_all(c).await)?;
    Ok(ids.into_iter().map(|id| Claim { id: WebhookId::new(id), token }).collect())
}

/// Takes a test for `lease`: until then nobody else sends it. `None` when someone else has taken it.
///
/// # Errors
/// When the database does not answer.
pub async fn take_test(
    tx: &mut Tx,
    id: i64,
    (now, lease): (Timestamp, SignedDuration),
) -> Result<Option<(Recipient, Due)>> {
    let until = now.saturating_add(lease).unwrap_or(now);
    let row: Option<(Uuid, i64, i64)> = on!(tx, c => sqlx::query_as(
        "UPDATE webhook_deliveries SET next_attempt_at = $3 \
         WHERE id = $1 AND number IS NULL AND next_attempt_at <= $2 RETURNING webhook_id, attempts, since")
        .bind(id).bind(micros(now)).bind(micros(until)).fetch_optional(c).await)?;
    let Some((webhook, attempts, since)) = row else { return Ok(None) };
    let due = Due { id, event: None, attempts, since: timestamp(since)? };
    Ok(Some((recipient(tx, WebhookId::new(webhook)).await?, due)))
}

async fn recipient(tx: &mut Tx, id: WebhookId) -> Result<Recipient> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, a.name AS account_name, a.parent_id \
         FROM webhooks w JOIN accounts a ON a.id = w.account_id WHERE w.id = $1"
    ));
    let row: RecipientRow = on!(tx, c => sqlx::query_as(sql).bind(id.uuid()).fetch_one(c).await)?;
    let is_sub_user = row.parent_id.is_some();
    Ok(Recipient { account_name: row.account_name, is_sub_user, webhook: row.webhook.try_into()? })
}

/// A delivery to be made now.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its id.
    pub id: i64,
    /// The event; `None` for a test.
    pub event: Option<LoggedEvent>,
    /// How often it was tried before.
    pub attempts: i64,
    since: Timestamp,
}

/// Prolongs a claim, looks at events that are new, and gives what is due, at most `most`: of each subject the first that
/// is pending. Tests are not among them. `None` when the claim is lost or the webhook disabled.
///
/// # Errors
/// When the database does not answer.
pub async fn take_due(
    tx: &mut Tx,
    claim: Claim,
    (now, lease): (Timestamp, SignedDuration),
    most: u32,
) -> Result<Option<(Recipient, Vec<Due>)>> {
    let until = now.saturating_add(lease).unwrap_or(now);
    let cursor: Option<i64> = on!(tx, c => sqlx::query_scalar(
        "UPDATE webhooks SET claimed_until = $3 WHERE id = $1 AND claim = $2 AND enabled RETURNING cursor")
        .bind(claim.id.uuid()).bind(claim.token).bind(micros(until)).fetch_optional(c).await)?;
    let Some(cursor) = cursor else { return Ok(None) };
    let recipient = recipient(tx, claim.id).await?;
    look_at_events(tx, &recipient.webhook, cursor, now).await?;
    let due = due(tx, &recipient.webhook, now, most).await?;
    Ok(Some((recipient, due)))
}

async fn due(tx: &mut Tx, webhook: &Webhook, now: Timestamp, most: u32) -> Result<Vec<Due>> {
    let sql = "SELECT d.id, d.number, d.attempts, d.since FROM webhook_deliveries d \
         WHERE d.webhook_id = $1 AND d.number IS NOT NULL AND d.next_attempt_at <= $2 AND NOT EXISTS \
             (SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.subject = d.subject \
              AND e.id < d.id AND e.next_attempt_at IS NOT NULL) \
         ORDER BY d.id LIMIT $3";
    let rows: Vec<(i64, i64, i64, i64)> = on!(tx, c => sqlx::query_as(sql)
        .bind(webhook.id.uuid()).bind(micros(now)).bind(i64::from(most)).fetch_all(c).await)?;
    let mut due = Vec::with_capacity(rows.len());
    for (id, number, attempts, since) in rows {
        let since = timestamp(since)?;
        match events::get(tx, webhook.account_id, number).await {
            Ok(event) => due.push(Due { id, event: Some(event), attempts, since }),
            Err(Error::NotFound) => forget_delivery(tx, id, "the event is no longer kept").await?,
            Err(Error::Damaged(reason)) => {
                tracing::error!(webhook = %webhook.id, event = number, reason, "a damaged event is not sent");
                forget_delivery(tx, id, "the event is damaged").await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(due)
}

/// An event that is not there cannot be sent.
async fn forget_delivery(tx: &mut Tx, id: i64, reason: &str) -> Result<()> {
    on!(tx, c => sqlx::query("UPDATE webhook_deliveries SET next_attempt_at = NULL, answer = $2 WHERE id = $1")
        .bind(id).bind(reason.to_owned()).execute(c).await.map(drop))?;
    Ok(())
}

/// Makes deliveries of the events that a webhook wants, as long as not too many are pending.
async fn look_at_events(tx: &mut Tx, webhook: &Webhook, cursor: i64, now: Timestamp) -> Result<()> {
    let id = webhook.id.uuid();
    let pending: i64 = on!(tx, c => sqlx::query_scalar(
        "SELECT count(*) FROM webhook_deliveries \
         WHERE webhook_id = $1 AND number IS NOT NULL AND next_attempt_at IS NOT NULL")
        .bind(id).fetch_one(c).await)?;
    let full = pending >= MOST_PENDING;
    let (mut seen, mut wanted) = (cursor, 0);
    while !full && wanted == 0 {
        let new = events::list(tx, webhook.account_id, seen, LOOKED_AT_ONCE).await?;
        let Some(last) = new.last() else { break };
        seen = last.number;
        for logged in new.iter().filter(|logged| webhook.draft.wants(logged.event.kind)) {
            add_delivery(tx, id, logged, now).await?;
            wanted += 1;
        }
    }
    on!(tx, c => sqlx::query("UPDATE webhooks SET cursor = $2, \"full\" = $3 WHERE id = $1")
        .bind(id).bind(seen).bind(full).execute(c).await.map(drop))?;
    Ok(())
}

async fn add_delivery(tx: &mut Tx, webhook: Uuid, logged: &LoggedEvent, now: Timestamp) -> Result<()> {
    on!(tx, c => sqlx::query(
        "INSERT INTO webhook_deliveries (webhook_id, number, kind, subject, created_at, since, next_attempt_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $5)")
        .bind(webhook).bind(logged.number).bind(logged.event.kind.code()).bind(subject(logged)).bind(micros(now))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// What an event is about: such events are sent one after the other.
fn subject(logged: &LoggedEvent) -> String {
    match (logged.event.task, logged.event.group) {
        (Some(task), _) => format!("task {task}"),
        (None, Some((group, _))) => format!("group {group}"),
        (None, None) => "account".to_owned(),
    }
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
    /// How long to wait before the next, if this one failed.
    pub wait: SignedDuration,
}

impl Attempt {
    /// Whether it was answered with 2xx.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Keeps how an attempt ended. A webhook whose delivery has failed for [`TRIED_FOR`] is disabled, and a test that has is not
/// tried any more; says whether the webhook was disabled. Nothing is kept when someone has had the delivery sent again while
/// the attempt was under way: then there is another.
///
/// # Errors
/// When the database does not answer.
pub async fn keep_attempt(
    tx: &mut Tx,
    webhook: WebhookId,
    due: &Due,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<bool> {
    let failed_for_good = !attempt.succeeded() && now.duration_since(due.since) >= TRIED_FOR;
    let done = attempt.succeeded() || (failed_for_good && due.event.is_none());
    let next = (!done).then(|| micros(now.saturating_add(attempt.wait).unwrap_or(now)));
    // PostgreSQL takes no NUL in a text.
    let answer: String = attempt.answer.chars().filter(|c| *c != '\0').take(ANSWER_KEPT).collect();
    let kept = on!(tx, c => sqlx::query(
        "UPDATE webhook_deliveries SET attempts = attempts + 1, attempted_at = $2, next_attempt_at = $3, delivered = $4, \
             status = $5, answer = $6 WHERE id = $1 AND since = $7")
        .bind(due.id).bind(micros(now)).bind(next).bind(attempt.succeeded()).bind(attempt.status.map(i64::from))
        .bind(answer).bind(micros(due.since)).execute(c).await.map(|done| done.rows_affected()))?;
    let gives_up = kept > 0 && failed_for_good && due.event.is_some();
    if gives_up {
        on!(tx, c => sqlx::query("UPDATE webhooks SET enabled = false, gave_up_at = $2, updated_at = $2 WHERE id = $1")
            .bind(webhook.uuid()).bind(micros(now)).execute(c).await.map(drop))?;
    }
    Ok(gives_up)
}

/// Lets a claimed webhook go until its next delivery is due. `failed` says whether all that was last tried failed; `None`
/// when nothing was tried.
///
/// # Errors
/// When the database does not answer.
pub async fn let_go(tx: &mut Tx, claim: Claim, failed: Option<bool>, now: Timestamp) -> Result<()> {
    // What is added meanwhile is seen only by a statement that begins when the row is locked.
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM webhooks WHERE id = $1 AND claim = $2{lock}"));
    let held: Option<Uuid> = on!(tx, c => sqlx::query_scalar(sql)
        .bind(claim.id.uuid()).bind(claim.token).fetch_optional(c).await)?;
    let Some(id) = held else { return Ok(()) };
    on!(tx, c => sqlx::query(
        "UPDATE webhooks SET claim = NULL, claimed_until = 0, served_at = $2, \
             failures = CASE WHEN $3 THEN failures + 1 WHEN NOT $3 THEN 0 ELSE failures END, next_attempt_at = \
             (SELECT min(d.next_attempt_at) FROM webhook_deliveries d WHERE d.webhook_id = $1 AND d.number IS NOT NULL) \
         WHERE id = $1")
        .bind(id).bind(micros(now)).bind(failed).execute(c).await.map(drop))?;
    Ok(())
}

async fn lock(tx: &mut Tx, account: AccountId, id: WebhookId) -> Result<Row> {
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM webhooks w WHERE w.account_id = $1 AND w.id = $2{lock}"
    ));
    Ok(on!(tx, c => sqlx::query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_one(c).await)?)
}

async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: WebhookId,
    action: Action,
    before: Option<&Row>,
    change: &Change,
) -> Result<()> {
    let entry =
        audit::Entry { account, subject: Subject::Webhook, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}

fn kinds_text(kinds: &[EventKind]) -> Result<String> {
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    json(&codes)
}

fn stored_kinds(text: &str) -> Result<Vec<EventKind>> {
    let codes: Vec<String> = from_json(text)?;
    let kind = |code: &String| EventKind::from_code(code).ok_or_else(|| damaged(format!("event {code}")));
    codes.iter().map(kind).collect()
}

fn stored_url(text: &str) -> Result<WebhookUrl> {
    WebhookUrl::parse(text).map_err(|rule| damaged(format!("address: {rule:?}")))
}

fn stored_secret(bytes: Vec<u8>) -> Result<WebhookSecret> {
    bytes.try_into().map(WebhookSecret).map_err(|_| damaged("a secret of another length"))
}

#[derive(Serialize, sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    url: String,
    format: String,
    kinds: String,
    enabled: bool,
    gave_up_at: Option<i64>,
    #[serde(skip)]
    secret: Vec<u8>,
    #[serde(skip)]
    old_secret: Option<Vec<u8>>,
    old_until: Option<i64>,
    created_at: i64,
    updated_at: i64,
    cursor: i64,
}

#[derive(sqlx::FromRow)]
struct RecipientRow {
    #[sqlx(flatten)]
    webhook: Row,
    account_name: String,
    parent_id: Option<Uuid>,
}

impl TryFrom<Row> for Webhook {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let format: WebhookFormat = from_word(&row.format)?;
        let draft = WebhookDraft {
            url: stored_url(&row.url)?,
            format,
            kinds: stored_kinds(&row.kinds)?,
            enabled: row.enabled,
        };
        let old_secret = row.old_secret.map(stored_secret).transpose()?;
        Ok(Self {
            id: WebhookId::new(row.id),
            account_id: AccountId::new(row.account_id),
            draft,
            gave_up_at: row.gave_up_at.map(timestamp).transpose()?,
            secret: stored_secret(row.secret)?,
            old_secret: old_secret.zip(row.old_until.map(timestamp).transpose()?),
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: i64,
    number: Option<i64>,
    kind: String,
    created_at: i64,
    attempts: i64,
    attempted_at: Option<i64>,
    next_attempt_at: Option<i64>,
    delivered: bool,
    status: Option<i64>,
    answer: Option<String>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            number: row.number,
            kind: row.kind,
            created_at: timestamp(row.created_at)?,
            attempts: row.attempts,
            attempted_at: row.attempted_at.map(timestamp).transpose()?,
            next_attempt_at: row.next_attempt_at.map(timestamp).transpose()?,
            delivered: row.delivered,
            status: row.status,
            answer: row.answer,
        })
    }
}
