//! The lines that a new task can be made with: those that its account has a share of, its own or its user's, and groups of such lines.

use domain::{AccountId, Line, LineAllocation, LineGroup, LineId};
use serde::Serialize;
use store::{Session, lines};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, problem::Problem, time::stamp},
};

/// A line, or a line group, to choose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferedLine)]
pub(crate) struct OfferedLineView {
    name: String,
    /// The line's or the group's id, for `caller_line_id`.
    value: Uuid,
    /// The same, for `task_extras.line`.
    line_id: Uuid,
    /// Whether it is a line group. Of it, `residue`, `call_line` and `available_at` are those of the first of its lines that there is a share of.
    is_group: bool,
    /// How many calls at once are left of the share (剩余并发): without those of the enabled tasks with numbers, or with an import of
    /// some, of the user and its sub-users.
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

/// A share of a line, and how many calls at once are taken of it.
struct Share {
    line: Line,
    allocation: LineAllocation,
    calls: i64,
}

impl OfferedLineView {
    fn of_line(api: &Api, of: &Share) -> Self {
        let Share { line, allocation, calls } = of;
        Self {
            name: line.draft.name.as_str().to_owned(),
            value: line.id.uuid(),
            line_id: line.id.uuid(),
            is_group: false,
            residue: (allocation.draft.line_concurrency - calls).max(0),
            call_line: allocation.draft.line_concurrency,
            remark: line.draft.settings.description.clone(),
            belong_user: allocation.user_id.uuid(),
            available_at: allocation.draft.deadline_at.map(|at| stamp(api.settings.zone, at)),
            call_number: None,
        }
    }

    /// A group takes what it takes of the first of its lines that there is a share of.
    fn of_group(api: &Api, group: LineGroup, first: &Share) -> Self {
        Self {
            name: group.draft.name.as_str().to_owned(),
            value: group.id.uuid(),
            line_id: group.id.uuid(),
            is_group: true,
            remark: group.draft.description,
            ..Self::of_line(api, first)
        }
    }
}

/// The lines of an account whose shares are in force, and the line groups that have such lines.
pub(crate) async fn offered(
    session: &mut dyn Session,
    api: &Api,
    caller: &Caller,
    (account, user): (AccountId, AccountId),
) -> Result<Vec<OfferedLineView>, Problem> {
    let found = lines::allocations_of_user(session, account).await?;
    let ids: Vec<LineId> = found.iter().map(|(line, _)| line.id).collect();
    let calls = lines::calls_of_tasks(session, user, &ids).await?;
    let share = |(line, allocation): (Line, LineAllocation)| {
        let calls = calls.get(&line.id).copied().unwrap_or(0);
        Share { line, allocation, calls }
    };
    let shares: Vec<Share> = found.into_iter().map(share).collect();
    let is_in_force = |share: &&Share| share.allocation.is_in_force(caller.now);
    let views = shares.iter().filter(is_in_force).map(|share| OfferedLineView::of_line(api, share));
    let mut views: Vec<OfferedLineView> = views.collect();
    for group in lines::groups_of_account(session, account).await? {
        let of_group = group.draft.lines.iter();
        let of_group: Vec<&Share> =
            of_group.filter_map(|id| shares.iter().find(|share| share.line.id == *id)).collect();
        if let Some(first) = of_group.first().filter(|_| of_group.iter().any(is_in_force)) {
            views.push(OfferedLineView::of_group(api, group, first));
        }
    }
    Ok(views)
}
