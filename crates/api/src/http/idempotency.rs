//! `Idempotency-Key`: a create that is sent twice makes one thing and is answered twice alike.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use store::{
    Tx,
    idempotency::{self, Claim},
};

use crate::{
    Api,
    http::{
        envelope::{Answer, Payload},
        extract::Caller,
        problem::Problem,
    },
    messages::Message,
};

/// The most bytes of a key.
pub(crate) const LONGEST_KEY: usize = 255;

/// A key, and what tells its request from every other.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) request: [u8; 32],
}

impl Key {
    /// The same key may come again only with the same method, address and body.
    pub(crate) fn new(text: String, method: &http::Method, uri: &http::Uri, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [method.as_str().as_bytes(), uri.to_string().as_bytes(), body] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Self { text, request: hash.finalize().into() }
    }
}

/// How a create begins.
pub(crate) enum Begun<T> {
    /// It is to be done, in this transaction.
    Now(Tx),
    /// It was done before, and answered with this.
    Before(Answer<T>),
}

/// Opens a transaction, and takes the request's key in it, if it has one.
pub(crate) async fn begin<T>(api: &Api, caller: &Caller, message: Message) -> Result<Begun<T>, Problem> {
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let Some(key) = &caller.idempotency_key else { return Ok(Begun::Now(tx)) };
    match idempotency::claim(&mut tx, caller.partner, &key.text, &key.request, caller.now).await? {
        Claim::First => Ok(Begun::Now(tx)),
        Claim::Conflict => Err(Problem::KeyReused),
        Claim::Repeat(answer) => {
            // What was done before may be part of a commit that is still to come.
            tx.commit().await?;
            again(answer, message).map(Begun::Before)
        }
    }
}

/// The answer that the request was given before, if it has a key and was: for who would do much before [`begin`].
pub(crate) async fn answered_before<T>(
    api: &Api,
    caller: &Caller,
    message: Message,
) -> Result<Option<Answer<T>>, Problem> {
    let Some(key) = &caller.idempotency_key else { return Ok(None) };
    let mut read = api.store.read().await?;
    match idempotency::find(&mut read, caller.partner, &key.text, &key.request, caller.now).await? {
        Some(Claim::Repeat(answer)) => again(answer, message).map(Some),
        Some(Claim::Conflict) => Err(Problem::KeyReused),
        Some(Claim::First) | None => Ok(None),
    }
}

fn again<T>(answer: String, message: Message) -> Result<Answer<T>, Problem> {
    let data = RawValue::from_string(answer).map_err(|error| {
        tracing::error!(%error, "a kept answer cannot be read");
        Problem::Internal
    })?;
    Ok(Answer { message, meta: None, data: Payload::Raw(data), version: None })
}

/// Keeps the answer under the request's key, if it has one, and makes the transaction's changes last.
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
