//! Figures of the dialer for the operator's monitoring. Nothing is decided by them.

use domain::{CallOutcome, LineId, Present, written_word};
use metrics::{counter, gauge, histogram};

use crate::call::Call;

/// How many calls this node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallsNow {
    /// Those that nobody has answered yet.
    pub(crate) unanswered: usize,
    /// Those that were answered.
    pub(crate) answered: usize,
    /// The lines that fail again and again.
    pub(crate) lines_down: usize,
}

/// A call starts that was decided some time ago.
pub(crate) fn call_starts(call: &Call, now: Present) {
    counter!("dialtime_calls_started_total", "line" => call.order.line.id.to_string()).increment(1);
    let waited = now.steady.saturating_sub(call.started().steady);
    histogram!("dialtime_call_start_delay_seconds").record(waited.as_secs_f64());
}

/// A call is over, or never started.
pub(crate) fn call_ends(line: LineId, outcome: CallOutcome) {
    let class = written_word(&outcome.class);
    counter!("dialtime_calls_ended_total", "line" => line.to_string(), "class" => class).increment(1);
}

/// What this node has now.
pub(crate) fn node_has(calls: CallsNow, leased_numbers: usize) {
    #[expect(clippy::cast_precision_loss, reason = "figures to look at")]
    let figure = |count: usize| count as f64;
    gauge!("dialtime_calls", "state" => "ringing").set(figure(calls.unanswered));
    gauge!("dialtime_calls", "state" => "answered").set(figure(calls.answered));
    gauge!("dialtime_lines_down").set(figure(calls.lines_down));
    gauge!("dialtime_leased_numbers").set(figure(leased_numbers));
}
