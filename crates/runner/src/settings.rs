//! What the operator chose of what a node does without being asked.

use calendar::Zone;
use jiff::SignedDuration;
use store::DataFolder;

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone of the server, whose calendar says what day it is.
    pub zone: Zone,
    /// How long events are kept.
    pub events_kept: SignedDuration,
    /// How long it is kept what things were before each change; `None`: for good.
    pub audit_kept: Option<SignedDuration>,
    /// How long records of calls are kept.
    pub records_kept: SignedDuration,
    /// Where the files of imports are.
    pub data_folder: DataFolder,
    /// Whether webhooks may be sent to addresses that are not public, and holiday calendars read from such.
    pub webhooks_to_private: bool,
}
