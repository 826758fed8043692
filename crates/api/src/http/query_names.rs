//! Which names the query of an operation may have: those that its OpenAPI documentation says, so that there is one list of them.
//!
//! Operations of our own refuse any other name. A misspelt one would answer or do something else than was meant. The platform's take other names and do
//! without them, since clients of the platform send some; but `dry_run` is refused by every operation that changes something and does not know it.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use domain::{FaultRule, Faults};
use utoipa::openapi::{
    RefOr,
    path::{Operation, ParameterIn},
};

use super::{
    problem::Problem,
    query::{Query, before_brackets},
    routes::{DocumentedOperation, Routes},
};

const DRY_RUN: &str = "dry_run";

/// The operations that are the platform's.
pub(crate) const OF_PLATFORM: &[(&str, &str)] = &[
    ("GET", "/agent-api/token"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/agent-api/user/{user_id}/subset_users"),
    ("POST", "/agent-api/user/{user_id}/subset_users"),
    ("GET", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/edit"),
    ("GET", "/agent-api/user/{user_id}/message"),
    ("GET", "/agent-api/user/{user_id}/dial-time-group"),
    ("POST", "/agent-api/user/{user_id}/dial-time-group"),
    ("PUT", "/agent-api/user/{user_id}/dial-time-group/{group_id}"),
    ("DELETE", "/agent-api/user/{user_id}/dial-time-group/{group_id}"),
    ("GET", "/agent-api/user/{user_id}/task"),
    ("POST", "/agent-api/user/{user_id}/task"),
    ("GET", "/agent-api/user/{user_id}/all_task"),
    ("GET", "/agent-api/user/{user_id}/subset_task"),
    ("GET", "/agent-api/user/{user_id}/task/create"),
    ("PUT", "/agent-api/user/{user_id}/task/{task_id}"),
    ("DELETE", "/agent-api/user/{user_id}/task/{task_id}"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/edit"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/stat"),
    ("GET", "/agent-api/user/{user_id}/task_start/{task_id}"),
    ("POST", "/agent-api/user/{user_id}/task_start/{task_id}"),
    ("PUT", "/agent-api/user/{user_id}/task_start/{task_id}"),
    ("GET", "/agent-api/user/{user_id}/task_stop/{task_id}"),
    ("POST", "/agent-api/user/{user_id}/task_stop/{task_id}"),
    ("PUT", "/agent-api/user/{user_id}/task_stop/{task_id}"),
    ("GET", "/agent-api/new/user/{user_id}/task"),
    ("POST", "/agent-api/new/user/{user_id}/task"),
    ("GET", "/agent-api/new/user/{user_id}/subset_task"),
    ("GET", "/agent-api/new/user/{user_id}/task/create"),
    ("PUT", "/agent-api/new/user/{user_id}/task/{task_id}"),
    ("DELETE", "/agent-api/new/user/{user_id}/task/{task_id}"),
    ("GET", "/agent-api/new/user/{user_id}/task/{task_id}/edit"),
    ("GET", "/agent-api/new/user/{user_id}/task_start/{task_id}"),
    ("POST", "/agent-api/new/user/{user_id}/task_start/{task_id}"),
    ("PUT", "/agent-api/new/user/{user_id}/task_start/{task_id}"),
    ("GET", "/agent-api/new/user/{user_id}/task_stop/{task_id}"),
    ("POST", "/agent-api/new/user/{user_id}/task_stop/{task_id}"),
    ("PUT", "/agent-api/new/user/{user_id}/task_stop/{task_id}"),
    ("GET", "/agent-api/new/user/{user_id}/copy/task/{task_id}"),
    ("POST", "/agent-api/new/user/{user_id}/copy/task/{task_id}"),
    ("PUT", "/agent-api/new/user/{user_id}/copy/task/{task_id}"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number"),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/number"),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/async_number"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number/detail/{phone}"),
    ("DELETE", "/agent-api/user/{user_id}/task/{task_id}/number-batch-delete"),
    ("PUT", "/agent-api/user/{user_id}/task/{task_id}/number-batch-reset"),
    ("GET", "/agent-api/user/{user_id}/identification/{unique_id}"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/record"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/detail/{record_id}"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/record/{record_id}/download-full-voice"),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/batch_record/download-full-voice"),
    ("GET", "/agent-api/task/{task_id}/record"),
    ("GET", "/agent-api/task/{task_id}/detail/{record_id}"),
    ("GET", "/agent-api/task/{task_id}/record/{record_id}/download-full-voice"),
    ("GET", "/agent-api/group/{user_id}"),
    ("GET", "/agent-api/agent_group/tenant/{tenant_id}"),
    ("POST", "/agent-api/new/user/{user_id}/line/{line_id}"),
    ("DELETE", "/agent-api/new/user/{user_id}/line/{line_id}"),
    ("PUT", "/agent-api/new/user/{user_id}/line_bind_group"),
    ("GET", "/agent-api/new_line_list"),
    ("GET", "/agent-api/tenant/{tenant_id}/callerline"),
    ("GET", "/agent-api/callerline"),
];

/// What each operation knows, by its method and its path. Every request has it among its extensions.
#[derive(Clone)]
pub(crate) struct KnownNames(Arc<HashMap<String, NamesOfOperation>>);

/// The names that an operation knows, made when they are first asked for.
type NamesOfOperation = LazyLock<Vec<String>, Box<dyn FnOnce() -> Vec<String> + Send>>;

impl KnownNames {
    pub(crate) fn of(routes: &Routes) -> Self {
        let of_operation = |(method, path, documentation): DocumentedOperation<'_>| {
            let names: NamesOfOperation = LazyLock::new(Box::new(move || names(&documentation())));
            (format!("{method} {path}"), names)
        };
        Self(Arc::new(routes.operations().map(of_operation).collect()))
    }

    /// Those of an operation; `None` where it is not documented.
    pub(crate) fn of_operation(&self, method: &str, path: &str) -> Option<&[String]> {
        self.0.get(&format!("{method} {path}")).map(|names| names.as_slice())
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    // Those that are only referred to are headers.
    let parameters = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let in_query = parameters.filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    in_query.map(|parameter| parameter.name.clone()).collect()
}

/// Refuses what the operation of a request does not know.
pub(crate) fn refuse_unknown(parts: &Parts) -> Result<(), Problem> {
    if parts.uri.query().is_none() {
        return Ok(());
    }
    let (query, route) = (Query::of(&parts.uri), parts.extensions.get::<MatchedPath>());
    let (Some(names), Some(route)) = (parts.extensions.get::<KnownNames>(), route) else { return Ok(()) };
    let method = match parts.method {
        Method::GET | Method::HEAD => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => return Ok(()),
    };
    // What is not here yet says so.
    let Some(known) = names.of_operation(method, route.as_str()) else { return Ok(()) };
    let is_lenient = OF_PLATFORM.contains(&(method, route.as_str()));
    let is_refused = |key: &str| !is_lenient || (method != "GET" && before_brackets(key) == DRY_RUN);
    let mut faults = Faults::default();
    for (name, key) in query.names() {
        if is_refused(key) && !known.iter().any(|known| known == name) {
            faults.add(key, FaultRule::UnknownParameter(known.to_vec()));
        }
    }
    Ok(faults.finish(Some(()))?)
}
