//! The calendar of a group: when calls may go out on each of the days asked about, and which rule closes or changes
//! a day. Of a saved group, of one that is not saved yet, and for calendar programs.

mod icalendar;
pub(crate) mod preview;
mod range;
pub(crate) mod subscriptions;
mod view;

use axum::response::{IntoResponse, Response};
use calendar::Zone;
use domain::{CompiledGroup, DialTimeGroupId, Faults};
use http::{HeaderValue, header};
use jiff::{Timestamp, civil::Date};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::{range::Days, view::GroupCalendarView};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::DateSchema,
        language::Language,
        parameters::GroupPath,
        problem::Problem,
        representation::Representation,
    },
    messages::Message,
    resources::{
        decisions::{self, DecisionSubject},
        groups::SubUserQuery,
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(of_group))
        .routes(routes!(preview::preview))
        .routes(routes!(subscriptions::list, subscriptions::create))
        .routes(routes!(subscriptions::revoke))
        .routes(routes!(subscriptions::read))
}

/// Which days.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct DaysQuery {
    /// The first day, on the group's clock; left out, today.
    #[param(value_type = DateSchema, inline, required = false)]
    from: Option<String>,
    /// The first day after, at most 400 days later; left out, four weeks after `from`.
    #[param(value_type = DateSchema, inline, required = false)]
    to: Option<String>,
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
    let (from, to) = (request.query.get("from"), request.query.get("to"));
    let today = date_at(request.caller.now, group.group.draft.timezone);
    let days = Days::parse(from, to, today, &mut faults);
    let days = faults.finish(days)?;
    let language = request.caller.language;
    let view = GroupCalendarView::new(DecisionSubject::of(&group), days, language);
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
