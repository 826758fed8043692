//! Input that must be refused, naming the field, with nothing stored.
