//! The kit that every resource is built with: who asks, what was sent, what is answered, and what surrounds a request.

pub(crate) mod access_log;
pub(crate) mod allowance;
pub(crate) mod body;
pub(crate) mod cache;
pub(crate) mod chosen_ids;
pub(crate) mod connection;
pub(crate) mod envelope;
pub(crate) mod extract;
pub(crate) mod formats;
pub(crate) mod idempotency;
pub(crate) mod if_match;
pub(crate) mod language;
pub(crate) mod lenient;
pub(crate) mod number_view;
pub(crate) mod parameters;
pub(crate) mod password;
pub(crate) mod plain_text;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod representation;
pub(crate) mod time;
pub(crate) mod token_uses;
pub(crate) mod unrouted;
