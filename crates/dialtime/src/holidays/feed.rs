//! `dialtime holidays follow` and `unfollow`: the addresses that calendars of the installation follow. Running servers read them.

use anyhow::bail;
use domain::{CalendarFeed, CalendarOwner, HolidayCalendarId, HttpUrl};
use store::{
    Store,
    holidays::{self, feeds},
};

use super::{change, import::unclear_as, lines::plain};
use crate::{
    command::UnclearEntries,
    manage::{checked, second},
    output::say,
};

pub(super) async fn follow(
    store: &Store,
    calendar: &str,
    url: &str,
    unclear: Option<UnclearEntries>,
) -> anyhow::Result<()> {
    let url = checked("the address", HttpUrl::parse(url))?;
    let (owner, id) = (CalendarOwner::Installation, HolidayCalendarId::new(calendar));
    let mut tx = store.begin().await?;
    match feeds::follow(&mut tx, owner, &id, &url, unclear.map(unclear_as), &change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::NotFound(_)) => {
            let all = holidays::load(&mut store.read().await?).await?;
            let ids: Vec<&str> = all.iter().map(|calendar| calendar.id()).collect();
            bail!(
                "there is no holiday calendar {calendar:?} of the installation; there is {}. \
                 `dialtime holidays import URL --calendar ID` makes one",
                ids.join(", ")
            );
        }
        Err(error) => return Err(error.into()),
    }
    say(&format!("{} follows the address: servers read it at once and then every day", plain(calendar)));
    Ok(())
}

pub(super) async fn unfollow(store: &Store, calendar: &str) -> anyhow::Result<()> {
    let (owner, id) = (CalendarOwner::Installation, HolidayCalendarId::new(calendar));
    let mut tx = store.begin().await?;
    match feeds::unfollow(&mut tx, owner, &id, &change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::NotFound(_)) => {
            bail!("no calendar {calendar:?} of the installation follows an address")
        }
        Err(error) => return Err(error.into()),
    }
    say(&format!("{} follows no address any more; its days stay", plain(calendar)));
    Ok(())
}

/// That a calendar follows an address, and how that fares. The address may have a secret in it, and whoever is at this terminal may read the database.
pub(super) fn told(feed: &CalendarFeed) -> String {
    let state = match (&feed.state.failing, feed.state.read_at) {
        (Some(failing), _) => format!("failing since {}: {:?}", second(failing.since), failing.failure.fault),
        (None, Some(read_at)) => format!("read {}", second(read_at)),
        (None, None) => "not read yet".to_owned(),
    };
    format!("  follows {} ({state})", feed.url.as_str())
}
