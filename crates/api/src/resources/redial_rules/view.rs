//! A redial rule as it is returned.

use domain::{NumberStatus, StoredRedialRule};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{formats::LocalTimeSchema, time::stamp},
};

/// A redial rule (重呼规则): when a number is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedialRuleView {
    #[schema(minimum = 1, example = 94)]
    id: i64,
    name: String,
    /// The account that owns it.
    user_id: Uuid,
    remark: Option<String>,
    /// After which outcomes a number is tried again.
    #[schema(example = json!([3, 4, 8]))]
    statuses: Vec<i64>,
    /// Minutes between the end of a call and the next try.
    interval: i64,
    /// How often a number is tried beside the first time.
    times: i64,
    /// The most tries of a number on one day, by the clock of the task's group; `null`: as many as `times` allows.
    daily_limit: Option<i64>,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl RedialRuleView {
    pub(super) fn new(api: &Api, stored: &StoredRedialRule) -> Self {
        let (zone, draft) = (api.settings.zone, &stored.draft);
        Self {
            id: stored.id.get(),
            name: draft.name.as_str().to_owned(),
            user_id: stored.account_id.uuid(),
            remark: draft.remark.clone(),
            statuses: draft.rule.statuses().map(NumberStatus::number).collect(),
            interval: draft.rule.interval(),
            times: draft.rule.times(),
            daily_limit: draft.rule.daily_limit(),
            version: stored.version,
            created_at: stamp(zone, stored.created_at),
            updated_at: stamp(zone, stored.updated_at),
        }
    }
}

/// A redial rule to choose, as the forms for a new task offer it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedRedialRuleView {
    id: i64,
    name: String,
    remark: Option<String>,
    /// Always `true`: a rule that is there can be chosen.
    status: bool,
}

impl From<StoredRedialRule> for OfferedRedialRuleView {
    fn from(stored: StoredRedialRule) -> Self {
        let (id, name) = (stored.id.get(), stored.draft.name.as_str().to_owned());
        Self { id, name, remark: stored.draft.remark, status: true }
    }
}
