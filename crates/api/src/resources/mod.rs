//! What the API offers, one folder for each kind of thing.

pub(crate) mod accounts;
pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod group_calendars;
pub(crate) mod groups;
pub(crate) mod health;
pub(crate) mod holiday_calendars;
pub(crate) mod not_implemented;
pub(crate) mod tasks;
pub(crate) mod tokens;
pub(crate) mod webhooks;
