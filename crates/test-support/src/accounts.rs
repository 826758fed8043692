//! Accounts that a test needs before it begins, made by the store itself: a partner, a token, a user and a sub-user.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    AccountId, AccountKind, Email, Name, NewAccount, NumberDisplay, Partner, PartnerId, Phone, Profile,
    Token, TokenHash, TokenId, TokenScope,
};
use jiff::Timestamp;
use store::{Store, accounts, partners};

use crate::anything;

/// A number that nothing else in this program has, from 0 up.
pub fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An account with an address and a number that nobody else has, and a password that nobody knows.
pub fn new_account(partner_id: PartnerId, kind: AccountKind, now: Timestamp) -> NewAccount {
    let number = next_number();
    NewAccount {
        id: AccountId::new(anything()),
        partner_id,
        kind,
        name: Name::parse("account").unwrap(),
        email: Email::parse(&format!("account{number}@example.com")).unwrap(),
        phone: Phone::parse(&format!("138{number:08}")).unwrap(),
        password_hash: format!("$argon2id$hash{number}"),
        tenant_id: None,
        profile: Profile::default(),
        now,
    }
}

/// Makes a partner; no other may have its name.
pub async fn create_partner(store: &Store, name: &str, now: Timestamp) -> PartnerId {
    let id = PartnerId::new(anything());
    let name = Name::parse(name).unwrap();
    let partner = Partner { id, name, created_at: now, disabled_at: None };
    let mut tx = store.begin().await.unwrap();
    partners::create(&mut tx, &partner).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Makes a token that may do all that its partner may. `hash` is what is stored of its secret.
pub async fn create_token(store: &Store, partner_id: PartnerId, hash: &TokenHash, now: Timestamp) -> TokenId {
    let token = Token {
        id: TokenId::new(anything()),
        partner_id,
        name: Name::parse("token").unwrap(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        scope: TokenScope::All,
        numbers: NumberDisplay::Full,
        user: None,
        last_used_at: None,
    };
    let mut tx = store.begin().await.unwrap();
    partners::create_token(&mut tx, &token, hash).await.unwrap();
    tx.commit().await.unwrap();
    token.id
}

/// A partner called `partner` with a user, and a sub-user of that user.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    /// Who owns tokens and users.
    pub partner: PartnerId,
    /// A user of the partner.
    pub user: AccountId,
    /// A sub-user of the user.
    pub sub_user: AccountId,
}

impl Accounts {
    /// Makes them.
    pub async fn create(store: &Store, now: Timestamp) -> Self {
        let partner = create_partner(store, "partner", now).await;
        let user = create_account(store, &new_account(partner, AccountKind::User, now)).await;
        let sub_user = create_account(store, &new_account(partner, AccountKind::SubUser(user), now)).await;
        Self { partner, user, sub_user }
    }
}

/// Makes an account; gives its id.
pub async fn create_account(store: &Store, account: &NewAccount) -> AccountId {
    let mut tx = store.begin().await.unwrap();
    let created = accounts::create(&mut tx, account).await.unwrap();
    tx.commit().await.unwrap();
    created.id
}
