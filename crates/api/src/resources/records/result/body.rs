//! The bodies that results are written with.

use domain::{
    Counted, Fault, FaultRule, Faults, Intention, LONGEST_OFFSET, MAXIMUM_TAGS, MAXIMUM_TURNS, MOST_ROUNDS,
    Name, NumberedTurn, Patch, ResultChange, ResultFields, Score, SpokenTurn, Transcript, TurnTime,
    ValueKind, check_summary,
};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::view::SpeakerChoice;
use crate::http::{
    body::{Decimal, FieldPath, FromValue, Members, Reading, fields},
    formats::{InstantSchema, NameSchema},
    time::parse_instant,
};

/// What answers say beside it. It is ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &["record_id", "task_id", "intention_results", "updated_at"];

const FIELDS: &[&str] = &["transcript", "tags", "intention", "score", "rounds", "summary", "fields"];

/// Of which one says when a turn began.
const TIMES: &[&str] = &["at", "offset"];

/// How many digits after its point a score may have.
const SCORE_DIGITS: u32 = 2;

/// What came of a conversation. A field left out keeps its value, and `null` takes it away.
#[derive(ToSchema)]
#[schema(as = SaveCallResult)]
pub(crate) struct ResultBody {
    /// All that was said, in its order; the texts may take 256 kB. It replaces what there is as a whole.
    #[schema(value_type = Option<Vec<TurnBody>>, max_items = 1_000)]
    transcript: Patch<Vec<TurnBody>>,
    /// What the call is marked with; replaced as a whole.
    #[schema(value_type = Option<Vec<NameSchema>>, max_items = 50, example = json!(["要回电"]))]
    tags: Patch<Vec<String>>,
    /// What the callee wants: `A` (clear interest) to `E` (other), or the documents' 1 to 5.
    #[schema(value_type = Option<String>, example = "A")]
    intention: Patch<IntentionBody>,
    /// How the call was rated, with at most two digits after the point.
    #[schema(value_type = Option<f64>, minimum = -1_000_000, maximum = 1_000_000, example = 85)]
    score: Patch<Decimal>,
    /// How often the callee spoke (对话轮次); without it the transcript tells.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 10_000)]
    rounds: Patch<i64>,
    /// The conversation in a few words.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10_000, pattern = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*\S[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$")]
    summary: Patch<String>,
    /// Anything else: texts, numbers, `true` and `false` by name, 8 kB in all. Replaced as a whole.
    #[schema(value_type = Option<Object>, example = json!({"city": "上海"}))]
    fields: Patch<FieldsBody>,
}

impl FromValue for ResultBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        members.know_only(&[FIELDS, GIVEN_BACK]);
        Some(Self {
            transcript: members.patch("transcript"),
            tags: members.patch("tags"),
            intention: members.patch("intention"),
            score: members.patch("score"),
            rounds: members.patch("rounds"),
            summary: members.patch("summary"),
            fields: members.patch("fields"),
        })
    }
}

impl ResultBody {
    /// What it does to a result.
    pub(super) fn change(self, mut faults: Faults) -> Result<ResultChange, Vec<Fault>> {
        let faults_of = &mut faults;
        let change = ResultChange {
            transcript: self.transcript.and_then(|turns| transcript(turns, faults_of)),
            tags: self.tags.and_then(|tags| checked_tags(&tags, faults_of)),
            intention: self.intention.and_then(|IntentionBody(intention)| Some(intention)),
            score: self.score.and_then(|score| faults_of.check("score", checked_score(&score))),
            rounds: self.rounds.and_then(|rounds| faults_of.check("rounds", checked_rounds(rounds))),
            summary: self.summary.and_then(|text| faults_of.check("summary", check_summary(text))),
            fields: self.fields.and_then(|FieldsBody(fields)| checked_fields(fields, faults_of)),
        };
        faults.finish(Some(change))
    }
}

/// What is added to a transcript.
#[derive(ToSchema)]
#[schema(as = AppendTranscript)]
pub(crate) struct TranscriptBody {
    /// What was said, in its order.
    #[schema(value_type = Vec<TurnBody>, required = true, min_items = 1, max_items = 1_000)]
    turns: Option<Vec<TurnBody>>,
}

fields!(TranscriptBody { turns } known &[]);

impl TranscriptBody {
    /// The turns, with the places in the transcript that they say they have.
    pub(super) fn turns(self, mut faults: Faults) -> Result<Vec<NumberedTurn>, Vec<Fault>> {
        let turns = faults.require("turns", self.turns);
        let turns = turns.and_then(|turns| {
            if turns.is_empty() {
                faults.add("turns", FaultRule::Empty);
            }
            checked_turns("turns", turns, &mut faults)
        });
        faults.finish(turns)
    }
}

/// What one side said before the other went on.
#[derive(Default, ToSchema)]
#[schema(as = SaveTurn)]
pub(crate) struct TurnBody {
    /// Its place in the transcript, counted from 1. One that is sent again under its number is stored once.
    #[schema(minimum = 1, maximum = 1_000)]
    number: Option<i64>,
    /// When it began; this or `offset`, and this where both are given.
    #[schema(value_type = Option<InstantSchema>)]
    at: Option<String>,
    /// How many milliseconds after the answer it began.
    #[schema(minimum = 0, maximum = 86_400_000)]
    offset: Option<i64>,
    #[schema(value_type = SpeakerChoice, required = true)]
    speaker: Option<SpeakerChoice>,
    /// What was said.
    #[schema(value_type = String, required = true, min_length = 1, max_length = 4_000, example = "您好", pattern = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*\S[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$")]
    text: Option<String>,
}

