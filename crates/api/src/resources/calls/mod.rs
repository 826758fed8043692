//! Calls that are under way: attempts that have not ended. They become records. Who may lists them and asks things of them; a call's bot does so
//! in Twilio's words.

pub(crate) mod bot;
mod control;
mod list;

use crate::http::routes::{Routes, routes};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list))
        .routes(routes!(control::hang_up))
        .routes(routes!(control::transfer))
        .routes(routes!(control::play))
        .routes(routes!(control::send_digits))
        .routes(routes!(control::go_to))
}
