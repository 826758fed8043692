//! The only SQL: what the platform's nouns look like at rest, on SQLite and on PostgreSQL.
//!
//! From the bottom up, and each layer knows only those below it:
//! - `database` holds connections and runs one SQL text on either driver. It names no aggregate.
//! - [`Store`] gives a [`Read`], which cannot write, and a [`Tx`], which dropping rolls back and whose commit writes the
//!   events that it published.
//! - There is one folder per aggregate: [`accounts`], [`groups`], [`tasks`] and the others. A function is SQL and binds;
//!   what touches an account's things takes the account first. A read for update gives a type of its own
//!   ([`groups::LockedGroup`]), and a write over the row takes it.
//! - [`dialing`] is what the dialer reads and writes, several accounts at once.
//! - [`transitions`] publishes what becomes of groups and tasks as time passes.
//! - [`edits`] puts both together: what an edit locks, writes and publishes.
//!
//! Times are whole microseconds UTC. Text holds JSON where a thing is read and written as a whole. After an error drop the
//! transaction: PostgreSQL's is dead after a constraint violation, and SQLite's must not go on where the other cannot.
//!
//! It knows the [`domain`], which decides, and no HTTP. Locks are taken in this order, everywhere: front of the queue of stops,
//! user, sub-user, group, task, prompt, script or redial rule, line, line group, node, list of numbers,
//! allocation, number, count of numbers, count of groups, count of events.

#[macro_use]
mod database;
mod data_folder;
mod error;
mod integer_ids;
mod page;
mod schedule_cache;
mod session;
mod store;
mod transaction;
mod wake_ups;

pub mod accounts;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod calendar_subscriptions;
pub mod ceilings;
pub mod closures;
pub mod dialing;
pub mod dialing_events;
pub mod do_not_call;
pub mod edits;
pub mod erasure;
pub mod events;
pub mod groups;
pub mod health;
pub mod holidays;
pub mod idempotency;
pub mod lines;
pub mod number_callbacks;
pub mod numbers;
pub mod partners;
pub mod prompts;
pub mod recordings;
pub mod redial_rules;
pub mod removals;
pub mod schedules;
pub mod scripts;
pub mod stops;
pub mod tasks;
pub mod transitions;
pub mod webhooks;

pub use data_folder::{DataFolder, FolderImports, NewFile};
pub use database::{Connect, DatabaseError, PoolUse, Snapshot, missing_file};
pub use error::{Error, Kind, Limited, Result, Unique};
pub use page::{Page, Paged};
pub use session::{Read, Session};
pub use store::Store;
pub use transaction::Tx;
pub use wake_ups::{Exchange, Followed, WakeUps};
