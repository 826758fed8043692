//! Closed lists of words on the wire. Each is declared once, and is read, written and documented by that declaration.

use std::marker::PhantomData;

use domain::{FaultRule, Faults};
use utoipa::{
    PartialSchema,
    openapi::{ArrayBuilder, RefOr, Schema},
};

use crate::http::query::{Query, QueryKind};

/// One of a closed list of words, as `choice!` declares them.
pub(crate) trait Word: PartialSchema + Sized {
    /// All of them.
    const WORDS: &'static [&'static str];

    /// Reads one.
    fn of(word: &str) -> Option<Self>;
}

/// Words of a closed list, any of which will do; none when none is given.
pub(crate) struct WordList<W>(PhantomData<W>);

impl<W: Word> QueryKind for WordList<W> {
    type Value = Vec<W>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Vec<W> {
        let words: Option<Vec<W>> = query.listed(name).iter().map(|word| W::of(word)).collect();
        faults.check(name, words.ok_or(FaultRule::OneOf(W::WORDS))).unwrap_or_default()
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(W::schema()).into()
    }
}

/// One word of a closed list; `None` when none is given.
pub(crate) struct OneWord<W>(PhantomData<W>);

impl<W: Word> QueryKind for OneWord<W> {
    type Value = Option<W>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<W> {
        query.one_of(name, W::WORDS, faults).and_then(W::of)
    }

    fn schema() -> RefOr<Schema> {
        W::schema()
    }
}

/// Declares an enum of words, whose name in the OpenAPI document follows `as`. With `for`, it stands for an enum of the
/// domain that has the same variants.
macro_rules! choice {
    (
        $(#[doc = $text:literal])+
        $visibility:vis enum $name:ident as $public:ident $(for $domain:ident)? {
            $($(#[$variant_documentation:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[doc = $text])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$variant_documentation])* $variant,)+
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let description = [$($text.trim()),+].join("\n");
                $crate::http::values::words(&description, &[$($word),+])
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($public).into()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl $crate::http::body::FromValue for $name {
            fn from_value(
                value: serde_json::Value,
                place: &$crate::http::body::FieldPath<'_>,
                reading: &mut $crate::http::body::Reading,
            ) -> Option<Self> {
                let word = value.as_str().and_then($crate::http::choices::Word::of);
                let found = word.ok_or(domain::FaultRule::OneOf(<Self as $crate::http::choices::Word>::WORDS));
                reading.faults.check(&place.to_string(), found)
            }
        }

        impl $crate::http::choices::Word for $name {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(match self { $(Self::$variant => $word,)+ })
            }
        }

        $crate::http::choices::same_variants!($name $(for $domain)? { $($variant),+ });
    };
}
pub(crate) use choice;

/// The conversions between an enum of words and the enum of the domain that it stands for, if any.
macro_rules! same_variants {
    ($name:ident { $($variant:ident),+ }) => {};
    ($name:ident for $domain:ident { $($variant:ident),+ }) => {
        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)+ }
            }
        }
    };
}
pub(crate) use same_variants;
