//! A connection's progress, shared by those who see its bytes go by and by those who act on what they mean.

use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use tokio::{sync::Notify, time::Instant};

use super::progress::{Phase, Progress};

/// A connection's progress, shared by those who see it and by those who act on it.
#[derive(Clone)]
pub(super) struct Watched(Arc<(Mutex<Progress>, Notify)>);

impl Watched {
    pub(super) fn new(now: Instant) -> Self {
        Self(Arc::new((Mutex::new(Progress::new(now)), Notify::new())))
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> T {
        change(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.change(|progress| progress.enter(phase, Instant::now()));
    }

    /// Goes from one phase to the next, if it is still in that one.
    pub(super) fn step(&self, from: Phase, to: Phase) {
        self.change(|progress| {
            if progress.phase() == from {
                progress.enter(to, Instant::now());
            }
        });
    }

    /// Has the request answered with a refusal in the place of its handler's answer.
    pub(super) fn refuse(&self, status: StatusCode) {
        self.enter(Phase::Refused(status));
        self.0.1.notify_one();
    }

    /// Waits until the request is to be refused; gives the status.
    pub(super) async fn refused(&self) -> StatusCode {
        loop {
            if let Phase::Refused(status) = self.change(|progress| progress.phase()) {
                return status;
            }
            self.0.1.notified().await;
        }
    }
}
