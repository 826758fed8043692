//! The rows of webhooks and deliveries: their columns, and how they become webhooks and deliveries.

use domain::{AccountId, EventKind, HttpUrl, Webhook, WebhookDraft, WebhookFormat, WebhookId, WebhookSecret};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, from_word, json, timestamp},
    error::Result,
    lists::Table,
};

/// The tables, for the log.
pub(super) const WEBHOOKS: Table = Table { name: "webhooks", key: &["account_id", "id"] };
pub(super) const DELIVERIES: Table = Table { name: "webhook_deliveries", key: &["id"] };

/// The columns of [`WebhookRow`].
macro_rules! webhook_columns {
    () => {
        "webhooks.id, webhooks.account_id, webhooks.url, webhooks.format, webhooks.kinds, webhooks.enabled, \
         webhooks.gave_up_at, webhooks.secret, webhooks.old_secret, webhooks.old_until, webhooks.created_at, \
         webhooks.updated_at, webhooks.cursor, webhooks.batch"
    };
}
pub(super) use webhook_columns;

/// The columns of [`DeliveryRow`].
macro_rules! delivery_columns {
    () => {
        "id, number, kind, created_at, attempts, attempted_at, next_attempt_at, delivered, status, answer, batch"
    };
}
pub(super) use delivery_columns;

pub(super) fn kinds_text(kinds: &[EventKind]) -> Result<String> {
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    json(&codes)
}

fn stored_kinds(text: &str) -> Result<Vec<EventKind>> {
    let codes: Vec<String> = from_json(text)?;
    let kind = |code: &String| EventKind::from_code(code).ok_or_else(|| damaged(format!("event {code}")));
    codes.iter().map(kind).collect()
}

fn stored_url(text: &str) -> Result<HttpUrl> {
    HttpUrl::parse(text).map_err(|rule| damaged(format!("address: {rule:?}")))
}

fn stored_secret(bytes: Vec<u8>) -> Result<WebhookSecret> {
    bytes.try_into().map(WebhookSecret).map_err(|_| damaged("a secret of another length"))
}

/// A webhook; what is not skipped is its before-image in the audit.
#[derive(Clone, Serialize, sqlx_macros::FromRow)]
pub(super) struct WebhookRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) url: String,
    pub(super) format: String,
    kinds: String,
    pub(super) enabled: bool,
    gave_up_at: Option<i64>,
    #[serde(skip)]
    secret: Vec<u8>,
    #[serde(skip)]
    old_secret: Option<Vec<u8>>,
    old_until: Option<i64>,
    created_at: i64,
    updated_at: i64,
    cursor: i64,
    pub(super) batch: i64,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = DatabaseError;

    fn try_from(row: WebhookRow) -> Result<Self> {
        let format: WebhookFormat = from_word(&row.format)?;
        let draft = WebhookDraft {
            url: stored_url(&row.url)?,
            format,
            kinds: stored_kinds(&row.kinds)?,
            enabled: row.enabled,
            batch: u32::try_from(row.batch).map_err(damaged)?,
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

/// What became of an event at a webhook.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: i64,
    /// The event's number; `None` of a test.
    pub number: Option<i64>,
    /// The event's type, or [`WEBHOOK_TEST`](domain::WEBHOOK_TEST).
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
    /// The list of events that it is or was sent in.
    pub list: Option<i64>,
}

#[derive(sqlx_macros::FromRow)]
pub(super) struct DeliveryRow {
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
    batch: Option<i64>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = DatabaseError;

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
            list: row.batch,
        })
    }
}
