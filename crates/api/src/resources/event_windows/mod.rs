//! A calendar's timed events as exceptions of a group: shown first, and stored as one edit.

use bytes::Bytes;
use calendar::{ExceptionEffect, ExceptionInput, Exceptions};
use domain::{DialTimeGroup, DialTimeGroupId, FaultRule, Faults, GroupChange};
use holiday_files::{EventExceptions, EventLeftOut, EventOptions, read_events};
use jiff::ToSpan;
use serde::Serialize;
use store::{edits, groups};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    group_calendars::{Days, DaysQuery, date_at},
    groups::ExceptionView,
    owned_calendars::file_refusal,
};
use crate::http::{
    envelope::{Answer, Envelope},
    extract::AccountRequest,
    holiday_file::{HolidayFileBody, HolidayFileText},
    holiday_source::HolidaySource,
    if_match::IfMatch,
    messages::Message,
    path::GroupPath,
    problem::Problem,
    query::{Flag, NotEmpty, Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
    routes::{Routes, routes},
    values,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(import))
}

const EFFECTS: &[&str] = &["add", "close"];

/// What events do with their times; `None` only with a fault.
pub(crate) enum EventEffectKind {}

impl QueryKind for EventEffectKind {
    type Value = Option<ExceptionEffect>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<ExceptionEffect> {
        if query.get(name).is_none() {
            faults.add(name, FaultRule::Required);
        }
        Some(match query.one_of(name, EFFECTS, faults)? {
            "add" => ExceptionEffect::Add,
            _ => ExceptionEffect::Close,
        })
    }

    fn schema() -> RefOr<Schema> {
        values::words("`add`: the group is open while an event lasts, too. `close`: it is not.", EFFECTS)
    }
}

query_parameters! {
    /// What the events of a file do.
    pub(crate) struct EventImportQuery {
        /// What the events do.
        effect: EventEffectKind,
        /// Shows what would be stored and left out, and stores nothing.
        dry_run: NotEmpty<Flag>,
    }
}

/// How many entries are told that were left out.
const TOLD: usize = 1_000;

/// The exceptions that a file's events come to; with `dry_run`, those that they would.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventImportView {
    /// Whether they are stored: not with `dry_run`.
    stored: bool,
    /// The exceptions that come after those of the group; what it has already is none of them.
    exceptions: Vec<ExceptionView>,
    /// How many events of the file were left out.
    left_out_total: usize,
    /// The first 1,000 of them.
    left_out: Vec<EventLeftOutView>,
}

/// An event of the file that was left out.
#[derive(Debug, Serialize, ToSchema)]
struct EventLeftOutView {
    /// Where it stands in the file.
    #[schema(example = "event 3 (团建)")]
    place: String,
    name: String,
    /// `cancelled`, `whole_day`, `no_length`, `seconds` (its times are not whole minutes), `zone` (not known), `repeats` (in a way that is not
    /// read) or `outside_days`.
    #[schema(example = "whole_day")]
    reason: &'static str,
}

impl EventImportView {
    fn new(stored: bool, exceptions: &Exceptions, left_out: &[EventLeftOut]) -> Self {
        let view = |left_out: &EventLeftOut| EventLeftOutView {
            place: left_out.place.clone(),
            name: left_out.name.clone(),
            reason: left_out.reason.code(),
        };
        Self {
            stored,
            exceptions: ExceptionView::of(exceptions),
            left_out_total: left_out.len(),
            left_out: left_out.iter().take(TOLD).map(view).collect(),
        }
    }
}

