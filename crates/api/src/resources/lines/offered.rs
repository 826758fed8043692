//! The lines that a new task can be made with: those that its account has a share of, its own or its user's.

use domain::{AccountId, Line, LineAllocation, LineId};
use serde::Serialize;
use store::{Session, lines};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, problem::Problem, time::stamp},
};

/// A line to choose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferedLine)]
pub(crate) struct OfferedLineView {
    name: String,
    /// The line's id, for `caller_line_id`.
    value: Uuid,
    /// The same, for `task_extras.line`.
    line_id: Uuid,
    /// How many calls at once are left of the share (剩余并发): without those of the enabled tasks with numbers, of the user and its
    /// sub-users.
    residue: i64,
    /// How many calls at once the share has (线路并发).
    call_line: i64,
    /// The line's description (线路备注).
    remark: String,
    /// The user (主账号) whose share it is.
    belong_user: Uuid,
    /// From when on nothing starts.
    #[schema(value_type = Option<LocalTimeSchema>)]
    available_at: Option<String>,
    call_number: Option<String>,
}

impl OfferedLineView {
    fn new(api: &Api, line: Line, share: &LineAllocation, calls: i64) -> Self {
        Self {
            name: line.draft.name.as_str().to_owned(),
            value: line.id.uuid(),
            line_id: line.id.uuid(),
            residue: (share.draft.line_concurrency - calls).max(0),
            call_line: share.draft.line_concurrency,
            remark: line.draft.settings.description,
            belong_user: share.user_id.uuid(),
            available_at: share.draft.deadline_at.map(|at| stamp(api.settings.zone, at)),
            call_number: None,
        }
    }
}

/// The lines of an account whose shares are in force.
pub(crate) async fn offered(
    session: &mut impl Session,
    api: &Api,
    caller: &Caller,
    (account, user): (AccountId, AccountId),
) -> Result<Vec<OfferedLineView>, Problem> {
    let found = lines::allocations_of_user(session, account).await?;
    let in_force: Vec<_> = found.into_iter().filter(|(_, share)| share.is_in_force(caller.now)).collect();
    let ids: Vec<LineId> = in_force.iter().map(|(line, _)| line.id).collect();
    let calls = lines::calls_of_tasks(session, user, &ids).await?;
    let calls_over = |line: &Line| calls.get(&line.id).copied().unwrap_or(0);
    let view = |(line, share): (Line, LineAllocation)| {
        let calls = calls_over(&line);
        OfferedLineView::new(api, line, &share, calls)
    };
    Ok(in_force.into_iter().map(view).collect())
}
