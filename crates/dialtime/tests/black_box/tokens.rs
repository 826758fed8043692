//! Tokens: good, missing, malformed, unknown, expired, revoked.
