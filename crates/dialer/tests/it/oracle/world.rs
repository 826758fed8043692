//! The world that is dialed, and how its days go by: in steps of a second while there are calls, and from one change to the next
//! otherwise.

use std::time::Instant;

use calendar::Zone;
use dialer::Dialer;
use domain::{
    AccountId, AccountKind, CeilingTarget, Closure, ClosureId, ClosureTarget, DialTimeGroupId, GroupChange,
    GroupDraft, LineId, LineKind, LineSettings, Name, NumberPattern, OutcomeClass, OverrideEnd,
    OverrideOrder, PlannedClosure, RedialRule, RedialSettings, Seconds, SetBy, SimulatedOutcome, Simulation,
    SimulationRule, StatedReason, StopTarget, TaskId, WeightedOutcome,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    edits,
    transitions::{self, Step},
};
use test_support::{FixedRandom, create_account, new_account};

use super::{
    calendar::GroupPlan,
    edits::{Edit, StopPlace, account_of_group, below, script},
    facts::{Facts, GroupFacts, KnownClosure, TaskFacts},
};
use crate::support::{Database, Dialed, World, rate};

/// The start: a Monday, in the week of the Mid-Autumn Festival, before the National Day and the end of summer time in Europe.
const BEGIN: &str = "2026-09-21T00:00:00+08:00";

/// The longest time that is passed over, so that nothing rests on what the oracle thinks will happen.
const LONGEST_LEAP: SignedDuration = SignedDuration::from_mins(30);

/// For how many seconds after a change it is looked second by second.
const WATCHED: u32 = 5;

/// How much is simulated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) days: i64,
    pub(super) tasks: usize,
    pub(super) groups: usize,
}

/// A task of it, with the numbers that were added when.
pub(super) struct OracleTask {
    pub(super) id: TaskId,
    pub(super) rule: Option<RedialRule>,
    pub(super) numbers: Vec<(i64, Timestamp)>,
}

pub(super) struct OracleWorld {
    pub(super) world: World,
    pub(super) accounts: [AccountId; 2],
    /// Both accounts use both.
    lines: [LineId; 2],
    groups: Vec<(DialTimeGroupId, usize)>,
    /// What was planned last, and the tasks that it closes, each with the place of it among their closures.
    planned: Option<(ClosureId, Vec<(usize, usize)>)>,
    pub(super) group_zones: Vec<&'static str>,
    pub(super) tasks: Vec<OracleTask>,
    pub(super) facts: Facts,
    script: Vec<(Timestamp, Edit)>,
    pub(super) end: Timestamp,
    next_number: u32,
}

/// What comes of a call, by the number's last digit: how it ends, after how many seconds.
const OUTCOMES: [(OutcomeClass, i64); 10] = [
    (OutcomeClass::Answered, 3),
    (OutcomeClass::Answered, 3),
    (OutcomeClass::Answered, 15),
    (OutcomeClass::Busy, 1),
    (OutcomeClass::Busy, 1),
    (OutcomeClass::NoAnswer, 40),
    (OutcomeClass::NoAnswer, 59),
    (OutcomeClass::PoweredOff, 2),
    (OutcomeClass::Declined, 6),
    (OutcomeClass::InvalidNumber, 1),
];

/// What comes of a call to a number that is not ended by us.
pub(super) fn outcome_of(number: i64) -> OutcomeClass {
    OUTCOMES[usize::try_from(number % 10).unwrap()].0
}

fn line() -> LineSettings {
    let outcome = |class, ring: i64| SimulatedOutcome {
        ring: Seconds::new(ring, ring).unwrap(),
        talk: Seconds::new(10, 10).unwrap(),
        ..SimulatedOutcome::of(class)
    };
    let rule = |(digit, (class, ring)): (usize, &(OutcomeClass, i64))| SimulationRule {
        pattern: NumberPattern::parse(&format!("*{digit}")).unwrap(),
        outcome: outcome(*class, *ring),
    };
    let rules = OUTCOMES.iter().enumerate().map(rule).collect();
    let outcomes = vec![WeightedOutcome { weight: 1, outcome: outcome(OutcomeClass::Busy, 1) }];
    let kind = LineKind::Simulated(Simulation { rules, outcomes });
    LineSettings { cps: rate(1_000_000), ..LineSettings::new(kind, 10_000) }
}

