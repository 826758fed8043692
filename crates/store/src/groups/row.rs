//! The row of a group: its columns, its key, and how it becomes a group.

use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, FollowedCalendars, GroupDraft, GroupOverride,
    HolidayCalendarId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, from_word, hex, json, micros, stored_name, timestamp, word},
    dialect::{Column, Dialect},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(crate) const GROUPS: Table = Table { name: "dial_time_groups", key: &["account_id", "id"] };

/// The columns of [`GroupRow`].
macro_rules! group_columns {
    () => {
        "dial_time_groups.id, dial_time_groups.account_id, dial_time_groups.name, dial_time_groups.content, \
         dial_time_groups.is_default, dial_time_groups.skip_holiday, dial_time_groups.timezone, dial_time_groups.remark, \
         dial_time_groups.version, dial_time_groups.created_at, dial_time_groups.updated_at, \
         dial_time_groups.holiday_calendar, dial_time_groups.makeup_policy, dial_time_groups.beyond_horizon, \
         dial_time_groups.exceptions, dial_time_groups.seasons, dial_time_groups.holiday_policy, \
         dial_time_groups.holiday_windows, dial_time_groups.other_holiday_calendars, dial_time_groups.override_set, dial_time_groups.published_open, dial_time_groups.published_at, \
         dial_time_groups.published_revision, dial_time_groups.next_change_at, \
         (SELECT coalesce(max(revision), 0) FROM holiday_imports) AS holidays_revision, \
         (SELECT coalesce(max(revision), 0) FROM closure_revision) AS closures_revision, \
         (SELECT coalesce(max(revision), 0) FROM ceiling_revision) AS ceilings_revision"
    };
}
pub(crate) use group_columns;

/// A group as it stands in the table; what is not skipped is its before-image in the audit.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx_macros::FromRow)]
pub(crate) struct GroupRow {
    pub(super) id: i64,
    pub(super) account_id: Uuid,
    pub(super) name: String,
    pub(super) content: String,
    pub(super) is_default: bool,
    pub(super) skip_holiday: bool,
    pub(super) timezone: String,
    remark: Option<String>,
    pub(super) version: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) holiday_calendar: String,
    pub(super) makeup_policy: String,
    pub(super) beyond_horizon: String,
    pub(super) exceptions: String,
    #[serde(default = "none_of_them")]
    pub(super) seasons: String,
    #[serde(default = "closed")]
    pub(super) holiday_policy: String,
    #[serde(default = "none_of_them")]
    pub(super) holiday_windows: String,
    #[serde(default = "none_of_them")]
    pub(super) other_holiday_calendars: String,
    /// What a person set it to for a while, last. Before-images of earlier versions lack it.
    #[serde(default)]
    pub(super) override_set: Option<String>,
    #[serde(skip)]
    pub(super) holidays_revision: i64,
    #[serde(skip)]
    pub(super) closures_revision: i64,
    #[serde(skip)]
    pub(super) ceilings_revision: i64,
    #[serde(skip)]
    #[sqlx(flatten)]
    pub(super) published: Published,
}

/// What a before-image of old does not say: an empty list.
fn none_of_them() -> String {
    "[]".to_owned()
}

/// What a before-image of old does not say of its days off.
fn closed() -> String {
    "closed".to_owned()
}

/// What the events have said of a group so far.
#[derive(Clone, Copy, Debug, Default, sqlx_macros::FromRow)]
pub(crate) struct Published {
    /// Whether it is open.
    #[sqlx(rename = "published_open")]
    pub(crate) open: bool,
    /// Up to which instant, in microseconds.
    #[sqlx(rename = "published_at")]
    pub(crate) at: i64,
    /// By which revision of the holidays; -1 before the group was first evaluated.
    #[sqlx(rename = "published_revision")]
    pub(crate) revision: i64,
    /// When there is more to publish, in microseconds.
    #[sqlx(rename = "next_change_at")]
    pub(crate) next: Option<i64>,
}

impl Published {
    /// Of a group that is not there before this instant, in microseconds.
    const fn nothing_before(at: i64) -> Self {
        Self { open: false, at, revision: -1, next: None }
    }

    /// Refuses instants that are none.
    pub(super) fn check(&self) -> Result<()> {
        timestamp(self.at)?;
        self.next.map(timestamp).transpose().map(drop)
    }
}

