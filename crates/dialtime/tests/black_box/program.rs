//! The commands of the program: demo, serve, migrate, partner, user, token, openapi, doctor.
