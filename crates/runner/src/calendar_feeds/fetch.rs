//! Asks an address for its file, unless it is still the one that is known.

use std::time::Duration;

use bytes::Bytes;
use domain::{FeedFailure, FeedFault, FeedVersion, HttpUrl};
use holiday_files::LARGEST_FILE;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use url::Url;

use crate::outbound::{
    BodyEnd, Failure, OutboundAnswer, OutboundClient, OutboundFault, OutboundLimits, in_full, request_for,
};

/// How long it may take in all, redirects with it.
const WHOLE: Duration = Duration::from_secs(30);

/// How many redirects are followed. Each is checked as the address itself is, for it is asked for on a connection of its own.
const MOST_REDIRECTS: usize = 3;

/// The longest `ETag` and `Last-Modified` that are stored, in bytes.
const LONGEST_VALIDATOR: usize = 500;

/// What an address answered.
pub(super) enum Fetched {
    /// What is known is still there.
    NotModified,
    /// Another file, perhaps.
    File { bytes: Vec<u8>, version: FeedVersion },
}

/// Asks for what is there, if it is another than the one that is known.
pub(super) async fn fetch(
    client: &OutboundClient,
    url: &HttpUrl,
    known: &FeedVersion,
) -> Result<Fetched, FeedFailure> {
    let limits = OutboundLimits::new(WHOLE, LARGEST_FILE);
    let mut url: Url = url.as_str().parse().map_err(|error| unreachable(&Failure::from(error)))?;
    for _ in 0..=MOST_REDIRECTS {
        let answer = ask(client, &url, known, limits).await.map_err(|failure| unreachable(&failure))?;
        match answer.status {
            StatusCode::OK => return file(answer),
            StatusCode::NOT_MODIFIED if known.is_conditional() => return Ok(Fetched::NotModified),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => url = target(&url, &answer.headers)?,
            status => return Err(FeedFailure::new(FeedFault::Status, status.as_str())),
        }
    }
    Err(FeedFailure::new(FeedFault::Redirected, "too many redirects"))
}

async fn ask(
    client: &OutboundClient,
    url: &Url,
    known: &FeedVersion,
    limits: OutboundLimits,
) -> Result<OutboundAnswer, Failure> {
    let mut request = request_for(Method::GET, url);
    for (name, value) in
        [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)]
    {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    client.exchange(url, request.body(Full::from(Bytes::new()))?, limits).await
}

/// Where a redirect sends to. One from `https` to `http` is not followed: what comes from there could be anybody's.
fn target(from: &Url, headers: &HeaderMap) -> Result<Url, FeedFailure> {
    let refused = |why: &str| FeedFailure::new(FeedFault::Redirected, why);
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok());
    let to = to.ok_or_else(|| refused("a redirect without an address"))?;
    let known = HttpUrl::parse(to.as_str()).is_ok();
    if !known || (from.scheme() == "https" && to.scheme() != "https") {
        return Err(refused("a redirect to an address that is not followed"));
    }
    Ok(to)
}

fn file(answer: OutboundAnswer) -> Result<Fetched, FeedFailure> {
    match answer.end {
        BodyEnd::Whole => {}
        BodyEnd::TooLong => {
            let detail = format!("more than {LARGEST_FILE} bytes");
            return Err(FeedFailure::new(FeedFault::TooLarge, &detail));
        }
        BodyEnd::TimedOut => {
            let detail = format!("not all of it within {} seconds", WHOLE.as_secs());
            return Err(FeedFailure::new(FeedFault::TimedOut, &detail));
        }
        BodyEnd::Broken(error) => return Err(FeedFailure::new(FeedFault::Unreachable, &in_full(&error))),
    }
    let validator = |name: HeaderName| {
        let value = answer.headers.get(name)?.to_str().ok()?;
        (value.len() <= LONGEST_VALIDATOR).then(|| value.to_owned())
    };
    let version = FeedVersion {
        etag: validator(header::ETAG),
        last_modified: validator(header::LAST_MODIFIED),
        digest: Some(Sha256::digest(&answer.body).into()),
    };
    Ok(Fetched::File { bytes: answer.body, version })
}

fn unreachable(failure: &Failure) -> FeedFailure {
    let fault = match failure.downcast_ref() {
        Some(OutboundFault::NotPublic) => FeedFault::AddressNotPublic,
        Some(OutboundFault::NoConnection | OutboundFault::NoAnswer(_)) => FeedFault::TimedOut,
        Some(OutboundFault::TooManyInformational) | None => FeedFault::Unreachable,
    };
    FeedFailure::new(fault, &in_full(&**failure))
}
