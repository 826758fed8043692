//! The console: a web page for people who would rather look than read, at `/console/`.
//!
//! It is files and nothing else: what the page does it does in the browser (`page/main.js`), over the public API, with the token
//! that the person gave it. So this crate knows HTTP and its files; it may not know the API, the domain, the store or the clock.

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// Where the page is. Everything in it is addressed from there, so that a proxy may put a path of its own before it.
const ROOT: &str = "/console/";

const INDEX: &str = "index.html";

/// What the page may do: load its own files, play recordings and speak to its own server. No inline script or style, no text turned into markup but
/// the templates of the page's own modules, which lit-html hands to the browser under its name.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types lit-html";

/// Built in; a debug build reads them from the source folder each time, so that an edit needs only a reload.
#[derive(Embed)]
#[folder = "page"]
struct PageFiles;

/// The routes of the page, and of `/`, which leads to it.
pub fn router() -> Router {
    Router::new()
        .route("/", get(lead_there))
        .route("/console", get(lead_there))
        .route(ROOT, get(file))
        .route("/console/{*path}", get(file))
        .layer(CompressionLayer::new().quality(CompressionLevel::Best))
}

/// By a relative address: what a proxy puts before it is not known here.
async fn lead_there() -> Redirect {
    Redirect::temporary("console/")
}

async fn file(request: Request) -> Response {
    let path = request.uri().path().strip_prefix(ROOT).unwrap_or_default();
    let path = if path.is_empty() { INDEX } else { path };
    match PageFiles::get(path) {
        Some(file) => answer(&file, request.headers()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(file: &EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = tag(file);
    let headers = headers(file, &tag);
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data.clone().into_owned()).into_response()
}

/// How much of a file's hash tells it from its earlier versions: it goes out with each of the many small files.
const TAG_BYTES: usize = 6;

/// Weak, because the same file may go out compressed or not.
fn tag(file: &EmbeddedFile) -> String {
    use std::fmt::Write;

    let mut tag = "W/\"".to_owned();
    for byte in &file.metadata.sha256_hash()[..TAG_BYTES] {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn headers(file: &EmbeddedFile, tag: &str) -> HeaderMap {
    const EVERY_FILE: [(HeaderName, &str); 2] = [
        // Another program version has other files: ask each time, by the tag.
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    // They hold for a document and what it loads; with each of its many small files they would be a sixth of all that is sent.
    const DOCUMENT: [(HeaderName, &str); 3] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let document = DOCUMENT.into_iter().filter(|_| file.metadata.mimetype() == "text/html");
    let mut headers: HeaderMap = EVERY_FILE
        .into_iter()
        .chain(document)
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    let own = [(header::CONTENT_TYPE, file.metadata.mimetype()), (header::ETAG, tag)];
    headers
        .extend(own.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))));
    headers
}
