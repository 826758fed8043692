//! The files of recordings, for whoever has a good address.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use domain::{AccountId, AttemptId, Faults, Recording, RecordingPlace};
use futures_util::{TryStreamExt, stream};
use http::{HeaderValue, header};
use recordings::{RecordingBucket, RecordingFiles};
use store::recordings as rows;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};
use uuid::Uuid;

use crate::{
    Api,
    http::{
        byte_range::{self, RangeHeaders},
        extract::OpenRequest,
        problem::Problem,
        query::{Query, QueryKind, QueryParameters, query_parameters},
        routes::{Routes, routes},
        signed_address,
    },
    resources::prompts::{WavFile, hexadecimal},
};

/// How much of a file is in memory for each that is being sent.
const BLOCK: usize = 64 * 1024;

const SUFFIX: &str = ".wav";

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(play))
}

/// When an address expires, in seconds since 1970.
pub(crate) enum Expiry {}

impl QueryKind for Expiry {
    type Value = Option<i64>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, _: &mut Faults) -> Option<i64> {
        query.get(name)?.parse().ok()
    }

    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)).format(Some(format)).into()
    }
}

/// The signature of an address.
pub(crate) enum Signature {}

impl QueryKind for Signature {
    type Value = Option<String>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, _: &mut Faults) -> Option<String> {
        query.get(name).map(str::to_owned)
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some("^[0-9a-f]{64}$"))
            .into()
    }
}

query_parameters! {
    /// What makes an address good.
    pub(crate) struct SignedQuery {
        /// Until when it is good, in seconds since 1970.
        expires: Expiry,
        /// Signs what it names and until when.
        signature: Signature,
    }
}

/// The file of a recording
///
/// Whoever has an address that was given here and has not expired can read it, without a token. One `Range` is answered with 206; the `ETag`,
/// which is its SHA-256, is sent as `If-None-Match` to have it only if it has changed. 404: there is no
/// such recording any more, or the address is not good.
#[utoipa::path(get, path = "/recordings/{account_id}/{file}", tag = "record", operation_id = "play_recording", security(()),
    params(
        ("account_id" = Uuid, Path, description = "The account whose record it is"),
        ("file" = String, Path, description = "The record and `.wav`"),
        SignedQuery, RangeHeaders
    ),
    responses((status = 200, body = WavFile, content_type = "audio/wav", description = "The WAV file."),
        (status = 206, body = WavFile, content_type = "audio/wav", description = "The part of it that was asked for."),
        (status = 304, description = "The file is the one that is known.")))]
pub(crate) async fn play(request: OpenRequest) -> Result<Response, Problem> {
    let SignedQuery { expires, signature } = SignedQuery::read(&request.query, &mut Faults::default());
    let (expires, signature) = expires.zip(signature).ok_or(Problem::NotFound)?;
    let file = request.path.get("file").strip_suffix(SUFFIX).ok_or(Problem::NotFound)?;
    let id = |text: &str| Uuid::parse_str(text).map_err(|_| Problem::NotFound);
    let account = AccountId::new(id(request.path.get("account_id"))?);
    let attempt = AttemptId::new(id(file)?);
    let (api, now) = (&request.api, request.now);
    if !signed_address::is_good(api, (account, attempt), expires, &signature, now).await? {
        return Err(Problem::NotFound);
    }
    let found = rows::audible(&mut api.store.read().await?, account, attempt, now).await?;
    let (recording, _) = found.ok_or(Problem::NotFound)?;
    answer(api, &request.range, &recording).await
}

/// Where the file of a recording was found.
enum FoundRecording {
    File(File),
    InBucket(RecordingBucket),
}

async fn answer(api: &Api, range: &RangeHeaders, recording: &Recording) -> Result<Response, Problem> {
    let (account, attempt) = (recording.account, recording.attempt);
    let found = find(api, recording).await?;
    let length = usize::try_from(recording.bytes).unwrap_or(0);
    let tag = hexadecimal(&recording.sha256);
    let mut response = byte_range::answer_with(range, "audio/wav", &tag, length, |part| match found {
        FoundRecording::File(file) => of_file(file, part),
        FoundRecording::InBucket(bucket) => of_bucket(bucket, account, attempt, part),
    })?;
    let name = format!("inline; filename=\"{attempt}.wav\"");
    response
        .headers_mut()
        .extend(HeaderValue::from_str(&name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}

/// Finds the file: also in the bucket where the folder had it when its row was read.
async fn find(api: &Api, recording: &Recording) -> Result<FoundRecording, Problem> {
    let (account, attempt) = (recording.account, recording.attempt);
    let RecordingFiles { folder, bucket } = api.settings.recordings.clone().ok_or(Problem::NotFound)?;
    if recording.place == RecordingPlace::Folder {
        let opened = tokio::task::spawn_blocking(move || folder.open(account, attempt)).await;
        match opened.map_err(io::Error::other).flatten() {
            Ok(file) => return Ok(FoundRecording::File(file)),
            Err(error) => {
                tracing::warn!(%error, %attempt, "the file of a recording is not in this node's folder");
            }
        }
    }
    bucket.map(FoundRecording::InBucket).ok_or(Problem::NotFound)
}

/// A part of a recording that the bucket has, sent on as it comes.
fn of_bucket(bucket: RecordingBucket, account: AccountId, attempt: AttemptId, part: Range<usize>) -> Body {
    let wide = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
    let part = wide(part.start)..wide(part.end);
    let opened = async move {
        let read = bucket.read(account, attempt, part).await;
        read.inspect_err(|error| tracing::warn!(%error, %attempt, "the bucket does not give a recording"))
    };
    Body::from_stream(stream::once(opened).try_flatten())
}

/// A part of a file, read block by block as it is sent.
fn of_file(file: File, part: Range<usize>) -> Body {
    let blocks = stream::try_unfold((file, part), async |(file, Range { start, end })| {
        if start >= end {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let mut block = vec![0; BLOCK.min(end - start)];
            let place = u64::try_from(start).unwrap_or(u64::MAX);
            file.read_exact_at(&mut block, place).map(|()| (block, file))
        });
        let (block, file) = read.await.map_err(io::Error::other)??;
        let next = start + block.len();
        io::Result::Ok(Some((Bytes::from(block), (file, next..end))))
    });
    Body::from_stream(blocks)
}
