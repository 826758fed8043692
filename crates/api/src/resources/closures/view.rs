//! A planned closure as it is returned.

use domain::{PlannedClosure, StopTarget};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{formats::LocalTimeSchema, set_by::SetByView, time::stamp},
    resources::stops::StopLevelView,
};

/// A planned closure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlannedClosure)]
pub(crate) struct PlannedClosureView {
    id: Uuid,
    level: StopLevelView,
    /// The user or the sub-user that it covers; `null` of another level.
    account_id: Option<Uuid>,
    /// What it is called.
    #[schema(example = "年会")]
    name: String,
    /// The first instant at which nothing dials.
    #[schema(value_type = LocalTimeSchema)]
    begin: String,
    /// The first instant after it.
    #[schema(value_type = LocalTimeSchema)]
    end: String,
    set_by: SetByView,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
}

impl PlannedClosureView {
    pub(super) fn new(api: &Api, closure: &PlannedClosure) -> Self {
        let (zone, target) = (api.settings.zone, StopTarget::from(closure.target));
        let account_id = match target {
            StopTarget::Account(_, account) => Some(account.uuid()),
            StopTarget::Installation | StopTarget::Partner(_) | StopTarget::Line(..) => None,
        };
        Self {
            id: closure.id.uuid(),
            level: target.level().into(),
            account_id,
            name: closure.name.as_str().to_owned(),
            begin: stamp(zone, closure.begin),
            end: stamp(zone, closure.end),
            set_by: SetByView::from(&closure.by),
            created_at: stamp(zone, closure.created_at),
        }
    }
}
