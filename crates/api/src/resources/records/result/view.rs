//! How results are shown. To tokens that see telephone numbers masked no text shows what may be one.

use domain::{CallResult, Intention, Name, NumberDisplay, Speaker, SpokenTurn, without_numbers};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        choices::choice,
        extract::Caller,
        formats::{InstantSchema, LocalTimeSchema},
        time::{instant, stamp},
    },
};

choice! {
    /// Who spoke.
    pub(crate) enum SpeakerChoice as Speaker for Speaker {
        /// The bot, or a prompt.
        Bot = "bot",
        /// Whoever was called.
        Callee = "callee",
        /// A person to whom the call was transferred.
        Agent = "agent",
    }
}

/// A text of a conversation, as a token may see it.
pub(crate) fn shown_text(text: &str, caller: &Caller) -> String {
    match caller.authority.token.numbers {
        NumberDisplay::Full => text.to_owned(),
        NumberDisplay::Masked => without_numbers(text),
    }
}

/// What came of a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = CallResult)]
pub(crate) struct ResultView {
    record_id: Uuid,
    /// What was said, in its order.
    #[schema(max_items = 1_000)]
    transcript: Vec<TurnView>,
    /// What the call is marked with.
    #[schema(max_items = 50)]
    tags: Vec<String>,
    /// What the callee wants: `A` to `E`.
    #[schema(example = "A")]
    intention: Option<&'static str>,
    /// The same as the documents' number, 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    intention_results: Option<i64>,
    /// How the call was rated.
    #[schema(value_type = Option<f64>)]
    score: Option<Number>,
    /// How often the callee spoke: as it was given, else by the transcript, where what is said in one go counts once.
    rounds: i64,
    /// The conversation in a few words.
    summary: Option<String>,
    /// Anything else.
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
    /// When it was written last; `null`: never.
    #[schema(value_type = Option<LocalTimeSchema>)]
    updated_at: Option<String>,
}

/// What one side said before the other went on.
#[derive(Serialize, ToSchema)]
#[schema(as = Turn)]
pub(crate) struct TurnView {
    /// Its place in the transcript, counted from 1.
    #[schema(minimum = 1)]
    number: usize,
    /// When it began; `null` where only the time since the answer is known, and not yet when that was.
    #[schema(value_type = Option<InstantSchema>)]
    at: Option<String>,
    /// How many milliseconds after the answer it began, as far as that is known.
    offset: Option<i64>,
    speaker: SpeakerChoice,
    /// What was said.
    text: String,
}

/// What a result is shown of.
pub(super) struct Shown<'r> {
    pub(super) record: Uuid,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) result: &'r CallResult,
    pub(super) updated_at: Option<Timestamp>,
}

impl ResultView {
    pub(super) fn new(api: &Api, caller: &Caller, shown: &Shown<'_>) -> Self {
        let Shown { record, answered_at, result, updated_at } = shown;
        let turn =
            |(number, turn): (usize, &SpokenTurn)| TurnView::new(api, caller, (number, turn), *answered_at);
        Self {
            record_id: *record,
            transcript: (1..).zip(result.transcript.turns()).map(turn).collect(),
            tags: result.tags.iter().map(|tag| shown_text(Name::as_str(tag), caller)).collect(),
            intention: result.intention.map(Intention::letter),
            intention_results: result.intention.map(Intention::number),
            score: result.score.map(domain::Score::number),
            rounds: result.rounds(),
            summary: result.summary.as_deref().map(|summary| shown_text(summary, caller)),
            fields: shown_fields(result.fields.get(), caller),
            updated_at: updated_at.map(|at| stamp(api.settings.zone, at)),
        }
    }
}

impl TurnView {
    fn new(
        api: &Api,
        caller: &Caller,
        (number, turn): (usize, &SpokenTurn),
        answered_at: Option<Timestamp>,
    ) -> Self {
        Self {
            number,
            at: turn.time.instant(answered_at).map(|at| instant(api.settings.zone, at)),
            offset: turn.time.offset(answered_at),
            speaker: turn.speaker.into(),
            text: shown_text(turn.text(), caller),
        }
    }
}

/// Custom fields; what is a number may be a telephone number, too.
fn shown_fields(fields: &Map<String, Value>, caller: &Caller) -> Map<String, Value> {
    let shown = |value: &Value| match value {
        Value::String(text) => shown_text(text, caller).into(),
        Value::Number(number) => {
            let written = number.to_string();
            let shown = shown_text(&written, caller);
            if shown == written { value.clone() } else { shown.into() }
        }
        other => other.clone(),
    };
    fields.iter().map(|(name, value)| (shown_text(name, caller), shown(value))).collect()
}

/// A transcript after turns were added.
#[derive(Serialize, ToSchema)]
#[schema(as = TranscriptAppended)]
pub(crate) struct AppendedView {
    pub(super) record_id: Uuid,
    /// How many turns the transcript has now.
    pub(super) turns: usize,
    /// How often the callee spoke.
    pub(super) rounds: i64,
}
