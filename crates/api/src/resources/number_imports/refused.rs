//! The refused rows of an import, read from the database as fast as the client takes them.

use axum::response::Response;
use bytes::Bytes;
use domain::NumberJobId;
use futures_util::stream;
use http::{HeaderValue, header};
use store::numbers;

use crate::{
    Api,
    http::{
        extract::{self, Caller},
        import_messages::{REFUSED_ROWS_HEADER, not_kept_csv, refused_row_csv},
        language::Language,
        second_proof,
    },
};

/// How many rows are read at once.
const ROWS: u32 = 500;

/// How far an answer is.
#[derive(Clone, Copy)]
enum NextRows {
    /// Its first line comes next.
    Header,
    /// The rows after this line come next.
    After(i64),
    /// Nothing more.
    End,
}

/// The rows that are stored, and how many are not.
pub(super) fn answer(api: Api, caller: &Caller, import: NumberJobId, not_kept: i64) -> Response {
    let (whole, language) = (api.clone(), caller.language);
    let lines = stream::try_unfold(NextRows::Header, move |place| {
        let api = api.clone();
        async move {
            match place {
                NextRows::Header => {
                    Ok(Some((Bytes::from_static(REFUSED_ROWS_HEADER.as_bytes()), NextRows::After(-1))))
                }
                NextRows::After(line) => match rows(&api, language, import, line).await? {
                    None if not_kept > 0 => {
                        Ok(Some((not_kept_csv(not_kept, language).into(), NextRows::End)))
                    }
                    rows => Ok(rows),
                },
                NextRows::End => store::Result::Ok(None),
            }
        }
    });
    let mut response = Response::new(second_proof::file_of(lines, extract::owns_still(whole, caller.claim)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let attachment = HeaderValue::from_static("attachment; filename=\"refused-rows.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, attachment);
    response
}

async fn rows(
    api: &Api,
    language: Language,
    import: NumberJobId,
    after: i64,
) -> store::Result<Option<(Bytes, NextRows)>> {
    let rows = numbers::refused_rows(&mut api.store.read().await?, import, after, ROWS).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let place = NextRows::After(last.line);
    let lines: String = rows.iter().map(|row| refused_row_csv(row, language)).collect();
    Ok(Some((lines.into(), place)))
}
