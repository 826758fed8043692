//! How far a task is, as it is returned.

use domain::{Hindered, NumberState, NumberStatus};
use serde::Serialize;
use store::dialing::TaskProgress;
use utoipa::ToSchema;
use uuid::Uuid;

use super::text;
use crate::{
    Api,
    http::{
        extract::Caller,
        formats::LocalTimeSchema,
        time::stamp,
        values::{self, schema_of},
    },
};

/// How far a task is.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskProgress)]
pub(crate) struct ProgressView {
    numbers: NumbersView,
    calls: CallsView,
    /// How many calls were begun in the last minute.
    #[schema(minimum = 0)]
    rate: i64,
    /// Of the tries of this hour and the one before, how many were answered: 0 to 1. `null`: there were none.
    #[schema(minimum = 0, maximum = 1, example = 0.6)]
    answer_rate: Option<f64>,
    /// For how many seconds there is something to call at this rate. `null`: nothing was called in the last minute.
    #[schema(minimum = 0)]
    remaining_seconds: Option<i64>,
    /// Why nothing, or no more, is dialed now. `null`: nothing keeps it.
    reason: Option<ObstacleView>,
}

/// The numbers of a task.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressNumbers)]
struct NumbersView {
    /// All of them.
    #[schema(minimum = 0)]
    total: i64,
    /// Those that wait for their first call.
    #[schema(minimum = 0)]
    waiting: i64,
    /// Those that wait to be called again.
    #[schema(minimum = 0)]
    redials: i64,
    /// Those that a node has, to call them next.
    #[schema(minimum = 0)]
    leased: i64,
    /// Those that are being called.
    #[schema(minimum = 0)]
    in_call: i64,
    /// Those that are not called any more.
    #[schema(minimum = 0)]
    done: i64,
    /// How many have which status, those that none has left out.
    by_status: Vec<StatusCountView>,
}

/// How many numbers have a status.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressStatusCount)]
struct StatusCountView {
    /// 0 to 12, as in the list of numbers.
    #[schema(minimum = 0, maximum = 12)]
    status: i64,
    /// The status in words.
    status_str: &'static str,
    #[schema(minimum = 1)]
    numbers: i64,
}

/// The calls of a task now.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressCalls)]
struct CallsView {
    /// Those that nobody has answered yet.
    #[schema(minimum = 0)]
    ringing: i64,
    /// Those that were answered.
    #[schema(minimum = 0)]
    talking: i64,
}

/// Why nothing, or no more, is dialed.
#[derive(Serialize, ToSchema)]
#[schema(as = DialingObstacle)]
struct ObstacleView {
    #[schema(value_type = ObstacleCode)]
    code: &'static str,
    /// The reason in words.
    message: String,
    /// When that changes, as far as it is known.
    #[schema(value_type = Option<LocalTimeSchema>)]
    until: Option<String>,
    /// The line that it is about.
    line_id: Option<Uuid>,
}

schema_of!(
    /// Why nothing, or no more, is dialed.
    ObstacleCode, "DialingObstacleCode", values::words("Why nothing, or no more, is dialed: the first that holds.", &text::codes())
);

impl ProgressView {
    pub(crate) fn new(
        api: &Api,
        caller: &Caller,
        progress: &TaskProgress,
        hindered: Option<Hindered>,
    ) -> Self {
        let counts = &progress.counts;
        let language = caller.language;
        let of_status = |status: NumberStatus| StatusCountView {
            status: status.number(),
            status_str: crate::resources::tasks::status_text(status, language),
            numbers: counts.of_status(status),
        };
        let obstacle = |found: Hindered| ObstacleView {
            code: found.by.code(),
            message: text::of(found, api.settings.zone, language),
            until: found.until.map(|at| stamp(api.settings.zone, at)),
            line_id: found.line.map(domain::LineId::uuid),
        };
        Self {
            numbers: NumbersView {
                total: counts.total(),
                waiting: progress.never_called(),
                redials: progress.redials_ahead(),
                leased: counts.in_state(NumberState::Leased),
                in_call: counts.in_state(NumberState::InCall),
                done: counts.in_state(NumberState::Done),
                by_status: NumberStatus::ALL
                    .map(of_status)
                    .into_iter()
                    .filter(|one| one.numbers > 0)
                    .collect(),
            },
            calls: CallsView { ringing: progress.ringing, talking: progress.talking },
            rate: progress.begun_lately,
            answer_rate: share(progress.tries.1, progress.tries.0),
            remaining_seconds: remaining(progress),
            reason: hindered.map(obstacle),
        }
    }
}

/// A part of a whole, in thousandths.
fn share(part: i64, whole: i64) -> Option<f64> {
    let thousandths = part.saturating_mul(1_000).checked_div(whole)?;
    i32::try_from(thousandths).ok().map(|thousandths| f64::from(thousandths) / 1_000.0)
}

fn remaining(progress: &TaskProgress) -> Option<i64> {
    let waiting = progress.counts.in_state(NumberState::Due) + progress.counts.in_state(NumberState::Leased);
    waiting.saturating_mul(60).checked_div(progress.begun_lately)
}
