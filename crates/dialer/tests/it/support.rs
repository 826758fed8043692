//! A world that can be dialed: an account with a group, a line, a script and tasks with numbers; and nodes that dial it.

use std::{sync::Arc, time::Duration};

use dialer::{Dialer, DialerParts, DialerSettings};
use domain::{
    AccountId, Attempt, CallPace, CallRate, CallRules, Clock as _, ClockDifference, DialTimeGroupId,
    DialingSettings, DoNotCallEntry, Generation, InstantRange, LineDraft, LineGroupDraft, LineGroupId,
    LineId, LineKind, LineLimit, LineSettings, Name, NewNumber, NumberDetails, NumberState, OutcomeClass,
    OverrideEnd, OverrideOrder, RedialRule, RedialRuleDraft, RedialSettings, Resume, ScriptChoice, Seconds,
    SetBy, SimulatedOutcome, Simulation, StatedReason, StepAction, StopTarget, TaskBounds, TaskDraft, TaskId,
    TaskLine, TaskLines, TaskSettings, TransferExtension, TransferRing, TransferStep, TransferTarget,
    WeightedOutcome,
};
use jiff::{SignedDuration, Timestamp};
use phone::{Country, PhoneNumber};
use store::{
    Page, Store, attempts,
    audit::{Actor, Change},
    do_not_call, edits, lines,
    numbers::{self, Duplicates, NumberCounts},
};
use telephony::{Carrier, Carriers};
pub(crate) use test_support::DatabaseKind as Database;
use test_support::{
    Accounts, FixedRandom, Network, OwnDatabase, SetClock, Steady, Traffic, anything, create_group,
    create_line, create_script, create_script_of,
};

/// A Wednesday, at nine in the morning in Shanghai.
pub(crate) const NINE: &str = "2026-06-10T09:00:00+08:00";

/// Every day, the whole day.
pub(crate) const ALWAYS: &str = r#"[{"week":0,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":1,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":2,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":3,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":4,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":5,"times":[{"begin_time":"00:00","end_time":"24:00"}]},{"week":6,"times":[{"begin_time":"00:00","end_time":"24:00"}]}]"#;

/// The script of every task.
pub(crate) const SCRIPT: i64 = 297;

pub(crate) struct World {
    pub(crate) database: OwnDatabase,
    pub(crate) store: Store,
    pub(crate) clock: Arc<SetClock>,
    /// Behind what nobody can set; it goes as far as the clock does.
    steady: Arc<SetClock>,
    pub(crate) accounts: Accounts,
    pub(crate) network: Arc<Network>,
    random: Arc<FixedRandom>,
    /// How nodes of this world work.
    pub(crate) settings: DialerSettings,
}

/// What a simulated line does, always the same: how calls end, after how many seconds of ringing and of talk.
pub(crate) fn always(class: OutcomeClass, ring: i64, talk: i64) -> LineSettings {
    let outcome = SimulatedOutcome {
        ring: Seconds::new(ring, ring).unwrap(),
        talk: Seconds::new(talk, talk).unwrap(),
        ..SimulatedOutcome::of(class)
    };
    let simulation = Simulation { rules: Vec::new(), outcomes: vec![WeightedOutcome { weight: 1, outcome }] };
    LineSettings { cps: rate(1_000_000), ..LineSettings::new(LineKind::Simulated(simulation), 1_000) }
}

pub(crate) fn rate(thousandths: i64) -> CallRate {
    CallRate::from_thousandths(thousandths).unwrap()
}

/// What a task is dialed by, of those settings that tests vary.
#[derive(Clone, Default)]
pub(crate) struct Dialed {
    pub(crate) calls: i64,
    pub(crate) redial: RedialSettings,
    pub(crate) pause: Option<i64>,
    pub(crate) interval: Option<i64>,
    /// The most calls at once over its line, or over its line group.
    pub(crate) limit: Option<i64>,
    /// What holds for each call.
    pub(crate) rules: CallRules,
    /// Scripts beside [`SCRIPT`], or one in its place.
    pub(crate) script: ScriptChoice,
}

