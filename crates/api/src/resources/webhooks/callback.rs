//! The bodies that are sent to webhooks.

use calendar::Zone;
use domain::{DialTimeGroupId, EventKind, LoggedEvent, TaskId, TaskSettings, WebhookFormat};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::webhooks::{Recipient, TEST};

use super::messages::{EventData, EventMessage, Test};
use crate::{
    http::time::{instant, stamp},
    resources::events::EventView,
};

/// The documented `type` of a task that was created. What that of a deleted one is, the documents do not say; ours is the
/// next number.
pub(super) const CREATED: u8 = 1;
pub(super) const DELETED: u8 = 2;

/// The documented `user_type` of an account: 4 of a user, 8 of a sub-user.
pub(super) const USER: u8 = 4;
pub(super) const SUB_USER: u8 = 8;

/// The body that tells a webhook of an event, in its format.
pub fn body_of_event(zone: Zone, recipient: &Recipient, event: &LoggedEvent) -> String {
    match recipient.webhook.draft.format {
        WebhookFormat::Standard => standard(zone, event),
        WebhookFormat::Platform => platform(zone, recipient, event).to_string(),
    }
}

/// The body of a test.
pub fn body_of_test(zone: Zone, now: Timestamp) -> String {
    written(&EventMessage { kind: TEST, timestamp: instant(zone, now), data: EventData::Test(Test {}) })
}

fn standard(zone: Zone, event: &LoggedEvent) -> String {
    let timestamp = instant(zone, event.event.due_at);
    let data = EventData::Event(Box::new(EventView::new(zone, event)));
    written(&EventMessage { kind: event.event.kind.code(), timestamp, data })
}

fn written(message: &EventMessage) -> String {
    serde_json::to_string(message).unwrap_or_else(|error| {
        tracing::error!(%error, "a message to a webhook could not be written");
        String::new()
    })
}

/// The documented `task_type` of a task that was made without one: 任务外呼 of the 1.0 interface, and the 2.0 task.
fn task_type(detail: &Value, settings: &TaskSettings) -> i64 {
    const FIRST: i64 = 1;
    let second = detail["generation"] == 2;
    settings.task_type.unwrap_or(if second { domain::V2_TASK_TYPE } else { FIRST })
}

/// The task's group, in a list as documented. Events from before groups were told whole have its windows only.
fn time_range(detail: &Value, group: Option<DialTimeGroupId>) -> Value {
    match (&detail["group"], &detail["content"]) {
        (Value::Null, Value::Null) => json!([]),
        (Value::Null, content) => json!([{ "id": group.map(DialTimeGroupId::get), "content": content }]),
        (group, _) => json!([group]),
    }
}

/// 创建/删除任务回调数据. The fields that mean nothing here are there, and empty.
fn platform(zone: Zone, recipient: &Recipient, event: &LoggedEvent) -> Value {
    let detail = event.event.detail.clone().unwrap_or_default();
    let settings: TaskSettings = serde_json::from_value(detail["settings"].clone()).unwrap_or_default();
    let enabled = detail["enabled"] == true;
    let created_at: Option<Timestamp> = detail["created_at"].as_str().and_then(|text| text.parse().ok());
    json!({
        "type": if event.event.kind == EventKind::TaskDeleted { DELETED } else { CREATED },
        "mode": "saas_web",
        "task_data": {
            "uuid": event.event.task.map(TaskId::uuid),
            "user_id": event.account.uuid(),
            "username": recipient.account_name,
            "user_type": if recipient.is_sub_user { SUB_USER } else { USER },
            "name": detail["name"],
            "remark": settings.remark,
            "start": u8::from(enabled),
            "start_str": if enabled { "启动" } else { "暂停" },
            "create_datetime": created_at.map(|created_at| stamp(zone, created_at)),
            "maximumcall": settings.maximumcall,
            "caller_line_id": settings.caller_line_id,
            "caller_line_name": null,
            "caller_line_time": null,
            "destination_extension": settings.destination_extension,
            "destination_extension_name": null,
            "call_pause_second": settings.call_pause_second.unwrap_or(0),
            "auto_recycle_rule_id": settings.auto_recycle_rule_id,
            "recycle_limit": null,
            "customer_service_id": null,
            "disable_dial_timegroup": null,
            "outbound_group_time": null,
            "time_range": time_range(&detail, event.event.group.map(|(group, _)| group)),
            "task_type": task_type(&detail, &settings),
            "enable_type": settings.enable_type.unwrap_or(0),
        },
    })
}
