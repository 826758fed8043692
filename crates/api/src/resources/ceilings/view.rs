//! A ceiling as it is returned.

use domain::{GroupCeiling, StopTarget};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::effects::CeilingEffectsView;
use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, set_by::SetByView, time::stamp},
    resources::stops::StopLevelView,
};

/// A ceiling.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ceiling)]
pub(crate) struct CeilingView {
    level: StopLevelView,
    /// The user or the sub-user below which it holds; `null` of the partner.
    account_id: Option<Uuid>,
    /// Whose group it is; `null` where the token acts for one user and this is another's.
    group_account_id: Option<Uuid>,
    /// The group that must be open; `null` likewise.
    #[schema(minimum = 1, example = 428)]
    dial_time_id: Option<i64>,
    /// What the group is called: decisions name it.
    #[schema(example = "法定时段")]
    name: String,
    set_by: SetByView,
    #[schema(value_type = LocalTimeSchema)]
    set_at: String,
}

impl CeilingView {
    pub(super) fn new(api: &Api, caller: &Caller, ceiling: &GroupCeiling) -> Self {
        let own = caller.authority.token.user.is_none_or(|user| user == ceiling.account);
        // An account's ceiling is its own group.
        let seen = own || ceiling.target.account().is_some();
        Self {
            level: StopTarget::from(ceiling.target).level().into(),
            account_id: ceiling.target.account().map(domain::AccountId::uuid),
            group_account_id: seen.then(|| ceiling.account.uuid()),
            dial_time_id: seen.then(|| ceiling.group.get()),
            name: ceiling.name.as_str().to_owned(),
            set_by: SetByView::from(&ceiling.by),
            set_at: stamp(api.settings.zone, ceiling.set_at),
        }
    }
}

/// A ceiling that was set, or with `dry_run` would be, and what comes of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SetCeilingResult)]
pub(crate) struct CeilingSetView {
    #[serde(flatten)]
    ceiling: CeilingView,
    #[serde(flatten)]
    effects: CeilingEffectsView,
}

impl CeilingSetView {
    pub(super) const fn new(ceiling: CeilingView, effects: CeilingEffectsView) -> Self {
        Self { ceiling, effects }
    }
}
