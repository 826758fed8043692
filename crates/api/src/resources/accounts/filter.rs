//! The filters of lists of accounts.

use domain::{AccountId, Faults, NumberDisplay};
use store::{Page, accounts::AccountFilter};

use crate::http::{
    extract::Caller,
    problem::{Forbidden, Problem},
    query::{Id, PageQuery, Query, QueryParameters, Search, query_parameters},
};

query_parameters! {
    /// Filters of a list of accounts.
    pub(crate) struct AccountQuery {
        /// Exactly this account.
        id: Id,
        /// The name contains this.
        name: Search,
        /// The e-mail address contains this.
        email: Search,
        /// The phone number contains this. Refused to tokens that see telephone numbers masked.
        phone: Search,
    }
}

query_parameters! {
    /// Filters of a list of users beside those of all accounts.
    pub(crate) struct UserQuery {
        /// The cloud node (云节点) that users were registered for; the partner's own id stands for all of them.
        tenant_id: Id,
    }
}

pub(super) fn filter(query: &Query, caller: &Caller) -> Result<(Page, AccountFilter), Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    let filter = read_filter(query, &mut faults);
    faults.finish(Some(()))?;
    if filter.phone.is_some() && caller.authority.token.numbers == NumberDisplay::Masked {
        return Err(Problem::Forbidden(Forbidden::NumbersMasked));
    }
    Ok((page, filter))
}

fn read_filter(query: &Query, faults: &mut Faults) -> AccountFilter {
    let AccountQuery { id, name, email, phone } = AccountQuery::read(query, faults);
    AccountFilter {
        id: id.map(AccountId::new),
        name,
        email: email.map(|text| text.to_lowercase()),
        // As numbers are stored.
        phone: phone.map(|text| text.replace([' ', '-'], "")),
        tenant_id: UserQuery::read(query, faults).tenant_id,
        visible: None,
    }
}
