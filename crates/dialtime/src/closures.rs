//! `dialtime closure`: planned closures of the whole installation. Those of partners and accounts are the API's.

use anyhow::{anyhow, bail};
use domain::{Clock, ClosureId, ClosureTarget, Name, PlannedClosure, SetBy};
use jiff::Timestamp;
use store::{
    Page, Store,
    audit::{Actor, Change},
    closures::{self, ClosureFilter},
    edits,
};

use crate::{
    command::{AddClosure, ClosureCommand, Database},
    manage::{checked, second},
    output::say,
    system::{SystemClock, SystemRandom},
};

/// How many closures a page of the listing asks for.
const CLOSURES: u32 = 1_000;

pub(crate) async fn run(database: &Database, command: ClosureCommand) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    match command {
        ClosureCommand::Add(plan) => add(&store, plan).await,
        ClosureCommand::List { ended } => list(&store, ended).await,
        ClosureCommand::Revoke { id } => revoke(&store, ClosureId::new(id)).await,
    }
}

async fn add(store: &Store, plan: AddClosure) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let AddClosure { name, begin, end } = plan;
    let name = checked("the name", Name::parse(&name))?;
    let (begin, end) = (begin.instant(now), end.instant(now));
    if end <= now {
        bail!("its end lies in the past");
    }
    if end <= begin {
        bail!("it has to end after it begins");
    }
    let closure = PlannedClosure {
        id: ClosureId::generate(&SystemClock, &SystemRandom),
        target: ClosureTarget::Installation,
        name,
        begin,
        end,
        by: SetBy::CommandLine,
        created_at: now,
    };
    let mut tx = store.begin().await?;
    edits::closures::plan(&mut tx, &closure, &change(now)).await?;
    tx.commit().await?;
    say(&closure.id.to_string());
    Ok(())
}

async fn list(store: &Store, ended: bool) -> anyhow::Result<()> {
    let (now, filter) = (SystemClock.now(), ClosureFilter { ended, ..ClosureFilter::default() });
    let mut number = 1;
    loop {
        let page = Page { number, size: CLOSURES };
        let found = closures::list(&mut store.read().await?, None, filter, now, page).await?;
        found.items.iter().for_each(|closure| say(&line(closure, now)));
        if i64::from(number) * i64::from(CLOSURES) >= found.total {
            return Ok(());
        }
        number += 1;
    }
}

fn line(closure: &PlannedClosure, now: Timestamp) -> String {
    let state = match (closure.begin <= now, now < closure.end) {
        (_, false) => "ended",
        (true, true) => "closed",
        (false, true) => "planned",
    };
    let (begin, end) = (second(closure.begin), second(closure.end));
    format!("{}  {begin}  {end}  {state:<7}  {}", closure.id, closure.name.as_str())
}

/// What there is to say of the closure of the installation that holds now and ends last, if one does.
pub(crate) async fn holding(store: &Store) -> store::Result<Option<String>> {
    let (now, page) = (SystemClock.now(), Page { number: 1, size: CLOSURES });
    let found = closures::list(&mut store.read().await?, None, ClosureFilter::default(), now, page).await?;
    let holding = found.items.into_iter().filter(|closure| closure.begin <= now);
    let told = |closure: PlannedClosure| {
        let (name, end) = (closure.name.as_str(), second(closure.end));
        format!(
            "the whole installation is closed until {end} ({name}); `dialtime closure revoke {}` ends that",
            closure.id
        )
    };
    Ok(holding.max_by_key(|closure| closure.end).map(told))
}

/// Says at the start that nothing will dial for a while.
pub(crate) async fn remind(store: &Store) -> store::Result<()> {
    if let Some(told) = holding(store).await? {
        tracing::warn!("{told}");
    }
    Ok(())
}

async fn revoke(store: &Store, id: ClosureId) -> anyhow::Result<()> {
    let nothing =
        || anyhow!("there is no such closure of the installation: `dialtime closure list` shows them");
    let mut tx = store.begin().await?;
    match edits::closures::revoke(&mut tx, id, &SetBy::CommandLine, &change(SystemClock.now())).await {
        Ok(closure) if closure.target == ClosureTarget::Installation => tx.commit().await?,
        // Those of partners and accounts are revoked by who may.
        Ok(_) | Err(store::Error::NotFound(_)) => return Err(nothing()),
        Err(error) => return Err(error.into()),
    }
    say("revoked: what nothing else closes dials again in its windows");
    Ok(())
}

const fn change(at: Timestamp) -> Change {
    Change { actor: Actor::CommandLine, at }
}