impl OracleWorld {
    pub(super) async fn new(database: Database, scale: Scale, random: &FixedRandom) -> Self {
        let world = World::at(database, BEGIN).await;
        let (begin, end) = (world.now(), world.now() + SignedDuration::from_hours(24 * scale.days));
        let second = new_account(world.accounts.partner, AccountKind::User, begin);
        let second = create_account(&world.store, &second).await;
        world.script(second).await;
        let accounts = [world.accounts.user, second];
        let mut oracle = Self {
            accounts,
            lines: [world.line(line(), &accounts, 9_000).await, world.line(line(), &accounts, 9_000).await],
            world,
            groups: Vec::new(),
            planned: None,
            group_zones: Vec::new(),
            tasks: Vec::new(),
            facts: Facts::default(),
            script: script(scale, begin, random),
            end,
            next_number: 0,
        };
        for place in 0..scale.groups {
            oracle.add_group(account_of_group(place), scale, random).await;
        }
        for place in 0..scale.tasks {
            oracle.add_task(place % scale.groups, random).await;
        }
        oracle
    }

    async fn add_group(&mut self, account: usize, scale: Scale, random: &FixedRandom) {
        let now = self.world.now();
        let first = jiff::tz::TimeZone::UTC.to_datetime(now).date();
        let plan = GroupPlan::draw(random, first, scale.days);
        let zone = Zone::parse(plan.zone).unwrap();
        let draft = GroupDraft::new(
            Name::parse("group").unwrap(),
            serde_json::from_value(plan.content()).unwrap(),
            zone,
        );
        let draft = draft.with(change(&plan));
        let mut tx = self.world.store.begin().await.unwrap();
        let group = edits::groups::create(&mut tx, self.accounts[account], &draft, &self.world.change())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.groups.push((group.id, account));
        self.group_zones.push(plan.zone);
        let mut facts = GroupFacts::default();
        facts.save(&plan, now, self.known_until());
        self.facts.groups.push(facts);
    }

    /// So far windows are read off: a close after it does not matter any more.
    fn known_until(&self) -> Timestamp {
        self.end + SignedDuration::from_hours(48)
    }

    async fn add_task(&mut self, group: usize, random: &FixedRandom) {
        let (id, account) = self.groups[group];
        let (redial, rule) = self.redialing(account, random).await;
        let dialed = Dialed { calls: 40, redial, ..Dialed::default() };
        let line = usize::try_from(below(random, 2)).unwrap();
        let task = self.world.task(self.accounts[account], id, self.lines[line], dialed).await;
        self.tasks.push(OracleTask { id: task, rule, numbers: Vec::new() });
        let switched = vec![(self.world.now(), true)];
        self.facts.tasks.push(TaskFacts { group, account, line, switched, closures: Vec::new() });
        let count = 2 + u32::try_from(below(random, 9)).unwrap();
        self.add_numbers(self.tasks.len() - 1, count).await;
    }

    /// A third of tasks redials by no rule, the others by one of their account's.
    async fn redialing(&self, account: usize, random: &FixedRandom) -> (RedialSettings, Option<RedialRule>) {
        if below(random, 3) == 0 {
            return (RedialSettings::default(), None);
        }
        let number = |end: u64| i64::try_from(below(random, end)).unwrap();
        let statuses: &[i64] = if number(2) == 0 { &[4, 8] } else { &[3, 4, 6, 8] };
        let interval = [1, 30, 90, 60 * 14][usize::try_from(number(4)).unwrap()];
        let daily = (number(2) == 0).then(|| 1 + number(2));
        let rule = RedialRule::new(statuses, interval, 1 + number(4), daily).unwrap();
        let named = self.world.redial_rule(self.accounts[account], rule.clone()).await;
        (named, Some(rule))
    }

    async fn add_numbers(&mut self, task: usize, count: u32) {
        let numbers = self.next_number..self.next_number + count;
        self.next_number += count;
        let now = self.world.now();
        let account = self.accounts[self.facts.tasks[task].account];
        self.world.numbers(account, self.tasks[task].id, numbers.clone()).await;
        let e164 = numbers.map(|number| 8_613_800_000_000 + i64::from(number));
        self.tasks[task].numbers.extend(e164.map(|number| (number, now)));
    }