impl Dialed {
    /// What it is over a line.
    fn settings(self, line: LineId) -> DialingSettings {
        let Self { calls, redial, pause, interval, limit, rules, script } = self;
        let limited = TaskLine::Limited(LineLimit { id: line.uuid(), limit });
        DialingSettings {
            lines: TaskLines { line: vec![limited], ..TaskLines::default() },
            pace: CallPace { maximumcall: calls, call_pause_second: pause, interval_time: interval },
            script: ScriptChoice {
                destination_extension: if script.destination_extension > 0 {
                    script.destination_extension
                } else {
                    SCRIPT
                },
                ..script
            },
            redial,
            calls: rules,
            ..DialingSettings::default()
        }
    }
}

impl World {
    pub(crate) async fn new(database: Database) -> Self {
        Self::at(database, NINE).await
    }

    pub(crate) async fn at(database: Database, now: &str) -> Self {
        let database = OwnDatabase::migrated(database);
        let store = database.connect().await;
        let now: Timestamp = now.parse().unwrap();
        let random = Arc::new(FixedRandom::new(7));
        let accounts = Accounts::create(&store, now).await;
        let world = Self {
            database,
            store,
            clock: Arc::new(SetClock::standing(now)),
            steady: Arc::new(SetClock::standing(now)),
            accounts,
            network: Network::new(random.clone()),
            random,
            settings: DialerSettings {
                // By the database's clock, which a busy machine lets run far ahead of the tests'.
                node_lease: SignedDuration::from_mins(1),
                line_share: SignedDuration::from_mins(1),
                directory_age: Duration::ZERO,
                ..DialerSettings::default()
            },
        };
        world.script(accounts.user).await;
        world
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        let span = SignedDuration::from_millis(milliseconds);
        self.clock.set(self.now() + span);
        self.steady.set(self.steady.now() + span);
    }

    /// Sets the clock so many seconds forward, or back; no time passes.
    pub(crate) fn set_clock_by(&self, seconds: i64) {
        self.clock.set(self.now() + SignedDuration::from_secs(seconds));
    }

