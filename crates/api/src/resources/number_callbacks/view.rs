//! The body of a callback on numbers, as webhooks of the `platform` format are sent it and as it is asked for again.

use domain::{NumberCallback, NumberChange};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{choices::choice, settings::PublicUrl};

choice! {
    /// What was done with the numbers.
    pub(crate) enum NumberChangeChoice as NumberChange for NumberChange {
        /// They were added to the task.
        Added = "import_number",
        /// They were deleted from it.
        Deleted = "del_number",
    }
}

choice! {
    /// How the numbers are told.
    pub(crate) enum CallbackModeChoice as CallbackMode {
        /// One number, in `data.number`.
        Single = "single",
        /// A file, at `data.url`.
        Batch = "batch",
    }
}

/// A callback on numbers (号码回调): `import_number` or `del_number`.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberCallbackView {
    r#type: NumberChangeChoice,
    mode: CallbackModeChoice,
    /// By it the callback can be asked for again. Of an import, its id.
    unique_id: Uuid,
    /// The account that owns the task.
    user_id: Uuid,
    task_id: Uuid,
    data: CallbackDataView,
}

/// One number, or where they are.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum CallbackDataView {
    Single(CallbackNumberView),
    Batch(CallbackFileView),
}

/// One number.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackNumberView {
    /// As it was sent, with its suffix.
    #[schema(example = "13800138000")]
    number: String,
}

/// Where a file of numbers is.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackFileView {
    /// Its address, for a GET without a token: for 7 days. Without `--public-url` the operator's server does not know its own address; then it is the path alone.
    #[schema(example = "https://dialtime.example.com/agent-api/download-number?key=dtn_5c0e...")]
    url: String,
}

impl NumberCallbackView {
    pub(crate) fn new(public_url: &PublicUrl, callback: &NumberCallback) -> Self {
        let file = || public_url.of(&format!("/agent-api/download-number?key={}", callback.key.as_str()));
        let (mode, data) = match &callback.single {
            Some(number) => (
                CallbackModeChoice::Single,
                CallbackDataView::Single(CallbackNumberView { number: number.clone() }),
            ),
            None => (CallbackModeChoice::Batch, CallbackDataView::Batch(CallbackFileView { url: file() })),
        };
        Self {
            r#type: callback.change.into(),
            mode,
            unique_id: callback.id.uuid(),
            user_id: callback.account.uuid(),
            task_id: callback.task.uuid(),
            data,
        }
    }
}
