//! Subscriptions: addresses from which calendar programs read a group's calendar without a header. Whoever knows the address can
//! read; it holds 32 random bytes, is shown once and can be revoked.

use axum::response::Response;
use domain::{CalendarSubscription, CalendarSubscriptionId, CompiledGroup, DialTimeGroupId};
use secrecy::ExposeSecret;
use serde::Serialize;
use store::{calendar_subscriptions, groups, schedules, stops};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Days, GroupCalendarView, date_at, written};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        extract::{AccountRequest, EmptyBody, OpenRequest},
        formats::LocalTimeSchema,
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        messages::Message,
        path::SubscriptionOfGroup,
        path::{GroupPath, SubscriptionPath},
        problem::Problem,
        query::SubUserQuery,
        secret,
        time::stamp,
    },
    resources::decisions::DecisionSubject,
};

/// What every key starts with, so that a leaked one is recognised.
const PREFIX: &str = "dtc_";
const SUFFIX: &str = ".ics";

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionView {
    id: Uuid,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
}

/// A new subscription, with its address, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewSubscriptionView {
    #[serde(flatten)]
    subscription: SubscriptionView,
    /// Its address on this server. Whoever knows it can read the group's calendar.
    #[schema(example = "/calendars/dtc_5c0e....ics")]
    path: String,
    /// The same, relative to the address of this request: so it keeps a path that a proxy has before those of this server.
    #[schema(example = "../../../../../calendars/dtc_5c0e....ics")]
    relative_path: String,
}

impl SubscriptionView {
    fn new(api: &Api, subscription: &CalendarSubscription) -> Self {
        let created_at = stamp(api.settings.zone, subscription.created_at);
        Self { id: subscription.id.uuid(), created_at }
    }
}

/// List subscriptions to a group's calendar
///
/// Oldest first; their addresses are not shown again.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription",
    tag = "decision", operation_id = "list_calendar_subscriptions",
    params(GroupPath, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<SubscriptionView>>)))]
pub(crate) async fn list(
    request: AccountRequest<DialTimeGroupId>,
) -> Result<Answer<Vec<SubscriptionView>>, Problem> {
    let mut read = request.read().await?;
    groups::get(&mut read, request.account, request.id).await?;
    let subscriptions = calendar_subscriptions::list(&mut read, request.account, request.id).await?;
    let views = subscriptions.iter().map(|subscription| SubscriptionView::new(&request.api, subscription));
    Ok(Answer::new(Message::Subscriptions, views.collect()))
}

/// Subscribe to a group's calendar
///
/// Makes an address from which calendar programs read the group's calendar without a token.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription",
    tag = "decision", operation_id = "create_calendar_subscription",
    params(GroupPath, SubUserQuery, IdempotencyKey),
    responses((status = 200, body = Envelope<NewSubscriptionView>)))]
pub(crate) async fn create(
    request: AccountRequest<DialTimeGroupId, EmptyBody>,
) -> Result<Answer<NewSubscriptionView>, Problem> {
    let (api, change) = (&request.api, request.caller.change());
    let key = secret::random(PREFIX, &*api.random);
    let hash = secret::hash_subscription_key(key.expose_secret());
    let id = CalendarSubscriptionId::generate(&*api.clock, &*api.random);
    let mut tx = match idempotency::begin(api, &request.caller, Message::Subscribed).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let subscription =
        calendar_subscriptions::create(&mut tx, request.account, request.id, id, &hash, &change).await?;
    let path = format!("/calendars/{}{SUFFIX}", key.expose_secret());
    let view = NewSubscriptionView {
        subscription: SubscriptionView::new(api, &subscription),
        relative_path: format!("../../../../..{path}"),
        path,
    };
    idempotency::finish(tx, &request.caller, Message::Subscribed, &view).await
}

/// Revoke a subscription
///
/// Its address is unknown from now on.
#[utoipa::path(delete,
    path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription/{subscription_id}",
    tag = "decision", operation_id = "revoke_calendar_subscription",
    params(SubscriptionPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn revoke(
    request: AccountRequest<SubscriptionOfGroup, EmptyBody>,
) -> Result<Answer<()>, Problem> {
    let SubscriptionOfGroup { group, subscription } = request.id;
    let mut tx = request.begin().await?;
    let change = request.caller.change();
    let locked = calendar_subscriptions::lock(&mut tx, request.account, group, subscription).await?;
    calendar_subscriptions::delete(&mut tx, &locked, &change).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

/// Subscribed calendar
///
/// A group's calendar as iCalendar, from 30 days ago on for 400 days: for calendar programs, which send no token.
#[utoipa::path(get, path = "/calendars/{file}", tag = "decision", operation_id = "subscribed_calendar", security(()),
    params(("file" = String, Path, description = "The key of the subscription and `.ics`")),
    responses((status = 200, body = String, content_type = "text/calendar", description = "The calendar")))]
pub(crate) async fn read(request: OpenRequest) -> Result<Response, Problem> {
    let key = request.path.get("file").strip_suffix(SUFFIX).ok_or(Problem::NotFound)?;
    let hash = secret::hash_subscription_key(key);
    request.api.allowances.look_up(request.peer, &hash.0)?;
    let mut read = request.api.store.read().await?;
    let found = calendar_subscriptions::find(&mut read, &hash).await?;
    request.api.allowances.was_good(hash.0);
    let group = groups::get(&mut read, found.account_id, found.group_id).await?;
    let schedule = schedules::of(&mut read, &group).await?;
    let group = CompiledGroup { group, schedule };
    let today = date_at(request.now, group.group.draft.timezone);
    let stopped =
        stops::among(&mut read, &[found.account_id], &[]).await?.accounts.contains(&found.account_id);
    let view = GroupCalendarView::new(DecisionSubject::of(&group), Days::subscribed(today), request.language)
        .stopped(stopped);
    Ok(written(&group, &view, request.language))
}
