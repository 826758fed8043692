//! The turns of a conversation in the platform's shape: a row for what the callee said and what the bot said then.

use domain::{Attempt, CallResult, SpokenExchange, exchanges};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::result::shown_text;
use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, number_view::NumberView, time::stamp},
};

/// A turn, as the platform shows it. Of its fields those are here that are known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordTurn)]
pub(crate) struct RecordTurnView {
    /// Its place, counted from 1.
    #[schema(minimum = 1)]
    id: usize,
    record_id: Uuid,
    task_id: Uuid,
    callid: Uuid,
    /// `enter` where the bot spoke first, else `asrmessage_notify`.
    #[schema(example = "enter")]
    notify: &'static str,
    error_code: i64,
    #[schema(value_type = String)]
    callee: NumberView,
    /// What the callee said.
    question: String,
    /// What the bot, or whoever the call was transferred to, said then.
    answer_text: String,
    /// The same.
    answer_content: String,
    /// How long the callee spoke; not known here.
    speak_ms: Option<i64>,
    /// How long the bot spoke; not known here.
    play_ms: Option<i64>,
    /// The score of a single turn; not known here.
    score: Option<i64>,
    /// Its place, counted from 1.
    #[schema(minimum = 1)]
    sequence: usize,
    /// How many milliseconds after the answer it began, as far as that is known.
    offset: Option<i64>,
    /// When it began, as far as that is known.
    #[schema(value_type = Option<LocalTimeSchema>)]
    created_at: Option<String>,
}

/// The turns of a call's conversation.
pub(super) fn views(
    api: &Api,
    caller: &Caller,
    attempt: &Attempt,
    result: &CallResult,
) -> Vec<RecordTurnView> {
    let exchanges = exchanges(&result.transcript);
    (1..)
        .zip(&exchanges)
        .map(|(sequence, exchange)| view(api, caller, attempt, (sequence, exchange)))
        .collect()
}

fn view(
    api: &Api,
    caller: &Caller,
    attempt: &Attempt,
    (sequence, exchange): (usize, &SpokenExchange<'_>),
) -> RecordTurnView {
    let answered_at: Option<Timestamp> = attempt.times.answered_at;
    let id = attempt.id.uuid();
    let question = shown_text(&SpokenExchange::words(&exchange.question), caller);
    let answer = shown_text(&SpokenExchange::words(&exchange.answer), caller);
    RecordTurnView {
        id: sequence,
        record_id: id,
        task_id: attempt.task_id.uuid(),
        callid: id,
        notify: if exchange.question.is_empty() { "enter" } else { "asrmessage_notify" },
        error_code: 0,
        callee: NumberView::new(&attempt.number.phone, caller),
        question,
        answer_content: answer.clone(),
        answer_text: answer,
        speak_ms: None,
        play_ms: None,
        score: None,
        sequence,
        offset: exchange.time.offset(answered_at),
        created_at: exchange.time.instant(answered_at).map(|at| stamp(api.settings.zone, at)),
    }
}
