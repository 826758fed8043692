//! Clients that race.
