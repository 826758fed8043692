//! Locks on groups. Several are locked in the order of their ids, so that two transactions do not wait for each other.

use domain::{AccountId, DialTimeGroup, DialTimeGroupId, GroupDraft, GroupOverride};
use jiff::Timestamp;
use sqlx::FromRow as _;
use uuid::Uuid;

use super::row::{GroupRow, Published, group_columns};
use crate::{
    Error, Kind, Result, Tx,
    database::{
        convert::{damaged, timestamp, uuids},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    error::expect_version,
};

/// A group whose row this transaction has locked, and what was published of it. Only a read that locks makes one, and
/// writes over the row take it. A damaged one can be replaced and deleted, but nothing is published of it.
#[derive(Clone, Debug)]
pub struct LockedGroup {
    pub(super) row: GroupRow,
    /// Or what is wrong with it.
    group: std::result::Result<DialTimeGroup, String>,
}

impl LockedGroup {
    pub(super) fn of(row: GroupRow) -> Self {
        let group = row.published.check().and_then(|()| DialTimeGroup::try_from(row.clone()));
        Self { row, group: group.map_err(|error| error.to_string()) }
    }

    /// A group that is not there yet, under an id that nobody else can give away.
    pub(crate) fn new(
        account: AccountId,
        key: (DialTimeGroupId, i64),
        draft: &GroupDraft,
        revisions: [i64; 3],
        now: Timestamp,
    ) -> Result<Self> {
        Ok(Self::of(GroupRow::new(account, key, draft, revisions, now)?))
    }

    /// Its next version, which is not written yet.
    pub(crate) fn edited(&self, draft: &GroupDraft, now: Timestamp) -> Result<Self> {
        Ok(Self::of(self.row.edited(draft, now)?))
    }

    /// Its next version with this override or without any, which is not written yet.
    pub(crate) fn overridden(&self, over: Option<&GroupOverride>, now: Timestamp) -> Result<Self> {
        Ok(Self::of(self.row.overridden(over, now)?))
    }

    /// Whose group it is.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.row.account_id)
    }

    /// Its id.
    pub fn id(&self) -> DialTimeGroupId {
        DialTimeGroupId::new(self.row.id)
    }

    /// The version that it has.
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// Refuses unless the group has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::Group, self.row.version, expected)
    }

    /// The group.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn group(&self) -> Result<&DialTimeGroup> {
        Ok(self.group.as_ref().map_err(damaged)?)
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn damage(&self) -> Option<&str> {
        self.group.as_ref().err().map(String::as_str)
    }

    /// The same group, which turned out to be damaged.
    pub(crate) fn damaged(self, reason: String) -> Self {
        Self { group: Err(reason), ..self }
    }

    pub(crate) fn published(&self) -> &Published {
        &self.row.published
    }

    /// An edit happens now, but never before what was published: another node's clock may be a little ahead.
    pub(crate) fn not_before_published(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(now.max(timestamp(self.row.published.at)?))
    }
}

/// Locks one group of an account.
pub(crate) async fn lock(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    lock: RowLock,
) -> Result<LockedGroup> {
    lock_both(tx, account, [id, id], lock).await?.pop().ok_or(Error::NotFound(Kind::Group))
}

/// Locks two groups of an account, or one; those that it has.
pub(crate) async fn lock_both(
    tx: &mut Tx,
    account: AccountId,
    [one, other]: [DialTimeGroupId; 2],
    lock: RowLock,
) -> Result<Vec<LockedGroup>> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE account_id = $1 AND id IN ($2, $3) ORDER BY id{}"
        ),
        dialect.lock(lock)
    ));
    let rows: Vec<GroupRow> = on!(tx, c => query_as(sql)
        .bind(account.uuid()).bind(one.get()).bind(other.get())
        .fetch_all(c).await)?;
    Ok(rows.into_iter().map(LockedGroup::of).collect())
}

/// A group, and the one that is the account's default if that is another.
pub(crate) struct WithDefault {
    pub(crate) group: Option<LockedGroup>,
    pub(crate) default: Option<LockedGroup>,
}

