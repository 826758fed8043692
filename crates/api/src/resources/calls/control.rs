//! What a person or program asks of a call that is under way. Its node hears of it within a fraction of a second.

use domain::{
    AccountId, AttemptId, Bounded, CallInstruction, DEFAULT_TRANSFER_RING, FaultRule, Faults, LineId,
    OpenAttempt, PromptId, SentDigits, StepLabel, TransferAddress, TransferExtension, TransferStep,
    TransferTarget,
};
use store::{dialing, prompts, scripts};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        body::fields,
        envelope::{Answer, EmptyEnvelope},
        extract::{AccountRequest, EmptyBody, Json},
        formats::{StepLabelSchema, TransferAddressSchema, TransferExtensionSchema},
        messages::Message,
        path::RecordOfAccountPath,
        problem::Problem,
        query::SubUserQuery,
    },
};

/// With whom a callee is to be connected.
#[derive(Debug, ToSchema)]
pub(crate) struct TransferCall {
    /// The line that the other call goes over, of which the user has a share.
    #[schema(value_type = Uuid, required = true)]
    line: Option<Uuid>,
    /// An extension that the line's switch knows; either this or `sip_address`.
    #[schema(value_type = Option<TransferExtensionSchema>)]
    extension: Option<String>,
    /// A SIP address.
    #[schema(value_type = Option<TransferAddressSchema>)]
    sip_address: Option<String>,
    /// Seconds that it may ring there; left out, 30.
    #[schema(minimum = 5, maximum = 120)]
    ring: Option<i64>,
}

fields!(TransferCall { line, extension, sip_address, ring } known &[]);

/// What is to be played.
#[derive(Debug, ToSchema)]
pub(crate) struct PlayInCall {
    /// A prompt of the call's account.
    #[schema(value_type = Uuid, required = true)]
    prompt: Option<Uuid>,
}

fields!(PlayInCall { prompt } known &[]);

/// Which digits are to be sent.
#[derive(Debug, ToSchema)]
pub(crate) struct SendDigits {
    /// 0-9, `*`, `#`, A-D, and `,` for a pause of a second.
    #[schema(value_type = String, required = true, pattern = "^[0-9*#A-D,]{1,64}$", example = "1,2#")]
    digits: Option<String>,
}

fields!(SendDigits { digits } known &[]);

/// Where the script is to go on.
#[derive(Debug, ToSchema)]
pub(crate) struct GoToStep {
    /// The label of a step of the call's script.
    #[schema(value_type = StepLabelSchema, required = true)]
    step: Option<String>,
}

fields!(GoToStep { step } known &[]);

/// Hang up on a call
///
/// Whether it was answered or not. Its record says `requested` as `end_reason`. It is asked, and over within a fraction of a second.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/call/{record_id}/hang-up", tag = "record",
    operation_id = "hang_up_call", params(RecordOfAccountPath, SubUserQuery), responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn hang_up(request: AccountRequest<AttemptId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    let call = dialing::open_attempt(&mut tx, request.account, request.id).await?;
    ask(&request.api, &mut tx, &call, &CallInstruction::HangUp { by_bot: false }).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::CallAsked))
}

/// Connect the callee of a call with someone else
///
/// What its script or bot is at is left. The call ends when nobody answers there, and when one of the two hangs up. Only once it was answered,
/// and not where the callee is already being connected with someone.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/call/{record_id}/transfer", tag = "record",
    operation_id = "transfer_call", params(RecordOfAccountPath, SubUserQuery), request_body = TransferCall,
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn transfer(
    request: AccountRequest<AttemptId, Json<TransferCall>>,
) -> Result<Answer<()>, Problem> {
    let (body, faults, request) = request.take_body();
    let step = body.step(faults)?;
    let mut tx = request.begin().await?;
    let call = unconnected(dialing::open_attempt(&mut tx, request.account, request.id).await?)?;
    let share = dialing::share_of_line(&mut tx, call.user_id, LineId::new(step.line)).await?;
    if share.is_none() {
        return Err(Problem::fault("line", FaultRule::Unknown));
    }
    ask(&request.api, &mut tx, &call, &CallInstruction::Transfer { to: Box::new(step) }).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::CallAsked))
}

/// Play a prompt in a call
///
/// In place of what is played now; what a bot says waits meanwhile. Only once the call was answered.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/call/{record_id}/play", tag = "record",
    operation_id = "play_in_call", params(RecordOfAccountPath, SubUserQuery), request_body = PlayInCall,
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn play(
    request: AccountRequest<AttemptId, Json<PlayInCall>>,
) -> Result<Answer<()>, Problem> {
    let (body, faults, request) = request.take_body();
    let prompt = required(faults, "prompt", body.prompt.map(PromptId::new))?;
    let mut tx = request.begin().await?;
    let call = answered(dialing::open_attempt(&mut tx, request.account, request.id).await?)?;
    if prompts::get(&mut tx, call.account_id, prompt).await.is_err() {
        return Err(Problem::fault("prompt", FaultRule::Unknown));
    }
    ask(&request.api, &mut tx, &call, &CallInstruction::Play { prompt }).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::CallAsked))
}

