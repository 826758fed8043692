//! How a line stands now: whether its breaker lets calls start, and how many do.

use std::collections::HashMap;

use calendar::Zone;
use domain::{LineId, PartnerId};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    Session,
    dialing::{LineDown, START_SPAN, lines_down, starts_over_lines},
};
use utoipa::ToSchema;

use super::decimal;
use crate::http::{choices::choice, formats::LocalTimeSchema, time::stamp};

choice! {
    /// Whether calls may start over a line, as far as its health goes.
    pub(crate) enum BreakerStateView as BreakerState {
        /// They do.
        Closed = "closed",
        /// A server starts none over it: it failed again and again, and is left alone for a while.
        Open = "open",
        /// That while is over: it is asked whether it is there (OPTIONS), or one call may try it.
        HalfOpen = "half_open",
    }
}

/// The breaker of a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineBreaker)]
pub(crate) struct LineBreakerView {
    state: BreakerStateView,
    /// Since when a server starts nothing over it; `null`: it is closed.
    #[schema(value_type = Option<LocalTimeSchema>)]
    since: Option<String>,
    /// When it is asked or tried next; `null`: it is closed, or that may be now.
    #[schema(value_type = Option<LocalTimeSchema>)]
    next_probe_at: Option<String>,
    /// How many servers ask it, or try it by a call, now.
    #[schema(minimum = 0)]
    probes: i64,
    /// How many may at once: one for each server that starts nothing over it.
    #[schema(minimum = 0)]
    most_probes: i64,
}

impl LineBreakerView {
    fn new(down: Option<&LineDown>, zone: Zone, now: Timestamp) -> Self {
        let state = match down {
            None => BreakerStateView::Closed,
            Some(down) if down.is_half_open => BreakerStateView::HalfOpen,
            Some(_) => BreakerStateView::Open,
        };
        let next = down.and_then(|down| down.next_trial_at).filter(|at| now < *at);
        Self {
            state,
            since: down.map(|down| stamp(zone, down.since)),
            next_probe_at: next.map(|at| stamp(zone, at)),
            probes: down.map_or(0, |down| down.probes),
            most_probes: down.map_or(0, |down| down.nodes),
        }
    }
}

/// How lines stand now.
pub(crate) struct LineStandings {
    down: HashMap<LineId, LineDown>,
    starts: HashMap<LineId, i64>,
    zone: Zone,
    now: Timestamp,
}

impl LineStandings {
    pub(crate) async fn read(
        session: &mut dyn Session,
        partner: PartnerId,
        lines: &[LineId],
        (zone, now): (Zone, Timestamp),
    ) -> store::Result<Self> {
        Ok(Self {
            down: lines_down(session, lines).await?,
            starts: starts_over_lines(session, partner, lines, now).await?,
            zone,
            now,
        })
    }

    pub(super) fn breaker(&self, line: LineId) -> LineBreakerView {
        LineBreakerView::new(self.down.get(&line), self.zone, self.now)
    }

    /// How many calls start in a second.
    pub(super) fn starts_per_second(&self, line: LineId) -> f64 {
        decimal(self.starts.get(&line).copied().unwrap_or(0), START_SPAN.as_secs())
    }
}
