//! The dialer: from numbers that are due to attempts that have ended, round by round. Each round reads what may be dialed, claims
//! numbers, begins attempts and writes down how others ended; each of these is one transaction for all tasks together.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{
    AccountHold, AccountId, BEFORE_CLOSE, CallEnd, Clock, ClockDifference, EndReason, LineId, NodeId,
    Present, Random, SteadyClock, TaskId, TaskReason,
};
use jiff::{SignedDuration, Timestamp};
use store::{Result, Store, dialing};
use telephony::Carriers;

use crate::{
    call::{Call, OwnEnd},
    caller_turns::CallerTurns,
    calls::Calls,
    directory::{Directory, TaskEntry},
    figures,
    known_bots::KnownBots,
    leased::Leased,
    node::NodeLease,
    pick::Turns,
    prompts::PromptCache,
    settings::DialerSettings,
};

/// How many leased numbers are given back in one transaction.
const GIVEN_BACK_AT_ONCE: u32 = 1_000;

/// After all that may be dialed was read, it is read again when so many times as long has passed as that took.
const WHOLE_DIRECTORY_REST: u32 = 8;

/// The longest time until it is read again.
const LONGEST_DIRECTORY_AGE: Duration = Duration::from_secs(5);

/// Within so long of an edit the calls are ended that it forbids.
const EDITS_HOLD_WITHIN: Duration = Duration::from_secs(2);

/// What a dialer works with.
#[derive(Clone)]
pub struct DialerParts {
    /// Where numbers and attempts are.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How much time has passed.
    pub steady: Arc<dyn SteadyClock>,
    /// What ids are made of.
    pub random: Arc<dyn Random>,
    /// How far the clock is from the database's.
    pub clock_difference: Arc<ClockDifference>,
    /// What carries calls.
    pub carriers: Carriers,
    /// How it works.
    pub settings: DialerSettings,
}

/// Dials.
pub struct Dialer {
    pub(crate) parts: DialerParts,
    pub(crate) calls: Arc<Calls>,
    pub(crate) lease: Option<NodeLease>,
    pub(crate) directory: Directory,
    directory_until: Duration,
    whole_directory_until: Duration,
    pub(crate) leased: Leased,
    pub(crate) turns: Turns,
    pub(crate) caller_turns: CallerTurns,
    pub(crate) prompts: PromptCache,
    /// Lists from which nothing was to be had since the directory was read.
    pub(crate) dry: HashSet<i64>,
    /// Tasks whose lists are finished and that are to be paused for that.
    pub(crate) finished: Vec<(AccountId, TaskId)>,
    /// Whether it is not known what of the last round was stored.
    pub(crate) is_doubtful: bool,
    /// Since when the database has answered without a break; `None` while it does not.
    pub(crate) answers_since: Option<Duration>,
    pub(crate) reap_at: Duration,
    pub(crate) shares_at: Duration,
    /// When it is looked next whether lines are up again of which it was told that they are down.
    pub(crate) ups_at: Duration,
    /// What is written down of why this node can place no call over SIP lines.
    pub(crate) written_own_failure: Option<String>,
    /// Whether it is written down that this node's clock is too far from the database's.
    pub(crate) has_written_clock: bool,
    /// The nodes that had shares of lines when it was last looked, each with how many.
    pub(crate) share_holders: Vec<(NodeId, i64)>,
    /// What it knows of bots.
    pub(crate) bots: KnownBots,
    /// When it is looked next for what was asked of calls.
    pub(crate) commands_at: Duration,
}

