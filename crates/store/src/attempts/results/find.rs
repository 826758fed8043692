//! Results are read, and records are looked for by them.

use std::collections::HashMap;

use domain::{AccountId, AttemptId, InstantRange, Intention, RoundsBand, Score};
use uuid::Uuid;

use super::super::counters::AttemptScope;
use super::{
    counters::count_by_result,
    row::{
        RESULTS, ResultRow, ResultSummary, StoredResult, SummaryRow, band, result_columns, summary_columns,
    },
};
use crate::{
    Error, Kind, Page, Result, Session,
    database::{
        DatabaseError,
        convert::{json, micros, timestamp, uuids},
        dialect::Dialect,
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// Which results the records of a list have. What is empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    /// One of these intentions.
    pub intentions: Vec<Intention>,
    /// So many rounds.
    pub rounds: Vec<RoundsBand>,
    /// A score in one of these ranges, both ends included.
    pub scores: Vec<(Score, Score)>,
    /// One of these tags.
    pub tags: Vec<String>,
}

impl ResultFilter {
    /// Whether the counters alone tell how many there are.
    const fn is_counted(&self) -> bool {
        self.scores.is_empty() && self.tags.is_empty()
    }
}

/// What a statement asks of an intention.
#[derive(Clone, Copy, Debug)]
enum IntentionCondition {
    Any,
    /// That it is this one: its records lie together in an index.
    Is,
    /// That it is one of these: looked for among all, in the order of the list.
    Among,
}

/// What a statement asks of results, whose parameters begin at a place.
#[derive(Clone, Copy, Debug)]
struct ResultNarrowing {
    scope: &'static str,
    intention: IntentionCondition,
}

impl ResultNarrowing {
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self { scope: crate::attempts::counters::SCOPES[0], intention: IntentionCondition::Any },
        Self { scope: crate::attempts::counters::SCOPES[0], intention: IntentionCondition::Is },
        Self { scope: crate::attempts::counters::SCOPES[0], intention: IntentionCondition::Among },
        Self { scope: crate::attempts::counters::SCOPES[1], intention: IntentionCondition::Any },
        Self { scope: crate::attempts::counters::SCOPES[1], intention: IntentionCondition::Is },
        Self { scope: crate::attempts::counters::SCOPES[1], intention: IntentionCondition::Among },
    ];

    const fn of(scope: AttemptScope, filter: &ResultFilter) -> Self {
        let intention = match filter.intentions.len() {
            0 => IntentionCondition::Any,
            1 => IntentionCondition::Is,
            _ => IntentionCondition::Among,
        };
        Self { scope: scope.condition(), intention }
    }

    fn condition(self, dialect: Dialect) -> String {
        format!(
            "{} AND dialed_at >= $3 AND dialed_at < $4 AND {} AND {}",
            self.scope,
            dialect.among("outcome", "$5"),
            conditions_of(dialect, self.intention, ["$6", "$7", "$8", "$9"])
        )
    }
}

/// What a statement on attempts asks of their results; these are the places of its parameters.
pub(in super::super) fn conditions(dialect: Dialect, parameters: [&str; 4]) -> String {
    format!(
        "EXISTS (SELECT 1 FROM call_results WHERE call_results.account_id = attempts.account_id \
             AND call_results.attempt_id = attempts.id AND {})",
        conditions_of(dialect, IntentionCondition::Among, parameters)
    )
}

fn conditions_of(dialect: Dialect, intention: IntentionCondition, parameters: [&str; 4]) -> String {
    let [intentions, bands, scores, tags] = parameters;
    let intention = match intention {
        IntentionCondition::Any => "true".to_owned(),
        IntentionCondition::Is => format!("intention = CAST({intentions} AS BIGINT)"),
        // With the sign no index is taken for it, which would have all that are found sorted.
        IntentionCondition::Among => {
            format!("({intentions} IS NULL OR {})", dialect.among("+intention", intentions))
        }
    };
    format!(
        "{intention} AND ({bands} IS NULL OR {}) AND ({scores} IS NULL OR {}) AND ({tags} IS NULL OR {})",
        dialect.among("rounds_band", bands),
        dialect.inside_span(scores, "score"),
        dialect.holds_any("tags", tags)
    )
}

/// What is bound to the parameters of [`conditions`].
pub(in super::super) struct ResultConditions {
    pub(in super::super) intentions: Option<String>,
    pub(in super::super) bands: Option<String>,
    pub(in super::super) scores: Option<String>,
    pub(in super::super) tags: Option<String>,
}

impl ResultConditions {
    pub(in super::super) fn of(filter: Option<&ResultFilter>) -> std::result::Result<Self, DatabaseError> {
        let none = ResultFilter::default();
        let ResultFilter { intentions, rounds, scores, tags } = filter.unwrap_or(&none);
        let intentions: Vec<i64> = intentions.iter().map(|intention| intention.number()).collect();
        let bands: Vec<i64> = rounds.iter().map(|rounds| band(Some(*rounds))).collect();
        // The end of a span is not in it.
        let span = |(from, to): &(Score, Score)| [from.hundredths(), to.hundredths() + 1];
        let scores: Vec<[i64; 2]> = scores.iter().map(span).collect();
        let asked = |is_asked: bool, text: String| is_asked.then_some(text);
        Ok(Self {
            intentions: asked(!intentions.is_empty(), json(&intentions)?),
            bands: asked(!bands.is_empty(), json(&bands)?),
            scores: asked(!scores.is_empty(), json(&scores)?),
            tags: asked(!tags.is_empty(), json(tags)?),
        })
    }
}

/// Where records are looked for by their results alone.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct ResultSearch<'s> {
    pub(in super::super) scope: AttemptScope,
    pub(in super::super) dialed: InstantRange,
    pub(in super::super) outcomes: &'s [i64],
    pub(in super::super) filter: &'s ResultFilter,
}

