//! Lines, from the command line.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, anyhow, bail};
use domain::{Line, LineId, LineKind, PartnerId};
use phone::Country;
use store::{Page, Store, lines};

use crate::{
    command::{Database, LineCommand},
    line_check,
    manage::change,
    output::say,
    system::{SystemClock, SystemRandom},
    test_call,
};

/// How many lines a page of the listing asks for.
const LISTED: u32 = 1_000;

/// How many of what keeps a line are told.
const TOLD: Page = Page { number: 1, size: 20 };

/// The most bytes of a file.
const LARGEST_FILE: u64 = 1024 * 1024;

pub(crate) async fn run(database: &Database, command: LineCommand) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    match command {
        LineCommand::Create { partner, file } => create(&store, PartnerId::new(partner), &file).await,
        LineCommand::List { partner } => list(&store, PartnerId::new(partner)).await,
        LineCommand::Show { id, timezone } => {
            say(&api::write_line(timezone, &read(&store, LineId::new(id)).await?)?);
            Ok(())
        }
        LineCommand::Check { id, sip } => {
            let line = read(&store, LineId::new(id)).await?;
            line_check::run(sip.settings(Country::CHINA)?, &line).await
        }
        LineCommand::TestCall(asked) => {
            let line = read(&store, LineId::new(asked.id)).await?;
            test_call::run(&store, line, *asked).await
        }
        LineCommand::Delete { id } => delete(&store, LineId::new(id)).await,
    }
}

async fn read(store: &Store, id: LineId) -> anyhow::Result<Line> {
    let mut read = store.read().await?;
    let partner = known(lines::partner_of(&mut read, id).await, id)?;
    known(lines::get(&mut read, partner, id).await, id)
}

fn known<T>(result: store::Result<T>, id: LineId) -> anyhow::Result<T> {
    result.map_err(|error| match error {
        store::Error::NotFound(_) => anyhow!("there is no line {id}"),
        other => other.into(),
    })
}

async fn create(store: &Store, partner: PartnerId, file: &Path) -> anyhow::Result<()> {
    let text = text_of(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (brought, draft) = api::read_line(&text).context("the line is not allowed")?;
    let mut tx = store.begin().await?;
    let created = if let Some(id) = brought {
        lines::bring(&mut tx, partner, id, &draft, &change()).await
    } else {
        let id = LineId::generate(&SystemClock, &SystemRandom);
        lines::create(&mut tx, partner, id, &draft, &change()).await
    };
    let line = created.map_err(|error| match error {
        store::Error::NotFound(_) => anyhow!("there is no partner {partner}"),
        other => other.into(),
    })?;
    tx.commit().await?;
    say(&line.id.to_string());
    Ok(())
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut read = |source: &mut dyn Read| source.take(LARGEST_FILE + 1).read_to_string(&mut text);
    if file == Path::new("-") { read(&mut stdin()) } else { read(&mut File::open(file)?) }?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST_FILE) {
        bail!("it must not have more than {LARGEST_FILE} bytes");
    }
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

async fn list(store: &Store, partner: PartnerId) -> anyhow::Result<()> {
    let page = Page { number: 1, size: LISTED };
    let found = lines::list(&mut store.read().await?, partner, page).await?;
    for line in &found.items {
        let settings = &line.draft.settings;
        let kind = match settings.kind {
            LineKind::Simulated(_) => "simulated",
            LineKind::Sip(_) => "sip",
        };
        let (whole, rest) = (settings.cps.thousandths() / 1_000, settings.cps.thousandths() % 1_000);
        let rate = format!("{whole}.{rest:03}");
        let rate = rate.trim_end_matches('0').trim_end_matches('.');
        say(&format!(
            "{}  {kind}  {} channels  {rate} a second  {}",
            line.id,
            settings.channels,
            line.draft.name.as_str()
        ));
    }
    if found.total > i64::from(LISTED) {
        say(&format!("... and {} more", found.total - i64::from(LISTED)));
    }
    Ok(())
}

async fn delete(store: &Store, id: LineId) -> anyhow::Result<()> {
    let partner = known(lines::partner_of(&mut store.read().await?, id).await, id)?;
    let mut tx = store.begin().await?;
    let line = known(lines::lock_to_delete(&mut tx, partner, id).await, id)?;
    match lines::delete(&mut tx, &line, &change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(_)) => {
            drop(tx);
            bail!("the line stays: {}", kept_by(store, partner, id).await?);
        }
        Err(other) => return Err(other.into()),
    }
    say("deleted");
    Ok(())
}

/// What keeps a line from being deleted.
async fn kept_by(store: &Store, partner: PartnerId, id: LineId) -> anyhow::Result<String> {
    let mut read = store.read().await?;
    let groups = lines::groups_with_line(&mut read, partner, id, TOLD).await?;
    let tasks = lines::tasks_naming(&mut read, partner, id, TOLD).await?;
    let shares = lines::list_allocations(&mut read, partner, id, TOLD).await?;
    let scripts = lines::scripts_naming(&mut read, partner, id, TOLD).await?;
    let groups_named = groups.items.iter().map(|group| group.draft.name.as_str().to_owned());
    let tasks_named = tasks.items.iter().map(|task| task.name.clone());
    let scripts_named = scripts.items.iter().map(|script| script.name.clone());
    let users_named = shares.items.iter().map(|share| share.user_name.clone());
    let told = [
        kept("line groups have it", groups.total, &groups_named.collect::<Vec<_>>()),
        kept("tasks name it", tasks.total, &tasks_named.collect::<Vec<_>>()),
        kept("scripts transfer calls over it", scripts.total, &scripts_named.collect::<Vec<_>>()),
        kept("users have a share of it", shares.total, &users_named.collect::<Vec<_>>()),
    ];
    Ok(told.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// What keeps it: the first of them by name, and how many more there are.
fn kept(by: &str, total: i64, names: &[String]) -> Option<String> {
    let others = total - i64::try_from(names.len()).unwrap_or(total);
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    (total > 0).then(|| format!("{by} ({}{more})", names.join(", ")))
}
