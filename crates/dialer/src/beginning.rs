//! Attempts begin: which calls start is picked from what is in memory, then decided again in the transaction that writes the attempts
//! down, on what holds there and then.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{
    AccountId, AttemptBots, AttemptId, BotSecrets, CallDeadlines, CallMilestones, CalledNumber,
    CalleeDetails, CallerIdPolicy, CallerNumber, DialingSettings, EndReason, Evidence, Line,
    LineAllocationId, LineId, LineKind, NodeId, NumberDetails, NumberPlace, NumberProgress, OpenAttempt,
    OutcomeClass, Present, RecordingOrder, ScriptBots, ScriptId, call_deadlines,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Result, Tx,
    dialing::{self, CallsUnderWay, LeasedNumber, Route},
    do_not_call, schedules,
};
use telephony::{CallOrder, CallScript, Callee};

use crate::{
    bots::bots_of_call,
    call::Call,
    caller_turns::CallerTurns,
    calls::LEASE_MARGIN,
    dialer::{Dialer, DialerParts},
    directory::{Directory, TaskEntry},
    number_to_call::NumberToCall,
    pick::{Candidate, CandidateRoute, Rooms, pick},
    prompts::PromptCache,
    standing::{OpenLine, OpenRoute},
    writing::end_without_call,
};

/// How long before its start an attempt may be written down: two rounds with the database later, what its call can be ended with is, too.
const AHEAD: Duration = Duration::from_millis(75);

/// How many attempts are begun in one transaction.
const AT_ONCE: usize = 500;

/// How many are picked before what has become of others is written down, which takes some transactions.
const PICKED_AT_ONCE: usize = 2_000;

/// How long a callee is left alone who is in a call of the same account.
const WHILE_IN_CALL: SignedDuration = SignedDuration::from_secs(5);

/// How an attempt ends that is never placed.
type UnplacedEnd = (OutcomeClass, Option<EndReason>);

const DO_NOT_CALL: UnplacedEnd = (OutcomeClass::DoNotCall, None);
const NO_LINE_MAY: UnplacedEnd = (OutcomeClass::NotSent, Some(EndReason::Prefix));

/// A number and the line over which it is to be called.
struct Picked {
    number: NumberToCall,
    line: LineId,
}

