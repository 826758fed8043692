//! `Idempotency-Key`: a create that is sent twice with one key makes one thing, and gets the same answer both times.

use serde::Serialize;
use serde_json::value::RawValue;
use store::{
    Tx,
    idempotency::{self, KeyClaim},
};

use crate::{
    Api,
    http::{
        envelope::{Answer, Payload},
        extract::Caller,
        messages::Message,
        problem::Problem,
    },
};

/// What a create request leads to.
pub(crate) enum Creation<T> {
    /// It is new: to be done in this transaction.
    New(Tx),
    /// It repeats one that was done, and gets the same answer.
    Repeated(Answer<T>),
}

/// Opens a transaction, and claims the request's key in it, if it has one.
pub(crate) async fn begin<T>(api: &Api, caller: &Caller, message: Message) -> Result<Creation<T>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let Some(key) = &caller.idempotency_key else { return Ok(Creation::New(tx)) };
    match idempotency::claim(&mut tx, caller.partner, &key.text, &key.request, caller.now).await? {
        KeyClaim::First => Ok(Creation::New(tx)),
        KeyClaim::Conflict => Err(Problem::KeyReused),
        KeyClaim::Repeat(answer) => {
            // The first create may be in a group commit that is not on disk yet; this commit waits for it.
            tx.commit().await?;
            repeated(answer, message).map(Creation::Repeated)
        }
    }
}

/// The answer to an earlier request with the same key, if there was one: for handlers that do much work before [`begin`].
pub(crate) async fn answered_before<T>(
    api: &Api,
    caller: &Caller,
    message: Message,
) -> Result<Option<Answer<T>>, Problem> {
    let Some(key) = &caller.idempotency_key else { return Ok(None) };
    let mut read = api.store.read().await?;
    match idempotency::find(&mut read, caller.partner, &key.text, &key.request, caller.now).await? {
        Some(KeyClaim::Repeat(answer)) => repeated(answer, message).map(Some),
        Some(KeyClaim::Conflict) => Err(Problem::KeyReused),
        Some(KeyClaim::First) | None => Ok(None),
    }
}

fn repeated<T>(answer: String, message: Message) -> Result<Answer<T>, Problem> {
    let data = RawValue::from_string(answer).map_err(|error| {
        tracing::error!(%error, "a stored answer cannot be read");
        Problem::Internal
    })?;
    Ok(Answer { message, meta: None, data: Payload::Raw(data), version: None })
}

/// Stores the answer under the request's key, if it has one, and commits the transaction.
pub(crate) async fn finish<T: Serialize>(
    mut tx: Tx,
    caller: &Caller,
    message: Message,
    data: &T,
) -> Result<Answer<T>, Problem> {
    let raw = serde_json::value::to_raw_value(data).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::Internal
    })?;
    if let Some(key) = &caller.idempotency_key {
        idempotency::answer(&mut tx, caller.partner, &key.text, raw.get()).await?;
    }
    tx.commit().await?;
    Ok(Answer { message, meta: None, data: Payload::Raw(raw), version: None })
}
