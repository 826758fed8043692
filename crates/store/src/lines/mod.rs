//! Lines of partners, and groups of lines. Whose shares they are is in `allocations`, and which tasks name them in `references`.

mod allocations;
mod groups;
mod references;
mod residue;
mod row;

use domain::{Line, LineDraft, LineId, PartnerId};
use uuid::Uuid;

pub use self::{
    allocations::{
        Allocated, AllocationFilter, LockedAllocation, UserShare, allocate, allocations_of_lines,
        allocations_of_user, bind_scripts, deallocate, list_allocations, list_shares, lock_allocation,
    },
    groups::{
        LockedLineGroup, create_group, delete_group, get_group, groups_of_account, groups_with_line,
        list_groups, lock_group, lock_group_to_delete, replace_group,
    },
    references::{names_of, scripts_naming, shared_among, tasks_naming, tasks_naming_group},
    residue::calls_of_tasks,
};
pub(crate) use self::{
    references::{refer, refer_script},
    residue::{HeldCalls, expect_residue, held_calls, may_dial},
    row::{LINES, LineRow, line_columns},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, NO_ACCOUNT, Subject},
    database::{
        convert::{json, micros},
        dialect::RowLock,
        error::taken_key,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::{expect_version, on_foreign_key},
};

/// Adds a line under an id that was made for it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such partner.
pub async fn create(
    tx: &mut Tx,
    partner: PartnerId,
    id: LineId,
    draft: &LineDraft,
    change: &Change,
) -> Result<Line> {
    insert(tx, partner, (id, 1), draft, change).await
}

/// Adds a line under an id that the partner brings along from elsewhere. Tasks that name it hold it from now on. If there was a
/// line of this id before, its versions are counted on.
///
/// # Errors
/// [`Error::Taken`] when a line has this id, whoever's; [`Error::NotFound`] when there is no such partner.
pub async fn bring(
    tx: &mut Tx,
    partner: PartnerId,
    id: LineId,
    draft: &LineDraft,
    change: &Change,
) -> Result<Line> {
    // No task names it unseen while the line comes.
    references::lock_all(tx).await?;
    let last = audit::last_version(tx, NO_ACCOUNT, Subject::Line, &id.to_string()).await?;
    let line = insert(tx, partner, (id, last + 1), draft, change).await?;
    references::hold(tx, partner, id).await?;
    Ok(line)
}

async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    (id, version): (LineId, i64),
    draft: &LineDraft,
    change: &Change,
) -> Result<Line> {
    on!(tx, c => query(sql!(
        "INSERT INTO lines (id, partner_id, name, settings, secret, version, created_at, updated_at, registers) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)"))
        .bind(id.uuid()).bind(partner.uuid()).bind(draft.name.as_str()).bind(json(&draft.settings)?)
        .bind(draft.secret.as_ref().map(|secret| secret.reveal().to_owned())).bind(version)
        .bind(micros(change.at)).bind(draft.settings.kind.registers())
        .execute(c).await.map(drop))
    .map_err(|error| match taken_key(&error) {
        Some(_) => Error::Taken(Unique::LineId),
        None => on_foreign_key(Error::NotFound(Kind::Partner))(error),
    })?;
    record(tx, (partner, id.uuid()), Action::Create, None, change).await?;
    get(tx, partner, id).await
}

/// A line of a partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, partner: PartnerId, id: LineId) -> Result<Line> {
    let row: Option<LineRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", line_columns!(), " FROM lines WHERE partner_id = $1 AND id = $2")))
        .bind(partner.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Line))?.try_into()?)
}

/// Whose a line is.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn partner_of(session: &mut dyn Session, id: LineId) -> Result<PartnerId> {
    let partner: Option<Uuid> = on!(session, c => query_scalar(sql!("SELECT partner_id FROM lines WHERE id = $1"))
        .bind(id.uuid()).fetch_optional(c).await)?;
    partner.map(PartnerId::new).ok_or(Error::NotFound(Kind::Line))
}

/// The lines of a partner, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session, partner: PartnerId, page: Page) -> Result<Paged<Line>> {
    let total: i64 = on!(session, c => query_scalar(sql!("SELECT count(*) FROM lines WHERE partner_id = $1"))
        .bind(partner.uuid()).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", line_columns!(), " FROM lines WHERE partner_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(partner.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, LineRow, _>(LINES, &rows)))?;
    Ok(Paged { items, total })
}

