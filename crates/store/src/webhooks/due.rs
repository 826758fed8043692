//! What is to be sent now: one event by itself, or a list of them, which is then sent and given up as a whole.

use domain::{EventDetail, LoggedEvent, NumberCallback, NumberCallbackId, Webhook, WebhookFormat};
use jiff::Timestamp;

use super::deliveries;
use crate::{
    DatabaseError, Error, Result, Tx,
    database::{
        convert::{json, micros, timestamp},
        statement::{query, query_as, query_scalar},
    },
    events, number_callbacks,
};

/// An event to be sent.
#[derive(Clone, Debug)]
pub struct DueEvent {
    /// The event.
    pub logged: LoggedEvent,
    /// The callback on numbers that it stands for, where the format has such.
    pub numbers: Option<NumberCallback>,
}

/// A request to be sent now.
#[derive(Clone, Debug)]
pub struct Due {
    /// The ids of its deliveries, one for each event; that of a test is the only one.
    pub deliveries: Vec<i64>,
    /// The number of the list that the events are sent in; `None` when they are not.
    pub list: Option<i64>,
    /// The events, in order; a test has none.
    pub events: Vec<DueEvent>,
    /// How often it was tried before.
    pub attempts: i64,
    /// Since when it is tried.
    pub since: Timestamp,
}

impl Due {
    /// Whether it is a test.
    pub const fn is_test(&self) -> bool {
        self.events.is_empty()
    }
}

/// Where the deliveries of a webhook are looked for that keep one waiting, in SQL: those of its subject that came before it and are not
/// done.
macro_rules! before_it {
    () => {
        "SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.subject = d.subject AND e.id < d.id \
         AND e.next_attempt_at IS NOT NULL"
    };
}

/// A delivery's row: its id, the event's number, how often it was tried, and since when.
type DueRow = (i64, i64, i64, i64);

/// What is due at a webhook, at most `most` requests. Of each subject nothing is sent before what came first.
pub(super) async fn due(tx: &mut Tx, webhook: &Webhook, now: Timestamp, most: u32) -> Result<Vec<Due>> {
    if webhook.draft.batch > 1 {
        make_lists(tx, webhook, now, most).await?;
    }
    let mut all = Vec::new();
    for list in due_lists(tx, webhook, now, most).await? {
        let rows: Vec<DueRow> = on!(tx, c => query_as(sql!(
            "SELECT id, number, attempts, since FROM webhook_deliveries \
             WHERE webhook_id = $1 AND batch = $2 AND next_attempt_at IS NOT NULL ORDER BY id"))
            .bind(webhook.id.uuid()).bind(list).fetch_all(c).await)?;
        all.extend(read(tx, webhook, Some(list), &rows).await?);
    }
    let room = i64::from(most) - i64::try_from(all.len()).unwrap_or(i64::MAX);
    if room > 0 {
        let rows: Vec<DueRow> = on!(tx, c => query_as(sql!(concat!(
            "SELECT d.id, d.number, d.attempts, d.since FROM webhook_deliveries d \
             WHERE d.webhook_id = $1 AND d.number IS NOT NULL AND d.batch IS NULL AND d.next_attempt_at <= $2 \
             AND NOT EXISTS (", before_it!(), ") ORDER BY d.id LIMIT $3")))
            .bind(webhook.id.uuid()).bind(micros(now)).bind(room).fetch_all(c).await)?;
        for row in rows {
            all.extend(read(tx, webhook, None, &[row]).await?);
        }
    }
    Ok(all)
}

/// The lists that are due, the oldest first: those without a delivery that must wait for another that is not in the list.
async fn due_lists(tx: &mut Tx, webhook: &Webhook, now: Timestamp, most: u32) -> Result<Vec<i64>> {
    Ok(on!(tx, c => query_scalar(sql!(concat!(
        "SELECT batch FROM webhook_deliveries AS sent WHERE webhook_id = $1 AND batch IS NOT NULL AND next_attempt_at <= $2 \
         AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = $1 AND d.batch = sent.batch \
             AND d.next_attempt_at IS NOT NULL AND EXISTS (", before_it!(), " AND (e.batch IS NULL OR e.batch <> d.batch))) \
         GROUP BY batch ORDER BY batch LIMIT $3")))
        .bind(webhook.id.uuid()).bind(micros(now)).bind(i64::from(most)).fetch_all(c).await)?)
}

/// Makes lists of what is due and in none. What must wait for a list that is there, or for a later attempt, waits.
async fn make_lists(tx: &mut Tx, webhook: &Webhook, now: Timestamp, most: u32) -> Result<()> {
    for _ in 0..most {
        let ids: Vec<i64> = on!(tx, c => query_scalar(sql!(concat!(
            "SELECT d.id FROM webhook_deliveries d \
             WHERE d.webhook_id = $1 AND d.number IS NOT NULL AND d.batch IS NULL AND d.next_attempt_at <= $2 \
             AND NOT EXISTS (", before_it!(), " AND (e.batch IS NOT NULL OR e.next_attempt_at > $2)) \
             ORDER BY d.id LIMIT $3")))
            .bind(webhook.id.uuid()).bind(micros(now)).bind(i64::from(webhook.draft.batch)).fetch_all(c).await)?;
        if ids.is_empty() {
            break;
        }
        // All of a list is tried as often as the others, and since the same instant.
        let sql = sql!(tx, |dialect| format!(
            "UPDATE webhook_deliveries SET batch = (SELECT batches + 1 FROM webhooks WHERE id = $1), next_attempt_at = $2, \
                 since = $2, attempts = 0 WHERE webhook_id = $1 AND {}",
            dialect.among("id", "$3")
        ));
        on!(tx, c => query(sql).bind(webhook.id.uuid()).bind(micros(now)).bind(json(&ids)?)
            .execute(c).await.map(drop))?;
        on!(tx, c => query(sql!("UPDATE webhooks SET batches = batches + 1 WHERE id = $1"))
            .bind(webhook.id.uuid()).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The events of deliveries that are sent in one request. Deliveries of events that cannot be sent end; `None` when none is left.
async fn read(tx: &mut Tx, webhook: &Webhook, list: Option<i64>, rows: &[DueRow]) -> Result<Option<Due>> {
    let Some((.., attempts, since)) = rows.first() else { return Ok(None) };
    let mut due = Due {
        deliveries: Vec::new(),
        list,
        events: Vec::new(),
        attempts: *attempts,
        since: timestamp(*since)?,
    };
    for (id, number, ..) in rows {
        match event(tx, webhook, *number).await {
            Ok(event) => {
                due.deliveries.push(*id);
                due.events.push(event);
            }
            Err(Error::NotFound(_)) => deliveries::end(tx, *id, "the event is no longer kept").await?,
            Err(Error::Database(DatabaseError::Damaged(reason))) => {
                tracing::error!(webhook = %webhook.id, event = number, reason, "a damaged event is not sent");
                deliveries::end(tx, *id, "the event is damaged").await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(due).filter(|due| !due.events.is_empty()))
}

async fn event(tx: &mut Tx, webhook: &Webhook, number: i64) -> Result<DueEvent> {
    let logged = events::get(tx, webhook.account_id, number).await?;
    let numbers = match (&logged.event.detail, webhook.draft.format) {
        (Some(EventDetail::Numbers(callback)), WebhookFormat::Platform) => {
            let id = NumberCallbackId::new(callback.unique_id);
            Some(number_callbacks::get(tx, webhook.account_id, id).await?)
        }
        _ => None,
    };
    Ok(DueEvent { logged, numbers })
}
