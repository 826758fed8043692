//! Which tasks name which line or line group, and which scripts which line. They may name ids that were never ours; such a row refers to
//! nothing, until a line of this id comes. Groups have rows of their own.

use std::collections::{BTreeSet, HashMap};

use domain::{AccountId, LineGroupId, LineId, PartnerId, ScriptId, TaskId, TaskSettings};
use uuid::Uuid;

use crate::{
    Page, Paged, Result, Session, Tx,
    database::{
        convert::{hex, json, uuids},
        dialect::{Column, RowLock},
        statement::{query, query_as, query_scalar},
    },
    scripts::PlayingScript,
    tasks::NamingTask,
};

/// Writes which lines and groups a task names, in place of those that it named before. Those that are the partner's are locked, so that a
/// delete of one waits and is then refused. What is named is written first, so that who brings a line along
/// ([`lock_all`]) either waits for it or comes before the lines are looked up.
pub(crate) async fn refer(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    settings: &TaskSettings,
) -> Result<()> {
    for table in TABLES {
        let sql = sql!(tx, table: &'static str = TABLES, |_dialect| format!(
            "DELETE FROM {table} WHERE account_id = $1 AND task_id = $2"
        ));
        on!(tx, c => query(sql).bind(account.uuid()).bind(task.uuid()).execute(c).await.map(drop))?;
    }
    let named = settings.dialing.named_lines();
    if named.is_empty() {
        return Ok(());
    }
    let rows: Vec<(String, i64)> = named.iter().map(|(id, calls)| (hex(id.uuid()), *calls)).collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO task_lines (partner_id, account_id, task_id, named, calls) \
         SELECT a.partner_id, a.id, $2, n.named, n.calls FROM accounts a CROSS JOIN {} AS n WHERE a.id = $1",
        dialect.rows("$3", &[("named", Column::Uuid), ("calls", Column::Integer)])
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(task.uuid()).bind(json(&rows)?).execute(c).await.map(drop))?;
    let found = lock_named(tx, Nameable::Line, account, named.iter().map(|(id, _)| id.uuid())).await?;
    if found.len() < named.len() {
        refer_to_groups(tx, account, task).await?;
    }
    if found.is_empty() {
        return Ok(());
    }
    let sql = sql!(tx, |dialect| format!(
        "UPDATE task_lines SET line_id = named WHERE account_id = $1 AND task_id = $2 AND {}",
        dialect.among_uuids("named", "$3")
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(task.uuid()).bind(uuids(found)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes which of the ids that a task names, and that are no lines, are groups.
async fn refer_to_groups(tx: &mut Tx, account: AccountId, task: TaskId) -> Result<()> {
    let named: Vec<Uuid> = on!(tx, c => query_scalar(sql!(
        "SELECT named FROM task_lines WHERE account_id = $1 AND task_id = $2"))
        .bind(account.uuid()).bind(task.uuid()).fetch_all(c).await)?;
    let found = lock_named(tx, Nameable::Group, account, named).await?;
    if found.is_empty() {
        return Ok(());
    }
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO task_line_groups (partner_id, account_id, task_id, group_id, calls) \
         SELECT partner_id, account_id, task_id, named, calls FROM task_lines WHERE account_id = $1 AND task_id = $2 AND {}",
        dialect.among_uuids("named", "$3")
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(task.uuid()).bind(uuids(found)?).execute(c).await.map(drop))?;
    Ok(())
}

/// The tables that say what tasks name.
const TABLES: [&str; 2] = ["task_lines", "task_line_groups"];

/// What a task can name as a line.
#[derive(Clone, Copy)]
enum Nameable {
    Line,
    Group,
}

impl Nameable {
    #[cfg(test)]
    const ALL: [Self; 2] = [Self::Line, Self::Group];

    const fn table(self) -> &'static str {
        match self {
            Self::Line => "lines",
            Self::Group => "line_groups",
        }
    }
}

/// Those of these ids that are things of the account's partner; none of them goes before this transaction ends.
async fn lock_named(
    tx: &mut Tx,
    kind: Nameable,
    account: AccountId,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Uuid>> {
    let sql = sql!(tx, kind: Nameable = Nameable::ALL, |dialect| format!(
        "SELECT thing.id FROM {} AS thing JOIN accounts a ON a.partner_id = thing.partner_id \
         WHERE a.id = $1 AND {} ORDER BY thing.id{}",
        kind.table(),
        dialect.among_uuids("thing.id", "$2"),
        dialect.lock(RowLock::Refer)
    ));
    Ok(on!(tx, c => query_scalar(sql).bind(account.uuid()).bind(uuids(ids)?).fetch_all(c).await)?)
}

/// Writes which lines a script names, in place of those that it named before, as [`refer`] does for a task.
pub(crate) async fn refer_script(
    tx: &mut Tx,
    account: AccountId,
    script: ScriptId,
    lines: &BTreeSet<LineId>,
) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM script_lines WHERE account_id = $1 AND script_id = $2"))
        .bind(account.uuid()).bind(script.get()).execute(c).await.map(drop))?;
    if lines.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 1]> = lines.iter().map(|id| [hex(id.uuid())]).collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO script_lines (partner_id, account_id, script_id, named) \
         SELECT a.partner_id, a.id, $2, n.named FROM accounts a CROSS JOIN {} AS n WHERE a.id = $1",
        dialect.rows("$3", &[("named", Column::Uuid)])
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(script.get()).bind(json(&rows)?).execute(c).await.map(drop))?;
    let found = lock_named(tx, Nameable::Line, account, lines.iter().map(|id| id.uuid())).await?;
    let sql = sql!(tx, |dialect| format!(
        "UPDATE script_lines SET line_id = named WHERE account_id = $1 AND script_id = $2 AND {}",
        dialect.among_uuids("named", "$3")
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(script.get()).bind(uuids(found)?).execute(c).await.map(drop))?;
    Ok(())
}

