//! The only SQL: what the platform's nouns look like at rest, on SQLite and on PostgreSQL.
//!
//! - [`Store`] holds the database's connections. [`Store::read`] gives a connection that cannot write;
//!   [`Store::begin`] opens a write transaction, which dropping rolls back.
//! - There is one module per aggregate; a function is SQL and binds. The same SQL text runs through both native
//!   drivers; what differs stands in `dialect` and in the two folders of migrations, and nowhere else.
//! - Every function that touches an account's things takes the account first.
//! - Times are whole microseconds UTC. Text holds JSON where a thing is read and written as a whole.
//!
//! After an error drop the transaction: PostgreSQL's is dead after a constraint violation, and SQLite's must not
//! go on where the other cannot.
//!
//! It knows the [`domain`] and no HTTP. Locks are taken in this order, everywhere: account, group, task, count of groups,
//! count of events.

#[macro_use]
mod database;
mod wake_ups;

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod calendar_subscriptions;
pub mod edits;
pub mod events;
pub mod groups;
pub mod health;
pub mod holidays;
pub mod idempotency;
pub mod partners;
pub mod schedules;
pub mod tasks;
pub mod transitions;
pub mod webhooks;

pub use database::{
    connection::{Connect, Page, Paged, PoolUse, Read, Session, Store, Tx, missing_file},
    error::{Error, Result},
    snapshot::Snapshot,
};
pub use wake_ups::{Exchange, Followed, WakeUps};
