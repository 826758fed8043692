//! How headers of requests are documented.

use utoipa::openapi::{
    ObjectBuilder, Required,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::{SchemaType, Type},
};

/// A header that may be sent.
pub(crate) struct DocumentedHeader {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) example: &'static str,
}

impl DocumentedHeader {
    /// The header with a schema for its text.
    pub(crate) fn with(&self, text: ObjectBuilder) -> Vec<Parameter> {
        let header = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(self.description))
            .schema(Some(text.schema_type(SchemaType::Type(Type::String))))
            .example(Some(self.example.into()));
        vec![header.build()]
    }
}