impl Dialer {
    /// Begins the attempts that may begin now, as many as a few transactions take: where thousands of tasks open at once, the first calls of all of
    /// them come before the ends of some.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        let now = self.now();
        let holds_lease = self.lease.is_some_and(|lease| !lease.ends.is_over(now));
        if !holds_lease || self.parts.clock_difference.too_far().is_some() {
            return Ok(());
        }
        self.prompts.load(&self.parts.store).await?;
        let mut picked = self.pick_numbers(now).into_iter();
        loop {
            let next: Vec<Picked> = picked.by_ref().take(AT_ONCE).collect();
            if next.is_empty() {
                return Ok(());
            }
            self.begin_picked(next).await?;
            self.calls.round(self.now());
        }
    }

    /// Begins attempts in one transaction.
    async fn begin_picked(&mut self, picked: Vec<Picked>) -> Result<()> {
        let now = self.now();
        let Some(lease) = self.lease.filter(|lease| !lease.ends.is_over(now)) else {
            self.is_doubtful = true;
            return Ok(());
        };
        let mut tx = self.parts.store.begin().await?;
        if !dialing::holds_lease(&mut tx, lease.node, LEASE_MARGIN).await? {
            self.leased.clear();
            self.is_doubtful = true;
            return Ok(());
        }
        let decided = Decided::read(&mut tx, &self.directory, &picked).await?;
        let making = Making {
            parts: &self.parts,
            turns: &mut self.caller_turns,
            prompts: &mut self.prompts,
            node: lease.node,
            now: self.parts.now(),
            built_in: schedules::built_in_data(),
        };
        let begun = decided.begin(&mut tx, making, picked).await?;
        tx.commit().await?;
        let Begun { calls, left, without_bot, last_starts } = begun;
        self.bots.rest(without_bot, now);
        for (list, at) in last_starts {
            self.calls.note_start(list, now.steady_at(at));
        }
        left.into_iter().rev().for_each(|number| self.leased.put_back(number));
        for call in calls {
            self.calls.begin(call);
        }
        Ok(())
    }

    fn pick_numbers(&mut self, now: Present) -> Vec<Picked> {
        let under_way = self.calls.counts();
        let (candidates, mut rooms) = self.candidates(&under_way, now);
        let passed_on = self.pick_passed_on(&mut rooms, now);
        let mut picked: Vec<Picked> =
            passed_on.into_iter().map(|(number, line)| Picked { number, line }).collect();
        let chosen = pick(candidates, &mut rooms, &mut self.turns, PICKED_AT_ONCE);
        let mut later = Vec::new();
        for (list, line) in chosen {
            let Some(number) = self.leased.next(list) else { continue };
            match self.line_that_may_call(&number, line, &mut rooms, &under_way, now) {
                Some(line) => picked.push(Picked { number: NumberToCall::new(number), line }),
                None => later.push(number),
            }
        }
        self.leased.put_last(later);
        picked
    }

    /// The line that was picked for a number or, if it may not call it, another one of its task's that may and has room; `None`: there is such a
    /// line, and it has none. Where none may call it, it stays with the one that was picked, and ends as [`EndReason::Prefix`].
    fn line_that_may_call(
        &self,
        number: &LeasedNumber,
        picked: LineId,
        rooms: &mut Rooms,
        under_way: &CallsUnderWay,
        now: Present,
    ) -> Option<LineId> {
        let (list, e164) = (number.place.list, number.number.key.e164);
        if self.directory.lines.get(&picked).is_none_or(|line| line.may_call(e164)) {
            return Some(picked);
        }
        let task = self.directory.tasks.get(&list)?;
        let (user, routes) = (task.task.user, task.open_routes(&self.directory, now.wall));
        let lines = routes.iter().flat_map(|open| open.lines.iter().map(|line| (open.route, line.line)));
        let able: Vec<_> = lines.filter(|(_, line)| line.may_call(e164)).collect();
        if able.is_empty() {
            return Some(picked);
        }
        let has_room = |(route, line): &(&Route, &Arc<Line>)| {
            rooms.of(user, line.id) > 0 && left(route.calls, under_way.of_route(list, route)) > 0
        };
        let (_, line) = able.into_iter().find(has_room)?;
        rooms.take(user, line.id);
        Some(line.id)
    }

    /// The tasks that may start calls, as far as memory tells.
    fn candidates(&self, under_way: &CallsUnderWay, now: Present) -> (Vec<Candidate>, Rooms) {
        let lines = self.calls.rooms(now, now.steady.saturating_add(AHEAD));
        let mut rooms = Rooms { lines, ..Rooms::default() };
        let mut candidates = Vec::new();
        if rooms.lines.values().all(|room| *room == 0) {
            return (candidates, rooms);
        }
        let with_numbers: HashSet<i64> = self.leased.lists().collect();
        let passed_on: HashSet<i64> = self.leased.lists_passed_on().collect();
        for (list, task) in self.directory.tasks.iter().filter(|(list, _)| with_numbers.contains(list)) {
            // First what soonest leaves most of them out, where there are thousands. What is passed on takes the room of its own call.
            let room = self.room_of_task(*list, task, under_way, now).min(self.leased.of(*list));
            let has_room = room > 0 || passed_on.contains(list);
            if !has_room || task.decision(now.wall).is_none() || self.bots.rests(*list, now) {
                continue;
            }
            let (user, routes) = (task.task.user, task.open_routes(&self.directory, now.wall));
            for OpenLine { line, share } in routes.iter().flat_map(|open| &open.lines) {
                rooms.shares.insert((user, line.id), left(*share, under_way.of_user_over(user, line.id)));
            }
            let candidate_route = |open: &OpenRoute<'_>| CandidateRoute {
                room: left(open.route.calls, under_way.of_route(*list, open.route)),
                lines: open.lines.iter().map(|open| open.line.id).collect(),
            };
            candidates.push(Candidate {
                list: *list,
                account: task.task.item.task.account_id,
                user,
                room,
                routes: routes.iter().map(candidate_route).collect(),
            });
        }
        (candidates, rooms)
    }

    fn room_of_task(&self, list: i64, task: &TaskEntry, under_way: &CallsUnderWay, now: Present) -> usize {
        let pace = task.pace();
        let most = left(pace.maximumcall, under_way.of_list(list));
        let slots = self.calls.slots_of_task((list, task), most, now, now.steady.saturating_add(AHEAD));
        slots.min(starts_ahead(task.interval()))
    }
}

