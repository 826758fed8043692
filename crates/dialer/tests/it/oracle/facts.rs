//! What was known when: groups and their edits, tasks that are switched on and off, closures, stops. From it follows when a task is
//! open, and when it was known to close.

use jiff::{SignedDuration, Timestamp};

use super::{calendar::GroupPlan, edits::StopPlace};

/// A group's windows from when they were saved.
struct Version {
    saved_at: Timestamp,
    /// When it opens and closes; the first is from `saved_at` or before.
    turns: Vec<(Timestamp, bool)>,
}

/// What a group was set to for a while.
#[derive(Clone, Copy, Debug)]
struct SetFor {
    set_at: Timestamp,
    open: bool,
    until: Timestamp,
}

/// A group through time.
#[derive(Default)]
pub(super) struct GroupFacts {
    versions: Vec<Version>,
    overrides: Vec<SetFor>,
}

impl GroupFacts {
    /// It has these windows from now on.
    pub(super) fn save(&mut self, plan: &GroupPlan, now: Timestamp, until: Timestamp) {
        let minute = Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap();
        self.versions.push(Version { saved_at: now, turns: plan.turns(minute, until) });
    }

    /// It is closed, or open, from now until an instant; what it was set to before holds no more.
    pub(super) fn set(&mut self, open: bool, now: Timestamp, until: Timestamp) {
        self.overrides.push(SetFor { set_at: now, open, until });
    }

    fn known_at(&self, known: Timestamp) -> &[(Timestamp, bool)] {
        let version = self.versions.iter().rev().find(|version| version.saved_at <= known);
        version.map_or(&[], |version| &version.turns)
    }

    fn set_at(&self, known: Timestamp) -> Option<SetFor> {
        self.overrides.iter().rev().find(|set| set.set_at <= known).copied()
    }

    fn is_open(&self, at: Timestamp, known: Timestamp) -> bool {
        if let Some(set) = self.set_at(known).filter(|set| set.set_at <= at && at < set.until) {
            return set.open;
        }
        let turns = self.known_at(known);
        let place = turns.partition_point(|(turn, _)| *turn <= at);
        place > 0 && turns[place - 1].1
    }

    /// When its windows open or close after an instant, as far as is known at another; and when what it was set to ends.
    pub(super) fn turns_after(&self, at: Timestamp, known: Timestamp) -> impl Iterator<Item = Timestamp> {
        let turns = self.known_at(known);
        let set_ends = self.set_at(known).map(|set| set.until).filter(|end| at < *end);
        let turns = turns[turns.partition_point(|(turn, _)| *turn <= at)..].iter().map(|(turn, _)| *turn);
        set_ends.into_iter().chain(turns)
    }

    /// The instants at which it may turn, or at which more was known of it.
    fn edges(&self) -> impl Iterator<Item = Timestamp> {
        let sets = self.overrides.iter().flat_map(|set| [set.set_at, set.until]);
        let saves = self
            .versions
            .iter()
            .flat_map(|version| version.turns.iter().map(|(turn, _)| *turn).chain([version.saved_at]));
        sets.chain(saves)
    }
}

/// A span in which a task does not dial, from when it was known.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownClosure {
    pub(super) known_at: Timestamp,
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
}

impl KnownClosure {
    fn is_known(&self, known: Timestamp) -> bool {
        self.known_at <= known && self.revoked_at.is_none_or(|revoked| known < revoked)
    }
}

/// A task through time.
#[derive(Default)]
pub(super) struct TaskFacts {
    pub(super) group: usize,
    pub(super) account: usize,
    /// The only line that it is dialed over.
    pub(super) line: usize,
    /// When it was switched on and off.
    pub(super) switched: Vec<(Timestamp, bool)>,
    pub(super) closures: Vec<KnownClosure>,
}

/// Everything.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) groups: Vec<GroupFacts>,
    pub(super) tasks: Vec<TaskFacts>,
    /// When the kill switch of what was turned on and off.
    pub(super) stops: Vec<(Timestamp, StopPlace, bool)>,
    /// When which account got which group as its ceiling, or none.
    pub(super) ceilings: Vec<(Timestamp, usize, Option<usize>)>,
}

/// A span in which calls of a task may start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
}

/// How long before a known close the last call may start, and the last unanswered one must be silent.
const LAST_START: SignedDuration = SignedDuration::from_secs(22);

impl Facts {
    /// Whether a task is open at an instant, as far as is known at another, which is not later.
    pub(super) fn is_open(&self, task: usize, at: Timestamp, known: Timestamp) -> bool {
        let held = self.is_held(task, known);
        let task = &self.tasks[task];
        !held
            && !task.closures.iter().any(|one| one.is_known(known) && one.begin <= at && at < one.end)
            && self.groups_of(task, known).all(|group| group.is_open(at, known))
    }

