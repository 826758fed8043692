//! The calendar of a group: when calls may go out on each of the days asked about, and which rule closes or changes a day. For saved
//! groups, for those not saved yet, and for calendar programs.

mod affected;
mod effects;
mod icalendar;
mod overview;
pub(crate) mod preview;
mod range;
pub(crate) mod subscriptions;
mod view;

use axum::response::{IntoResponse, Response};
use calendar::Zone;
use domain::{CompiledGroup, DialTimeGroupId, Faults};
use http::{HeaderValue, header};
use jiff::{Timestamp, civil::Date};
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

pub(crate) use self::{
    affected::TasksView,
    effects::{EditEffects, LaterView, MOST_BELOW},
    range::Days,
    view::GroupCalendarView,
};
use crate::{
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::DateSchema,
        language::Language,
        messages::Message,
        path::GroupPath,
        problem::Problem,
        query::{Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
        representation::Representation,
        routes::{Routes, routes},
    },
    resources::decisions::{self, DecisionSubject},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(of_group))
        .routes(routes!(preview::preview))
        .routes(routes!(overview::overview))
        .routes(routes!(subscriptions::list, subscriptions::create))
        .routes(routes!(subscriptions::revoke))
        .routes(routes!(subscriptions::read))
}

/// A day as text, which is read once it is known what day it is today; `None` when none is given.
pub(crate) enum CalendarDay {}

impl QueryKind for CalendarDay {
    type Value = Option<String>;

    fn read(query: &Query, name: &'static str, _: &mut Faults) -> Option<String> {
        query.get(name).map(str::to_owned)
    }

    fn schema() -> RefOr<Schema> {
        DateSchema::schema()
    }
}

query_parameters! {
    /// Which days.
    pub(crate) struct DaysQuery {
        /// The first day, on the group's clock; left out, today.
        from: CalendarDay,
        /// The first day after, at most 400 days later; left out, four weeks after `from`.
        to: CalendarDay,
    }
}

/// Calendar of a group
///
/// When calls may go out on these days, and the rule behind each day that is closed or changed. With `Accept: text/calendar` as
/// iCalendar.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar", tag = "decision",
    operation_id = "group_calendar",
    params(GroupPath, DaysQuery, SubUserQuery),
    responses((status = 200, content((Envelope<GroupCalendarView> = "application/json"), (String = "text/calendar")))))]
pub(crate) async fn of_group(request: AccountRequest<DialTimeGroupId>) -> Result<Response, Problem> {
    let group = decisions::group(&request).await?;
    let mut faults = Faults::default();
    let DaysQuery { from, to } = DaysQuery::read(&request.query, &mut faults);
    let today = date_at(request.caller.now, group.group.draft.timezone);
    let days = Days::parse(from.as_deref(), to.as_deref(), today, &mut faults);
    let days = faults.finish(days)?;
    let language = request.caller.language;
    let view = GroupCalendarView::new(DecisionSubject::of(&group), days, language)
        .stopped(request.caller.authority.account_stopped);
    Ok(if request.caller.accepted.prefers(Representation::Calendar) {
        written(&group, &view, language)
    } else {
        Answer::new(Message::GroupCalendar, view).into_response()
    })
}

fn written(group: &CompiledGroup, view: &GroupCalendarView, language: Language) -> Response {
    let text = icalendar::write(&group.group, view, language);
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (headers, text).into_response()
}

/// The date on a zone's clock.
pub(crate) fn date_at(now: Timestamp, zone: Zone) -> Date {
    zone.time_zone().to_datetime(now).date()
}
