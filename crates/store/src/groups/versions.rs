//! The versions of a group: the present one, and those before it, which are the before-images in the audit. Who made a version stands in the
//! row of the audit before the one that holds it.

use domain::{AccountId, DialTimeGroup, DialTimeGroupId};

use super::{GroupRow, get};
use crate::{
    Page, Paged, Result, Session,
    audit::{self, Action, Actor, Subject},
    database::{
        DatabaseError,
        convert::{damaged, from_json},
        statement::{query_as, query_scalar},
    },
};

/// A version of a group. When it was made is its group's `updated_at`.
#[derive(Clone, Debug)]
pub struct GroupVersion {
    /// The group as it was, or is.
    pub group: DialTimeGroup,
    /// Who made it; `None` when nothing says any more.
    pub by: Option<Actor>,
}

/// The rows of a group's history up to a version, `$4`: each image with the row before it.
macro_rules! images {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM (SELECT id, version, before, before_compressed, lag(actor) OVER (ORDER BY id) AS maker, \
             lag(action) OVER (ORDER BY id) AS made_with, lag(version) OVER (ORDER BY id) AS made_from \
             FROM audit WHERE account_id = $1 AND subject = $2 AND subject_id = $3) AS history \
             WHERE version < $4 AND (before IS NOT NULL OR before_compressed IS NOT NULL)",
            $rest
        )
    };
}

/// The versions of a group that are known, newest first. Reads as much as the group has changes.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound).
pub async fn versions(
    session: &mut dyn Session,
    account: AccountId,
    id: DialTimeGroupId,
    page: Page,
) -> Result<Paged<GroupVersion>> {
    let present = get(session, account, id).await?;
    let (subject, version) = (Subject::DialTimeGroup.as_str(), present.version);
    let earlier: i64 = on!(session, c => query_scalar(sql!(images!("count(*)", "")))
        .bind(account.uuid()).bind(subject).bind(id.to_string()).bind(version).fetch_one(c).await)?;
    // The present one is the first of the first page, and no row of the audit.
    let (limit, offset) = match page.offset() {
        0 => (page.limit() - 1, 0),
        offset => (page.limit(), offset - 1),
    };
    let rows: Vec<ImageRow> = on!(session, c => query_as(sql!(images!(
        "before, before_compressed, maker, made_with, made_from", " ORDER BY id DESC LIMIT $5 OFFSET $6")))
        .bind(account.uuid()).bind(subject).bind(id.to_string()).bind(version).bind(limit).bind(offset)
        .fetch_all(c).await)?;
    let mut items = Vec::with_capacity(rows.len() + 1);
    if page.offset() == 0 {
        items.push(with_maker(session, present).await?);
    }
    for row in rows {
        items.push(row.try_into()?);
    }
    Ok(Paged { items, total: earlier + 1 })
}

/// A group as it was in a version, and who made that; `None` when there was none or nothing says any more how it was.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) when there is no such group now.
pub async fn version(
    session: &mut dyn Session,
    account: AccountId,
    id: DialTimeGroupId,
    version: i64,
) -> Result<Option<GroupVersion>> {
    let present = get(session, account, id).await?;
    if present.version == version {
        return with_maker(session, present).await.map(Some);
    }
    let row: Option<ImageRow> = on!(session, c => query_as(sql!(images!(
        "before, before_compressed, maker, made_with, made_from", " AND version = $5 ORDER BY id DESC LIMIT 1")))
        .bind(account.uuid()).bind(Subject::DialTimeGroup.as_str()).bind(id.to_string()).bind(present.version)
        .bind(version).fetch_optional(c).await)?;
    Ok(row.map(GroupVersion::try_from).transpose()?)
}

/// The group as it is, with who made it so: the last row of its history, unless someone changed it since it was read.
async fn with_maker(session: &mut dyn Session, group: DialTimeGroup) -> Result<GroupVersion> {
    let maker: Option<MakerRow> = on!(session, c => query_as(sql!(
        "SELECT actor AS maker, action AS made_with, version AS made_from FROM audit \
         WHERE account_id = $1 AND subject = $2 AND subject_id = $3 ORDER BY id DESC LIMIT 1"))
        .bind(group.account_id.uuid()).bind(Subject::DialTimeGroup.as_str()).bind(group.id.to_string())
        .fetch_optional(c).await)?;
    let by = maker.and_then(|maker| maker.of_version(group.version));
    Ok(GroupVersion { group, by })
}

/// What may have made a version.
#[derive(sqlx_macros::FromRow)]
struct MakerRow {
    maker: Option<String>,
    made_with: Option<String>,
    made_from: Option<i64>,
}

impl MakerRow {
    /// Who it was, if this row made the version.
    fn of_version(self, version: i64) -> Option<Actor> {
        let action = self.made_with?;
        let made_it = if action == Action::Create.as_str() {
            true
        } else {
            action == Action::Update.as_str() && self.made_from == Some(version - 1)
        };
        Actor::parse(&self.maker?).filter(|_| made_it)
    }
}

/// A before-image, and what may have made the version that it is of.
#[derive(sqlx_macros::FromRow)]
struct ImageRow {
    before: Option<String>,
    before_compressed: Option<Vec<u8>>,
    #[sqlx(flatten)]
    maker: MakerRow,
}

impl TryFrom<ImageRow> for GroupVersion {
    type Error = DatabaseError;

    fn try_from(row: ImageRow) -> std::result::Result<Self, DatabaseError> {
        let image = audit::image(row.before, row.before_compressed)?;
        let image = image.ok_or_else(|| damaged("a before-image that is none"))?;
        let group = DialTimeGroup::try_from(from_json::<GroupRow>(&image)?)?;
        Ok(Self { by: row.maker.of_version(group.version), group })
    }
}
