//! Users and sub-users.

use domain::{Account, AccountId, AccountKind, Email, NewAccount, PartnerId, Phone, Profile};
use rstest::rstest;
use store::{
    Error, Page, Paged, Unique,
    accounts::{self, AccountFilter},
};

use crate::support::{ALL, Database, World, anything, assert_same, at, name, new_account};

async fn list(world: &World, kind: AccountKind, filter: &AccountFilter, page: Page) -> Paged<Account> {
    accounts::list(&mut world.read().await, world.partner, kind, filter, page).await.unwrap()
}

async fn get(world: &World, partner: PartnerId, id: AccountId) -> store::Result<Account> {
    accounts::get(&mut world.read().await, partner, id).await
}

fn ids(accounts: &Paged<Account>) -> Vec<AccountId> {
    accounts.items.iter().map(|account| account.id).collect()
}

fn full_account(world: &World) -> NewAccount {
    NewAccount {
        name: name("张三 🙂"),
        tenant_id: Some(anything()),
        profile: Profile {
            alias: Some("\"quoted\"\u{0}".to_owned()),
            birthday: Some("1990-02-28".parse().unwrap()),
            duty: Some("manager".to_owned()),
            wechat: Some("wechat".to_owned()),
            qq: Some("10000".to_owned()),
            landline_phone: Some("010-1".to_owned()),
            sex: 2,
        },
        now: at(7),
        ..new_account(world.partner, AccountKind::SubUser(world.account))
    }
}

async fn check_free(world: &World, account: &NewAccount) -> store::Result<()> {
    let mut read = world.store.read().await?;
    accounts::check_free(&mut read, account.partner_id, &account.email, &account.phone).await
}

#[rstest]
#[tokio::test]
async fn an_account_is_found_as_it_was_made(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let wanted = full_account(&world);
    let made = world.create_account(&wanted).await.unwrap();
    let expected = Account {
        id: wanted.id,
        kind: wanted.kind,
        name: wanted.name,
        email: wanted.email,
        phone: wanted.phone,
        tenant_id: wanted.tenant_id,
        profile: wanted.profile,
        created_at: wanted.now,
        updated_at: wanted.now,
        disabled_at: None,
    };
    assert_same(&made, &expected);
    assert_same(&get(&world, world.partner, made.id).await.unwrap(), &expected);
}

