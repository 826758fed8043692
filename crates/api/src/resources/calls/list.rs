//! The list of calls that are under way.

use domain::{CallLeg, Faults, OpenAttempt, TaskId};
use jiff::Timestamp;
use serde::Serialize;
use store::dialing;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        answerers::AnswererView,
        choices::choice,
        envelope::{Answer, PagedEnvelope},
        extract::{AccountRequest, Caller},
        formats::LocalTimeSchema,
        messages::Message,
        number_view::NumberView,
        path::UserPath,
        problem::Problem,
        query::{Id, PageQuery, QueryParameters, SubUserQuery, query_parameters},
        time::stamp,
    },
    resources::records::ReachedStepView,
};

query_parameters! {
    /// Whose calls.
    pub(crate) struct CallTaskQuery {
        /// Only this task's.
        task_id: Id,
    }
}

choice! {
    /// How far a call is.
    enum CallStateView as CallState {
        /// Nothing rings yet.
        Dialing = "dialing",
        /// The phone rings.
        Ringing = "ringing",
        /// It was answered.
        Answered = "answered",
    }
}

/// A call that is under way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallView {
    /// The record that it becomes.
    record_id: Uuid,
    task_id: Uuid,
    task_name: String,
    /// The callee, as the list has it.
    #[schema(value_type = String)]
    phone: NumberView,
    state: CallStateView,
    #[schema(value_type = LocalTimeSchema)]
    dialed_at: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    ringing_at: Option<String>,
    #[schema(value_type = Option<LocalTimeSchema>)]
    answered_at: Option<String>,
    /// Seconds since it was dialed or, once it was answered, since then.
    #[schema(minimum = 0)]
    seconds: i64,
    /// The line it goes over.
    line_id: Uuid,
    /// The number that the callee sees.
    caller_id: Option<String>,
    /// The script that is to run, or runs.
    script_id: Option<i64>,
    /// Who answered, where the script asks for that (`on_machine`) and as far as it is known by now.
    answerer: Option<AnswererView>,
    /// What was heard before the answer (early media), judged apart: its milliseconds are since that sound began.
    early_answerer: Option<AnswererView>,
    /// The step of the script that it is in.
    step: Option<ReachedStepView>,
    /// Whoever the callee is connected with, or is to be as soon as that phone is answered.
    leg: Option<CallLegView>,
    /// The bots that it is or may be handed to, in the order of the script's steps.
    bots: Vec<String>,
    /// Whether it goes over a simulated line: nobody is called.
    simulated: bool,
}

/// A call to someone else that is under way, to connect the callee with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallLeg)]
struct CallLegView {
    /// Its id, and the local part of its Call-ID.
    leg_id: Uuid,
    /// The line it goes over.
    line_id: Uuid,
    /// Whom it is to reach: an extension or a SIP address. `***` stands for what may be a telephone number.
    target: String,
    state: CallStateView,
    #[schema(value_type = LocalTimeSchema)]
    dialed_at: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    ringing_at: Option<String>,
    /// From then on the two talk.
    #[schema(value_type = Option<LocalTimeSchema>)]
    answered_at: Option<String>,
}

/// List the calls that are under way
///
/// The one dialed last first. Each becomes a record of the same id when it ends.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/call", tag = "record", operation_id = "list_calls",
    params(UserPath, PageQuery, CallTaskQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<CallView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<CallView>>, Problem> {
    let AccountRequest { api, caller, account, query, .. } = &request;
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    let task = CallTaskQuery::read(query, &mut faults).task_id.map(TaskId::new);
    faults.finish(Some(()))?;
    let found = dialing::open_attempts(&mut request.read().await?, *account, task, page).await?;
    Ok(Answer::page(Message::Calls, page, found, |attempt| CallView::new(api, caller, attempt)))
}

impl CallView {
    fn new(api: &Api, caller: &Caller, attempt: OpenAttempt) -> Self {
        let time = |at: Timestamp| stamp(api.settings.zone, at);
        let mut milestones = attempt.milestones;
        let step = milestones.steps.pop();
        let state = CallStateView::of(milestones.ringing_at, milestones.answered_at);
        let leg = attempt.legs.iter().find(|leg| leg.end.is_none());
        let since = milestones.answered_at.unwrap_or(attempt.dialed_at);
        Self {
            record_id: attempt.id.uuid(),
            task_id: attempt.task_id.uuid(),
            task_name: attempt.task_name,
            phone: NumberView::new(&attempt.number.phone, caller),
            state,
            dialed_at: time(attempt.dialed_at),
            ringing_at: milestones.ringing_at.map(time),
            answered_at: milestones.answered_at.map(time),
            seconds: caller.now.duration_since(since).as_secs().max(0),
            line_id: attempt.line_id.uuid(),
            caller_id: attempt.caller_id,
            script_id: attempt.script_id,
            answerer: milestones.answerer.map(Into::into),
            early_answerer: milestones.early_answerer.map(Into::into),
            step: step.map(|step| ReachedStepView::new(api, step)),
            leg: leg.map(|leg| CallLegView::new(api, leg)),
            bots: attempt
                .bots
                .map(|bots| bots.urls.iter().map(|url| url.as_str().to_owned()).collect())
                .unwrap_or_default(),
            simulated: attempt.is_simulated,
        }
    }
}

impl CallLegView {
    fn new(api: &Api, leg: &CallLeg) -> Self {
        let time = |at: Timestamp| stamp(api.settings.zone, at);
        Self {
            leg_id: leg.id.uuid(),
            line_id: leg.line_id.uuid(),
            target: leg.target.clone(),
            state: CallStateView::of(leg.ringing_at, leg.answered_at),
            dialed_at: time(leg.dialed_at),
            ringing_at: leg.ringing_at.map(time),
            answered_at: leg.answered_at.map(time),
        }
    }
}

impl CallStateView {
    const fn of(ringing_at: Option<Timestamp>, answered_at: Option<Timestamp>) -> Self {
        match (ringing_at, answered_at) {
            (_, Some(_)) => Self::Answered,
            (Some(_), None) => Self::Ringing,
            (None, None) => Self::Dialing,
        }
    }
}
