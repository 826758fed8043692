//! The agent API over HTTP: routes, one module per resource, and the envelope every answer wears.
//!
//! A request's way: route -> `extract` (proves who asks, and for which account) -> handler (one file per
//! resource, verbs as function names) -> a function of the [`store`] -> `envelope`.
//!
//! It knows the [`domain`], the [`store`] and the [`calendar`]; it holds no SQL, no clock and no random source of
//! its own.

mod http;
mod messages;
mod offline;
mod openapi;
mod permissions;
mod resources;
mod router;
mod settings;

pub use self::{
    http::{
        connection::Connection,
        password::{check as check_password, hash as hash_password},
        token_uses::{record_last_token_uses, record_token_uses},
        unrouted::{Unanswered, Unrouted},
    },
    offline::{CheckError, Checked, check},
    openapi::openapi,
    resources::{
        events::streams::StreamLimits,
        tokens::{hash as hash_token, new_secret},
        webhooks::{body_of_event as webhook_body, body_of_test as webhook_test_body},
    },
    router::router,
    settings::{AccessLog, Api, ApiSettings, ErrorStatus, Lifecycle},
};

/// What a rule asks for, in English: for messages at the command line.
pub fn explain(rule: &domain::FaultRule) -> String {
    messages::rule_text(rule, http::language::Language::English)
}
