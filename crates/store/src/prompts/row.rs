//! The row of a prompt: its columns, and how it becomes a prompt.

use domain::{AccountId, Prompt, PromptId};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, stored_name, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const PROMPTS: Table = Table { name: "prompts", key: &["account_id", "id"] };

/// The columns of [`PromptRow`].
macro_rules! prompt_columns {
    () => {
        "prompts.account_id, prompts.id, prompts.name, prompts.samples, prompts.sha256, prompts.silent, prompts.version, \
         prompts.created_at, prompts.updated_at"
    };
}
pub(super) use prompt_columns;

/// A prompt as it stands in the table, which is its before-image in the audit: that holds no audio, but tells by the hash which it
/// was.
#[derive(Clone, Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct PromptRow {
    pub(super) account_id: Uuid,
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) samples: i64,
    #[serde(serialize_with = "hexadecimal")]
    pub(super) sha256: Vec<u8>,
    pub(super) silent: bool,
    pub(super) version: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

fn hexadecimal<S: Serializer>(bytes: &[u8], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    serializer.serialize_str(&text)
}

impl TryFrom<PromptRow> for Prompt {
    type Error = DatabaseError;

    fn try_from(row: PromptRow) -> Result<Self> {
        Ok(Self {
            id: PromptId::new(row.id),
            account_id: AccountId::new(row.account_id),
            name: stored_name(&row.name)?,
            samples: row.samples,
            sha256: row.sha256.try_into().map_err(|_| damaged("a hash of another length"))?,
            is_silent: row.silent,
            version: row.version,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}
