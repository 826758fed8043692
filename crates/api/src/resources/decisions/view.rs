//! A decision as it is returned.

use calendar::{Decision, EffectiveSchedule, Schedule, Warning, Zone, tzdata_version};
use domain::{CompiledGroup, Stop, TaskDecision, TaskInGroup};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    closed_by::{ClosedByView, Held},
    reason::ReasonView,
    text,
};
use crate::http::{choices::choice, language::Language, time::instant};

/// Whether a call may go out, why, and when next. Instants are RFC 3339 with the offset of the group's zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionView {
    /// Whether a call may go out.
    pub(crate) allowed: bool,
    /// The instant that this is about.
    #[schema(format = "date-time", example = "2026-10-10T10:00:00+08:00")]
    at: String,
    reason: ReasonView,
    /// All that closes it at this instant, and not only the rule that decided: what is of the task or the account first, then planned closures,
    /// ceilings and the group itself, the last to open first. Empty where a call may go out.
    closed_by: Vec<ClosedByView>,
    /// The first later instant at which `allowed` is another; `null`: never, unless someone changes something.
    #[schema(format = "date-time", example = "2026-10-10T12:00:00+08:00")]
    next_change_at: Option<String>,
    /// The first later instant at which a call may go out after it may not; `null`: never, unless someone changes
    /// something.
    #[schema(format = "date-time", example = "2026-10-10T14:00:00+08:00")]
    next_allowed_at: Option<String>,
    /// Until when this answer may be kept if nobody changes anything; `null`: for good.
    #[schema(format = "date-time", example = "2026-10-10T12:00:00+08:00")]
    valid_until: Option<String>,
    /// The IANA zone of the group.
    #[schema(example = "Asia/Shanghai")]
    timezone: &'static str,
    /// The version of the group that decided; `null` when it is not saved.
    group_version: Option<i64>,
    /// The release of the IANA time zone database that decided.
    #[schema(example = "2026a")]
    tzdata_version: &'static str,
    /// The holiday calendar of a group that skips holidays.
    calendar: Option<KnownCalendar>,
    warning: Option<WarningView>,
}

/// The holiday calendar that is known the least far, and how far that is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownCalendar {
    #[schema(example = "CN")]
    id: String,
    /// The last date up to which its days are complete.
    #[schema(format = "date", example = "2026-12-31")]
    known_until: String,
}

impl KnownCalendar {
    pub(crate) fn of(schedule: &Schedule) -> Option<Self> {
        let known_until = schedule.known_until()?;
        let calendars = schedule.calendars().iter();
        let ends_first = calendars.min_by_key(|calendar| calendar.known_until())?;
        Some(Self { id: ends_first.id().to_owned(), known_until: known_until.to_string() })
    }
}

choice! {
    /// What there is to be warned of.
    enum WarningCodeView as WarningCode {
        /// The instant lies after what the holiday calendar knows.
        BeyondHorizon = "beyond_horizon",
        /// The next opening does.
        OpeningBeyondHorizon = "opening_beyond_horizon",
        /// The instant lies before the first year that the holiday calendars have days of.
        BeforeFirstYear = "before_first_year",
    }
}

impl From<Warning> for WarningCodeView {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::BeyondHorizon { .. } => Self::BeyondHorizon,
            Warning::OpeningBeyondHorizon { .. } => Self::OpeningBeyondHorizon,
            Warning::BeforeFirstYear { .. } => Self::BeforeFirstYear,
        }
    }
}

/// What an answer must not hide.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningView {
    code: WarningCodeView,
    /// The warning in a sentence, in the language of the answer.
    pub(crate) message: String,
}

/// What decides: a group, saved or not.
#[derive(Clone, Copy)]
pub(crate) struct DecisionSubject<'a> {
    pub(crate) zone: Zone,
    /// Its version; `None` when it is not saved.
    pub(crate) version: Option<i64>,
    pub(crate) schedule: &'a EffectiveSchedule,
}

impl<'a> DecisionSubject<'a> {
    pub(crate) fn of(CompiledGroup { group, schedule }: &'a CompiledGroup) -> Self {
        Self { zone: group.draft.timezone, version: Some(group.version), schedule }
    }
}

