//! Scripts (话术): what happens in a call once someone answers. The platform's lists of them are in [`groups`].

mod body;
mod groups;
mod steps;
mod transfers;
mod view;

use domain::{AccountId, Script, ScriptId};
use store::{
    Kind, Session, edits, scripts,
    tasks::{self, Named},
};

pub(crate) use self::view::{ScriptGroupView, offered_scripts};
use self::{
    body::{SaveScript, UpdateScript},
    transfers::TransferLines,
    view::ScriptView,
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, EmptyBody, Json},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        if_match::IfMatch,
        messages::Message,
        path::{ScriptPath, UserPath},
        problem::{InUse, Problem, UsedThing},
        query::{PageQuery, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, save))
        .routes(routes!(detail, update, delete))
        .routes(routes!(groups::of_user))
        .routes(routes!(groups::of_tenant))
}

/// List scripts
///
/// Newest first, with their steps. `GET /agent-api/group/{user_id}` is the same in the platform's form.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/script", tag = "script", operation_id = "list_scripts",
    params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<ScriptView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<ScriptView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    let found = scripts::list(&mut read, request.account, page).await?;
    let lines = TransferLines::read(&mut read, request.account, &found.items).await?;
    let (api, language) = (&request.api, request.caller.language);
    let view = |script: Script| ScriptView::new(api, &script, lines.warnings(&script, language));
    Ok(Answer::page(Message::Scripts, page, found, view))
}

/// Save a script
///
/// Tasks name it with `destination_extension` and in their lists; a user's scripts may be named by the tasks of its sub-users, too. A step
/// may go to any other by its label, also back: each step is run only so often in one call. An account may have 1,000. A transfer may name a
/// line that is not there yet, or of which the user has no share yet; `warnings` says so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/script", tag = "script", operation_id = "save_script",
    params(UserPath, SubUserQuery, IdempotencyKey), request_body = SaveScript,
    responses((status = 200, body = Envelope<ScriptView>)))]
pub(crate) async fn save(
    request: AccountRequest<(), Json<SaveScript>>,
) -> Result<Answer<ScriptView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (id, script) = body.checked(faults)?;
    let mut tx = match idempotency::begin(&api, &caller, Message::Saved).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let written = (&script.draft, &script.secrets);
    let script = edits::scripts::create(&mut tx, account, id, written, &caller.change()).await?;
    let warnings = transfers::warnings(&mut tx, &script, caller.language).await?;
    idempotency::finish(tx, &caller, Message::Saved, &ScriptView::new(&api, &script, warnings)).await
}

/// Script detail
///
/// With its version, which is its `ETag`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/script/{script_id}", tag = "script",
    operation_id = "script_detail", params(ScriptPath, SubUserQuery),
    responses((status = 200, body = Envelope<ScriptView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn detail(request: AccountRequest<ScriptId>) -> Result<Answer<ScriptView>, Problem> {
    let mut read = request.read().await?;
    let script = scripts::get(&mut read, request.account, request.id).await?;
    answer(&mut read, &request, Message::ScriptDetail, &script).await
}

/// Update a script
///
/// Calls that begin from now on follow it. A field left out keeps its value, and so does a bot's secret.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/script/{script_id}", tag = "script",
    operation_id = "update_script", params(ScriptPath, SubUserQuery, IfMatch), request_body = UpdateScript,
    responses((status = 200, body = Envelope<ScriptView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn update(
    request: AccountRequest<ScriptId, Json<UpdateScript>>,
) -> Result<Answer<ScriptView>, Problem> {
    let (body, faults, request) = request.take_body();
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let locked = scripts::lock(&mut tx, request.account, request.id).await?;
    let script = body.checked(locked.script()?, faults)?;
    locked.expect_version(expected)?;
    let (written, change) = ((&script.draft, &script.secrets), request.caller.change());
    let script = edits::scripts::update(&mut tx, &locked, written, &change).await?;
    let answer = answer(&mut tx, &request, Message::Updated, &script).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Delete a script
///
/// Refused with code 8102 while any task names it; the tasks are in `data`.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/script/{script_id}", tag = "script",
    operation_id = "delete_script", params(ScriptPath, SubUserQuery, IfMatch),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<ScriptId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let script = scripts::lock_to_delete(&mut tx, request.account, request.id).await?;
    script.expect_version(expected)?;
    match scripts::delete(&mut tx, &script, &request.caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(Kind::Script)) => {
            drop(tx);
            return Err(in_use(&request.api, request.account, request.id).await?);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

/// The refusal to delete a script, with the tasks that name it.
async fn in_use(api: &Api, account: AccountId, script: ScriptId) -> Result<Problem, Problem> {
    let mut read = api.store.read().await?;
    let tasks = tasks::naming(&mut read, Named::Script, account, script.get(), InUse::TOLD).await?;
    Ok(Problem::InUse(InUse::by_tasks(UsedThing::Script, tasks)))
}

async fn answer(
    session: &mut dyn Session,
    request: &AccountRequest<ScriptId>,
    message: Message,
    script: &Script,
) -> Result<Answer<ScriptView>, Problem> {
    let warnings = transfers::warnings(session, script, request.caller.language).await?;
    Ok(Answer::new(message, ScriptView::new(&request.api, script, warnings)).with_version(script.version))
}
