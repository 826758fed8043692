//! Where recordings of calls go, and which calls are recorded: options that `serve` and `demo` share.

use std::path::PathBuf;

use clap::Args;
use recordings::{RecorderSettings, RecordingFolder};
use store::DataFolder;

/// How calls are recorded.
#[derive(Debug, Args)]
pub(crate) struct RecordingOptions {
    /// Where recordings are: `folder:PATH`. Left out, `recordings` in the data folder. Nodes that share a folder serve and delete each other's.
    #[arg(long, env = "DIALTIME_RECORDINGS", value_name = "PLACE", value_parser = place)]
    recordings: Option<PathBuf>,
    /// Record answered calls over SIP lines of tasks that do not say whether (`record`). Tell callees where the law asks for it.
    #[arg(long, env = "DIALTIME_RECORD_CALLS")]
    pub(crate) record_calls: bool,
    /// How many bytes of the disk of recordings stay free: below that no new recording begins, and calls go on without.
    #[arg(long, env = "DIALTIME_RECORDINGS_LEAST_FREE", value_name = "BYTES", default_value_t = 1024 * 1024 * 1024)]
    recordings_least_free: u64,
    /// Begin no call over SIP lines while no recording can begin, rather than call without.
    #[arg(long, env = "DIALTIME_RECORDINGS_REQUIRED")]
    recordings_required: bool,
}

impl RecordingOptions {
    /// How a node with this data folder records.
    pub(crate) fn settings(&self, data: &DataFolder) -> RecorderSettings {
        let path = self.recordings.clone().unwrap_or_else(|| data.path().join("recordings"));
        RecorderSettings {
            folder: RecordingFolder::new(path),
            least_room: self.recordings_least_free,
            is_required: self.recordings_required,
        }
    }
}

fn place(text: &str) -> Result<PathBuf, &'static str> {
    let path = text.strip_prefix("folder:").filter(|path| !path.is_empty());
    path.map(PathBuf::from).ok_or("not `folder:` and a path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_its_kind() {
        assert_eq!(place("folder:/var/calls"), Ok(PathBuf::from("/var/calls")));
        for bad in ["", "folder:", "/var/calls", "s4://x"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
