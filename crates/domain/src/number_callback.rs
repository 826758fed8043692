//! What the platform calls back when numbers of a task are added or deleted (`import_number`, `del_number`): one number by itself, or the
//! address of a file of them. Whoever knows a file's key can read it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, NumberCallbackId, Random, TaskId};

/// How long a callback and its file are kept.
pub const NUMBER_CALLBACKS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What every key starts with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "dtn_";

/// What was done with numbers; the words are the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberChange {
    /// They were added.
    #[serde(rename = "import_number")]
    Added,
    /// They were deleted.
    #[serde(rename = "del_number")]
    Deleted,
}

/// The key of a callback's file: 32 random bytes, as text. It is stored as it is, for the callback's body names it whenever it is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberFileKey(String);

impl NumberFileKey {
    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let digits = bytes.map(|byte| format!("{byte:02x}")).concat();
        Self(format!("{KEY_PREFIX}{digits}"))
    }

    /// One that somebody sent; `None` when it is not of the form that all have.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(KEY_PREFIX)?;
        let is_good = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_good.then(|| Self(text.to_owned()))
    }

    /// One that was stored.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NumberFileKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NumberFileKey")
    }
}

/// A callback on numbers.
#[derive(Clone)]
pub struct NumberCallback {
    /// Its `unique_id`; of an import, the import's.
    pub id: NumberCallbackId,
    /// Whose task it is.
    pub account: AccountId,
    /// The task.
    pub task: TaskId,
    /// What was done.
    pub change: NumberChange,
    /// The number, if it is one by itself.
    pub single: Option<String>,
    /// The key of the file with all of them.
    pub key: NumberFileKey,
}

impl std::fmt::Debug for NumberCallback {
    /// Without the number.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NumberCallback").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What the log tells of a callback on numbers: not the numbers themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberCallbackSnapshot {
    /// The callback's id.
    pub unique_id: Uuid,
    /// How many numbers it is about.
    pub numbers: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Random for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0x0a);
        }
    }

    #[test]
    fn a_key_has_all_its_random_bytes_and_is_never_shown() {
        let key = NumberFileKey::generate(&Ones);
        assert_eq!(key.as_str(), format!("dtn_{}", "0a".repeat(32)));
        assert_eq!(format!("{key:?}"), "NumberFileKey");
        assert_eq!(NumberFileKey::parse(key.as_str()), Some(key.clone()));
        for bad in ["", "dtn_", "dtn_0", "\0", &key.as_str()[1..], &format!("{}0", key.as_str())] {
            assert_eq!(NumberFileKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_callback_is_shown_without_its_number() {
        let callback = NumberCallback {
            id: NumberCallbackId::new(Uuid::nil()),
            account: AccountId::new(Uuid::nil()),
            task: TaskId::new(Uuid::nil()),
            change: NumberChange::Added,
            single: Some("13800138000".to_owned()),
            key: NumberFileKey::stored("dtn_1".to_owned()),
        };
        let shown = format!("{callback:?}");
        assert!(!shown.contains("138") && !shown.contains("dtn_"), "{shown}");
    }
}
