//! Lists of attempts, and what narrows them.

use domain::{AccountId, Attempt, AttemptId, InstantRange, NumberStatus};
use uuid::Uuid;

use super::{
    counters::{AttemptScope, count_by_outcome},
    row::{ATTEMPTS, AttemptRow, NO_TRY, attempt_columns, outcome},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session,
    database::{
        convert::{json, micros},
        dialect::Dialect,
        lists,
        statement::{query, query_as, query_scalar},
    },
};

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

    /// Whether the counters alone tell how many there are.
    const fn is_counted(&self) -> bool {
        self.ended.is_none() && self.number.is_none()
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
}

#[derive(Clone, Copy, Debug)]
enum NumberCondition {
    Any,
    Is,
    Contains,
}

impl Narrowing {
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self { scope: super::counters::SCOPES[0], number: NumberCondition::Any },
        Self { scope: super::counters::SCOPES[0], number: NumberCondition::Is },
        Self { scope: super::counters::SCOPES[0], number: NumberCondition::Contains },
        Self { scope: super::counters::SCOPES[1], number: NumberCondition::Any },
        Self { scope: super::counters::SCOPES[1], number: NumberCondition::Is },
        Self { scope: super::counters::SCOPES[1], number: NumberCondition::Contains },
    ];

    const fn of(scope: AttemptScope, filter: &AttemptFilter) -> Self {
        let number = match &filter.number {
            None => NumberCondition::Any,
            Some(NumberFilter::Is(_)) => NumberCondition::Is,
            Some(NumberFilter::Contains(_)) => NumberCondition::Contains,
        };
        Self { scope: scope.condition(), number }
    }

    fn condition(self, dialect: Dialect) -> String {
        let number = match self.number {
            NumberCondition::Any => "true".to_owned(),
            NumberCondition::Is => "e164 = $8".to_owned(),
            NumberCondition::Contains => dialect.contains("phone", "$9"),
        };
        format!(
            "{} AND dialed_at >= $3 AND dialed_at < $4 AND ended_at >= $5 AND ended_at < $6 AND {} AND {number}",
            self.scope,
            dialect.among("outcome", "$7")
        )
    }
}

/// Binds what [`Narrowing::condition`] names.
macro_rules! bind_narrowing {
    ($query:expr, $scope:expr, $filter:expr) => {{
        let (dialed, ended) = ($filter.dialed(), $filter.ended.unwrap_or(InstantRange::ALL));
        let (e164, part) = match &$filter.number {
            None => (None, None),
            Some(NumberFilter::Is(e164)) => (Some(*e164), None),
            Some(NumberFilter::Contains(part)) => (None, Some(part.as_str())),
        };
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
    }};
}

/// Attempts, the one dialed last first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    scope: AttemptScope,
    filter: &AttemptFilter,
    page: Page,
) -> Result<Paged<Attempt>> {
    let narrowing = Narrowing::of(scope, filter);
    let sql = sql!(session, narrowing: Narrowing = Narrowing::ALL, |dialect| format!(
        concat!("SELECT ", attempt_columns!(), " FROM attempts WHERE {} ORDER BY dialed_at DESC, id DESC LIMIT $10 OFFSET $11"),
        narrowing.condition(dialect)
    ));
    let items = on!(session, c => bind_narrowing!(query(sql), scope, filter)
        .bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, AttemptRow, _>(ATTEMPTS, &rows)))?;
    Ok(Paged { items, total: count(session, scope, filter).await? })
}

async fn count(session: &mut impl Session, scope: AttemptScope, filter: &AttemptFilter) -> Result<i64> {
    if filter.is_counted() {
        let counts = count_by_outcome(session, scope, filter.dialed).await?;
        return Ok(counts.total_of(&filter.outcomes()));
    }
    let narrowing = Narrowing::of(scope, filter);
    let sql = sql!(session, narrowing: Narrowing = Narrowing::ALL, |dialect| format!(
        "SELECT count(*) FROM attempts WHERE {}",
        narrowing.condition(dialect)
    ));
    Ok(on!(session, c => bind_narrowing!(query_scalar(sql), scope, filter).fetch_one(c).await)?)
}

/// An attempt of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut impl Session, account: AccountId, id: AttemptId) -> Result<Attempt> {
    let row: Option<AttemptRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", attempt_columns!(), " FROM attempts WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Attempt))?.try_into()?)
}

/// Whose an attempt is, where no account is named: one of an account that is there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn owner(session: &mut impl Session, id: AttemptId) -> Result<AccountId> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT accounts.id FROM accounts JOIN attempts ON attempts.account_id = accounts.id AND attempts.id = $1"))
        .bind(id.uuid()).fetch_optional(c).await)?;
    found.map(AccountId::new).ok_or(Error::NotFound(Kind::Attempt))
}

/// Whether there is any attempt in a scope: of a task that is gone, its records stay.
///
/// # Errors
/// When the database does not answer.
pub async fn exists(session: &mut impl Session, scope: AttemptScope) -> Result<bool> {
    let condition = scope.condition();
    let sql = sql!(session, condition: &'static str = super::counters::SCOPES, |_dialect| format!(
        "SELECT EXISTS (SELECT 1 FROM attempt_hours WHERE {condition})"
    ));
    Ok(on!(session, c => query_scalar(sql).bind(scope.account()).bind(scope.task()).fetch_one(c).await)?)
}
