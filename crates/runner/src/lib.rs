//! What happens as time passes: windows open and close and the event log says so, webhooks are sent,
//! holiday calendars are read from their addresses, old rows are deleted.
//!
//! - [`Engine`] writes what is due by its clock, and is done: the same at the start, after an outage and from day to day.
//!   Nothing is stored that could be lost: what to write is derived each time from groups and tasks.
//! - [`Runner`] is what a node does without being asked, as loops that do not wait for each other: `transitions`,
//!   `webhooks`, `calendar feeds`, `housekeeping`, `numbers`, `imports`, `wake-ups` and `clock`.
//! - [`Rounds`] says how a loop fares that goes round again and again, and notices when it fails.
//! - [`Supervisor`] runs loops: each is a task with a name, and one that ends or panics ends the node.
//!
//! Any number of nodes may run on one database; whoever comes first does the work. A database that is away ends no loop:
//! it tries again. The crate knows the [`domain`], the [`store`] and a clock, and no HTTP but its own calls to addresses that accounts chose.

mod calendar_feeds;
mod clock_check;
mod engine;
mod housekeeping;
mod imports;
mod numbers;
mod outbound;
mod recordings;
mod rounds;
mod runner;
mod settings;
mod supervisor;
mod transitions;
mod wake_ups;
mod webhooks;

pub use calendar_feeds::HolidayAddressReader;
pub use engine::Engine;
pub use imports::{ImportTurn, ImportWorker};
pub use numbers::{NumberStep, NumberWork, NumberWorker};
pub use recordings::{RecordingBucketLoop, Recordings, RecordingsParts};
pub use rounds::{RETRY, Rounds};
pub use runner::Runner;
pub use settings::Settings;
pub use supervisor::{HowEnded, LoopEnded, Supervisor};
pub use webhooks::{Body, WriteBody};
