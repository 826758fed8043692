//! The OpenAPI document: made from the routes, checked in as `openapi.json`, served at `/openapi.json`.
//!
//! An operation's annotation says only what is its own: its parameters, its body, its answer with 200. The steps here add what follows from
//! that in the same way for all operations: names, references, refusals, links. `tests` holds what must be true of every one.

mod headers;
mod links;
mod operations;
#[cfg(feature = "swagger-ui")]
pub(crate) mod page;
mod refusals;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    http::{envelope::ProblemEnvelope, not_implemented},
    resources::{self, tasks::V2StatusSchema, webhooks},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dialtime",
        description = "When calls may go out. Every answer wears one envelope: `code`, `status`, `message`, \
                       sometimes `meta`, and `data`. Messages are Chinese; `Accept-Language: en` gives English. \
                       Weekdays are numbered **0 = Sunday, 1 = Monday, ... 6 = Saturday**.\n\n\
                       Refusals have the HTTP status that this document says, unless the operator chose \
                       `--error-status 200`: then all of them have 200, and `code` alone tells.\n\n\
                       Bodies are JSON or forms (`application/x-www-form-urlencoded`, `content[0][week]=1`). Whole numbers may be \
                       written as `\"2\"` and `2.0`, flags as `0`, `1` and `\"true\"`, lists in queries as `status=1&status=3`, \
                       `status[]=1&status[]=3` and `status=[1,3]`; members such as `status[a]` are refused. An empty parameter counts as not given, but an empty id is refused. \
                       Parameters that an operation does not know are refused by name (`unknown_field`) by all that is not the platform's.\n\n\
                       Unknown fields are refused by name (`unknown_field`) in a group, its `content` and `exceptions`, in \
                       `task_extras`, its `line` and `holiday`; beside a task's own fields `start_time`, `stop_time`, `holiday`, \
                       `work_hour`, `work_week`, `blacklist`, `disable_dial_timegroup` and a group's fields are. So they \
                       are in resets and deletions of numbers, in shares of lines, and in all that is not the platform's: lines, scripts, prompts, redial rules, numbers that must not be called, webhooks, decisions, previews, subscriptions, replacing a group, \
                       disabling, enabling and deleting accounts, passwords. Everywhere else they are ignored, and so is what answers give back: a group's `id`, `user_id`, `remark`, `version`, \
                       `created_at`, `updated_at` and `task_count`.",
        contact(name = "Dialtime"),
        license(name = "MIT", identifier = "MIT")
    ),
    servers(
        (url = ".", description = "The server that this document was read from"),
        (url = "http://127.0.0.1:8080", description = "`dialtime demo` on your own machine, whose token is `YOUR_TOKEN`")
    ),
    tags(
        (name = "account", description = "Users (主账号) and sub-users (子账户)"),
        (name = "decision", description = "May a call go out, why, and when next; and the same as a calendar"),
        (name = "dial-time-group", description = "Dial time groups (呼叫时间组): weekly windows that tasks share"),
        (name = "events", description = "What happened, page by page, as it happens, and sent to webhooks"),
        (name = "health", description = "For whoever watches the program"),
        (name = "holiday-calendar", description = "Days off and make-up workdays"),
        (name = "record", description = "Records (通话记录): what came of each call"),
        (name = "number", description = "Numbers (号码) of a task of either form"),
        (name = "prompt", description = "Prompts: what scripts play"),
        (name = "redial-rule", description = "Redial rules (重呼规则): when a number is tried again"),
        (name = "do-not-call", description = "Numbers that must not be called (黑名单), of an account and its sub-users"),
        (name = "script", description = "Scripts (话术): what happens in a call once someone answers"),
        (name = "line", description = "Lines (线路) of the partner, and the users' shares of them"),
        (name = "bulk", description = "Edits of many groups or tasks at once, all or nothing (批量操作)"),
        (name = "ceiling", description = "Ceilings (上级呼叫时间组): a group of which every task of an account or a partner must also be inside"),
        (name = "closure", description = "Planned closures (停呼安排): spans in which nothing of a partner or an account dials"),
        (name = "stop", description = "The kill switch: dialing is stopped at once, and resumed"),
        (name = "task 1.0", description = "Tasks (外呼任务) in the first form that the platform has of them"),
        (name = "task 2.0", description = "Tasks (外呼任务) in the second form that the platform has of them"),
        (name = "token", description = "The token of the very request")
    ),
    components(schemas(ProblemEnvelope, V2StatusSchema)),
    security(("token" = [])),
    modifiers(&BearerToken)
)]
struct Document;

/// What is sent to webhooks: its paths become the document's `webhooks`.
#[derive(OpenApi)]
#[openapi(paths(
    webhooks::messages::event,
    webhooks::messages::events,
    webhooks::messages::task,
    webhooks::messages::numbers
))]
struct Callbacks;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A partner's token, made with `dialtime token create`"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The OpenAPI 3.1 document as JSON, indented, with a last newline.
///
/// # Panics
/// Never: the document holds nothing that JSON cannot.
pub fn openapi() -> String {
    #[expect(clippy::expect_used, reason = "strings, numbers, maps and lists only")]
    let text = serde_json::to_string_pretty(&document()).expect("the document is plain JSON");
    text + "\n"
}

fn document() -> Value {
    let mut document = written();
    operations::tell_methods_apart(&mut document);
    schemas::add_sub_users(&mut document);
    schemas::refer_to_payloads(&mut document);
    schemas::rename(&mut document);
    schemas::require_what_is_always_written(&mut document);
    schemas::bound_whole_numbers(&mut document);
    schemas::measure_ids(&mut document);
    operations::describe_answers(&mut document);
    refusals::add(&mut document);
    links::add(&mut document);
    headers::add(&mut document);
    document
}

/// The document as the annotations have it.
fn written() -> Value {
    let mut document = Document::openapi();
    resources::routes().describe(&mut document);
    let description = document.info.description.get_or_insert_default();
    description
        .push_str("\n\nEndpoints of the platform that are not here yet answer 501 with their name:\n\n");
    description.push_str(&not_implemented::list());
    let callbacks = Callbacks::openapi();
    let schemas = callbacks.components.unwrap_or_default().schemas;
    document.components.get_or_insert_default().schemas.extend(schemas);
    document.webhooks = Some(callbacks.paths);
    #[expect(clippy::expect_used, reason = "strings, numbers, maps and lists only")]
    serde_json::to_value(&document).expect("the document is plain JSON")
}

/// Calls `visit` with the object at `value` and with every one within it, the outer before the inner.
fn visit_objects(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values_mut().for_each(|inner| visit_objects(inner, visit));
        }
        Value::Array(values) => values.iter_mut().for_each(|inner| visit_objects(inner, visit)),
        _ => {}
    }
}

/// The object at a pointer, which is made if it is not there.
fn object_at<'d>(document: &'d mut Value, keys: &[&str]) -> &'d mut Map<String, Value> {
    let mut value = document;
    for key in keys {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        value = &mut value[*key];
    }
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    #[expect(clippy::expect_used, reason = "it was made an object just now")]
    value.as_object_mut().expect("an object")
}
