//! Every answer wears the envelope, in the language asked for.
