//! The filters of lists of records.

use calendar::Zone;
use domain::{
    AccountId, BotUrl, Counted, FaultRule, Faults, InstantRange, Intention, LONGEST_BOT_URL, MAXIMUM_TAGS,
    NAME_CHARACTERS, NumberDisplay, NumberStatus, ResultRule, RoundsBand, Score, TaskId, without_numbers,
};
use store::{
    Page,
    attempts::{AttemptFilter, AttemptScope, NumberFilter, ResultFilter},
};
use utoipa::ToSchema;
use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
    schema::{SchemaType, Type},
};

use super::{end_reason_view::EndReasonView, result::checked_score};
use crate::http::{
    answerers::AnsweredByView,
    body::Decimal,
    choices::WordList,
    extract::Caller,
    lenient,
    problem::{Forbidden, Problem},
    query::{
        Flag, Id, PageQuery, Query, QueryKind, QueryParameters, Search, TwoTimes, query_parameters,
        start_and_end,
    },
    values::{self, schema_of},
};

schema_of!(
    /// What became of a number, by the platform's numbers.
    NumberStatusSchema,
    "NumberStatusCode",
    values::numbers(
        "0 waiting, 1 answered, 2 blocked by the carrier, 3 declined, 4 no answer, 5 no such number, 6 switched off, 7 out of \
         service, 8 busy, 9 incoming calls barred, 10 in arrears, 11 on the blocklist, 12 blocked by the callee.",
        0..=12
    )
);

/// The statuses that a list is narrowed to; `None` does not narrow.
pub(crate) enum Statuses {}

impl QueryKind for Statuses {
    type Value = Option<Vec<NumberStatus>>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        const KNOWN: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
        let texts = query.listed(name);
        if texts.is_empty() {
            return None;
        }
        let status = |text: &String| lenient::integer(text).and_then(NumberStatus::from_number);
        let statuses: Option<Vec<_>> = texts.iter().map(status).collect();
        faults.check(name, statuses.ok_or(FaultRule::OneOf(KNOWN)))
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(Ref::from_schema_name(NumberStatusSchema::name())).into()
    }
}

/// The intentions that a list is narrowed to; none: any.
pub(crate) enum Intentions {}

impl QueryKind for Intentions {
    type Value = Vec<Intention>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let intentions: Option<Vec<_>> =
            query.listed(name).iter().map(|text| Intention::parse(text)).collect();
        faults.check(name, intentions.ok_or(FaultRule::OneOf(Intention::CODES))).unwrap_or_default()
    }

    fn schema() -> RefOr<Schema> {
        texts(Some(r"^([1-5]|[A-Ea-e]|1[Aa]|2[Bb]|3[Cc]|4[Dd]|5[Ee])$")).into()
    }
}

/// The bands of rounds that a list is narrowed to; none: any.
pub(crate) enum RoundsBands {}

impl QueryKind for RoundsBands {
    type Value = Vec<RoundsBand>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let bands: Option<Vec<_>> =
            query.listed(name).iter().map(|text| RoundsBand::from_code(text)).collect();
        faults.check(name, bands.ok_or(FaultRule::OneOf(RoundsBand::CODES))).unwrap_or_default()
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(values::words("Rounds of a conversation.", RoundsBand::CODES)).into()
    }
}

/// The tags of which records of a list have one; none: any or none.
pub(crate) enum Tags {}

impl QueryKind for Tags {
    type Value = Vec<String>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let tags = query.several(name);
        let checked = if tags.len() > MAXIMUM_TAGS {
            Err(FaultRule::TooMany(Counted::Tags, MAXIMUM_TAGS))
        } else if tags.iter().any(|tag| tag.chars().count() > NAME_CHARACTERS) {
            Err(FaultRule::TooLong(NAME_CHARACTERS))
        } else if tags.iter().any(|tag| tag.chars().any(char::is_control)) {
            // No tag holds one, and PostgreSQL takes no text with a NUL.
            Err(FaultRule::ControlCharacter)
        } else {
            Ok(tags)
        };
        faults.check(name, checked).unwrap_or_default()
    }

    fn schema() -> RefOr<Schema> {
        texts(Some(r"^[^\u0000-\u001f\u007f-\u009f]{0,64}$")).max_items(Some(MAXIMUM_TAGS)).into()
    }
}

/// The ranges of scores that a list is narrowed to; none: any score, or none.
pub(crate) enum ScoreRanges {}

/// The most ranges that a list is narrowed to.
const MOST_RANGES: usize = 20;

impl QueryKind for ScoreRanges {
    type Value = Vec<(Score, Score)>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let texts = query.several(name);
        // Lists in lists are written as JSON, too: `[[60,80],[90,100]]`.
        let numbers = texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(|number| checked_score(&Decimal::of(number.trim_matches(['[', ']', ' ', '"']).to_owned())));
        let ends: Option<Vec<Score>> = numbers.map(Result::ok).collect();
        let ranges =
            ends.ok_or(FaultRule::Result(ResultRule::ScoreRanges)).and_then(|ends| score_ranges(&ends));
        faults.check(name, ranges).unwrap_or_default()
    }

    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Number));
        let range = ArrayBuilder::new().items(number).min_items(Some(2)).max_items(Some(2));
        ArrayBuilder::new().items(range).max_items(Some(MOST_RANGES)).into()
    }
}

