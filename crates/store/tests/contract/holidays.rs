//! Imported years of holiday calendars.

use calendar::{HolidayCalendar, HolidayYear};
use domain::{
    CalendarOwner, FeedFailure, FeedFault, FeedState, FeedVersion, FollowedCalendars, GroupDraft,
    HolidayCalendarId, HolidayCalendars, HttpUrl, UnclearAs,
};
use jiff::{SignedDuration, civil::date};
use rstest::rstest;
use store::{
    DatabaseError, Error, Kind, Store, Tx,
    audit::{self, Change, Subject},
    holidays::{
        self,
        feeds::{self, ClaimedFeed},
    },
};

use crate::support::{Database, World, at, change_at, group_draft, name};

/// Years of a calendar with one day each.
pub(crate) fn years(id: &str, numbers: impl IntoIterator<Item = i16>, name: &str) -> Vec<HolidayYear> {
    let day = |year: &i16| format!(r#"{{"date":"{year}-05-01","kind":"holiday","name":"{name}"}}"#);
    let numbers: Vec<i16> = numbers.into_iter().collect();
    let days: Vec<String> = numbers.iter().map(day).collect();
    let last = numbers.last().unwrap();
    let text = format!(r#"{{"id":"{id}","known_until":"{last}-12-31","days":[{}]}}"#, days.join(","));
    HolidayCalendar::from_json(&text).unwrap().into_years().unwrap()
}

async fn import(store: &Store, years: &[HolidayYear], change: &Change) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let revision = holidays::import(&mut tx, years, change).await.unwrap();
    tx.commit().await.unwrap();
    revision
}

async fn load(store: &Store) -> HolidayCalendars {
    holidays::load(&mut store.read().await.unwrap()).await.unwrap()
}

async fn revision(store: &Store) -> i64 {
    holidays::revision(&mut store.read().await.unwrap()).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn without_imports_there_is_what_is_built_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let all = load(&world.store).await;
    assert_eq!((all.revision(), revision(&world.store).await), (0, 0));
    assert_eq!(all.get("CN"), Some(&HolidayCalendar::china()));
    assert_eq!(all.iter().count(), 1);
}

#[rstest]
#[tokio::test]
async fn an_imported_year_is_seen_through_every_connection(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let other = world.database.connect().await;
    assert_eq!(load(&other).await.revision(), 0);
    assert_eq!(import(&world.store, &years("CN", [2027, 2028], "first"), &world.change).await, 1);
    assert_eq!(import(&world.store, &years("XX", [2027], "own"), &world.change).await, 2);
    assert_eq!(import(&world.store, &years("CN", [2027], "second"), &world.change).await, 3);
    let all = load(&other).await;
    assert_eq!((all.revision(), revision(&other).await), (3, 3));
    let china = all.get("CN").unwrap();
    assert_eq!(china.known_until(), date(2028, 12, 31));
    assert_eq!(china.day(date(2027, 5, 1)).unwrap().name, "second");
    assert_eq!(china.day(date(2028, 5, 1)).unwrap().name, "first");
    assert_eq!(all.get("XX").unwrap().days().len(), 1);
    assert!(all.imported_years("CN").eq([2027, 2028]));
}

#[rstest]
#[tokio::test]
async fn an_import_that_is_dropped_leaves_no_trace(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let rows = world.database.row_counts().await;
    let mut tx = world.store.begin().await.unwrap();
    holidays::import(&mut tx, &years("CN", [2027], "x"), &world.change).await.unwrap();
    drop(tx);
    assert_eq!(revision(&world.store).await, 0);
    assert_eq!(world.database.row_counts().await, rows);
}

#[rstest]
#[tokio::test]
async fn the_audit_tells_what_an_import_replaced(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let changes = [change_at(1), change_at(2)];
    import(&world.store, &years("CN", [2027], "first"), &changes[0]).await;
    import(&world.store, &years("CN", [2027], "second"), &changes[1]).await;
    let mut read = world.read().await;
    let subject = Subject::HolidayYear;
    let history = audit::history(&mut read, audit::NO_ACCOUNT, subject, "CN 2027").await.unwrap();
    let told: Vec<_> =
        history.iter().map(|row| (row.at, row.actor.clone(), row.action.as_str(), row.version)).collect();
    let at = |change: Change| (change.at.as_microsecond(), change.actor.to_string());
    let expected = |change, action, version| {
        let (at, actor) = at(change);
        (at, actor, action, version)
    };
    assert_eq!(told, [expected(changes[0], "create", None), expected(changes[1], "update", Some(1))]);
    assert!(history[0].before.is_none() && history[1].before.as_ref().unwrap().contains("first"));
}

#[rstest]
#[tokio::test]
async fn imports_at_once_get_numbers_of_their_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut imports = tokio::task::JoinSet::new();
    for year in 2030..2040 {
        let (store, change) = (world.store.clone(), world.change);
        imports.spawn(async move { import(&store, &years("XX", [year], "x"), &change).await });
    }
    let mut numbers = imports.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert_eq!(load(&world.store).await.get("XX").unwrap().known_until(), date(2039, 12, 31));
}

