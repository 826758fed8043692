//! Line groups of partners: lines in an order. Which tasks name a group is written with which lines they name, in `references`.

use domain::{AccountId, LineGroup, LineGroupDraft, LineGroupId, LineId, PartnerId};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, NO_ACCOUNT, Subject},
    database::{
        convert::{from_json, hex, json, micros, stored_name, timestamp, uuids},
        dialect::{Column, RowLock},
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
    error::{expect_version, on_foreign_key},
};

/// The table, for the log.
const LINE_GROUPS: Table = Table { name: "line_groups", key: &["id"] };

/// The columns of [`LineGroupRow`].
macro_rules! line_group_columns {
    () => {
        "line_groups.id, line_groups.partner_id, line_groups.name, line_groups.description, line_groups.failover, \
         line_groups.version, line_groups.created_at, line_groups.updated_at"
    };
}

/// A group as it stands in the table.
#[derive(Clone, Debug, Serialize, sqlx_macros::FromRow)]
struct LineGroupRow {
    id: Uuid,
    partner_id: Uuid,
    name: String,
    description: String,
    failover: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

/// A group with its lines: its before-image in the audit.
#[derive(Clone, Debug, Serialize)]
struct LineGroupImage {
    #[serde(flatten)]
    row: LineGroupRow,
    lines: Vec<Uuid>,
}

impl LineGroupImage {
    fn group(self) -> Result<LineGroup> {
        let Self { row, lines } = self;
        Ok(LineGroup {
            id: LineGroupId::new(row.id),
            partner_id: PartnerId::new(row.partner_id),
            draft: LineGroupDraft {
                name: stored_name(&row.name)?,
                description: row.description,
                lines: lines.into_iter().map(LineId::new).collect(),
                failover: from_json(&row.failover)?,
            },
            version: row.version,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

/// The lines of these groups, each group's in their order.
async fn lines_of(session: &mut dyn Session, groups: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT group_id, line_id FROM line_group_lines WHERE {} ORDER BY group_id, place",
        dialect.among_uuids("group_id", "$1")
    ));
    Ok(on!(session, c => query_as(sql).bind(uuids(groups.iter().copied())?).fetch_all(c).await)?)
}

async fn with_lines(session: &mut dyn Session, rows: Vec<LineGroupRow>) -> Result<Vec<LineGroupImage>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let lines = lines_of(session, &ids).await?;
    let of = |id: Uuid| lines.iter().filter(|(group, _)| *group == id).map(|(_, line)| *line).collect();
    Ok(rows.into_iter().map(|row| LineGroupImage { lines: of(row.id), row }).collect())
}

/// Adds a group under an id that was made for it.
///
/// # Errors
/// [`Error::UnknownAt`] of lines; [`Error::NotFound`] when there is no such partner.
pub async fn create_group(
    tx: &mut Tx,
    partner: PartnerId,
    id: LineGroupId,
    draft: &LineGroupDraft,
    change: &Change,
) -> Result<LineGroup> {
    lock_lines(tx, partner, &draft.lines).await?;
    on!(tx, c => query(sql!(
        "INSERT INTO line_groups (id, partner_id, name, description, failover, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, $6)"))
        .bind(id.uuid()).bind(partner.uuid()).bind(draft.name.as_str()).bind(&draft.description)
        .bind(json(&draft.failover)?).bind(micros(change.at)).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(Kind::Partner)))?;
    write_lines(tx, partner, id, &draft.lines).await?;
    record(tx, (partner, id.uuid()), Action::Create, None, change).await?;
    get_group(tx, partner, id).await
}

/// Locks the lines that a group is to have, so that none of them goes.
async fn lock_lines(tx: &mut Tx, partner: PartnerId, lines: &[LineId]) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM lines WHERE partner_id = $1 AND {} ORDER BY id{}",
        dialect.among_uuids("id", "$2"),
        dialect.lock(RowLock::Refer)
    ));
    let ids = uuids(lines.iter().map(|line| line.uuid()))?;
    let found: Vec<Uuid> = on!(tx, c => query_scalar(sql).bind(partner.uuid()).bind(ids).fetch_all(c).await)?;
    let missing = lines.iter().enumerate().filter(|(_, line)| !found.contains(&line.uuid()));
    let fields: Vec<String> = missing.map(|(place, _)| format!("lines[{place}]")).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::UnknownAt { kind: Kind::Line, fields }) }
}

