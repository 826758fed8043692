//! Partners and their tokens.

use domain::{AccountId, AccountKind, Partner, PartnerId, Token, TokenHash, TokenId};
use jiff::Timestamp;
use rstest::rstest;
use store::{
    DatabaseError, Error, Tx,
    partners::{self, Authority},
};

use crate::support::{Database, OwnDatabase, World, anything, assert_same, at, name, new_account};

const HASH: TokenHash = TokenHash([7; 32]);

fn token(partner: PartnerId) -> Token {
    Token {
        id: TokenId::new(anything()),
        partner_id: partner,
        name: name("token"),
        created_at: at(1),
        expires_at: None,
        revoked_at: None,
        scope: domain::TokenScope::All,
        numbers: domain::NumberDisplay::Full,
        user: None,
        last_used_at: None,
    }
}

async fn create_token(world: &World, token: &Token, hash: TokenHash) -> store::Result<()> {
    world.write(async |tx| partners::create_token(tx, token, &hash).await).await
}

async fn list_tokens(world: &World, partner: Option<PartnerId>) -> Vec<Token> {
    partners::list_tokens(&mut world.read().await, partner).await.unwrap()
}

async fn authority(
    world: &World,
    hash: TokenHash,
    user: Option<AccountId>,
    sub_user: Option<AccountId>,
) -> Option<Authority> {
    partners::authority(&mut world.read().await, &hash, user, sub_user).await.unwrap()
}

async fn revoke(tx: &mut Tx, id: TokenId, now: Timestamp) -> store::Result<()> {
    let token = partners::lock_token(tx, id).await?;
    partners::revoke_token(tx, &token, now).await
}

#[rstest]
#[tokio::test]
async fn partners_are_listed_oldest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect().await;
    store.migrate().await.unwrap();
    let mut made = Vec::new();
    for (number, text) in [(3, "三"), (1, "one"), (2, "two"), (1, "one more")] {
        let partner = Partner {
            id: PartnerId::new(anything()),
            name: name(text),
            created_at: at(number),
            disabled_at: None,
        };
        let mut tx = store.begin().await.unwrap();
        partners::create(&mut tx, &partner).await.unwrap();
        tx.commit().await.unwrap();
        made.push(partner);
    }
    made.sort_by_key(|partner| (partner.created_at, partner.id));
    assert_same(&partners::list(&mut store.read().await.unwrap()).await.unwrap(), &made);
}

#[rstest]
#[tokio::test]
async fn a_partners_id_is_its_own(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let twin = Partner { id: world.partner, name: name("twin"), created_at: at(0), disabled_at: None };
    assert_refused!(
        world.write(async |tx| partners::create(tx, &twin).await).await,
        Error::Database(DatabaseError::Failed(_))
    );
}

#[rstest]
#[tokio::test]
async fn tokens_are_listed_oldest_first_by_partner_or_all(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other = world.create_partner().await;
    let late = Token { created_at: at(9), expires_at: Some(at(99)), ..token(world.partner) };
    let early = Token { created_at: at(2), ..token(world.partner) };
    let others = Token { created_at: at(5), ..token(other) };
    for (number, token) in [&late, &early, &others].into_iter().enumerate() {
        create_token(&world, token, TokenHash([u8::try_from(number).unwrap(); 32])).await.unwrap();
    }
    assert_same(&list_tokens(&world, Some(world.partner)).await, &[&early, &late]);
    assert_same(&list_tokens(&world, Some(other)).await, &[&others]);
    assert_same(&list_tokens(&world, None).await, &[&early, &others, &late]);
    assert!(list_tokens(&world, Some(PartnerId::new(anything()))).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_token_needs_its_partner_and_a_secret_of_its_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let nobodys = token(PartnerId::new(anything()));
    assert_refused!(create_token(&world, &nobodys, HASH).await, Error::NotFound(_));
    create_token(&world, &token(world.partner), HASH).await.unwrap();
    assert_refused!(
        create_token(&world, &token(world.partner), HASH).await,
        Error::Database(DatabaseError::Failed(_))
    );
    assert_eq!(list_tokens(&world, None).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_token_is_revoked_once_and_for_all(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (token, other) = (token(world.partner), token(world.partner));
    create_token(&world, &token, HASH).await.unwrap();
    create_token(&world, &other, TokenHash([8; 32])).await.unwrap();
    for instant in [at(5), at(6)] {
        world.write(async |tx| revoke(tx, token.id, instant).await).await.unwrap();
        let told = authority(&world, HASH, None, None).await.unwrap();
        assert_eq!(told.token.revoked_at, Some(at(5)));
    }
    assert_eq!(authority(&world, TokenHash([8; 32]), None, None).await.unwrap().token.revoked_at, None);
}

#[rstest]
#[tokio::test]
async fn a_token_that_is_not_there_cannot_be_revoked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let unknown = TokenId::new(anything());
    let revoked = world.write(async |tx| revoke(tx, unknown, at(5)).await).await;
    assert_refused!(revoked, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_hash_leads_to_its_token_and_no_other_does(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let token = Token { expires_at: Some(at(9)), ..token(world.partner) };
    create_token(&world, &token, HASH).await.unwrap();
    let told = authority(&world, HASH, None, None).await.unwrap();
    assert_same(&told.token, &token);
    assert_eq!((told.owns_user, told.owns_sub_user), (false, false));
    assert!(authority(&world, TokenHash([0; 32]), Some(world.account), None).await.is_none());
}

#[rstest]
#[tokio::test]
async fn a_token_speaks_for_its_partners_users_and_their_sub_users_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    create_token(&world, &token(world.partner), HASH).await.unwrap();
    let sub_user = world.create_sub_user().await;
    let other = world.create_partner().await;
    let foreign = new_account(other, AccountKind::User);
    world.create_account(&foreign).await.unwrap();
    let foreign_sub_user = new_account(other, AccountKind::SubUser(foreign.id));
    world.create_account(&foreign_sub_user).await.unwrap();
    let (user, stranger, unknown) = (world.account, world.stranger, AccountId::new(anything()));

    let cases = [
        (user, None, (true, false)),
        (user, Some(sub_user), (true, true)),
        (user, Some(user), (true, false)),
        (user, Some(unknown), (true, false)),
        (user, Some(foreign_sub_user.id), (true, false)),
        (stranger, Some(sub_user), (true, false)),
        (sub_user, None, (false, false)),
        (sub_user, Some(sub_user), (false, false)),
        (foreign.id, Some(foreign_sub_user.id), (false, false)),
        (unknown, Some(sub_user), (false, false)),
    ];
    for (user, sub_user, owns) in cases {
        let told = authority(&world, HASH, Some(user), sub_user).await.unwrap();
        assert_eq!((told.owns_user, told.owns_sub_user), owns, "{user} {sub_user:?}");
    }
}
