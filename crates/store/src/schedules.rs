//! Schedules: groups compiled into the form that says whether a call may go out.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use calendar::{Ceiling, ClosedSpans, EffectiveSchedule, Schedule, WeeklyWindows, Zone};
use domain::{
    AccountHold, AccountId, CeilingTarget, CompiledGroup, DialTimeGroup, DialTimeGroupId, HolidayCalendars,
    Task, TaskInGroup,
};

use crate::{Result, Session, ceilings, closures, holidays};

/// What lies above all groups of an account.
struct AboveAccount {
    closed: ClosedSpans,
    ceilings: Vec<CeilingGroup>,
}

/// A ceiling, and which group it is if that can be read.
struct CeilingGroup {
    group: Option<(AccountId, DialTimeGroupId)>,
    ceiling: Ceiling,
}

impl AboveAccount {
    fn ceilings_of(&self, group: &DialTimeGroup) -> impl Iterator<Item = Ceiling> {
        of_others(&self.ceilings, (group.account_id, group.id))
    }
}

/// The ceilings of a group: one that is a ceiling is not its own.
fn of_others(
    ceilings: &[CeilingGroup],
    group: (AccountId, DialTimeGroupId),
) -> impl Iterator<Item = Ceiling> {
    ceilings.iter().filter(move |above| above.group != Some(group)).map(|above| above.ceiling.clone())
}

/// The ceilings above a group of an account, which may be one that is yet to be made.
///
/// # Errors
/// When the database does not answer.
pub async fn ceilings(
    session: &mut dyn Session,
    account: AccountId,
    group: Option<DialTimeGroupId>,
) -> Result<Vec<Ceiling>> {
    let ceilings = ceilings_above(session, account).await?;
    Ok(match group {
        Some(group) => of_others(&ceilings, (account, group)).collect(),
        None => ceilings.into_iter().map(|above| above.ceiling).collect(),
    })
}

/// When the group is open, in the form that answers whether a call may go out: its windows, with its override, below ceilings and within closures.
///
/// # Errors
/// When the database does not answer.
pub async fn of(session: &mut dyn Session, group: &DialTimeGroup) -> Result<Arc<EffectiveSchedule>> {
    of_one(session, group, &mut HashMap::new()).await
}

/// The same, with what is known already to lie above accounts, or then is.
async fn of_one(
    session: &mut dyn Session,
    group: &DialTimeGroup,
    known: &mut HashMap<AccountId, AboveAccount>,
) -> Result<Arc<EffectiveSchedule>> {
    if let Some(schedule) = session.schedules().schedule(group) {
        return Ok(schedule);
    }
    let own = by_itself(session, group).await?;
    let above = match known.entry(group.account_id) {
        Entry::Occupied(known) => known.into_mut(),
        // Seldom asked, and large: whoever awaits a schedule need not hold the place for it.
        Entry::Vacant(place) => place.insert(Box::pin(above_account_of(session, group)).await?),
    };
    let schedule = Arc::new(own.closed_in(above.closed.clone()).below(above.ceilings_of(group)));
    // What a transaction sees may yet be rolled back, and its version then belongs to something else.
    if !session.sees_uncommitted() {
        session.schedules().put_schedule(group, schedule.clone());
    }
    Ok(schedule)
}

/// What lies above the groups of the account of one of them. Where there was never anything of a kind, nothing is asked.
async fn above_account_of(session: &mut dyn Session, group: &DialTimeGroup) -> Result<AboveAccount> {
    let closed = match group.closures_revision {
        0 => ClosedSpans::default(),
        _ => closures::of_account(session, group.account_id).await?,
    };
    let ceilings = match group.ceilings_revision {
        0 => Vec::new(),
        _ => ceilings_above(session, group.account_id).await?,
    };
    Ok(AboveAccount { closed, ceilings })
}

/// When a group is open by its windows, with its override.
async fn by_itself(session: &mut dyn Session, group: &DialTimeGroup) -> Result<EffectiveSchedule> {
    let calendars = if group.draft.looks_at_holidays() {
        calendars(session, group.holidays_revision).await?
    } else {
        session.schedules().calendars()
    };
    Ok(group.schedule(&calendars))
}