/// The tables whose rows refer to a line as soon as it comes.
const NAMING: [&str; 2] = ["task_lines", "script_lines"];

/// Has this transaction alone write which lines tasks and scripts name.
pub(super) async fn lock_all(tx: &mut Tx) -> Result<()> {
    for table in NAMING {
        let sql = sql!(tx, table: &'static str = NAMING, |dialect| dialect.lock_table(table));
        if !sql.is_empty() {
            on!(tx, c => query(sql).execute(c).await.map(drop))?;
        }
    }
    Ok(())
}

/// Has the partner's tasks and scripts that name a line hold it.
pub(super) async fn hold(tx: &mut Tx, partner: PartnerId, line: LineId) -> Result<()> {
    for table in NAMING {
        let sql = sql!(tx, table: &'static str = NAMING, |_dialect| format!(
            "UPDATE {table} SET line_id = named WHERE partner_id = $1 AND named = $2"
        ));
        on!(tx, c => query(sql).bind(partner.uuid()).bind(line.uuid()).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The scripts that transfer calls over a line of a partner, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn scripts_naming(
    session: &mut dyn Session,
    partner: PartnerId,
    line: LineId,
    page: Page,
) -> Result<Paged<PlayingScript>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM script_lines WHERE partner_id = $1 AND line_id = $2"))
        .bind(partner.uuid()).bind(line.uuid()).fetch_one(c).await)?;
    let rows: Vec<(i64, String)> = on!(session, c => query_as(sql!(
        "SELECT s.id, s.name FROM script_lines n JOIN scripts s ON s.account_id = n.account_id AND s.id = n.script_id \
         WHERE n.partner_id = $1 AND n.line_id = $2 ORDER BY s.created_at, s.id LIMIT $3 OFFSET $4"))
        .bind(partner.uuid()).bind(line.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = rows.into_iter().map(|(id, name)| PlayingScript { id: ScriptId::new(id), name }).collect();
    Ok(Paged { items, total })
}

/// The tasks that name a line of a partner, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn tasks_naming(
    session: &mut dyn Session,
    partner: PartnerId,
    line: LineId,
    page: Page,
) -> Result<Paged<NamingTask>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM task_lines WHERE partner_id = $1 AND line_id = $2"))
        .bind(partner.uuid()).bind(line.uuid()).fetch_one(c).await)?;
    let rows: Vec<(Uuid, String)> = on!(session, c => query_as(sql!(
        "SELECT t.id, t.name FROM task_lines n JOIN tasks t ON t.account_id = n.account_id AND t.id = n.task_id \
         WHERE n.partner_id = $1 AND n.line_id = $2 ORDER BY t.created_at, t.id LIMIT $3 OFFSET $4"))
        .bind(partner.uuid()).bind(line.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = rows.into_iter().map(|(id, name)| NamingTask { id: TaskId::new(id), name }).collect();
    Ok(Paged { items, total })
}

/// The tasks that name a line group of a partner, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn tasks_naming_group(
    session: &mut dyn Session,
    partner: PartnerId,
    group: LineGroupId,
    page: Page,
) -> Result<Paged<NamingTask>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM task_line_groups WHERE partner_id = $1 AND group_id = $2"))
        .bind(partner.uuid()).bind(group.uuid()).fetch_one(c).await)?;
    let rows: Vec<(Uuid, String)> = on!(session, c => query_as(sql!(
        "SELECT t.id, t.name FROM task_line_groups n JOIN tasks t ON t.account_id = n.account_id AND t.id = n.task_id \
         WHERE n.partner_id = $1 AND n.group_id = $2 ORDER BY t.created_at, t.id LIMIT $3 OFFSET $4"))
        .bind(partner.uuid()).bind(group.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = rows.into_iter().map(|(id, name)| NamingTask { id: TaskId::new(id), name }).collect();
    Ok(Paged { items, total })
}

/// Those of these ids that are lines of an account's partner, and whether the account has a share of each, itself or by its user.
///
/// # Errors
/// When the database does not answer.
pub async fn shared_among(
    session: &mut dyn Session,
    account: AccountId,
    ids: impl IntoIterator<Item = LineId>,
) -> Result<HashMap<LineId, bool>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT l.id, EXISTS (SELECT 1 FROM line_allocations s WHERE s.partner_id = l.partner_id AND s.line_id = l.id \
             AND s.user_id = coalesce(a.parent_id, a.id)) AS is_shared \
         FROM accounts a JOIN lines l ON l.partner_id = a.partner_id WHERE a.id = $1 AND {}",
        dialect.among_uuids("l.id", "$2")
    ));
    let ids = uuids(ids.into_iter().map(LineId::uuid))?;
    let rows: Vec<(Uuid, bool)> =
        on!(session, c => query_as(sql).bind(account.uuid()).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, is_shared)| (LineId::new(id), is_shared)).collect())
}

/// The names of those of these ids that are lines or line groups of an account's partner.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of(
    session: &mut dyn Session,
    account: AccountId,
    ids: &[LineId],
) -> Result<HashMap<LineId, String>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT l.id, l.name FROM accounts a JOIN lines l ON l.partner_id = a.partner_id WHERE a.id = $1 AND {} \
         UNION ALL \
         SELECT g.id, g.name FROM accounts a JOIN line_groups g ON g.partner_id = a.partner_id WHERE a.id = $1 AND {}",
        dialect.among_uuids("l.id", "$2"),
        dialect.among_uuids("g.id", "$2")
    ));
    let ids = uuids(ids.iter().map(|id| id.uuid()))?;
    let rows: Vec<(Uuid, String)> =
        on!(session, c => query_as(sql).bind(account.uuid()).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, name)| (LineId::new(id), name)).collect())
}