    /// Lets all days go by.
    pub(super) async fn run(&mut self) {
        let mut node = self.world.node();
        let (begun, mut rounds, mut watched) = (Instant::now(), 0_u32, WATCHED);
        let mut script = std::mem::take(&mut self.script).into_iter().peekable();
        while self.world.now() < self.end {
            while let Some((_, edit)) = script.next_if(|(at, _)| *at <= self.world.now()) {
                self.apply(edit).await;
                watched = WATCHED;
            }
            node.round().await.unwrap();
            rounds += 1;
            let now = self.world.now();
            if self.world.network.under_way(now) > 0 {
                watched = WATCHED;
            }
            let next_edit = script.peek().map_or(self.end, |(at, _)| *at);
            let next =
                if watched > 0 { now + SignedDuration::from_secs(1) } else { self.next_instant(now).await };
            watched = if watched > 0 { watched - 1 } else { WATCHED };
            self.go_to(&node, next.min(next_edit.max(now + SignedDuration::from_secs(1))));
        }
        eprintln!("{rounds} rounds in {:.1?}", begun.elapsed());
    }

    fn go_to(&self, node: &Dialer, next: Timestamp) {
        let span = next.duration_since(self.world.now());
        self.world.pass_with(node, i64::try_from(span.as_millis()).unwrap());
    }

    /// When there may be something to do next.
    async fn next_instant(&self, now: Timestamp) -> Timestamp {
        let sql = format!(
            "SELECT coalesce('' || min(next_attempt_at), '') FROM numbers WHERE state = 0 AND next_attempt_at > {}",
            now.as_microsecond()
        );
        let due = self.world.texts(&sql).await.remove(0).parse().ok();
        // On a whole second, as all else is.
        let due = due.map(|micros: i64| Timestamp::from_second((micros + 999_999) / 1_000_000).unwrap());
        let leap = now + LONGEST_LEAP;
        self.facts.next_turn(now).into_iter().chain(due).fold(leap, Timestamp::min)
    }

    async fn apply(&mut self, edit: Edit) {
        let now = self.world.now();
        match edit {
            Edit::Switch(task, on) => {
                let account = self.accounts[self.facts.tasks[task].account];
                self.world.enable(account, self.tasks[task].id, on).await;
                self.facts.tasks[task].switched.push((now, on));
            }
            Edit::Replan(group, plan) => self.replan(group, *plan).await,
            Edit::Close(task, begin, end) => {
                self.close(task, KnownClosure { known_at: now, begin, end, revoked_at: None }).await;
            }
            Edit::Override(group, open, until) if now < until => self.set_group(group, open, until).await,
            Edit::Ceiling(account, group) => self.set_ceiling(account, group).await,
            Edit::Plan(account, begin, end) => self.plan(account, begin, end).await,
            Edit::Revoke => self.revoke().await,
            Edit::Stop(what, on) if self.facts.is_stopped(what, now) != on => {
                let partner = self.world.accounts.partner;
                let target = match what {
                    StopPlace::Installation => StopTarget::Installation,
                    StopPlace::Partner => StopTarget::Partner(partner),
                    StopPlace::Account(place) => StopTarget::Account(partner, self.accounts[place]),
                    StopPlace::Line(place) => StopTarget::Line(partner, self.lines[place]),
                };
                self.world.stop(target, on).await;
                self.facts.stops.push((now, what, on));
            }
            Edit::Override(..) | Edit::Stop(..) => {}
            Edit::Add(task, count) => self.add_numbers(task, count).await,
        }
    }

    /// Gives a group other windows, in the zone that it has.
    async fn replan(&mut self, group: usize, mut plan: GroupPlan) {
        plan.zone = self.group_zones[group];
        let change = change(&plan);
        let (id, account) = self.groups[group];
        let mut tx = self.world.store.begin().await.unwrap();
        let locked =
            edits::groups::lock_to_update(&mut tx, self.accounts[account], id, change).await.unwrap();
        edits::groups::update(&mut tx, locked, &self.world.change()).await.unwrap();
        tx.commit().await.unwrap();
        let until = self.known_until();
        self.facts.groups[group].save(&plan, self.world.now(), until);
    }

    async fn set_group(&mut self, group: usize, open: bool, until: Timestamp) {
        let (reason, by) = (StatedReason::parse("x").unwrap(), SetBy::CommandLine);
        let order = OverrideOrder { open, until: OverrideEnd::At(until), reason, by };
        let (id, account) = self.groups[group];
        let mut tx = self.world.store.begin().await.unwrap();
        let locked = edits::groups::lock_to_override(&mut tx, self.accounts[account], id).await.unwrap();
        edits::groups::set_override(&mut tx, locked, order, &self.world.change()).await.unwrap();
        tx.commit().await.unwrap();
        self.facts.groups[group].set(open, self.world.now(), until);
    }

