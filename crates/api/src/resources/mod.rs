//! The resources of the API, one folder for each kind of thing.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod bulk;
pub(crate) mod calls;
pub(crate) mod ceilings;
pub(crate) mod closures;
pub(crate) mod decisions;
pub(crate) mod do_not_call;
pub(crate) mod erasure;
pub(crate) mod event_windows;
pub(crate) mod events;
pub(crate) mod group_calendars;
pub(crate) mod groups;
pub(crate) mod health;
pub(crate) mod holiday_calendars;
pub(crate) mod lines;
pub(crate) mod not_implemented;
pub(crate) mod number_callbacks;
pub(crate) mod number_imports;
pub(crate) mod numbers;
pub(crate) mod owned_calendars;
pub(crate) mod progress;
pub(crate) mod prompts;
pub(crate) mod records;
pub(crate) mod redial_rules;
pub(crate) mod scripts;
pub(crate) mod stops;
pub(crate) mod tasks;
pub(crate) mod tokens;
pub(crate) mod webhooks;

use crate::http::routes::Routes;

/// The routes of all of them, with the OpenAPI document that they make.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(groups::routes())
        .merge(decisions::routes())
        .merge(group_calendars::routes())
        .merge(tasks::routes())
        .merge(progress::routes())
        .merge(calls::routes())
        .merge(records::routes())
        .merge(numbers::routes())
        .merge(number_imports::routes())
        .merge(number_callbacks::routes())
        .merge(scripts::routes())
        .merge(prompts::routes())
        .merge(redial_rules::routes())
        .merge(do_not_call::routes())
        .merge(erasure::routes())
        .merge(accounts::routes())
        .merge(events::routes())
        .merge(audit::routes())
        .merge(webhooks::routes())
        .merge(lines::routes())
        .merge(stops::routes())
        .merge(closures::routes())
        .merge(bulk::routes())
        .merge(ceilings::routes())
        .merge(owned_calendars::routes())
        .merge(event_windows::routes())
        .merge(tokens::routes())
        .merge(health::routes())
}
