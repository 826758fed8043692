//! What a request that reads has proved holds for its answer too.
//!
//! The claim is proved in one state of the database, and what is asked for is read in a later one; an account that went in between
//! would have an empty list where it has none. So before the answer goes out, the claim is proved again, by this layer and by no
//! handler: only if it was good, and only if the database is not known to have stood still since.

use std::sync::{Arc, OnceLock};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt as _, stream};
use http::Extensions;
use store::{Kind, Snapshot};

use crate::{
    Api,
    http::{cache::AccessClaim, envelope::Outcome, extract, permissions::Permission, problem::Problem},
};

/// What a request has proved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenClaim {
    pub(crate) permission: Permission,
    pub(crate) claim: AccessClaim,
    /// The state of the database in which it was proved, if the store can give it.
    pub(crate) snapshot: Option<Snapshot>,
}

/// Where the extractor leaves for the layer what a request that reads has proved.
#[derive(Clone, Debug, Default)]
struct ClaimNote(Arc<OnceLock<ProvenClaim>>);

/// Leaves what a request has proved for the layer, if it asks to know.
pub(crate) fn note(extensions: &Extensions, proven: ProvenClaim) {
    if let Some(ClaimNote(note)) = extensions.get() {
        // A request is proved once.
        let _ = note.set(proven);
    }
}

/// The layer: refuses in the place of a handler whose answer may be of an account that has gone.
pub(crate) async fn layer(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    if !request.method().is_safe() {
        return next.run(request).await;
    }
    let note = ClaimNote::default();
    request.extensions_mut().insert(note.clone());
    let response = next.run(request).await;
    match note.0.get().filter(|_| tells_something(&response)) {
        Some(proven) => prove(&api, proven).await.map_or_else(Problem::into_response, |()| response),
        None => response,
    }
}

/// Whether it is more than a refusal.
fn tells_something(response: &Response) -> bool {
    let refused = matches!(response.extensions().get(), Some(Outcome::Problem(_)));
    !refused && response.status().is_success()
}

/// A file that is read piece by piece while it is sent. Where the accounts that were proved are gone by then it has no end, but breaks off: of
/// what is missing nobody could tell otherwise.
pub(crate) fn file_of(
    api: Api,
    claim: AccessClaim,
    pieces: impl Stream<Item = store::Result<Bytes>> + Send + 'static,
) -> Body {
    let end = stream::once(async move { extract::owns_still(&api, &claim).await });
    let gone = async |owns: bool| (!owns).then_some(Err(store::Error::NotFound(Kind::Account)));
    Body::from_stream(pieces.chain(end.filter_map(gone)))
}

async fn prove(api: &Api, proven: &ProvenClaim) -> Result<(), Problem> {
    let now = api.store.snapshot();
    if now.is_some() && now == proven.snapshot {
        return Ok(());
    }
    extract::prove_again(api, now, proven).await
}
