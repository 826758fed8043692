//! Creates sent twice.
