//! Webhooks: addresses to which an account's events are sent, and what became of each delivery.

mod body;
mod callback;
pub(crate) mod messages;
mod view;

use domain::{NumberDisplay, WebhookDraft, WebhookId, WebhookSecret};
use store::webhooks;

pub use self::callback::WebhookBodies;
use self::{
    body::{CreateWebhook, UpdateWebhook},
    view::{DeliveryView, NewWebhookView, SentAgainView, WebhookView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, EmptyBody, Json},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        messages::Message,
        path::DeliveryOfWebhook,
        path::{DeliveryPath, UserPath, WebhookPath},
        problem::{Forbidden, Problem},
        query::{PageQuery, SubUserQuery},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(detail, update, delete))
        .routes(routes!(rotate_secret))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(send_all_again))
        .routes(routes!(send_again))
}

/// List webhooks
///
/// Oldest first; their secrets are not shown again.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/webhook", tag = "events", operation_id = "list_webhooks",
    params(UserPath, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<WebhookView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<WebhookView>>, Problem> {
    let webhooks = webhooks::list(&mut request.read().await?, request.account).await?;
    let views = webhooks.iter().map(|webhook| WebhookView::new(&request.api, webhook));
    Ok(Answer::new(Message::Webhooks, views.collect()))
}

/// Create a webhook
///
/// From now on the account's events are sent to it: signed as <https://www.standardwebhooks.com> has it, at least once, those of
/// one task and those of one group in order. Anything but a 2xx is tried again over two days, at growing intervals; then the
/// webhook is disabled. An account may have 20.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/webhook", tag = "events", operation_id = "create_webhook",
    params(UserPath, SubUserQuery, IdempotencyKey), request_body = CreateWebhook,
    responses((status = 200, body = Envelope<NewWebhookView>)))]
pub(crate) async fn create(
    request: AccountRequest<(), Json<CreateWebhook>>,
) -> Result<Answer<NewWebhookView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let draft = body.draft(faults)?;
    expect_may_send(&caller, &draft)?;
    let (id, secret) = (WebhookId::generate(&*api.clock, &*api.random), new_secret(&api));
    let mut tx = match idempotency::begin(&api, &caller, Message::Created).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let webhook = webhooks::create(&mut tx, account, id, &draft, &secret, &caller.change()).await?;
    idempotency::finish(tx, &caller, Message::Created, &NewWebhookView::new(&api, &webhook)).await
}

/// Webhook detail
///
/// Its secret is not shown again.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/webhook/{webhook_id}", tag = "events",
    operation_id = "webhook_detail",
    params(WebhookPath, SubUserQuery),
    responses((status = 200, body = Envelope<WebhookView>)))]
pub(crate) async fn detail(request: AccountRequest<WebhookId>) -> Result<Answer<WebhookView>, Problem> {
    let webhook = webhooks::get(&mut request.read().await?, request.account, request.id).await?;
    Ok(Answer::new(Message::WebhookDetail, WebhookView::new(&request.api, &webhook)))
}

/// Update a webhook
///
/// A field left out keeps its value. Events that come while it is disabled are sent when it is enabled again. With another
/// address, or enabled again, all that is pending is sent at once.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/webhook/{webhook_id}", tag = "events",
    operation_id = "update_webhook",
    params(WebhookPath, SubUserQuery), request_body = UpdateWebhook,
    responses((status = 200, body = Envelope<WebhookView>)))]
pub(crate) async fn update(
    request: AccountRequest<WebhookId, Json<UpdateWebhook>>,
) -> Result<Answer<WebhookView>, Problem> {
    let AccountRequest { api, caller, account, id, body, .. } = request;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let locked = webhooks::lock(&mut tx, account, id).await?;
    let (body, faults) = body.into_parts();
    let draft = body.draft(locked.webhook()?.draft, faults)?;
    expect_may_send(&caller, &draft)?;
    let webhook = webhooks::update(&mut tx, &locked, &draft, &caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::Updated, WebhookView::new(&api, &webhook)))
}

/// Delete a webhook
///
/// Nothing more is sent to it, not even what waits.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/webhook/{webhook_id}", tag = "events",
    operation_id = "delete_webhook",
    params(WebhookPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<WebhookId, EmptyBody>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    let webhook = webhooks::lock(&mut tx, request.account, request.id).await?;
    webhooks::delete(&mut tx, &webhook, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

/// Replace a webhook's secret
///
/// The old one signs as well for 24 hours.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/webhook/{webhook_id}/rotate-secret", tag = "events",
    operation_id = "rotate_webhook_secret",
    params(WebhookPath, SubUserQuery),
    responses((status = 200, body = Envelope<NewWebhookView>)))]
