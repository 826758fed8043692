//! Where recordings of calls go, and which calls are recorded: options that `serve` and `demo` share.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use recordings::{RecorderSettings, RecordingBucket, RecordingFiles, RecordingFolder};
use store::DataFolder;

/// How calls are recorded.
#[derive(Debug, Args)]
pub(crate) struct RecordingOptions {
    /// Where recordings are: `folder:PATH`, or `s3:BUCKET` or `s3:BUCKET/PREFIX` of a service that speaks S3. Left out, `recordings` in the data
    /// folder, which is also where they are until they have ended. Nodes that share a folder or a bucket serve and delete each other's. How the
    /// service is reached is said by `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and the other usual variables.
    #[arg(long, env = "DIALTIME_RECORDINGS", value_name = "PLACE", value_parser = place)]
    recordings: Option<RecordingsPlace>,
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

/// Where recordings are when they have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RecordingsPlace {
    Folder(PathBuf),
    Bucket { name: String, prefix: String },
}

impl RecordingOptions {
    /// Where the recordings of a node with this data folder are.
    ///
    /// # Errors
    /// The environment's variables for the bucket make no sense.
    pub(crate) fn files(&self, data: &DataFolder) -> anyhow::Result<RecordingFiles> {
        let of_data = || data.path().join("recordings");
        let (path, bucket) = match &self.recordings {
            None => (of_data(), None),
            Some(RecordingsPlace::Folder(path)) => (path.clone(), None),
            Some(RecordingsPlace::Bucket { name, prefix }) => {
                let bucket = RecordingBucket::from_environment(name, prefix);
                (of_data(), Some(bucket.context("--recordings: the bucket cannot be used")?))
            }
        };
        Ok(RecordingFiles { folder: RecordingFolder::new(path), bucket })
    }

    /// How calls are recorded in this folder.
    pub(crate) fn settings(&self, folder: RecordingFolder) -> RecorderSettings {
        let (least_room, is_required) = (self.recordings_least_free, self.recordings_required);
        RecorderSettings { folder, least_room, is_required }
    }
}

fn place(text: &str) -> Result<RecordingsPlace, &'static str> {
    const FAULT: &str = "not `folder:` and a path, nor `s3:` and a bucket";
    let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.is_empty()).ok_or(FAULT)?;
    match kind {
        "folder" => Ok(RecordingsPlace::Folder(PathBuf::from(rest))),
        "s3" => {
            let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let is_name = |name: &str| {
                (3..=63).contains(&name.len())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
            };
            if !is_name(name) {
                return Err("not the name of a bucket");
            }
            Ok(RecordingsPlace::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
        }
        _ => Err(FAULT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_its_kind() {
        assert_eq!(place("folder:/var/calls"), Ok(RecordingsPlace::Folder(PathBuf::from("/var/calls"))));
        let bucket = |name: &str, prefix: &str| RecordingsPlace::Bucket {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
        };
        assert_eq!(place("s3:calls"), Ok(bucket("calls", "")));
        assert_eq!(place("s3:calls.of-2026/a/b/"), Ok(bucket("calls.of-2026", "a/b")));
        for bad in
            ["", "folder:", "/var/calls", "s4://x", "s3:", "s3:/a", "s3:ab", "s3://calls/a", "s3:a b c"]
        {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
