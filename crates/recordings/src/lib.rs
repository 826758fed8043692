//! Recordings of calls as files: written while the calls run, finished when they end, and found again when a program has died in between.
//!
//! - [`Recorder`] takes what calls send and hear through bounded queues and writes it, with a few threads for all calls: no call waits for a disk.
//! - [`RecordingFolder`] is where the files are. One that is being written is locked by who writes it; the lock goes with the process, so that whoever
//!   finds an unlocked one knows that nobody will finish it.
//! - [`RecordingBucket`] is where they may go when they have ended: a service that speaks S3.
//! - A file's head says whose recording it is and how long it is. It is written anew with each half second of sound, so that the file opens and plays
//!   whenever its writer dies.
//!
//! Nothing is waited for until it is on the disk itself before a call has ended: what the system had not written when the power fails is lost.

mod bucket;
mod files;
mod finish;
mod folder;
mod notes;
mod recorder;
mod writer;

pub use self::{
    bucket::RecordingBucket,
    files::RecordingFiles,
    finish::FinishedRecording,
    folder::RecordingFolder,
    recorder::{Recorder, RecorderSettings},
};

#[cfg(test)]
mod tests;