/// How many starts that keep this distance there are within the time that attempts are written down ahead.
fn starts_ahead(interval: Duration) -> usize {
    let more = AHEAD.as_nanos().checked_div(interval.as_nanos());
    more.map_or(usize::MAX, |more| usize::try_from(more).unwrap_or(usize::MAX).saturating_add(1))
}

fn left(most: i64, used: i64) -> usize {
    usize::try_from(most.saturating_sub(used)).unwrap_or(0)
}

/// What holds in the transaction that writes attempts down.
struct Decided {
    directory: Directory,
    under_way: CallsUnderWay,
    /// When tasks that space their calls started the last one, over all nodes.
    last_starts: BTreeMap<i64, Timestamp>,
    /// The lists whose calls found no bot with room.
    without_bot: HashSet<i64>,
}

/// What calls are made with.
struct Making<'m> {
    parts: &'m DialerParts,
    turns: &'m mut CallerTurns,
    prompts: &'m mut PromptCache,
    node: NodeId,
    now: Present,
    /// The version of the calendars that are built in.
    built_in: String,
}

/// Whether calls over a line are to have their script: where it is run or, on a simulated line, where it says what is done on machines.
fn needs_script(line: &Line) -> bool {
    match &line.draft.settings.kind {
        LineKind::Simulated(simulation) => simulation.has_machines(),
        LineKind::Sip(_) => true,
    }
}

/// The scripts that calls run, with the secrets of their bots, by list and id.
type CallScripts = HashMap<(i64, ScriptId), (CallScript, BotSecrets)>;

/// The calls to make, and the numbers that are not called now.
struct Begun {
    calls: Vec<Call>,
    left: Vec<NumberToCall>,
    /// The lists whose calls found no bot with room.
    without_bot: HashSet<i64>,
    last_starts: BTreeMap<i64, Timestamp>,
}

impl Decided {
    /// Reads again what the attempts rest on, with all that limits them locked.
    async fn read(tx: &mut Tx, known: &Directory, picked: &[Picked]) -> Result<Self> {
        let mut lists: Vec<i64> = picked.iter().map(|one| one.number.number.place.list).collect();
        lists.sort_unstable();
        lists.dedup();
        let entries = lists.iter().filter_map(|list| known.tasks.get(list));
        let (mut users, mut shares): (Vec<AccountId>, Vec<LineAllocationId>) = (Vec::new(), Vec::new());
        for entry in entries {
            users.push(entry.task.user);
            let lines = entry.routes.iter().flat_map(|route| &route.lines);
            shares.extend(lines.filter_map(|line| Some(line.share?.allocation)));
        }
        users.sort_unstable();
        users.dedup();
        dialing::lock_scripts(tx, &known.scripts_with_capacity(&lists.iter().copied().collect())).await?;
        let locked = dialing::lock_lists(tx, &lists).await?;
        let lists: Vec<i64> = locked.keys().copied().collect();
        dialing::lock_shares(tx, &shares).await?;
        let mut directory = Directory::read_lists(tx, &lists, &[]).await?;
        directory.registered.clone_from(&known.registered);
        directory.bots.clone_from(&known.bots);
        let mut under_way = dialing::calls_under_way(tx, &lists, &users).await?;
        if directory.tasks.values().any(|task| !task.task.scripts.bots.is_empty()) {
            under_way.by_bot = dialing::calls_of_bots(tx, &users).await?;
        }
        let last_starts = locked.into_iter().filter_map(|(list, last)| Some((list, last?))).collect();
        Ok(Self { directory, under_way, last_starts, without_bot: HashSet::new() })
    }

