//! The numbers of a callback as a file, those of a list read from the database as fast as the client takes them.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use serde::Serialize;
use store::number_callbacks::{self, CallbackFile, NumbersInList};
use utoipa::ToSchema;

use crate::Api;

/// How many numbers are read at once.
const NUMBERS: u32 = 1_000;

/// The file of a callback.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallbackNumbersView {
    /// As they were sent, in the order they were added.
    #[schema(example = json!(["13800138000", "13800138001"]))]
    numbers: Vec<String>,
}

/// How far the file of a list is.
#[derive(Clone, Copy)]
enum NextNumbers {
    /// Its beginning comes next.
    Begin(NumbersInList),
    /// More numbers come next.
    More(NumbersInList),
    /// It is whole.
    End,
}

pub(super) fn answer(api: Api, file: CallbackFile) -> Response {
    let body = match file {
        CallbackFile::Numbers(numbers) => {
            // Texts can be written as JSON, whatever they are.
            Body::from(serde_json::to_vec(&CallbackNumbersView { numbers }).unwrap_or_default())
        }
        CallbackFile::InList(numbers) => {
            let parts = stream::try_unfold(NextNumbers::Begin(numbers), move |next| {
                let api = api.clone();
                async move { part(&api, next).await }
            });
            Body::from_stream(parts)
        }
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn part(api: &Api, next: NextNumbers) -> store::Result<Option<(Bytes, NextNumbers)>> {
    let (place, before) = match next {
        NextNumbers::Begin(place) => (place, r#"{"numbers":["#),
        NextNumbers::More(place) => (place, ","),
        NextNumbers::End => return Ok(None),
    };
    let read = number_callbacks::numbers_in_list(&mut api.store.read().await?, place, NUMBERS).await?;
    Ok(Some(match (read, next) {
        (Some((numbers, after)), _) => {
            let numbers: Vec<String> = numbers.into_iter().map(quoted).collect();
            (format!("{before}{}", numbers.join(",")).into(), NextNumbers::More(after))
        }
        (None, NextNumbers::Begin(_)) => (format!("{before}]}}").into(), NextNumbers::End),
        (None, _) => (Bytes::from_static(b"]}"), NextNumbers::End),
    }))
}

/// A text as JSON has it.
fn quoted(text: String) -> String {
    serde_json::Value::from(text).to_string()
}
