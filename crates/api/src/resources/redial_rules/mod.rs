//! Redial rules (重呼规则): when a number is tried again. Ours: the platform has no documented interface to them.

mod body;
mod view;

use domain::{AccountId, RedialRuleId, StoredRedialRule};
use store::{
    Kind, edits, redial_rules,
    tasks::{self, Named},
};

pub(crate) use self::view::OfferedRedialRuleView;
use self::{
    body::{SaveRedialRule, UpdateRedialRule},
    view::RedialRuleView,
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
        path::{RedialRulePath, UserPath},
        problem::{InUse, Problem, UsedThing},
        query::{PageQuery, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list, save)).routes(routes!(detail, update, delete))
}

/// List redial rules
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/redial-rule", tag = "redial-rule",
    operation_id = "list_redial_rules", params(UserPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<RedialRuleView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<RedialRuleView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let found = redial_rules::list(&mut request.read().await?, request.account, page).await?;
    let view = |rule| RedialRuleView::new(&request.api, &rule);
    Ok(Answer::page(Message::RedialRules, page, found, view))
}

/// Save a redial rule
///
/// Tasks name it with `auto_recycle_rule_id`; a user's rules may be named by the tasks of its sub-users, too. An account may have
/// 200.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/redial-rule", tag = "redial-rule",
    operation_id = "save_redial_rule", params(UserPath, SubUserQuery, IdempotencyKey),
    request_body = SaveRedialRule, responses((status = 200, body = Envelope<RedialRuleView>)))]
pub(crate) async fn save(
    request: AccountRequest<(), Json<SaveRedialRule>>,
) -> Result<Answer<RedialRuleView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (id, draft) = body.draft(faults)?;
    let mut tx = match idempotency::begin(&api, &caller, Message::Saved).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let rule = edits::redial_rules::create(&mut tx, account, id, &draft, &caller.change()).await?;
    idempotency::finish(tx, &caller, Message::Saved, &RedialRuleView::new(&api, &rule)).await
}

/// Redial rule detail
///
/// With its version, which is its `ETag`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/redial-rule/{rule_id}", tag = "redial-rule",
    operation_id = "redial_rule_detail", params(RedialRulePath, SubUserQuery),
    responses((status = 200, body = Envelope<RedialRuleView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn detail(request: AccountRequest<RedialRuleId>) -> Result<Answer<RedialRuleView>, Problem> {
    let rule = redial_rules::get(&mut request.read().await?, request.account, request.id).await?;
    Ok(answer(&request.api, Message::RedialRuleDetail, &rule))
}

/// Update a redial rule
///
/// It holds for every try that ends from now on. A field left out keeps its value.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/redial-rule/{rule_id}", tag = "redial-rule",
    operation_id = "update_redial_rule", params(RedialRulePath, SubUserQuery, IfMatch),
    request_body = UpdateRedialRule,
    responses((status = 200, body = Envelope<RedialRuleView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn update(
    request: AccountRequest<RedialRuleId, Json<UpdateRedialRule>>,
) -> Result<Answer<RedialRuleView>, Problem> {
    let (body, faults, request) = request.take_body();
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let locked = redial_rules::lock(&mut tx, request.account, request.id).await?;
    let draft = body.draft(request.id, locked.rule()?.draft, faults)?;
    locked.expect_version(expected)?;
    let rule = redial_rules::update(&mut tx, &locked, &draft, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(answer(&request.api, Message::Updated, &rule))
}

/// Delete a redial rule
///
/// Refused with code 8103 while any task names it, also one that has a rule of its own (`redial_enabled`); the tasks are in `data`.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/redial-rule/{rule_id}", tag = "redial-rule",
    operation_id = "delete_redial_rule", params(RedialRulePath, SubUserQuery, IfMatch),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<RedialRuleId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let expected = request.caller.if_match.expected()?;
    let mut tx = request.begin().await?;
    let rule = redial_rules::lock_to_delete(&mut tx, request.account, request.id).await?;
    rule.expect_version(expected)?;
    match redial_rules::delete(&mut tx, &rule, &request.caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(Kind::RedialRule)) => {
            drop(tx);
            return Err(in_use(&request.api, request.account, request.id).await?);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

/// The refusal to delete a rule, with the tasks that name it.
async fn in_use(api: &Api, account: AccountId, rule: RedialRuleId) -> Result<Problem, Problem> {
    let mut read = api.store.read().await?;
    let tasks = tasks::naming(&mut read, Named::RedialRule, account, rule.get(), InUse::TOLD).await?;
    Ok(Problem::InUse(InUse::by_tasks(UsedThing::RedialRule, tasks)))
}

fn answer(api: &Api, message: Message, rule: &StoredRedialRule) -> Answer<RedialRuleView> {
    Answer::new(message, RedialRuleView::new(api, rule)).with_version(rule.version)
}
