//! The filters of lists of records.

use calendar::Zone;
use domain::{FaultRule, Faults, InstantRange, NumberDisplay, NumberStatus};
use store::{
    Page,
    attempts::{AttemptFilter, NumberFilter},
};
use utoipa::ToSchema;
use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
    schema::{SchemaType, Type},
};
use uuid::Uuid;

use crate::http::{
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

/// Values of which each is taken as it is: of results, which records do not have yet.
pub(crate) enum Results {}

impl QueryKind for Results {
    /// Whether any is asked for.
    type Value = bool;

    fn read(query: &Query, name: &'static str, _: &mut Faults) -> bool {
        !query.several(name).is_empty()
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))).into()
    }
}

/// The statuses that a list is narrowed to; `None` does not narrow.
pub(crate) enum Statuses {}

impl QueryKind for Statuses {
    type Value = Option<Vec<NumberStatus>>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        const KNOWN: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
        let texts = query.several(name);
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

query_parameters! {
    /// Filters of a list of records.
    pub(crate) struct RecordQuery {
        /// The callee's number contains this (被叫号码); with a `+` before it, is this. Refused to tokens that see telephone numbers masked.
        keyword: Search,
        /// Dialed at this time or later: `YYYY-MM-DD HH:MM:SS`, or a date.
        start_at: Search,
        /// Dialed at this time or earlier: `YYYY-MM-DD HH:MM:SS`, or a date, which is in it.
        end_at: Search,
        /// Ended between these two times.
        hangup_date: TwoTimes,
        /// Ended so.
        status: Statuses,
        /// Ranges of scores. Records have none yet: with any, nothing is found.
        levels: Results,
        /// Intentions, 1 (A) to 5 (E). Records have none yet: with any, nothing is found.
        intention_tags: Results,
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

/// The task that a list of an account's records is narrowed to.
pub(super) fn task(query: &Query) -> Result<Option<Uuid>, Problem> {
    let mut faults = Faults::default();
    let task = RecordTaskQuery::read(query, &mut faults).task_id;
    Ok(faults.finish(Some(task))?)
}

/// Which records a list shows.
pub(super) struct RecordFilter {
    pub(super) page: Page,
    /// `None`: none at all.
    pub(super) attempts: Option<AttemptFilter>,
}

impl RecordFilter {
    pub(super) fn read(query: &Query, zone: Zone, caller: &Caller) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let page = PageQuery::read(query, &mut faults).page();
        let RecordQuery { keyword, start_at, end_at, hangup_date, status, levels, intention_tags, all } =
            RecordQuery::read(query, &mut faults);
        let (from, until) = start_and_end(zone, start_at.as_deref(), end_at.as_deref(), &mut faults);
        let ended = TwoTimes::range(hangup_date, "hangup_date", zone, &mut faults);
        let number = keyword.map(|keyword| number(&keyword));
        faults.finish(Some(()))?;
        if number.is_some() && caller.authority.token.numbers == NumberDisplay::Masked {
            return Err(Problem::Forbidden(Forbidden::NumbersMasked));
        }
        let InstantRange { from: first, until: last } = InstantRange::ALL;
        let dialed = InstantRange { from: from.unwrap_or(first), until: until.unwrap_or(last) };
        let attempts =
            AttemptFilter { dialed, ended, number, statuses: status, with_uncounted: all, result: None };
        Ok(Self { page, attempts: Some(attempts).filter(|_| !levels && !intention_tags) })
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