/// Binds what [`ResultNarrowing::condition`] names.
macro_rules! bind_narrowing {
    ($query:expr, $search:expr) => {{
        let ResultSearch { scope, dialed, outcomes, filter } = $search;
        let ResultConditions { intentions, bands, scores, tags } = ResultConditions::of(Some(filter))?;
        let intention = match filter.intentions.as_slice() {
            [intention] => Some(intention.number().to_string()),
            _ => intentions,
        };
        $query
            .bind(scope.account())
            .bind(scope.task())
            .bind(micros(dialed.from))
            .bind(micros(dialed.until))
            .bind(json(&outcomes)?)
            .bind(intention)
            .bind(bands)
            .bind(scores)
            .bind(tags)
    }};
}

/// The records of a page, the one dialed last first: their ids, and when they were dialed.
pub(in super::super) async fn page(
    session: &mut dyn Session,
    search: ResultSearch<'_>,
    page: Page,
) -> Result<Vec<(Uuid, i64)>> {
    let narrowing = ResultNarrowing::of(search.scope, search.filter);
    let sql = sql!(session, narrowing: ResultNarrowing = ResultNarrowing::ALL, |dialect| format!(
        "SELECT attempt_id, dialed_at FROM call_results WHERE {} \
         ORDER BY dialed_at DESC, attempt_id DESC LIMIT $10 OFFSET $11",
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query_as(sql), search)
        .bind(page.limit()).bind(page.offset()).fetch_all(c).await)?)
}

/// The records that come next after a place in the same order, which is when one was dialed and its id; the search ends there, too.
pub(in super::super) async fn after(
    session: &mut dyn Session,
    search: ResultSearch<'_>,
    (dialed_at, id): (i64, Uuid),
    most: u32,
) -> Result<Vec<(Uuid, i64)>> {
    let narrowing = ResultNarrowing::of(search.scope, search.filter);
    let sql = sql!(session, narrowing: ResultNarrowing = ResultNarrowing::ALL, |dialect| format!(
        "SELECT attempt_id, dialed_at FROM call_results WHERE {} \
         AND (dialed_at, attempt_id) < ($10, $11) ORDER BY dialed_at DESC, attempt_id DESC LIMIT $12",
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query_as(sql), search)
        .bind(dialed_at).bind(id).bind(i64::from(most)).fetch_all(c).await)?)
}

/// How many records there are.
pub(in super::super) async fn count(session: &mut dyn Session, search: ResultSearch<'_>) -> Result<i64> {
    let ResultSearch { scope, dialed, outcomes, filter } = search;
    if filter.is_counted() {
        let intentions: Vec<i64> = filter.intentions.iter().map(|intention| intention.number()).collect();
        let bands: Vec<i64> = filter.rounds.iter().map(|rounds| band(Some(*rounds))).collect();
        let is_meant = |asked: &[i64], value| asked.is_empty() || asked.contains(&value);
        return Ok(count_by_result(session, scope, dialed).await?.sum(|key| {
            outcomes.contains(&key.outcome)
                && is_meant(&intentions, key.intention)
                && is_meant(&bands, key.band)
        }));
    }
    let narrowing = ResultNarrowing::of(scope, filter);
    let sql = sql!(session, narrowing: ResultNarrowing = ResultNarrowing::ALL, |dialect| format!(
        "SELECT count(*) FROM call_results WHERE {}",
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query_scalar(sql), search).fetch_one(c).await)?)
}

/// What came of the conversation of an attempt that is under way or has ended; an empty result where nobody has said.
///
/// # Errors
/// [`Error::NotFound`] of the attempt.
pub async fn result(
    session: &mut dyn Session,
    account: AccountId,
    attempt: AttemptId,
) -> Result<StoredResult> {
    let answered_at = answered_at(session, account, attempt).await?.map(timestamp).transpose()?;
    let row: Option<ResultRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", result_columns!(), " FROM call_results WHERE account_id = $1 AND attempt_id = $2")))
        .bind(account.uuid()).bind(attempt.uuid()).fetch_optional(c).await)?;
    let stored: StoredResult = row.map(TryInto::try_into).transpose()?.unwrap_or_default();
    Ok(StoredResult { answered_at, ..stored })
}

/// When an attempt was answered that is under way or has ended.
async fn answered_at(
    session: &mut dyn Session,
    account: AccountId,
    attempt: AttemptId,
) -> Result<Option<i64>> {
    let found: Option<Option<i64>> = on!(session, c => query_scalar(sql!(
        "SELECT answered_at FROM open_attempts WHERE account_id = $1 AND id = $2 \
         UNION ALL SELECT answered_at FROM attempts WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(attempt.uuid()).fetch_optional(c).await)?;
    found.ok_or(Error::NotFound(Kind::Attempt))
}

/// What lists show of the results of these attempts; of those that have one.
///
/// # Errors
/// When the database does not answer.
pub async fn result_summaries(
    session: &mut dyn Session,
    account: AccountId,
    attempts: impl Iterator<Item = AttemptId>,
) -> Result<HashMap<AttemptId, ResultSummary>> {
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT ", summary_columns!(), " FROM call_results WHERE account_id = $1 AND {}"),
        dialect.among_uuids("attempt_id", "$2")
    ));
    let ids = uuids(attempts.map(AttemptId::uuid))?;
    let summaries: Vec<ResultSummary> = on!(session, c => query(sql).bind(account.uuid()).bind(ids)
        .fetch_all(c).await.map(|rows| lists::readable::<_, SummaryRow, _>(RESULTS, &rows)))?;
    Ok(summaries.into_iter().map(|summary| (AttemptId::new(summary.attempt), summary)).collect())
}
