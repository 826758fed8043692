//! The key by which addresses of recordings are signed: one for all nodes, made when it is first needed.

use domain::Random;

use crate::{
    Result, Store,
    database::{convert::damaged, statement::query_scalar},
};

const NAME: &str = "recording addresses";

/// A secret; its `Debug` form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressKey(pub [u8; 32]);

impl std::fmt::Debug for AddressKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AddressKey(..)")
    }
}

/// The key of this installation.
///
/// # Errors
/// When the database does not answer.
pub async fn address_key(store: &Store, random: &dyn Random) -> Result<AddressKey> {
    let read = &mut store.read().await?;
    let found: Option<Vec<u8>> = on!(read, c => query_scalar(sql!("SELECT key FROM installation_keys WHERE name = $1"))
            .bind(NAME).fetch_optional(c).await)?;
    let key = match found {
        Some(key) => key,
        None => make(store, random).await?,
    };
    Ok(AddressKey(key.try_into().map_err(|_| damaged("a key has 32 bytes"))?))
}

/// Makes it, or gives the one that another node has made meanwhile.
async fn make(store: &Store, random: &dyn Random) -> Result<Vec<u8>> {
    let mut new = [0; 32];
    random.fill(&mut new);
    let mut tx = store.begin().await?;
    let key: Vec<u8> = on!(&mut tx, c => query_scalar(sql!(
        "INSERT INTO installation_keys (name, key) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING key"))
        .bind(NAME).bind(new.to_vec()).fetch_one(c).await)?;
    tx.commit().await?;
    Ok(key)
}
