//! What people do meanwhile, drawn by lot.

use domain::Random as _;
use jiff::{SignedDuration, Timestamp};
use test_support::FixedRandom;

use super::{calendar::GroupPlan, world::Scale};

/// A number below another.
pub(super) fn below(random: &FixedRandom, end: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_le_bytes(bytes) % end
}

/// One of these.
pub(super) fn one_of<'s, T>(random: &FixedRandom, some: &'s [T]) -> &'s T {
    &some[place(random, some.len())]
}

fn place(random: &FixedRandom, count: usize) -> usize {
    usize::try_from(below(random, count as u64)).unwrap()
}

/// Which of both accounts a group belongs to.
pub(super) const fn account_of_group(group: usize) -> usize {
    group % 2
}

/// What the kill switch stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopPlace {
    Installation,
    Partner,
    Account(usize),
    Line(usize),
}

/// Something that is done.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// A task is switched on or off.
    Switch(usize, bool),
    /// A group gets other windows.
    Replan(usize, Box<GroupPlan>),
    /// A task is closed from an instant to another.
    Close(usize, Timestamp, Timestamp),
    /// The kill switch is turned on or off.
    Stop(StopPlace, bool),
    /// A group is set closed, or open, until an instant.
    Override(usize, bool, Timestamp),
    /// An account gets a group of its own as its ceiling, or has none any more.
    Ceiling(usize, Option<usize>),
    /// Everything, or an account, is closed from an instant to another.
    Plan(Option<usize>, Timestamp, Timestamp),
    /// What was planned last is revoked.
    Revoke,
    /// A task gets so many more numbers.
    Add(usize, u32),
}

/// What may be stopped: two accounts, and two lines that both use.
const STOPS: [StopPlace; 6] = [
    StopPlace::Installation,
    StopPlace::Partner,
    StopPlace::Account(0),
    StopPlace::Account(1),
    StopPlace::Line(0),
    StopPlace::Line(1),
];

/// What is done in all, in order.
pub(super) fn script(scale: Scale, begin: Timestamp, random: &FixedRandom) -> Vec<(Timestamp, Edit)> {
    let mut script = Vec::new();
    let first = jiff::tz::TimeZone::UTC.to_datetime(begin).date();
    for day in 0..scale.days {
        let edits = 6 + below(random, scale.tasks as u64 / 4 + 2);
        for _ in 0..edits {
            let at = begin + SignedDuration::from_hours(24 * day) + time_of_day(random);
            let task = place(random, scale.tasks);
            let later = at + SignedDuration::from_secs(i64::try_from(5 + below(random, 7_200)).unwrap());
            match below(random, 14) {
                0 | 1 => script.extend([(at, Edit::Switch(task, false)), (later, Edit::Switch(task, true))]),
                2 | 3 => {
                    let plan = GroupPlan::draw(random, first, scale.days);
                    script.push((at, Edit::Replan(place(random, scale.groups), Box::new(plan))));
                }
                4 | 5 => {
                    let known = at - SignedDuration::from_secs(i64::try_from(below(random, 120)).unwrap());
                    script.push((known, Edit::Close(task, at, later)));
                }
                6 => {
                    let what = one_of(random, &STOPS);
                    script.extend([(at, Edit::Stop(*what, true)), (later, Edit::Stop(*what, false))]);
                }
                7..11 => script.extend(from_above(scale, (at, later), random)),
                _ => script.push((at, Edit::Add(task, 1 + u32::try_from(below(random, 9)).unwrap()))),
            }
        }
    }
    script.sort_by_key(|(at, _)| *at);
    script
}

/// What is done above windows: groups are overridden, accounts get a ceiling for some hours, closures are planned and perhaps revoked.
fn from_above(
    scale: Scale,
    (at, later): (Timestamp, Timestamp),
    random: &FixedRandom,
) -> Vec<(Timestamp, Edit)> {
    let group = place(random, scale.groups);
    match below(random, 4) {
        0 | 1 => vec![(at, Edit::Override(group, below(random, 2) == 0, later))],
        2 => {
            let (account, end) = (account_of_group(group), later + SignedDuration::from_hours(8));
            vec![(at, Edit::Ceiling(account, Some(group))), (end, Edit::Ceiling(account, None))]
        }
        _ => {
            let known = at - SignedDuration::from_secs(i64::try_from(below(random, 120)).unwrap());
            let what = *one_of(random, &[None, Some(0), Some(1)]);
            let revoked = (at + later.duration_since(at) / 2, Edit::Revoke);
            let planned = [(known, Edit::Plan(what, at, later))].into_iter();
            planned.chain((below(random, 2) == 0).then_some(revoked)).collect()
        }
    }
}

/// Most often within a minute of when windows open, for then phones ring.
fn time_of_day(random: &FixedRandom) -> SignedDuration {
    const OPENINGS: [u64; 6] = [540, 570, 780, 840, 1_080, 1_320];
    let seconds = match below(random, 3) {
        0 => below(random, 86_400),
        // In Shanghai, eight hours before Greenwich.
        _ => (one_of(random, &OPENINGS) * 60 + below(random, 90) + 16 * 3_600) % 86_400,
    };
    SignedDuration::from_secs(i64::try_from(seconds).unwrap())
}
