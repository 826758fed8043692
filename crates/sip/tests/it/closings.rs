//! What is promised of close, from the other side's point of view: it notes what it hears, by a clock of its own, in calls that ring, say
//! nothing, wake, ask who calls, or answer at the very moment. Closings are made up by chance, several at once on one carrier, some of them
//! with a clock that is set in between.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use domain::{AttemptId, Clock};
use jiff::{SignedDuration, Timestamp};
use sip::SipSettings;
use telephony::{CallEvent, CallOrder, Carrier as _};

use crate::{
    callees::{CalleeManner, CalleeRecord, Callees},
    chances::Chances,
    support::{WallClock, World, order, settings, trunk_with_user},
};

/// How many closings are tried where `DIALTIME_CLOSINGS` does not say it.
const CLOSINGS: usize = 20;

/// At once on one carrier.
const ON_ONE_CARRIER: usize = 5;

const CARRIERS_AT_ONCE: usize = 4;

/// Calls that are placed for one closing.
const CALLS: usize = 20;

/// Between the last CANCEL and close.
const BEFORE_CLOSE: Duration = Duration::from_secs(2);

/// How long a datagram may lie about on a machine that is busy with other tests.
const ON_ITS_WAY: Duration = Duration::from_millis(400);

/// How soon a clock that was set past close silences phones: as an edit does.
const CLOCK_IS_NOTICED: Duration = Duration::from_secs(2);

/// How long a carrier may take to be done with a call that was to be cancelled: 2 s for an answer to the CANCEL.
const CANCEL_GRACE: Duration = Duration::from_secs(3);

/// How long a phone may ring that wakes after close.
const LATE_RINGING: Duration = Duration::from_secs(1);

/// How long callees are listened to after close.
const AFTERWARDS: Duration = Duration::from_millis(3_500);

/// A clock that is set once.
#[derive(Clone)]
struct ClockOnceSet {
    begun: Instant,
    wall: Timestamp,
    /// Once it is set: when that really was, and by how much.
    set: Arc<OnceLock<ClockShift>>,
}

impl ClockOnceSet {
    fn set(&self, by: SignedDuration) {
        let _ = self.set.set(ClockShift { at: self.begun.elapsed(), by });
    }
}

impl Clock for ClockOnceSet {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.begun.elapsed()).unwrap();
        let by = self.set.get().map_or(SignedDuration::ZERO, |shift| shift.by);
        self.wall.checked_add(elapsed + by).unwrap()
    }
}

/// When the clock of a round is set, from its begin, and by how much.
#[derive(Clone, Copy, Debug)]
struct ClockShift {
    at: Duration,
    by: SignedDuration,
}

/// A call that is to be placed. Times are from the begin of its round.
#[derive(Clone, Debug)]
struct PlannedCall {
    e164: i64,
    manner: CalleeManner,
    at: Duration,
    /// Whether the clock had been set by then, known once it is placed.
    after_shift: bool,
    latest_start: Duration,
    cancel_at: Duration,
    t1x64: Duration,
}

/// The ends that were reported of a call, and when.
type Ends = HashMap<AttemptId, Vec<(Instant, CallEvent)>>;

/// One carrier and what is called over it.
struct Round {
    world: World,
    clock: ClockOnceSet,
    callees: Callees,
    shift: Option<ClockShift>,
}

impl Round {
    fn new(chances: &mut Chances) -> Self {
        let (at, by) = (chances.milliseconds(500, 4_000), i64::try_from(chances.below(5_000)).unwrap());
        let shift = match chances.below(4) {
            0 => Some(ClockShift { at, by: SignedDuration::from_millis(by) }),
            1 => Some(ClockShift { at, by: SignedDuration::from_millis(by * -900) }),
            _ => None,
        };
        let clock = ClockOnceSet { begun: Instant::now(), wall: WallClock.now(), set: Arc::default() };
        let settings = SipSettings { rtp_ports: 44_000..=49_999, ..settings(None) };
        let world = World::of(settings, Arc::new(clock.clone()));
        Self { world, clock, callees: Callees::new(0, chances.split()), shift }
    }

