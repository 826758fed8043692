//! The connection that a request came over, for answers that go on: they must end even when nobody reads them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio_util::sync::CancellationToken;

/// A handle on a connection. Whoever accepts connections puts it into the extensions of each request, and closes the
/// connection at once, whatever is still unsent, when it is cut.
#[derive(Clone, Debug, Default)]
pub struct Connection(CancellationToken);

impl Connection {
    /// Has the connection closed.
    pub fn cut(&self) {
        self.0.cancel();
    }

    /// Waits until the connection is to be closed.
    pub async fn is_cut(&self) {
        self.0.cancelled().await;
    }
}

impl<S: Sync> FromRequestParts<S> for Connection {
    type Rejection = Infallible;

    /// One that nothing hangs on, when the request came over none, as in tests.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}