    /// The group of a task and the ceiling of its account, as far as is known.
    fn groups_of(&self, task: &TaskFacts, known: Timestamp) -> impl Iterator<Item = &GroupFacts> {
        let ceiling = self.ceiling(task.account, known);
        [Some(task.group), ceiling].into_iter().flatten().map(|group| &self.groups[group])
    }

    /// The group that an account has as its ceiling.
    pub(super) fn ceiling(&self, account: usize, known: Timestamp) -> Option<usize> {
        let mut known = self.ceilings.iter().filter(|(when, of, _)| *when <= known && *of == account);
        known.next_back().and_then(|(_, _, group)| *group)
    }

    /// Whether somebody has paused or stopped a task, whatever its windows say.
    pub(super) fn is_held(&self, task: usize, known: Timestamp) -> bool {
        let task = &self.tasks[task];
        !last(task.switched.iter().map(|(when, on)| (*when, *on)), known)
            || self.is_stopped(StopPlace::Installation, known)
            || self.is_stopped(StopPlace::Partner, known)
            || self.is_stopped(StopPlace::Account(task.account), known)
            || self.is_stopped(StopPlace::Line(task.line), known)
    }

    pub(super) fn is_stopped(&self, what: StopPlace, known: Timestamp) -> bool {
        let stops = self.stops.iter().filter(|(_, of, _)| *of == what);
        last(stops.map(|(when, _, on)| (*when, *on)), known)
    }

    /// When a task that is open closes, as far as is known then.
    pub(super) fn known_close(&self, task: usize, at: Timestamp) -> Option<Timestamp> {
        let facts = &self.tasks[task];
        let closures = facts.closures.iter().filter(|one| one.is_known(at) && at < one.begin);
        // Of each group that what it was set to ends is not told in order.
        let closed = self.groups_of(facts, at).filter_map(|group| {
            let mut turns = group.turns_after(at, at);
            let closes = |turn: &Timestamp| !self.is_open(task, *turn, at);
            let set_ends = turns.next().filter(closes);
            set_ends.into_iter().chain(turns.find(closes)).min()
        });
        closures.map(|one| one.begin).chain(closed).min()
    }

    /// The instants at which a task may turn, or at which more was known of it, in order.
    fn edges(&self, task: usize, until: Timestamp) -> Vec<Timestamp> {
        let facts = &self.tasks[task];
        let stops = self.stops.iter().map(|(when, ..)| *when);
        let mut edges: Vec<Timestamp> = facts.switched.iter().map(|(when, _)| *when).chain(stops).collect();
        edges.extend(facts.closures.iter().flat_map(|one| [one.known_at, one.begin, one.end]));
        edges.extend(facts.closures.iter().filter_map(|one| one.revoked_at));
        edges.extend(self.groups[facts.group].edges());
        let mut ceilings = self.ceilings.iter().filter(|(_, of, _)| *of == facts.account).peekable();
        while let Some((begin, _, ceiling)) = ceilings.next() {
            let end = ceilings.peek().map_or(until, |(next, ..)| *next);
            let of_group = ceiling.iter().flat_map(|group| self.groups[*group].edges());
            edges.extend(of_group.filter(|edge| *begin < *edge && *edge < end).chain([*begin]));
        }
        edges.retain(|edge| *edge < until);
        edges.push(until);
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// When calls of a task may start, up to an instant.
    pub(super) fn stretches(&self, task: usize, until: Timestamp) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for two in self.edges(task, until).windows(2).filter(|two| self.is_open(task, two[0], two[0])) {
            let last = self.known_close(task, two[0]).map_or(until, |close| close - LAST_START);
            let (begin, end) = (two[0], two[1].min(last));
            match stretches.last_mut() {
                Some(before) if before.end == begin => before.end = end.max(begin),
                _ if begin < end => stretches.push(Stretch { begin, end }),
                _ => {}
            }
        }
        stretches
    }

    /// The next instant after one at which a task turns, as far as is known.
    pub(super) fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let groups = self.groups.iter().flat_map(|group| group.turns_after(now, now).take(2));
        let closures = self.tasks.iter().flat_map(|task| &task.closures).flat_map(|one| [one.begin, one.end]);
        groups.chain(closures.filter(|edge| now < *edge)).min()
    }
}

/// What held last, up to an instant.
fn last(changes: impl Iterator<Item = (Timestamp, bool)>, at: Timestamp) -> bool {
    changes.filter(|(when, _)| *when <= at).last().is_some_and(|(_, on)| on)
}
