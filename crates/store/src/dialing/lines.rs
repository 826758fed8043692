//! The lines that tasks may be dialed over, each with its user's share of it.

use domain::{Line, LineAllocationId, LineGroupId, LineId, TaskId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{
        convert::{json, timestamp, uuids},
        lists,
        statement::{query, query_as},
    },
    lines::{LINES, LineRow, line_columns},
};

/// A line that a task names, with the share that its user has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOfTask {
    /// The task.
    pub task: TaskId,
    /// The line.
    pub line: LineId,
    /// The most calls of the task at once over it; of a group's line, over all lines of the group together.
    pub calls: i64,
    /// The group by which the task names it: its lines are used in their order.
    pub group: Option<LineGroupId>,
    /// The user's share, if it has one.
    pub share: Option<ShareOfLine>,
}

/// A user's share of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareOfLine {
    /// The allocation.
    pub allocation: LineAllocationId,
    /// The most calls at once of the user and its sub-users together.
    pub calls: i64,
    /// From when on nothing starts.
    pub deadline_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct LineOfTaskRow {
    task_id: Uuid,
    line_id: Uuid,
    calls: i64,
    group_id: Option<Uuid>,
    share_id: Option<i64>,
    share_calls: Option<i64>,
    share_deadline: Option<i64>,
}

/// The lines that the tasks of these lists name, and those of the groups that they name, in the order of each group. What they name
/// that is neither is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_of_tasks(session: &mut impl Session, of: &[i64]) -> Result<Vec<LineOfTask>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sql!(session, |dialect| format!(
        "SELECT named.task_id, named.line_id, named.calls, named.group_id, share.id AS share_id, \
             share.line_concurrency AS share_calls, share.deadline_at AS share_deadline \
         FROM number_lists JOIN ( \
             SELECT partner_id, account_id, task_id, line_id, calls, NULL AS group_id, 0 AS place FROM task_lines \
             WHERE line_id IS NOT NULL \
             UNION ALL SELECT grouped.partner_id, grouped.account_id, grouped.task_id, member.line_id, grouped.calls, \
                 grouped.group_id, member.place \
             FROM task_line_groups grouped JOIN line_group_lines member ON member.partner_id = grouped.partner_id \
                 AND member.group_id = grouped.group_id) AS named \
             ON named.account_id = number_lists.account_id AND named.task_id = number_lists.task_id \
         JOIN accounts owner ON owner.id = named.account_id \
         LEFT JOIN line_allocations share ON share.partner_id = named.partner_id AND share.line_id = named.line_id \
             AND share.user_id = coalesce(owner.parent_id, owner.id) \
         WHERE {} ORDER BY named.task_id, named.group_id, named.place, named.line_id",
        dialect.among("number_lists.id", "$1")
    ));
    let rows: Vec<LineOfTaskRow> = on!(session, c => query_as(sql).bind(json(&of)?).fetch_all(c).await)?;
    rows.iter().map(line_of_task).collect()
}

fn line_of_task(row: &LineOfTaskRow) -> Result<LineOfTask> {
    let deadline_at = row.share_deadline.map(timestamp).transpose()?;
    let share = row.share_id.zip(row.share_calls).map(|(allocation, calls)| ShareOfLine {
        allocation: LineAllocationId::new(allocation),
        calls,
        deadline_at,
    });
    Ok(LineOfTask {
        task: TaskId::new(row.task_id),
        line: LineId::new(row.line_id),
        calls: row.calls,
        group: row.group_id.map(LineGroupId::new),
        share,
    })
}

/// These lines, in no order; those that are gone are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_by_id(session: &mut impl Session, ids: &[LineId]) -> Result<Vec<Line>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT ", line_columns!(), " FROM lines WHERE {}"),
        dialect.among_uuids("lines.id", "$1")
    ));
    let ids = uuids(ids.iter().map(|id| id.uuid()))?;
    Ok(on!(session, c => query(sql).bind(ids).fetch_all(c).await
        .map(|rows| lists::readable::<_, LineRow, _>(LINES, &rows)))?)
}
