//! How records are shown: in the platform's fields as far as they are known, and beside them what the network said.

use domain::{
    Attempt, AttemptTimes, CallLeg, EndedBy, Intention, Name, NetworkCause, OutcomeClass, PressedKeys,
    ReasonPhrase, Recording, Score,
};
use jiff::Timestamp;
use serde::Serialize;
use store::attempts::ResultSummary;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    end_reason_view::EndReasonView, filter::NumberStatusSchema, recording_view::RecordingView,
    result::shown_text, step_view::ReachedStepView, turns::RecordTurnView,
};
use crate::{
    Api,
    http::{
        answerers::AnswererView,
        bots::BotOfCallView,
        choices::choice,
        extract::Caller,
        formats::LocalTimeSchema,
        number_view::NumberView,
        outcomes::OutcomeClassView,
        time::{instant, stamp},
    },
    resources::tasks::status_text,
};

/// A record: an attempt that has ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// The record; the platform calls it `callid` too.
    record_id: Uuid,
    callid: Uuid,
    task_id: Uuid,
    /// What the task was called then.
    task_name: String,
    /// The callee, as the list had it.
    #[schema(value_type = String)]
    phone: NumberView,
    /// The callee's name, as the list had it.
    name: Option<String>,
    /// The callee's company, as the list had it.
    company: Option<String>,
    /// The client's own text, as the list had it.
    extra: Option<String>,
    /// The status that the call gave its number; `null`: it counts no try.
    #[schema(value_type = Option<NumberStatusSchema>)]
    status: Option<i64>,
    /// The status in words.
    status_str: Option<&'static str>,
    /// When it was dialed.
    #[schema(value_type = LocalTimeSchema)]
    calldate: String,
    /// When it was answered.
    #[schema(value_type = Option<LocalTimeSchema>)]
    answerdate: Option<String>,
    /// When it ended.
    #[schema(value_type = LocalTimeSchema)]
    hangupdate: String,
    /// Seconds from the answer to the end.
    bill: i64,
    /// Seconds from dialing to the end.
    duration: i64,
    /// What the call is marked with.
    #[schema(max_items = 50)]
    tags: Vec<TagView>,
    /// Not known here.
    #[schema(value_type = Vec<serde_json::Value>)]
    tag_groups: [(); 0],
    /// Not known here.
    #[schema(value_type = Vec<serde_json::Value>)]
    components: [(); 0],
    /// Not known here.
    #[schema(value_type = Vec<serde_json::Value>)]
    send_wechat_data: [(); 0],
    /// The carrier of the callee; not known yet.
    operator_name: Option<String>,
    /// The intention, 1 (A) to 5 (E).
    #[schema(minimum = 1, maximum = 5)]
    intention_results: Option<i64>,
    /// How often the callee spoke.
    rounds: i64,
    /// How the call was rated.
    #[schema(value_type = Option<f64>)]
    score: Option<serde_json::Number>,
    /// The conversation in a few words.
    summary: Option<String>,
    /// What came of the call, in more detail than its status.
    class: OutcomeClassView,
    cause: CauseView,
    /// Who ended it.
    ended_by: EndedByView,
    /// Why this program ended it, or did not send it; `null`: it was somebody else, or the script.
    end_reason: Option<EndReasonView>,
    /// The keys that the callee pressed where the script asked for some (`gather`), in their order.
    #[schema(max_items = 100)]
    keys: Vec<KeysView>,
    /// Who answered, where the script asked for that (`on_machine`) and something was heard.
    answerer: Option<AnswererView>,
    /// What was heard before the answer (early media), judged apart where the script asks who answers: `machine` is an announcement or a mailbox,
    /// `unsure` ringing or music. Its milliseconds are since that sound began, and it says nothing about `answerer`.
    early_answerer: Option<AnswererView>,
    /// The steps of the script that the call came to, but for those that hang up, in their order.
    #[schema(max_items = 100)]
    steps: Vec<ReachedStepView>,
    /// The bots that it was for, one for each step of its script that hands it to one, each once.
    #[schema(max_items = 100)]
    bots: Vec<BotOfCallView>,
    /// The line it went over.
    line_id: Option<Uuid>,
    /// The number that the callee saw.
    caller_id: Option<String>,
    /// The script that was to run.
    script_id: Option<i64>,
    times: TimesView,
    /// The calls to those with whom the callee was connected, or was to be, in their order.
    legs: Vec<LegView>,
    /// Whether it went over a simulated line: nobody was called.
    simulated: bool,
    /// Its recording; `null`: there is none, or not yet.
    recording: Option<RecordingView>,
}

