//! What the decision to make an attempt rested on, and the task as it was then, to make that decision again.

use std::sync::Arc;

use calendar::Ceiling;
use domain::{AccountId, AttemptId, Evidence, TaskId, TaskInGroup};
use uuid::Uuid;

use crate::{
    Error, Kind, Result, Session, ceilings, closures,
    database::{convert::from_json, statement::query_as},
    groups, holidays, tasks,
};

/// What the decision to make an attempt of a task rested on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvidence {
    /// The task.
    pub task: TaskId,
    /// What the decision rested on.
    pub evidence: Evidence,
}

/// What the decision to make an attempt rested on; `None` of one that was recorded before there was any evidence.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn evidence(
    session: &mut dyn Session,
    account: AccountId,
    id: AttemptId,
) -> Result<Option<StoredEvidence>> {
    let found: Option<(Uuid, Option<String>)> = on!(session, c => query_as(sql!(
        "SELECT task_id, evidence FROM attempts WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let (task, evidence) = found.ok_or(Error::NotFound(Kind::Attempt))?;
    let evidence: Option<Evidence> = evidence.as_deref().map(from_json).transpose()?;
    Ok(evidence.map(|evidence| StoredEvidence { task: TaskId::new(task), evidence }))
}

/// The task and its group as they were when a decision rested on them, with the holidays of then; `None` when nothing says that any
/// more.
///
/// # Errors
/// When the database does not answer.
pub async fn decided_on(
    session: &mut dyn Session,
    account: AccountId,
    stored: &StoredEvidence,
) -> Result<Option<TaskInGroup>> {
    let StoredEvidence { task, evidence } = stored;
    let Some(group) = groups::at_version(session, account, evidence.group_id, evidence.group_version).await?
    else {
        return Ok(None);
    };
    let Some(task) = tasks::as_altered(session, account, *task, evidence.task_altered_at).await? else {
        return Ok(None);
    };
    let calendars = holidays::load_at(session, evidence.holidays_revision).await?;
    let closed = closures::of_account_at(session, account, evidence.decided_at).await?;
    let Some(ceilings) = ceilings::groups_above_at(session, account, evidence.decided_at).await? else {
        return Ok(None);
    };
    let ceilings =
        ceilings.into_iter().filter(|ceiling| (ceiling.account_id, ceiling.id) != (account, group.id));
    let ceilings: Vec<Ceiling> = ceilings.map(|ceiling| ceiling.as_ceiling(&calendars)).collect();
    let schedule = Arc::new(group.schedule(&calendars).closed_in(closed).below(ceilings));
    Ok(Some(TaskInGroup::new(task, group, schedule, None)))
}
