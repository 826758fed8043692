//! What happens as time passes: windows open and close, and the log of events says so.
//!
//! - [`Engine`] tells what is due by its clock, and is done: the same at the start, after an outage and from day to day.
//!   No "start" or "stop" is kept that could be lost: what to tell is derived each time from groups and tasks.
//! - [`Runner`] drives an engine in a server: it sleeps until something is due, never for more than a second, so that a
//!   clock that is set and a machine that slept are noticed; and it keeps house.
//!
//! Any number of nodes may run on one database; whoever comes first tells. It knows the [`domain`], the [`store`] and a
//! clock, and no HTTP but its own calls to other servers.

mod engine;
mod housekeeping;
mod run;
mod webhooks;

pub use engine::Engine;
pub use run::{Runner, Settings};
pub use webhooks::{Body, WriteBody};