#[rstest]
#[tokio::test]
async fn only_its_partner_finds_an_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other = world.create_partner().await;
    assert_refused!(get(&world, other, world.account).await, Error::NotFound(_));
    assert_refused!(get(&world, world.partner, AccountId::new(anything())).await, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_taken_address_or_number_is_refused_by_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let first = new_account(world.partner, AccountKind::User);
    world.create_account(&first).await.unwrap();
    for kind in [AccountKind::User, AccountKind::SubUser(world.account)] {
        let fresh = new_account(world.partner, kind);
        let same_email = NewAccount { email: first.email.clone(), ..fresh.clone() };
        assert_refused!(world.create_account(&same_email).await, Error::Taken(Unique::Email));
        assert_refused!(check_free(&world, &same_email).await, Error::Taken(Unique::Email));
        let same_phone = NewAccount { phone: first.phone.clone(), ..fresh.clone() };
        assert_refused!(world.create_account(&same_phone).await, Error::Taken(Unique::Phone));
        assert_refused!(check_free(&world, &same_phone).await, Error::Taken(Unique::Phone));
        let same_both = NewAccount { phone: first.phone.clone(), ..same_email };
        assert_refused!(check_free(&world, &same_both).await, Error::Taken(Unique::EmailAndPhone));
        check_free(&world, &fresh).await.unwrap();
        world.create_account(&fresh).await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn an_id_given_twice_is_not_told_as_a_taken_number(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let again = NewAccount { id: world.account, ..new_account(world.partner, AccountKind::User) };
    assert_refused!(world.create_account(&again).await, Error::Taken(Unique::AccountId));
}

#[rstest]
#[tokio::test]
async fn another_partner_may_use_the_same_address_and_number(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let first = new_account(world.partner, AccountKind::User);
    world.create_account(&first).await.unwrap();
    let other = world.create_partner().await;
    let twin = NewAccount { id: AccountId::new(anything()), partner_id: other, ..first };
    world.create_account(&twin).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_account_needs_its_partner_and_its_user(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let nobodys = new_account(PartnerId::new(anything()), AccountKind::User);
    assert_refused!(world.create_account(&nobodys).await, Error::NotFound(_));
    let orphan = new_account(world.partner, AccountKind::SubUser(AccountId::new(anything())));
    assert_refused!(world.create_account(&orphan).await, Error::NotFound(_));
    let other = world.create_partner().await;
    let foreign = new_account(other, AccountKind::SubUser(world.account));
    assert_refused!(world.create_account(&foreign).await, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn users_and_sub_users_are_listed_apart_and_by_partner(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let other = world.create_partner().await;
    world.create_account(&new_account(other, AccountKind::User)).await.unwrap();

    let none = AccountFilter::default();
    let mut users = ids(&list(&world, AccountKind::User, &none, ALL).await);
    users.sort();
    let mut expected = vec![world.account, world.stranger];
    expected.sort();
    assert_eq!(users, expected);
    assert_eq!(ids(&list(&world, AccountKind::SubUser(world.account), &none, ALL).await), [sub_user]);
    let strangers = list(&world, AccountKind::SubUser(world.stranger), &none, ALL).await;
    assert_eq!((strangers.total, strangers.items.len()), (0, 0));
}

#[rstest]
#[tokio::test]
async fn accounts_come_newest_first_in_pages(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let kind = AccountKind::SubUser(world.account);
    let mut expected = Vec::new();
    // Two of each instant, so that the id decides.
    for number in [3, 1, 2, 3, 1, 2, 2] {
        let account = NewAccount { now: at(number), ..new_account(world.partner, kind) };
        expected.push((number, world.create_account(&account).await.unwrap().id));
    }
    expected.sort();
    expected.reverse();

    let mut seen = Vec::new();
    for number in 1..=4 {
        let page = list(&world, kind, &AccountFilter::default(), Page { number, size: 3 }).await;
        assert_eq!(page.total, 7);
        seen.extend(ids(&page));
    }
    assert_eq!(seen, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}

#[rstest]
#[tokio::test]
async fn filters_take_letter_case_and_wildcards_literally(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let tenant = anything();
    let mut wanted = new_account(world.partner, AccountKind::SubUser(world.account));
    wanted.name = name("100%_Üb'\\er");
    wanted.email = Email::parse("wanted_one@example.com").unwrap();
    wanted.phone = Phone::parse("+4912345").unwrap();
    wanted.tenant_id = Some(tenant);
    world.create_account(&wanted).await.unwrap();
    let mut other = new_account(world.partner, wanted.kind);
    other.name = name("100 über wild");
    other.tenant_id = Some(anything());
    world.create_account(&other).await.unwrap();

    let found = async |filter: AccountFilter| {
        let page = list(&world, wanted.kind, &filter, ALL).await;
        assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
        ids(&page)
    };
    let by_name = |text: &str| AccountFilter { name: Some(text.to_owned()), ..AccountFilter::default() };
    for text in ["0%_", "Üb", "'\\", "100%_Üb'\\er"] {
        assert_eq!(found(by_name(text)).await, [wanted.id], "{text}");
    }
    for text in ["0%b", "1_0", "üB"] {
        assert!(found(by_name(text)).await.is_empty(), "{text}");
    }
    assert_eq!(found(by_name("100")).await.len(), 2);
    let filters = [
        AccountFilter { id: Some(wanted.id), ..AccountFilter::default() },
        AccountFilter { email: Some("d_o".to_owned()), ..AccountFilter::default() },
        AccountFilter { phone: Some("+49".to_owned()), ..AccountFilter::default() },
        AccountFilter { tenant_id: Some(tenant), ..AccountFilter::default() },
        AccountFilter { tenant_id: Some(tenant), name: Some("100".to_owned()), ..AccountFilter::default() },
    ];
    for filter in filters {
        assert_eq!(found(filter.clone()).await, [wanted.id], "{filter:?}");
    }
    let both = AccountFilter { tenant_id: Some(tenant), id: Some(other.id), ..AccountFilter::default() };
    assert!(found(both).await.is_empty());
}