/// What is decided, and why.
struct Why {
    allowed: bool,
    reason: ReasonView,
    closed_by: Vec<ClosedByView>,
    warning: Option<WarningView>,
}

/// What is known of the time to come.
struct Times {
    next_change: Option<Timestamp>,
    next_opening: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

impl DecisionView {
    pub(crate) fn of_group(subject: DecisionSubject<'_>, at: Timestamp, language: Language) -> Self {
        let decision = subject.schedule.decide(at);
        let reason = text::of_group(&decision, language);
        let Decision { allowed, next_change, next_opening, valid_until, warning, .. } = decision;
        let warning = warning.map(|warning| WarningView::new(warning, language));
        let closed_by = ClosedByView::all(subject.schedule, at);
        let why = Why { allowed, reason, closed_by, warning };
        Self::new(subject, at, why, &Times { next_change, next_opening, valid_until })
    }

    /// No: nothing of the group's account dials.
    pub(super) fn of_held_account(
        subject: DecisionSubject<'_>,
        at: Timestamp,
        held: Held<'_>,
        language: Language,
    ) -> Self {
        let reason = text::of_hold(held.by, held.stops, subject.zone, language);
        let times = Times { next_change: None, next_opening: None, valid_until: None };
        let closed_by = ClosedByView::held(held, (subject.schedule, at), (subject.zone, language));
        let why = Why { allowed: false, reason, closed_by, warning: None };
        Self::new(subject, at, why, &times)
    }

    /// Of a task; `stops` are those that cover its account.
    pub(super) fn of_task(item: &TaskInGroup, at: Timestamp, stops: &[Stop], language: Language) -> Self {
        let TaskDecision { allowed, reason, next_change, next_opening, valid_until, group } = item.decide(at);
        let zone = item.group.draft.timezone;
        let subject = DecisionSubject { zone, version: Some(item.group.version), schedule: &item.schedule };
        let reason = text::of_task(reason, stops, zone, language);
        let closed_by = ClosedByView::of_task(item, at, stops, language);
        let warning = group.warning.map(|warning| WarningView::new(warning, language));
        let why = Why { allowed, reason, closed_by, warning };
        Self::new(subject, at, why, &Times { next_change, next_opening, valid_until })
    }

    fn new(
        DecisionSubject { zone, version, schedule }: DecisionSubject<'_>,
        at: Timestamp,
        Why { allowed, reason, closed_by, warning }: Why,
        times: &Times,
    ) -> Self {
        let written = |time: Option<Timestamp>| time.map(|time| instant(zone, time));
        Self {
            allowed,
            at: instant(zone, at),
            reason,
            closed_by,
            next_change_at: written(times.next_change),
            next_allowed_at: written(times.next_opening),
            valid_until: written(times.valid_until),
            timezone: zone.name(),
            group_version: version,
            tzdata_version: tzdata_version(),
            calendar: KnownCalendar::of(schedule.schedule()),
            warning,
        }
    }
}

impl DecisionView {
    /// Lines for people, in English.
    pub(crate) fn to_table(&self) -> String {
        let never = || "never".to_owned();
        let change = self.next_change_at.clone().unwrap_or_else(never);
        let opening = self.next_allowed_at.clone().unwrap_or_else(never);
        let mut lines = vec![
            format!("{}  {}", self.at, if self.allowed { "allowed" } else { "not allowed" }),
            format!("reason   {} ({})", self.reason.detail, self.reason.rule),
            format!("{} {change}", if self.allowed { "closes  " } else { "opens   " }),
        ];
        if self.allowed {
            lines.push(format!("reopens  {opening}"));
        }
        lines.push(format!("zone     {} (tzdata {})", self.timezone, self.tzdata_version));
        if let Some(calendar) = &self.calendar {
            lines.push(format!("holidays {}, known until {}", calendar.id, calendar.known_until));
        }
        lines.extend(self.warning.iter().map(|warning| format!("warning  {}", warning.message)));
        lines.join("\n")
    }
}

impl WarningView {
    pub(crate) fn new(warning: Warning, language: Language) -> Self {
        Self { code: warning.into(), message: text::of_warning(warning, language) }
    }
}
