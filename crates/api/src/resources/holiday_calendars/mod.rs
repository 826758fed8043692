//! Holiday calendars (节假日日历): which days are off, which weekends are worked, the notices behind them, and how far they are known.
//!
//! They are read from the database for every request, so an import by any process shows at once.

pub(crate) mod feed;

use std::{collections::BTreeSet, sync::Arc};

use calendar::{HolidayCalendar, HolidayDay, HolidayKind, Notice};
use domain::{CalendarOwner, Faults, HolidayCalendars, is_near_horizon};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::Value;
use store::holidays::{self, OwnedCalendar};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use self::feed::CalendarFeedView;
use crate::{
    Api,
    http::{
        choices::choice,
        problem::Problem,
        query::{Query, QueryKind, QueryParameters, Within, query_parameters},
    },
    resources::groups::windows::WindowTimes,
};

/// The years that days of a holiday calendar can have.
const FIRST_YEAR: u32 = 1970;
const LAST_YEAR: u32 = 2200;

/// A holiday calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HolidayCalendarView {
    #[schema(example = "CN")]
    id: String,
    /// What it is called; `null` of a calendar of the installation.
    #[schema(example = json!(null))]
    name: Option<String>,
    /// Who made it: the installation, a partner or an account.
    level: CalendarLevel,
    /// The account that it belongs to: the account itself, or of a sub-user its user; `null` of a calendar of the installation or the partner.
    #[schema(example = json!(null))]
    account_id: Option<Uuid>,
    /// The last date up to which its days are complete.
    #[schema(format = "date", example = "2026-12-31")]
    known_until: String,
    /// Whether `known_until` is nearer than 45 days, or over: import the next year.
    near_horizon: bool,
    source: HolidayCalendarSource,
    /// The address that it follows, of a calendar of one's own; `null`: none.
    feed: Option<CalendarFeedView>,
    /// The years that it has days in.
    #[schema(example = json!([2025, 2026]))]
    years: Vec<i16>,
    /// Those of them that were imported.
    #[schema(example = json!([]))]
    imported_years: Vec<i16>,
    /// Its days in the order of their dates; with `year`, those of that year.
    days: Vec<HolidayDayView>,
    /// The public notices that the days come from.
    notices: Vec<NoticeView>,
}

/// Whose a calendar is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CalendarLevel {
    /// Everybody's: the operator's to change.
    Installation,
    /// A partner's, for all its accounts.
    Partner,
    /// An account's, for its sub-users too.
    Account,
}

/// Where a calendar comes from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HolidayCalendarSource {
    /// All of it came with the program.
    BuiltIn,
    /// Some of its years or all were imported.
    Imported,
}

choice! {
    /// What a day of a holiday calendar is.
    pub(crate) enum HolidayKindView as HolidayKind for HolidayKind {
        /// A statutory day off (法定节假日), or one of which nothing more is known.
        Holiday = "holiday",
        /// A day off that was moved to a feast, or a weekend joined to one (调休放假).
        MovedHoliday = "moved_holiday",
        /// A Saturday or Sunday that is worked (调休上班).
        MakeupWorkday = "makeup_workday",
        /// A day on which calling is allowed within its `times` only (半天).
        HalfDay = "half_day",
        /// A day with a name that closes nothing (纪念日).
        Observance = "observance",
    }
}

/// A day of a holiday calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HolidayDayView {
    #[schema(format = "date", example = "2026-10-10")]
    date: String,
    kind: HolidayKindView,
    #[schema(example = "国庆节")]
    name: String,
    /// The weekday (0 = Sunday) that a make-up workday stands for, where the notice names it.
    #[schema(maximum = 6)]
    stands_for: Option<u8>,
    /// The id of the notice it comes from, if known.
    #[schema(example = "2026")]
    notice: Option<String>,
    /// The times within which a half day is open; of other days none.
    times: Vec<WindowTimes>,
}

/// A public notice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    #[schema(example = "2026")]
    id: String,
    /// Where it can be read.
    #[schema(example = "https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm")]
    address: String,
}

/// How near the end of what is known of a calendar is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HorizonView {
    #[schema(example = "CN")]
    id: String,
    /// The last date up to which its days are complete.
    #[schema(format = "date", example = "2026-12-31")]
    known_until: String,
    /// Whether that is nearer than 45 days, or over: import the next year with `dialtime holidays import FILE`.
    near_horizon: bool,
}

/// A year that days of a holiday calendar can have; `None` when none is given.
pub(crate) enum HolidayYearKind {}

