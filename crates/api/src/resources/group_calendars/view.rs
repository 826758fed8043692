//! The calendar of a group as it is returned.

use calendar::{DecidingRule, Reason, Schedule, Zone, tzdata_version};
use jiff::{Timestamp, tz::Offset};
use serde::Serialize;
use utoipa::ToSchema;

use super::range::Days;
use crate::{
    http::{language::Language, time::instant},
    resources::{
        decisions::{DecisionSubject, KnownCalendar, NamedClosureView, RuleView, WarningView, text},
        holiday_calendars::NoticeView,
    },
};

/// When calls may go out on each of these days. Instants are RFC 3339 with the offset of the group's zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupCalendarView {
    /// The first instant of the first day.
    #[schema(format = "date-time", example = "2026-10-01T00:00:00+08:00")]
    from: String,
    /// The first instant after the last day.
    #[schema(format = "date-time", example = "2026-10-31T00:00:00+08:00")]
    to: String,
    /// When calls may go out, in order, without overlap; cut at `from` and `to`.
    pub(super) spans: Vec<SpanView>,
    /// How many seconds that is in all.
    #[schema(minimum = 0)]
    open_seconds: i64,
    /// The days that are closed or changed by another rule than the weekly windows.
    pub(super) days: Vec<DayView>,
    /// All planned closures of the account, its user, the partner and the installation that hold between `from` and `to`, the last to end first.
    closures: Vec<NamedClosureView>,
    /// When the zone's clock is set forward or back.
    clock_changes: Vec<ClockChangeView>,
    /// The IANA zone of the group.
    #[schema(example = "Asia/Shanghai")]
    timezone: &'static str,
    /// The version of the group; `null` when it is not saved.
    group_version: Option<i64>,
    /// The release of the IANA time zone database.
    #[schema(example = "2026a")]
    tzdata_version: &'static str,
    /// The holiday calendar of a group that skips holidays.
    calendar: Option<KnownCalendar>,
    /// Whether the holiday calendar ends before the last day.
    warning: Option<WarningView>,
    /// Whether dialing is stopped for the account: then `spans` is empty until it is resumed.
    stopped: bool,
}

/// A span in which calls may go out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpanView {
    /// The first instant.
    #[schema(format = "date-time", example = "2026-10-12T08:00:00+08:00")]
    begin_at: String,
    /// The first instant after.
    #[schema(format = "date-time", example = "2026-10-12T20:00:00+08:00")]
    end_at: String,
    #[serde(skip)]
    pub(super) span: calendar::Span,
}

/// A day that is closed or changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedDay)]
pub(crate) struct DayView {
    #[schema(format = "date", example = "2026-10-01")]
    pub(super) date: String,
    /// `exception`, `holiday`, `makeup_workday` or `beyond_horizon`.
    pub(super) rule: RuleView,
    /// What it is called: the feast, or the exception.
    #[schema(example = "国庆节")]
    name: Option<String>,
    /// The rule in a sentence, in the language of the answer.
    #[schema(example = "2026-10-01为节假日（国庆节），不可呼叫")]
    pub(super) detail: String,
    /// The public notice behind it, if known.
    notice: Option<NoticeView>,
    #[serde(skip)]
    pub(super) day: jiff::civil::Date,
}

/// The zone's clock is set forward or back.
#[derive(Debug, Serialize, ToSchema)]
struct ClockChangeView {
    /// The first instant with the new offset.
    #[schema(format = "date-time", example = "2026-03-08T03:00:00-04:00")]
    at: String,
    /// By how many seconds it is set forward; negative: back.
    #[schema(example = 3600)]
    seconds: i32,
}

impl GroupCalendarView {
    /// Of whole days.
    pub(crate) fn new(subject: DecisionSubject<'_>, days: Days, language: Language) -> Self {
        Self::between(subject, days.instants(subject.zone), days, language)
    }