#[rstest]
#[tokio::test]
async fn a_damaged_document_is_named_damage(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    import(&world.store, &years("CN", [2027], "x"), &world.change).await;
    for damage in ["document = '{}'", "document = ''", "year = 2028", "year = 99999"] {
        world.database.execute("DELETE FROM holiday_imports").await;
        world.database.execute("DELETE FROM holiday_history").await;
        import(&world.store, &years("CN", [2027], "x"), &world.change).await;
        world.database.execute(&format!("UPDATE holiday_imports SET {damage}")).await;
        assert_refused!(
            holidays::load(&mut world.read().await).await,
            Error::Database(DatabaseError::Damaged(_))
        );
    }
}

async fn remove(world: &World, id: &str, year: Option<i16>) -> store::Result<Vec<i16>> {
    world.write(async |tx| holidays::remove(tx, id, year, &world.change).await).await
}

async fn undo(world: &World) -> store::Result<(String, Vec<i16>)> {
    world.write(async |tx| holidays::undo(tx, &world.change).await).await
}

#[rstest]
#[tokio::test]
async fn what_was_imported_can_be_removed_and_taken_back_step_by_step(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let name = async || {
        let all = load(&world.store).await;
        let china = all.get("CN").unwrap();
        china.day(date(2027, 5, 1)).map_or_else(String::new, |day| day.name.clone())
    };
    assert_refused!(remove(&world, "CN", None).await, Error::NotFound(_));
    assert_refused!(undo(&world).await, Error::NotFound(_));
    import(&world.store, &years("CN", [2027], "first"), &world.change).await;
    import(&world.store, &years("CN", [2027, 2028], "second"), &world.change).await;
    assert_refused!(remove(&world, "CN", Some(2026)).await, Error::NotFound(_));
    assert_eq!(remove(&world, "CN", Some(2028)).await.unwrap(), [2028]);
    assert_refused!(remove(&world, "CN", Some(2028)).await, Error::NotFound(_));
    assert_eq!(remove(&world, "CN", None).await.unwrap(), [2027]);
    // Whoever keeps what was made of the calendars sees that it is out of date.
    assert_eq!((revision(&world.store).await, load(&world.store).await.revision()), (4, 4));
    assert_eq!(load(&world.store).await.get("CN"), Some(&HolidayCalendar::china()));
    let china = || ("CN".to_owned(), vec![2027]);
    assert_eq!(undo(&world).await.unwrap(), china());
    assert_eq!(name().await, "second");
    assert_eq!(undo(&world).await.unwrap(), ("CN".to_owned(), vec![2028]));
    assert!(load(&world.store).await.imported_years("CN").eq([2027, 2028]));
    assert_eq!(undo(&world).await.unwrap(), ("CN".to_owned(), vec![2027, 2028]));
    assert_eq!(name().await, "first");
    assert_eq!(undo(&world).await.unwrap(), china());
    assert_eq!(name().await, "");
    assert_refused!(undo(&world).await, Error::NotFound(_));
    assert_eq!(revision(&world.store).await, 8);
}

/// Stores a year as what the address of China's calendar has.
async fn read_from_address(world: &World, name: &str) {
    let now = world.change.at;
    let read = async |tx: &mut Tx| {
        let claimed = feeds::claim(tx, now, SignedDuration::ZERO, 1).await?.pop().unwrap();
        let feed = feeds::lock(tx, &claimed).await?.unwrap();
        feeds::import(tx, &feed, &years("CN", [2027], name), now).await?;
        let version = FeedVersion { digest: Some([7; 32]), ..FeedVersion::default() };
        let state = claimed.feed.state.read(version, 0, true, now);
        feeds::save(tx, &feed, &state, at(9_000_000)).await
    };
    world.write(read).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_an_address_has_replaced_is_not_brought_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let follow = async || {
        let (owner, id) = (CalendarOwner::Installation, HolidayCalendarId::default());
        let url = HttpUrl::parse("https://example.com/x.ics").unwrap();
        world.write(async |tx| feeds::follow(tx, owner, &id, &url, None, &world.change).await).await.unwrap();
    };
    let name = async || {
        load(&world.store).await.get("CN").unwrap().day(date(2027, 5, 1)).map(|day| day.name.clone())
    };
    import(&world.store, &years("CN", [2027], "first"), &world.change).await;
    follow().await;
    read_from_address(&world, "of the address").await;
    assert_refused!(undo(&world).await, Error::VersionMismatch(_));
    assert_eq!(name().await.as_deref(), Some("of the address"));
    // What was done to what the address has is taken back, and what it has holds again; it is read anew.
    let is_due = async || feeds::is_any_due(&mut world.read().await, world.change.at).await.unwrap();
    assert!(!is_due().await);
    import(&world.store, &years("CN", [2027], "by hand"), &world.change).await;
    undo(&world).await.unwrap();
    assert_eq!(name().await.as_deref(), Some("of the address"));
    assert!(is_due().await);
    let known = feeds::of_owner(&mut world.read().await, CalendarOwner::Installation).await.unwrap();
    assert_eq!(known[0].state.version, FeedVersion::default());
    assert_refused!(undo(&world).await, Error::VersionMismatch(_));
}

