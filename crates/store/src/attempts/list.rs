//! Lists of attempts, and what narrows them.

use domain::{AccountId, AnsweredBy, Attempt, AttemptId, EndReason, InstantRange, NumberStatus};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{
    counters::{AttemptScope, count_by_outcome},
    results::{self, ResultConditions, ResultFilter, ResultSearch},
    row::{ATTEMPTS, AttemptRow, NO_TRY, attempt_columns, outcome},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session,
    database::{
        DatabaseError,
        convert::{hex, json, micros},
        dialect::{Column, Dialect},
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// The shortest time between two instants that are stored.
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// What a list of attempts is narrowed to.
#[derive(Clone, Debug)]
pub struct AttemptFilter {
    /// When they were dialed.
    pub dialed: InstantRange,
    /// When they ended; `None` does not narrow.
    pub ended: Option<InstantRange>,
    /// The callee; `None` does not narrow.
    pub number: Option<NumberFilter>,
    /// The statuses that they gave their numbers; `None`: any.
    pub statuses: Option<Vec<NumberStatus>>,
    /// Also those that count no try, where any status will do.
    pub with_uncounted: bool,
    /// Who answered, as far as could be heard; empty: anyone, or nobody.
    pub answered_by: Vec<AnsweredBy>,
    /// By what their calls were ended; empty: by anything, or by those who talked.
    pub end_reasons: Vec<EndReason>,
    /// The bot that they were for; `None`: any, or none.
    pub bot: Option<String>,
    /// Only those whose recording can be heard at this instant; `None` does not narrow.
    pub recorded_at: Option<Timestamp>,
    /// What came of their conversations; `None` does not narrow.
    pub result: Option<ResultFilter>,
}

/// Whom an attempt was to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberFilter {
    /// This number of E.164.
    Is(i64),
    /// A number that was sent with this in it.
    Contains(String),
}

impl AttemptFilter {
    fn outcomes(&self) -> Vec<i64> {
        let statuses = self.statuses.as_deref().unwrap_or(&NumberStatus::ALL);
        let uncounted = self.statuses.is_none() && self.with_uncounted;
        statuses.iter().map(|status| outcome(Some(*status))).chain(uncounted.then_some(NO_TRY)).collect()
    }

    /// Whether counters alone tell how many there are, and what they are by.
    const fn is_counted(&self) -> bool {
        self.ended.is_none()
            && self.number.is_none()
            && self.answered_by.is_empty()
            && self.end_reasons.is_empty()
            && self.bot.is_none()
            && self.recorded_at.is_none()
    }

    /// Nothing was dialed after its end.
    fn dialed(&self) -> InstantRange {
        let ended = self
            .ended
            .map_or(InstantRange::ALL, |ended| InstantRange { from: InstantRange::ALL.from, ..ended });
        self.dialed.and(ended)
    }
}

/// What a statement asks of the attempts in a list.
#[derive(Clone, Copy, Debug)]
struct Narrowing {
    scope: &'static str,
    number: NumberCondition,
    /// Whether it asks who answered, by what they ended or for a bot.
    with_words: bool,
    /// Whether it asks for recordings.
    with_recording: bool,
    /// Whether it asks anything of their results.
    with_result: bool,
}

#[derive(Clone, Copy, Debug)]
enum NumberCondition {
    Any,
    Is,
    Contains,
}

impl Narrowing {
    #[cfg(test)]
    fn all() -> Vec<Self> {
        let numbers = [NumberCondition::Any, NumberCondition::Is, NumberCondition::Contains];
        let mut all = Vec::new();
        for scope in super::counters::SCOPES {
            for number in numbers {
                all.extend((0..8).map(|bits| Self {
                    scope,
                    number,
                    with_words: bits & 1 > 0,
                    with_recording: bits & 2 > 0,
                    with_result: bits & 4 > 0,
                }));
            }
        }
        all
    }

    const fn of(scope: AttemptScope, filter: &AttemptFilter) -> Self {
        let number = match &filter.number {
            None => NumberCondition::Any,
            Some(NumberFilter::Is(_)) => NumberCondition::Is,
            Some(NumberFilter::Contains(_)) => NumberCondition::Contains,
        };
        let with_words =
            !filter.answered_by.is_empty() || !filter.end_reasons.is_empty() || filter.bot.is_some();
        Self {
            scope: scope.condition(),
            number,
            with_words,
            with_recording: filter.recorded_at.is_some(),
            with_result: filter.result.is_some(),
        }
    }

    fn condition(self, dialect: Dialect) -> String {
        let number = match self.number {
            NumberCondition::Any => "true".to_owned(),
            NumberCondition::Is => "e164 = $8".to_owned(),
            NumberCondition::Contains => dialect.contains("phone", "$9"),
        };
        let result = if self.with_result {
            results::conditions(dialect, ["$10", "$11", "$12", "$13"])
        } else {
            "true".to_owned()
        };
        let words = if self.with_words {
            let among = |column, parameter: &str| {
                format!("({parameter} IS NULL OR {})", dialect.among_texts(column, parameter))
            };
            let bot = format!("($16 IS NULL OR {})", dialect.contains("bots", "$16"));
            format!("{} AND {} AND {bot}", among("answered_by", "$14"), among("end_reason", "$15"))
        } else {
            "true".to_owned()
        };
        let recording = if self.with_recording { RECORDED } else { "true" };
        format!(
            "{} AND dialed_at >= $3 AND dialed_at < $4 AND ended_at >= $5 AND ended_at < $6 AND {} AND {number} AND {result} AND {words} AND {recording}",
            self.scope,
            dialect.among("outcome", "$7")
        )
    }
}

/// There is a recording, and it is not deleted by then.
const RECORDED: &str = "EXISTS (SELECT 1 FROM recordings WHERE recordings.account_id = attempts.account_id \
     AND recordings.attempt_id = attempts.id AND NOT is_forgotten AND state <> 2 AND delete_at > $17)";

/// Binds what [`Narrowing::condition`] names.
macro_rules! bind_narrowing {
    ($query:expr, $scope:expr, $filter:expr) => {{
        let (dialed, ended) = ($filter.dialed(), $filter.ended.unwrap_or(InstantRange::ALL));
        let (e164, part) = match &$filter.number {
            None => (None, None),
            Some(NumberFilter::Is(e164)) => (Some(*e164), None),
            Some(NumberFilter::Contains(part)) => (None, Some(part.as_str())),
        };
        let ResultConditions { intentions, bands, scores, tags } =
            ResultConditions::of($filter.result.as_ref())?;
        $query
            .bind($scope.account())
            .bind($scope.task())
            .bind(micros(dialed.from))
            .bind(micros(dialed.until))
            .bind(micros(ended.from))
            .bind(micros(ended.until))
            .bind(json(&$filter.outcomes())?)
            .bind(e164)
            .bind(part)
            .bind(intentions)
            .bind(bands)
            .bind(scores)
            .bind(tags)
            .bind(asked(&$filter.answered_by)?)
            .bind(asked(&$filter.end_reasons)?)
            .bind($filter.bot.as_deref().map(bot_in_json).transpose()?)
            .bind($filter.recorded_at.map(micros))
    }};
}

/// What a list is narrowed to, as a JSON array; `None`: it is not.
fn asked<T: Serialize>(values: &[T]) -> std::result::Result<Option<String>, DatabaseError> {
    (!values.is_empty()).then(|| json(&values)).transpose()
}

/// How a bot's address stands in the column of bots.
fn bot_in_json(url: &str) -> std::result::Result<String, DatabaseError> {
    Ok(format!("\"url\":{},", json(&url)?))
}

/// Attempts, the one dialed last first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    scope: AttemptScope,
    filter: &AttemptFilter,
    page: Page,
) -> Result<Paged<Attempt>> {
    if let Some(result) = filter.result.as_ref().filter(|_| filter.is_counted()) {
        let outcomes = filter.outcomes();
        let search = ResultSearch { scope, dialed: filter.dialed, outcomes: &outcomes, filter: result };
        return list_by_result(session, search, page).await;
    }
    let narrowing = Narrowing::of(scope, filter);
    let sql = sql!(session, narrowing: Narrowing = Narrowing::all(), |dialect| format!(
        concat!("SELECT ", attempt_columns!(), " FROM attempts WHERE {} ORDER BY dialed_at DESC, id DESC LIMIT $18 OFFSET $19"),
        narrowing.condition(dialect)
    ));
    let items = on!(session, c => bind_narrowing!(query(sql), scope, filter)
        .bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, AttemptRow, _>(ATTEMPTS, &rows)))?;
    Ok(Paged { items, total: count(session, scope, filter).await? })
}