fields!(TurnBody { number, at, offset, speaker, text } known &[]);

impl TurnBody {
    fn check(self, place: &str, faults: &mut Faults) -> Option<NumberedTurn> {
        let field = |name: &str| format!("{place}.{name}");
        let time = match (self.at, self.offset) {
            (Some(at), _) => faults.check(&field("at"), parse_instant(&at)).map(TurnTime::At),
            (None, Some(offset)) => faults.check(&field("offset"), checked_offset(offset)),
            // What is given and faulty is told already.
            (None, None) if faults.is_faulty(&field("offset")) => None,
            (None, None) => faults.check(&field("at"), Err(FaultRule::OneNeeded(TIMES))),
        };
        let speaker = faults.require(&field("speaker"), self.speaker);
        let text = faults.require(&field("text"), self.text);
        let (time, speaker, text) = (time?, speaker?, text?);
        let turn = faults.check(&field("text"), SpokenTurn::new(time, speaker.into(), text))?;
        Some(NumberedTurn { number: self.number, turn })
    }
}

/// What a callee wants, in any of the ways in which it is written.
#[derive(Clone, Copy)]
pub(crate) struct IntentionBody(Intention);

impl FromValue for IntentionBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let intention = match &value {
            Value::String(text) => Intention::parse(text),
            Value::Number(number) => number.as_i64().and_then(Intention::from_number),
            _ => None,
        };
        let checked = intention.ok_or(FaultRule::OneOf(Intention::CODES));
        reading.faults.check(&place.to_string(), checked).map(Self)
    }
}

/// Custom fields, as they were sent.
pub(crate) struct FieldsBody(Map<String, Value>);

impl FromValue for FieldsBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(Self(fields));
        }
        reading.faults.add(place.to_string(), FaultRule::Type(ValueKind::Object));
        None
    }
}

/// A whole transcript, whose turns may say that they have the places that they have.
fn transcript(turns: Vec<TurnBody>, faults: &mut Faults) -> Option<Transcript> {
    let turns = checked_turns("transcript", turns, faults)?;
    let transcript = Transcript::default().append(turns);
    transcript.map_err(|(place, rule)| faults.add(fault_place("transcript", place), rule)).ok()
}

/// The turns of a list; `None` when any is faulty.
fn checked_turns(list: &str, turns: Vec<TurnBody>, faults: &mut Faults) -> Option<Vec<NumberedTurn>> {
    if turns.len() > MAXIMUM_TURNS {
        faults.add(list, FaultRule::TooMany(Counted::Turns, MAXIMUM_TURNS));
        return None;
    }
    let count = turns.len();
    let check = |(place, turn): (usize, TurnBody)| turn.check(&format!("{list}[{place}]"), faults);
    let checked: Vec<NumberedTurn> = turns.into_iter().enumerate().filter_map(check).collect();
    Some(checked).filter(|checked| checked.len() == count)
}

/// Where a transcript breaks a rule: at one of the turns that were sent, or as a whole.
pub(super) fn fault_place(list: &str, place: Option<usize>) -> String {
    place.map_or_else(|| list.to_owned(), |place| format!("{list}[{place}].number"))
}

fn checked_offset(offset: i64) -> Result<TurnTime, FaultRule> {
    let within = (0..=LONGEST_OFFSET).contains(&offset).then_some(TurnTime::Offset(offset));
    within.ok_or(FaultRule::OutOfRange(0, LONGEST_OFFSET))
}

/// The tags, each once.
fn checked_tags(tags: &[String], faults: &mut Faults) -> Option<Vec<Name>> {
    if tags.len() > MAXIMUM_TAGS {
        faults.add("tags", FaultRule::TooMany(Counted::Tags, MAXIMUM_TAGS));
        return None;
    }
    let mut checked: Vec<Name> = Vec::with_capacity(tags.len());
    for (place, tag) in tags.iter().enumerate() {
        let tag = faults.check(&format!("tags[{place}]"), Name::parse(tag))?;
        if !checked.contains(&tag) {
            checked.push(tag);
        }
    }
    Some(checked)
}

/// A score, as it was written.
pub(in super::super) fn checked_score(score: &Decimal) -> Result<Score, FaultRule> {
    // What is no such number is out of range, too: the rule names what is in it.
    Score::of_hundredths(score.scaled_with_sign(SCORE_DIGITS).unwrap_or(i64::MAX))
}

fn checked_rounds(rounds: i64) -> Result<i64, FaultRule> {
    (0..=MOST_ROUNDS).contains(&rounds).then_some(rounds).ok_or(FaultRule::OutOfRange(0, MOST_ROUNDS))
}

fn checked_fields(fields: Map<String, Value>, faults: &mut Faults) -> Option<ResultFields> {
    let note = |(name, rule): (Option<String>, FaultRule)| {
        faults.add(name.map_or_else(|| "fields".to_owned(), |name| format!("fields.{name}")), rule);
    };
    ResultFields::new(fields).map_err(note).ok()
}
