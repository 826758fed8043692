//! Everything that closes a group or a task at an instant, as it is returned.

use calendar::{ClosedBy, ClosedSpan, EffectiveSchedule, Zone};
use domain::{AccountHold, Stop, TaskInGroup, TaskReason};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    reason::{ReasonView, RuleView},
    text,
};
use crate::http::{language::Language, time::instant};

/// What holds an account, and the stops that cover it.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) by: AccountHold,
    pub(super) stops: &'a [Stop],
}

/// Something that closes a group or a task at an instant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClosedBy)]
pub(crate) struct ClosedByView {
    rule: RuleView,
    /// What it is called: the closure, the ceiling, the feast, the exception, the season, or why someone stopped or overrode it.
    #[schema(example = "年会")]
    pub(super) name: Option<String>,
    /// The first later instant at which it does not close any more; `null`: not by itself, or not known.
    #[schema(format = "date-time", example = "2027-01-01T00:00:00+08:00")]
    until: Option<String>,
}

impl ClosedByView {
    fn new(by: &ClosedBy<'_>, zone: Zone) -> Self {
        Self {
            rule: by.rule.into(),
            name: by.name.map(str::to_owned),
            until: by.until.map(|until| instant(zone, until)),
        }
    }

    /// What closes a schedule, the last to open first.
    pub(crate) fn all(schedule: &EffectiveSchedule, at: Timestamp) -> Vec<Self> {
        let zone = *schedule.zone();
        schedule.closed_by(at).iter().map(|by| Self::new(by, zone)).collect()
    }

    /// What closes a task: what is of itself or of its account first; `stops` are those that cover the account. Empty where a call may go out.
    pub(crate) fn of_task(
        item: &TaskInGroup,
        at: Timestamp,
        stops: &[Stop],
        language: Language,
    ) -> Vec<Self> {
        let (schedule, zone) = (&item.schedule, item.group.draft.timezone);
        let reason = item.decide(at).reason;
        let until = match reason {
            TaskReason::Group(_) => return Self::all(schedule, at),
            TaskReason::Held(by) => return Self::held(Held { by, stops }, (schedule, at), (zone, language)),
            TaskReason::BeforeStart(start) => Some(start),
            TaskReason::Closure(closure) => Some(closure.end),
            TaskReason::Paused | TaskReason::AfterStop(_) | TaskReason::Hours => None,
        };
        let reason = text::of_task(reason, &[], zone, language);
        let until = until.map(|until| instant(*schedule.zone(), until));
        let own = Self { rule: reason.rule, name: reason.name, until };
        std::iter::once(own).chain(Self::all(schedule, at)).collect()
    }

    /// What closes a schedule whose account is held: each stop, the greatest first, before what the schedule itself says.
    pub(super) fn held(
        Held { by, stops }: Held<'_>,
        (schedule, at): (&EffectiveSchedule, Timestamp),
        (zone, language): (Zone, Language),
    ) -> Vec<Self> {
        let own = |by, stops: &[Stop]| {
            let ReasonView { rule, name, .. } = text::of_hold(by, stops, zone, language);
            Self { rule, name, until: None }
        };
        let is_disabled = by == AccountHold::Disabled;
        let first = (is_disabled || stops.is_empty()).then(|| own(by, &[]));
        let stops = stops.iter().map(|stop| own(AccountHold::Stopped, std::slice::from_ref(stop)));
        first.into_iter().chain(stops).chain(Self::all(schedule, at)).collect()
    }
}

/// A planned closure that holds within a span.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedClosure)]
pub(crate) struct NamedClosureView {
    /// What it is called.
    #[schema(example = "年会")]
    pub(crate) name: String,
    /// Its first instant.
    #[schema(format = "date-time", example = "2026-12-31T12:00:00+08:00")]
    pub(crate) begin_at: String,
    /// The first instant after.
    #[schema(format = "date-time", example = "2027-01-01T00:00:00+08:00")]
    pub(crate) end_at: String,
}

impl NamedClosureView {
    /// Those that hold at any instant from one until before another, the last to end first.
    pub(crate) fn between(
        schedule: &EffectiveSchedule,
        (from, to): (Timestamp, Timestamp),
        zone: Zone,
    ) -> Vec<Self> {
        let view = |span: &ClosedSpan| Self {
            name: span.name.to_string(),
            begin_at: instant(zone, span.begin),
            end_at: instant(zone, span.end),
        };
        schedule.closures_between(from, to).into_iter().map(view).collect()
    }
}
