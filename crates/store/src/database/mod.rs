//! Connections to either database, and how one SQL text speaks to both. It names no aggregate.

#[macro_use]
pub(crate) mod connection;
pub(crate) mod convert;
pub(crate) mod dialect;
pub(crate) mod error;
pub(crate) mod lists;
pub(crate) mod postgres;
pub(crate) mod snapshot;
pub(crate) mod sqlite_file;
pub(crate) mod write_check;
pub(crate) mod writer;