/// Locks a group that is to become the default, and the one that is. The account is locked already, so that the later of
/// two who choose a default waits and wins.
pub(crate) async fn lock_with_default(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
) -> Result<WithDefault> {
    let default: Option<i64> = on!(tx, c =>
        query_scalar(sql!("SELECT id FROM dial_time_groups WHERE account_id = $1 AND is_default"))
            .bind(account.uuid()).fetch_optional(c).await)?;
    let default = default.map_or(id, DialTimeGroupId::new);
    let locked = lock_both(tx, account, [id, default], RowLock::Change).await?;
    let (group, others): (Vec<_>, Vec<_>) = locked.into_iter().partition(|locked| locked.id() == id);
    // While we waited for it, it may have stopped being the default.
    let default = others.into_iter().find(|locked| locked.row.is_default);
    Ok(WithDefault { group: group.into_iter().next(), default })
}

/// A group that this transaction has locked, as it stands now.
pub(crate) async fn read_again(tx: &mut Tx, group: &LockedGroup) -> Result<LockedGroup> {
    let row: GroupRow = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 AND id = $2")))
        .bind(group.row.account_id).bind(group.row.id).fetch_one(c).await)?;
    Ok(LockedGroup::of(row))
}

/// Locks the groups of these accounts that enabled tasks dial in.
pub(crate) async fn lock_of_accounts(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<LockedGroup>> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE {} AND EXISTS (SELECT 1 FROM tasks t \
             WHERE t.account_id = dial_time_groups.account_id AND t.dial_time_id = dial_time_groups.id AND t.enabled) \
             ORDER BY account_id, id{}"
        ),
        dialect.among_uuids("account_id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let rows: Vec<GroupRow> = on!(tx, c => query_as(sql).bind(accounts).fetch_all(c).await)?;
    Ok(rows.into_iter().map(LockedGroup::of).collect())
}

/// Why groups of whichever accounts are evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DueReason {
    /// Their next change is at this instant, in microseconds.
    At(i64),
    /// They were last evaluated with an older revision of the holidays than this one.
    BeforeRevision(i64),
    /// Something was published of them that lies after this instant, in microseconds.
    PublishedAfter(i64),
}

/// The conditions of [`DueReason`] on its parameter, `$1`.
const DUE: [&str; 3] = ["next_change_at = $1", "published_revision < $1", "published_at > $1"];

impl DueReason {
    const fn condition(self) -> (&'static str, i64) {
        match self {
            Self::At(instant) => (DUE[0], instant),
            Self::BeforeRevision(revision) => (DUE[1], revision),
            Self::PublishedAfter(instant) => (DUE[2], instant),
        }
    }
}

/// Groups that are due: those that can be evaluated, and those that cannot be read.
#[derive(Debug, Default)]
pub(crate) struct DueGroups {
    pub(crate) readable: Vec<LockedGroup>,
    pub(crate) damaged: Vec<DamagedGroup>,
}

/// As much of a group as is needed to leave it alone for a while.
#[derive(Clone, Debug)]
pub(crate) struct DamagedGroup {
    pub(crate) account: AccountId,
    pub(crate) id: DialTimeGroupId,
    pub(crate) reason: String,
}

impl DamagedGroup {
    pub(crate) fn of(group: &LockedGroup) -> Self {
        let reason = group.damage().unwrap_or_default().to_owned();
        Self { account: group.account(), id: group.id(), reason }
    }
}

#[derive(sqlx_macros::FromRow)]
struct GroupKeyRow {
    id: i64,
    account_id: Uuid,
}

/// Locks groups that are due and that nobody else has locked, at most `limit`.
pub(crate) async fn lock_due(tx: &mut Tx, due: DueReason, limit: u32) -> Result<DueGroups> {
    let (condition, parameter) = due.condition();
    let sql = sql!(tx, condition: &'static str = DUE, |dialect| format!(
        concat!("SELECT ", group_columns!(), " FROM dial_time_groups WHERE {} ORDER BY id LIMIT $2{}"),
        condition,
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let mut found = DueGroups::default();
    on!(tx, c => {
        let rows = query(sql).bind(parameter).bind(i64::from(limit)).fetch_all(c).await?;
        for row in &rows {
            match GroupRow::from_row(row) {
                Ok(group) => found.add(LockedGroup::of(group)),
                Err(error) => {
                    let GroupKeyRow { id, account_id } = GroupKeyRow::from_row(row)?;
                    let (account, id) = (AccountId::new(account_id), DialTimeGroupId::new(id));
                    found.damaged.push(DamagedGroup { account, id, reason: error.to_string() });
                }
            }
        }
    });
    Ok(found)
}

impl DueGroups {
    fn add(&mut self, group: LockedGroup) {
        if group.damage().is_none() {
            self.readable.push(group);
        } else {
            self.damaged.push(DamagedGroup::of(&group));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.readable.is_empty() && self.damaged.is_empty()
    }
}
