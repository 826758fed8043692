//! The connection that a request came over, for answers that go on: they must end even when nobody reads them; and for bodies that may
//! take long to come.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio_util::sync::CancellationToken;

/// A handle on a connection. Whoever accepts connections puts it into the extensions of each request, and closes the
/// connection at once, whatever is still unsent, when it is cut.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    cut: CancellationToken,
    /// Whether the body of this request may take as long as it likes, as long as it moves.
    patient: Arc<AtomicBool>,
}

impl Connection {
    /// The same connection for another request.
    #[must_use]
    pub fn for_request(&self) -> Self {
        Self { cut: self.cut.clone(), patient: Arc::default() }
    }

    /// Has the connection closed.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    /// Waits until the connection is to be closed.
    pub async fn is_cut(&self) {
        self.cut.cancelled().await;
    }

    /// Lets the body take as long as it likes, as long as it moves.
    pub(crate) fn be_patient(&self) {
        self.patient.store(true, Ordering::Relaxed);
    }

    /// Whether the body may take as long as it likes.
    pub fn is_patient(&self) -> bool {
        self.patient.load(Ordering::Relaxed)
    }
}

impl<S: Sync> FromRequestParts<S> for Connection {
    type Rejection = Infallible;

    /// One that nothing hangs on, when the request came over none, as in tests.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}
