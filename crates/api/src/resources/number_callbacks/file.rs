//! The numbers of a callback as a file, those of a list read from the database as fast as the client takes them.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use domain::NumberFileKey;
use futures_util::stream;
use http::{HeaderValue, header};
use serde::Serialize;
use store::number_callbacks::{self, CallbackFile, NumbersInList};
use utoipa::ToSchema;

use crate::{Api, http::second_proof};

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

/// The file that has this key.
pub(super) async fn of_key(api: Api, key: NumberFileKey) -> store::Result<Response> {
    let file = number_callbacks::file(&mut api.store.read().await?, &key).await?;
    let body = match file {
        CallbackFile::Numbers(numbers) => {
            // Texts can be written as JSON, whatever they are.
            Body::from(serde_json::to_vec(&CallbackNumbersView { numbers }).unwrap_or_default())
        }
        CallbackFile::InList(numbers) => {
            let whole = api.clone();
            let parts = stream::try_unfold(NextNumbers::Begin(numbers), move |next| {
                let api = api.clone();
                async move { part(&api, next).await }
            });
            second_proof::file_of(parts, is_there_still(whole, key))
        }
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether a file that was begun is there at its end too, and not that of an account that was disabled meanwhile.
async fn is_there_still(api: Api, key: NumberFileKey) -> bool {
    match api.store.read().await {
        Ok(mut read) => number_callbacks::file(&mut read, &key).await.is_ok(),
        Err(_) => false,
    }
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
