//! Who sends what is due. A node claims a webhook, makes deliveries of the events after its cursor, sends what is due and
//! lets go; a claim ends by itself, so the webhooks of a node that dies go on elsewhere. Then something may be sent twice,
//! but of one subject never in another order.
//!
//! An event becomes a delivery when its webhook's turn comes, not when it is written: whoever writes events pays nothing
//! for who listens.

use domain::{
    AfterAttempt, DeliveryAttempt, EVENTS_READ_AT_ONCE, MAXIMUM_PENDING_DELIVERIES, PartnerId, Webhook,
    WebhookId,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    LockedWebhook, deliveries,
    due::{Due, due},
    row::{WebhookRow, webhook_columns},
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{json, micros, timestamp, uuids},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    events,
};

/// Whether a webhook has something to do that nobody does, at the present instant `$1`. A claim that ended by itself left
/// something undone.
macro_rules! has_work {
    () => {
        "webhooks.enabled AND webhooks.claimed_until < $1 AND (webhooks.claim IS NOT NULL OR webhooks.next_attempt_at <= $1 \
         OR (NOT webhooks.\"full\" AND webhooks.cursor < \
             (SELECT last FROM event_counters c WHERE c.account_id = webhooks.account_id)))"
    };
}

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

#[derive(sqlx_macros::FromRow)]
struct RecipientRow {
    #[sqlx(flatten)]
    webhook: WebhookRow,
    account_name: String,
    parent_id: Option<Uuid>,
}

#[derive(sqlx_macros::FromRow)]
struct WaitingRow<I> {
    id: I,
    partner_id: Uuid,
    url: String,
    failing: bool,
}

/// How many that wait are asked for.
#[derive(Clone, Copy, Debug)]
pub struct WaitingLimits {
    /// Of each partner.
    pub per_partner: u32,
    /// Of all.
    pub total: u32,
}

/// Webhooks that have something to do and nobody who does it: of one partner's those first that do not fail, and were
/// served longest ago. Partners take turns.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(
    session: &mut dyn Session,
    now: Timestamp,
    limits: WaitingLimits,
) -> Result<Vec<Waiting<WebhookId>>> {
    let rows: Vec<WaitingRow<Uuid>> = on!(session, c => query_as(sql!(concat!(
        "SELECT id, partner_id, url, failing FROM \
             (SELECT webhooks.id, a.partner_id, webhooks.url, webhooks.failures > 0 AS failing, webhooks.served_at, \
                     row_number() OVER (PARTITION BY a.partner_id \
                                        ORDER BY webhooks.failures > 0, webhooks.served_at, webhooks.id) AS place \
              FROM webhooks JOIN accounts a ON a.id = webhooks.account_id WHERE ", has_work!(), ") AS waiting \
         WHERE place <= $2 ORDER BY place, served_at, id LIMIT $3")))
        .bind(micros(now)).bind(i64::from(limits.per_partner)).bind(i64::from(limits.total)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| row.waiting(WebhookId::new)).collect())
}

/// Tests that wait to be sent: of one partner's the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_tests(
    session: &mut dyn Session,
    now: Timestamp,
    limits: WaitingLimits,
) -> Result<Vec<Waiting<i64>>> {
    let rows: Vec<WaitingRow<i64>> = on!(session, c => query_as(sql!(
        "SELECT id, partner_id, url, failing FROM \
             (SELECT d.id, a.partner_id, w.url, d.attempts > 0 AS failing, \
                     row_number() OVER (PARTITION BY a.partner_id ORDER BY d.attempts, d.id) AS place \
              FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id JOIN accounts a ON a.id = w.account_id \
              WHERE d.number IS NULL AND d.next_attempt_at <= $1) AS waiting \
         WHERE place <= $2 ORDER BY place, id LIMIT $3"))
        .bind(micros(now)).bind(i64::from(limits.per_partner)).bind(i64::from(limits.total)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| row.waiting(|id| id)).collect())
}

impl<I> WaitingRow<I> {
    fn waiting<J>(self, id: impl FnOnce(I) -> J) -> Waiting<J> {
        let Self { partner_id, url, failing, .. } = self;
        Waiting { id: id(self.id), partner: PartnerId::new(partner_id), url, failing }
    }
}