/// Those that are looked for by their results and by nothing that only their own rows have: the page is found among the results.
async fn list_by_result(
    session: &mut dyn Session,
    search: ResultSearch<'_>,
    page: Page,
) -> Result<Paged<Attempt>> {
    let total = results::count(session, search).await?;
    if total <= page.offset() {
        return Ok(Paged { items: Vec::new(), total });
    }
    let found = results::page(session, search, page).await?;
    Ok(Paged { items: of_keys(session, search.scope, &found).await?, total })
}

/// The attempts of these ids and instants of dialing, the one dialed last first.
async fn of_keys(
    session: &mut dyn Session,
    scope: AttemptScope,
    found: &[(Uuid, i64)],
) -> Result<Vec<Attempt>> {
    let dialed = found.iter().map(|(_, dialed_at)| *dialed_at);
    let (first, last) = (dialed.clone().min(), dialed.max());
    let keys: Vec<_> = found.iter().map(|(id, dialed_at)| serde_json::json!([hex(*id), dialed_at])).collect();
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            attempt_columns!(),
            " FROM attempts WHERE account_id = $1 AND dialed_at >= $3 AND dialed_at <= $4 \
              AND (id, dialed_at) IN (SELECT id, dialed_at FROM {} AS found) ORDER BY dialed_at DESC, id DESC"
        ),
        dialect.rows("$2", &[("id", Column::Uuid), ("dialed_at", Column::Integer)])
    ));
    Ok(on!(session, c => query(sql)
        .bind(scope.account()).bind(json(&keys)?).bind(first).bind(last)
        .fetch_all(c).await.map(|rows| lists::readable::<_, AttemptRow, _>(ATTEMPTS, &rows)))?)
}

