//! What the dialer reads and writes: which tasks and lines may be dialed, numbers on their way to an attempt, attempts that are
//! under way, and what several nodes share.
//!
//! A number goes `due -> leased -> in a call -> due again or done`. A lease lasts as long as its node's ([`renew`]). An attempt
//! is written while its number is leased ([`begin_attempts`]) and before its call starts; it ends once ([`end_attempts`]), or
//! whoever comes after its node ends it ([`lock_expired`]).
//!
//! Transactions are for many numbers at once, of several accounts: lists are locked in the order of their ids.

/// Which attempts were calls: a number that must not be called has an attempt, and no call.
macro_rules! is_call {
    () => {
        "NOT (class = 'do_not_call' AND code IS NULL)"
    };
}

mod account;
mod begin;
mod bots;
mod claim;
mod commands;
mod down;
mod end;
mod finish;
mod legs;
mod nodes;
mod open;
mod progress;
mod registrations;
mod release;
mod routes;
mod scripts;
mod shares;
mod tasks;
mod told;
mod transfers;

use domain::NumberPlace;

pub use self::{
    account::{AccountCalls, calls_of_account},
    begin::{
        CallsUnderWay, begin_attempts, calls_of_bots, calls_under_way, lock_lists, lock_scripts, lock_shares,
        note_handles, note_last_starts, note_milestones,
    },
    bots::{
        bot_conditions, forget_bot, has_bots_to_tell_up, note_bot, note_bot_told_down, note_bots_told_up,
    },
    claim::{LeasedNumber, claim},
    commands::{InstructedCall, add_command, has_commands, open_attempt, take_commands},
    down::{
        LineDown, START_SPAN, lines_down, lines_to_tell_up, note_line_down, note_line_up, note_recovery,
        note_told_down, note_told_up, starts_over_lines,
    },
    end::{EndedAttempt, end_attempts, tries_on_day},
    finish::finish_lists,
    legs::{LegOfAttempt, begin_leg, note_legs, share_of_line},
    nodes::{
        are_clocks_wrong, enter, expired, holds_lease, leave, lock_expired, note_clock, note_sip_failure,
        renew, sip_failure,
    },
    open::{open_attempts, open_attempts_of_node},
    progress::{
        CallsOverLine, RATE_SPAN, TaskOverLine, TaskProgress, calls_over_lines, last_ends, next_number,
        progress, tasks_over_lines,
    },
    registrations::{
        KnownRegistration, forget_registration, line_registrations, note_registration, registering_lines,
    },
    release::{put_off, release, release_all},
    routes::{Route, RouteLine, ShareOfLine, lines_by_id, routes_of_tasks},
    scripts::{PromptToPlay, ScriptToRun, prompt_audio, scripts_to_run},
    shares::{LineShare, give_up_share, lock_line_shares, save_share, share_holders},
    tasks::{DialableTask, dialable_tasks, tasks_of_lists},
    told::publish_started,
    transfers::NamedTransfer,
};
use crate::database::{convert::json, dialect::Column, error::Result};

/// The columns of [`place_rows`].
const PLACE_COLUMNS: [(&str, Column); 2] = [("list_id", Column::Integer), ("id", Column::Integer)];

/// Places of numbers in the form that [`Dialect::rows`](crate::database::dialect::Dialect::rows) reads.
fn place_rows(places: impl IntoIterator<Item = NumberPlace>) -> Result<String> {
    json(&places.into_iter().map(|place| (place.list, place.id)).collect::<Vec<_>>())
}
