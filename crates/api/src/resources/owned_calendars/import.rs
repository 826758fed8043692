//! A file of holidays for a calendar of a partner or an account.

use domain::{
    CalendarOwner, FaultRule, Faults, HolidayCalendarId, HolidayCalendars, HolidayFileRule, HolidayImport,
    HolidayImportOptions, HolidayImportRefusal, plan_holiday_import,
};
use holiday_files::{FileFault, HolidayFile, ReadOptions, UnclearAs};
use jiff::civil::Date;
use store::holidays;
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

use super::{CalendarEditor, view::HolidayImportView};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::DateSchema,
        holiday_file::{HolidayFileBody, HolidayFileText},
        holiday_source::HolidaySource,
        messages::Message,
        path::{CalendarInPath, CalendarPath, UserPath},
        problem::Problem,
        query::{
            Flag, NotEmpty, Query, QueryKind, QueryParameters, RequiredName, SubUserQuery, query_parameters,
        },
        values,
    },
    resources::holiday_calendars::today,
};

const UNCLEAR: &[&str] = &["day_off", "makeup_workday", "observance", "leave_out"];

/// What entries are that are not understood; `None` when nothing is said.
pub(crate) enum UnclearKind {}

impl QueryKind for UnclearKind {
    type Value = Option<UnclearAs>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<UnclearAs> {
        Some(match query.one_of(name, UNCLEAR, faults)? {
            "day_off" => UnclearAs::DayOff,
            "makeup_workday" => UnclearAs::MakeupWorkday,
            "observance" => UnclearAs::Observance,
            _ => UnclearAs::LeaveOut,
        })
    }

    fn schema() -> RefOr<Schema> {
        values::words("What entries of the file are that are not understood.", UNCLEAR)
    }
}

/// A date; `None` when none is given.
pub(crate) enum KnownUntilKind {}

impl QueryKind for KnownUntilKind {
    type Value = Option<Date>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Date> {
        let text = query.get(name)?;
        faults.check(name, Date::strptime("%Y-%m-%d", text).map_err(|_| FaultRule::Date))
    }

    fn schema() -> RefOr<Schema> {
        DateSchema::schema()
    }
}

query_parameters! {
    /// What is said of a new calendar beside its file.
    pub(crate) struct CalendarNameQuery {
        /// The calendar's name.
        name: RequiredName,
    }
}

query_parameters! {
    /// How a file of holidays is to be read.
    pub(crate) struct HolidayImportQuery {
        /// Shows what would be stored, left out and changed, and stores nothing.
        dry_run: NotEmpty<Flag>,
        /// The last date up to which the file is complete, instead of what it says itself, or of the end of its last year; days after it are left out.
        known_until: NotEmpty<KnownUntilKind>,
        /// What entries are that are not understood. Left out, a file with such entries is refused, and they are listed.
        unclear: NotEmpty<UnclearKind>,
        /// Takes years that have less than half as many days as those they replace, or as the calendar's other years.
        allow_fewer_days: NotEmpty<Flag>,
        /// Takes the make-up workdays of a year away if the file has only other days of it. Without it they stay.
        drop_makeup_workdays: NotEmpty<Flag>,
    }
}

/// Create a holiday calendar of an account (新建节假日日历)
///
/// The body is a file of holidays: iCalendar, CSV with a line of headings, holiday-cn's JSON, or JSON of our own, at most 1 MiB. Its form is seen from
/// what it holds. In its place `{"url": "https://..."}` (and `unclear`, if wished) makes a calendar of an address alone: its file is read at once, and with
/// `dry_run` only shown; from then on the calendar follows it, as by `PUT .../feed`. The account and its sub-users may follow the calendar by the `id` that is answered. An account may have 50 calendars.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/holiday-calendar", tag = "holiday-calendar",
    operation_id = "create_account_calendar", params(UserPath, CalendarNameQuery, HolidayImportQuery, SubUserQuery),
    request_body(content = HolidayFileText, content_type = "text/calendar", description = "The file."),
    responses((status = 200, body = Envelope<HolidayImportView>)))]
pub(crate) async fn create(
    request: AccountRequest<(), HolidayFileBody>,
) -> Result<Answer<HolidayImportView>, Problem> {
    let AccountRequest { api, caller, account, query, body, .. } = request;
    CalendarEditor::new(&api, &caller, CalendarOwner::Account(account)).create(&query, body).await
}

/// Import into a holiday calendar of an account (导入节假日)
///
/// The years that the file has days in replace those of the calendar. The file of an address (`{"url": ...}`) is read once. All else is as when a calendar
/// is created.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/import", tag = "holiday-calendar",
    operation_id = "import_holidays", params(CalendarPath, HolidayImportQuery, SubUserQuery),
    request_body(content = HolidayFileText, content_type = "text/calendar", description = "The file."),
    responses((status = 200, body = Envelope<HolidayImportView>)))]
pub(crate) async fn import(
    request: AccountRequest<CalendarInPath, HolidayFileBody>,
) -> Result<Answer<HolidayImportView>, Problem> {
    let AccountRequest { api, caller, account, id, query, body, .. } = request;
    CalendarEditor::new(&api, &caller, CalendarOwner::Account(account)).import(&id, &query, body).await
}

