//! Prompts: what scripts play. A WAV file comes as the body of a request and is converted once. Ours: the platform has no documented
//! interface to them.

mod view;

use axum::response::Response;
use domain::{AccountId, Faults, Prompt, PromptId};
use store::{Kind, prompts, scripts};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

pub(crate) use self::view::hexadecimal;
use self::view::{PromptView, RenamePrompt};
use crate::{
    Api,
    http::{
        audio_file::AudioFile,
        body::required_name,
        byte_range::{self, RangeHeaders},
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, EmptyBody, Json},
        if_match::IfMatch,
        messages::Message,
        path::{PromptPath, UserPath},
        problem::{InUse, NamingScriptView, NamingThing, Problem, UsedThing},
        query::{PageQuery, QueryParameters, RequiredName, SubUserQuery, query_parameters},
        routes::{Routes, routes},
        values::schema_of,
    },
};

schema_of!(
    /// A WAV file.
    WavFile,
    "WavFile",
    RefOr::T(Schema::Object(
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("A WAV file."))
            .build()
    ))
);

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(detail, rename, delete))
        .routes(routes!(download, replace))
}

query_parameters! {
    /// What is said of a prompt beside its file.
    pub(crate) struct PromptQuery {
        /// The prompt's name.
        name: RequiredName,
    }
}

/// List prompts
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/prompt", tag = "prompt", operation_id = "list_prompts",
    params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<PromptView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<PromptView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let found = prompts::list(&mut request.read().await?, request.account, page).await?;
    let view = |prompt| PromptView::new(&request.api, &request.caller, &prompt);
    Ok(Answer::page(Message::Prompts, page, found, view))
}

/// Upload a prompt
///
/// The body is a WAV file: PCM of 8, 16, 24 or 32 bits, floating point of 32 or 64, mu-law or A-law, 8 to 48 kHz, one channel or two, at most 10 minutes
/// and 20 MiB. It is converted to what calls need: 8 kHz, 16-bit, one channel. An account may have 1,000 prompts of six hours in all.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/prompt", tag = "prompt", operation_id = "create_prompt",
    params(UserPath, PromptQuery, SubUserQuery),
    request_body(content = WavFile, content_type = "audio/wav", description = "The WAV file."),
    responses((status = 200, body = Envelope<PromptView>)))]
pub(crate) async fn create(request: AccountRequest<(), AudioFile>) -> Result<Answer<PromptView>, Problem> {
    let AccountRequest { api, caller, account, query, body, .. } = request;
    let mut faults = Faults::default();
    let PromptQuery { name } = PromptQuery::read(&query, &mut faults);
    let name = faults.finish(name)?;
    let audio = api.converter.audio(body.bytes, body.turn).await?;
    let id = PromptId::generate(&*api.clock, &*api.random);
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let prompt = prompts::create(&mut tx, account, id, &name, &audio, &caller.change()).await?;
    tx.commit().await?;
    Ok(answer(&api, &caller, Message::Created, &prompt))
}

/// Prompt detail
///
/// Without the audio, which is beside it.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/prompt/{prompt_id}", tag = "prompt",
    operation_id = "prompt_detail", params(PromptPath, SubUserQuery),
    responses((status = 200, body = Envelope<PromptView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn detail(request: AccountRequest<PromptId>) -> Result<Answer<PromptView>, Problem> {
    let prompt = prompts::get(&mut request.read().await?, request.account, request.id).await?;
    Ok(answer(&request.api, &request.caller, Message::PromptDetail, &prompt))
}

/// Rename a prompt
///
/// Scripts go on playing it.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/prompt/{prompt_id}", tag = "prompt",
    operation_id = "rename_prompt", params(PromptPath, SubUserQuery, IfMatch), request_body = RenamePrompt,
    responses((status = 200, body = Envelope<PromptView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn rename(
    request: AccountRequest<PromptId, Json<RenamePrompt>>,
) -> Result<Answer<PromptView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let name = required_name(body.name, &mut faults);
    let name = faults.finish(name)?;
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let locked = prompts::lock(&mut tx, request.account, request.id).await?;
    locked.expect_version(expected)?;
    let prompt = prompts::rename(&mut tx, &locked, &name, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(answer(&request.api, &request.caller, Message::Updated, &prompt))
}

/// Download a prompt
///
/// As calls play it: a WAV file of 8 kHz, 16-bit, one channel. One `Range` is answered with 206;
/// the `ETag` is sent as `If-None-Match` to have it only if it has changed.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", tag = "prompt",
    operation_id = "download_prompt", params(PromptPath, SubUserQuery, RangeHeaders),
    responses((status = 200, body = WavFile, content_type = "audio/wav", description = "The WAV file."),
        (status = 206, body = WavFile, content_type = "audio/wav", description = "The part of it that was asked for."),
        (status = 304, description = "The file is the one that is known.")))]
pub(crate) async fn download(request: AccountRequest<PromptId>) -> Result<Response, Problem> {
    let mut read = request.read().await?;
    let prompt = prompts::get(&mut read, request.account, request.id).await?;
    let wav = prompts::audio(&mut read, request.account, request.id).await?;
    byte_range::answer(&request.caller.range, "audio/wav", &hexadecimal(&prompt.sha256), wav)
}

/// Replace the audio of a prompt
///
/// The body is a WAV file, as when a prompt is uploaded. Calls that begin from now on play it.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", tag = "prompt",
    operation_id = "replace_prompt", params(PromptPath, SubUserQuery, IfMatch),
    request_body(content = WavFile, content_type = "audio/wav", description = "The WAV file."),
    responses((status = 200, body = Envelope<PromptView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn replace(
    request: AccountRequest<PromptId, AudioFile>,
) -> Result<Answer<PromptView>, Problem> {
    let AccountRequest { api, caller, account, id, body, .. } = request;
    let expected = caller.if_match.expected()?;
    let audio = api.converter.audio(body.bytes, body.turn).await?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let locked = prompts::lock(&mut tx, account, id).await?;
    locked.expect_version(expected)?;
    let prompt = prompts::replace(&mut tx, &locked, &audio, &caller.change()).await?;
    tx.commit().await?;
    Ok(answer(&api, &caller, Message::Replaced, &prompt))
}

/// Delete a prompt
///
/// Refused with code 8104 while any script plays it; the scripts are in `data`.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/prompt/{prompt_id}", tag = "prompt",
    operation_id = "delete_prompt", params(PromptPath, SubUserQuery, IfMatch),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<PromptId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let prompt = prompts::lock_to_delete(&mut tx, request.account, request.id).await?;
    prompt.expect_version(expected)?;
    match prompts::delete(&mut tx, &prompt, &request.caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(Kind::Prompt)) => {
            drop(tx);
            return Err(in_use(&request.api, request.account, request.id).await?);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

/// The refusal to delete a prompt, with the scripts that play it.
async fn in_use(api: &Api, account: AccountId, prompt: PromptId) -> Result<Problem, Problem> {
    let scripts = scripts::playing(&mut api.store.read().await?, account, prompt, InUse::TOLD).await?;
    let playing = |script: scripts::PlayingScript| {
        NamingThing::Script(NamingScriptView { id: script.id.get(), name: script.name })
    };
    let by = scripts.items.into_iter().map(playing).collect();
    Ok(Problem::InUse(InUse { what: UsedThing::Prompt, by, total: scripts.total }))
}

fn answer(api: &Api, caller: &Caller, message: Message, prompt: &Prompt) -> Answer<PromptView> {
    Answer::new(message, PromptView::new(api, caller, prompt)).with_version(prompt.version)
}
