//! The bodies that are sent to webhooks.

use calendar::Zone;
use domain::{
    DialTimeGroupId, EventDetail, EventKind, Generation, LoggedEvent, TaskId, TaskSettings, TaskSnapshot,
    V2_TASK_TYPE, WEBHOOK_TEST, WebhookFormat,
};
use jiff::Timestamp;
use serde::Serialize;
use store::webhooks::{DueEvent, Recipient};

use super::messages::{
    CREATED, CallbackGroup, DELETED, EventData, EventMessage, SUB_USER, TaskCallback, TaskCallbackData, Test,
    USER,
};
use crate::{
    http::{
        settings::PublicUrl,
        time::{instant, stamp},
    },
    resources::{events::EventView, number_callbacks::view::NumberCallbackView},
};

/// Writes what is sent to webhooks.
#[derive(Clone, Debug)]
pub struct WebhookBodies {
    zone: Zone,
    public_url: PublicUrl,
}

impl WebhookBodies {
    /// With what the operator chose.
    pub const fn new(zone: Zone, public_url: PublicUrl) -> Self {
        Self { zone, public_url }
    }

    /// The body of an event in the format of the webhook.
    pub fn of_event(&self, recipient: &Recipient, event: &DueEvent) -> String {
        match (recipient.webhook.draft.format, &event.numbers) {
            (WebhookFormat::Standard, _) => written(&self.message(&event.logged)),
            (WebhookFormat::Platform, Some(callback)) => {
                written(&NumberCallbackView::new(&self.public_url, callback))
            }
            (WebhookFormat::Platform, None) => written(&platform(self.zone, recipient, &event.logged)),
        }
    }

    /// The body of a test.
    pub fn of_test(&self, now: Timestamp) -> String {
        written(&EventMessage {
            kind: WEBHOOK_TEST,
            timestamp: instant(self.zone, now),
            data: EventData::Test(Test {}),
        })
    }

    /// The body of several events, in order. Only the standard format has such.
    pub fn of_list(&self, events: &[DueEvent]) -> String {
        written(&events.iter().map(|event| self.message(&event.logged)).collect::<Vec<_>>())
    }

    fn message(&self, event: &LoggedEvent) -> EventMessage {
        let timestamp = instant(self.zone, event.event.due_at);
        let data = EventData::Event(Box::new(EventView::new(self.zone, event)));
        EventMessage { kind: event.event.kind.code(), timestamp, data }
    }
}

fn written(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_else(|error| {
        tracing::error!(%error, "a message to a webhook could not be written");
        String::new()
    })
}

/// The documented `task_type` of a task that was made without one: 任务外呼 of the 1.0 interface, and the 2.0 task.
fn task_type(task: Option<&TaskSnapshot>, settings: &TaskSettings) -> i64 {
    const V1_TASK_TYPE: i64 = 1;
    let is_v2 = task.and_then(|task| task.generation) == Some(Generation::V2.number());
    settings.dialing.course.task_type.unwrap_or(if is_v2 { V2_TASK_TYPE } else { V1_TASK_TYPE })
}

/// The task's group, in a list as documented. Events of early versions have its windows only.
fn time_range(task: Option<&TaskSnapshot>, group: Option<DialTimeGroupId>) -> Vec<CallbackGroup> {
    let Some(task) = task else { return Vec::new() };
    match (&task.group, &task.content) {
        (None, None) => Vec::new(),
        (None, Some(content)) => vec![CallbackGroup {
            id: group.map(DialTimeGroupId::get),
            name: None,
            content: content.clone(),
            skip_holiday: None,
            is_default: None,
        }],
        (Some(group), _) => vec![CallbackGroup {
            id: Some(group.id),
            name: Some(group.name.clone()),
            content: group.content.clone(),
            skip_holiday: Some(group.skip_holiday),
            is_default: Some(group.is_default),
        }],
    }
}

/// 创建/删除任务回调数据. The fields that mean nothing here are there, and empty.
fn platform(zone: Zone, recipient: &Recipient, event: &LoggedEvent) -> TaskCallback {
    let deleted = event.event.kind == EventKind::TaskDeleted;
    TaskCallback {
        r#type: if deleted { DELETED } else { CREATED },
        mode: "saas_web",
        task_data: task_data(zone, recipient, event),
    }
}

/// The task that was made or deleted.
fn task_of(event: &LoggedEvent) -> Option<&TaskSnapshot> {
    match &event.event.detail {
        Some(EventDetail::Task(task)) => Some(task),
        Some(
            EventDetail::Horizon(_)
            | EventDetail::Closure(_)
            | EventDetail::Ceiling(_)
            | EventDetail::Feed(_)
            | EventDetail::Stop(_)
            | EventDetail::Import(_)
            | EventDetail::Call(_)
            | EventDetail::Result(_)
            | EventDetail::Line(_)
            | EventDetail::Bot(_)
            | EventDetail::Blocked(_)
            | EventDetail::Numbers(_)
            | EventDetail::Recording(_),
        )
        | None => None,
    }
}

fn task_data(zone: Zone, recipient: &Recipient, event: &LoggedEvent) -> TaskCallbackData {
    let task = task_of(event);
    let settings = task.and_then(|task| serde_json::from_value(task.settings.clone()).ok());
    let settings: TaskSettings = settings.unwrap_or_default();
    let enabled = task.is_some_and(|task| task.enabled == Some(true));
    let created_at = task.and_then(|task| task.created_at);
    TaskCallbackData {
        uuid: event.event.task.map(TaskId::uuid),
        user_id: event.account.uuid(),
        username: recipient.account_name.clone(),
        user_type: if recipient.is_sub_user { SUB_USER } else { USER },
        name: task.map(|task| task.name.clone()),
        start: enabled.into(),
        start_str: if enabled { "启动" } else { "暂停" },
        create_datetime: created_at.map(|created_at| stamp(zone, created_at)),
        maximumcall: settings.dialing.pace.maximumcall,
        caller_line_id: settings.dialing.lines.caller_line_id,
        caller_line_name: task.and_then(|task| task.line_name.clone()),
        caller_line_time: None,
        destination_extension: settings.dialing.script.destination_extension,
        destination_extension_name: task.and_then(|task| task.script_name.clone()),
        call_pause_second: settings.dialing.pace.call_pause_second.unwrap_or(0),
        auto_recycle_rule_id: settings.dialing.redial.auto_recycle_rule_id,
        recycle_limit: None,
        customer_service_id: None,
        disable_dial_timegroup: None,
        outbound_group_time: None,
        time_range: time_range(task, event.event.group.map(|(group, _)| group)),
        task_type: task_type(task, &settings),
        enable_type: settings.carried.enable_type.unwrap_or(0),
        remark: settings.carried.remark,
    }
}
