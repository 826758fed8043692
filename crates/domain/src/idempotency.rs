//! Idempotency keys: how a create that is sent twice makes one thing.

use jiff::SignedDuration;

/// How long a key, and the answer to the request that carried it, is stored.
pub const IDEMPOTENCY_KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
