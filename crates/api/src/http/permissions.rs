//! What each operation asks of a token, in one table. An operation that is not in it is refused to everyone.

use axum::extract::MatchedPath;
use domain::{Token, TokenScope};
use http::{Method, request::Parts};

use self::Permission::{Act, Administer, Decide, Follow, Itself, Oversee, Read};
use crate::http::{
    not_implemented,
    problem::{Forbidden, Problem},
};

/// What an operation does, and so who may ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Tells a token about itself: any token.
    Itself,
    /// Says whether a call may go out: any token. Of an account that is disabled, too: the answer is no.
    Decide,
    /// Reads.
    Read,
    /// Reads what happened, of an account that is disabled, too.
    Follow,
    /// Changes something, whatever its method is.
    Act,
    /// Reads what is the partner's as a whole: for tokens that are not limited to one user.
    Oversee,
    /// Changes who there is, or what is the partner's as a whole: for tokens that are not limited to one user, and of a user that is disabled, too.
    Administer,
}

impl Permission {
    /// What an operation asks; `None` for one that is not in the table.
    pub(crate) fn of(method: &Method, route: &str) -> Option<Self> {
        // Who may read what a GET gives may ask for its headers alone.
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        let placed = OPERATIONS.iter().find(|(one, path, _)| *one == method.as_str() && *path == route);
        // Every token may learn that an endpoint is not here yet.
        let missing = || not_implemented::has(method.as_str(), route).then_some(Itself);
        placed.map(|(_, _, permission)| *permission).or_else(missing)
    }

    /// What the operation of a request asks.
    pub(crate) fn of_request(parts: &Parts) -> Result<Self, Problem> {
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Self::of(&parts.method, route).ok_or_else(|| {
            tracing::error!(method = %parts.method, route, "an operation without a permission");
            Problem::Forbidden(Forbidden::NeedsAll)
        })
    }

    /// Refuses a token that may not do this. What belongs to the whole partner does not exist for one that is limited to a
    /// user.
    pub(crate) fn check(self, token: &Token) -> Result<(), Problem> {
        self.check_scope(token.scope)?;
        let is_the_partners = matches!(self, Self::Administer | Self::Oversee);
        if is_the_partners && token.user.is_some() { Err(Problem::NotFound) } else { Ok(()) }
    }

    fn check_scope(self, scope: TokenScope) -> Result<(), Problem> {
        let (needed, forbidden) = match self {
            Self::Itself | Self::Decide => (TokenScope::Decide, Forbidden::NeedsRead),
            Self::Read | Self::Follow | Self::Oversee => (TokenScope::Read, Forbidden::NeedsRead),
            Self::Act | Self::Administer => (TokenScope::All, Forbidden::NeedsAll),
        };
        if scope >= needed { Ok(()) } else { Err(Problem::Forbidden(forbidden)) }
    }

    /// Whether a request is answered by a node whose clock is too far from the database's: what reads only, and says so itself.
    pub(crate) fn is_answered_whatever_the_clock(parts: &Parts) -> bool {
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        matches!(parts.method, Method::GET | Method::HEAD) && TELLS_OF_CLOCKS.contains(&route)
    }

    /// Whether it is allowed for an account that is disabled.
    pub(crate) const fn while_disabled(self) -> bool {
        matches!(self, Self::Decide | Self::Follow | Self::Administer)
    }
}

/// What says itself that nothing is dialed, as no node's clock agrees with the database's.
const TELLS_OF_CLOCKS: [&str; 2] =
    ["/agent-api/user/{user_id}/task/{task_id}/progress", "/agent-api/user/{user_id}/progress"];

