//! The body of a request: JSON, or a form as PHP and others send it. It is read as a whole once, then field by field into the
//! type that a handler wants.

pub(crate) mod bytes;
mod decimal;
mod document;
mod field_path;
mod form;
mod json;
mod read;

pub(crate) use self::{
    decimal::Decimal,
    document::ParsedBody,
    field_path::FieldPath,
    read::{FromValue, Members, Number, Reading, SUB_USER, checked_remark, fields, required_name, whole},
};
