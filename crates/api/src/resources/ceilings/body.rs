//! Which group becomes a ceiling.

use domain::{AccountId, DialTimeGroupId, Fault, Faults};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::body::{Number, fields};

/// The group that becomes the ceiling of an account.
#[derive(Debug, ToSchema)]
pub(crate) struct SetCeiling {
    /// One of the account's own groups (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
}

fields!(SetCeiling { dial_time_id } known &[]);

impl SetCeiling {
    pub(super) fn checked(self, mut faults: Faults) -> Result<DialTimeGroupId, Vec<Fault>> {
        let group = group(self.dial_time_id, &mut faults);
        faults.finish(group)
    }
}

/// The group that becomes the ceiling of a partner.
#[derive(Debug, ToSchema)]
pub(crate) struct SetPartnerCeiling {
    /// Whose group it is: a user or a sub-user of the partner.
    #[schema(value_type = Uuid, required = true)]
    account_id: Option<Uuid>,
    /// One of its groups (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
}

fields!(SetPartnerCeiling { account_id, dial_time_id } known &[]);

impl SetPartnerCeiling {
    pub(super) fn checked(self, mut faults: Faults) -> Result<(AccountId, DialTimeGroupId), Vec<Fault>> {
        let account = faults.require("account_id", self.account_id).map(AccountId::new);
        let group = group(self.dial_time_id, &mut faults);
        faults.finish(account.zip(group))
    }
}

fn group(id: Option<Number>, faults: &mut Faults) -> Option<DialTimeGroupId> {
    let id = faults.require("dial_time_id", id)?;
    faults.check("dial_time_id", DialTimeGroupId::parse(id.get()))
}
