//! A stop as it is returned.

use calendar::Zone;
use domain::{Stop, StopLevel, StopTarget};
use serde::Serialize;
use store::stops::NamedStop;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{choices::choice, formats::LocalTimeSchema, set_by::SetByView, time::stamp};

choice! {
    /// How much a stop covers: everything, the partner, an account with its sub-users, or a line.
    pub(crate) enum StopLevelView as StopLevel for StopLevel {
        Installation = "installation",
        Partner = "partner",
        Account = "account",
        Line = "line",
    }
}

/// A stop that is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stop)]
pub(crate) struct StopView {
    level: StopLevelView,
    /// The user that is stopped, or whose sub-user is; `null` of another level.
    user_id: Option<Uuid>,
    /// The sub-user that is stopped.
    sub_user_id: Option<Uuid>,
    /// The line that is stopped.
    line_id: Option<Uuid>,
    /// The name of the partner, the account or the line; `null` of the installation.
    name: Option<String>,
    /// Why, if whoever stopped it said so.
    #[schema(example = "投诉")]
    reason: Option<String>,
    /// Since when.
    #[schema(value_type = LocalTimeSchema)]
    stopped_at: String,
    stopped_by: SetByView,
    /// Whether this token may resume it; the installation is resumed at the command line.
    may_resume: bool,
}

/// What a stop, or its end, came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StopChange)]
pub(crate) struct StopChangeView {
    /// Whether anything was changed: not where it was stopped already.
    pub(super) changed: bool,
    /// The stops that cover it now, the greatest first: what decisions name is the first.
    pub(super) stops: Vec<StopView>,
}

impl StopView {
    pub(super) fn new(zone: Zone, named: NamedStop, may_resume: bool) -> Self {
        let NamedStop { stop: Stop { target, reason, by, at }, name, user } = named;
        let (account, line) = match target {
            StopTarget::Account(_, account) => (Some(account), None),
            StopTarget::Line(_, line) => (None, Some(line.uuid())),
            StopTarget::Installation | StopTarget::Partner(_) => (None, None),
        };
        Self {
            level: target.level().into(),
            user_id: user.or(account).map(domain::AccountId::uuid),
            sub_user_id: user.and(account).map(domain::AccountId::uuid),
            line_id: line,
            name,
            reason: reason.map(|reason| reason.as_str().to_owned()),
            stopped_at: stamp(zone, at),
            stopped_by: SetByView::from(&by),
            may_resume,
        }
    }
}