    async fn begin(mut self, tx: &mut Tx, mut making: Making<'_>, picked: Vec<Picked>) -> Result<Begun> {
        let Making { now, node, .. } = making;
        let never_placed = self.never_placed(tx, &picked, now).await?;
        let scripts = self.scripts(tx, &mut making, &picked).await?;
        let mut calls: BTreeMap<AttemptId, Call> = BTreeMap::new();
        let mut left = Vec::new();
        for Picked { number, line } in picked {
            let place = number.number.place;
            match self.call(&mut making, &scripts, &number, line) {
                Some(call) => {
                    // What is not placed takes nobody's room, and no start of its task.
                    if !never_placed.contains_key(&place) {
                        self.note_start(&call);
                    }
                    drop(calls.insert(call.attempt.id, call));
                }
                None => left.push(number),
            }
        }
        let attempts: Vec<OpenAttempt> = calls.values().map(|call| call.attempt.clone()).collect();
        let begun = dialing::begin_attempts(tx, node, &attempts).await?;
        let begun = begun.into_iter().filter_map(|id| calls.remove(&id));
        let (unplaced, begun): (Vec<Call>, Vec<Call>) =
            begun.partition(|call| never_placed.contains_key(&call.attempt.place));
        for end in [DO_NOT_CALL, NO_LINE_MAY] {
            let ends_so = |call: &&Call| never_placed.get(&call.attempt.place) == Some(&end);
            let attempts = unplaced.iter().filter(ends_so).map(|call| call.attempt.clone()).collect();
            end_without_call(tx, attempts, end, now.wall).await?;
        }
        let started: Vec<&OpenAttempt> = begun.iter().map(|call| &call.attempt).collect();
        dialing::publish_started(tx, &started).await?;
        let busy: Vec<_> = calls.into_values().map(|call| call.attempt.place).collect();
        let until = now.wall.saturating_add(WHILE_IN_CALL).unwrap_or(now.wall);
        dialing::put_off(tx, node, &busy, until).await?;
        self.last_starts
            .retain(|list, _| self.directory.tasks.get(list).is_some_and(|task| !task.interval().is_zero()));
        dialing::note_last_starts(tx, &self.last_starts).await?;
        Ok(Begun { calls: begun, left, without_bot: self.without_bot, last_starts: self.last_starts })
    }

    /// Makes a call of a number, if the call may start.
    fn call(
        &mut self,
        making: &mut Making<'_>,
        scripts: &CallScripts,
        number: &NumberToCall,
        line: LineId,
    ) -> Option<Call> {
        let Making { parts, now, .. } = *making;
        let list = number.number.place.list;
        let task = self.directory.tasks.get(&list)?.clone();
        let decision = task.decision(now.wall)?;
        let routes = task.open_routes(&self.directory, now.wall);
        let mut lines = routes.iter().flat_map(|open| open.lines.iter().map(|line| (open.route, *line)));
        let (route, OpenLine { line, share }) = lines.find(|(_, open)| open.line.id == line)?;
        let (user, line) = (task.task.user, line.clone());
        let has_room = self.under_way.of_list(list) < task.pace().maximumcall
            && self.under_way.of_route(list, route) < route.calls
            && self.under_way.of_user_over(user, line.id) < share;
        let settings = &line.draft.settings;
        let rules = &task.dialing().calls;
        let deadlines = call_deadlines(decision.next_change, settings, rules, parts.clock_difference());
        let start = self.last_starts.get(&list).map_or(now.wall, |last| now.wall.max(task.next_start(*last)));
        let not_before = now.steady_at(start);
        let is_early = now.steady.saturating_add(AHEAD) < not_before;
        if !has_room || is_early || deadlines.latest_start.is_some_and(|latest| latest < start) {
            return None;
        }
        let evidence = Evidence {
            latest_start: deadlines.latest_start,
            cancel_at: deadlines.cancel_at,
            latest_end: deadlines.latest_end,
            ..Evidence::of(&task.task.item, &decision, &making.built_in, now.wall)
        };
        let script_id = script_of(&task, &number.number, now)?;
        let script = if needs_script(&line) { Some(scripts.get(&(list, script_id))?.clone()) } else { None };
        let is_sip = matches!(line.draft.settings.kind, LineKind::Sip(_));
        let bots = match task.bots_of(script_id).filter(|_| is_sip) {
            Some(bots) => Some(self.choose_bots(making, bots, list)?),
            None => None,
        };
        let made =
            Made { task: &task, line: &line, deadlines, number: &number.number, script_id, script, bots };
        let (attempt, order) = made.attempt(&evidence, making)?;
        let mut call = Call::new(attempt, number.clone(), task, order, now);
        call.not_before = not_before;
        call.starts_at = start;
        Some(call)
    }

