//! The address that a holiday calendar of a partner or an account follows.

use domain::{FaultRule, Faults, HolidayCalendarId, HttpUrl};
use store::holidays::feeds;
use utoipa::ToSchema;

use super::CalendarEditor;
use crate::{
    http::{
        body::fields,
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{AccountRequest, EmptyBody, Json},
        holiday_file::UnclearChoice,
        messages::Message,
        path::{CalendarInPath, CalendarPath},
        problem::Problem,
        query::SubUserQuery,
    },
    resources::holiday_calendars::feed::CalendarFeedView,
};

/// The address that a holiday calendar is to follow.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct FollowAddress {
    /// `http` or `https`. Addresses that are not public (loopback, private, link-local) are not read unless the operator allows them.
    #[schema(value_type = String, required = true, format = "uri", max_length = 2_000, example = "https://example.com/holidays.ics")]
    url: Option<String>,
    /// What entries of the file are that are not understood. Left out, a file with such entries is refused.
    unclear: Option<UnclearChoice>,
}

/// Fields of answers that no request sets.
const GIVEN_BACK: &[&str] =
    &["read_at", "changed_at", "kept_days", "not_understood", "only_repeated", "failing"];

fields!(FollowAddress { url, unclear } known GIVEN_BACK);

/// Have a holiday calendar follow an address (设置订阅地址)
///
/// One of the account's own. The address is read at once and then every day, and its file is imported as with `import`; how that fares is shown as
/// `feed` of the calendar. A file that is refused, for whatever reason, changes nothing, and make-up workdays that it says nothing of stay. A day that is
/// changed by hand holds until the file changes, also when the same address is set again. An address that is no name and not public is refused at once. Events tell of each change, and when an address has failed for three days.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/feed", tag = "holiday-calendar",
    operation_id = "follow_address", params(CalendarPath, SubUserQuery), request_body = FollowAddress,
    responses((status = 200, body = Envelope<CalendarFeedView>)))]
pub(crate) async fn follow(
    request: AccountRequest<CalendarInPath, Json<FollowAddress>>,
) -> Result<Answer<CalendarFeedView>, Problem> {
    let (body, faults, request) = request.take_body();
    CalendarEditor::of_account(&request).follow(&request.id, body, faults).await
}

/// Have a holiday calendar follow no address (取消订阅地址)
///
/// Its days stay as they are.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/feed", tag = "holiday-calendar",
    operation_id = "unfollow_address", params(CalendarPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn unfollow(
    request: AccountRequest<CalendarInPath, EmptyBody>,
) -> Result<Answer<()>, Problem> {
    CalendarEditor::of_account(&request).unfollow(&request.id).await
}

impl CalendarEditor<'_> {
    pub(super) async fn follow(
        &self,
        path: &CalendarInPath,
        body: FollowAddress,
        mut faults: Faults,
    ) -> Result<Answer<CalendarFeedView>, Problem> {
        let url = faults.require("url", body.url);
        let url = url.and_then(|url| faults.check("url", self.address(&url)));
        let url = faults.finish(url)?;
        let calendar = HolidayCalendarId::new(path.0.clone());
        let unclear = body.unclear.map(Into::into);
        let mut tx = self.begin().await?;
        feeds::follow(&mut tx, self.owner, &calendar, &url, unclear, &self.caller.change()).await?;
        let feeds = feeds::of_owner(&mut tx, self.owner).await?;
        tx.commit().await?;
        let feed = feeds.into_iter().find(|feed| feed.calendar == calendar).ok_or(Problem::NotFound)?;
        Ok(Answer::new(Message::Saved, CalendarFeedView::new(&feed, self.api.settings.zone)))
    }

    /// An address that can be read, as far as that is known before it is.
    fn address(&self, text: &str) -> Result<HttpUrl, FaultRule> {
        let url = HttpUrl::parse(text)?;
        match &self.api.settings.holiday_addresses {
            Some(addresses) => addresses.check(url),
            None => Ok(url),
        }
    }

    pub(super) async fn unfollow(&self, path: &CalendarInPath) -> Result<Answer<()>, Problem> {
        let id = HolidayCalendarId::new(path.0.clone());
        let mut tx = self.begin().await?;
        feeds::unfollow(&mut tx, self.owner, &id, &self.caller.change()).await?;
        tx.commit().await?;
        Ok(Answer::empty(Message::Deleted))
    }
}
