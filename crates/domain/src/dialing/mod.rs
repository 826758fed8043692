//! Dialing: what a call must not outlast, an attempt that is under way, what becomes of its number, what the decision to call rested on, why nothing is dialed, and
//! how the rest goes on.

mod deadlines;
mod evidence;
mod forecast;
mod obstacle;
mod open;
mod progress;

pub use self::{
    deadlines::{BEFORE_CLOSE, CallDeadlines, call_deadlines},
    evidence::{DecidedAgain, Evidence},
    forecast::{DialingRate, ForecastPoint, forecast},
    obstacle::{Hindered, LineReadiness, LineRoom, Obstacle, ToDial, hindrance, rested_at},
    open::{AttemptEnd, CallMilestones, NumberPlace, OpenAttempt},
    progress::{
        FAULTS_OF_A_TRY, FIRST_PAUSE_AFTER_FAULT, HELD, LONGEST_PAUSE_AFTER_FAULT, NumberAfter, NumberNext,
        NumberProgress, Redialing,
    },
};
