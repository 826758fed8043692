//! Parameters of queries. Each is declared once, by a name and a kind, and is read and documented by that declaration.

use std::marker::PhantomData;

use domain::{FaultRule, Faults, Name};
use phone::Country;
use serde_json::Value;
use utoipa::{
    PartialSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::{LONGEST_FILTER, Query};
use crate::http::formats::NameSchema;

/// A kind of parameter: how its value is read, and what the OpenAPI document says of it.
pub(crate) trait QueryKind {
    /// What a handler gets.
    type Value;

    /// Whether nothing is answered without it.
    const REQUIRED: bool = false;

    /// Reads the parameter of this name, noting what is wrong with it.
    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value;

    /// The schema of the values that are taken.
    fn schema() -> RefOr<Schema>;

    /// A value to show.
    fn example() -> Option<Value> {
        None
    }
}

/// Parameters that belong together, made by `query_parameters!`.
pub(crate) trait QueryParameters: Sized {
    /// Their names.
    const NAMES: &'static [&'static str];

    /// Reads them, noting what is wrong with each.
    fn read(query: &Query, faults: &mut Faults) -> Self;
}

/// Declares parameters: a struct of the values read, whose comments describe them to clients.
macro_rules! query_parameters {
    ($(#[$documentation:meta])* $visibility:vis struct $name:ident {
        $($(#[doc = $text:literal])+ $field:ident: $kind:ty,)+
    }) => {
        $(#[$documentation])*
        $visibility struct $name {
            $($(#[doc = $text])+ pub(crate) $field: <$kind as $crate::http::query::QueryKind>::Value,)+
        }

        impl $crate::http::query::QueryParameters for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(query: &$crate::http::query::Query, faults: &mut domain::Faults) -> Self {
                query.refuse_members(Self::NAMES, faults);
                Self {
                    $($field: <$kind as $crate::http::query::QueryKind>::read(query, stringify!($field), faults),)+
                }
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::http::query::documented::<$kind>(stringify!($field), &[$($text),+]),)+]
            }
        }
    };
}
pub(crate) use query_parameters;

/// A parameter as the OpenAPI document has it.
pub(crate) fn documented<K: QueryKind>(name: &str, text: &[&str]) -> Parameter {
    let description = text.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(if K::REQUIRED { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(K::schema()))
        .example(K::example())
        .build()
}

fn typed(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(kind))
}

fn number() -> ObjectBuilder {
    typed(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
}

/// Text to look for; `None` when none is given.
pub(crate) enum Search {}

impl QueryKind for Search {
    type Value = Option<String>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<String> {
        query.text(name, faults)
    }

    fn schema() -> RefOr<Schema> {
        let without_control_characters = r"^[^\u0000-\u001f\u007f-\u009f]*$";
        typed(Type::String).max_length(Some(LONGEST_FILTER)).pattern(Some(without_control_characters)).into()
    }
}

/// Yes or no; no when it is not given.
pub(crate) enum Flag {}

impl QueryKind for Flag {
    type Value = bool;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> bool {
        query.flag(name, faults)
    }

    fn schema() -> RefOr<Schema> {
        typed(Type::Boolean).default(Some(false.into())).into()
    }
}

/// A parameter that may be left out, but not be empty: where something is written, whoever says `dry_run=` must not be taken for one who says nothing.
pub(crate) struct NotEmpty<K>(PhantomData<K>);

impl<K: QueryKind> QueryKind for NotEmpty<K> {
    type Value = K::Value;

    const REQUIRED: bool = K::REQUIRED;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> K::Value {
        query.refuse_empty(name, faults);
        K::read(query, name, faults)
    }

    fn schema() -> RefOr<Schema> {
        let mut schema = K::schema();
        if let RefOr::T(Schema::Object(text)) = &mut schema
            && text.schema_type == SchemaType::Type(Type::String)
            && text.enum_values.is_none()
        {
            text.min_length = Some(1);
        }
        schema
    }

    fn example() -> Option<Value> {
        K::example()
    }
}

/// A country, by its two letters; `None` when none is given.
pub(crate) enum CountryCode {}

impl QueryKind for CountryCode {
    type Value = Option<Country>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Country> {
        let country = Country::parse(query.decisive(name, faults)?).map_err(FaultRule::Number);
        faults.check(name, country)
    }

    fn schema() -> RefOr<Schema> {
        typed(Type::String).pattern(Some("^[A-Za-z]{2}$")).into()
    }

    fn example() -> Option<Value> {
        Some("CN".into())
    }
}

/// A UUID; `None` when none is given.
pub(crate) enum Id {}

impl QueryKind for Id {
    type Value = Option<Uuid>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Uuid> {
        query.uuid(name, faults)
    }

    fn schema() -> RefOr<Schema> {
        typed(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}

/// The name of a new thing, which comes beside its file; `None` only with a fault.
pub(crate) enum RequiredName {}

impl QueryKind for RequiredName {
    type Value = Option<Name>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Name> {
        if query.get(name).is_none() {
            faults.add(name, FaultRule::Required);
        }
        let given = query.text(name, faults)?;
        faults.check(name, Name::parse(&given))
    }

    fn schema() -> RefOr<Schema> {
        NameSchema::schema()
    }
}

/// A UUID without which nothing is answered.
pub(crate) enum RequiredId {}

impl QueryKind for RequiredId {
    type Value = Option<Uuid>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Uuid> {
        let id = Id::read(query, name, faults);
        if id.is_none() {
            faults.add(name, FaultRule::Required);
        }
        id
    }

    fn schema() -> RefOr<Schema> {
        Id::schema()
    }
}

/// A whole number between two bounds, both included; `None` when none is given.
pub(crate) enum Within<const SMALLEST: u32, const LARGEST: u32> {}

impl<const SMALLEST: u32, const LARGEST: u32> QueryKind for Within<SMALLEST, LARGEST> {
    type Value = Option<u32>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<u32> {
        query.number_within(name, SMALLEST..=LARGEST, faults)
    }

    fn schema() -> RefOr<Schema> {
        number().minimum(Some(SMALLEST)).maximum(Some(LARGEST)).into()
    }
}

/// A whole number between two bounds, both included, and what it is when none is given.
pub(crate) enum WithinOr<const SMALLEST: u32, const LARGEST: u32, const DEFAULT: u32> {}

impl<const SMALLEST: u32, const LARGEST: u32, const DEFAULT: u32> QueryKind
    for WithinOr<SMALLEST, LARGEST, DEFAULT>
{
    type Value = u32;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> u32 {
        query.number_within(name, SMALLEST..=LARGEST, faults).unwrap_or(DEFAULT)
    }

    fn schema() -> RefOr<Schema> {
        number().minimum(Some(SMALLEST)).maximum(Some(LARGEST)).default(Some(DEFAULT.into())).into()
    }
}
