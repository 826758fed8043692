//! Creates that were sent twice: the first answer is stored in the transaction that made the thing, and given again.

use domain::{IDEMPOTENCY_KEY_LIFETIME, PartnerId};
use jiff::Timestamp;

use crate::{
    Result, Session, Tx,
    database::{
        convert::micros,
        statement::{query, query_as},
    },
};

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyClaim {
    /// It is new, and now taken until this transaction ends.
    First,
    /// The same request was answered with this before.
    Repeat(String),
    /// The key belongs to another request.
    Conflict,
}

/// Takes a key for a request, or finds what the same request was answered. A second request with the same key
/// waits here until the first one's transaction has ended.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &mut Tx,
    partner: PartnerId,
    key: &str,
    request: &[u8; 32],
    now: Timestamp,
) -> Result<KeyClaim> {
    delete_if_old(tx, partner, key, now).await?;
    let taken = on!(tx, c => query(sql!(
        "INSERT INTO idempotency_keys (partner_id, key, request, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (partner_id, key) DO NOTHING"))
        .bind(partner.uuid()).bind(key.to_owned()).bind(request.to_vec()).bind(micros(now))
        .execute(c).await.map(|done| done.rows_affected()))?;
    if taken == 1 {
        return Ok(KeyClaim::First);
    }
    let (known, answer): (Vec<u8>, Option<String>) = on!(tx, c => query_as(sql!(
        "SELECT request, answer FROM idempotency_keys WHERE partner_id = $1 AND key = $2"))
        .bind(partner.uuid()).bind(key.to_owned())
        .fetch_one(c).await)?;
    Ok(judge(&known, answer, request))
}

/// What is known of a key, without taking it: nothing when it is new or too old.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    session: &mut dyn Session,
    partner: PartnerId,
    key: &str,
    request: &[u8; 32],
    now: Timestamp,
) -> Result<Option<KeyClaim>> {
    let row: Option<(Vec<u8>, Option<String>)> = on!(session, c => query_as(sql!(
        "SELECT request, answer FROM idempotency_keys WHERE partner_id = $1 AND key = $2 AND created_at >= $3"))
        .bind(partner.uuid()).bind(key.to_owned()).bind(oldest_valid(now))
        .fetch_optional(c).await)?;
    Ok(row.map(|(known, answer)| judge(&known, answer, request)))
}

fn judge(known: &[u8], answer: Option<String>, request: &[u8; 32]) -> KeyClaim {
    match answer {
        Some(answer) if known == request => KeyClaim::Repeat(answer),
        _ => KeyClaim::Conflict,
    }
}

fn oldest_valid(now: Timestamp) -> i64 {
    micros(now) - i64::try_from(IDEMPOTENCY_KEY_LIFETIME.as_micros()).unwrap_or(i64::MAX)
}

/// Stores the answer to the request that [`claim`]ed the key.
///
/// # Errors
/// When the database does not answer.
pub async fn answer(tx: &mut Tx, partner: PartnerId, key: &str, answer: &str) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE idempotency_keys SET answer = $3 WHERE partner_id = $1 AND key = $2"))
        .bind(partner.uuid()).bind(key.to_owned()).bind(answer.to_owned())
        .execute(c).await.map(drop))?;
    Ok(())
}

/// A key that was remembered for long enough is as good as new, though it may still be there.
async fn delete_if_old(tx: &mut Tx, partner: PartnerId, key: &str, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "DELETE FROM idempotency_keys WHERE partner_id = $1 AND key = $2 AND created_at < $3"))
        .bind(partner.uuid()).bind(key.to_owned()).bind(oldest_valid(now))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Deletes keys that were taken before `instant`, at most `limit` of them; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest(
        "idempotency_keys",
        "partner_id, key",
        "created_at",
        "true"
    ));
    Ok(on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?)
}
