//! Single days of the holiday calendar of a partner or an account.

use calendar::HolidayDayInput;
use domain::{FaultRule, Faults, HolidayCalendarId, years_with_day};
use jiff::civil::Date;
use store::{Kind, holidays};
use utoipa::ToSchema;

use super::CalendarEditor;
use crate::{
    http::{
        body::fields,
        envelope::{Answer, Envelope},
        extract::{AccountRequest, EmptyBody, Json},
        messages::Message,
        path::{CalendarDayInPath, CalendarDayPath},
        problem::Problem,
        query::SubUserQuery,
    },
    resources::{
        groups::windows::WindowTimes,
        holiday_calendars::{HolidayCalendarView, HolidayKindView, feed::CalendarFeedView, today},
    },
};

/// What a day of a holiday calendar becomes.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct SaveHoliday {
    #[schema(value_type = HolidayKindView, required = true)]
    kind: Option<HolidayKindView>,
    /// What it is called.
    #[schema(value_type = String, required = true, max_length = 100, example = "司庆")]
    name: Option<String>,
    /// The weekday (0 = Sunday) whose windows a make-up workday has under `as_workday`; left out, Monday's.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 6)]
    stands_for: Option<i64>,
    /// The times within which a half day is open, at most 8; of other days none.
    #[schema(max_items = 8)]
    times: Option<Vec<WindowTimes>>,
}

/// Fields of answers that no request sets.
const GIVEN_BACK: &[&str] = &["date", "notice"];

fields!(SaveHoliday { kind, name, stands_for, times } known GIVEN_BACK);

/// Set a day of an account's holiday calendar (设置某一天)
///
/// Of one of its own. A date that the calendar says nothing of becomes one of its days. It must not be after `known_until`, which stays as it is.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", tag = "holiday-calendar",
    operation_id = "set_holiday", params(CalendarDayPath, SubUserQuery), request_body = SaveHoliday,
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn set(
    request: AccountRequest<CalendarDayInPath, Json<SaveHoliday>>,
) -> Result<Answer<HolidayCalendarView>, Problem> {
    let (body, faults, request) = request.take_body();
    CalendarEditor::of_account(&request).set_day(&request.id, body, faults).await
}

/// Remove a day of an account's holiday calendar (删除某一天)
///
/// The date is a day like any other from then on. `known_until` stays as it is: a year that has lost its last day is known to have none.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", tag = "holiday-calendar",
    operation_id = "remove_holiday", params(CalendarDayPath, SubUserQuery),
    responses((status = 200, body = Envelope<HolidayCalendarView>)))]
pub(crate) async fn remove(
    request: AccountRequest<CalendarDayInPath, EmptyBody>,
) -> Result<Answer<HolidayCalendarView>, Problem> {
    CalendarEditor::of_account(&request).remove_day(&request.id).await
}

fn date(text: &str, faults: &mut Faults) -> Option<Date> {
    faults.check("date", Date::strptime("%Y-%m-%d", text).map_err(|_| FaultRule::Date))
}

impl CalendarEditor<'_> {
    /// Sets a day.
    pub(super) async fn set_day(
        &self,
        path: &CalendarDayInPath,
        body: SaveHoliday,
        mut faults: Faults,
    ) -> Result<Answer<HolidayCalendarView>, Problem> {
        let date = date(&path.date, &mut faults);
        for (field, is_missing) in [("kind", body.kind.is_none()), ("name", body.name.is_none())] {
            if is_missing {
                faults.add(field, FaultRule::Required);
            }
        }
        let given = date.zip(body.kind).zip(body.name);
        let ((date, kind), name) = faults.finish(given)?;
        let day = HolidayDayInput {
            date: date.to_string(),
            kind: kind.into(),
            name,
            stands_for: body.stands_for,
            notice: None,
            times: WindowTimes::into_input(body.times.unwrap_or_default()),
        };
        self.change_day(path, date, Some(day)).await
    }

    /// Takes a day away.
    pub(super) async fn remove_day(
        &self,
        path: &CalendarDayInPath,
    ) -> Result<Answer<HolidayCalendarView>, Problem> {
        let mut faults = Faults::default();
        let date = date(&path.date, &mut faults);
        let date = faults.finish(date)?;
        self.change_day(path, date, None).await
    }

    /// Changes a day and answers with the calendar of its year.
    async fn change_day(
        &self,
        path: &CalendarDayInPath,
        date: Date,
        day: Option<HolidayDayInput>,
    ) -> Result<Answer<HolidayCalendarView>, Problem> {
        let id = HolidayCalendarId::new(path.calendar.clone());
        let mut tx = self.begin().await?;
        let before = holidays::load_to_import(&mut tx).await?;
        let own = holidays::own(&mut tx, self.owner, &id).await?;
        let calendar = before.get(id.as_str()).ok_or(store::Error::NotFound(Kind::HolidayCalendar))?;
        if day.is_none() && calendar.day(date).is_none() {
            return Err(Problem::NotFound);
        }
        let years = years_with_day(&before, id.as_str(), date, day).map_err(|found| {
            let mut faults = Faults::default();
            for fault in found {
                faults.add(fault.path, FaultRule::Calendar(fault.rule));
            }
            Problem::Invalid(faults.into_vec())
        })?;
        holidays::import_owned(&mut tx, self.owner, &years, &self.caller.change()).await?;
        let after = holidays::load(&mut tx).await?;
        let feeds = holidays::feeds::of_owner(&mut tx, self.owner).await?;
        let feed = feeds.into_iter().find(|feed| feed.calendar == id);
        tx.commit().await?;
        let calendar = after.get(id.as_str()).ok_or(Problem::NotFound)?;
        let today = today(self.api, self.caller.now);
        let mut view = HolidayCalendarView::new(&after, calendar, Some(date.year()), today).owned(&own);
        if let Some(feed) = feed {
            view = view.following(CalendarFeedView::new(&feed, self.api.settings.zone));
        }
        Ok(Answer::new(Message::Updated, view))
    }
}