/// A tag of a call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordTag)]
struct TagView {
    /// The platform's; tags have none here.
    tag_id: Option<i64>,
    name: String,
}

/// What the network said of the call's end, as it said it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordCause)]
struct CauseView {
    /// The final SIP code.
    code: Option<u16>,
    /// The reason phrase.
    phrase: Option<String>,
    /// The Q.850 cause.
    q850: Option<u8>,
    /// Whether our own side brought it about: the carrier did not answer or could not be reached, or this program cancelled the call, which
    /// a carrier answers with 487.
    local: bool,
}

/// The instants of the call, exactly; `null` is what did not happen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordTimes)]
struct TimesView {
    #[schema(format = "date-time")]
    dialed: String,
    #[schema(format = "date-time")]
    ringing: Option<String>,
    /// When sound came before an answer.
    #[schema(format = "date-time")]
    early_media: Option<String>,
    #[schema(format = "date-time")]
    answered: Option<String>,
    #[schema(format = "date-time")]
    ended: String,
}

/// A call to someone else, to connect the callee with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordLeg)]
struct LegView {
    /// Its id, and the local part of its Call-ID.
    leg_id: Uuid,
    /// The line it went over.
    line_id: Uuid,
    /// Whom it was to reach: an extension or a SIP address. `***` stands for what may be a telephone number.
    target: String,
    /// What came of it.
    class: OutcomeClassView,
    cause: CauseView,
    /// Who ended it: `callee` is the callee of the record, `agent` whoever was called here.
    ended_by: EndedByView,
    times: LegTimesView,
}

/// The instants of a leg, exactly; `null` is what did not happen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordLegTimes)]
struct LegTimesView {
    #[schema(format = "date-time")]
    dialed: String,
    #[schema(format = "date-time")]
    ringing: Option<String>,
    /// From then on the two talked.
    #[schema(format = "date-time")]
    answered: Option<String>,
    #[schema(format = "date-time")]
    ended: String,
}

choice! {
    /// Who ended a call.
    enum EndedByView as EndedBy for EndedBy {
        /// Whoever was called: by hanging up, or by being busy or declining.
        Callee = "callee",
        /// The line, its carrier or the network behind it.
        Line = "line",
        /// The script or the bot.
        Script = "script",
        /// Whoever the call was transferred to.
        Agent = "agent",
        /// This program: by a limit, at close or on request.
        Dialtime = "dialtime",
        /// Not known.
        Unknown = "unknown",
    }
}

/// Keys that a callee pressed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordKeys)]
struct KeysView {
    /// When the script went on with them.
    #[schema(format = "date-time")]
    at: String,
    /// The step that asked for them, counted from 1.
    #[schema(minimum = 1)]
    step: usize,
    /// What the script calls that step.
    label: Option<String>,
    /// The keys: `0` to `9`, `*`, `#`.
    keys: String,
}

impl KeysView {
    fn new(api: &Api, pressed: PressedKeys) -> Self {
        let PressedKeys { at, step, label, keys } = pressed;
        Self { at: instant(api.settings.zone, at), step, label, keys }
    }
}

impl RecordView {
    pub(crate) fn new(api: &Api, caller: &Caller, attempt: Attempt, result: Option<ResultSummary>) -> Self {
        Self::of_attempt(api, caller, attempt).with(result, caller)
    }

