//! Whoever changes the calendars of a partner or an account: the same steps for both.

use domain::{CalendarOwner, HolidayCalendarId};
use store::{
    Kind, Tx,
    holidays::{self, FollowingGroup},
};

use crate::{
    Api,
    http::{
        envelope::Answer,
        extract::{AccountRequest, Caller},
        messages::Message,
        problem::{InUse, NamingGroupView, NamingThing, Problem, UsedThing},
    },
};

/// A caller who may change the calendars of an owner.
pub(super) struct CalendarEditor<'a> {
    pub(super) api: &'a Api,
    pub(super) caller: &'a Caller,
    pub(super) owner: CalendarOwner,
}

impl<'a> CalendarEditor<'a> {
    pub(super) const fn new(api: &'a Api, caller: &'a Caller, owner: CalendarOwner) -> Self {
        Self { api, caller, owner }
    }

    /// Of the account that a request acts on.
    pub(super) const fn of_account<I, B>(request: &'a AccountRequest<I, B>) -> Self {
        let owner = CalendarOwner::Account(request.account);
        Self { api: &request.api, caller: &request.caller, owner }
    }

    /// Of the partner of the token.
    pub(super) const fn of_partner(api: &'a Api, caller: &'a Caller) -> Self {
        Self { api, caller, owner: CalendarOwner::Partner(caller.partner) }
    }

    pub(super) async fn begin(&self) -> Result<Tx, Problem> {
        Ok(self.api.store.begin_for(self.caller.acts_for()).await?)
    }

    /// Deletes a calendar that no group follows.
    pub(super) async fn delete(&self, id: &HolidayCalendarId) -> Result<Answer<()>, Problem> {
        let mut tx = self.begin().await?;
        match holidays::delete(&mut tx, self.owner, id, &self.caller.change()).await {
            Ok(()) => tx.commit().await?,
            Err(store::Error::InUse(Kind::HolidayCalendar)) => {
                drop(tx);
                return Err(self.in_use(id).await?);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Answer::empty(Message::Deleted))
    }

    /// The refusal to delete a calendar, with the groups that follow it.
    async fn in_use(&self, id: &HolidayCalendarId) -> Result<Problem, Problem> {
        let mut read = self.api.store.read().await?;
        let followers = holidays::followers_counted(&mut read, id, InUse::TOLD.size).await?;
        let following = |FollowingGroup { account, group, name }: FollowingGroup| {
            NamingThing::Group(NamingGroupView { id: group.get(), name, account_id: account.uuid() })
        };
        let by = followers.items.into_iter().map(following).collect();
        Ok(Problem::InUse(InUse { what: UsedThing::HolidayCalendar, by, total: followers.total }))
    }
}
