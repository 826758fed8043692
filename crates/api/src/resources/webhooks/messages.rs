//! What webhooks are sent, for the OpenAPI document's `webhooks`.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    http::formats::LocalTimeSchema,
    openapi::values::{self, schema_of},
    resources::{
        events::{AnyEventTypeSchema, EventView},
        groups::Day,
    },
};

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
    values::numbers("1: it was created. 2: it was deleted.", [super::callback::CREATED.into(), super::callback::DELETED.into()])
);
schema_of!(
    /// Whose task it is.
    AccountTypeSchema,
    "AccountType",
    values::numbers("4: a user (终端用户). 8: a sub-user (子账户).", [super::callback::USER.into(), super::callback::SUB_USER.into()])
);

/// 创建/删除任务回调数据, as webhooks of the `platform` format are sent it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct TaskCallback {
    #[schema(value_type = TaskChangeSchema)]
    r#type: u8,
    #[schema(example = "saas_web")]
    mode: String,
    task_data: TaskCallbackData,
}

/// The task of a callback. What means nothing here is there, and `null`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct TaskCallbackData {
    uuid: Uuid,
    /// The account that owns it.
    user_id: Uuid,
    username: String,
    #[schema(value_type = AccountTypeSchema)]
    user_type: u8,
    name: String,
    remark: Option<String>,
    /// 1 when it was switched on, which only a deleted one can have been.
    #[schema(minimum = 0, maximum = 1, example = 0)]
    start: i64,
    /// `暂停` or `启动`.
    #[schema(example = "暂停")]
    start_str: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    create_datetime: Option<String>,
    maximumcall: i64,
    caller_line_id: Option<Uuid>,
    caller_line_name: Option<String>,
    caller_line_time: Option<String>,
    destination_extension: i64,
    destination_extension_name: Option<String>,
    call_pause_second: i64,
    auto_recycle_rule_id: Option<i64>,
    recycle_limit: Option<i64>,
    customer_service_id: Option<i64>,
    disable_dial_timegroup: Option<Uuid>,
    outbound_group_time: Option<String>,
    /// Its dial time groups (呼叫时间组).
    time_range: Vec<CallbackGroup>,
    task_type: i64,
    enable_type: i64,
}

/// A group of a callback.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct CallbackGroup {
    id: i64,
    name: String,
    content: Vec<Day>,
    skip_holiday: bool,
    is_default: bool,
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

/// A task was created or deleted (创建/删除任务回调数据)
///
/// Sent to webhooks of the `platform` format.
#[utoipa::path(post, path = "task", tag = "events", operation_id = "task_created_or_deleted", security(()),
    params(DeliveryHeaders), request_body = TaskCallback,
    responses((status = "2XX", description = "Taken"), (status = "4XX", description = "Sent again later"),
        (status = "5XX", description = "Sent again later")))]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) fn task() {}