fn score_ranges(ends: &[Score]) -> Result<Vec<(Score, Score)>, FaultRule> {
    if ends.len() > 2 * MOST_RANGES {
        return Err(FaultRule::TooMany(Counted::Ranges, MOST_RANGES));
    }
    let range = |pair: &[Score]| match pair {
        [from, to] if from <= to => Ok((*from, *to)),
        _ => Err(FaultRule::Result(ResultRule::ScoreRanges)),
    };
    ends.chunks(2).map(range).collect()
}

/// A bot, by its address; one that no script can have finds nothing.
pub(crate) enum BotAddressFilter {}

impl QueryKind for BotAddressFilter {
    type Value = Option<String>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let text = query.text_within(name, LONGEST_BOT_URL, faults)?;
        // As scripts have it: `wss://bot.example.com` is written with a slash at its end.
        Some(BotUrl::parse(&text).map_or(text, |url| url.as_str().to_owned()))
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]*$"))
            .max_length(Some(LONGEST_BOT_URL))
            .into()
    }
}

/// A list of texts.
fn texts(pattern: Option<&str>) -> ArrayBuilder {
    ArrayBuilder::new()
        .items(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).pattern(pattern))
}

query_parameters! {
    /// Filters of a list of records.
    pub(crate) struct RecordQuery {
        /// The callee's number contains this (被叫号码); with a `+` before it, is this. Refused to tokens that see telephone numbers masked.
        keyword: Search,
        /// Dialed at this time or later: `YYYY-MM-DD HH:MM:SS`, or a date.
        start_at: Search,
        /// Dialed at this time or earlier: `YYYY-MM-DD HH:MM:SS`, or a date, which is in it.
        end_at: Search,
        /// Ended between these two times, each as in `start_at` and `end_at`; also in one value, with a comma between them. Other lists may be written so, too.
        hangup_date: TwoTimes,
        /// Ended so.
        status: Statuses,
        /// Whose score is in one of these ranges (评分区间), each of two numbers, both included:
        /// `levels[0][]=60&levels[0][]=80&levels[1][]=90&levels[1][]=100`.
        levels: ScoreRanges,
        /// Whose intention is one of these: 1 (A) to 5 (E), also `A` and `1A`.
        intention_tags: Intentions,
        /// Whose rounds are in one of these bands: `1`, `2~5`, `6~10`, `11~20`, `>20`.
        rounds: RoundsBands,
        /// Marked with one of these tags.
        tags: Tags,
        /// Answered by one of these, as far as could be heard.
        answered_by: WordList<AnsweredByView>,
        /// Ended by this program for one of these reasons.
        end_reason: WordList<EndReasonView>,
        /// That were for the bot with this address, whoever answered.
        bot: BotAddressFilter,
        /// Only those whose recording can be heard.
        recorded: Flag,
        /// Also the attempts that count no try.
        all: Flag,
    }
}

query_parameters! {
    /// Which task's records a list of all of an account's is narrowed to.
    pub(crate) struct RecordTaskQuery {
        /// Only this task's; it may be deleted since.
        task_id: Id,
    }
}

/// Which of an account's records are meant: of one task, or of all.
pub(super) fn scope(query: &Query, account: AccountId) -> Result<AttemptScope, Problem> {
    let mut faults = Faults::default();
    let task = RecordTaskQuery::read(query, &mut faults).task_id;
    let task = faults.finish(Some(task))?;
    Ok(task.map_or(AttemptScope::Account(account), |task| AttemptScope::Task(account, TaskId::new(task))))
}

/// Which records a list shows.
pub(super) struct RecordFilter {
    pub(super) page: Page,
    pub(super) attempts: AttemptFilter,
}

impl RecordFilter {
    pub(super) fn read(query: &Query, zone: Zone, caller: &Caller) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let page = PageQuery::read(query, &mut faults).page();
        let RecordQuery {
            keyword,
            start_at,
            end_at,
            hangup_date,
            status,
            levels,
            intention_tags,
            rounds,
            tags,
            answered_by,
            end_reason,
            bot,
            recorded,
            all,
        } = RecordQuery::read(query, &mut faults);
        let (from, until) = start_and_end(zone, start_at.as_deref(), end_at.as_deref(), &mut faults);
        let ended = TwoTimes::range(hangup_date, "hangup_date", zone, &mut faults);
        let number = keyword.map(|keyword| number(&keyword));
        faults.finish(Some(()))?;
        let asks_for_number = number.is_some() || tags.iter().any(|tag| without_numbers(tag) != *tag);
        if asks_for_number && caller.authority.token.numbers == NumberDisplay::Masked {
            return Err(Problem::Forbidden(Forbidden::NumbersMasked));
        }
        let InstantRange { from: first, until: last } = InstantRange::ALL;
        let dialed = InstantRange { from: from.unwrap_or(first), until: until.unwrap_or(last) };
        let result = ResultFilter { intentions: intention_tags, rounds, scores: levels, tags };
        let result = Some(result).filter(|result| *result != ResultFilter::default());
        let attempts = AttemptFilter {
            dialed,
            ended,
            number,
            statuses: status,
            with_uncounted: all,
            answered_by: answered_by.into_iter().map(Into::into).collect(),
            end_reasons: end_reason.into_iter().map(Into::into).collect(),
            bot,
            recorded_at: recorded.then_some(caller.now),
            result,
        };
        Ok(Self { page, attempts })
    }
}

/// As a list had it, or in the form of E.164.
fn number(keyword: &str) -> NumberFilter {
    let text: String =
        keyword.chars().filter(|character| !matches!(character, ' ' | '-' | '(' | ')')).collect();
    match text.strip_prefix('+').map(str::parse) {
        Some(Ok(e164)) => NumberFilter::Is(e164),
        _ => NumberFilter::Contains(text),
    }
}