impl QueryKind for HolidayYearKind {
    type Value = Option<i16>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<i16> {
        let year = query.number_within(name, FIRST_YEAR..=LAST_YEAR, faults)?;
        i16::try_from(year).ok()
    }

    fn schema() -> RefOr<Schema> {
        Within::<FIRST_YEAR, LAST_YEAR>::schema()
    }

    fn example() -> Option<Value> {
        Some(2026.into())
    }
}

query_parameters! {
    /// Which year.
    pub(crate) struct YearQuery {
        /// Only the days of this year, and the notices they come from.
        year: HolidayYearKind,
    }
}

/// How near the end of what is known is, of every calendar.
pub(crate) async fn horizons(api: &Api) -> store::Result<Vec<HorizonView>> {
    let (all, today) = (load(api).await?, today(api, api.clock.now()));
    let view = |calendar: &Arc<HolidayCalendar>| HorizonView {
        id: calendar.id().to_owned(),
        known_until: calendar.known_until().to_string(),
        near_horizon: is_near_horizon(calendar, today),
    };
    Ok(all.iter().map(view).collect())
}

/// The calendars of the installation: those of partners and accounts are beside them ([`super::owned_calendars`]).
async fn load(api: &Api) -> store::Result<HolidayCalendars> {
    let mut read = api.store.read().await?;
    let owned = holidays::owned_ids(&mut read).await?;
    Ok(holidays::load(&mut read).await?.without(&owned))
}

/// The date on the server's wall clock.
pub(crate) fn today(api: &Api, now: Timestamp) -> Date {
    api.settings.zone.time_zone().to_datetime(now).date()
}

pub(crate) fn year(query: &Query) -> Result<Option<i16>, Problem> {
    let mut faults = Faults::default();
    let YearQuery { year } = YearQuery::read(query, &mut faults);
    Ok(faults.finish(Some(year))?)
}

impl HolidayCalendarView {
    /// The view of a calendar that belongs to a partner or an account.
    pub(crate) fn owned(self, owned: &OwnedCalendar) -> Self {
        let (level, account_id) = match owned.owner {
            CalendarOwner::Installation => (CalendarLevel::Installation, None),
            CalendarOwner::Partner(_) => (CalendarLevel::Partner, None),
            CalendarOwner::Account(account) => (CalendarLevel::Account, Some(account.uuid())),
        };
        Self { name: Some(owned.name.clone()), level, account_id, ..self }
    }

    /// The view of a calendar that follows an address.
    pub(crate) fn following(self, feed: CalendarFeedView) -> Self {
        Self { feed: Some(feed), ..self }
    }

    pub(crate) fn new(
        all: &HolidayCalendars,
        calendar: &HolidayCalendar,
        year: Option<i16>,
        today: Date,
    ) -> Self {
        let asked = |day: &&HolidayDay| year.is_none_or(|year| day.date.year() == year);
        let days: Vec<HolidayDayView> =
            calendar.days().iter().filter(asked).map(|day| HolidayDayView::new(calendar, day)).collect();
        let imported_years: Vec<i16> = all.imported_years(calendar.id()).collect();
        Self {
            id: calendar.id().to_owned(),
            name: None,
            level: CalendarLevel::Installation,
            account_id: None,
            known_until: calendar.known_until().to_string(),
            near_horizon: is_near_horizon(calendar, today),
            source: if imported_years.is_empty() {
                HolidayCalendarSource::BuiltIn
            } else {
                HolidayCalendarSource::Imported
            },
            years: calendar.years().collect(),
            imported_years,
            feed: None,
            notices: notices(calendar, &days, year.is_none()),
            days,
        }
    }
}

/// All notices, or those that these days come from.
fn notices(calendar: &HolidayCalendar, days: &[HolidayDayView], all: bool) -> Vec<NoticeView> {
    let cited: BTreeSet<&str> = days.iter().filter_map(|day| day.notice.as_deref()).collect();
    let asked = |notice: &&Notice| all || cited.contains(notice.id.as_str());
    calendar.notices().iter().filter(asked).map(NoticeView::new).collect()
}

impl NoticeView {
    pub(crate) fn new(notice: &Notice) -> Self {
        Self { id: notice.id.clone(), address: notice.address.clone() }
    }
}

impl HolidayDayView {
    pub(crate) fn new(calendar: &HolidayCalendar, day: &HolidayDay) -> Self {
        Self {
            date: day.date.to_string(),
            kind: day.kind.into(),
            name: day.name.clone(),
            stands_for: day.stands_for.map(calendar::Weekday::number),
            notice: calendar.notice(day).map(|notice| notice.id.clone()),
            times: WindowTimes::of(&day.times),
        }
    }
}