#[rstest]
#[tokio::test]
async fn a_group_never_follows_a_calendar_that_was_removed_meanwhile(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let draft = GroupDraft {
        holiday_calendars: FollowedCalendars::new(["CN", "OWN"].map(HolidayCalendarId::new).into()).unwrap(),
        ..group_draft("follower")
    };
    for _ in 0..20 {
        import(&world.store, &years("OWN", [2027], "x"), &world.change).await;
        let removed = async {
            let mut tx = world.store.begin().await?;
            holidays::remove(&mut tx, "OWN", None, &world.change).await?;
            if !holidays::followers(&mut tx, "OWN", 1).await?.is_empty() {
                return Ok(false);
            }
            tx.commit().await?;
            store::Result::Ok(true)
        };
        let (group, removed) = tokio::join!(world.create_group(world.account, &draft), removed);
        match (group, removed.unwrap()) {
            (Ok(group), false) => world.delete_group(world.account, group.id, None).await.unwrap(),
            (Err(Error::UnknownAt { kind: Kind::HolidayCalendar, .. }), true) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A calendar of the world's account that follows an address.
async fn following(world: &World) -> HolidayCalendarId {
    let id = "own-calendar";
    let years = years(id, [2027], "own");
    world
        .write(async |tx| {
            holidays::create(tx, CalendarOwner::Account(world.account), &name("own"), &years, &world.change)
                .await?;
            follow(tx, world, "https://example.com/first").await
        })
        .await
        .unwrap();
    HolidayCalendarId::new(id)
}

async fn follow(tx: &mut Tx, world: &World, url: &str) -> store::Result<()> {
    let (id, url) = (HolidayCalendarId::new("own-calendar"), HttpUrl::parse(url).unwrap());
    feeds::follow(
        tx,
        CalendarOwner::Account(world.account),
        &id,
        &url,
        Some(UnclearAs::LeaveOut),
        &world.change,
    )
    .await
}

async fn claim(world: &World, seconds: i64) -> Vec<ClaimedFeed> {
    let lease = SignedDuration::from_secs(60);
    world.write(async |tx| feeds::claim(tx, at(seconds), lease, 10).await).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_feed_is_one_claimants_at_a_time_and_the_last_ones_to_write_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = following(&world).await;
    assert!(feeds::is_any_due(&mut world.read().await, at(1)).await.unwrap());
    let first = claim(&world, 1).await.pop().unwrap();
    assert_eq!((first.feed.calendar.clone(), first.feed.unclear), (id, Some(UnclearAs::LeaveOut)));
    assert!(claim(&world, 60).await.is_empty());
    assert!(!feeds::is_any_due(&mut world.read().await, at(60)).await.unwrap());
    // The first claim has ended, and what it brings comes too late.
    let second = claim(&world, 61).await.pop().unwrap();
    let version = FeedVersion { etag: Some("\"x\"".to_owned()), last_modified: None, digest: Some([7; 32]) };
    let state = FeedState::default().read(version, 3, true, at(62));
    let (failed, _) = state.clone().failed(FeedFailure::new(FeedFault::Status, "503"), at(63));
    let save = async |claimed: &ClaimedFeed, state: &FeedState| {
        let saved = world.write(async |tx| {
            let Some(locked) = feeds::lock(tx, claimed).await? else { return Ok(false) };
            feeds::save(tx, &locked, state, at(1_000)).await.map(|()| true)
        });
        saved.await.unwrap()
    };
    assert!(!save(&first, &state).await);
    for state in [&state, &failed] {
        assert!(save(&second, state).await);
        let stored =
            feeds::of_owner(&mut world.read().await, CalendarOwner::Account(world.account)).await.unwrap();
        assert_eq!(stored.iter().map(|feed| &feed.state).collect::<Vec<_>>(), [state]);
    }
    // Another address is due at once, without what was known of the first; and the claim on that is void.
    world.write(async |tx| follow(tx, &world, "https://example.com/second").await).await.unwrap();
    assert!(!save(&second, &state).await);
    let third = claim(&world, 1).await.pop().unwrap();
    assert_eq!(
        (third.feed.url.as_str(), &third.feed.state),
        ("https://example.com/second", &FeedState::default())
    );
}
