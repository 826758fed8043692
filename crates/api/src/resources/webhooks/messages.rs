//! The messages that webhooks are sent, and their part of the OpenAPI document.

use calendar::WeeklyWindows;
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{ArrayBuilder, Ref, RefOr, Schema},
};
use uuid::Uuid;

use crate::{
    http::{
        formats::LocalTimeSchema,
        values::{self, schema_of},
    },
    resources::{
        events::{AnyEventTypeSchema, EventView},
        groups::WeekdayWindows,
        number_callbacks::view::NumberCallbackView,
    },
};

/// The documented `type` of a task that was created. What that of a deleted one is, the documents do not say; ours is the
/// next number.
pub(super) const CREATED: u8 = 1;
pub(super) const DELETED: u8 = 2;

/// The documented `user_type` of an account: 4 of a user, 8 of a sub-user.
pub(super) const USER: u8 = 4;
pub(super) const SUB_USER: u8 = 8;

/// An event, as webhooks of the `standard` format are sent it; or a test, whose type is `webhook.test`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventMessage {
    #[serde(rename = "type")]
    #[schema(value_type = AnyEventTypeSchema, inline, example = "task.running")]
    pub(super) kind: &'static str,
    /// When it happened, which is `due_at` of the event: RFC 3339.
    #[schema(format = "date-time", example = "2026-10-12T08:00:00+08:00")]
    pub(super) timestamp: String,
    pub(super) data: EventData,
}

/// The event; of a test an empty object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum EventData {
    Event(Box<EventView>),
    Test(Test),
}

/// A test says nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {}

schema_of!(
    /// What happened to the task.
    TaskChangeSchema,
    "TaskChange",
    values::numbers("1: it was created. 2: it was deleted.", [CREATED.into(), DELETED.into()])
);
schema_of!(
    /// Whose task it is.
    AccountTypeSchema,
    "AccountType",
    values::numbers("4: a user (终端用户). 8: a sub-user (子账户).", [USER.into(), SUB_USER.into()])
);

/// 创建/删除任务回调数据, as webhooks of the `platform` format are sent it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TaskCallback {
    #[schema(value_type = TaskChangeSchema)]
    pub(super) r#type: u8,
    #[schema(value_type = String, example = "saas_web")]
    pub(super) mode: &'static str,
    pub(super) task_data: TaskCallbackData,
}

/// The task of a callback. What means nothing here is there, and `null`.
#[derive(Serialize, ToSchema)]
pub(crate) struct TaskCallbackData {
    #[schema(value_type = Uuid)]
    pub(super) uuid: Option<Uuid>,
    /// The account that owns it.
    pub(super) user_id: Uuid,
    pub(super) username: String,
    #[schema(value_type = AccountTypeSchema)]
    pub(super) user_type: u8,
    #[schema(value_type = String)]
    pub(super) name: Option<String>,
    pub(super) remark: Option<String>,
    /// 1 when it was switched on, which only a deleted one can have been.
    #[schema(minimum = 0, maximum = 1, example = 0)]
    pub(super) start: i64,
    /// `暂停` or `启动`.
    #[schema(value_type = String, example = "暂停")]
    pub(super) start_str: &'static str,
    #[schema(value_type = Option<LocalTimeSchema>)]
    pub(super) create_datetime: Option<String>,
    pub(super) maximumcall: i64,
    pub(super) caller_line_id: Option<Uuid>,
    pub(super) caller_line_name: Option<String>,
    pub(super) caller_line_time: Option<String>,
    pub(super) destination_extension: i64,
    pub(super) destination_extension_name: Option<String>,
    pub(super) call_pause_second: i64,
    pub(super) auto_recycle_rule_id: Option<i64>,
    pub(super) recycle_limit: Option<i64>,
    pub(super) customer_service_id: Option<i64>,
    pub(super) disable_dial_timegroup: Option<Uuid>,
    pub(super) outbound_group_time: Option<String>,
    /// Its dial time groups (呼叫时间组).
    pub(super) time_range: Vec<CallbackGroup>,
    pub(super) task_type: i64,
    pub(super) enable_type: i64,
}

/// A group of a callback.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallbackGroup {
    #[schema(value_type = i64)]
    pub(super) id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true)]
    pub(super) name: Option<String>,
    #[schema(value_type = Vec<WeekdayWindows>)]
    pub(super) content: WeeklyWindows,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = true)]
    pub(super) skip_holiday: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = true)]
    pub(super) is_default: Option<bool>,
}

/// The headers of every delivery, as <https://www.standardwebhooks.com> has them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct DeliveryHeaders {
    /// The same whenever the same is sent again.
    #[param(rename = "webhook-id")]
    id: String,
    /// When it was sent, in seconds since 1970.
    #[param(rename = "webhook-timestamp", example = "1791763200")]
    timestamp: String,
    /// `v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; several, with spaces between
    /// them, while an old secret signs as well.
    #[param(rename = "webhook-signature", example = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=")]
    signature: String,
}

/// An event
///
/// Sent to webhooks of the `standard` format, at least once; those of one task and those of one group come in order.
#[utoipa::path(post, path = "event", tag = "events", operation_id = "event_happened", security(()),
    params(DeliveryHeaders), request_body = EventMessage,
    responses((status = "2XX", description = "Taken"), (status = "4XX", description = "Sent again later"),
        (status = "5XX", description = "Sent again later")))]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) fn event() {}

schema_of!(
    /// Several [`EventMessage`]s.
    EventMessagesSchema,
    "EventMessages",
    {
        let message = Ref::from_schema_name(EventMessage::name());
        RefOr::T(Schema::Array(ArrayBuilder::new().items(message).min_items(Some(1)).max_items(Some(100)).build()))
    },
    beside EventMessage
);

/// Events in one request
///
/// Sent to webhooks of the `standard` format whose `batch` is more than 1: up to so many events in the order in which they happened, also
/// when it is one. A request is tried again as it is, under the same `webhook-id`; a test comes by itself, as with any webhook.
#[utoipa::path(post, path = "events", tag = "events", operation_id = "events_happened", security(()),
    params(DeliveryHeaders), request_body = EventMessagesSchema,
    responses((status = "2XX", description = "All taken"), (status = "4XX", description = "All sent again later"),
        (status = "5XX", description = "All sent again later")))]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) fn events() {}

/// A task was created or deleted (创建/删除任务回调数据)
///
/// Sent to webhooks of the `platform` format.
#[utoipa::path(post, path = "task", tag = "events", operation_id = "task_created_or_deleted", security(()),
    params(DeliveryHeaders), request_body = TaskCallback,
    responses((status = "2XX", description = "Taken"), (status = "4XX", description = "Sent again later"),
        (status = "5XX", description = "Sent again later")))]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) fn task() {}

/// Numbers were added to a task or deleted (号码回调)
///
/// Sent to webhooks of the `platform` format, for all numbers that were added by a request, by an import at its end, or deleted by a
/// request.
#[utoipa::path(post, path = "numbers", tag = "events", operation_id = "numbers_added_or_deleted", security(()),
    params(DeliveryHeaders), request_body = NumberCallbackView,
    responses((status = "2XX", description = "Taken"), (status = "4XX", description = "Sent again later"),
        (status = "5XX", description = "Sent again later")))]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) fn numbers() {}
