//! A prompt as it is returned, and what it is renamed with.

use domain::Prompt;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        body::fields,
        extract::Caller,
        formats::{LocalTimeSchema, NameSchema},
        time::stamp,
        warning::{FieldWarning, FieldWarningView},
    },
};

/// A prompt: something recorded that scripts play.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptView {
    id: Uuid,
    name: String,
    /// The account that owns it.
    user_id: Uuid,
    /// How long it lasts, in milliseconds.
    #[schema(minimum = 0)]
    milliseconds: i64,
    /// SHA-256 of the WAV file that is downloaded, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// What may not be what was meant, as that nothing is to be heard.
    warnings: Vec<FieldWarningView>,
}

impl PromptView {
    pub(super) fn new(api: &Api, caller: &Caller, prompt: &Prompt) -> Self {
        let zone = api.settings.zone;
        let silence = || FieldWarningView::new("file", FieldWarning::Silence, caller.language);
        Self {
            id: prompt.id.uuid(),
            name: prompt.name.as_str().to_owned(),
            user_id: prompt.account_id.uuid(),
            milliseconds: prompt.milliseconds(),
            sha256: hexadecimal(&prompt.sha256),
            version: prompt.version,
            created_at: stamp(zone, prompt.created_at),
            updated_at: stamp(zone, prompt.updated_at),
            warnings: prompt.is_silent.then(silence).into_iter().collect(),
        }
    }
}

/// Bytes as digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Another name of a prompt.
#[derive(Debug, ToSchema)]
pub(crate) struct RenamePrompt {
    #[schema(value_type = NameSchema, required = true)]
    pub(super) name: Option<String>,
}

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] =
    &["id", "user_id", "milliseconds", "sha256", "version", "created_at", "updated_at", "warnings"];

fields!(RenamePrompt { name } known GIVEN_BACK);
