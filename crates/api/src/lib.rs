//! The agent API over HTTP: the kit (`http`), one folder for each resource (`resources`), and the OpenAPI document.
//!
//! A request goes from the route to an extractor, which proves who asks and for which account, then to a handler, to a function of
//! the [`store`], and back through the envelope.
//!
//! The crate knows the [`domain`], the [`store`] and the [`calendar`]. It has no SQL, no clock and no random source of its own.

mod http;
mod offline;
mod openapi;
mod resources;
mod router;

pub use self::{
    http::audio_conversion::read_prompt,
    http::import_messages::{import_failure_text, refused_rows_csv},
    http::messages::audio_english as audio_fault_text,
    http::{
        connection::Connection,
        holiday_addresses::{HolidayAddresses, ReadingAddress},
        password::{check as check_password, hash as hash_password},
        secret::{hash_token, new_token as new_secret},
        settings::{AccessLog, ApiSettings, ErrorStatus, IMPORT_LIMIT, PublicUrl, StreamLimits},
        state::{Api, Lifecycle},
        token_use_writer::{record_last_token_uses, record_token_uses},
        unrouted::{Unanswered, Unrouted},
    },
    offline::{CheckError, Checked, check, read_line, write_line},
    openapi::openapi,
    resources::webhooks::WebhookBodies,
    router::router,
};

/// Reads an instant as the API does: RFC 3339 with its offset, of the years 1970 to 2200.
///
/// # Errors
/// The rule that the text breaks.
pub fn instant(text: &str) -> Result<jiff::Timestamp, domain::FaultRule> {
    http::time::parse_instant(text)
}

/// What a rule asks for, in English: for messages at the command line.
pub fn explain(rule: &domain::FaultRule) -> String {
    http::messages::rule_text(rule, http::language::Language::English)
}