pub(crate) async fn rotate_secret(
    request: AccountRequest<WebhookId, EmptyBody>,
) -> Result<Answer<NewWebhookView>, Problem> {
    let mut tx = request.begin().await?;
    let webhook = webhooks::lock(&mut tx, request.account, request.id).await?;
    let (secret, change) = (new_secret(&request.api), request.caller.change());
    let webhook = webhooks::rotate_secret(&mut tx, &webhook, &secret, &change).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::SecretRotated, NewWebhookView::new(&request.api, &webhook)))
}

/// Send a test to a webhook
///
/// It is sent at once, whatever else is pending, and also while the webhook is disabled. What became of it is among the
/// deliveries in a moment. 100 tests of a webhook may be pending.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/webhook/{webhook_id}/test", tag = "events",
    operation_id = "test_webhook",
    params(WebhookPath, SubUserQuery),
    responses((status = 200, body = Envelope<DeliveryView>)))]
pub(crate) async fn test(
    request: AccountRequest<WebhookId, EmptyBody>,
) -> Result<Answer<DeliveryView>, Problem> {
    let mut tx = request.begin().await?;
    let webhook = webhooks::lock(&mut tx, request.account, request.id).await?;
    let delivery = webhooks::add_test(&mut tx, &webhook, request.caller.now).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::TestSent, DeliveryView::new(&request.api, delivery)))
}

/// Send all pending deliveries again now
///
/// Also those that failed and wait for their next attempt, each as if for the first time; those of one task and those of one
/// group in order. 409 while the webhook is disabled.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/webhook/{webhook_id}/send-again", tag = "events",
    operation_id = "send_pending_deliveries_again",
    params(WebhookPath, SubUserQuery), responses((status = 200, body = Envelope<SentAgainView>)))]
pub(crate) async fn send_all_again(
    request: AccountRequest<WebhookId, EmptyBody>,
) -> Result<Answer<SentAgainView>, Problem> {
    let mut tx = request.begin().await?;
    let webhook = webhooks::lock(&mut tx, request.account, request.id).await?;
    let deliveries = webhooks::send_all_again(&mut tx, &webhook, request.caller.now).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::SentAgain, SentAgainView { deliveries }))
}

/// Send a delivery again now
///
/// One that is pending, or one that was delivered. Those of the same task or group that are pending before it are sent at
/// once too, for they keep their order. 409 while the webhook is disabled, and when the event is no longer kept.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery/{delivery_id}/send-again",
    tag = "events", operation_id = "send_delivery_again",
    params(DeliveryPath, SubUserQuery), responses((status = 200, body = Envelope<DeliveryView>)))]
pub(crate) async fn send_again(
    request: AccountRequest<DeliveryOfWebhook, EmptyBody>,
) -> Result<Answer<DeliveryView>, Problem> {
    let (DeliveryOfWebhook { webhook, delivery }, now) = (request.id, request.caller.now);
    let mut tx = request.begin().await?;
    let webhook = webhooks::lock(&mut tx, request.account, webhook).await?;
    let delivery = webhooks::send_again(&mut tx, &webhook, delivery, now).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::SentAgain, DeliveryView::new(&request.api, delivery)))
}

/// Deliveries of a webhook
///
/// What became of each event, newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery", tag = "events",
    operation_id = "webhook_deliveries",
    params(WebhookPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<DeliveryView>>)))]
pub(crate) async fn deliveries(
    request: AccountRequest<WebhookId>,
) -> Result<Answer<Vec<DeliveryView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    webhooks::get(&mut read, request.account, request.id).await?;
    let found = webhooks::list_deliveries(&mut read, request.id, page).await?;
    Ok(Answer::page(Message::Deliveries, page, found, |delivery| DeliveryView::new(&request.api, delivery)))
}

/// Refuses a token that sees telephone numbers masked where a webhook would be sent them whole.
fn expect_may_send(caller: &Caller, draft: &WebhookDraft) -> Result<(), Problem> {
    match caller.authority.token.numbers {
        NumberDisplay::Masked if draft.sends_numbers() => Err(Problem::Forbidden(Forbidden::NumbersMasked)),
        NumberDisplay::Masked | NumberDisplay::Full => Ok(()),
    }
}

fn new_secret(api: &Api) -> WebhookSecret {
    let mut bytes = [0; 32];
    api.random.fill(&mut bytes);
    WebhookSecret(bytes)
}
