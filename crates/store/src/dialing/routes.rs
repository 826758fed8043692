//! The routes that tasks may be dialed by, each line with its user's share of it.

use std::collections::{HashMap, HashSet};

use domain::{Line, LineAllocationId, LineGroupId, LineId, OutcomeClass};
use jiff::Timestamp;
use uuid::Uuid;

use super::DialableTask;
use crate::{
    Result, Session,
    database::{
        convert::{from_json, json, timestamp, uuids},
        lists,
        statement::{query, query_as},
    },
    lines::{LINES, LineRow, line_columns},
};

/// What a task names to be dialed over: one line, or the lines of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The group by which the task names it; `None`: it names the line.
    pub group: Option<LineGroupId>,
    /// The most calls of the task at once over all of its lines together.
    pub calls: i64,
    /// After which outcomes a call goes on to the next line.
    pub failover: Vec<OutcomeClass>,
    /// Its lines, in the order in which they are used.
    pub lines: Vec<RouteLine>,
}

/// A line of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteLine {
    /// The line.
    pub line: LineId,
    /// The share that the task's user has of it, in force or not: without one nothing is dialed over it.
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

#[derive(sqlx_macros::FromRow)]
struct RouteLineRow {
    list_id: i64,
    named: Uuid,
    line_id: Uuid,
    calls: i64,
    group_id: Option<Uuid>,
    failover: Option<String>,
    share_id: Option<i64>,
    share_calls: Option<i64>,
    share_deadline: Option<i64>,
}

/// The routes of tasks by their lists, in the order in which each task names them
/// ([`lines_in_order`](domain::DialingSettings::lines_in_order)). Each line stands once in a task, where it comes first; what a task names
/// that is neither a line nor a group of its partner is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn routes_of_tasks(
    session: &mut dyn Session,
    tasks: &[DialableTask],
) -> Result<HashMap<i64, Vec<Route>>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = sql!(session, |dialect| format!(
        "SELECT named.list_id, named.named, named.line_id, named.calls, named.group_id, named.failover, \
             share.id AS share_id, share.line_concurrency AS share_calls, share.deadline_at AS share_deadline \
         FROM (SELECT lists.id AS list_id, single.partner_id, single.account_id, single.named, single.line_id, single.calls, \
                 NULL AS group_id, NULL AS failover, 0 AS place \
             FROM number_lists lists JOIN task_lines single \
                 ON single.account_id = lists.account_id AND single.task_id = lists.task_id \
             WHERE {among} AND single.line_id IS NOT NULL \
             UNION ALL SELECT lists.id, grouped.partner_id, grouped.account_id, grouped.group_id, member.line_id, grouped.calls, \
                 grouped.group_id, of_partner.failover, member.place \
             FROM number_lists lists JOIN task_line_groups grouped \
                 ON grouped.account_id = lists.account_id AND grouped.task_id = lists.task_id \
             JOIN line_groups of_partner ON of_partner.partner_id = grouped.partner_id AND of_partner.id = grouped.group_id \
             JOIN line_group_lines member ON member.partner_id = grouped.partner_id \
                 AND member.group_id = grouped.group_id \
             WHERE {among}) AS named \
         JOIN accounts owner ON owner.id = named.account_id \
         LEFT JOIN line_allocations share ON share.partner_id = named.partner_id AND share.line_id = named.line_id \
             AND share.user_id = coalesce(owner.parent_id, owner.id) \
         ORDER BY named.list_id, named.place",
        among = dialect.among("lists.id", "$1")
    ));
    let lists: Vec<i64> = tasks.iter().map(|task| task.list).collect();
    let rows: Vec<RouteLineRow> = on!(session, c => query_as(sql).bind(json(&lists)?).fetch_all(c).await)?;
    let mut named: HashMap<(i64, Uuid), Route> = HashMap::new();
    for row in &rows {
        let route = match named.entry((row.list_id, row.named)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(empty_route(row)?),
        };
        route.lines.push(route_line(row)?);
    }
    Ok(tasks.iter().map(|task| (task.list, in_order(task, &mut named))).collect())
}

/// A task's routes in the order in which it names them, each line once.
fn in_order(task: &DialableTask, named: &mut HashMap<(i64, Uuid), Route>) -> Vec<Route> {
    let in_order = task.item.task.draft.settings.dialing.lines_in_order();
    let mut routes: Vec<Route> =
        in_order.into_iter().filter_map(|(id, _)| named.remove(&(task.list, id.uuid()))).collect();
    let mut seen = HashSet::new();
    for route in &mut routes {
        route.lines.retain(|line| seen.insert(line.line));
    }
    routes.retain(|route| !route.lines.is_empty());
    routes
}

fn empty_route(row: &RouteLineRow) -> Result<Route> {
    Ok(Route {
        group: row.group_id.map(LineGroupId::new),
        calls: row.calls,
        failover: row.failover.as_deref().map(from_json).transpose()?.unwrap_or_default(),
        lines: Vec::new(),
    })
}

fn route_line(row: &RouteLineRow) -> Result<RouteLine> {
    let deadline_at = row.share_deadline.map(timestamp).transpose()?;
    let share = row.share_id.zip(row.share_calls).map(|(allocation, calls)| ShareOfLine {
        allocation: LineAllocationId::new(allocation),
        calls,
        deadline_at,
    });
    Ok(RouteLine { line: LineId::new(row.line_id), share })
}

/// These lines, in no order; those that are gone are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_by_id(session: &mut dyn Session, ids: &[LineId]) -> Result<Vec<Line>> {
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