impl Dialer {
    /// A dialer that has not begun.
    pub fn new(parts: DialerParts) -> Self {
        let calls = Arc::new(Calls::new(Arc::new(parts.carriers.clone())));
        Self {
            parts,
            calls,
            lease: None,
            directory: Directory::default(),
            directory_until: Duration::ZERO,
            whole_directory_until: Duration::ZERO,
            leased: Leased::default(),
            turns: Turns::default(),
            caller_turns: CallerTurns::default(),
            prompts: PromptCache::default(),
            dry: HashSet::new(),
            finished: Vec::new(),
            is_doubtful: false,
            answers_since: None,
            reap_at: Duration::ZERO,
            shares_at: Duration::ZERO,
            ups_at: Duration::ZERO,
            written_own_failure: None,
            has_written_clock: false,
            share_holders: Vec::new(),
            bots: KnownBots::default(),
            commands_at: Duration::ZERO,
        }
    }

    /// Its calls, which go on whatever the database does.
    pub fn calls(&self) -> Arc<Calls> {
        self.calls.clone()
    }

    /// The present.
    pub fn now(&self) -> Present {
        self.parts.now()
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the database does not answer. Calls go on; nothing new starts.
    pub async fn round(&mut self) -> Result<()> {
        let ended = self.round_with_database().await;
        self.answers_since = self.answers_since.or_else(|| Some(self.now().steady)).filter(|_| ended.is_ok());
        self.is_doubtful |= ended.is_err();
        ended
    }

    async fn round_with_database(&mut self) -> Result<()> {
        self.keep_lease().await?;
        self.reconcile().await?;
        self.reap().await?;
        self.write_down().await?;
        self.obey().await?;
        self.look_for_ups().await?;
        if self.is_directory_old() {
            self.read_directory().await?;
            self.watch_bots();
            self.end_what_may_not_go_on();
            self.release().await?;
        }
        self.keep_shares().await?;
        self.directory.registered = self.calls.registered();
        self.note_bots().await?;
        self.begin_legs().await?;
        self.claim().await?;
        self.begin().await?;
        self.calls.round(self.now());
        Ok(())
    }

    /// Writes down what has become of calls and does what is asked of them, and nothing else: the node is about to stop.
    ///
    /// # Errors
    /// When the database does not answer; then it is to be tried again.
    pub async fn wind_up(&mut self) -> Result<()> {
        self.keep_lease().await?;
        self.calls.may_start_until(None);
        self.obey().await?;
        self.write_down().await
    }

    /// Gives back all that this node has, so that others need not wait until its lease has run out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave(&mut self) -> Result<()> {
        self.write_down().await?;
        let Some(lease) = self.lease.take() else { return Ok(()) };
        self.give_back_all(lease.node).await?;
        if self.calls.is_empty() {
            let mut tx = self.parts.store.begin().await?;
            dialing::leave(&mut tx, lease.node).await?;
            tx.commit().await?;
            self.publish_ups().await?;
        }
        Ok(())
    }

    /// Gives back all numbers that this node has leased, also those that memory does not know of.
    pub(crate) async fn give_back_all(&mut self, node: NodeId) -> Result<()> {
        self.leased.clear();
        loop {
            let mut tx = self.parts.store.begin().await?;
            let released = dialing::release_all(&mut tx, node, GIVEN_BACK_AT_ONCE).await?;
            tx.commit().await?;
            if released == 0 {
                return Ok(());
            }
        }
    }

    /// Renews the lease, or takes a new one under another id when it is lost.
    async fn keep_lease(&mut self) -> Result<()> {
        let (now, lease) = (self.now(), self.parts.settings.lease(!self.parts.store.is_shared()));
        match self.lease {
            Some(held) if !held.is_due(now) && !held.ends.is_over(now) => return Ok(()),
            Some(held) => {
                let mut tx = self.parts.store.begin().await?;
                if dialing::renew(&mut tx, held.node, lease).await? {
                    tx.commit().await?;
                    self.take_lease(NodeLease::new(held.node, now, lease));
                    return Ok(());
                }
                drop(tx);
                self.lose_lease(now);
            }
            None => {}
        }
        let node = NodeId::generate(&*self.parts.clock, &*self.parts.random);
        let mut tx = self.parts.store.begin().await?;
        dialing::enter(&mut tx, node, lease).await?;
        tx.commit().await?;
        self.written_own_failure = None;
        self.has_written_clock = false;
        self.calls.write_lines_anew();
        self.write_bots_anew();
        self.take_lease(NodeLease::new(node, now, lease));
        Ok(())
    }

