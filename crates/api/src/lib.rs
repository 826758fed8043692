//! The agent API over HTTP: routes, one module per resource, and the envelope every answer wears.
//!
//! A request's way: route -> `extract` (proves who asks, and for which account) -> handler (one file per
//! resource, verbs as function names) -> a function of the [`store`] -> `envelope`.
//!
//! It knows the [`domain`], the [`store`] and the [`calendar`]; it holds no SQL, no clock and no random source of
//! its own.

mod access;
mod account_administration;
mod accounts;
mod allowance;
mod body;
mod brought;
mod connection;
mod decisions;
mod dial_time_groups;
mod document;
mod envelope;
mod events;
mod extract;
mod group_calendars;
mod health;
mod holiday_calendars;
mod kept;
mod language;
mod lenient;
mod message;
mod missing;
mod numbers;
mod offline;
mod once;
mod parameters;
mod password;
mod permissions;
mod plain;
mod problem;
mod query;
mod representation;
mod router;
mod settings;
mod tasks;
mod texts;
mod time;
mod token;
mod token_uses;
mod webhooks;

pub use connection::Connection;
pub use document::openapi;
pub use envelope::refusal;
pub use events::streams::StreamLimits;
pub use offline::{CheckError, Checked, check};
pub use password::{check as check_password, hash as hash_password};
pub use router::router;
pub use settings::{AccessLog, Api, ErrorStatus, Lifecycle, Settings};
pub use token::{hash as hash_token, new_secret};
pub use token_uses::{record_last_token_uses, record_token_uses};
pub use webhooks::{body_of_event as webhook_body, body_of_test as webhook_test_body};

/// What a rule asks for, in English: for messages at the command line.
pub fn explain(rule: &domain::FaultRule) -> String {
    message::rule_text(rule, language::Language::English)
}
