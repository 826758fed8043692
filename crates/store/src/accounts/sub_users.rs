//! The sub-users of an account, in SQL.

/// The ids of the sub-users of this account, found by the index of its partner's accounts.
macro_rules! sub_users {
    ($account:literal) => {
        concat!(
            "(SELECT sub.id FROM accounts head JOIN accounts sub ON sub.partner_id = head.partner_id \
             AND sub.parent_id = head.id WHERE head.id = ",
            $account,
            ")"
        )
    };
}
pub(crate) use sub_users;