/// A line whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it. A damaged one
/// can be replaced and deleted.
pub struct LockedLine {
    row: LineRow,
}

impl std::fmt::Debug for LockedLine {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LockedLine").field("id", &self.row.id).finish_non_exhaustive()
    }
}

impl LockedLine {
    /// The line.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn line(&self) -> Result<Line> {
        Ok(self.row.clone().try_into()?)
    }

    /// Refuses unless the line has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::Line, self.row.version, expected)
    }

    fn partner(&self) -> PartnerId {
        PartnerId::new(self.row.partner_id)
    }

    fn id(&self) -> LineId {
        LineId::new(self.row.id)
    }
}

/// Locks a line of a partner, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, partner: PartnerId, id: LineId) -> Result<LockedLine> {
    lock_for(tx, partner, id, RowLock::Change).await
}

/// Locks a line of a partner, to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_delete(tx: &mut Tx, partner: PartnerId, id: LineId) -> Result<LockedLine> {
    lock_for(tx, partner, id, RowLock::Delete).await
}

async fn lock_for(tx: &mut Tx, partner: PartnerId, id: LineId, lock: RowLock) -> Result<LockedLine> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", line_columns!(), " FROM lines WHERE partner_id = $1 AND id = $2{}"),
        dialect.lock(lock)
    ));
    let row: Option<LineRow> =
        on!(tx, c => query_as(sql).bind(partner.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedLine { row }).ok_or(Error::NotFound(Kind::Line))
}

/// Changes a line.
///
/// # Errors
/// When the database does not answer.
pub async fn update(tx: &mut Tx, line: &LockedLine, draft: &LineDraft, change: &Change) -> Result<Line> {
    let row = &line.row;
    record(tx, (PartnerId::new(row.partner_id), row.id), Action::Update, Some(row), change).await?;
    on!(tx, c => query(sql!(
        "UPDATE lines SET name = $3, settings = $4, secret = $5, version = version + 1, updated_at = $6, registers = $7 \
         WHERE partner_id = $1 AND id = $2"))
        .bind(row.partner_id).bind(row.id).bind(draft.name.as_str()).bind(json(&draft.settings)?)
        .bind(draft.secret.as_ref().map(|secret| secret.reveal().to_owned())).bind(micros(change.at))
        .bind(draft.settings.kind.registers()).execute(c).await.map(drop))?;
    get(tx, line.partner(), line.id()).await
}

/// Deletes a line. That no task names it, nobody has a share of it and no group has it is the foreign keys' to say, in this one
/// statement; a check before it would be a race.
///
/// # Errors
/// [`Error::InUse`].
pub async fn delete(tx: &mut Tx, line: &LockedLine, change: &Change) -> Result<()> {
    let row = &line.row;
    on!(tx, c => query(sql!("DELETE FROM lines WHERE partner_id = $1 AND id = $2"))
        .bind(row.partner_id).bind(row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::Line)))?;
    record(tx, (PartnerId::new(row.partner_id), row.id), Action::Delete, Some(row), change).await
}

/// Deletes all lines and line groups of a partner, which is about to be deleted with them; its users are gone.
pub(crate) async fn delete_all(tx: &mut Tx, partner: PartnerId, change: &Change) -> Result<()> {
    groups::delete_all_groups(tx, partner, change).await?;
    let rows: Vec<LineRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", line_columns!(), " FROM lines WHERE partner_id = $1 ORDER BY id")))
        .bind(partner.uuid()).fetch_all(c).await)?;
    for row in &rows {
        record(tx, (PartnerId::new(row.partner_id), row.id), Action::Delete, Some(row), change).await?;
    }
    on!(tx, c => query(sql!("DELETE FROM lines WHERE partner_id = $1")).bind(partner.uuid()).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes note that somebody tries a line with a call, to nobody knows whom.
///
/// # Errors
/// When the database does not answer.
pub async fn note_test_call(tx: &mut Tx, (partner, id): (PartnerId, LineId), change: &Change) -> Result<()> {
    record(tx, (partner, id.uuid()), Action::TestCall, None, change).await
}

async fn record(
    tx: &mut Tx,
    (partner, id): (PartnerId, Uuid),
    action: Action,
    before: Option<&LineRow>,
    change: &Change,
) -> Result<()> {
    let version = before.map(|row| row.version);
    let entry =
        AuditEntry { account: NO_ACCOUNT, subject: Subject::Line, subject_id: &id, action, version, before };
    audit::write_of_partner(tx, Some(partner), change, entry).await
}