    /// What runs beside the dialer and has groups looked at again for which a ceiling or a closure came or went.
    async fn publish(&self) {
        loop {
            let mut tx = self.world.store.begin().await.unwrap();
            let step = transitions::publish_stops(&mut tx, self.world.now()).await.unwrap();
            tx.commit().await.unwrap();
            if matches!(step, Step::Nothing) {
                return;
            }
        }
    }

    async fn set_ceiling(&mut self, account: usize, group: Option<usize>) {
        let now = self.world.now();
        if group == self.facts.ceiling(account, now) {
            return;
        }
        let target = CeilingTarget::Account(self.world.accounts.partner, self.accounts[account]);
        let (by, change) = (SetBy::CommandLine, self.world.change());
        let mut tx = self.world.store.begin().await.unwrap();
        match group {
            Some(group) => {
                let group = (self.accounts[account], self.groups[group].0);
                edits::ceilings::set(&mut tx, target, group, &by, &change).await.map(drop).unwrap();
            }
            None => edits::ceilings::remove(&mut tx, target, &by, &change).await.unwrap(),
        }
        tx.commit().await.unwrap();
        self.publish().await;
        self.facts.ceilings.push((now, account, group));
    }

    async fn plan(&mut self, account: Option<usize>, begin: Timestamp, end: Timestamp) {
        let (now, partner) = (self.world.now(), self.world.accounts.partner);
        let target = account.map_or(ClosureTarget::Installation, |account| {
            ClosureTarget::Account(partner, self.accounts[account])
        });
        let id = ClosureId::new(test_support::anything());
        let name = Name::parse("closure").unwrap();
        let by = SetBy::CommandLine;
        let closure = PlannedClosure { id, target, name, begin, end, by, created_at: now };
        let mut tx = self.world.store.begin().await.unwrap();
        edits::closures::plan(&mut tx, &closure, &self.world.change()).await.unwrap();
        tx.commit().await.unwrap();
        self.publish().await;
        let mut closed = Vec::new();
        for (task, facts) in self.facts.tasks.iter_mut().enumerate() {
            if account.is_none_or(|account| account == facts.account) {
                closed.push((task, facts.closures.len()));
                facts.closures.push(KnownClosure { known_at: now, begin, end, revoked_at: None });
            }
        }
        self.planned = Some((id, closed));
    }

    async fn revoke(&mut self) {
        let Some((id, closed)) = self.planned.take() else { return };
        let mut tx = self.world.store.begin().await.unwrap();
        edits::closures::revoke(&mut tx, id, &SetBy::CommandLine, &self.world.change()).await.unwrap();
        tx.commit().await.unwrap();
        self.publish().await;
        for (task, place) in closed {
            self.facts.tasks[task].closures[place].revoked_at = Some(self.world.now());
        }
    }

    async fn close(&mut self, task: usize, closure: KnownClosure) {
        let account = self.accounts[self.facts.tasks[task].account];
        let mut tx = self.world.store.begin().await.unwrap();
        let locked =
            edits::tasks::lock(&mut tx, account, self.tasks[task].id, None, self.world.now()).await.unwrap();
        let mut draft = locked.task().unwrap().draft;
        draft.bounds.closures.push(Closure { begin: closure.begin, end: closure.end });
        edits::tasks::update(&mut tx, &locked, draft, &self.world.change()).await.unwrap();
        tx.commit().await.unwrap();
        self.facts.tasks[task].closures.push(closure);
    }
}

/// All of a plan but its zone.
fn change(plan: &GroupPlan) -> GroupChange {
    GroupChange {
        content: Some(serde_json::from_value(plan.content()).unwrap()),
        seasons: Some(serde_json::from_value(plan.seasons()).unwrap()),
        skip_holiday: Some(plan.skips_holidays),
        holiday_policy: Some(plan.holiday_policy),
        holiday_windows: Some(serde_json::from_value(plan.holiday_windows()).unwrap()),
        makeup_policy: Some(plan.makeup),
        exceptions: Some(serde_json::from_value(plan.exceptions()).unwrap()),
        ..GroupChange::rename(Name::parse("group").unwrap())
    }
}