impl GroupRow {
    /// The row of a group that is not there yet, of which nothing was published. The revisions are those of the holidays, of planned closures and of ceilings.
    pub(super) fn new(
        account: AccountId,
        (id, version): (DialTimeGroupId, i64),
        draft: &GroupDraft,
        [holidays_revision, closures_revision, ceilings_revision]: [i64; 3],
        now: Timestamp,
    ) -> Result<Self> {
        let now = micros(now);
        Ok(Self {
            id: id.get(),
            account_id: account.uuid(),
            name: draft.name.as_str().to_owned(),
            content: json(&draft.content)?,
            is_default: draft.is_default,
            skip_holiday: draft.skip_holiday,
            timezone: draft.timezone.name().to_owned(),
            remark: None,
            version,
            created_at: now,
            updated_at: now,
            holiday_calendar: draft.holiday_calendars.first().as_str().to_owned(),
            makeup_policy: word(draft.makeup_policy)?,
            beyond_horizon: word(draft.beyond_horizon)?,
            exceptions: json(&draft.exceptions)?,
            seasons: json(&draft.seasons)?,
            holiday_policy: word(draft.holiday_policy)?,
            holiday_windows: json(&draft.holiday_windows)?,
            other_holiday_calendars: json(&draft.holiday_calendars.others())?,
            override_set: None,
            holidays_revision,
            closures_revision,
            ceilings_revision,
            published: Published::nothing_before(now),
        })
    }

    fn holiday_calendars(&self) -> Result<FollowedCalendars> {
        let others: Vec<HolidayCalendarId> = from_json(&self.other_holiday_calendars)?;
        let first = HolidayCalendarId::new(self.holiday_calendar.clone());
        let all = [first].into_iter().chain(others).collect();
        FollowedCalendars::new(all).map_err(|_| damaged("the holiday calendars of a group"))
    }

    /// The next version of the row. Where there is none, the statement that writes it fails.
    pub(super) fn edited(&self, draft: &GroupDraft, now: Timestamp) -> Result<Self> {
        let (account, id) = (AccountId::new(self.account_id), DialTimeGroupId::new(self.id));
        Ok(Self {
            remark: self.remark.clone(),
            override_set: self.override_set.clone(),
            created_at: self.created_at,
            published: self.published,
            ..Self::new(
                account,
                (id, self.version.saturating_add(1)),
                draft,
                [self.holidays_revision, self.closures_revision, self.ceilings_revision],
                now,
            )?
        })
    }

    /// The next version of the row, with this override or without any.
    pub(super) fn overridden(&self, over: Option<&GroupOverride>, now: Timestamp) -> Result<Self> {
        Ok(Self {
            override_set: over.map(json).transpose()?,
            version: self.version.saturating_add(1),
            updated_at: micros(now),
            ..self.clone()
        })
    }
}

impl TryFrom<GroupRow> for DialTimeGroup {
    type Error = DatabaseError;

    fn try_from(row: GroupRow) -> Result<Self> {
        let holiday_calendars = row.holiday_calendars()?;
        Ok(Self {
            id: DialTimeGroupId::new(row.id),
            account_id: AccountId::new(row.account_id),
            draft: GroupDraft {
                name: stored_name(&row.name)?,
                content: from_json(&row.content)?,
                is_default: row.is_default,
                skip_holiday: row.skip_holiday,
                timezone: calendar::Zone::parse(&row.timezone).map_err(damaged)?,
                holiday_calendars,
                holiday_policy: from_word(&row.holiday_policy)?,
                holiday_windows: from_json(&row.holiday_windows)?,
                makeup_policy: from_word(&row.makeup_policy)?,
                beyond_horizon: from_word(&row.beyond_horizon)?,
                exceptions: from_json(&row.exceptions)?,
                seasons: from_json(&row.seasons)?,
            },
            over: row.override_set.as_deref().map(from_json).transpose()?,
            remark: row.remark,
            version: row.version,
            holidays_revision: row.holidays_revision,
            closures_revision: row.closures_revision,
            ceilings_revision: row.ceilings_revision,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

/// A group's account and id as [`group_key_rows`] takes them.
pub(crate) type GroupKey = (String, i64);

pub(crate) fn group_key(account: AccountId, id: DialTimeGroupId) -> GroupKey {
    (hex(account.uuid()), id.get())
}

/// `parameter`, a JSON array of [`GroupKey`]s, as rows of `account` and `id`.
pub(crate) fn group_key_rows(dialect: Dialect, parameter: &str) -> String {
    dialect.rows(parameter, &[("account", Column::Uuid), ("id", Column::Integer)])
}
