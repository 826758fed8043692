//! The parameters that several operations share, for the OpenAPI document: the extractor reads them.

use utoipa::IntoParams;
use uuid::Uuid;

/// The user of a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct UserPath {
    /// The user (主账号); also when it is a sub-user that is acted for.
    #[param(example = "5832d184-dd53-42a0-8ace-0bf8d660f4cc")]
    user_id: Uuid,
}

/// A group of a user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct GroupPath {
    /// The user (主账号); also when it is a sub-user that is acted for.
    #[param(example = "5832d184-dd53-42a0-8ace-0bf8d660f4cc")]
    user_id: Uuid,
    /// The dial time group.
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 427)]
    group_id: i64,
}

/// A subscription to the calendar of a group, beside [`GroupPath`].
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct SubscriptionPath {
    /// The subscription.
    subscription_id: Uuid,
}

/// A task of a user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct TaskPath {
    /// The user (主账号); also when it is a sub-user that is acted for.
    #[param(example = "5832d184-dd53-42a0-8ace-0bf8d660f4cc")]
    user_id: Uuid,
    /// The task, of either generation.
    #[param(example = "f232d184-dd54-42a0-8ace-0bf8d660f4cc")]
    task_id: Uuid,
}

/// A webhook of a user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct WebhookPath {
    /// The user (主账号); also when it is a sub-user that is acted for.
    #[param(example = "5832d184-dd53-42a0-8ace-0bf8d660f4cc")]
    user_id: Uuid,
    /// The webhook.
    webhook_id: Uuid,
}

/// A delivery of a webhook, beside [`WebhookPath`].
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct DeliveryPath {
    /// The delivery.
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    delivery_id: i64,
}

/// A sub-user of a user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct SubUserPath {
    /// The user (主账号).
    #[param(example = "5832d184-dd53-42a0-8ace-0bf8d660f4cc")]
    user_id: Uuid,
    /// The sub-user (子账户).
    sub_user_id: Uuid,
}

/// What makes a create happen once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct IdempotencyHeader {
    /// Sent again with the same key within 24 hours, the create happens once and is answered alike.
    #[param(rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255, example = "order-4711")]
    key: Option<String>,
}

/// What keeps a change from undoing another.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` of the version that it is meant for, in its double quotes; 412 if there is another by now.
    #[param(rename = "If-Match", value_type = String, required = false, example = "\"3\"")]
    version: Option<String>,
}