    /// The bots of a call: one for each step that has some. A list whose calls find none with room is noted.
    fn choose_bots(&mut self, making: &Making<'_>, bots: &ScriptBots, list: i64) -> Option<AttemptBots> {
        let chance = || {
            let mut bytes = [0; 8];
            making.parts.random.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        };
        let (directory, under_way) = (&self.directory, &self.under_way);
        let chosen = bots.choose(|url| directory.bot_state(url), |bot| under_way.of_bot(bot), chance);
        if chosen.is_none() {
            self.without_bot.insert(list);
        }
        chosen
    }

    /// The scripts of those calls that run one, as far as all that they play is at hand.
    async fn scripts(&self, tx: &mut Tx, making: &mut Making<'_>, picked: &[Picked]) -> Result<CallScripts> {
        let named = picked.iter().filter_map(|Picked { number, line }| {
            let line = self.directory.lines.get(line)?;
            let task = self.directory.tasks.get(&number.number.place.list)?;
            let script = script_of(task, &number.number, making.now).filter(|_| needs_script(line))?;
            Some((number.number.place.list, script))
        });
        let scripts = dialing::scripts_to_run(tx, &named.collect()).await?;
        let ready = scripts.into_iter().filter_map(|(key, script)| {
            let secrets = script.secrets.clone();
            Some((key, (making.prompts.script(script)?, secrets)))
        });
        Ok(ready.collect())
    }

    fn note_start(&mut self, call: &Call) {
        let OpenAttempt { place, user_id, line_id, .. } = call.attempt;
        self.under_way.add(place.list, user_id, line_id);
        if let Some(bots) = &call.attempt.bots {
            self.under_way.add_bots(bots);
        }
        self.last_starts.insert(place.list, call.starts_at);
    }

    /// The numbers among these that are not called, and how their attempts end: those that must not be, and those that no line may call.
    async fn never_placed(
        &self,
        tx: &mut Tx,
        picked: &[Picked],
        now: Present,
    ) -> Result<HashMap<NumberPlace, UnplacedEnd>> {
        let may_not = |Picked { number, line }: &&Picked| {
            let line = self.directory.lines.get(line);
            line.is_some_and(|line| !line.may_call(number.number.number.key.e164))
        };
        let refused = picked.iter().filter(may_not).map(|one| (one.number.number.place, NO_LINE_MAY));
        let mut ends: HashMap<NumberPlace, UnplacedEnd> = refused.collect();
        ends.extend(self.barred(tx, picked, now).await?.into_iter().map(|place| (place, DO_NOT_CALL)));
        Ok(ends)
    }

    /// The numbers among these that must not be called.
    async fn barred(&self, tx: &mut Tx, picked: &[Picked], now: Present) -> Result<HashSet<NumberPlace>> {
        let mut by_account: BTreeMap<(AccountId, AccountId), Vec<(i64, NumberPlace)>> = BTreeMap::new();
        for Picked { number: NumberToCall { number, .. }, .. } in picked {
            let Some(task) = self.directory.tasks.get(&number.place.list) else { continue };
            let whose = (task.task.item.task.account_id, task.task.user);
            by_account.entry(whose).or_default().push((number.number.key.e164, number.place));
        }
        let mut barred = HashSet::new();
        for ((account, user), numbers) in by_account {
            let called: Vec<i64> = numbers.iter().map(|(number, _)| *number).collect();
            let found = do_not_call::barred(tx, account, user, &called, now.wall).await?;
            let places = numbers.into_iter().filter(|(number, _)| found.contains(number));
            barred.extend(places.map(|(_, place)| place));
        }
        Ok(barred)
    }
}

/// What records say of a callee.
fn callee_details(details: &NumberDetails) -> CalleeDetails {
    CalleeDetails {
        name: details.name.clone(),
        company: details.company.clone(),
        extra: details.extra.clone(),
    }
}