    /// Tries some closings, and says how many calls were placed.
    async fn run(self, mut chances: Chances) -> usize {
        let plan = Self::plan(&mut chances);
        let last = plan.iter().map(|call| call.cancel_at).max().unwrap();
        let (placed, ends, ()) =
            tokio::join!(self.place(&plan), self.take_reports(last + AFTERWARDS), self.set_clock());
        for (attempt, call) in &placed {
            let of_call = ends.get(attempt).map_or(&[][..], Vec::as_slice);
            let record = self.callees.record(call.e164);
            if let Err(words) = self.check(call, &record, of_call) {
                let from_begin = |at: Instant| at.duration_since(self.clock.begun);
                let ends: Vec<_> = of_call.iter().map(|(at, event)| (from_begin(*at), event)).collect();
                let invites: Vec<_> = record.invites.iter().map(|(at, _)| from_begin(*at)).collect();
                panic!("{words}: {:?}, {call:?}, {invites:?}, {ends:?}, {record:?}", self.clock.set.get());
            }
        }
        self.world.until_idle().await;
        assert_eq!(ends.len(), placed.len(), "something is told of calls that were not placed");
        placed.len()
    }

    /// What is called when, the first one first.
    fn plan(chances: &mut Chances) -> Vec<PlannedCall> {
        let mut plan: Vec<PlannedCall> = Vec::new();
        for _ in 0..ON_ONE_CARRIER {
            let t1x64 = Duration::from_secs(1 + chances.below(3));
            let latest_start = chances.milliseconds(300, 3_000);
            let cancel_at = latest_start + t1x64 + chances.milliseconds(0, 500);
            for _ in 0..CALLS {
                let e164 = 8_613_800_000_000 + i64::try_from(plan.len()).unwrap();
                let at = chances.milliseconds(0, u64::try_from(latest_start.as_millis()).unwrap() + 200);
                let manner =
                    Self::manner(chances, latest_start.saturating_sub(at), cancel_at.saturating_sub(at));
                plan.push(PlannedCall {
                    e164,
                    manner,
                    at,
                    after_shift: false,
                    latest_start,
                    cancel_at,
                    t1x64,
                });
            }
        }
        plan.sort_by_key(|call| call.at);
        plan
    }

    fn manner(chances: &mut Chances, latest_start: Duration, cancel_at: Duration) -> CalleeManner {
        let around = |chances: &mut Chances, at: Duration| {
            (at + chances.milliseconds(0, 60)).saturating_sub(Duration::from_millis(30))
        };
        let whenever = u64::try_from(cancel_at.as_millis()).unwrap() + 2_500;
        match chances.below(18) {
            0 => CalleeManner::Rings,
            1 => CalleeManner::OnlyTrying,
            2 => CalleeManner::EarlySound,
            3 => CalleeManner::Silent,
            4 | 5 => CalleeManner::Wakes(chances.milliseconds(0, whenever)),
            6 | 7 => CalleeManner::WakesAndAnswers(chances.milliseconds(0, whenever)),
            8 => CalleeManner::Challenges(chances.milliseconds(0, 3_000)),
            9 => CalleeManner::Challenges(around(chances, latest_start)),
            10 => CalleeManner::Answers(chances.milliseconds(0, 2_000)),
            11 | 12 => CalleeManner::Answers(around(chances, cancel_at)),
            13 => CalleeManner::Crosses,
            14 => CalleeManner::EndsLate(chances.milliseconds(100, 4_000)),
            15 => CalleeManner::EndsNever,
            16 => CalleeManner::HangsUp(chances.milliseconds(0, 1_000), chances.milliseconds(1_000, 2_000)),
            _ => CalleeManner::Refuses("503 Service Unavailable"),
        }
    }

    async fn set_clock(&self) {
        let Some(shift) = self.shift else { return };
        tokio::time::sleep_until((self.clock.begun + shift.at).into()).await;
        self.clock.set(shift.by);
    }

    async fn place(&self, plan: &[PlannedCall]) -> Vec<(AttemptId, PlannedCall)> {
        let mut placed = Vec::new();
        for call in plan {
            self.callees.add(call.e164, call.manner);
            tokio::time::sleep_until((self.clock.begun + call.at).into()).await;
            // Who sets the clock is of the same task as this: from here on it stays as it is until the call is placed.
            let (elapsed, now) = (self.clock.begun.elapsed(), self.clock.now());
            let order = self.order(call);
            let is_taken = self.world.carrier.place(&order, now).is_ok();
            assert_eq!(is_taken, order.deadlines.latest_start.unwrap() >= now);
            if is_taken {
                let after_shift = self.clock.set.get().is_some();
                placed.push((order.attempt, PlannedCall { at: elapsed, after_shift, ..call.clone() }));
            }
        }
        placed
    }

