//! What an import stores, leaves out and changes, as it is answered.

use calendar::{HolidayCalendar, HolidayDay, HolidayKind};
use domain::{HolidayChange, HolidayImport};
use holiday_files::{HolidayFile, LeftOut};
use serde::Serialize;
use utoipa::ToSchema;

use crate::resources::holiday_calendars::HolidayDayView;

/// How many days and entries of a kind are told; how many there are is said of all.
const TOLD: usize = 1_000;

/// What an import stores, leaves out and changes; with `dry_run`, what it would.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HolidayImportView {
    /// The calendar; `null` of a new one with `dry_run`.
    #[schema(example = "019a7c4f2b107a329d503c1b5a7e42f1")]
    id: Option<String>,
    /// Whether it is stored: not with `dry_run`.
    stored: bool,
    /// The last date up to which the calendar is then known.
    #[schema(format = "date", example = "2027-12-31")]
    known_until: String,
    /// The years that are replaced or added.
    #[schema(example = json!([2027]))]
    years: Vec<i16>,
    /// Those of these years of which the file has only days that come back every year, although it writes down days of other years one by one:
    /// holidays whose dates change from year to year may be missing of them. `known_until` says how far a file is complete.
    #[schema(example = json!([2028]))]
    only_repeated: Vec<i16>,
    /// Zones that the file names and nobody knows: its whole days in them are taken as they are written. At most 20.
    #[schema(max_items = 20, example = json!(["Customized Time Zone"]))]
    unknown_zones: Vec<String>,
    /// How many days of these years are off, moved ones too.
    days_off: usize,
    makeup_workdays: usize,
    half_days: usize,
    observances: usize,
    /// Days that the file says nothing of and that stay: make-up workdays of a year that it has only other days of, and the other way
    /// round. The first 1,000.
    kept: Vec<HolidayDayView>,
    /// How many entries of the file were left out.
    left_out_total: usize,
    /// The first 1,000 of them.
    left_out: Vec<LeftOutView>,
    /// How many dates change.
    changes_total: usize,
    /// The first 1,000 of them, in order.
    changes: Vec<HolidayChangeView>,
}

/// An entry of the file that was left out.
#[derive(Debug, Serialize, ToSchema)]
struct LeftOutView {
    /// Where it stands in the file.
    #[schema(example = "event 3 (元旦)")]
    place: String,
    name: String,
    #[schema(format = "date", example = "2027-01-01")]
    date: Option<String>,
    /// `cancelled`, `after_known_until`, `outweighed` (another entry says more of that day) or `not_understood`.
    #[schema(example = "cancelled")]
    reason: &'static str,
}

/// What an import changes about a date.
#[derive(Debug, Serialize, ToSchema)]
struct HolidayChangeView {
    /// The day as it was; `null` where there was none.
    before: Option<HolidayDayView>,
    /// The day as it is then; `null` where it is a day like any other.
    after: Option<HolidayDayView>,
}

impl HolidayImportView {
    pub(super) fn new(
        id: Option<String>,
        before: Option<&HolidayCalendar>,
        planned: &HolidayImport,
        HolidayFile { left_out, only_repeated, unknown_zones, .. }: &HolidayFile,
    ) -> Self {
        let days = || planned.years.iter().flat_map(|year| year.calendar().days());
        let count = |is: fn(&HolidayDay) -> bool| days().filter(|day| is(day)).count();
        // The notices of new days are those of the years to store.
        let after = HolidayCalendar::from_years(&planned.years);
        let view = |calendar: Option<&HolidayCalendar>, day: &Option<HolidayDay>| {
            calendar.zip(day.as_ref()).map(|(calendar, day)| HolidayDayView::new(calendar, day))
        };
        let change = |change: &HolidayChange| HolidayChangeView {
            before: view(before, &change.before),
            after: view(after.as_ref(), &change.after),
        };
        Self {
            stored: false,
            id,
            known_until: planned.known_until.to_string(),
            years: planned.years.iter().map(calendar::HolidayYear::year).collect(),
            only_repeated: only_repeated.clone(),
            unknown_zones: unknown_zones.clone(),
            days_off: count(|day| day.kind.is_day_off()),
            makeup_workdays: count(|day| day.kind == HolidayKind::MakeupWorkday),
            half_days: count(|day| day.kind == HolidayKind::HalfDay),
            observances: count(|day| day.kind == HolidayKind::Observance),
            kept: planned.kept.iter().take(TOLD).filter_map(|day| view(before, &Some(day.clone()))).collect(),
            left_out_total: left_out.len(),
            left_out: left_out.iter().take(TOLD).map(LeftOutView::new).collect(),
            changes_total: planned.changes.len(),
            changes: planned.changes.iter().take(TOLD).map(change).collect(),
        }
    }

    pub(super) fn stored(self) -> Self {
        Self { stored: true, ..self }
    }
}

impl LeftOutView {
    fn new(left_out: &LeftOut) -> Self {
        Self {
            place: left_out.place.clone(),
            name: left_out.name.clone(),
            date: left_out.date.map(|date| date.to_string()),
            reason: left_out.reason.code(),
        }
    }
}
