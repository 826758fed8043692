//! The holiday calendars of a partner, which all its accounts may follow, listed with those of the installation.

use std::sync::Arc;

use calendar::HolidayCalendar;
use domain::{CalendarOwner, HolidayCalendarId};

use super::{
    CalendarEditor, Followable,
    day::SaveHoliday,
    feed::FollowAddress,
    import::{CalendarNameQuery, HolidayImportQuery},
    view::HolidayImportView,
};
use crate::{
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{EmptyBody, Json, PartnerRequest},
        holiday_file::{HolidayFileBody, HolidayFileText},
        messages::Message,
        path::{PartnerCalendarDayPath, PartnerCalendarPath},
        problem::Problem,
        routes::{Routes, routes},
    },
    resources::holiday_calendars::{HolidayCalendarView, YearQuery, feed::CalendarFeedView, today, year},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(super) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(detail, delete))
        .routes(routes!(import))
        .routes(routes!(set_day, remove_day))
        .routes(routes!(follow, unfollow))
}

/// List holiday calendars (节假日日历列表)
///
/// Those of the installation and the partner's own, with their days, by their ids.
#[utoipa::path(get, path = "/agent-api/holiday-calendar", tag = "holiday-calendar",
    operation_id = "list_holiday_calendars", params(YearQuery),
    responses((status = 200, body = Envelope<Vec<HolidayCalendarView>>)))]
pub(crate) async fn list(request: PartnerRequest) -> Result<Answer<Vec<HolidayCalendarView>>, Problem> {
    let year = year(&request.query)?;
    let (seen, today) = (Followable::of_partner(&request).await?, today(&request.api, request.caller.now));
    let view = |calendar: &Arc<HolidayCalendar>| seen.view(&request.api, calendar, year, today);
    Ok(Answer::new(Message::HolidayCalendars, seen.all().iter().map(view).collect()))
}

/// Holiday calendar (节假日日历)
///
/// Its days, the notices they come from, and how far it is known.
#[utoipa::path(get, path = "/agent-api/holiday-calendar/{calendar_id}", tag = "holiday-calendar",
    operation_id = "holiday_calendar", params(("calendar_id" = String, Path, description = "The calendar", example = "CN"), YearQuery),
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn detail(request: PartnerRequest) -> Result<Answer<HolidayCalendarView>, Problem> {
    let year = year(&request.query)?;
    let (seen, today) = (Followable::of_partner(&request).await?, today(&request.api, request.caller.now));
    let calendar = seen.all().get(request.path.get("calendar_id")).ok_or(Problem::NotFound)?;
    let view = seen.view(&request.api, calendar, year, today);
    Ok(Answer::new(Message::HolidayCalendar, view))
}

/// Create a holiday calendar of a partner (新建代理的节假日日历)
///
/// As that of an account, for all accounts of the partner of the token.
#[utoipa::path(post, path = "/agent-api/holiday-calendar", tag = "holiday-calendar",
    operation_id = "create_partner_calendar", params(CalendarNameQuery, HolidayImportQuery),
    request_body(content = HolidayFileText, content_type = "text/calendar", description = "The file."),
    responses((status = 200, body = Envelope<HolidayImportView>)))]
pub(crate) async fn create(
    request: PartnerRequest<HolidayFileBody>,
) -> Result<Answer<HolidayImportView>, Problem> {
    let PartnerRequest { api, caller, query, body, .. } = request;
    CalendarEditor::of_partner(&api, &caller).create(&query, body).await
}

/// Import into a holiday calendar of a partner (导入代理的节假日)
///
/// As into that of an account.
#[utoipa::path(post, path = "/agent-api/holiday-calendar/{calendar_id}/import", tag = "holiday-calendar",
    operation_id = "import_partner_holidays", params(PartnerCalendarPath, HolidayImportQuery),
    request_body(content = HolidayFileText, content_type = "text/calendar", description = "The file."),
    responses((status = 200, body = Envelope<HolidayImportView>)))]