    fn take_lease(&mut self, lease: NodeLease) {
        self.lease = Some(lease);
        self.calls.may_start_until(Some(lease.ends));
    }

    /// What was this node's is another's by now, which ends it.
    fn lose_lease(&mut self, now: Present) {
        tracing::error!("this node has lost its lease: its calls that nobody has answered are cancelled");
        self.lease = None;
        self.shares_at = Duration::ZERO;
        self.leased.clear();
        self.calls.may_start_until(None);
        let lost = (CallEnd::Cancelled, EndReason::LeaseLost);
        self.calls.end_where(|call| (!call.is_answered()).then_some(lost), now);
    }

    fn is_directory_old(&self) -> bool {
        self.directory_until <= self.now().steady
    }

    /// Reads what may be dialed: all of it, or between two such reads, which take long when there are many tasks, what has calls.
    async fn read_directory(&mut self) -> Result<()> {
        let now = self.now();
        let (mut at_hand, of_transfers) = (self.calls.lists(), self.calls.lines_of_transfers());
        let mut read = self.parts.store.read().await?;
        let is_whole = self.whole_directory_until <= now.steady;
        if is_whole {
            at_hand.extend(self.leased.lists());
            self.directory = Directory::read(&mut read, &at_hand, &of_transfers, now.wall).await?;
            self.forget_others();
        } else {
            let known = Directory::read_lists(&mut read, &at_hand, &of_transfers).await?;
            self.directory.renew(&at_hand, known);
        }
        drop(read);
        self.plan_next_read(now.steady, is_whole);
        if !self.parts.store.is_shared() {
            self.take_lines_whole(now);
        }
        self.calls.know_lines(&self.directory.lines, &self.directory.stopped_lines);
        self.directory.registered = self.calls.registered();
        self.dry.clear();
        figures::node_has(self.calls.now(), self.leased.count());
        Ok(())
    }

    /// The longer a read took that began at an instant, the later is the next: a node with thousands of tasks is not to read all the time.
    fn plan_next_read(&mut self, begun: Duration, was_whole: bool) {
        let (age, ended) = (self.parts.settings.directory_age, self.now().steady);
        let took = ended.saturating_sub(begun);
        if was_whole {
            let rest = took.saturating_mul(WHOLE_DIRECTORY_REST).min(LONGEST_DIRECTORY_AGE);
            self.whole_directory_until = begun.saturating_add(rest.max(age));
        }
        let rest = took.min(EDITS_HOLD_WITHIN.saturating_sub(took.saturating_mul(2)));
        self.directory_until = begun.saturating_add(age).max(ended.saturating_add(rest));
    }

    /// Forgets what is not in the directory any more.
    fn forget_others(&mut self) {
        let owner = |(list, task): (&i64, &Arc<TaskEntry>)| (*list, task.task.item.task.account_id);
        self.turns.keep(&self.directory.tasks.iter().map(owner).collect());
        let Directory { tasks, lines, .. } = &self.directory;
        self.caller_turns.keep(lines);
        self.calls.forget_others(|list| tasks.contains_key(&list), |line| lines.contains_key(&line));
    }