    /// From one instant to another, which lie on these days.
    pub(crate) fn between(
        DecisionSubject { zone, version, schedule }: DecisionSubject<'_>,
        (from, to): (Timestamp, Timestamp),
        days: Days,
        language: Language,
    ) -> Self {
        Self {
            from: instant(zone, from),
            to: instant(zone, to),
            spans: schedule.spans(from, to).map(|span| SpanView::new(span, zone)).collect(),
            open_seconds: schedule.open_time(from, to).as_secs(),
            days: changed_days(schedule.schedule(), days, language),
            closures: NamedClosureView::between(schedule, (from, to), zone),
            clock_changes: clock_changes(zone, from, to),
            timezone: zone.name(),
            group_version: version,
            tzdata_version: tzdata_version(),
            calendar: KnownCalendar::of(schedule.schedule()),
            warning: warning(schedule.schedule(), days, language),
            stopped: false,
        }
    }

    /// The same while dialing is stopped: nothing is open.
    pub(crate) fn stopped(self, stopped: bool) -> Self {
        if stopped { Self { spans: Vec::new(), open_seconds: 0, stopped, ..self } } else { self }
    }
}

impl GroupCalendarView {
    /// Lines for people.
    pub(crate) fn to_table(&self) -> String {
        let spans = self.spans.iter().map(|span| format!("open     {} to {}", span.begin_at, span.end_at));
        let days = self.days.iter().map(|day| format!("{:<8} {}", "changed", day.detail));
        let closed = self.closures.iter();
        let closed = closed.map(|closure| {
            let NamedClosureView { name, begin_at, end_at } = closure;
            format!("closed   {begin_at} to {end_at} ({name})")
        });
        let clock = self.clock_changes.iter().map(|change| {
            let direction = if change.seconds > 0 { "forward" } else { "back" };
            format!("clock    set {direction} by {} s at {}", change.seconds.abs(), change.at)
        });
        let warning = self.warning.iter().map(|warning| format!("warning  {}", warning.message));
        let none = self.spans.is_empty().then(|| "open     never".to_owned()).into_iter();
        none.chain(spans).chain(days).chain(closed).chain(clock).chain(warning).collect::<Vec<_>>().join("\n")
    }
}

impl SpanView {
    fn new(span: calendar::Span, zone: Zone) -> Self {
        Self { begin_at: instant(zone, span.begin), end_at: instant(zone, span.end), span }
    }
}

fn changed_days(schedule: &Schedule, days: Days, language: Language) -> Vec<DayView> {
    let changed = |day: &(_, Reason<'_>)| day.1.rule != DecidingRule::Weekly;
    let reasons = days.iter().map(|date| (date, schedule.reason_of_day(date)));
    let view = |(day, reason): (jiff::civil::Date, Reason<'_>)| DayView {
        date: day.to_string(),
        rule: reason.rule.into(),
        name: reason.name.map(str::to_owned),
        detail: text::of_day(&reason, language),
        notice: reason.notice().map(NoticeView::new),
        day,
    };
    reasons.filter(changed).map(view).collect()
}

fn clock_changes(zone: Zone, from: Timestamp, to: Timestamp) -> Vec<ClockChangeView> {
    let mut before: Offset = zone.time_zone().to_offset(from);
    let mut changes = Vec::new();
    for transition in zone.time_zone().following(from).take_while(|transition| transition.timestamp() < to) {
        let seconds = transition.offset().seconds() - before.seconds();
        before = transition.offset();
        // Some transitions only rename the zone.
        if seconds != 0 {
            changes.push(ClockChangeView { at: instant(zone, transition.timestamp()), seconds });
        }
    }
    changes
}

/// The warning where the holiday calendar ends before the last of these days, or begins after the first.
pub(super) fn warning(schedule: &Schedule, days: Days, language: Language) -> Option<WarningView> {
    let known_until = schedule.known_until()?;
    let ends_before = known_until.tomorrow().is_ok_and(|unknown| unknown < days.to);
    let begins_after = || schedule.known_from().filter(|known_from| days.from < *known_from);
    let warning = if ends_before {
        Some(calendar::Warning::BeyondHorizon { known_until })
    } else {
        begins_after().map(|known_from| calendar::Warning::BeforeFirstYear { known_from })
    };
    warning.map(|warning| WarningView::new(warning, language))
}
