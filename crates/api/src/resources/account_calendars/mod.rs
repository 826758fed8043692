//! The holiday calendars of accounts: made of a file, shown before they are stored, edited day by day, and deleted when no group follows
//! them. Those of the installation are the operator's ([`super::holiday_calendars`]); accounts follow both.

mod day;
mod feed;
mod import;
mod view;

pub(crate) use self::import::file_refusal;
use calendar::HolidayCalendar;
use domain::{AccountId, CalendarFeed, HolidayCalendarId, HolidayCalendars};
use jiff::civil::Date;
use store::{
    Kind, Read,
    holidays::{self, AccountCalendar, FollowingGroup},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{AccountRequest, EmptyBody},
        messages::Message,
        path::{CalendarInPath, CalendarPath, UserPath},
        problem::{InUse, NamingGroupView, NamingThing, Problem, UsedThing},
        query::SubUserQuery,
    },
    resources::holiday_calendars::{HolidayCalendarView, YearQuery, feed::CalendarFeedView, today, year},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, import::create))
        .routes(routes!(detail, delete))
        .routes(routes!(import::import))
        .routes(routes!(day::set, day::remove))
        .routes(routes!(feed::follow, feed::unfollow))
}

/// What an account may follow: the calendars of the installation, its own and its user's.
struct Followable {
    all: HolidayCalendars,
    own: Vec<AccountCalendar>,
    feeds: Vec<CalendarFeed>,
}

impl Followable {
    async fn load(read: &mut Read, account: AccountId) -> store::Result<Self> {
        let own = holidays::of_account(read, account).await?;
        let mut others = holidays::ids_of_accounts(read).await?;
        others.retain(|id| own.iter().all(|own| own.id.as_str() != id));
        let feeds = holidays::feeds::of_account(read, account).await?;
        Ok(Self { all: holidays::load(read).await?.without(&others), own, feeds })
    }

    fn view(
        &self,
        api: &Api,
        calendar: &HolidayCalendar,
        year: Option<i16>,
        today: Date,
    ) -> HolidayCalendarView {
        let mut view = HolidayCalendarView::new(&self.all, calendar, year, today);
        if let Some(own) = self.own.iter().find(|own| own.id.as_str() == calendar.id()) {
            view = view.of_account(own);
        }
        match self.feeds.iter().find(|feed| feed.calendar.as_str() == calendar.id()) {
            Some(feed) => view.following(CalendarFeedView::new(feed, api.settings.zone)),
            None => view,
        }
    }
}

/// List an account's holiday calendars (账户的节假日日历列表)
///
/// All that its groups may follow, by their ids: those of the installation, its own, and of a sub-user those of its user.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/holiday-calendar", tag = "holiday-calendar",
    operation_id = "list_account_calendars", params(UserPath, YearQuery, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<HolidayCalendarView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<HolidayCalendarView>>, Problem> {
    let year = year(&request.query)?;
    let followable = Followable::load(&mut request.read().await?, request.account).await?;
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
    let followable = Followable::load(&mut request.read().await?, request.account).await?;
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
    let mut tx = request.begin().await?;
    match holidays::delete(&mut tx, request.account, &id, &request.caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(Kind::HolidayCalendar)) => {
            drop(tx);
            return Err(in_use(&request.api, &id).await?);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

/// The refusal to delete a calendar, with the groups that follow it.
async fn in_use(api: &Api, id: &HolidayCalendarId) -> Result<Problem, Problem> {
    let followers = holidays::followers_counted(&mut api.store.read().await?, id, InUse::TOLD.size).await?;
    let following = |FollowingGroup { account, group, name }: FollowingGroup| {
        NamingThing::Group(NamingGroupView { id: group.get(), name, account_id: account.uuid() })
    };
    let by = followers.items.into_iter().map(following).collect();
    Ok(Problem::InUse(InUse { what: UsedThing::HolidayCalendar, by, total: followers.total }))
}
