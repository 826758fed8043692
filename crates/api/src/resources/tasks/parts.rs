//! Parts of tasks that are read and written alike: lines, and what becomes of a task after a close.

use domain::{LineLimit, Resume, TaskLine};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    choices::choice,
};

choice! {
    /// What becomes of a task after a close.
    pub(crate) enum ResumeChoice as Resume for Resume {
        Auto = "auto",
        Ask = "ask",
    }
}

/// A telephone line: its UUID, or that with a limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskLine)]
#[serde(untagged)]
pub(crate) enum LineBody {
    Id(Uuid),
    Limited(LineLimitBody),
}

/// A telephone line with a limit of its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskLineLimit)]
pub(crate) struct LineLimitBody {
    id: Uuid,
    /// The most calls at once over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, minimum = 0, maximum = 1_000_000)]
    limit: Option<i64>,
}

impl FromValue for LineBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        if !value.is_object() {
            return Uuid::from_value(value, place, reading).map(Self::Id);
        }
        let mut members = Members::of(value, place, reading)?;
        let (id, limit) = (members.need("id"), members.take("limit"));
        members.know_only(&[&["id", "limit"]]);
        id.map(|id| Self::Limited(LineLimitBody { id, limit }))
    }
}

impl From<LineBody> for TaskLine {
    fn from(line: LineBody) -> Self {
        match line {
            LineBody::Id(id) => Self::Id(id),
            LineBody::Limited(LineLimitBody { id, limit }) => Self::Limited(LineLimit { id, limit }),
        }
    }
}

impl From<TaskLine> for LineBody {
    fn from(line: TaskLine) -> Self {
        match line {
            TaskLine::Id(id) => Self::Id(id),
            TaskLine::Limited(LineLimit { id, limit }) => Self::Limited(LineLimitBody { id, limit }),
        }
    }
}
