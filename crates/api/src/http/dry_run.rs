//! Which operations know `dry_run`. Any other that changes something refuses it, for it would do what was only to be shown.

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use domain::{FaultRule, Faults};

use super::{
    problem::Problem,
    query::{Flag, Query, QueryParameters, SubUserQuery, query_parameters},
};

/// The name of the parameter.
const DRY_RUN: &str = "dry_run";

/// All operations that know it, as the OpenAPI document has them.
pub(crate) const OPERATIONS: &[(&str, &str)] = &[
    ("DELETE", "/agent-api/ceiling"),
    ("PUT", "/agent-api/ceiling"),
    ("POST", "/agent-api/holiday-calendar"),
    ("POST", "/agent-api/holiday-calendar/{calendar_id}/import"),
    ("POST", "/agent-api/user/{user_id}/bulk/exception"),
    ("POST", "/agent-api/user/{user_id}/bulk/exception/remove"),
    ("POST", "/agent-api/user/{user_id}/bulk/move"),
    ("POST", "/agent-api/user/{user_id}/bulk/override"),
    ("POST", "/agent-api/user/{user_id}/bulk/override/remove"),
    ("POST", "/agent-api/user/{user_id}/bulk/pause"),
    ("POST", "/agent-api/user/{user_id}/bulk/resume"),
    ("DELETE", "/agent-api/user/{user_id}/ceiling"),
    ("PUT", "/agent-api/user/{user_id}/ceiling"),
    ("POST", "/agent-api/user/{user_id}/dial-time-group/{group_id}/exception/import"),
    ("POST", "/agent-api/user/{user_id}/holiday-calendar"),
    ("POST", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/import"),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/number-import"),
];

query_parameters! {
    /// Whether it is only shown.
    pub(crate) struct DryRunQuery {
        /// Shows what would stop and start, and changes nothing.
        dry_run: Flag,
    }
}

impl DryRunQuery {
    /// Reads it and refuses all else: with a misspelt `dry_run` it would be done.
    pub(crate) fn checked(query: &Query, faults: &mut Faults) -> Self {
        query.refuse_all_but(&[Self::NAMES, SubUserQuery::NAMES], faults);
        Self::read(query, faults)
    }
}

/// Refuses the parameter where nothing knows it.
pub(crate) fn refuse_where_unknown(parts: &Parts) -> Result<(), Problem> {
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || !Query::of(&parts.uri).has(DRY_RUN) {
        return Ok(());
    }
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if OPERATIONS.contains(&(parts.method.as_str(), route)) {
        return Ok(());
    }
    Err(Problem::fault(DRY_RUN, FaultRule::UnknownField))
}
