//! The filters of lists of tasks.

use domain::{FaultRule, Faults, TaskState};
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use super::view::TaskStatusSchema;
use crate::http::{
    lenient,
    query::{OneOrMany, Query, QueryKind, query_parameters},
    values::{self, schema_of},
};

query_parameters! {
    /// Which interface's tasks a list of 1.0 tasks shows.
    pub(crate) struct GenerationQuery {
        /// `all` also lists the tasks made through the 2.0 interface. Left out or empty: 1.0 tasks only.
        generation: AllOrNot,
    }
}

/// Whether the word `all` is given.
pub(crate) enum AllOrNot {}

impl QueryKind for AllOrNot {
    type Value = bool;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> bool {
        query.one_of(name, &["all"], faults).is_some()
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).pattern(Some("^(all)?$")).into()
    }
}

/// The states that the numbers of a `status` mean.
trait StatusNumbers {
    /// The documented numbers.
    const KNOWN: &'static [&'static str];

    fn states(number: i64) -> Option<&'static [TaskState]>;

    /// A single unknown number is a fault; an array that holds one does not narrow the list at all, as documented.
    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Vec<TaskState>> {
        let known = |text: &str| lenient::integer(text).and_then(Self::states);
        match query.one_or_many(name) {
            OneOrMany::None => None,
            OneOrMany::One(text) => {
                let states = known(&text).ok_or(FaultRule::OneOf(Self::KNOWN));
                faults.check(name, states).map(<[TaskState]>::to_vec)
            }
            OneOrMany::Many(texts) => {
                let all: Option<Vec<_>> = texts.iter().map(|text| known(text)).collect();
                Some(all?.concat())
            }
        }
    }
}

fn list_of<S: ToSchema>() -> RefOr<Schema> {
    ArrayBuilder::new().items(Ref::from_schema_name(S::name())).into()
}

/// The statuses that lists of 1.0 tasks are narrowed to; `None` does not narrow.
pub(crate) enum V1Status {}

impl StatusNumbers for V1Status {
    const KNOWN: &'static [&'static str] = &["1", "2", "3"];

    fn states(number: i64) -> Option<&'static [TaskState]> {
        match TaskState::from_number(number)? {
            TaskState::Paused => Some(&[TaskState::Paused]),
            TaskState::Running => Some(&[TaskState::Running]),
            TaskState::Waiting => Some(&[TaskState::Waiting]),
        }
    }
}

impl QueryKind for V1Status {
    type Value = Option<Vec<TaskState>>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        <Self as StatusNumbers>::read(query, name, faults)
    }

    fn schema() -> RefOr<Schema> {
        list_of::<TaskStatusSchema>()
    }
}

schema_of!(
    /// What the 2.0 lists are narrowed by.
    V2StatusSchema,
    "NewTaskStatus",
    values::numbers("1 paused (任务暂停), 3 running or waiting (执行中&等待执行).", [1, 3])
);

/// The statuses that lists of 2.0 tasks are narrowed to; `None` does not narrow.
pub(crate) enum V2Status {}

impl StatusNumbers for V2Status {
    const KNOWN: &'static [&'static str] = &["1", "3"];

    fn states(number: i64) -> Option<&'static [TaskState]> {
        match number {
            1 => Some(&[TaskState::Paused]),
            3 => Some(&[TaskState::Running, TaskState::Waiting]),
            _ => None,
        }
    }
}

impl QueryKind for V2Status {
    type Value = Option<Vec<TaskState>>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        <Self as StatusNumbers>::read(query, name, faults)
    }

    fn schema() -> RefOr<Schema> {
        list_of::<V2StatusSchema>()
    }
}

/// The type that lists of 2.0 tasks are narrowed to, as documented: 6 (2.0任务) or 7 (新2.0任务).
pub(crate) enum V2Type {}

impl QueryKind for V2Type {
    type Value = Option<i64>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<i64> {
        const KNOWN: &[&str] = &["6", "7"];
        let known = lenient::integer(query.get(name)?);
        let known = known.filter(|number| KNOWN.contains(&number.to_string().as_str()));
        faults.check(name, known.ok_or(FaultRule::OneOf(KNOWN)))
    }

    fn schema() -> RefOr<Schema> {
        values::numbers("6 (2.0任务) or 7 (新2.0任务).", [6, 7])
    }
}
