//! What a closure is planned from.

use calendar::Zone;
use domain::{AccountId, Fault, FaultRule, Faults, Name};
use jiff::Timestamp;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading, SUB_USER, fields, required_name},
    choices::choice,
    formats::{LocalTimeSchema, NameSchema},
    time::parse,
};

choice! {
    /// What a closure that is planned on an account's path covers.
    pub(crate) enum AccountScopeChoice as AccountClosureScope {
        /// The user with its sub-users, or with `sub_user_id` that sub-user.
        Account = "account",
    }
}

choice! {
    /// What a closure that is planned on the partner's path covers.
    pub(crate) enum PartnerScopeChoice as PartnerClosureScope {
        /// The partner of the token with all its users.
        Partner = "partner",
        /// The user that `user_id` names with its sub-users, or of it the sub-user that `sub_user_id` names.
        Account = "account",
    }
}

/// When a closure holds, and what it is called, as it is sent.
#[derive(Debug, ToSchema)]
pub(crate) struct ClosureSpan {
    /// What decisions call it.
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The first instant at which nothing dials; left out, now.
    #[schema(value_type = Option<LocalTimeSchema>)]
    begin: Option<String>,
    /// The first instant after it, in the future and after `begin`.
    #[schema(value_type = LocalTimeSchema, required = true)]
    end: Option<String>,
}

fields!(ClosureSpan { name, begin, end });

/// A closure of an account: when, and what it is called.
#[derive(Debug, ToSchema)]
pub(crate) struct PlanClosure {
    #[serde(flatten)]
    span: ClosureSpan,
    /// What it covers: nothing else than the account of the path.
    #[expect(dead_code, reason = "reading it has refused all else")]
    scope: Option<AccountScopeChoice>,
}

impl FromValue for PlanClosure {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let whole = Self { span: ClosureSpan::of(&mut members), scope: members.take("scope") };
        members.know_only(&[ClosureSpan::FIELDS, &["scope"]]);
        Some(whole)
    }
}

/// A closure of a partner, or of one of its accounts: when, and what it is called.
#[derive(Debug, ToSchema)]
pub(crate) struct PlanPartnerClosure {
    #[serde(flatten)]
    span: ClosureSpan,
    /// What it covers; left out, `partner`.
    scope: Option<PartnerScopeChoice>,
    /// The user (主账号) that is closed, with `scope` `account`.
    user_id: Option<Uuid>,
    /// Only this sub-user (子账户) of it.
    sub_user_id: Option<Uuid>,
}

impl FromValue for PlanPartnerClosure {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let whole = Self {
            span: ClosureSpan::of(&mut members),
            scope: members.take("scope"),
            user_id: members.take("user_id"),
            sub_user_id: members.take("sub_user_id"),
        };
        members.know_only(&[ClosureSpan::FIELDS, &["scope", "user_id", "sub_user_id"]]);
        Some(whole)
    }
}

/// What of a partner is to be closed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClosureMeant {
    Partner,
    Account { user: AccountId, sub_user: Option<AccountId> },
}

/// When a closure holds, and what it is called.
pub(super) struct ClosureTimes {
    pub(super) name: Name,
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
}

impl ClosureSpan {
    fn checked(self, (zone, now): (Zone, Timestamp), faults: &mut Faults) -> Option<ClosureTimes> {
        let Self { name, begin, end } = self;
        let name = required_name(name, faults);
        let begin = begin.map_or(Ok(now), |text| parse(zone, &text));
        let begin = faults.check("begin", begin);
        let end = faults.require("end", end);
        let end = end.and_then(|text| faults.check("end", parse(zone, &text)));
        if end.is_some_and(|end| end <= now) {
            faults.add("end", FaultRule::Past);
        } else if begin.zip(end).is_some_and(|(begin, end)| end <= begin) {
            faults.add("end", FaultRule::NotAfter("begin"));
        }
        let (name, (begin, end)) = name.zip(begin.zip(end))?;
        Some(ClosureTimes { name, begin, end })
    }
}

impl PlanClosure {
    /// When, and what it is called.
    pub(super) fn checked(
        self,
        clock: (Zone, Timestamp),
        mut faults: Faults,
    ) -> Result<ClosureTimes, Vec<Fault>> {
        let times = self.span.checked(clock, &mut faults);
        faults.finish(times)
    }
}

impl PlanPartnerClosure {
    /// What is to be closed, when, and what it is called. Who names a user without `scope` would close more than is said, and is refused.
    pub(super) fn checked(
        self,
        clock: (Zone, Timestamp),
        mut faults: Faults,
    ) -> Result<(ClosureMeant, ClosureTimes), Vec<Fault>> {
        let times = self.span.checked(clock, &mut faults);
        let meant = match self.scope.unwrap_or(PartnerScopeChoice::Partner) {
            PartnerScopeChoice::Account => {
                let user = faults.require("user_id", self.user_id).map(AccountId::new);
                let sub_user = self.sub_user_id.map(AccountId::new);
                user.map(|user| ClosureMeant::Account { user, sub_user })
            }
            PartnerScopeChoice::Partner => {
                for (field, id) in [("user_id", self.user_id), (SUB_USER, self.sub_user_id)] {
                    if id.is_some() {
                        faults.add(field, FaultRule::UnknownField);
                    }
                }
                Some(ClosureMeant::Partner)
            }
        };
        faults.finish(meant.zip(times))
    }
}