/// Every operation that asks for a token, in the order of the routes.
const OPERATIONS: &[(&str, &str, Permission)] = &[
    ("GET", "/agent-api/token", Itself),
    // For whom a token may stop and resume is for the handler to say: a user, or the partner as a whole.
    ("GET", "/agent-api/stop-dialing", Read),
    ("POST", "/agent-api/stop-dialing", Act),
    ("POST", "/agent-api/resume-dialing", Act),
    ("GET", "/agent-api/ceiling", Read),
    ("PUT", "/agent-api/ceiling", Administer),
    ("DELETE", "/agent-api/ceiling", Administer),
    ("GET", "/agent-api/user/{user_id}/ceiling", Read),
    ("PUT", "/agent-api/user/{user_id}/ceiling", Act),
    ("DELETE", "/agent-api/user/{user_id}/ceiling", Act),
    ("GET", "/agent-api/closure", Read),
    ("POST", "/agent-api/closure", Administer),
    ("DELETE", "/agent-api/closure/{closure_id}", Administer),
    ("POST", "/agent-api/user/{user_id}/bulk/exception", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/exception/remove", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/override", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/override/remove", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/move", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/pause", Act),
    ("POST", "/agent-api/user/{user_id}/bulk/resume", Act),
    ("GET", "/agent-api/user/{user_id}/closure", Read),
    ("POST", "/agent-api/user/{user_id}/closure", Act),
    ("DELETE", "/agent-api/user/{user_id}/closure/{closure_id}", Act),
    ("GET", "/agent-api/holiday-calendar", Read),
    ("GET", "/agent-api/holiday-calendar/{calendar_id}", Read),
    ("POST", "/agent-api/holiday-calendar", Administer),
    ("DELETE", "/agent-api/holiday-calendar/{calendar_id}", Administer),
    ("POST", "/agent-api/holiday-calendar/{calendar_id}/import", Administer),
    ("PUT", "/agent-api/holiday-calendar/{calendar_id}/feed", Administer),
    ("DELETE", "/agent-api/holiday-calendar/{calendar_id}/feed", Administer),
    ("PUT", "/agent-api/holiday-calendar/{calendar_id}/day/{date}", Administer),
    ("DELETE", "/agent-api/holiday-calendar/{calendar_id}/day/{date}", Administer),
    ("GET", "/agent-api/user/{user_id}/holiday-calendar", Read),
    ("POST", "/agent-api/user/{user_id}/holiday-calendar", Act),
    ("GET", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", Read),
    ("DELETE", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", Act),
    ("POST", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/import", Act),
    ("PUT", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/feed", Act),
    ("DELETE", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/feed", Act),
    ("PUT", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", Act),
    ("DELETE", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", Act),
    ("GET", "/users", Read),
    ("POST", "/users", Administer),
    ("POST", "/agent-api/user/{user_id}/disable", Administer),
    ("POST", "/agent-api/user/{user_id}/enable", Administer),
    ("PUT", "/agent-api/user/{user_id}/password", Administer),
    ("DELETE", "/agent-api/user/{user_id}", Administer),
    ("GET", "/agent-api/user/{user_id}/subset_users", Read),
    ("POST", "/agent-api/user/{user_id}/subset_users", Act),
    ("GET", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/edit", Read),
    ("POST", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/disable", Act),
    ("POST", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/enable", Act),
    ("PUT", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/password", Act),
    ("DELETE", "/agent-api/user/{user_id}/subset_users/{sub_user_id}", Act),
    ("GET", "/agent-api/user/{user_id}/dial-time-group", Read),
    ("POST", "/agent-api/user/{user_id}/dial-time-group", Act),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}", Read),
    ("PUT", "/agent-api/user/{user_id}/dial-time-group/{group_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/dial-time-group/{group_id}", Act),
    ("POST", "/agent-api/user/{user_id}/dial-time-group/{group_id}/replace", Act),
    ("POST", "/agent-api/user/{user_id}/dial-time-group/{group_id}/exception/import", Act),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", Read),
    ("PUT", "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", Act),
    ("DELETE", "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", Act),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/version", Read),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}", Read),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/difference", Read),
    ("POST", "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/restore", Act),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/task", Read),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/decision", Decide),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/decision", Decide),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/progress", Read),
    ("GET", "/agent-api/user/{user_id}/progress", Read),
    ("GET", "/agent-api/user/{user_id}/call", Read),
    ("POST", "/agent-api/user/{user_id}/call/{record_id}/hang-up", Act),
    ("POST", "/agent-api/user/{user_id}/call/{record_id}/transfer", Act),
    ("POST", "/agent-api/user/{user_id}/call/{record_id}/play", Act),
    ("POST", "/agent-api/user/{user_id}/call/{record_id}/send-digits", Act),
    ("POST", "/agent-api/user/{user_id}/call/{record_id}/go-to", Act),
    ("GET", "/agent-api/user/{user_id}/stat", Read),
    ("GET", "/agent-api/user/{user_id}/record/{record_id}/evidence", Read),
    ("GET", "/agent-api/user/{user_id}/record/{record_id}/result", Read),
    ("PUT", "/agent-api/user/{user_id}/record/{record_id}/result", Act),
    ("POST", "/agent-api/user/{user_id}/record/{record_id}/transcript", Act),
    // It names the partner's carrier, which its users are not told.
    ("GET", "/agent-api/user/{user_id}/record/{record_id}/trace", Oversee),
    ("POST", "/agent-api/user/{user_id}/decisions", Decide),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar", Read),
    ("GET", "/agent-api/user/{user_id}/overview", Read),
    // It stores nothing.
    ("POST", "/agent-api/user/{user_id}/dial-time-group/preview", Read),
    ("GET", "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription", Read),
    ("POST", "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription", Act),
    (
        "DELETE",
        "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription/{subscription_id}",
        Act,
    ),
    ("GET", "/agent-api/user/{user_id}/record", Read),
    ("GET", "/agent-api/user/{user_id}/record/export", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/record", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/detail/{record_id}", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/record/{record_id}/download-full-voice", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/batch_record/download-full-voice", Read),
    ("GET", "/agent-api/task/{task_id}/record", Read),
    ("GET", "/agent-api/task/{task_id}/detail/{record_id}", Read),
    ("GET", "/agent-api/task/{task_id}/record/{record_id}/download-full-voice", Read),
    ("GET", "/agent-api/user/{user_id}/events", Follow),
    ("GET", "/agent-api/user/{user_id}/audit", Follow),
    ("GET", "/agent-api/audit", Oversee),
    ("GET", "/agent-api/user/{user_id}/call-events", Read),
    ("PUT", "/agent-api/user/{user_id}/call-events", Act),
    ("GET", "/agent-api/user/{user_id}/webhook", Read),
    ("POST", "/agent-api/user/{user_id}/webhook", Act),
    ("GET", "/agent-api/user/{user_id}/webhook/{webhook_id}", Read),
    ("PUT", "/agent-api/user/{user_id}/webhook/{webhook_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/webhook/{webhook_id}", Act),
    ("POST", "/agent-api/user/{user_id}/webhook/{webhook_id}/rotate-secret", Act),
    ("POST", "/agent-api/user/{user_id}/webhook/{webhook_id}/test", Act),
    ("POST", "/agent-api/user/{user_id}/webhook/{webhook_id}/send-again", Act),
    ("GET", "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery", Read),
    ("POST", "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery/{delivery_id}/send-again", Act),
    ("GET", "/agent-api/user/{user_id}/message", Read),
    ("GET", "/agent-api/group/{user_id}", Read),
    ("GET", "/agent-api/agent_group/tenant/{tenant_id}", Read),
    ("GET", "/agent-api/user/{user_id}/script", Read),
    ("POST", "/agent-api/user/{user_id}/script", Act),
    ("GET", "/agent-api/user/{user_id}/script/{script_id}", Read),
    ("PUT", "/agent-api/user/{user_id}/script/{script_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/script/{script_id}", Act),
    ("GET", "/agent-api/user/{user_id}/prompt", Read),
    ("POST", "/agent-api/user/{user_id}/prompt", Act),
    ("GET", "/agent-api/user/{user_id}/prompt/{prompt_id}", Read),
    ("PUT", "/agent-api/user/{user_id}/prompt/{prompt_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/prompt/{prompt_id}", Act),
    ("GET", "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", Read),
    ("PUT", "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", Act),
    ("GET", "/agent-api/user/{user_id}/redial-rule", Read),
    ("POST", "/agent-api/user/{user_id}/redial-rule", Act),
    ("GET", "/agent-api/user/{user_id}/redial-rule/{rule_id}", Read),
    ("PUT", "/agent-api/user/{user_id}/redial-rule/{rule_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/redial-rule/{rule_id}", Act),
    ("GET", "/agent-api/user/{user_id}/do-not-call", Read),
    ("POST", "/agent-api/user/{user_id}/do-not-call", Act),
    ("POST", "/agent-api/user/{user_id}/do-not-call/import", Act),
    ("GET", "/agent-api/user/{user_id}/do-not-call/{phone}", Read),
    ("DELETE", "/agent-api/user/{user_id}/do-not-call/{phone}", Act),
    ("POST", "/agent-api/user/{user_id}/erase-number", Act),
    ("GET", "/agent-api/line", Oversee),
    ("GET", "/agent-api/line-activity", Oversee),
    ("GET", "/agent-api/default-cause-map", Oversee),
    ("POST", "/agent-api/line", Administer),
    ("GET", "/agent-api/line/{line_id}", Oversee),
    ("PUT", "/agent-api/line/{line_id}", Administer),
    ("DELETE", "/agent-api/line/{line_id}", Administer),
    ("GET", "/agent-api/line-group", Oversee),
    ("POST", "/agent-api/line-group", Administer),
    ("GET", "/agent-api/line-group/{line_group_id}", Oversee),
    ("PUT", "/agent-api/line-group/{line_group_id}", Administer),
    ("DELETE", "/agent-api/line-group/{line_group_id}", Administer),
    ("GET", "/agent-api/line/{line_id}/allocation", Oversee),
    ("POST", "/agent-api/new/user/{user_id}/line/{line_id}", Administer),
    ("DELETE", "/agent-api/new/user/{user_id}/line/{line_id}", Administer),
    ("PUT", "/agent-api/new/user/{user_id}/line_bind_group", Administer),
    ("GET", "/agent-api/new_line_list", Oversee),
    ("GET", "/agent-api/tenant/{tenant_id}/callerline", Oversee),
    ("GET", "/agent-api/callerline", Oversee),
    ("GET", "/agent-api/user/{user_id}/task", Read),
    ("POST", "/agent-api/user/{user_id}/task", Act),
    ("GET", "/agent-api/user/{user_id}/all_task", Read),
    ("GET", "/agent-api/user/{user_id}/subset_task", Read),
    ("GET", "/agent-api/user/{user_id}/task/create", Read),
    ("PUT", "/agent-api/user/{user_id}/task/{task_id}", Act),
    ("DELETE", "/agent-api/user/{user_id}/task/{task_id}", Act),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/edit", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/stat", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number", Read),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/number", Act),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/async_number", Act),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number/detail/{phone}", Read),
    ("DELETE", "/agent-api/user/{user_id}/task/{task_id}/number-batch-delete", Act),
    ("PUT", "/agent-api/user/{user_id}/task/{task_id}/number-batch-reset", Act),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number-reset", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number-reset/{reset_id}", Read),
    ("GET", "/agent-api/user/{user_id}/number-removal", Read),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number-import", Read),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/number-import", Act),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}", Read),
    ("POST", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/cancel", Act),
    ("GET", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/refused", Read),
    ("GET", "/agent-api/user/{user_id}/identification/{unique_id}", Read),
    ("GET", "/agent-api/user/{user_id}/task_start/{task_id}", Act),
    ("POST", "/agent-api/user/{user_id}/task_start/{task_id}", Act),
    ("PUT", "/agent-api/user/{user_id}/task_start/{task_id}", Act),
    ("GET", "/agent-api/user/{user_id}/task_stop/{task_id}", Act),
    ("POST", "/agent-api/user/{user_id}/task_stop/{task_id}", Act),
    ("PUT", "/agent-api/user/{user_id}/task_stop/{task_id}", Act),
    ("GET", "/agent-api/new/user/{user_id}/task", Read),
    ("POST", "/agent-api/new/user/{user_id}/task", Act),
    ("GET", "/agent-api/new/user/{user_id}/subset_task", Read),
    ("GET", "/agent-api/new/user/{user_id}/task/create", Read),
    ("PUT", "/agent-api/new/user/{user_id}/task/{task_id}", Act),
    ("DELETE", "/agent-api/new/user/{user_id}/task/{task_id}", Act),
    ("GET", "/agent-api/new/user/{user_id}/task/{task_id}/edit", Read),
    ("GET", "/agent-api/new/user/{user_id}/task_start/{task_id}", Act),
    ("POST", "/agent-api/new/user/{user_id}/task_start/{task_id}", Act),
    ("PUT", "/agent-api/new/user/{user_id}/task_start/{task_id}", Act),
    ("GET", "/agent-api/new/user/{user_id}/task_stop/{task_id}", Act),
    ("POST", "/agent-api/new/user/{user_id}/task_stop/{task_id}", Act),
    ("PUT", "/agent-api/new/user/{user_id}/task_stop/{task_id}", Act),
    ("GET", "/agent-api/new/user/{user_id}/copy/task/{task_id}", Act),
    ("POST", "/agent-api/new/user/{user_id}/copy/task/{task_id}", Act),
    ("PUT", "/agent-api/new/user/{user_id}/copy/task/{task_id}", Act),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_placed_is_nobodys() {
        assert_eq!(Permission::of(&Method::PATCH, "/users"), None);
        assert_eq!(Permission::of(&Method::GET, "/agent-api/user/{user_id}/secrets"), None);
        assert_eq!(Permission::of(&Method::HEAD, "/users"), Some(Read));
    }

    #[test]
    fn each_scope_holds_the_ones_before_it() {
        let may = |permission: Permission| {
            [TokenScope::Decide, TokenScope::Read, TokenScope::All]
                .map(|scope| permission.check_scope(scope).is_ok())
        };
        assert_eq!((may(Itself), may(Decide)), ([true; 3], [true; 3]));
        assert_eq!((may(Read), may(Follow)), ([false, true, true], [false, true, true]));
        assert_eq!((may(Act), may(Administer)), ([false, false, true], [false, false, true]));
    }
}
