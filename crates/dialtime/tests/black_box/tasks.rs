//! Tasks of both generations.
