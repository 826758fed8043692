//! What an operation may refuse, which follows from what it takes, each with the bodies that clients are sent.

use domain::{Fault, FaultRule, LARGEST_SPREADSHEET, StopLevel};
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    object_at,
    operations::{self, Operation},
};
use crate::http::{
    envelope,
    language::Language,
    problem::{
        Forbidden, InUse, NamingGroupView, NamingLineGroupView, NamingScriptView, NamingShareView,
        NamingTaskView, NamingThing, Problem, TokenProblem, UsedThing,
    },
};

/// A kind of refusal: all that have one status.
struct DocumentedRefusal {
    name: &'static str,
    description: &'static str,
    /// Whether an operation may answer so because of what it takes. What it answers for reasons of its own it names
    /// itself, as the deletion of a group does.
    follows: fn(&Operation) -> bool,
    /// What there is to be refused, each with a name for its example.
    problems: fn() -> Vec<(&'static str, Problem)>,
}

const REFUSALS: &[DocumentedRefusal] = &[
    DocumentedRefusal {
        name: "Malformed",
        description: "The request cannot be read: its body is not JSON, or was cut off",
        follows: |operation| operation.asks_for_token,
        problems: || vec![("malformed", Problem::Malformed), ("cut_off", Problem::CutOff)],
    },
    DocumentedRefusal {
        name: "Unauthorized",
        description: "The token is missing or no longer good",
        follows: |operation| operation.asks_for_token,
        problems: || {
            vec![
                ("missing", Problem::Token(TokenProblem::Missing)),
                ("malformed", Problem::Token(TokenProblem::Malformed)),
                ("unknown", Problem::Token(TokenProblem::Unknown)),
                ("expired", Problem::Token(TokenProblem::Expired)),
                ("revoked", Problem::Token(TokenProblem::Revoked)),
                ("partner_disabled", Problem::Token(TokenProblem::PartnerDisabled)),
            ]
        },
    },
    DocumentedRefusal {
        name: "Forbidden",
        description: "The token's scope is too narrow, or the account is disabled",
        follows: |operation| operation.asks_for_token,
        problems: || {
            vec![
                ("needs_read", Problem::Forbidden(Forbidden::NeedsRead)),
                ("needs_all", Problem::Forbidden(Forbidden::NeedsAll)),
                ("numbers_masked", Problem::Forbidden(Forbidden::NumbersMasked)),
                ("account_disabled", Problem::Forbidden(Forbidden::AccountDisabled)),
            ]
        },
    },
    DocumentedRefusal {
        name: "NotFound",
        description: "There is no such thing, or it is someone else's",
        follows: |operation| {
            operation.path_parameters().next().is_some()
                || operation.id.ends_with("_dialing")
                || operation.id == "download_callback_numbers"
                || ["remove_partner_ceiling", "plan_partner_closure"].contains(&operation.id.as_str())
        },
        problems: || {
            vec![
                ("not_found", Problem::NotFound),
                ("no_recording", Problem::NoRecording),
                ("no_trace", Problem::NoTrace),
                ("no_allocation", Problem::NoAllocation),
            ]
        },
    },
    DocumentedRefusal {
        name: "GroupInUse",
        description: "8101: tasks use the group, which therefore cannot be deleted; 8109: it is the ceiling of an account or the partner",
        follows: |_| false,
        problems: || vec![("group_in_use", Problem::GroupInUse), ("ceiling_in_use", Problem::CeilingInUse)],
    },
    DocumentedRefusal {
        name: "TaskSwitchedOn",
        description: "6007: the 2.0 task is switched on, and its numbers stay as they are until it is stopped",
        follows: |_| false,
        problems: || vec![("task_switched_on", Problem::TaskSwitchedOn)],
    },
    DocumentedRefusal {
        name: "CallNotAnswered",
        description: "Nobody has answered the call yet",
        follows: |operation| {
            ["transfer_call", "play_in_call", "send_digits_in_call", "go_to_step_in_call"]
                .contains(&operation.id.as_str())
        },
        problems: || vec![("call_not_answered", Problem::CallNotAnswered)],
    },
    DocumentedRefusal {
        name: "CallTransferred",
        description: "The callee is being connected with someone else, or is",
        follows: |operation| ["transfer_call", "go_to_step_in_call"].contains(&operation.id.as_str()),
        problems: || vec![("call_transferred", Problem::CallTransferred)],
    },
    DocumentedRefusal {
        name: "ScriptInUse",
        description: "8102: tasks name the script, which therefore cannot be deleted; the first 20 are in `data`",
        follows: |operation| operation.id == "delete_script",
        problems: || vec![("script_in_use", used_by_a_task(UsedThing::Script))],
    },
    DocumentedRefusal {
        name: "PromptInUse",
        description: "8104: scripts play the prompt, which therefore cannot be deleted; the first 20 are in `data`",
        follows: |operation| operation.id == "delete_prompt",
        problems: || {
            let script = NamingScriptView { id: 297, name: "催收".to_owned() };
            let by = vec![NamingThing::Script(script)];
            vec![("prompt_in_use", Problem::InUse(InUse { what: UsedThing::Prompt, by, total: 1 }))]
        },
    },
    DocumentedRefusal {
        name: "RangeNotSatisfiable",
        description: "The file has none of the bytes that were asked for",
        follows: |operation| operation.takes("Range"),
        problems: || vec![("range_not_satisfiable", Problem::RangeNotSatisfiable(44))],
    },
    DocumentedRefusal {
        name: "RedialRuleInUse",
        description: "8103: tasks name the redial rule, which therefore cannot be deleted; the first 20 are in `data`",
        follows: |operation| operation.id == "delete_redial_rule",
        problems: || vec![("redial_rule_in_use", used_by_a_task(UsedThing::RedialRule))],
    },
    DocumentedRefusal {
        name: "LineInUse",
        description: "8106: line groups have the line; 8105: tasks or scripts name it, or users have a share of it; the first 20 are in `data`",
        follows: |operation| operation.id == "delete_line",
        problems: || {
            vec![
                ("line_in_use", used_by_a_task(UsedThing::Line)),
                ("shared_line", shared_line()),
                ("grouped_line", grouped_line()),
            ]
        },
    },
    DocumentedRefusal {
        name: "LineGroupInUse",
        description: "8107: tasks name the line group, which therefore cannot be deleted; the first 20 are in `data`",
        follows: |operation| operation.id == "delete_line_group",
        problems: || vec![("line_group_in_use", used_by_a_task(UsedThing::LineGroup))],
    },
    DocumentedRefusal {
        name: "HolidayCalendarInUse",
        description: "8108: dial time groups follow the holiday calendar, which therefore cannot be deleted; the first 20 are in `data`",
        follows: |operation| {
            ["delete_account_calendar", "delete_partner_calendar"].contains(&operation.id.as_str())
        },
        problems: || vec![("holiday_calendar_in_use", followed_calendar())],
    },
    DocumentedRefusal {
        name: "NumberErased",
        description: "8110: the number was erased, and the entry that is left of it is not deleted; `erase-number` with `\"suppress\": false` lifts it",
        follows: |operation| operation.id == "delete_do_not_call",
        problems: || vec![("number_erased", Problem::NumberErased)],
    },
    DocumentedRefusal {
        name: "NotStopped",
        description: "What is to be resumed is not stopped itself",
        follows: |operation| operation.id == "resume_dialing",
        problems: || {
            vec![
                ("not_stopped", Problem::NotStopped { above: Vec::new() }),
                ("stopped_above", Problem::NotStopped { above: vec![StopLevel::Installation] }),
            ]
        },
    },
    DocumentedRefusal {
        name: "AccountInUse",
        description: "There are sub-users, tasks or groups of the account, which therefore is not deleted; 8109: a group of it is the partner's ceiling",
        follows: |operation| operation.takes("with_everything"),
        problems: || {
            vec![("account_in_use", Problem::AccountInUse), ("ceiling_in_use", Problem::CeilingInUse)]
        },
    },
    DocumentedRefusal {
        name: "Stale",
        description: "It has another version than the one in `If-Match`: it has been changed since",
        follows: |operation| operation.takes("If-Match"),
        problems: || vec![("stale", Problem::Stale)],
    },
    DocumentedRefusal {
        name: "PayloadTooLarge",
        description: "The body is larger than the operator allows (1 MiB unless chosen otherwise)",
        follows: |operation| operation.has_body,
        problems: || {
            vec![
                ("payload_too_large", Problem::PayloadTooLarge),
                ("file_too_large", Problem::FileTooLarge(LARGEST_SPREADSHEET)),
            ]
        },
    },
    DocumentedRefusal {
        name: "NoRoom",
        description: "The server's disk has too little room for the file",
        follows: |operation| operation.id == "import_numbers",
        problems: || vec![("no_room", Problem::NoRoom)],
    },
    DocumentedRefusal {
        name: "UnsupportedMediaType",
        description: "The body is of a kind that is not read here",
        follows: |operation| operation.has_body,
        problems: || {
            vec![
                ("unsupported_media_type", Problem::UnsupportedMediaType),
                ("not_the_file", Problem::NotTheFile),
            ]
        },
    },
    DocumentedRefusal {
        name: "Invalid",
        description: "Something in the request is not valid; all that is wrong is listed",
        follows: |operation| {
            operation.asks_for_token && (operation.has_body || !operation.parameters.is_empty())
        },
        problems: || vec![("faults", Problem::Invalid(faults())), ("key_reused", Problem::KeyReused)],
    },
    DocumentedRefusal {
        name: "TooManyRequests",
        description: "The partner asks more often than the operator allows, or a stranger looks up unknown keys too often",
        follows: |operation| operation.asks_for_token || operation.id == "download_callback_numbers",
        problems: || vec![("too_many_requests", Problem::TooManyRequests { retry_after: 1 })],
    },
    DocumentedRefusal {
        name: "Internal",
        description: "Something is wrong with the server; its log says what",
        follows: |operation| operation.id != "alive",
        problems: || vec![("internal", Problem::Internal)],
    },
    DocumentedRefusal {
        name: "Unavailable",
        description: "The server cannot do it now, as when its database is away: try again",
        follows: |operation| operation.id != "alive",
        problems: || vec![("unavailable", Problem::Unavailable), ("clock_apart", Problem::ClockApart)],
    },
];

fn used_by_a_task(what: UsedThing) -> Problem {
    let task = NamingTaskView {
        uuid: Uuid::from_u128(0xf232_d184_dd54_42a0_8ace_0bf8_d660_f4cc),
        name: "周末回访".to_owned(),
    };
    Problem::InUse(InUse { what, by: vec![NamingThing::Task(task)], total: 1 })
}

fn grouped_line() -> Problem {
    let id = Uuid::from_u128(0x0199_7cf4_2b10_7a32_9d50_3c1b_5a7e_42f1);
    let group = NamingLineGroupView { id, name: "华东出局".to_owned() };
    Problem::InUse(InUse { what: UsedThing::GroupedLine, by: vec![NamingThing::LineGroup(group)], total: 1 })
}

fn shared_line() -> Problem {
    let user_id = Uuid::from_u128(0x5832_d184_dd53_42a0_8ace_0bf8_d660_f4cc);
    let share = NamingShareView { allocation_id: 11, user_id, name: "华东客户".to_owned() };
    Problem::InUse(InUse { what: UsedThing::Line, by: vec![NamingThing::Share(share)], total: 1 })
}

fn followed_calendar() -> Problem {
    let account_id = Uuid::from_u128(0x5832_d184_dd53_42a0_8ace_0bf8_d660_f4cc);
    let group = NamingGroupView { id: 427, name: "工作日".to_owned(), account_id };
    Problem::InUse(InUse { what: UsedThing::HolidayCalendar, by: vec![NamingThing::Group(group)], total: 1 })
}

fn faults() -> Vec<Fault> {
    vec![
        Fault::new("name", FaultRule::Required),
        Fault::new("content[0].times[1].end_time", FaultRule::Calendar(calendar::Rule::BeginEqualsEnd)),
    ]
}

impl DocumentedRefusal {
    fn status(&self) -> StatusCode {
        (self.problems)().first().map_or(StatusCode::INTERNAL_SERVER_ERROR, |(_, problem)| problem.status())
    }

