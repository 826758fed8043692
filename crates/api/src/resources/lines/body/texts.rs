//! The texts of a line as schemas of the OpenAPI document, each beside the parser that it describes. What no pattern can tell (whether an
//! IPv6 address is one, or a port is too great) is left to the parser. A `*` stands only in what is answered to tokens that see numbers
//! masked.

use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

use crate::http::values::schema_of;

const HOST: &str = r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*)";
const PORT: &str = "(:[0-9]{1,5})?";
/// Those of a user part but for `@`.
const USER: &str = "A-Za-z0-9_.!~'()&=+$,;?/*-";
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

fn text(description: &str, pattern: String) -> RefOr<Schema> {
    described(description, pattern).into()
}

fn described(description: &str, pattern: String) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    text.description(Some(description)).pattern(Some(pattern))
}

/// A text in one line that says something.
fn line_of_text(description: &str, most: usize) -> RefOr<Schema> {
    let pattern = format!(r"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*$");
    described(description, pattern).min_length(Some(1)).max_length(Some(most)).into()
}

schema_of!(
    /// [`domain::DialDigits::parse_prefix`].
    DialPrefixSchema,
    "DialPrefix",
    text("The beginning of E.164 numbers: 1 to 20 digits.", r"^\+?[0-9]{1,20}$".to_owned())
);
schema_of!(
    /// [`domain::CallerNumber`].
    CallerNumberSchema,
    "CallerNumber",
    text("1 to 32 letters, digits and `+#._-`.", "^[A-Za-z0-9+#._*-]{1,32}$".to_owned())
);
schema_of!(
    /// The phrase of a cause rule.
    CausePhraseSchema,
    "CausePhrase",
    line_of_text("1 to 100 characters in one line, not blank.", 100)
);
schema_of!(
    /// [`domain::SipAddress`].
    SipAddressSchema,
    "SipAddress",
    text("A host, with a port or without; an IPv6 address in brackets.", format!("^{HOST}{PORT}$"))
);
schema_of!(
    /// [`domain::SipAddress`] that may be left empty.
    SipProxySchema,
    "SipProxy",
    text("A host, with a port or without; an IPv6 address in brackets. Empty: none.", format!("^({HOST}{PORT})?$"))
);
schema_of!(
    /// [`domain::SipHost`] that may be left empty.
    SipHostSchema,
    "SipHost",
    text("A host; an IPv6 address in brackets. Empty: none.", format!("^{HOST}?$"))
);
schema_of!(
    /// [`domain::SipUser`] that may be left empty.
    SipUserSchema,
    "SipUser",
    text("Up to 128 letters, digits and `-_.!~'()&=+$,;?/@`. Empty: none.", format!("^[@{USER}]{{0,128}}$"))
);
schema_of!(
    /// [`domain::SipIdentity`] that may be left empty.
    SipIdentitySchema,
    "SipIdentity",
    text(
        "`sip:USER@HOST`, `sips:USER@HOST` or `tel:+NUMBER`. Empty: none.",
        format!(r"^(sips?:[{USER}]{{1,128}}@{HOST}{PORT}|tel:\+?[0-9*]{{1,20}})?$")
    )
);
schema_of!(
    /// [`domain::SipHeader::check_name`].
    SipHeaderNameSchema,
    "SipHeaderName",
    text("2 to 64 letters, digits and `-.!%*_+`'~`.", "^[A-Za-z0-9.!%*_+`'~-]{2,64}$".to_owned())
);
schema_of!(
    /// [`domain::SipHeader::check_value`].
    SipHeaderValueSchema,
    "SipHeaderValue",
    line_of_text("1 to 256 characters in one line, not blank.", 256)
);
