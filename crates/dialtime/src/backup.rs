//! `dialtime backup`: a sound copy of the database while servers work on it.

use std::path::Path;

use anyhow::bail;

use crate::{command::Database, output::say};

pub(crate) async fn run(database: &Database, file: &Path) -> anyhow::Result<()> {
    if database.url().starts_with("postgres") {
        bail!(
            "this copies SQLite databases. PostgreSQL has a tool of its own, which may run beside servers: \
             pg_dump --format=custom --file={} \"$DIALTIME_DATABASE_URL\"; pg_restore brings it back",
            file.display()
        );
    }
    let copied = store::backup::sqlite(database.url(), file).await;
    let contents = match copied {
        Ok(contents) => contents,
        Err(error) => bail!("no backup was made at {}: {error}", file.display()),
    };
    say(&format!(
        "{}: nothing found wrong. Partners: {}, accounts: {}, groups: {}, tasks: {}; the last change in the audit is number {}",
        file.display(),
        contents.partners,
        contents.accounts,
        contents.groups,
        contents.tasks,
        contents.last_change
    ));
    Ok(())
}