/// Whether a call of a task is recorded.
fn recording_order(task: &TaskEntry, by_default: bool) -> Option<RecordingOrder> {
    let (item, rules) = (&task.task.item.task, &task.dialing().calls);
    rules.record.unwrap_or(by_default).then(|| RecordingOrder {
        account: item.account_id,
        task: item.id,
        kept_days: rules.recording_retention_days(),
    })
}

/// The script that a call runs which begins now.
fn script_of(task: &TaskEntry, number: &LeasedNumber, now: Present) -> Option<ScriptId> {
    let clock = task.task.item.group.draft.timezone.time_zone().to_datetime(now.wall);
    task.dialing().script.at(number.number.details.control_select_robot.as_deref(), clock)
}

/// What an attempt is made of.
struct Made<'m> {
    task: &'m TaskEntry,
    line: &'m Arc<Line>,
    deadlines: CallDeadlines,
    number: &'m LeasedNumber,
    script_id: ScriptId,
    script: Option<(CallScript, BotSecrets)>,
    bots: Option<AttemptBots>,
}

impl Made<'_> {
    fn attempt(self, evidence: &Evidence, making: &mut Making<'_>) -> Option<(OpenAttempt, CallOrder)> {
        let shown = self.caller_id(making.turns);
        let Making { parts, node, now, .. } = *making;
        let Self { task, line, number, deadlines, script_id, script, bots } = self;
        let (place, number, item) = (number.place, &number.number, &task.task.item.task);
        let id = AttemptId::generate(&*parts.clock, &*parts.random);
        let mut attempt = OpenAttempt {
            id,
            account_id: item.account_id,
            user_id: task.task.user,
            node_id: node,
            place,
            task_id: item.id,
            task_name: item.draft.name.as_str().to_owned(),
            number: CalledNumber {
                e164: number.key.e164,
                phone: number.phone.clone(),
                details: callee_details(&number.details),
            },
            line_id: line.id,
            caller_id: shown.as_ref().map(|number| number.as_str().to_owned()),
            script_id: Some(script_id.get()),
            bots: None,
            bot_token_sha256: None,
            is_simulated: matches!(line.draft.settings.kind, LineKind::Simulated(_)),
            evidence: serde_json::to_string(evidence).ok()?,
            dialed_at: now.wall,
            milestones: CallMilestones::default(),
            handle: None,
            legs: Vec::new(),
            before: NumberProgress {
                status: number.status,
                tries: number.tries,
                line_failures: number.line_failures,
            },
        };
        let callee = Callee {
            e164: number.key.e164,
            extension: number.key.extension.clone(),
            phone: number.phone.clone(),
        };
        let script = script.map(|(script, secrets)| {
            let told = bots.map(|bots| bots_of_call(parts, &mut attempt, &number.details, (bots, &secrets)));
            CallScript { bots: told.map(Arc::new), ..script }
        });
        let recording = recording_order(task, parts.settings.records_calls);
        let line = Arc::clone(line);
        let order = CallOrder { attempt: id, line, callee, caller: shown, deadlines, script, recording };
        Some((attempt, order))
    }

    /// The number that the callee sees: of those of the line, or of those among them that the task chooses.
    fn caller_id(&self, turns: &mut CallerTurns) -> Option<CallerNumber> {
        let DialingSettings { calls, redial, .. } = self.task.dialing();
        let ids = &self.line.draft.settings.caller_ids;
        let is_chosen = |number: &&CallerNumber| calls.caller_ids.contains(number);
        let mut numbers: Vec<&CallerNumber> = ids.numbers.iter().filter(is_chosen).collect();
        if numbers.is_empty() {
            numbers.extend(&ids.numbers);
        }
        let place = match ids.policy {
            CallerIdPolicy::Fixed => 0,
            CallerIdPolicy::RoundRobin => return turns.next(self.line.id, &numbers),
            // Spread by the callee's number alone, so that every node and every day gives the same.
            CallerIdPolicy::SameForCallee => {
                self.number.number.key.e164.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
            }
        };
        let tries =
            if redial.takes_another_caller_id() { self.number.number.tries.unsigned_abs() } else { 0 };
        let count = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
        let place = usize::try_from(place.wrapping_add(tries).checked_rem(count)?).ok()?;
        numbers.get(place).copied().cloned()
    }
}