    fn reference(&self) -> Value {
        json!({ "$ref": format!("#/components/responses/{}", self.name) })
    }

    fn written(&self) -> Value {
        let problems = (self.problems)();
        let example = |(name, problem): &(&str, Problem)| {
            let body = envelope::problem_body(problem, Language::Chinese);
            let value = serde_json::from_str(&body).unwrap_or(Value::Null);
            ((*name).to_owned(), json!({ "summary": problem.text(Language::English), "value": value }))
        };
        let examples: Map<String, Value> = problems.iter().map(example).collect();
        let mut response = json!({ "description": self.description });
        let headers: Map<String, Value> = problems
            .iter()
            .filter_map(|(_, problem)| problem.header())
            .map(|(name, _)| header(name.as_str()))
            .collect();
        if !headers.is_empty() {
            response["headers"] = headers.into();
        }
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        response["content"] = json!({ "application/json": { "schema": schema, "examples": examples } });
        response
    }
}

/// A header that tells a client what to do next, as the document describes it.
fn header(name: &str) -> (String, Value) {
    match name {
        "retry-after" => (
            "Retry-After".to_owned(),
            json!({ "description": "After so many seconds it is worth another try", "required": true,
                    "schema": { "type": "integer", "minimum": 1 } }),
        ),
        "content-range" => (
            "Content-Range".to_owned(),
            json!({ "description": "How many bytes the file has", "required": true,
                    "schema": { "type": "string", "examples": ["bytes */44"] } }),
        ),
        "www-authenticate" => (
            "WWW-Authenticate".to_owned(),
            json!({ "description": "How to prove who asks", "required": true,
                    "schema": { "type": "string", "examples": ["Bearer"] } }),
        ),
        other => (other.to_owned(), json!({ "schema": { "type": "string" } })),
    }
}

pub(super) fn add(document: &mut Value) {
    object_at(document, &["components", "responses"])
        .extend(REFUSALS.iter().map(|refusal| (refusal.name.to_owned(), refusal.written())));
    operations::visit(document, |operation, written| {
        let responses = object_at(written, &["responses"]);
        for refusal in REFUSALS.iter().filter(|refusal| (refusal.follows)(operation)) {
            responses.insert(refusal.status().as_str().to_owned(), refusal.reference());
        }
        let mut sorted: Vec<_> = std::mem::take(responses).into_iter().collect();
        sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
        responses.extend(sorted);
    });
}