/// The attempts that come next after one in the order of [`list`], and the first ones after none: however many there are, each step costs the
/// same.
///
/// # Errors
/// When the database does not answer.
pub async fn list_after(
    session: &mut dyn Session,
    scope: AttemptScope,
    filter: &AttemptFilter,
    after: Option<(Timestamp, AttemptId)>,
    most: u32,
) -> Result<Vec<Attempt>> {
    let place = after.map_or((i64::MAX, Uuid::max()), |(dialed_at, id)| (micros(dialed_at), id.uuid()));
    // SQLite begins where the range of time ends, and not at the place: the range is cut there.
    let until = after.map_or(InstantRange::ALL.until, |(dialed_at, _)| dialed_at + MICROSECOND);
    let cut = filter.dialed.and(InstantRange { until, ..InstantRange::ALL });
    let filter = &AttemptFilter { dialed: cut, ..filter.clone() };
    if let Some(result) = filter.result.as_ref().filter(|_| filter.is_counted()) {
        let outcomes = filter.outcomes();
        let search = ResultSearch { scope, dialed: filter.dialed, outcomes: &outcomes, filter: result };
        let found = results::after(session, search, place, most).await?;
        return of_keys(session, scope, &found).await;
    }
    let narrowing = Narrowing::of(scope, filter);
    let sql = sql!(session, narrowing: Narrowing = Narrowing::all(), |dialect| format!(
        concat!(
            "SELECT ",
            attempt_columns!(),
            " FROM attempts WHERE {} AND (dialed_at, id) < ($18, $19) ORDER BY dialed_at DESC, id DESC LIMIT $20"
        ),
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query(sql), scope, filter)
        .bind(place.0).bind(place.1).bind(i64::from(most))
        .fetch_all(c).await.map(|rows| lists::readable::<_, AttemptRow, _>(ATTEMPTS, &rows)))?)
}

async fn count(session: &mut dyn Session, scope: AttemptScope, filter: &AttemptFilter) -> Result<i64> {
    if filter.is_counted() {
        let counts = count_by_outcome(session, scope, filter.dialed).await?;
        return Ok(counts.total_of(&filter.outcomes()));
    }
    let narrowing = Narrowing::of(scope, filter);
    let sql = sql!(session, narrowing: Narrowing = Narrowing::all(), |dialect| format!(
        "SELECT count(*) FROM attempts WHERE {}",
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query_scalar(sql), scope, filter).fetch_one(c).await)?)
}

/// An attempt of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, id: AttemptId) -> Result<Attempt> {
    let row: Option<AttemptRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", attempt_columns!(), " FROM attempts WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Attempt))?.try_into()?)
}

/// Whose an attempt is, where no account is named: one of an account that is there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn owner(session: &mut dyn Session, id: AttemptId) -> Result<AccountId> {
    // Accounts first, which are few: there is no index of attempts by their ids alone.
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT accounts.id FROM accounts CROSS JOIN attempts \
         WHERE attempts.account_id = accounts.id AND attempts.id = $1"))
        .bind(id.uuid()).fetch_optional(c).await)?;
    found.map(AccountId::new).ok_or(Error::NotFound(Kind::Attempt))
}

/// Whether there is any attempt in a scope: of a task that is gone, its records stay.
///
/// # Errors
/// When the database does not answer.
pub async fn exists(session: &mut dyn Session, scope: AttemptScope) -> Result<bool> {
    let condition = scope.condition();
    let sql = sql!(session, condition: &'static str = super::counters::SCOPES, |_dialect| format!(
        "SELECT EXISTS (SELECT 1 FROM attempt_hours WHERE {condition})"
    ));
    Ok(on!(session, c => query_scalar(sql).bind(scope.account()).bind(scope.task()).fetch_one(c).await)?)
}
