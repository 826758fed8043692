//! The header `Idempotency-Key`.

use bytes::Bytes;
use domain::FaultRule;
use http::request::Parts;
use sha2::{Digest, Sha256};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder,
        path::{Parameter, ParameterIn},
    },
};

use crate::http::{headers::DocumentedHeader, problem::Problem};

const NAME: &str = "Idempotency-Key";

/// The most bytes of a key.
const LONGEST_KEY: usize = 255;

/// A key, and the hash of the request it came with.
#[derive(Debug)]
pub(crate) struct IdempotencyKey {
    pub(crate) text: String,
    pub(crate) request: [u8; 32],
}

impl IdempotencyKey {
    /// A key may be used again only with the same method, address and body.
    fn new(text: String, method: &http::Method, uri: &http::Uri, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [method.as_str().as_bytes(), uri.to_string().as_bytes(), body] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Self { text, request: hash.finalize().into() }
    }

    /// The key of a request, if it has one.
    pub(crate) fn of(parts: &Parts, body: &Bytes) -> Result<Option<Self>, Problem> {
        let Some(value) = parts.headers.get(NAME) else { return Ok(None) };
        let text = value.to_str().map_err(|_| Problem::fault(NAME, FaultRule::ControlCharacter))?;
        if text.is_empty() {
            return Err(Problem::fault(NAME, FaultRule::Empty));
        }
        if text.len() > LONGEST_KEY {
            return Err(Problem::fault(NAME, FaultRule::TooLong(LONGEST_KEY)));
        }
        Ok(Some(Self::new(text.to_owned(), &parts.method, &parts.uri, body)))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = DocumentedHeader {
            name: NAME,
            description: "Sent again with the same key within 24 hours, the create happens once and is answered alike.",
            example: "order-4711",
        };
        header.with(ObjectBuilder::new().min_length(Some(1)).max_length(Some(LONGEST_KEY)))
    }
}
