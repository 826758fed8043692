//! The row of a script: its columns, and how it becomes a script.

use domain::{AccountId, BotSecrets, Script, ScriptDraft, ScriptId};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{from_json, json, micros, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const SCRIPTS: Table = Table { name: "scripts", key: &["account_id", "id"] };

/// The columns of [`ScriptRow`].
macro_rules! script_columns {
    () => {
        "scripts.account_id, scripts.id, scripts.name, scripts.remark, scripts.flow, scripts.secrets, scripts.has_bot, scripts.version, \
         scripts.created_at, scripts.updated_at"
    };
}
pub(super) use script_columns;

/// A script as it stands in the table; what is not skipped is its before-image in the audit.
#[derive(Clone, Serialize, sqlx_macros::FromRow)]
pub(super) struct ScriptRow {
    pub(super) account_id: Uuid,
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) remark: Option<String>,
    pub(super) flow: String,
    #[serde(skip)]
    pub(super) secrets: String,
    /// It follows from the flow.
    #[serde(skip)]
    pub(super) has_bot: bool,
    pub(super) version: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

impl ScriptRow {
    /// The row of a script that is not there yet.
    pub(super) fn new(
        account: AccountId,
        (id, version): (ScriptId, i64),
        draft: &ScriptDraft,
        secrets: &BotSecrets,
        now: Timestamp,
    ) -> Result<Self> {
        Ok(Self {
            account_id: account.uuid(),
            id: id.get(),
            name: draft.name.as_str().to_owned(),
            remark: draft.remark.clone(),
            flow: json(&draft.flow)?,
            secrets: json(secrets)?,
            has_bot: draft.flow.has_bot(),
            version,
            created_at: micros(now),
            updated_at: micros(now),
        })
    }

    /// The next version of the row.
    pub(super) fn edited(&self, draft: &ScriptDraft, secrets: &BotSecrets, now: Timestamp) -> Result<Self> {
        let key = (ScriptId::new(self.id), self.version.saturating_add(1));
        let edited = Self::new(AccountId::new(self.account_id), key, draft, secrets, now)?;
        Ok(Self { created_at: self.created_at, ..edited })
    }
}

impl TryFrom<ScriptRow> for Script {
    type Error = DatabaseError;

    fn try_from(row: ScriptRow) -> Result<Self> {
        Ok(Self {
            id: ScriptId::new(row.id),
            account_id: AccountId::new(row.account_id),
            draft: ScriptDraft {
                name: stored_name(&row.name)?,
                remark: row.remark,
                flow: from_json(&row.flow)?,
            },
            secrets: from_json(&row.secrets)?,
            version: row.version,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}