impl CalendarEditor<'_> {
    pub(super) async fn create(
        &self,
        query: &Query,
        body: HolidayFileBody,
    ) -> Result<Answer<HolidayImportView>, Problem> {
        let mut faults = Faults::default();
        let CalendarNameQuery { name } = CalendarNameQuery::read(query, &mut faults);
        let query = HolidayImportQuery::read(query, &mut faults);
        let name = faults.finish(name)?;
        let id = HolidayCalendarId::generate(&*self.api.clock, &*self.api.random);
        let source = HolidaySource::of(self.api, body, query.unclear).await?;
        let file = read(self.api, self.caller.now, &id, &query, &source).await?;
        // Of a new calendar nothing is known, and so nothing has to be locked to plan it.
        let planned = plan(&HolidayCalendars::built_in(), &file, &query)?;
        let shown_id = (!query.dry_run).then(|| id.as_str().to_owned());
        let view = HolidayImportView::new(shown_id, None, &planned, &file);
        if query.dry_run {
            return Ok(Answer::new(Message::HolidaysNotStored, view));
        }
        let mut tx = self.begin().await?;
        holidays::create(&mut tx, self.owner, &name, &planned.years, &self.caller.change()).await?;
        if let Some(url) = &source.url {
            let unclear = source.unclear;
            holidays::feeds::follow(&mut tx, self.owner, &id, url, unclear, &self.caller.change()).await?;
        }
        tx.commit().await?;
        Ok(Answer::new(Message::Created, view.stored()))
    }

    pub(super) async fn import(
        &self,
        path: &CalendarInPath,
        query: &Query,
        body: HolidayFileBody,
    ) -> Result<Answer<HolidayImportView>, Problem> {
        let mut faults = Faults::default();
        let query = HolidayImportQuery::read(query, &mut faults);
        faults.finish(Some(()))?;
        let id = HolidayCalendarId::new(path.0.clone());
        let source = HolidaySource::of(self.api, body, query.unclear).await?;
        let file = read(self.api, self.caller.now, &id, &query, &source).await?;
        let mut tx = self.begin().await?;
        let before = holidays::load_to_import(&mut tx).await?;
        holidays::own(&mut tx, self.owner, &id).await?;
        let planned = plan(&before, &file, &query)?;
        let known = before.get(id.as_str()).map(|calendar| &**calendar);
        let view = HolidayImportView::new(Some(id.as_str().to_owned()), known, &planned, &file);
        if query.dry_run {
            return Ok(Answer::new(Message::HolidaysNotStored, view));
        }
        holidays::import_owned(&mut tx, self.owner, &planned.years, &self.caller.change()).await?;
        tx.commit().await?;
        Ok(Answer::new(Message::HolidaysImported, view.stored()))
    }
}

async fn read(
    api: &Api,
    now: jiff::Timestamp,
    id: &HolidayCalendarId,
    query: &HolidayImportQuery,
    source: &HolidaySource,
) -> Result<HolidayFile, Problem> {
    let bytes = source.bytes.clone();
    let options = ReadOptions {
        calendar: Some(id.as_str().to_owned()),
        known_until: query.known_until,
        today: today(api, now),
        unclear: source.unclear,
    };
    // A megabyte of events takes a moment of a processor.
    let read = tokio::task::spawn_blocking(move || holiday_files::read(&bytes, &options));
    let read = read.await.map_err(|error| {
        tracing::error!(%error, "reading a file did not end");
        Problem::Internal
    })?;
    read.map_err(|fault| file_refusal(&fault))
}

/// What is wrong with a file, at its places.
pub(crate) fn file_refusal(fault: &FileFault) -> Problem {
    let mut faults = Faults::default();
    let mut add = |place: &str, rule| faults.add(place, FaultRule::HolidayFile(rule));
    match fault {
        FileFault::TooLarge => return Problem::PayloadTooLarge,
        FileFault::NotText => add("file", HolidayFileRule::NoText),
        FileFault::Form(_) => add("file", HolidayFileRule::Unreadable),
        FileFault::Empty => add("file", HolidayFileRule::EmptyFile),
        FileFault::Nothing(_) => add("file", HolidayFileRule::Nothing),
        FileFault::TooManyDays => faults.add("file", FaultRule::Calendar(calendar::Rule::TooManyHolidayDays)),
        FileFault::TooManyEvents => {
            faults.add("file", FaultRule::Calendar(calendar::Rule::TooManyExceptions));
        }
        FileFault::Entry { place, .. } => add(place, HolidayFileRule::Unreadable),
        FileFault::KnownUntil { .. } => add("known_until", HolidayFileRule::KnownUntil),
        FileFault::Contradiction { place, .. } => add(place, HolidayFileRule::Contradiction),
        FileFault::NotUnderstood(unclear) => {
            for unclear in unclear {
                add(&unclear.place, HolidayFileRule::NotUnderstood(unclear.date));
            }
        }
        FileFault::Calendar(placed) => {
            for fault in placed {
                faults.add(fault.place.clone(), FaultRule::Calendar(fault.rule));
            }
        }
    }
    Problem::Invalid(faults.into_vec())
}

fn plan(
    before: &HolidayCalendars,
    file: &HolidayFile,
    query: &HolidayImportQuery,
) -> Result<HolidayImport, Problem> {
    let options = HolidayImportOptions {
        allow_fewer_days: query.allow_fewer_days,
        drop_makeup_workdays: query.drop_makeup_workdays,
    };
    plan_holiday_import(before, &file.years, options).map_err(|refusal| {
        let year = match refusal {
            HolidayImportRefusal::FewerDays { year, .. } => year,
            HolidayImportRefusal::Thin(thin) => thin.year,
        };
        Problem::fault(&year.to_string(), FaultRule::HolidayFile(HolidayFileRule::FewerDays))
    })
}
