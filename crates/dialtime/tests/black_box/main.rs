//! The service from outside: every test has a server on a database of its own, on SQLite and on PostgreSQL, and speaks HTTP to it. Most
//! servers run in the test's own process; what only a process has is tried on the built program. PostgreSQL's address is in
//! `DIALTIME_TEST_POSTGRES_URL`; `./test` sets it.

#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests say what went wrong"
)]

mod account_calendars;
mod accounts;
mod addresses;
mod answering_machines;
mod audit;
mod bad_input;
mod bodies;
mod bulk;
mod calendar_days;
mod calendar_feeds;
mod call_events;
mod ceilings;
mod check;
mod closures;
mod connections;
mod console;
mod crashes;
mod decisions;
mod demo;
mod dialing;
mod disk;
mod do_not_call;
mod durability;
mod envelope;
mod events;
mod exceptions_command;
mod group_calendars;
mod groups;
mod holidays;
mod idempotency;
mod identity;
mod line_command;
mod line_groups;
mod lines;
mod moving;
mod nodes;
mod numbers;
mod obstacles;
mod outages;
mod overrides;
mod overview;
mod plain_answers;
mod program;
mod prompts;
mod public_cases;
mod punctuation;
mod query_names;
mod races;
mod recordings;
mod records;
mod redial_rules;
mod result_races;
mod results;
mod scripts;
mod second_proof;
mod simulated_machines;
mod sip_lines;
mod stops;
mod support;
mod sweep;
mod tasks;
mod telemetry;
mod test_call;
mod tokens;
mod versions;
mod webhooks;
mod weeks;
