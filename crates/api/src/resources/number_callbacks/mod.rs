//! The platform's callbacks on numbers that were added to tasks or deleted: what is sent of them, asked for again by `unique_id`, and the
//! files that they name.

mod file;
mod note;
pub(crate) mod view;

use axum::response::Response;
use domain::{NumberCallbackId, NumberFileKey};
use store::number_callbacks;
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

pub(crate) use self::note::{note, note_list};
use self::{file::CallbackNumbersView, view::NumberCallbackView};
use crate::http::{
    envelope::{Answer, Envelope},
    extract::{AccountRequest, OpenRequest},
    messages::Message,
    number_view::expect_whole_numbers,
    path::CallbackPath,
    problem::Problem,
    query::{Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
    routes::{Routes, routes},
    secret,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(callback)).routes(routes!(download))
}

/// A callback again (查看回调接口)
///
/// The body of a callback on numbers, by its `unique_id`, as it was sent to webhooks of the `platform` format. It is kept for 7 days.
/// A token that sees telephone numbers masked may not ask for it.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/identification/{unique_id}", tag = "number",
    operation_id = "number_callback", params(CallbackPath, SubUserQuery),
    responses((status = 200, body = Envelope<NumberCallbackView>)))]
pub(crate) async fn callback(
    request: AccountRequest<NumberCallbackId>,
) -> Result<Answer<NumberCallbackView>, Problem> {
    let mut read = request.read().await?;
    let callback = number_callbacks::get(&mut read, request.account, request.id).await?;
    expect_whole_numbers(&request)?;
    let view = NumberCallbackView::new(&request.api.settings.public_url, &callback);
    Ok(Answer::new(Message::Callback, view))
}

/// The key of a file of numbers, whoever has it; `None` where it cannot be one.
pub(crate) enum FileKey {}

impl QueryKind for FileKey {
    type Value = Option<NumberFileKey>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, _: &mut domain::Faults) -> Option<NumberFileKey> {
        NumberFileKey::parse(query.get(name)?)
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some("^dtn_[0-9a-f]{64}$"))
            .into()
    }
}

query_parameters! {
    /// Which file.
    pub(crate) struct CallbackFileQuery {
        /// The key, as the callback's `url` has it.
        key: FileKey,
    }
}

/// Download a callback's numbers (下载回调号码)
///
/// The file that a callback on several numbers names. Whoever knows its key can read it, without a token; it is there for 7 days, also
/// when its task is deleted, but not while its account is disabled. Of an import, numbers that were deleted one by one meanwhile are left out.
#[utoipa::path(get, path = "/agent-api/download-number", tag = "number", operation_id = "download_callback_numbers",
    security(()), params(CallbackFileQuery),
    responses((status = 200, body = CallbackNumbersView, content_type = "application/json", description = "The numbers")))]
pub(crate) async fn download(request: OpenRequest) -> Result<Response, Problem> {
    let CallbackFileQuery { key } = CallbackFileQuery::read(&request.query, &mut domain::Faults::default());
    let key = key.ok_or(Problem::NotFound)?;
    let hash = secret::hash_file_key(key.as_str());
    request.api.allowances.look_up(request.peer, &hash)?;
    let answer = file::of_key(request.api.clone(), key).await?;
    request.api.allowances.was_good(hash);
    Ok(answer)
}
