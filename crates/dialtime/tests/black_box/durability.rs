//! What was acknowledged survives a SIGKILL.
