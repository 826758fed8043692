//! Schemas of closed lists, made from the lists by which the values are read and written.

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Schema,
        schema::{AnyOfBuilder, SchemaType, Type},
    },
};

/// The schema of one of these words.
pub(crate) fn words(description: &str, words: &[&str]) -> RefOr<Schema> {
    list(description, Type::String, words.iter().map(|word| Value::from(*word)))
}

/// The schema of one of these numbers.
pub(crate) fn numbers(description: &str, numbers: impl IntoIterator<Item = u16>) -> RefOr<Schema> {
    list(description, Type::Integer, numbers.into_iter().map(Value::from))
}

/// The schema of the words of a list that may grow: clients must not fail at another.
pub(crate) fn open<L: ToSchema>(description: &str) -> RefOr<Schema> {
    let another = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    let known = Ref::from_schema_name(L::name());
    let schema = AnyOfBuilder::new().item(known).item(another).description(Some(description));
    RefOr::T(Schema::AnyOf(schema.build()))
}

fn list(description: &str, kind: Type, values: impl IntoIterator<Item = Value>) -> RefOr<Schema> {
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(kind))
        .description(Some(description))
        .enum_values(Some(values));
    RefOr::T(Schema::Object(schema.build()))
}

/// Makes a type that stands for a schema in `value_type`: its name in the document, the schema, the type whose
/// references it has, and one more that it refers to.
macro_rules! schema_of {
    ($(#[$documentation:meta])* $name:ident, $public:literal, $schema:expr $(, within $inner:ty)? $(, beside $other:ty)?) => {
        $(#[$documentation])*
        pub(crate) enum $name {}

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($public)
            }

            fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
                // Most refer to no other.
                let _: &Vec<_> = schemas;
                $(<$inner as utoipa::ToSchema>::schemas(schemas);)?
                $(
                    let (name, schema) = (<$other as utoipa::ToSchema>::name(), <$other as utoipa::PartialSchema>::schema());
                    schemas.push((name.into_owned(), schema));
                    <$other as utoipa::ToSchema>::schemas(schemas);
                )?
            }
        }
    };
}

pub(crate) use schema_of;
