//! Deliveries of events to webhooks, and tests of webhooks: what is pending, and what is done.

use domain::{LoggedEvent, MAXIMUM_PENDING_TESTS, WEBHOOK_TEST, WebhookId, delivery_subject};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    LockedWebhook,
    row::{DELIVERIES, Delivery, DeliveryRow, delivery_columns},
};
use crate::{
    Error, Kind, Limited, Page, Paged, Result, Session, Tx,
    database::{
        convert::{damaged, micros},
        lists,
        statement::{query, query_as, query_scalar},
    },
    events,
};

/// The deliveries of a webhook, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_deliveries(
    session: &mut dyn Session,
    id: WebhookId,
    page: Page,
) -> Result<Paged<Delivery>> {
    let total: i64 = on!(session, c =>
        query_scalar(sql!("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1"))
            .bind(id.uuid()).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", delivery_columns!(), " FROM webhook_deliveries WHERE webhook_id = $1 \
         ORDER BY id DESC LIMIT $2 OFFSET $3")))
        .bind(id.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, DeliveryRow, _>(DELIVERIES, &rows)))?;
    Ok(Paged { items, total })
}

/// Deletes deliveries that are done and were made before `instant`, at most `limit` of them; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| {
        dialect.delete_oldest("webhook_deliveries", "id", "created_at", "next_attempt_at IS NULL")
    });
    Ok(on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?)
}

/// Makes a delivery of an event, to be sent at once.
pub(super) async fn add(tx: &mut Tx, webhook: WebhookId, logged: &LoggedEvent, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO webhook_deliveries (webhook_id, number, kind, subject, created_at, since, next_attempt_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $5)"))
        .bind(webhook.uuid()).bind(logged.number).bind(logged.event.kind.code())
        .bind(delivery_subject(&logged.event)).bind(micros(now))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// How many deliveries of events are pending at a webhook.
pub(super) async fn count_pending(tx: &mut Tx, webhook: WebhookId) -> Result<usize> {
    let pending: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM webhook_deliveries \
         WHERE webhook_id = $1 AND number IS NOT NULL AND next_attempt_at IS NOT NULL"))
        .bind(webhook.uuid()).fetch_one(c).await)?;
    Ok(usize::try_from(pending).map_err(damaged)?)
}

/// Ends a delivery whose event cannot be sent.
pub(super) async fn end(tx: &mut Tx, delivery: i64, reason: &str) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE webhook_deliveries SET next_attempt_at = NULL, answer = $2 WHERE id = $1"))
        .bind(delivery).bind(reason.to_owned()).execute(c).await.map(drop))?;
    Ok(())
}

/// Has something sent to a webhook that is no event, at once and also while it is disabled; gives the delivery.
///
/// # Errors
/// [`Error::Limit`] when [`MAXIMUM_PENDING_TESTS`] are pending already.
pub async fn add_test(tx: &mut Tx, webhook: &LockedWebhook, now: Timestamp) -> Result<Delivery> {
    let pending: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1 AND number IS NULL AND next_attempt_at IS NOT NULL"))
        .bind(webhook.row.id).fetch_one(c).await)?;
    if usize::try_from(pending).map_err(damaged)? >= MAXIMUM_PENDING_TESTS {
        return Err(Error::Limit { of: Limited::PendingTests, most: MAXIMUM_PENDING_TESTS });
    }
    let row: DeliveryRow = on!(tx, c => query_as(sql!(concat!(
        "INSERT INTO webhook_deliveries (webhook_id, kind, subject, created_at, since, next_attempt_at) \
         VALUES ($1, $2, $2, $3, $3, $3) RETURNING ", delivery_columns!())))
        .bind(webhook.row.id).bind(WEBHOOK_TEST).bind(micros(now)).fetch_one(c).await)?;
    tx.wake_runner();
    Ok(row.try_into()?)
}

/// Has all pending deliveries of a webhook sent again at once, and not when their turn comes; says how many these are.
///
/// # Errors
/// [`Error::Disabled`].
pub async fn send_all_again(tx: &mut Tx, webhook: &LockedWebhook, now: Timestamp) -> Result<u64> {
    webhook.expect_enabled()?;
    send_pending_now(tx, webhook, now).await
}

/// Has all that is pending sent at once, as if for the first time; says how many deliveries that is.
pub(super) async fn send_pending_now(tx: &mut Tx, webhook: &LockedWebhook, now: Timestamp) -> Result<u64> {
    let pending = on!(tx, c => query(sql!(
        "UPDATE webhook_deliveries SET next_attempt_at = $2, since = $2, attempts = 0 \
         WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL"))
        .bind(webhook.row.id).bind(micros(now)).execute(c).await.map(|done| done.rows_affected()))?;
    serve_now(tx, webhook, now).await?;
    Ok(pending)
}

/// Has what is pending in lists sent in others, or by itself.
pub(super) async fn dissolve_lists(tx: &mut Tx, webhook: &LockedWebhook) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE webhook_deliveries SET batch = NULL WHERE webhook_id = $1 AND batch IS NOT NULL AND next_attempt_at IS NOT NULL"))
        .bind(webhook.row.id).execute(c).await.map(drop))?;
    Ok(())
}

/// Has a webhook served at once, and before those that fail.
async fn serve_now(tx: &mut Tx, webhook: &LockedWebhook, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE webhooks SET next_attempt_at = $2, failures = 0, served_at = 0 WHERE id = $1"))
        .bind(webhook.row.id).bind(micros(now)).execute(c).await.map(drop))?;
    tx.wake_runner();
    Ok(())
}

/// Has a delivery sent again at once, whether it is pending or done. Those of the same subject that are pending before
/// it are sent at once too, for they keep their order.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Disabled`], unless it is a test; [`Error::Expired`] when its event is no longer stored.
pub async fn send_again(
    tx: &mut Tx,
    webhook: &LockedWebhook,
    delivery: i64,
    now: Timestamp,
) -> Result<Delivery> {
    let id = webhook.row.id;
    let found: Option<(Option<i64>, String)> = on!(tx, c => query_as(sql!(
        "SELECT number, subject FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2"))
        .bind(id).bind(delivery).fetch_optional(c).await)?;
    let (number, subject) = found.ok_or(Error::NotFound(Kind::Delivery))?;
    if let Some(number) = number {
        webhook.expect_enabled()?;
        events::get(tx, webhook.account(), number).await.map_err(|error| match error {
            Error::NotFound(kind) => Error::Expired(kind),
            other => other,
        })?;
    }
    on!(tx, c => query(sql!(
        "UPDATE webhook_deliveries SET next_attempt_at = $4, since = $4, attempts = 0, delivered = false, batch = NULL \
         WHERE webhook_id = $1 AND (id = $2 OR (subject = $3 AND id < $2 AND next_attempt_at IS NOT NULL))"))
        .bind(id).bind(delivery).bind(subject).bind(micros(now)).execute(c).await.map(drop))?;
    serve_now(tx, webhook, now).await?;
    one(tx, id, delivery).await
}

async fn one(tx: &mut Tx, webhook: Uuid, delivery: i64) -> Result<Delivery> {
    let row: Option<DeliveryRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", delivery_columns!(), " FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2")))
        .bind(webhook).bind(delivery).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Delivery))?.try_into()?)
}