/// Send digits in a call
///
/// To the callee's side, as a keypad does. Only once the call was answered.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/call/{record_id}/send-digits", tag = "record",
    operation_id = "send_digits_in_call", params(RecordOfAccountPath, SubUserQuery), request_body = SendDigits,
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn send_digits(
    request: AccountRequest<AttemptId, Json<SendDigits>>,
) -> Result<Answer<()>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let digits = body.digits.and_then(|digits| faults.check("digits", SentDigits::parse(&digits)));
    let digits = required(faults, "digits", digits)?;
    let mut tx = request.begin().await?;
    let call = answered(dialing::open_attempt(&mut tx, request.account, request.id).await?)?;
    ask(&request.api, &mut tx, &call, &CallInstruction::SendDigits { digits }).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::CallAsked))
}

/// Have a call go on at another step of its script
///
/// What it is at is left, a bot's stream is ended. Only once the call was answered, and not where the callee is being connected with someone.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/call/{record_id}/go-to", tag = "record",
    operation_id = "go_to_step_in_call", params(RecordOfAccountPath, SubUserQuery), request_body = GoToStep,
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn go_to(request: AccountRequest<AttemptId, Json<GoToStep>>) -> Result<Answer<()>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let step = body.step.and_then(|step| faults.check("step", StepLabel::parse(&step)));
    let step = required(faults, "step", step)?;
    let mut tx = request.begin().await?;
    let call = unconnected(dialing::open_attempt(&mut tx, request.account, request.id).await?)?;
    if !has_step(&mut tx, &call, &step).await? {
        return Err(Problem::fault("step", FaultRule::Unknown));
    }
    ask(&request.api, &mut tx, &call, &CallInstruction::GoTo { step }).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::CallAsked))
}

impl TransferCall {
    fn step(self, mut faults: Faults) -> Result<TransferStep, Problem> {
        let to = match (self.extension, self.sip_address) {
            (Some(_), Some(_)) => faults.check("sip_address", Err(FaultRule::Excludes("extension"))),
            (Some(extension), None) => {
                let extension = faults.check("extension", TransferExtension::parse(&extension));
                extension.map(TransferTarget::Extension)
            }
            (None, Some(address)) => {
                faults.check("sip_address", TransferAddress::parse(&address)).map(TransferTarget::SipAddress)
            }
            (None, None) => faults.check("extension", Err(FaultRule::Required)),
        };
        let line = match self.line {
            Some(line) => Some(line),
            None => faults.check("line", Err(FaultRule::Required)),
        };
        let ring =
            self.ring.map_or(Some(DEFAULT_TRANSFER_RING), |ring| faults.check("ring", Bounded::new(ring)));
        let step = to.zip(line).zip(ring);
        let step = step.map(|((to, line), ring)| TransferStep { to, line, ring, no_answer: None });
        Ok(faults.finish(step)?)
    }
}

fn required<T>(mut faults: Faults, field: &str, value: Option<T>) -> Result<T, Problem> {
    if value.is_none() && faults.is_empty() {
        faults.check::<()>(field, Err(FaultRule::Required));
    }
    Ok(faults.finish(value)?)
}

/// A call that was answered.
pub(super) fn answered(call: OpenAttempt) -> Result<OpenAttempt, Problem> {
    if call.milestones.answered_at.is_some() { Ok(call) } else { Err(Problem::CallNotAnswered) }
}

/// A call that was answered and whose callee is not connected with anyone else, nor about to be.
fn unconnected(call: OpenAttempt) -> Result<OpenAttempt, Problem> {
    let call = answered(call)?;
    if is_transferred(&call) { Err(Problem::CallTransferred) } else { Ok(call) }
}

/// Whether the callee is connected with someone else, or about to be.
pub(super) fn is_transferred(call: &OpenAttempt) -> bool {
    call.legs.iter().any(|leg| leg.end.is_none())
}

/// Whether a call's script has a step of this label.
pub(super) async fn has_step(
    session: &mut impl store::Session,
    call: &OpenAttempt,
    label: &StepLabel,
) -> Result<bool, Problem> {
    let Some(script) = call.script_id.map(domain::ScriptId::new) else { return Ok(false) };
    let owners: [AccountId; 2] = [call.account_id, call.user_id];
    for owner in owners {
        if let Ok(found) = scripts::get(session, owner, script).await {
            return Ok(found.draft.flow.steps().iter().any(|step| step.label.as_ref() == Some(label)));
        }
    }
    Ok(false)
}

/// Asks something of a call.
pub(super) async fn ask(
    api: &Api,
    tx: &mut store::Tx,
    call: &OpenAttempt,
    control: &CallInstruction,
) -> Result<(), Problem> {
    let id = AttemptId::generate(&*api.clock, &*api.random).uuid();
    let has_room = dialing::add_command(tx, call, (id, control), api.clock.now()).await?;
    if has_room { Ok(()) } else { Err(Problem::TooManyRequests { retry_after: 1 }) }
}