pub(crate) async fn import(
    request: PartnerRequest<HolidayFileBody>,
) -> Result<Answer<HolidayImportView>, Problem> {
    let PartnerRequest { api, caller, path, query, body } = request;
    let path = PartnerCalendarPath::read(&path)?;
    CalendarEditor::of_partner(&api, &caller).import(&path, &query, body).await
}

/// Delete a holiday calendar of a partner
///
/// Only its own. Refused with code 8108 while groups follow it, whichever accounts have them; `data` names the first 20 of them.
#[utoipa::path(delete, path = "/agent-api/holiday-calendar/{calendar_id}", tag = "holiday-calendar",
    operation_id = "delete_partner_calendar", params(PartnerCalendarPath),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let id = HolidayCalendarId::new(PartnerCalendarPath::read(&request.path)?.0);
    CalendarEditor::of_partner(&request.api, &request.caller).delete(&id).await
}

/// Set a day of a partner's holiday calendar
///
/// As of an account's.
#[utoipa::path(put, path = "/agent-api/holiday-calendar/{calendar_id}/day/{date}", tag = "holiday-calendar",
    operation_id = "set_partner_holiday", params(PartnerCalendarDayPath), request_body = SaveHoliday,
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn set_day(
    request: PartnerRequest<Json<SaveHoliday>>,
) -> Result<Answer<HolidayCalendarView>, Problem> {
    let PartnerRequest { api, caller, path, body, .. } = request;
    let (path, (body, faults)) = (PartnerCalendarDayPath::read(&path)?, body.into_parts());
    CalendarEditor::of_partner(&api, &caller).set_day(&path, body, faults).await
}

/// Remove a day of a partner's holiday calendar
///
/// As of an account's.
#[utoipa::path(delete, path = "/agent-api/holiday-calendar/{calendar_id}/day/{date}", tag = "holiday-calendar",
    operation_id = "remove_partner_holiday", params(PartnerCalendarDayPath),
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn remove_day(
    request: PartnerRequest<EmptyBody>,
) -> Result<Answer<HolidayCalendarView>, Problem> {
    let path = PartnerCalendarDayPath::read(&request.path)?;
    CalendarEditor::of_partner(&request.api, &request.caller).remove_day(&path).await
}

/// Have a partner's holiday calendar follow an address
///
/// As an account's.
#[utoipa::path(put, path = "/agent-api/holiday-calendar/{calendar_id}/feed", tag = "holiday-calendar",
    operation_id = "follow_partner_address", params(PartnerCalendarPath), request_body = FollowAddress,
    responses((status = 200, body = Envelope<CalendarFeedView>)))]
pub(crate) async fn follow(
    request: PartnerRequest<Json<FollowAddress>>,
) -> Result<Answer<CalendarFeedView>, Problem> {
    let PartnerRequest { api, caller, path, body, .. } = request;
    let (path, (body, faults)) = (PartnerCalendarPath::read(&path)?, body.into_parts());
    CalendarEditor::of_partner(&api, &caller).follow(&path, body, faults).await
}

/// Have a partner's holiday calendar follow no address
///
/// Its days stay as they are.
#[utoipa::path(delete, path = "/agent-api/holiday-calendar/{calendar_id}/feed", tag = "holiday-calendar",
    operation_id = "unfollow_partner_address", params(PartnerCalendarPath),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn unfollow(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let path = PartnerCalendarPath::read(&request.path)?;
    CalendarEditor::of_partner(&request.api, &request.caller).unfollow(&path).await
}

impl Followable {
    /// The calendars of the installation and of the partner of the token. The address that one follows may have a secret in it: who is limited to a user
    /// does not see it.
    async fn of_partner(request: &PartnerRequest) -> store::Result<Self> {
        let owner = CalendarOwner::Partner(request.caller.partner);
        let seen = Self::load(&mut request.api.store.read().await?, owner).await?;
        let is_limited = request.caller.authority.token.user.is_some();
        Ok(if is_limited { seen.without_feeds() } else { seen })
    }
}
