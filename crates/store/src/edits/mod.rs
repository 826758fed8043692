//! Edits of groups, tasks and accounts: what each locks, writes and publishes, in one transaction.
//!
//! The aggregates have the SQL, and [`transitions`](crate::transitions) what is published; here both are put together.
//! Locks are taken in the order user, sub-user, group, task. What was due of a group is published before it is edited.

pub mod accounts;
pub mod ceilings;
pub mod closures;
pub mod groups;
pub mod numbers;
pub mod redial_rules;
pub mod scripts;
pub mod stops;
pub mod tasks;
