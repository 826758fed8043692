//! What a request that reads has proved holds for its answer too.
//!
//! The claim is proved in one state of the database, and what is asked for is read in a later one; an account that went in between
//! would have an empty list where it has none. So before the answer goes out, the claim is proved again, by this layer and by no
//! handler: only if it was good, and only if the database is not known to have stood still since.

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt as _, stream};
use store::Kind;

use crate::{
    Api,
    http::{
        claim_note::{ClaimNote, ProvenClaim},
        envelope::Outcome,
        extract,
        problem::Problem,
    },
};

/// The layer: refuses in the place of a handler whose answer may be of an account that has gone.
pub(crate) async fn layer(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    if !request.method().is_safe() {
        return next.run(request).await;
    }
    let note = ClaimNote::default();
    request.extensions_mut().insert(note.clone());
    let response = next.run(request).await;
    match note.proven().filter(|_| tells_something(&response)) {
        Some(proven) => prove(&api, proven).await.map_or_else(Problem::into_response, |()| response),
        None => response,
    }
}

/// Whether it is more than a refusal.
fn tells_something(response: &Response) -> bool {
    let refused = matches!(response.extensions().get(), Some(Outcome::Problem(_)));
    !refused && response.status().is_success()
}

/// A file that is read piece by piece while it is sent. Where what was proved for it does not hold any more by then, it has no end, but breaks off:
/// of what is missing nobody could tell otherwise.
pub(crate) fn file_of(
    pieces: impl Stream<Item = store::Result<Bytes>> + Send + 'static,
    still_holds: impl Future<Output = bool> + Send + 'static,
) -> Body {
    let gone = async |holds: bool| (!holds).then_some(Err(store::Error::NotFound(Kind::Account)));
    Body::from_stream(pieces.chain(stream::once(still_holds).filter_map(gone)))
}

async fn prove(api: &Api, proven: &ProvenClaim) -> Result<(), Problem> {
    let now = api.store.snapshot();
    if now.is_some() && now == proven.snapshot {
        return Ok(());
    }
    extract::prove_again(api, now, proven).await
}
