//! `dialtime doctor`: looks at what the program stands on, and says what to do.

use std::{process::ExitCode, sync::Arc};

use calendar::HolidayCalendar;
use domain::{Clock, HolidayCalendars, is_near_horizon};
use jiff::SignedDuration;
use store::{Store, health, partners};

use crate::{
    closures,
    command::Database,
    holidays::{ADVICE, today},
    output::{say, told},
    stop,
    system::SystemClock,
};

/// A clock this far from the database's would open and close windows at another time than other nodes.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// Less room than this on the disk is worth a warning, in bytes.
const LITTLE_ROOM: u64 = 256 * 1024 * 1024;

/// What one look found.
enum Finding {
    Good(String),
    /// Works, but needs someone's eye.
    Warning(String),
    Bad(String),
}

pub(crate) async fn run(database: &Database) -> anyhow::Result<ExitCode> {
    let mut findings = match database.open_to_look().await {
        Ok(store) => database_findings(&store).await,
        Err(error) => without_database(&error),
    };
    findings.push(Finding::Good(format!("time zones: built in, version {}", calendar::tzdata_version())));
    Ok(report(&findings))
}

fn report(findings: &[Finding]) -> ExitCode {
    let mut bad = false;
    for finding in findings {
        say(&match finding {
            Finding::Good(text) => format!("ok       {text}"),
            Finding::Warning(text) => format!("warning  {text}"),
            Finding::Bad(text) => {
                bad = true;
                format!("FAULT    {text}")
            }
        });
    }
    if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn without_database(error: &anyhow::Error) -> Vec<Finding> {
    let fault = Finding::Bad(format!(
        "database: {}. Check --database-url (DIALTIME_DATABASE_URL) and, of PostgreSQL, that its server runs",
        told(error)
    ));
    std::iter::once(fault).chain(horizons(&HolidayCalendars::built_in())).collect()
}

async fn database_findings(store: &Store) -> Vec<Finding> {
    let failed = |what: &str, error: &store::Error| Finding::Bad(format!("{what}: {error}"));
    let schema = schema(store).await.unwrap_or_else(|_| {
        Finding::Bad(
            "schema: the database has none yet. Run `dialtime migrate`, or start `dialtime serve`".into(),
        )
    });
    let has_schema = matches!(schema, Finding::Good(_));
    let mut findings = vec![schema];
    findings.push(integrity(store).await.unwrap_or_else(|error| failed("integrity", &error)));
    findings.push(writes(store, has_schema).await);
    findings.extend(room(store));
    findings.extend(permissions(store));
    findings.push(clock(store).await.unwrap_or_else(|error| failed("clock", &error)));
    if has_schema {
        findings.push(partner(store).await.unwrap_or_else(|error| failed("partners", &error)));
        findings.extend(stopped(store).await.unwrap_or_else(|error| Some(failed("stops", &error))));
        findings.extend(closed(store).await.unwrap_or_else(|error| Some(failed("closures", &error))));
        findings.extend(holidays(store).await.unwrap_or_else(|error| vec![failed("holidays", &error)]));
    } else {
        findings.extend(horizons(&HolidayCalendars::built_in()));
    }
    findings
}

/// That the whole installation is stopped, if it is.
async fn stopped(store: &Store) -> store::Result<Option<Finding>> {
    let stop = stop::installation(store).await?;
    Ok(stop
        .map(|stop| Finding::Warning(format!("{}; `dialtime resume-dialing` ends that", stop::told(&stop)))))
}

/// That the whole installation is closed, if it is.
async fn closed(store: &Store) -> store::Result<Option<Finding>> {
    Ok(closures::holding(store).await?.map(Finding::Warning))
}

async fn schema(store: &Store) -> store::Result<Finding> {
    let (has, wants) = (health::schema_version(&mut store.read().await?).await?, store.newest_migration());
    let kind = store.kind();
    Ok(match has.cmp(&wants) {
        std::cmp::Ordering::Equal => Finding::Good(format!("database: {kind}, schema {has}")),
        std::cmp::Ordering::Less => Finding::Bad(format!(
            "schema: the database has {has}, this program wants {wants}. Run `dialtime migrate`"
        )),
        std::cmp::Ordering::Greater => Finding::Bad(format!(
            "schema: the database has {has}, newer than this program's {wants}. Use the newer program"
        )),
    })
}

async fn integrity(store: &Store) -> store::Result<Finding> {
    let faults = health::integrity(&mut store.read().await?).await?;
    Ok(if faults.is_empty() {
        Finding::Good("integrity: nothing found".to_owned())
    } else {
        Finding::Bad(format!(
            "integrity: {}. Restore the last good copy that `dialtime backup` made",
            faults.join("; ")
        ))
    })
}

/// Whether the database takes writes. One without a schema has nothing to write to.
async fn writes(store: &Store, has_schema: bool) -> Finding {
    if !has_schema {
        return Finding::Warning("writes: not tried, since the schema is not this program's".to_owned());
    }
    match health::check_writes(store).await {
        Ok(()) => Finding::Good("writes: the database takes them".to_owned()),
        Err(error) => Finding::Bad(format!(
            "writes: {error}. Look at the disk: whether it is full, read-only or failing, and who owns the files"
        )),
    }
}

fn room(store: &Store) -> Option<Finding> {
    let free = health::free_bytes(store)?;
    let text = format!("disk: {} MiB are free beside the database", free / (1024 * 1024));
    Some(if free < LITTLE_ROOM {
        Finding::Warning(format!("{text}. Make room"))
    } else {
        Finding::Good(text)
    })
}

fn permissions(store: &Store) -> Vec<Finding> {
    let open = health::files_open_to_others(store).into_iter();
    open.map(|(file, mode)| {
        let file = file.display();
        Finding::Warning(format!(
            "permissions: others can read {file} (mode {mode:o}). Run `chmod 600 {file}`"
        ))
    })
    .collect()
}

async fn clock(store: &Store) -> store::Result<Finding> {
    let mut read = store.read().await?;
    let before = SystemClock.now();
    let database = health::now(&mut read).await?;
    let middle = before + (SystemClock.now().duration_since(before) / 2);
    let difference = database.duration_since(middle).abs();
    Ok(if difference <= CLOCK_TOLERANCE {
        Finding::Good(format!("clock: {difference:#} from the database's"))
    } else {
        Finding::Bad(format!(
            "clock: {difference:#} from the database's. Let both machines follow the same time service (NTP)"
        ))
    })
}

async fn partner(store: &Store) -> store::Result<Finding> {
    Ok(if partners::is_any(&mut store.read().await?).await? {
        Finding::Good("partners: there is at least one".to_owned())
    } else {
        Finding::Warning(
            "partners: there is none. Run `dialtime partner create NAME`, then `dialtime token create --partner ID`"
                .to_owned(),
        )
    })
}

/// How far each calendar is known; with no schema to ask, the built-in ones.
async fn holidays(store: &Store) -> store::Result<Vec<Finding>> {
    Ok(horizons(&store::holidays::load(&mut store.read().await?).await?))
}

fn horizons(all: &HolidayCalendars) -> Vec<Finding> {
    let horizon = |calendar: &Arc<HolidayCalendar>| {
        let text = format!("holidays: {} is known until {}", calendar.id(), calendar.known_until());
        if is_near_horizon(calendar, today()) {
            Finding::Warning(format!("{text}. Groups that skip holidays cannot know them after it: {ADVICE}"))
        } else {
            Finding::Good(text)
        }
    };
    all.iter().map(horizon).collect()
}
