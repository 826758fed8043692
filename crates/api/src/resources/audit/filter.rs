//! What the audit log is narrowed to.

use domain::{FaultRule, Faults, TokenId};
use store::audit::{Action, Actor, ActorFilter, AuditFilter, AuditLog, Subject};

use super::view::{AuditActionView, AuditSubjectView};
use crate::{
    Api,
    http::{
        actor::ActorKindView,
        choices::OneWord,
        extract::Caller,
        number_view::expect_to_see_whole_numbers,
        problem::Problem,
        query::{Id, LocalTime, Search, query_parameters, start_and_end},
    },
};

query_parameters! {
    /// Filters of the audit log.
    pub(crate) struct AuditQuery {
        /// Who made the change.
        actor: OneWord<ActorKindView>,
        /// The token with which it was made.
        token_id: Id,
        /// What was done.
        action: OneWord<AuditActionView>,
        /// What kind of thing was changed.
        subject: OneWord<AuditSubjectView>,
        /// Which thing, as `subject_id` of the answer has it. To tokens that see telephone numbers masked, only with a `subject` that is not
        /// `do_not_call`.
        subject_id: Search,
        /// Changed at this time or later; a day begins at 00:00:00.
        start_at: LocalTime,
        /// Changed at this time or before; a day ends at 23:59:59.
        end_at: LocalTime,
    }
}

query_parameters! {
    /// What the log of a partner is narrowed to besides.
    pub(crate) struct PartnerAuditQuery {
        /// What is this account's, a user's or a sub-user's, as `user_id` of the answer has it; it may be gone.
        user_id: Id,
    }
}

impl AuditQuery {
    /// The filter, but for whose log it is. A token that sees numbers masked must not find one out.
    pub(super) fn filter(
        self,
        api: &Api,
        caller: &Caller,
        faults: &mut Faults,
    ) -> Result<AuditFilter, Problem> {
        let zone = api.settings.zone;
        let (from, until) = start_and_end(zone, self.start_at.as_deref(), self.end_at.as_deref(), faults);
        let token = self.token_id.map(|id| ActorFilter::One(Actor::Token(TokenId::new(id))));
        let kind = self.actor.map(ActorKindView::filter);
        if token.is_some() && kind.is_some_and(|kind| kind != ActorFilter::AnyToken) {
            faults.add("token_id", FaultRule::Excludes("actor"));
        }
        let subject = self.subject.map(Subject::from);
        let may_be_number = subject.is_none_or(|subject| subject == Subject::DoNotCall);
        if self.subject_id.is_some() && may_be_number {
            expect_to_see_whole_numbers(caller)?;
        }
        Ok(AuditFilter {
            log: AuditLog::default(),
            account: None,
            actor: token.or(kind),
            subject,
            // Numbers are shown with a `+`, and stored without.
            subject_id: self.subject_id.map(|id| id.trim_start_matches('+').to_owned()),
            action: self.action.map(Action::from),
            from,
            until,
        })
    }
}
