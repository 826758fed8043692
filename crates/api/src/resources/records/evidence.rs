//! What the decision to make a call rested on, and the same decision made again.

use domain::{AttemptId, DecidedAgain, Evidence};
use serde::Serialize;
use store::{attempts, schedules};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::LocalTimeSchema,
        messages::Message,
        path::RecordOfAccountPath,
        problem::Problem,
        query::SubUserQuery,
        routes::{Routes, routes},
        time::stamp,
    },
    resources::decisions::{ClosedByView, RuleView},
};

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(evidence))
}

/// What a decision to call rested on.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordEvidence)]
pub(crate) struct EvidenceView {
    record_id: Uuid,
    /// What was stored with the attempt before its call started; `null` of one that was recorded before there was evidence.
    decision: Option<StoredDecisionView>,
    /// The same decision, made again from what was stored; `null` where nothing says any more how the task or its group was.
    again: Option<DecidedAgainView>,
}

/// A decision as it was stored.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredDecision)]
struct StoredDecisionView {
    #[schema(value_type = LocalTimeSchema)]
    decided_at: String,
    /// When the task had last been changed.
    #[schema(value_type = Option<LocalTimeSchema>)]
    task_altered_at: Option<String>,
    group_id: i64,
    #[schema(minimum = 1)]
    group_version: i64,
    /// The zone of the group.
    timezone: String,
    /// The revision of the holidays that the group followed.
    holidays_revision: i64,
    /// Which zones and holidays were built in.
    built_in: String,
    /// The rule that decided.
    rule: String,
    /// Until when a call was allowed; `null`: for good.
    #[schema(value_type = Option<LocalTimeSchema>)]
    allowed_until: Option<String>,
    /// After which no call was to start.
    #[schema(value_type = Option<LocalTimeSchema>)]
    latest_start: Option<String>,
    /// When a call that nobody had answered was to be cancelled.
    #[schema(value_type = Option<LocalTimeSchema>)]
    cancel_at: Option<String>,
}

/// A decision that was made again.
#[derive(Serialize, ToSchema)]
#[schema(as = DecisionAgain)]
struct DecidedAgainView {
    allowed: bool,
    #[schema(value_type = RuleView)]
    rule: &'static str,
    /// All planned closures, ceilings and rules of the group that close it, the last to open first; empty where a call is allowed.
    closed_by: Vec<ClosedByView>,
    /// Until when a call is allowed; `null`: for good, or not at all.
    #[schema(value_type = Option<LocalTimeSchema>)]
    allowed_until: Option<String>,
    /// Whether that is what was decided then.
    agrees: bool,
    /// Whether the program still has the zones and holidays that were built in then; where it has not, another answer may come of that.
    same_built_in: bool,
}

/// What did the decision to call rest on?
///
/// The versions that were stored with the attempt before its call started, and the same decision made again from them: by the task, the
/// group and the holidays as they were then.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/record/{record_id}/evidence", tag = "record",
    operation_id = "record_evidence", params(RecordOfAccountPath, SubUserQuery),
    responses((status = 200, body = Envelope<EvidenceView>)))]
pub(crate) async fn evidence(request: AccountRequest<AttemptId>) -> Result<Answer<EvidenceView>, Problem> {
    let AccountRequest { api, account, id, .. } = &request;
    let mut read = request.read().await?;
    let stored = attempts::evidence(&mut read, *account, *id).await?;
    let again = match &stored {
        Some(stored) => {
            let item = attempts::decided_on(&mut read, *account, stored).await?;
            item.map(|item| {
                let closed_by = ClosedByView::all(&item.schedule, stored.evidence.decided_at);
                (stored.evidence.decide_again(&item, &schedules::built_in_data()), closed_by)
            })
        }
        None => None,
    };
    let view = EvidenceView {
        record_id: id.uuid(),
        decision: stored.map(|stored| StoredDecisionView::new(api, stored.evidence)),
        again: again.map(|(again, closed_by)| DecidedAgainView::new(api, again, closed_by)),
    };
    Ok(Answer::new(Message::Evidence, view))
}

impl StoredDecisionView {
    fn new(api: &Api, evidence: Evidence) -> Self {
        let time = |at: jiff::Timestamp| stamp(api.settings.zone, at);
        Self {
            decided_at: time(evidence.decided_at),
            task_altered_at: evidence.task_altered_at.map(time),
            group_id: evidence.group_id.get(),
            group_version: evidence.group_version,
            timezone: evidence.timezone,
            holidays_revision: evidence.holidays_revision,
            built_in: evidence.built_in,
            rule: evidence.rule,
            allowed_until: evidence.allowed_until.map(time),
            latest_start: evidence.latest_start.map(time),
            cancel_at: evidence.cancel_at.map(time),
        }
    }
}

impl DecidedAgainView {
    fn new(api: &Api, again: DecidedAgain, closed_by: Vec<ClosedByView>) -> Self {
        let DecidedAgain { allowed, rule, allowed_until, agrees, same_built_in } = again;
        let allowed_until = allowed_until.map(|at| stamp(api.settings.zone, at));
        Self { allowed, rule: rule.code(), closed_by, allowed_until, agrees, same_built_in }
    }
}