/// For how long something is one node's to send.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// From this instant, the present one.
    pub now: Timestamp,
    /// For so long.
    pub length: SignedDuration,
}

impl Lease {
    fn until(self) -> i64 {
        micros(self.now.saturating_add(self.length).unwrap_or(self.now))
    }
}

/// Claims those of these webhooks that still have something to do. `token` is the claimant's, and nobody else's.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(tx: &mut Tx, token: Uuid, lease: Lease, webhooks: &[WebhookId]) -> Result<Vec<Claim>> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "UPDATE webhooks SET claim = $3, claimed_until = $4 WHERE id IN \
             (SELECT webhooks.id FROM webhooks WHERE {} AND ",
            has_work!(),
            "{}) RETURNING id"
        ),
        dialect.among_uuids("webhooks.id", "$2"),
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let wanted = uuids(webhooks.iter().map(|id| id.uuid()))?;
    let ids: Vec<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(micros(lease.now)).bind(wanted).bind(token).bind(lease.until()).fetch_all(c).await)?;
    Ok(ids.into_iter().map(|id| Claim { id: WebhookId::new(id), token }).collect())
}

/// Takes a test: until the lease ends nobody else sends it. `None` when someone else has taken it.
///
/// # Errors
/// When the database does not answer.
pub async fn take_test(tx: &mut Tx, id: i64, lease: Lease) -> Result<Option<(Recipient, Due)>> {
    let row: Option<(Uuid, i64, i64)> = on!(tx, c => query_as(sql!(
        "UPDATE webhook_deliveries SET next_attempt_at = $3 \
         WHERE id = $1 AND number IS NULL AND next_attempt_at <= $2 RETURNING webhook_id, attempts, since"))
        .bind(id).bind(micros(lease.now)).bind(lease.until()).fetch_optional(c).await)?;
    let Some((webhook, attempts, since)) = row else { return Ok(None) };
    let since = timestamp(since)?;
    let due = Due { deliveries: vec![id], list: None, events: Vec::new(), attempts, since };
    Ok(Some((recipient(tx, WebhookId::new(webhook)).await?, due)))
}

async fn recipient(tx: &mut Tx, id: WebhookId) -> Result<Recipient> {
    let row: RecipientRow = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", webhook_columns!(), ", a.name AS account_name, a.parent_id \
         FROM webhooks JOIN accounts a ON a.id = webhooks.account_id WHERE webhooks.id = $1")))
        .bind(id.uuid()).fetch_one(c).await)?;
    let is_sub_user = row.parent_id.is_some();
    Ok(Recipient { account_name: row.account_name, is_sub_user, webhook: row.webhook.try_into()? })
}

/// Prolongs a claim, makes deliveries of events that are new, and gives what is due, at most `most` requests: of each subject the
/// first that is pending. Tests are not among them. `None` when the claim is lost or the webhook disabled.
///
/// # Errors
/// When the database does not answer.
pub async fn take_due(
    tx: &mut Tx,
    claim: Claim,
    lease: Lease,
    most: u32,
) -> Result<Option<(Recipient, Vec<Due>)>> {
    let cursor: Option<i64> = on!(tx, c => query_scalar(sql!(
        "UPDATE webhooks SET claimed_until = $3 WHERE id = $1 AND claim = $2 AND enabled RETURNING cursor"))
        .bind(claim.id.uuid()).bind(claim.token).bind(lease.until()).fetch_optional(c).await)?;
    let Some(cursor) = cursor else { return Ok(None) };
    let recipient = recipient(tx, claim.id).await?;
    make_deliveries(tx, &recipient.webhook, (cursor, most), lease.now).await?;
    let due = due(tx, &recipient.webhook, lease.now, most).await?;
    Ok(Some((recipient, due)))
}

