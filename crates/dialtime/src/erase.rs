//! `dialtime numbers erase`: erases a number as the API does, of one account or of all of a partner's.

use anyhow::{Context, anyhow, bail};
use domain::{AccountId, ErasureId, NumberToErase, PartnerId};
use phone::{ListCountries, PhoneNumber};
use store::{
    Store, accounts,
    erasure::{self, Erased, Erasure},
};

use crate::{
    command::{Database, NumberToBeErased},
    manage::change,
    output::say,
    system::{SystemClock, SystemRandom},
};

pub(crate) async fn run(database: &Database, asked: NumberToBeErased) -> anyhow::Result<()> {
    let ListCountries { written_in, shown_in } = asked.countries.of_list();
    let number = PhoneNumber::parse(&asked.phone, written_in)
        .map_err(|refusal| anyhow!("no number that can be called: {}", refusal.code()))?;
    let number = NumberToErase::new(&number, shown_in);
    let store = database.open_existing().await?;
    let accounts = match (asked.user, asked.partner) {
        (Some(user), _) => vec![AccountId::new(user)],
        (None, partner) => {
            let partner = PartnerId::new(partner.context("name a user or a partner")?);
            accounts::users_of(&mut store.read().await?, partner).await?
        }
    };
    for account in accounts {
        let accounts = accounts::with_sub_users(&mut store.read().await?, account).await?;
        if accounts.is_empty() {
            bail!("there is no user or sub-user {account}");
        }
        // Of a partner's users only those that know the number are to remember that they must not call it.
        if asked.user.is_some() || erasure::is_known(&store, &accounts, &number).await? {
            erase(&store, &accounts, &number, !asked.may_be_called_again).await?;
        }
    }
    store.close().await;
    Ok(())
}

async fn erase(
    store: &Store,
    accounts: &[AccountId],
    number: &NumberToErase,
    suppress: bool,
) -> anyhow::Result<()> {
    let account = accounts[0];
    let id = ErasureId::generate(&SystemClock, &SystemRandom);
    let erasure = Erasure { id, whose: account.uuid(), accounts, number, suppress };
    let erased = erasure::erase(store, &erasure, &change()).await?;
    let Erased { numbers, left_out, records, callbacks, refused_rows, entries, running_imports } = erased;
    say(&format!(
        "{account}: erased {numbers} numbers, {records} records, {callbacks} callbacks, {refused_rows} refused rows, \
         {entries} entries; left out {left_out} that are being called; {running_imports} imports that are running leave it out"
    ));
    Ok(())
}