async fn write_lines(tx: &mut Tx, partner: PartnerId, group: LineGroupId, lines: &[LineId]) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM line_group_lines WHERE group_id = $1"))
        .bind(group.uuid()).execute(c).await.map(drop))?;
    let rows: Vec<(String, usize)> =
        lines.iter().enumerate().map(|(place, line)| (hex(line.uuid()), place)).collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO line_group_lines (partner_id, group_id, line_id, place) SELECT $1, $2, line_id, place FROM {} AS wanted",
        dialect.rows("$3", &[("line_id", Column::Uuid), ("place", Column::Integer)])
    ));
    on!(tx, c => query(sql)
        .bind(partner.uuid()).bind(group.uuid()).bind(json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// A group of a partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_group(session: &mut dyn Session, partner: PartnerId, id: LineGroupId) -> Result<LineGroup> {
    let row: Option<LineGroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", line_group_columns!(), " FROM line_groups WHERE partner_id = $1 AND id = $2")))
        .bind(partner.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let image = with_lines(session, Vec::from_iter(row)).await?.pop();
    image.ok_or(Error::NotFound(Kind::LineGroup))?.group()
}

/// The groups of a partner, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_groups(
    session: &mut dyn Session,
    partner: PartnerId,
    page: Page,
) -> Result<Paged<LineGroup>> {
    let total: i64 = on!(session, c => query_scalar(sql!("SELECT count(*) FROM line_groups WHERE partner_id = $1"))
        .bind(partner.uuid()).fetch_one(c).await)?;
    let rows: Vec<LineGroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", line_group_columns!(), " FROM line_groups WHERE partner_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(partner.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    Ok(Paged { items: readable(with_lines(session, rows).await?), total })
}

/// Those that can be read; the log names the others.
fn readable(images: Vec<LineGroupImage>) -> Vec<LineGroup> {
    let read = |image: LineGroupImage| {
        let id = image.row.id;
        match image.group() {
            Ok(group) => Some(group),
            Err(Error::Database(error)) => {
                lists::left_out(LINE_GROUPS, &format!("id {id}"), &error);
                None
            }
            Err(_) => None,
        }
    };
    images.into_iter().filter_map(read).collect()
}

/// The groups of a partner that a line is in, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn groups_with_line(
    session: &mut dyn Session,
    partner: PartnerId,
    line: LineId,
    page: Page,
) -> Result<Paged<LineGroup>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM line_group_lines WHERE partner_id = $1 AND line_id = $2"))
        .bind(partner.uuid()).bind(line.uuid()).fetch_one(c).await)?;
    let rows: Vec<LineGroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", line_group_columns!(), " FROM line_groups \
         JOIN line_group_lines m ON m.partner_id = line_groups.partner_id AND m.group_id = line_groups.id \
         WHERE m.partner_id = $1 AND m.line_id = $2 ORDER BY line_groups.created_at, line_groups.id LIMIT $3 OFFSET $4")))
        .bind(partner.uuid()).bind(line.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    Ok(Paged { items: readable(with_lines(session, rows).await?), total })
}

/// The groups with a line that an account, or its user, has a share of, oldest first; at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub async fn groups_of_account(session: &mut dyn Session, account: AccountId) -> Result<Vec<LineGroup>> {
    let rows: Vec<LineGroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", line_group_columns!(), " FROM accounts a JOIN line_groups ON line_groups.partner_id = a.partner_id \
         WHERE a.id = $1 AND EXISTS (SELECT 1 FROM line_group_lines m \
             JOIN line_allocations s ON s.partner_id = m.partner_id AND s.line_id = m.line_id \
             WHERE m.group_id = line_groups.id AND s.user_id = coalesce(a.parent_id, a.id)) \
         ORDER BY line_groups.created_at, line_groups.id LIMIT 1000")))
        .bind(account.uuid()).fetch_all(c).await)?;
    Ok(readable(with_lines(session, rows).await?))
}

/// A group whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedLineGroup {
    image: LineGroupImage,
}

