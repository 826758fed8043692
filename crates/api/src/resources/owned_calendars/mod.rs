//! The holiday calendars of partners and accounts: made of a file or of an address, shown before they are stored, edited day by day, and deleted when no
//! group follows them. Those of the installation are the operator's ([`super::holiday_calendars`]); accounts follow all that lie above them.

mod day;
mod editor;
mod feed;
mod import;
mod partner;
mod view;

use self::editor::CalendarEditor;
pub(crate) use self::import::file_refusal;
use calendar::HolidayCalendar;
use domain::{CalendarFeed, CalendarOwner, HolidayCalendarId, HolidayCalendars};
use jiff::civil::Date;
use store::{
    Read,
    holidays::{self, OwnedCalendar},
};

use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{AccountRequest, EmptyBody},
        messages::Message,
        path::{CalendarInPath, CalendarPath, UserPath},
        problem::Problem,
        query::SubUserQuery,
        routes::{Routes, routes},
    },
    resources::holiday_calendars::{HolidayCalendarView, YearQuery, feed::CalendarFeedView, today, year},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, import::create))
        .routes(routes!(detail, delete))
        .routes(routes!(import::import))
        .routes(routes!(day::set, day::remove))
        .routes(routes!(feed::follow, feed::unfollow))
        .merge(partner::routes())
}

/// What an owner sees: an account the calendars of the installation, its own, its user's and its partner's; a partner those of the installation and its
/// own.
struct Followable {
    all: HolidayCalendars,
    visible: Vec<OwnedCalendar>,
    feeds: Vec<CalendarFeed>,
}

impl Followable {
    async fn load(read: &mut Read, owner: CalendarOwner) -> store::Result<Self> {
        let visible = match owner {
            CalendarOwner::Account(account) => holidays::of_account(read, account).await?,
            CalendarOwner::Partner(partner) => holidays::of_partner(read, partner).await?,
            CalendarOwner::Installation => Vec::new(),
        };
        let mut others = holidays::owned_ids(read).await?;
        others.retain(|id| visible.iter().all(|calendar| calendar.id.as_str() != id));
        let feeds = holidays::feeds::of_owner(read, owner).await?;
        Ok(Self { all: holidays::load(read).await?.without(&others), visible, feeds })
    }

    fn without_feeds(self) -> Self {
        Self { feeds: Vec::new(), ..self }
    }

    const fn all(&self) -> &HolidayCalendars {
        &self.all
    }

    fn view(
        &self,
        api: &Api,
        calendar: &HolidayCalendar,
        year: Option<i16>,
        today: Date,
    ) -> HolidayCalendarView {
        let mut view = HolidayCalendarView::new(&self.all, calendar, year, today);
        if let Some(owned) = self.visible.iter().find(|owned| owned.id.as_str() == calendar.id()) {
            view = view.owned(owned);
        }
        match self.feeds.iter().find(|feed| feed.calendar.as_str() == calendar.id()) {
            Some(feed) => view.following(CalendarFeedView::new(feed, api.settings.zone)),
            None => view,
        }
    }
}

/// List an account's holiday calendars (账户的节假日日历列表)
///
/// All that its groups may follow, by their ids: those of the installation and the partner, its own, and of a sub-user those of its user.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/holiday-calendar", tag = "holiday-calendar",
    operation_id = "list_account_calendars", params(UserPath, YearQuery, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<HolidayCalendarView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<HolidayCalendarView>>, Problem> {
    let year = year(&request.query)?;
    let followable =
        Followable::load(&mut request.read().await?, CalendarOwner::Account(request.account)).await?;
    let today = today(&request.api, request.caller.now);
    let views = followable.all.iter().map(|calendar| followable.view(&request.api, calendar, year, today));
    Ok(Answer::new(Message::HolidayCalendars, views.collect()))
}

/// Holiday calendar of an account (账户的节假日日历)
///
/// One that its groups may follow.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", tag = "holiday-calendar",
    operation_id = "account_calendar", params(CalendarPath, YearQuery, SubUserQuery),
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn detail(
    request: AccountRequest<CalendarInPath>,
) -> Result<Answer<HolidayCalendarView>, Problem> {
    let year = year(&request.query)?;
    let followable =
        Followable::load(&mut request.read().await?, CalendarOwner::Account(request.account)).await?;
    let calendar = followable.all.get(&request.id.0).ok_or(Problem::NotFound)?;
    let today = today(&request.api, request.caller.now);
    let view = followable.view(&request.api, calendar, year, today);
    Ok(Answer::new(Message::HolidayCalendar, view))
}

/// Delete a holiday calendar of an account
///
/// Only its own. Refused with code 8108 while groups follow it, the account's or its sub-users'; `data` names the first 20 of them.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", tag = "holiday-calendar",
    operation_id = "delete_account_calendar", params(CalendarPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(
    request: AccountRequest<CalendarInPath, EmptyBody>,
) -> Result<Answer<()>, Problem> {
    let id = HolidayCalendarId::new(request.id.0.clone());
    CalendarEditor::of_account(&request).delete(&id).await
}
