//! Users and sub-users.
