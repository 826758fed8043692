//! Dialing: what a call must not outlast, an attempt that is under way, what becomes of its number, what the decision to call rested on, and why nothing is dialed.

mod deadlines;
mod evidence;
mod obstacle;
mod open;
mod progress;

pub use self::{
    deadlines::{BEFORE_CLOSE, CallDeadlines, call_deadlines},
    evidence::{DecidedAgain, Evidence},
    obstacle::{Hindered, LineRoom, Obstacle, ToDial, hindrance},
    open::{AttemptEnd, CallMilestones, NumberPlace, OpenAttempt},
    progress::{
        FAULTS_OF_A_TRY, FIRST_PAUSE_AFTER_FAULT, HELD, LONGEST_PAUSE_AFTER_FAULT, NumberAfter, NumberNext,
        NumberProgress, Redialing,
    },
};
