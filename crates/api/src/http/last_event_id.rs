//! The header `Last-Event-ID`, by which a client that follows events says where it left off.

use http::HeaderMap;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder,
        path::{Parameter, ParameterIn},
    },
};

use crate::http::headers::DocumentedHeader;

/// The id of the last event that a client had, as text.
#[derive(Debug)]
pub(crate) struct LastEventId(pub(crate) String);

impl LastEventId {
    pub(crate) const NAME: &'static str = "Last-Event-ID";

    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        headers.get(Self::NAME).map(|value| Self(value.to_str().unwrap_or_default().to_owned()))
    }
}

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = DocumentedHeader {
            name: Self::NAME,
            description: "Of a stream: as `after`, and counts more.",
            example: "17",
        };
        header.with(ObjectBuilder::new())
    }
}
