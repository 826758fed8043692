//! Who made a change, as it is returned: of versions and of the audit log.

use std::collections::HashMap;

use domain::{Name, TokenId};
use serde::Serialize;
use store::{
    Session,
    audit::{Actor, ActorFilter},
    partners,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{choices::choice, problem::Problem};

choice! {
    /// What makes changes.
    pub(crate) enum ActorKindView as ActorKind {
        /// A program that holds a token.
        Token = "token",
        /// The operator at the command line.
        CommandLine = "command_line",
        /// The task's own policy of resuming only when asked.
        ResumePolicy = "resume_policy",
        /// The task's own policy of being paused at the end of its list.
        EndOfList = "end_of_list",
        /// The address that a holiday calendar follows.
        CalendarFeed = "calendar_feed",
    }
}

impl ActorKindView {
    /// Whose changes are of this kind.
    pub(crate) const fn filter(self) -> ActorFilter {
        match self {
            Self::Token => ActorFilter::AnyToken,
            Self::CommandLine => ActorFilter::One(Actor::CommandLine),
            Self::ResumePolicy => ActorFilter::One(Actor::ResumePolicy),
            Self::EndOfList => ActorFilter::One(Actor::EndOfList),
            Self::CalendarFeed => ActorFilter::One(Actor::CalendarFeed),
        }
    }
}

/// Who made a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    kind: ActorKindView,
    /// The token; `null` of the other kinds.
    token_id: Option<Uuid>,
    /// What the token is called.
    #[schema(example = "crm")]
    token_name: Option<String>,
}

/// What the tokens among some actors are called.
pub(crate) struct ActorNames(HashMap<TokenId, Name>);

impl ActorNames {
    /// Looks them up.
    pub(crate) async fn read(
        session: &mut dyn Session,
        actors: impl IntoIterator<Item = Actor>,
    ) -> Result<Self, Problem> {
        let token = |actor| if let Actor::Token(token) = actor { Some(token) } else { None };
        let mut tokens: Vec<TokenId> = actors.into_iter().filter_map(token).collect();
        tokens.sort_unstable();
        tokens.dedup();
        Ok(Self(partners::names_of_tokens(session, &tokens).await?))
    }

    /// One of the actors.
    pub(crate) fn view(&self, actor: Actor) -> ActorView {
        let (kind, token) = match actor {
            Actor::Token(token) => (ActorKindView::Token, Some(token)),
            Actor::CommandLine => (ActorKindView::CommandLine, None),
            Actor::ResumePolicy => (ActorKindView::ResumePolicy, None),
            Actor::EndOfList => (ActorKindView::EndOfList, None),
            Actor::CalendarFeed => (ActorKindView::CalendarFeed, None),
        };
        let name = token.and_then(|token| self.0.get(&token));
        ActorView {
            kind,
            token_id: token.map(TokenId::uuid),
            token_name: name.map(|name| name.as_str().to_owned()),
        }
    }
}