/// The ceilings above the groups of an account. One that cannot be read is never open.
async fn ceilings_above(session: &mut dyn Session, account: AccountId) -> Result<Vec<CeilingGroup>> {
    let mut ceilings = Vec::new();
    for group in ceilings::groups_above(session, account).await? {
        ceilings.push(match group {
            None => CeilingGroup { group: None, ceiling: never_open() },
            Some(group) => {
                let schedule = of_ceiling(session, &group).await?;
                let ceiling = Ceiling { name: group.draft.name.as_str().into(), schedule };
                CeilingGroup { group: Some((group.account_id, group.id)), ceiling }
            }
        });
    }
    Ok(ceilings)
}

/// When a group is open as a ceiling: by itself, whatever its own account is closed by.
async fn of_ceiling(session: &mut dyn Session, group: &DialTimeGroup) -> Result<Arc<EffectiveSchedule>> {
    if let Some(schedule) = session.schedules().ceiling(group) {
        return Ok(schedule);
    }
    let schedule = Arc::new(by_itself(session, group).await?);
    if !session.sees_uncommitted() {
        session.schedules().put_ceiling(group, schedule.clone());
    }
    Ok(schedule)
}

#[expect(clippy::expect_used, reason = "UTC needs no time zone database")]
fn never_open() -> Ceiling {
    let utc = Zone::parse("UTC").expect("UTC is always known");
    let never = Schedule::builder(&WeeklyWindows::default(), &utc).compile();
    Ceiling { name: Box::default(), schedule: Arc::new(never.into()) }
}

/// Groups, each ready to answer. What lies above an account is read once for all of its groups.
///
/// # Errors
/// When the database does not answer.
pub async fn of_all(session: &mut dyn Session, groups: Vec<DialTimeGroup>) -> Result<Vec<CompiledGroup>> {
    let (mut compiled, mut above) = (Vec::with_capacity(groups.len()), HashMap::new());
    for group in groups {
        let schedule = of_one(session, &group, &mut above).await?;
        compiled.push(CompiledGroup { group, schedule });
    }
    Ok(compiled)
}

/// The groups of all accounts that lie below any of these groups of an account, which are ceilings, each ready to answer; at most `limit`, without
/// these groups themselves.
///
/// # Errors
/// When the database does not answer.
pub async fn below(
    session: &mut dyn Session,
    account: AccountId,
    groups: &[DialTimeGroupId],
    limit: u32,
) -> Result<Vec<CompiledGroup>> {
    let below = ceilings::groups_below(session, account, groups, limit).await?;
    of_all(session, below).await
}

/// The groups of all accounts that a ceiling of this target lies above, whether there is one or not, each ready to answer; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn below_target(
    session: &mut dyn Session,
    target: CeilingTarget,
    limit: u32,
) -> Result<Vec<CompiledGroup>> {
    let below = ceilings::groups_of(session, target, limit).await?;
    of_all(session, below).await
}

/// The holiday calendars as they are now.
///
/// # Errors
/// When the database does not answer.
pub async fn current_calendars(session: &mut dyn Session) -> Result<Arc<HolidayCalendars>> {
    let revision = holidays::revision(session).await?;
    calendars(session, revision).await
}

async fn calendars(session: &mut dyn Session, revision: i64) -> Result<Arc<HolidayCalendars>> {
    let cached = session.schedules().calendars();
    if cached.revision() == revision {
        return Ok(cached);
    }
    let loaded = Arc::new(holidays::load(session).await?);
    if !session.sees_uncommitted() {
        session.schedules().put_calendars(loaded.clone());
    }
    Ok(loaded)
}

/// The data that schedules are made from beside the database's: another text with other zones or holidays.
pub fn built_in_data() -> String {
    let china = calendar::HolidayCalendar::china();
    let years = china.days().len();
    format!("tzdata {}, China to {} with {years} days", calendar::tzdata_version(), china.known_until())
}

/// A task with its group, ready to answer.
pub(crate) async fn in_group(
    session: &mut dyn Session,
    (task, group, hold): (Task, DialTimeGroup, Option<AccountHold>),
) -> Result<TaskInGroup> {
    let schedule = of(session, &group).await?;
    Ok(TaskInGroup::new(task, group, schedule, hold))
}
