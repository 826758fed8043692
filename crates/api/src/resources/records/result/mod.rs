//! What came of a conversation: the bot, or another program, says so while the call is under way or after its end.

mod body;
mod view;

use domain::{
    AccountId, AttemptId, CallResult, Fault, Faults, Patch, ResultSnapshot, SpokenSpan, SpokenTurn, TurnTime,
};
use jiff::Timestamp;
use store::{
    Tx,
    attempts::{self, LockedResult, StoredResult},
    dialing_events,
};

pub(super) use self::{body::checked_score, view::shown_text};
use self::{
    body::{ResultBody, TranscriptBody, fault_place},
    view::{AppendedView, ResultView, Shown},
};
use crate::http::{
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    idempotency::{self, Creation},
    idempotency_key::IdempotencyKey,
    messages::Message,
    path::RecordOfAccountPath,
    problem::Problem,
    query::SubUserQuery,
    routes::{Routes, routes},
};

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(show, write)).routes(routes!(append))
}

/// What came of a conversation?
///
/// Of a call that is under way, too; empty where nobody has said. Tokens that see telephone numbers masked see no digits of what may be one.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/record/{record_id}/result", tag = "record",
    operation_id = "call_result", params(RecordOfAccountPath, SubUserQuery),
    responses((status = 200, body = Envelope<ResultView>)))]
pub(crate) async fn show(request: AccountRequest<AttemptId>) -> Result<Answer<ResultView>, Problem> {
    let AccountRequest { api, caller, account, id, .. } = &request;
    let found = attempts::result(&mut request.read().await?, *account, *id).await?;
    let StoredResult { result, answered_at, updated_at } = &found;
    let shown = Shown { record: id.uuid(), answered_at: *answered_at, result, updated_at: *updated_at };
    Ok(Answer::new(Message::CallResultShown, ResultView::new(api, caller, &shown)))
}

/// Write what came of a conversation
///
/// While the call is under way and after its end. A field left out keeps its value; `null` takes it away.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/record/{record_id}/result", tag = "record",
    operation_id = "save_call_result", params(RecordOfAccountPath, SubUserQuery), request_body = ResultBody,
    responses((status = 200, body = Envelope<ResultView>)))]
pub(crate) async fn write(
    request: AccountRequest<AttemptId, Json<ResultBody>>,
) -> Result<Answer<ResultView>, Problem> {
    let (body, faults, request) = request.take_body();
    let change = body.change(faults)?;
    let AccountRequest { api, caller, account, id, .. } = &request;
    let mut tx = request.begin().await?;
    let changed = |result: CallResult, span: SpokenSpan| {
        if let Patch::Set(transcript) = &change.transcript {
            check_times("transcript", transcript.turns(), span)?;
        }
        Ok(result.changed(change))
    };
    let written = write_result(&mut tx, (*account, *id), caller.now, changed).await?;
    tx.commit().await?;
    let WrittenResult { result, answered_at } = &written;
    let shown = Shown { record: id.uuid(), answered_at: *answered_at, result, updated_at: Some(caller.now) };
    Ok(Answer::new(Message::Updated, ResultView::new(api, caller, &shown)))
}

/// Add to the transcript of a call
///
/// For bots that tell each turn as it comes. A turn that is sent again under its `number` is stored once; one that says something else there
/// is refused. Without numbers an `Idempotency-Key` does the same.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/record/{record_id}/transcript", tag = "record",
    operation_id = "append_transcript", params(RecordOfAccountPath, SubUserQuery, IdempotencyKey),
    request_body = TranscriptBody, responses((status = 200, body = Envelope<AppendedView>)))]
pub(crate) async fn append(
    request: AccountRequest<AttemptId, Json<TranscriptBody>>,
) -> Result<Answer<AppendedView>, Problem> {
    let (body, faults, request) = request.take_body();
    let turns = body.turns(faults)?;
    let AccountRequest { api, caller, account, id, .. } = &request;
    let mut tx = match idempotency::begin(api, caller, Message::Saved).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let added = |mut result: CallResult, span: SpokenSpan| {
        check_times("turns", turns.iter().map(|numbered| &numbered.turn), span)?;
        let transcript = std::mem::take(&mut result.transcript).append(turns);
        let refused = |(place, rule)| Problem::Invalid(vec![Fault::new(fault_place("turns", place), rule)]);
        transcript.map_err(refused).map(|transcript| CallResult { transcript, ..result })
    };
    let WrittenResult { result, .. } = write_result(&mut tx, (*account, *id), caller.now, added).await?;
    let (turns, rounds) = (result.transcript.turns().len(), result.rounds());
    let view = AppendedView { record_id: id.uuid(), turns, rounds };
    idempotency::finish(tx, caller, Message::Saved, &view).await
}

/// A result as it was written, and when its call was answered.
pub(crate) struct WrittenResult {
    pub(crate) result: CallResult,
    pub(crate) answered_at: Option<Timestamp>,
}

/// Edits the result of an attempt, whoever asks for it: who may is for the caller to know.
pub(crate) async fn write_result(
    tx: &mut Tx,
    (account, attempt): (AccountId, AttemptId),
    now: Timestamp,
    edit: impl FnOnce(CallResult, SpokenSpan) -> Result<CallResult, Problem>,
) -> Result<WrittenResult, Problem> {
    let locked: LockedResult = attempts::lock_result(tx, account, attempt).await?;
    let LockedResult { dialed_at, answered_at, ended_at, .. } = locked;
    let span = SpokenSpan { dialed_at, answered_at, until: ended_at.unwrap_or(now) };
    let result = edit(locked.result.clone(), span)?;
    attempts::save_result(tx, &locked, &result, now).await?;
    if locked.has_ended() && result != locked.result {
        let told = ResultSnapshot::of(attempt, &result);
        dialing_events::call_result(tx, (account, locked.task), told, now);
    }
    Ok(WrittenResult { result, answered_at: locked.answered_at })
}

/// Refuses turns that began long before or after their call: seconds that were taken for milliseconds would be kept for good.
fn check_times<'t>(
    list: &str,
    turns: impl IntoIterator<Item = &'t SpokenTurn>,
    span: SpokenSpan,
) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for (place, turn) in turns.into_iter().enumerate() {
        let name = if matches!(turn.time, TurnTime::At(_)) { "at" } else { "offset" };
        faults.check(&format!("{list}[{place}].{name}"), span.check(turn.time));
    }
    Ok(faults.finish(Some(()))?)
}
