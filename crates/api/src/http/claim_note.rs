//! What a request has proved, left by the extractor for the layer that proves it again.

use std::sync::{Arc, OnceLock};

use http::Extensions;
use store::Snapshot;

use crate::http::{cache::AccessClaim, permissions::Permission};

/// What a request has proved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenClaim {
    pub(crate) permission: Permission,
    pub(crate) claim: AccessClaim,
    /// The state of the database in which it was proved, if the store can give it.
    pub(crate) snapshot: Option<Snapshot>,
}

/// Where it is left: among a request's extensions, by whoever wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimNote(Arc<OnceLock<ProvenClaim>>);

impl ClaimNote {
    /// Leaves it, if anybody wants to know.
    pub(crate) fn leave(extensions: &Extensions, proven: ProvenClaim) {
        if let Some(Self(note)) = extensions.get() {
            // A request is proved once.
            let _ = note.set(proven);
        }
    }

    pub(crate) fn proven(&self) -> Option<&ProvenClaim> {
        self.0.get()
    }
}
