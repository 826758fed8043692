//! Everything that closes a group or a task at an instant, as it is returned.

use calendar::{ClosedBy, ClosedSpan, EffectiveSchedule, Zone};
use domain::{Stop, TaskInGroup, TaskReason};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    reason::{ReasonView, RuleView},
    text,
};
use crate::http::{language::Language, time::instant};

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

    /// What closes a task: what is of itself or of its account first; `stop` is the one that covers the account, if one does. Empty where a call may go out.
    pub(crate) fn of_task(
        item: &TaskInGroup,
        at: Timestamp,
        stop: Option<&Stop>,
        language: Language,
    ) -> Vec<Self> {
        let reason = item.decide(at).reason;
        let until = match reason {
            TaskReason::Group(_) => return Self::all(&item.schedule, at),
            TaskReason::BeforeStart(start) => Some(start),
            TaskReason::Closure(closure) => Some(closure.end),
            TaskReason::Held(_) | TaskReason::Paused | TaskReason::AfterStop(_) | TaskReason::Hours => None,
        };
        let reason = text::of_task(reason, stop, item.group.draft.timezone, language);
        Self::all_and(&reason, until, &item.schedule, at)
    }

    /// The same of what has this reason of its own to be closed beside its schedule, which comes first.
    pub(super) fn all_and(
        reason: &ReasonView,
        until: Option<Timestamp>,
        schedule: &EffectiveSchedule,
        at: Timestamp,
    ) -> Vec<Self> {
        let until = until.map(|until| instant(*schedule.zone(), until));
        let own = Self { rule: reason.rule, name: reason.name.clone(), until };
        std::iter::once(own).chain(Self::all(schedule, at)).collect()
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
