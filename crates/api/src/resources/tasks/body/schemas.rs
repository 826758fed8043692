//! The schemas of the three bodies that tasks are created and changed with, made from the one that all are read by.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use super::{TaskBody, extras::TaskExtrasBody};
use crate::http::values::schema_of;

/// What only 2.0 tasks are made of.
const ONLY_V2: &[&str] = &[
    "enable_type",
    "is_call_in",
    "background_id",
    "is_group_switch",
    "group_type",
    "group_switch_rule",
    "score_scheme_id",
    "task_extras",
];

schema_of!(
    /// The [`TaskBody`] of a 1.0 task.
    V1TaskSchema,
    "TaskBody",
    part_of::<TaskBody>("What a 1.0 task is made of, or changed to.", ONLY_V2, &["caller_line_id"]),
    within TaskBody
);
schema_of!(
    /// The [`TaskBody`] of a 2.0 task that is made.
    NewV2TaskSchema,
    "CreateNewTask",
    {
        let mut schema = part_of::<TaskBody>("What a 2.0 task is made of.", &[], &["task_extras"]);
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            let extras = Ref::from_schema_name(NewExtrasSchema::name());
            object.properties.insert("task_extras".to_owned(), extras.into());
        }
        schema
    },
    within TaskBody, beside NewExtrasSchema
);
schema_of!(
    /// The [`TaskExtrasBody`] of a 2.0 task that is made.
    NewExtrasSchema,
    "CreateNewTaskExtras",
    part_of::<TaskExtrasBody>(
        "The part that only 2.0 tasks have (2.0任务配置信息), of a task that is made.",
        &[],
        &["start_time", "stop_time"],
    ),
    within TaskExtrasBody
);
schema_of!(
    /// The [`TaskBody`] of a 2.0 task that is changed.
    V2TaskSchema,
    "ModifyNewTask",
    part_of::<TaskBody>("What a 2.0 task is changed to.", &[], &[]),
    within TaskBody
);

/// The schema of a body without some of its fields, and with some that must be given here.
fn part_of<B: PartialSchema>(description: &str, without: &[&str], required: &[&str]) -> RefOr<Schema> {
    let mut schema = B::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = Some(description.to_owned());
        object.properties.retain(|name, _| !without.contains(&name.as_str()));
        for name in required {
            object.required.push((*name).to_owned());
            if let Some(property) = object.properties.get_mut(*name) {
                not_null(property);
            }
        }
    }
    schema
}

/// A field that must be given cannot be `null`.
fn not_null(property: &mut RefOr<Schema>) {
    match property {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(kind) = types.iter().find(|kind| **kind != Type::Null)
            {
                object.schema_type = SchemaType::Type(kind.clone());
            }
        }
        RefOr::T(Schema::OneOf(choice)) => {
            if let Some(first) = choice.items.first().cloned() {
                *property = first;
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}