/// Import events into a group (导入日历事件)
///
/// The body is an iCalendar file, or `{"url": "https://..."}`, the address of one, which is read once. Its timed events become exceptions of the group, after those that it has: while one lasts, the group is open besides
/// (`effect=add`) or closed (`effect=close`). Events that repeat by days, weeks, months or years are counted out for the days from `from` to before `to`. Times are
/// moved to the group's zone; those without a zone are its own. Whole days and what is not sure are left out and listed. An edit as any other, for which
/// `PUT` of the group's `exceptions` is the way back.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/exception/import", tag = "dial-time-group",
    operation_id = "import_events", params(GroupPath, EventImportQuery, DaysQuery, SubUserQuery, IfMatch),
    request_body(content = HolidayFileText, content_type = "text/calendar", description = "The file."),
    responses((status = 200, body = Envelope<EventImportView>)))]
pub(crate) async fn import(
    request: AccountRequest<DialTimeGroupId, HolidayFileBody>,
) -> Result<Answer<EventImportView>, Problem> {
    let group = groups::get(&mut request.read().await?, request.account, request.id).await?;
    let (query, options) = asked(&request, &group)?;
    let (body, request) = request.apart();
    let source = HolidaySource::of(&request.api, body, None).await?;
    let read = read(source.bytes, options).await?;
    let added = added(&group.draft.exceptions, read.exceptions)?;
    let view = EventImportView::new(!query.dry_run, &added.new, &read.left_out);
    if query.dry_run {
        return Ok(Answer::new(Message::EventsNotStored, view));
    }
    let mut change = GroupChange::rename(group.draft.name.clone());
    change.exceptions = Some(added.all);
    let mut tx = request.begin().await?;
    let locked = edits::groups::lock_to_update(&mut tx, request.account, request.id, change).await?;
    locked.group().expect_version(request.caller.if_match.expected()?)?;
    // The exceptions that it has now are those that were read.
    locked.group().expect_version(Some(&[group.version]))?;
    edits::groups::update(&mut tx, locked, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::EventsImported, view))
}

/// What is asked for.
fn asked(
    request: &AccountRequest<DialTimeGroupId, HolidayFileBody>,
    group: &DialTimeGroup,
) -> Result<(EventImportQuery, EventOptions), Problem> {
    let mut faults = Faults::default();
    let query = EventImportQuery::read(&request.query, &mut faults);
    let DaysQuery { from, to } = DaysQuery::read(&request.query, &mut faults);
    let zone = group.draft.timezone;
    let today = date_at(request.caller.now, zone);
    let days = Days::parse(from.as_deref(), to.as_deref(), today, &mut faults);
    let (effect, days) = faults.finish(query.effect.zip(days))?;
    let last = days.to.saturating_sub(1.day());
    let options = EventOptions { zone: zone.time_zone().clone(), days: (days.from, last), effect };
    Ok((query, options))
}

async fn read(bytes: Bytes, options: EventOptions) -> Result<EventExceptions, Problem> {
    // A megabyte of events takes a moment of a processor.
    let read = tokio::task::spawn_blocking(move || read_events(&bytes, &options));
    let read = read.await.map_err(|error| {
        tracing::error!(%error, "reading a file did not end");
        Problem::Internal
    })?;
    read.map_err(|fault| file_refusal(&fault))
}

/// Exceptions of a group with those of a file.
struct AddedExceptions {
    /// Those that it has not.
    new: Exceptions,
    all: Exceptions,
}

fn added(before: &Exceptions, input: Vec<ExceptionInput>) -> Result<AddedExceptions, Problem> {
    let mut faults = Faults::default();
    let has = |input: &ExceptionInput| {
        Exceptions::parse(vec![input.clone()])
            .is_ok_and(|one| one.iter().all(|one| before.iter().any(|other| other == one)))
    };
    let new: Vec<ExceptionInput> = input.into_iter().filter(|input| !has(input)).collect();
    let new = Exceptions::parse(new).map_err(|found| faults.calendar("exceptions", found)).ok();
    let added = new.and_then(|new| {
        let all = faults.check("exceptions", before.followed_by(&new).map_err(FaultRule::Calendar))?;
        Some(AddedExceptions { new, all })
    });
    Ok(faults.finish(added)?)
}
