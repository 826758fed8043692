//! What the store promises, through its public functions: every test runs on SQLite and on PostgreSQL, on a database
//! of its own. PostgreSQL's address is in `DIALTIME_TEST_POSTGRES_URL`; `./test` sets it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[macro_use]
mod support;

mod accounts;
mod attempts;
mod audit;
mod backup;
mod bots;
mod ceilings;
mod closures;
mod connection;
mod damage;
mod dialing_events;
mod do_not_call;
mod events;
mod from_above;
mod group_ids;
mod group_lists;
mod groups;
mod health;
mod holidays;
mod idempotency;
mod line_groups;
mod lines;
mod migrations;
mod months;
mod numbers;
mod outages;
mod overrides;
mod partners;
mod redial_rules;
mod registrations;
mod removal;
mod residue;
mod results;
mod scripts;
mod stops;
mod task_states;
mod tasks;
mod webhooks;