    fn of_attempt(api: &Api, caller: &Caller, attempt: Attempt) -> Self {
        let (id, zone, times) = (attempt.id.uuid(), api.settings.zone, attempt.times);
        let phone = NumberView::new(&attempt.number.phone, caller);
        let details = attempt.number.details;
        Self {
            record_id: id,
            callid: id,
            task_id: attempt.task_id.uuid(),
            task_name: attempt.task_name,
            phone,
            name: details.name,
            company: details.company,
            extra: details.extra,
            status: attempt.status.map(domain::NumberStatus::number),
            status_str: attempt.status.map(|status| status_text(status, caller.language)),
            calldate: stamp(zone, times.dialed_at),
            answerdate: times.answered_at.map(|answered| stamp(zone, answered)),
            hangupdate: stamp(zone, times.ended_at),
            bill: times.talk().as_secs(),
            duration: times.whole().as_secs(),
            tags: Vec::new(),
            tag_groups: [],
            components: [],
            send_wechat_data: [],
            operator_name: None,
            intention_results: None,
            rounds: 0,
            score: None,
            summary: None,
            class: attempt.class.into(),
            cause: CauseView::new(&attempt.cause),
            ended_by: attempt.ended_by.into(),
            end_reason: attempt.end_reason.map(Into::into),
            keys: attempt.pressed.into_iter().map(|pressed| KeysView::new(api, pressed)).collect(),
            answerer: attempt.answerer.map(Into::into),
            early_answerer: attempt.early_answerer.map(Into::into),
            steps: attempt.steps.into_iter().map(|step| ReachedStepView::new(api, step)).collect(),
            bots: attempt.bots.into_iter().map(Into::into).collect(),
            line_id: attempt.line_id,
            caller_id: attempt.caller_id,
            script_id: attempt.script_id,
            times: TimesView::new(api, times),
            legs: attempt.legs.iter().map(|leg| LegView::new(api, leg)).collect(),
            simulated: attempt.is_simulated,
            recording: None,
        }
    }

    /// With what came of its conversation.
    fn with(self, result: Option<ResultSummary>, caller: &Caller) -> Self {
        let Some(ResultSummary { intention, score, rounds, tags, summary, .. }) = result else { return self };
        let tag = |tag: &Name| TagView { tag_id: None, name: shown_text(tag.as_str(), caller) };
        Self {
            tags: tags.iter().map(tag).collect(),
            intention_results: intention.map(Intention::number),
            rounds,
            score: score.map(Score::number),
            summary: summary.map(|summary| shown_text(&summary, caller)),
            ..self
        }
    }

    /// With its recording.
    pub(crate) fn with_recording(self, api: &Api, recording: Option<&Recording>) -> Self {
        Self { recording: recording.map(|recording| RecordingView::new(api, recording)), ..self }
    }
}

impl LegView {
    /// One that has no end is of a program that died before it could say.
    fn new(api: &Api, leg: &CallLeg) -> Self {
        let exact = |at: Timestamp| instant(api.settings.zone, at);
        let (class, cause, by, ended) = match &leg.end {
            Some(end) => (end.class, end.cause.clone(), end.by, end.at),
            None => (OutcomeClass::Unknown, NetworkCause::default(), EndedBy::Unknown, leg.dialed_at),
        };
        Self {
            leg_id: leg.id.uuid(),
            line_id: leg.line_id.uuid(),
            target: leg.target.clone(),
            class: class.into(),
            cause: CauseView::new(&cause),
            ended_by: by.into(),
            times: LegTimesView {
                dialed: exact(leg.dialed_at),
                ringing: leg.ringing_at.map(exact),
                answered: leg.answered_at.map(exact),
                ended: exact(ended),
            },
        }
    }
}

impl CauseView {
    fn new(cause: &NetworkCause) -> Self {
        let phrase = cause.phrase.as_ref().map(ReasonPhrase::as_str).map(str::to_owned);
        Self { code: cause.code, phrase, q850: cause.q850, local: cause.is_local }
    }
}

impl TimesView {
    fn new(api: &Api, times: AttemptTimes) -> Self {
        let exact = |at: Timestamp| instant(api.settings.zone, at);
        Self {
            dialed: exact(times.dialed_at),
            ringing: times.ringing_at.map(exact),
            early_media: times.early_media_at.map(exact),
            answered: times.answered_at.map(exact),
            ended: exact(times.ended_at),
        }
    }
}

/// A record and the turns of its conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordDetailView {
    #[serde(flatten)]
    record: RecordView,
    /// The turns of the conversation.
    #[schema(max_items = 1_000)]
    records: Vec<RecordTurnView>,
}

impl RecordDetailView {
    pub(super) const fn new(record: RecordView, records: Vec<RecordTurnView>) -> Self {
        Self { record, records }
    }
}