    fn order(&self, call: &PlannedCall) -> CallOrder {
        let mut order = order(trunk_with_user(self.callees.address), Some("secret"));
        let mut line = (*order.line).clone();
        line.draft.settings.t1x64 = call.t1x64.as_secs().try_into().unwrap();
        order.line = line.into();
        order.callee.e164 = call.e164;
        // As the dialer reckons them, by the clock of then.
        let set = self.clock.set.get().map_or(SignedDuration::ZERO, |shift| shift.by);
        let instant = |from_begin: Duration| Some(self.clock.wall + set + from_begin);
        order.deadlines.latest_start = instant(call.latest_start);
        order.deadlines.cancel_at = instant(call.cancel_at);
        order.deadlines.latest_end = instant(call.cancel_at + BEFORE_CLOSE);
        order
    }

    async fn take_reports(&self, until: Duration) -> Ends {
        let mut ends = Ends::new();
        while self.clock.begun.elapsed() < until {
            for report in self.world.carrier.reports(self.clock.now()) {
                if report.event.is_end() {
                    ends.entry(report.attempt).or_default().push((Instant::now(), report.event));
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ends
    }

    /// When an instant comes for a call, by whichever clock is first, and whether that is because the clock on the wall was set.
    fn comes(&self, instant: Duration, call: &PlannedCall) -> (Instant, bool) {
        let signed = |duration: Duration| SignedDuration::try_from(duration).unwrap();
        let instant = signed(instant);
        let shift =
            self.clock.set.get().filter(|_| !call.after_shift).map(|shift| (signed(shift.at), shift.by));
        let (by_steady, by_wall) = match shift {
            Some((at, by)) if at <= instant => (instant, (instant - by).max(at)),
            _ => (instant, instant),
        };
        let comes = by_steady.min(by_wall);
        let was_set = shift.is_some_and(|(at, _)| at == comes);
        (self.clock.begun + Duration::try_from(comes).unwrap_or(Duration::ZERO), was_set)
    }

    /// From when on nothing may be heard of a call that was not answered.
    fn silence(&self, call: &PlannedCall) -> Instant {
        let (cancel_at, was_set) = self.comes(call.cancel_at, call);
        let (close, _) = self.comes(call.cancel_at + BEFORE_CLOSE, call);
        // A clock that is set right after the CANCEL has left may make it close before that is there.
        close.max(cancel_at + if was_set { CLOCK_IS_NOTICED } else { ON_ITS_WAY })
    }

    fn check(
        &self,
        call: &PlannedCall,
        record: &CalleeRecord,
        ends: &[(Instant, CallEvent)],
    ) -> Result<(), &'static str> {
        let (latest_start, _) = self.comes(call.latest_start, call);
        let (cancel_at, _) = self.comes(call.cancel_at, call);
        let silence = self.silence(call);
        for (at, is_first) in &record.invites {
            require(*at < silence, "an INVITE after close")?;
            require(!is_first || *at <= latest_start + ON_ITS_WAY, "a call began after its latest start")?;
        }
        for (from, to) in &record.rang {
            let Some(to) = to else { return Err("a phone rings for ever") };
            let most = if *from < silence { silence.max(*from + ON_ITS_WAY) } else { *from + LATE_RINGING };
            require(*to <= most, "a phone rings after close")?;
        }
        let [(end, _)] = ends else { return Err("not one end") };
        let over = if record.answered.is_some() { silence } else { cancel_at };
        require(*end <= over + CANCEL_GRACE, "a call ended too late")?;
        let Some(answered) = record.answered else { return Ok(()) };
        require(record.acknowledged.is_some(), "an answer without ACK")?;
        let Some(hung_up) = record.hung_up else { return require(record.hangs_up, "an answer without BYE") };
        let is_late = answered > cancel_at + ON_ITS_WAY;
        require(!is_late || hung_up <= answered + LATE_RINGING, "who answered too late is talked to")
    }
}

fn require(holds: bool, words: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(words) }
}

#[expect(clippy::print_stderr, reason = "long runs say what they have done")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_phone_rings_at_close_and_no_invite_comes_after_it() {
    let closings = std::env::var("DIALTIME_CLOSINGS").map_or(CLOSINGS, |closings| closings.parse().unwrap());
    let mut chances = Chances::new();
    let mut placed = 0;
    for first in (0..closings.div_ceil(ON_ONE_CARRIER)).step_by(CARRIERS_AT_ONCE) {
        let left = closings.div_ceil(ON_ONE_CARRIER) - first;
        let rounds = (0..left.min(CARRIERS_AT_ONCE)).map(|_| {
            let mut chances = chances.split();
            tokio::spawn(Round::new(&mut chances).run(chances))
        });
        for round in rounds.collect::<Vec<_>>() {
            placed += round.await.unwrap();
        }
    }
    eprintln!("{closings} closings, {placed} calls");
}
