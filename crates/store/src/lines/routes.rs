//! What a task may be dialed over: its lines in order, with the shares that its user has of them.

use std::collections::BTreeSet;

use domain::{AccountId, LineAllocation, LineGroupId, LineId, OutcomeClass};
use uuid::Uuid;

use super::row::{ALLOCATIONS, AllocationRow, allocation_columns};
use crate::{
    Result, Session,
    database::{
        convert::{from_json, hex, json, uuids},
        dialect::Column,
        lists,
        statement::{query, query_as},
    },
};

/// A line that a task may be dialed over.
#[derive(Clone, Debug)]
pub struct LineRoute {
    /// The line.
    pub line: LineId,
    /// The most calls at once of the task over it; a group's are those over all of its lines together.
    pub calls: i64,
    /// The share that the task's user has of it, in force or not: without one nothing is dialed over it.
    pub share: Option<LineAllocation>,
    /// The group by which the task names it.
    pub group: Option<LineGroupId>,
    /// After which outcomes a call goes on to the next line of the same group.
    pub failover: Vec<OutcomeClass>,
}

#[derive(sqlx::FromRow)]
struct RouteRow {
    line_id: Uuid,
    calls: i64,
    group_id: Option<Uuid>,
    failover: Option<String>,
}

/// What the ids stand for that a task names as lines, each with the most calls at once over it
/// ([`lines_in_order`](domain::DialingSettings::lines_in_order)): lines, in the order in which they are named, and in the place of a group
/// its lines in their order. Each line once, where it comes first; what names nothing of the partner is left out. `user` is the task's user
/// (主账号), also where the task is a sub-user's.
///
/// # Errors
/// When the database does not answer.
pub async fn routes(
    session: &mut impl Session,
    user: AccountId,
    named: &[(LineId, i64)],
) -> Result<Vec<LineRoute>> {
    let wanted: Vec<(usize, String, i64)> =
        named.iter().enumerate().map(|(place, (id, calls))| (place, hex(id.uuid()), *calls)).collect();
    let sql = sql!(session, |dialect| {
        let columns = [("place", Column::Integer), ("named", Column::Uuid), ("calls", Column::Integer)];
        let wanted = dialect.rows("$2", &columns);
        format!(
            "SELECT wanted.place, 0 AS place_in_group, l.id AS line_id, wanted.calls, NULL AS group_id, NULL AS failover \
             FROM {wanted} AS wanted JOIN accounts a ON a.id = $1 \
             JOIN lines l ON l.partner_id = a.partner_id AND l.id = wanted.named \
             UNION ALL \
             SELECT wanted.place, m.place, m.line_id, wanted.calls, g.id, g.failover \
             FROM {wanted} AS wanted JOIN accounts a ON a.id = $1 \
             JOIN line_groups g ON g.partner_id = a.partner_id AND g.id = wanted.named \
             JOIN line_group_lines m ON m.partner_id = g.partner_id AND m.group_id = g.id \
             ORDER BY 1, 2"
        )
    });
    let rows: Vec<RouteRow> =
        on!(session, c => query_as(sql).bind(user.uuid()).bind(json(&wanted)?).fetch_all(c).await)?;
    let shares = shares_of(session, user, rows.iter().map(|row| row.line_id)).await?;
    let mut seen = BTreeSet::new();
    rows.into_iter().filter(|row| seen.insert(row.line_id)).map(|row| route(&row, &shares)).collect()
}

fn route(row: &RouteRow, shares: &[LineAllocation]) -> Result<LineRoute> {
    let line = LineId::new(row.line_id);
    Ok(LineRoute {
        line,
        calls: row.calls,
        share: shares.iter().find(|share| share.line_id == line).cloned(),
        group: row.group_id.map(LineGroupId::new),
        failover: row.failover.as_deref().map(from_json).transpose()?.unwrap_or_default(),
    })
}

/// The shares that a user has of these lines.
async fn shares_of(
    session: &mut impl Session,
    user: AccountId,
    lines: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<LineAllocation>> {
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT ", allocation_columns!(), " FROM line_allocations WHERE user_id = $1 AND {}"),
        dialect.among_uuids("line_id", "$2")
    ));
    Ok(on!(session, c => query(sql).bind(user.uuid()).bind(uuids(lines)?).fetch_all(c).await
        .map(|rows| lists::readable::<_, AllocationRow, _>(ALLOCATIONS, &rows)))?)
}