/// Makes deliveries of the events that a webhook wants, as long as not too many are pending; where they are sent in lists, enough for
/// `most` of these.
async fn make_deliveries(
    tx: &mut Tx,
    webhook: &Webhook,
    (cursor, most): (i64, u32),
    now: Timestamp,
) -> Result<()> {
    let pending = deliveries::count_pending(tx, webhook.id).await?;
    let full = pending >= MAXIMUM_PENDING_DELIVERIES;
    let of_lists = usize::try_from(most.saturating_mul(webhook.draft.batch)).unwrap_or(usize::MAX);
    let enough = if webhook.draft.batch > 1 { of_lists } else { 1 };
    let enough = enough.min(MAXIMUM_PENDING_DELIVERIES.saturating_sub(pending).max(1));
    let (mut seen, mut wanted) = (cursor, 0);
    while !full && wanted < enough {
        let new = events::list(tx, webhook.account_id, seen, EVENTS_READ_AT_ONCE).await?;
        let Some(last) = new.last() else { break };
        seen = last.number;
        for logged in new.iter().filter(|logged| webhook.draft.wants(logged.event.kind)) {
            deliveries::add(tx, webhook.id, logged, now).await?;
            wanted += 1;
        }
    }
    on!(tx, c => query(sql!("UPDATE webhooks SET cursor = $2, \"full\" = $3 WHERE id = $1"))
        .bind(webhook.id.uuid()).bind(seen).bind(full).execute(c).await.map(drop))?;
    Ok(())
}

/// Stores how an attempt ended and what follows, of all that was sent together; says whether the webhook was disabled. Nothing is stored when someone has
/// had the delivery sent again while the attempt was under way: then there is another.
///
/// # Errors
/// When the database does not answer.
pub async fn save_attempt(
    tx: &mut Tx,
    webhook: WebhookId,
    due: &Due,
    attempt: &DeliveryAttempt,
    then: AfterAttempt,
    now: Timestamp,
) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE webhook_deliveries SET attempts = attempts + 1, attempted_at = $2, next_attempt_at = $3, delivered = $4, \
             status = $5, answer = $6 WHERE {} AND since = $7",
        dialect.among("id", "$1")
    ));
    let saved = on!(tx, c => query(sql)
        .bind(json(&due.deliveries)?).bind(micros(now)).bind(then.next_attempt_at().map(micros))
        .bind(then == AfterAttempt::Delivered).bind(attempt.status.map(i64::from)).bind(attempt.stored_answer())
        .bind(micros(due.since)).execute(c).await.map(|done| done.rows_affected()))?;
    let disables = saved > 0 && matches!(then, AfterAttempt::DisableWebhook(_));
    if disables {
        let webhook = lock_by_id(tx, webhook).await?;
        disable(tx, &webhook, now).await?;
    }
    Ok(disables)
}

async fn lock_by_id(tx: &mut Tx, id: WebhookId) -> Result<LockedWebhook> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", webhook_columns!(), " FROM webhooks WHERE id = $1{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: WebhookRow = on!(tx, c => query_as(sql).bind(id.uuid()).fetch_one(c).await)?;
    Ok(LockedWebhook { row })
}

/// Disables a webhook because its deliveries fail.
async fn disable(tx: &mut Tx, webhook: &LockedWebhook, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE webhooks SET enabled = false, gave_up_at = $2, updated_at = $2 WHERE id = $1"))
        .bind(webhook.row.id).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets a claimed webhook go until its next delivery is due. `failed` says whether all that was last tried failed; `None`
/// when nothing was tried.
///
/// # Errors
/// When the database does not answer.
pub async fn let_go(tx: &mut Tx, claim: Claim, failed: Option<bool>, now: Timestamp) -> Result<()> {
    // What is added meanwhile is seen only by a statement that begins when the row is locked.
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM webhooks WHERE id = $1 AND claim = $2{}",
        dialect.lock(RowLock::Change)
    ));
    let locked: Option<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(claim.id.uuid()).bind(claim.token).fetch_optional(c).await)?;
    let Some(id) = locked else { return Ok(()) };
    on!(tx, c => query(sql!(
        "UPDATE webhooks SET claim = NULL, claimed_until = 0, served_at = $2, \
             failures = CASE WHEN $3 THEN failures + 1 WHEN NOT $3 THEN 0 ELSE failures END, next_attempt_at = \
             (SELECT min(d.next_attempt_at) FROM webhook_deliveries d WHERE d.webhook_id = $1 AND d.number IS NOT NULL) \
         WHERE id = $1"))
        .bind(id).bind(micros(now)).bind(failed).execute(c).await.map(drop))?;
    Ok(())
}
