//! The row of a redial rule: its columns, and how it becomes a rule.

use domain::{AccountId, NumberStatus, RedialRule, RedialRuleDraft, RedialRuleId, StoredRedialRule};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, json, micros, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const REDIAL_RULES: Table = Table { name: "redial_rules", key: &["account_id", "id"] };

/// The columns of [`RedialRuleRow`].
macro_rules! redial_rule_columns {
    () => {
        "redial_rules.account_id, redial_rules.id, redial_rules.name, redial_rules.remark, redial_rules.statuses, \
         redial_rules.minutes, redial_rules.times, redial_rules.daily_limit, redial_rules.version, \
         redial_rules.created_at, redial_rules.updated_at"
    };
}
pub(super) use redial_rule_columns;

/// A redial rule as it stands in the table, which is its before-image in the audit.
#[derive(Clone, Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct RedialRuleRow {
    pub(super) account_id: Uuid,
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) remark: Option<String>,
    pub(super) statuses: String,
    pub(super) minutes: i64,
    pub(super) times: i64,
    pub(super) daily_limit: Option<i64>,
    pub(super) version: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

impl RedialRuleRow {
    /// The row of a rule that is not there yet.
    pub(super) fn new(
        account: AccountId,
        (id, version): (RedialRuleId, i64),
        draft: &RedialRuleDraft,
        now: Timestamp,
    ) -> Result<Self> {
        let statuses: Vec<i64> = draft.rule.statuses().map(NumberStatus::number).collect();
        Ok(Self {
            account_id: account.uuid(),
            id: id.get(),
            name: draft.name.as_str().to_owned(),
            remark: draft.remark.clone(),
            statuses: json(&statuses)?,
            minutes: draft.rule.interval(),
            times: draft.rule.times(),
            daily_limit: draft.rule.daily_limit(),
            version,
            created_at: micros(now),
            updated_at: micros(now),
        })
    }

    /// The next version of the row.
    pub(super) fn edited(&self, draft: &RedialRuleDraft, now: Timestamp) -> Result<Self> {
        let key = (RedialRuleId::new(self.id), self.version.saturating_add(1));
        let edited = Self::new(AccountId::new(self.account_id), key, draft, now)?;
        Ok(Self { created_at: self.created_at, ..edited })
    }
}

impl TryFrom<RedialRuleRow> for StoredRedialRule {
    type Error = DatabaseError;

    fn try_from(row: RedialRuleRow) -> Result<Self> {
        let statuses: Vec<i64> = from_json(&row.statuses)?;
        let rule = RedialRule::new(&statuses, row.minutes, row.times, row.daily_limit);
        Ok(Self {
            id: RedialRuleId::new(row.id),
            account_id: AccountId::new(row.account_id),
            draft: RedialRuleDraft {
                name: stored_name(&row.name)?,
                remark: row.remark,
                rule: rule.map_err(|faults| damaged(format!("redial rule: {faults:?}")))?,
            },
            version: row.version,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}