    /// What a query of one text column gives, sorted.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql).await
    }

    pub(crate) fn change(&self) -> Change {
        Change { actor: Actor::CommandLine, at: self.now() }
    }

    pub(crate) fn seen(&self) -> Traffic {
        self.network.traffic(self.now())
    }

    pub(crate) async fn script(&self, account: AccountId) {
        self.script_with_id(account, SCRIPT).await;
    }

    pub(crate) async fn script_with_id(&self, account: AccountId, id: i64) {
        create_script(&self.store, account, id, &self.change()).await;
    }

    /// A script of the user that connects callees with someone over a line.
    pub(crate) async fn transferring_script(&self, id: i64, line: LineId) {
        let step = TransferStep {
            to: TransferTarget::Extension(TransferExtension::parse("801").unwrap()),
            line: line.uuid(),
            ring: TransferRing::or(30),
            no_answer: None,
        };
        let (user, action) = (self.accounts.user, StepAction::Transfer(step));
        create_script_of(&self.store, user, id, vec![action], &self.change()).await;
    }

    pub(crate) async fn group(&self, account: AccountId, windows: &str) -> DialTimeGroupId {
        create_group(&self.store, account, windows, &self.change()).await
    }

    /// A line, of which each of these users has a share.
    pub(crate) async fn line(&self, settings: LineSettings, users: &[AccountId], share: i64) -> LineId {
        create_line(&self.store, self.accounts.partner, settings, (users, share), &self.change()).await
    }

    pub(crate) async fn change_line(&self, id: LineId, settings: LineSettings) {
        let draft = LineDraft { name: Name::parse("line").unwrap(), secret: None, settings };
        let mut tx = self.store.begin().await.unwrap();
        let line = lines::lock(&mut tx, self.accounts.partner, id).await.unwrap();
        lines::update(&mut tx, &line, &draft, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A group of lines.
    pub(crate) async fn line_group(&self, lines: &[LineId], failover: &[OutcomeClass]) -> LineId {
        let id = LineGroupId::new(anything());
        let draft = LineGroupDraft {
            name: Name::parse("group").unwrap(),
            description: String::new(),
            lines: lines.to_vec(),
            failover: failover.to_vec(),
        };
        let mut tx = self.store.begin().await.unwrap();
        lines::create_group(&mut tx, self.accounts.partner, id, &draft, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
        LineId::new(id.uuid())
    }

    /// A task that is switched on, over a line or the group that has this id.
    pub(crate) async fn task(
        &self,
        account: AccountId,
        group: DialTimeGroupId,
        line: LineId,
        dialed: Dialed,
    ) -> TaskId {
        let dialing = dialed.settings(line);
        let draft = TaskDraft {
            name: Name::parse("task").unwrap(),
            dial_time_id: group,
            bounds: TaskBounds::default(),
            resume: Resume::default(),
            settings: TaskSettings { dialing, ..TaskSettings::default() },
        };
        let id = TaskId::new(anything());
        let mut tx = self.store.begin().await.unwrap();
        edits::tasks::create(&mut tx, account, id, Generation::V1, draft, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
        self.enable(account, id, true).await;
        id
    }

    /// Makes a redial rule of an account; gives what a task says to be dialed by it.
    pub(crate) async fn redial_rule(&self, account: AccountId, rule: RedialRule) -> RedialSettings {
        let draft = RedialRuleDraft { name: Name::parse("rule").unwrap(), remark: None, rule };
        let mut tx = self.store.begin().await.unwrap();
        let stored =
            edits::redial_rules::create(&mut tx, account, None, &draft, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
        RedialSettings { auto_recycle_rule_id: Some(stored.id.get()), ..RedialSettings::default() }
    }

    /// Has a task dialed in another way.
    pub(crate) async fn change_dialing(
        &self,
        account: AccountId,
        task: TaskId,
        line: LineId,
        dialed: Dialed,
    ) {
        let mut tx = self.store.begin().await.unwrap();
        let locked = edits::tasks::lock(&mut tx, account, task, None, self.now()).await.unwrap();
        let mut draft = locked.task().unwrap().draft;
        draft.settings.dialing = dialed.settings(line);
        edits::tasks::update(&mut tx, &locked, draft, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn enable(&self, account: AccountId, task: TaskId, enabled: bool) {
        let mut tx = self.store.begin().await.unwrap();
        let locked = edits::tasks::lock(&mut tx, account, task, None, self.now()).await.unwrap();
        edits::tasks::set_enabled(&mut tx, &locked, enabled, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Adds the numbers 138 0000 0000 and so on to a task.
    pub(crate) async fn numbers(&self, account: AccountId, task: TaskId, numbers: std::ops::Range<u32>) {
        self.numbers_with(account, task, numbers, NumberDetails::default()).await;
    }

    /// The same, of each of which this is known.
    pub(crate) async fn numbers_with(
        &self,
        account: AccountId,
        task: TaskId,
        numbers: std::ops::Range<u32>,
        details: NumberDetails,
    ) {
        let china = Country::parse("CN").unwrap();
        let number = |number: u32| NewNumber {
            details: details.clone(),
            ..NewNumber::new(PhoneNumber::parse(&format!("138{number:08}"), china).unwrap())
        };
        let new: Vec<NewNumber> = numbers.map(number).collect();
        let mut tx = self.store.begin().await.unwrap();
        let mut locked = edits::numbers::lock(&mut tx, account, task, &self.change()).await.unwrap();
        numbers::add(&mut tx, &mut locked.list, &new, Duplicates::Skip, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A task of the user, always open, over a line of its own; with so many numbers.
    pub(crate) async fn simple(&self, line: LineSettings, dialed: Dialed, count: u32) -> (TaskId, LineId) {
        let user = self.accounts.user;
        let line = self.line(line, &[user], 10_000).await;
        let group = self.group(user, ALWAYS).await;
        let task = self.task(user, group, line, dialed).await;
        self.numbers(user, task, 0..count).await;
        (task, line)
    }

    /// A node that has not begun.
    pub(crate) fn node(&self) -> Dialer {
        self.node_on(&self.store)
    }

    /// A node whose SIP lines have this carrier.
    pub(crate) fn node_with(&self, sip: Arc<dyn Carrier>) -> Dialer {
        let mut parts = self.parts(&self.store);
        parts.carriers.sip = Some(sip);
        Dialer::new(parts)
    }

    pub(crate) fn node_on(&self, store: &Store) -> Dialer {
        Dialer::new(self.parts(store))
    }

    /// What a node of this world works with.
    pub(crate) fn parts(&self, store: &Store) -> DialerParts {
        DialerParts {
            store: store.clone(),
            clock: self.clock.clone(),
            steady: Arc::new(Steady(self.steady.clone())),
            random: self.random.clone(),
            clock_difference: Arc::new(ClockDifference::ignored()),
            carriers: Carriers { simulated: self.network.node(), sip: None },
            settings: self.settings,
        }
    }

    /// Closes a group until an instant.
    pub(crate) async fn close_until(&self, account: AccountId, id: DialTimeGroupId, end: Timestamp) {
        let (until, reason) = (OverrideEnd::At(end), StatedReason::parse("x").unwrap());
        let order = OverrideOrder { open: false, until, reason, by: SetBy::CommandLine };
        let mut tx = self.store.begin().await.unwrap();
        let group = edits::groups::lock_to_override(&mut tx, account, id).await.unwrap();
        edits::groups::set_override(&mut tx, group, order, &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Turns the kill switch on or off.
    pub(crate) async fn stop(&self, target: StopTarget, is_on: bool) {
        let by = SetBy::CommandLine;
        let mut tx = self.store.begin().await.unwrap();
        if is_on {
            edits::stops::stop(&mut tx, target, None, by, &self.change()).await.unwrap();
        } else {
            edits::stops::resume(&mut tx, target, None, &by, &self.change()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Has an account not call a number.
    pub(crate) async fn bar(&self, account: AccountId, number: i64) {
        let entry = DoNotCallEntry { number, reason: None, source: "test".to_owned(), until: None };
        let mut tx = self.store.begin().await.unwrap();
        do_not_call::add(&mut tx, account, &[entry], &self.change()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn counts(&self, account: AccountId, task: TaskId) -> NumberCounts {
        numbers::counts(&mut self.store.read().await.unwrap(), account, task).await.unwrap()
    }

    pub(crate) async fn in_state(&self, task: TaskId, state: NumberState) -> i64 {
        self.counts(self.accounts.user, task).await.in_state(state)
    }

    /// Every record of the user, those that count no try included.
    pub(crate) async fn records(&self) -> Vec<Attempt> {
        let mut read = self.store.read().await.unwrap();
        let scope = attempts::AttemptScope::Account(self.accounts.user);
        let filter = attempts::AttemptFilter {
            dialed: InstantRange::ALL,
            ended: None,
            number: None,
            statuses: None,
            with_uncounted: true,
            answered_by: Vec::new(),
            end_reasons: Vec::new(),
            bot: None,
            recorded_at: None,
            result: None,
        };
        let mut all = Vec::new();
        for number in 1.. {
            let page = attempts::list(&mut read, scope, &filter, Page { number, size: 1_000 }).await.unwrap();
            all.extend(page.items);
            if page.total <= i64::from(number) * 1_000 {
                break;
            }
        }
        all
    }

    /// Runs a node for so many steps of so many milliseconds.
    pub(crate) async fn run(&self, node: &mut Dialer, steps: usize, milliseconds: i64) {
        for _ in 0..steps {
            node.round().await.unwrap();
            self.pass_with(node, milliseconds);
        }
    }

    /// Lets time pass as the loop does that keeps a node's calls: it stops wherever a call is to start.
    pub(crate) fn pass_with(&self, node: &Dialer, milliseconds: i64) {
        let mut left = milliseconds;
        while left > 0 {
            let now = node.now();
            let step = match node.calls().round(now) {
                Some(next) => {
                    i64::try_from(next.saturating_sub(now.steady).as_millis()).unwrap().clamp(1, left)
                }
                None => left,
            };
            self.pass(step);
            left -= step;
        }
    }

    /// What is counted of a task's numbers is what there is: nothing is left over in the counts.
    pub(crate) async fn check_counts(&self, task: TaskId) {
        let counted = self.counts(self.accounts.user, task).await;
        let mut read = self.store.read().await.unwrap();
        let place = numbers::page(
            &mut read,
            self.accounts.user,
            task,
            &numbers::NumberListFilter::default(),
            Page { number: 1, size: 10_000 },
        )
        .await
        .unwrap();
        for state in NumberState::ALL {
            let rows = place.items.iter().filter(|number| number.state == state).count();
            assert_eq!(counted.in_state(state), i64::try_from(rows).unwrap(), "{state:?}");
        }
    }
}
