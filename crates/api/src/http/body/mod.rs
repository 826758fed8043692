//! The body of a request: JSON, or a form as PHP and others send it, read whole once and then field by field into what a
//! handler wants.

pub(crate) mod bytes;
mod document;
mod form;
mod read;

pub(crate) use self::{
    document::ParsedBody,
    read::{FieldPath, FromValue, Members, Reading, fields, whole, word},
};