    /// Cancels calls that nobody has answered and that may not be made any more: after an edit, a pause, a stop of their account or line.
    /// A close that was set after they began silences them as long before it as one that they knew.
    /// Answered ones go on, unless their task says otherwise.
    fn end_what_may_not_go_on(&mut self) {
        let now = self.now();
        let Directory { tasks, stopped_lines, .. } = &self.directory;
        let removed = (CallEnd::Cancelled, EndReason::TaskRemoved);
        let ends_at = |at: Timestamp| -> HashMap<i64, OwnEnd> {
            let end = |list: &i64| tasks.get(list).map_or(Some(removed), |task| end_of_calls(task, at));
            self.calls.lists().into_iter().filter_map(|list| Some((list, end(&list)?))).collect()
        };
        let span = BEFORE_CLOSE.saturating_add(self.parts.clock_difference().abs());
        let (closed, closing) =
            (ends_at(now.wall), ends_at(now.wall.saturating_add(span).unwrap_or(now.wall)));
        if closed.is_empty() && closing.is_empty() && stopped_lines.is_empty() {
            return;
        }
        let is_held = |list: i64| {
            let task = tasks.get(&list).filter(|_| closed.contains_key(&list));
            task.is_some_and(|task| matches!(task.task.item.decide(now.wall).reason, TaskReason::Held(_)))
        };
        let may_not_ring =
            |call: &Call, line: LineId| stopped_lines.contains(&line) || is_held(call.attempt.place.list);
        self.calls.end_transfers_where(may_not_ring, now);
        let must_end = |call: &Call| {
            let list = &call.attempt.place.list;
            let is_stopped = stopped_lines.contains(&call.order.line.id);
            let stopped = is_stopped.then_some((CallEnd::Cancelled, EndReason::Stopped));
            let now = closed.get(list).copied().or(stopped);
            if call.is_answered() {
                now.filter(|_| call.is_hung_up_at_close()).map(|(_, why)| (CallEnd::Answered, why))
            } else {
                now.or_else(|| closing.get(list).map(|(_, why)| (CallEnd::CancelledAtClose, *why)))
            }
        };
        self.calls.end_where(must_end, now);
    }

    /// Gives back the numbers of tasks that may not dial now, or not over the lines that this node could call them over.
    async fn release(&mut self) -> Result<()> {
        let Some(lease) = self.lease else { return Ok(()) };
        let now = self.now();
        let down = self.calls.lines_down();
        let kept: HashMap<i64, usize> =
            self.leased.lists().map(|list| (list, self.kept(list, &down, now))).collect();
        let dropped = self.leased.drop_others(|list| kept.get(&list).copied().unwrap_or(0));
        if dropped.is_empty() {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        dialing::release(&mut tx, lease.node, &dropped).await?;
        tx.commit().await
    }

    /// How many numbers of a list stay with this node. More than it would claim do no harm.
    fn kept(&self, list: i64, down: &HashMap<LineId, bool>, now: Present) -> usize {
        let Some(task) = self.directory.tasks.get(&list) else { return 0 };
        match self.wanted(task, down, now) {
            few @ (0 | 1) => few,
            _ => usize::MAX,
        }
    }
}

/// How the calls of a task end that nobody has answered at an instant; `None`: they may go on. At a close nobody counts that a phone rang;
/// that somebody pauses, stops or
/// closes the task while it rings does count.
fn end_of_calls(task: &TaskEntry, at: Timestamp) -> Option<OwnEnd> {
    let decision = task.task.item.decide(at);
    let end = match decision.reason {
        TaskReason::Held(AccountHold::Stopped) => (CallEnd::Cancelled, EndReason::Stopped),
        TaskReason::Held(AccountHold::Disabled) => (CallEnd::Cancelled, EndReason::AccountDisabled),
        TaskReason::Paused => (CallEnd::Cancelled, EndReason::Paused),
        TaskReason::Closure(_) => (CallEnd::Cancelled, EndReason::Closure),
        TaskReason::BeforeStart(_) | TaskReason::AfterStop(_) | TaskReason::Hours | TaskReason::Group(_) => {
            (CallEnd::CancelledAtClose, EndReason::WindowClosed)
        }
    };
    (!decision.allowed).then_some(end)
}

impl DialerParts {
    /// The present.
    pub fn now(&self) -> Present {
        Present { wall: self.clock.now(), steady: self.steady.elapsed() }
    }

    /// How far this node's clock may be wrong.
    pub fn clock_difference(&self) -> SignedDuration {
        self.clock_difference.ahead()
    }
}