impl LockedLineGroup {
    /// Refuses unless the group has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::LineGroup, self.image.row.version, expected)
    }
}

/// Locks a group of a partner, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_group(tx: &mut Tx, partner: PartnerId, id: LineGroupId) -> Result<LockedLineGroup> {
    lock_for(tx, partner, id, RowLock::Change).await
}

/// Locks a group of a partner, to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_group_to_delete(
    tx: &mut Tx,
    partner: PartnerId,
    id: LineGroupId,
) -> Result<LockedLineGroup> {
    lock_for(tx, partner, id, RowLock::Delete).await
}

async fn lock_for(
    tx: &mut Tx,
    partner: PartnerId,
    id: LineGroupId,
    lock: RowLock,
) -> Result<LockedLineGroup> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", line_group_columns!(), " FROM line_groups WHERE partner_id = $1 AND id = $2{}"),
        dialect.lock(lock)
    ));
    let row: Option<LineGroupRow> =
        on!(tx, c => query_as(sql).bind(partner.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let image = with_lines(tx, Vec::from_iter(row)).await?.pop();
    image.map(|image| LockedLineGroup { image }).ok_or(Error::NotFound(Kind::LineGroup))
}

/// Puts another group in the place of one, under its id. Tasks that name it are dialed over its new lines.
///
/// # Errors
/// [`Error::UnknownAt`] of lines.
pub async fn replace_group(
    tx: &mut Tx,
    group: &LockedLineGroup,
    draft: &LineGroupDraft,
    change: &Change,
) -> Result<LineGroup> {
    let row = &group.image.row;
    let (partner, id) = (PartnerId::new(row.partner_id), LineGroupId::new(row.id));
    lock_lines(tx, partner, &draft.lines).await?;
    record(tx, (partner, row.id), Action::Update, Some(&group.image), change).await?;
    on!(tx, c => query(sql!(
        "UPDATE line_groups SET name = $3, description = $4, failover = $5, version = version + 1, updated_at = $6 \
         WHERE partner_id = $1 AND id = $2"))
        .bind(row.partner_id).bind(row.id).bind(draft.name.as_str()).bind(&draft.description)
        .bind(json(&draft.failover)?).bind(micros(change.at)).execute(c).await.map(drop))?;
    write_lines(tx, partner, id, &draft.lines).await?;
    get_group(tx, partner, id).await
}

/// Deletes a group. That no task names it is the foreign key's to say, in this one statement.
///
/// # Errors
/// [`Error::InUse`].
pub async fn delete_group(tx: &mut Tx, group: &LockedLineGroup, change: &Change) -> Result<()> {
    let row = &group.image.row;
    on!(tx, c => query(sql!("DELETE FROM line_groups WHERE partner_id = $1 AND id = $2"))
        .bind(row.partner_id).bind(row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::LineGroup)))?;
    record(tx, (PartnerId::new(row.partner_id), row.id), Action::Delete, Some(&group.image), change).await
}

/// Deletes all groups of a partner, which is about to be deleted with them; its users are gone.
pub(super) async fn delete_all_groups(tx: &mut Tx, partner: PartnerId, change: &Change) -> Result<()> {
    let rows: Vec<LineGroupRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", line_group_columns!(), " FROM line_groups WHERE partner_id = $1 ORDER BY id")))
        .bind(partner.uuid()).fetch_all(c).await)?;
    for image in with_lines(tx, rows).await? {
        record(tx, (partner, image.row.id), Action::Delete, Some(&image), change).await?;
    }
    on!(tx, c => query(sql!("DELETE FROM line_groups WHERE partner_id = $1"))
        .bind(partner.uuid()).execute(c).await.map(drop))?;
    Ok(())
}

async fn record(
    tx: &mut Tx,
    (partner, id): (PartnerId, Uuid),
    action: Action,
    before: Option<&LineGroupImage>,
    change: &Change,
) -> Result<()> {
    let version = before.map(|image| image.row.version);
    let subject = Subject::LineGroup;
    let entry = AuditEntry { account: NO_ACCOUNT, subject, subject_id: &id, action, version, before };
    audit::write_of_partner(tx, Some(partner), change, entry).await
}
