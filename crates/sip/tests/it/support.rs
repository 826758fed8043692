//! A carrier with orders, and what it reports.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{
    Answerer, AttemptId, CallDeadlines, CallHandle, Clock, LegId, Line, LineDraft, LineId, LineKind,
    LineSecret, LineSettings, LoopStatus, Loops, Name, PartnerId, Random, ReachedStep, SipAddress, SipTrunk,
    SipUser, StepKind, TransferTarget,
};
use jiff::{SignedDuration, Timestamp};
use phone::Country;
use sip::{BotSettings, SipCarrier, SipParts, SipSettings};
use telephony::{
    CallEvent, CallNotes, CallOrder, CallRefusal, Callee, Carrier, LegOrder, OrphanedCall, Preparation,
};
use tokio::runtime::Handle;
use uuid::Uuid;

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "the other side's clock cannot be set")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

pub(crate) struct Chance;

impl Random for Chance {
    #[expect(clippy::disallowed_methods, reason = "tests at once need ports of their own")]
    fn fill(&self, bytes: &mut [u8]) {
        let chance = Uuid::new_v4();
        bytes.iter_mut().zip(chance.as_bytes()).for_each(|(byte, chance)| *byte = *chance);
    }
}

/// A carrier that runs.
pub(crate) struct World {
    pub(crate) carrier: SipCarrier,
    /// What the carrier says of itself.
    pub(crate) status: Arc<LoopStatus>,
    /// What the only call can be ended with, or its leg if that was told of later.
    handle: Mutex<Option<CallHandle>>,
    /// What is known of the only call besides.
    notes: Mutex<CallNotes>,
    /// Who answered: each thing that was known of that.
    answerers: Mutex<Vec<Answerer>>,
    early: Mutex<Vec<Answerer>>,
    /// The steps that its script came to.
    reached: Mutex<Vec<ReachedStep>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(None)
    }

    /// One that knows carriers over TLS by this authority, as PEM.
    pub(crate) fn trusting(authority: Vec<u8>) -> Self {
        Self::with(Some(authority))
    }

    fn with(tls_authorities: Option<Vec<u8>>) -> Self {
        Self::of(self::settings(tls_authorities), Arc::new(WallClock))
    }

    /// One with these settings and this clock.
    pub(crate) fn of(settings: SipSettings, clock: Arc<dyn Clock>) -> Self {
        let parts = SipParts {
            settings,
            recorder: None,
            clock,
            random: Arc::new(Chance),
            runtime: Handle::current(),
        };
        let carrier = SipCarrier::new(parts);
        let status = Loops::default().add("sip");
        tokio::spawn(carrier.clone().run(Arc::clone(&status)));
        Self {
            carrier,
            status,
            handle: Mutex::default(),
            notes: Mutex::default(),
            answerers: Mutex::default(),
            early: Mutex::default(),
            reached: Mutex::default(),
        }
    }

    /// Places a call.
    pub(crate) fn place(&self, order: &CallOrder) {
        self.carrier.place(order, WallClock.now()).unwrap();
    }

    /// Makes a call ready; gives what it can be ended with.
    pub(crate) async fn prepare(&self, order: &CallOrder) -> CallHandle {
        assert_eq!(self.carrier.prepare(order), Ok(Preparation::UnderWay));
        self.next_handle().await
    }

    /// What is told next that the only call can be ended with.
    pub(crate) async fn next_handle(&self) -> CallHandle {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            for report in self.carrier.reports(WallClock.now()) {
                if let CallEvent::Endable(handle) = report.event {
                    *self.handle.lock().unwrap() = Some(handle.clone());
                    return handle;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it is not said what the call can be ended with");
    }

    /// Sends the INVITE of a call that is ready.
    pub(crate) fn start(&self, order: &CallOrder) {
        assert_eq!(self.carrier.start(order.attempt, WallClock.now()), Ok(()));
    }

    /// Ends a call.
    pub(crate) fn end(&self, order: &CallOrder) {
        self.carrier.end(order.attempt, WallClock.now());
    }

    /// Ends a call of another world, as its process would have been able to.
    pub(crate) fn silence(&self, order: &CallOrder, of: &Self) {
        let handle = of.handle.lock().unwrap().clone();
        assert!(handle.is_some(), "the call cannot be ended by others");
        let call = OrphanedCall { attempt: order.attempt, line: order.line.id, was_answered: false, handle };
        self.carrier.silence(&call, WallClock.now());
    }

    /// Places a leg of a call over another line.
    pub(crate) fn place_leg(&self, call: &CallOrder, over: &CallOrder, target: &TransferTarget, ring: i64) {
        let deadlines = CallDeadlines { ring_limit: SignedDuration::from_secs(ring), ..call.deadlines };
        let order = LegOrder {
            attempt: call.attempt,
            leg: LegId::new(over.attempt.uuid()),
            line: Arc::clone(&over.line),
            target: target.clone(),
            caller: None,
            deadlines,
        };
        self.carrier.place_leg(&order, WallClock.now()).unwrap();
    }

    /// Ends what a call wants to be transferred to.
    pub(crate) fn end_transfer(&self, call: &CallOrder) {
        self.carrier.end_transfer(call.attempt, WallClock.now());
    }

    /// What is reported until this one comes, it included, but for what the call can be ended with and what is known besides.
    pub(crate) async fn until(&self, is_last: impl Fn(&CallEvent) -> bool) -> Vec<CallEvent> {
        let seen = self.until_either(|is_leg, event| !is_leg && is_last(event)).await;
        seen.into_iter().map(|(_, event)| event).collect()
    }

    /// The same, each with whether it is of a leg.
    pub(crate) async fn until_either(
        &self,
        is_last: impl Fn(bool, &CallEvent) -> bool,
    ) -> Vec<(bool, CallEvent)> {
        let begun = Instant::now();
        let mut seen = Vec::new();
        while begun.elapsed() < PATIENCE {
            for report in self.carrier.reports(WallClock.now()) {
                match report.event {
                    CallEvent::Endable(handle) => *self.handle.lock().unwrap() = Some(handle),
                    CallEvent::Noted(notes) => *self.notes.lock().unwrap() = notes,
                    CallEvent::Judged(answerer) => self.answerers.lock().unwrap().push(answerer),
                    CallEvent::JudgedEarly(answerer) => self.early.lock().unwrap().push(answerer),
                    CallEvent::Reached(step) => self.reached.lock().unwrap().push(step),
                    event => seen.push((report.leg.is_some(), event)),
                }
            }
            if seen.iter().any(|(is_leg, event)| is_last(*is_leg, event)) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("in vain: {seen:?}");
    }

    /// What is known of the only call besides what was reported.
    pub(crate) fn notes(&self) -> CallNotes {
        self.notes.lock().unwrap().clone()
    }

    /// Who answered the only call, as far as is known.
    pub(crate) fn answerer(&self) -> Option<Answerer> {
        self.answerers.lock().unwrap().last().copied()
    }

    /// What was heard before the only call was answered, as far as is known.
    pub(crate) fn early_answerer(&self) -> Option<Answerer> {
        self.early.lock().unwrap().last().copied()
    }

    /// What the steps do that the only call came to.
    pub(crate) fn reached(&self) -> Vec<StepKind> {
        self.reached.lock().unwrap().iter().map(|step| step.kind).collect()
    }

    /// Waits until the carrier keeps no call any more.
    pub(crate) async fn until_idle(&self) {
        let begun = Instant::now();
        while self.status.backlog() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(3), "{} calls are left", self.status.backlog());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What is reported until the end.
    pub(crate) async fn to_end(&self) -> Vec<CallEvent> {
        self.until(CallEvent::is_end).await
    }
}

/// SIP at some port of loopback.
pub(crate) fn settings(tls_authorities: Option<Vec<u8>>) -> SipSettings {
    SipSettings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public: None,
        rtp_ports: 42_000..=43_999,
        tls_authorities,
        country: Country::CHINA,
        only_loopback: false,
        bots: BotSettings::default(),
    }
}

/// The refusal that these reports end with.
pub(crate) fn refusal(reports: &[CallEvent]) -> &CallRefusal {
    match reports.last() {
        Some(CallEvent::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// An instant so many seconds from now.
pub(crate) fn in_seconds(seconds: i64) -> Option<Timestamp> {
    WallClock.now().saturating_add(SignedDuration::from_secs(seconds)).ok()
}

/// A trunk at an address.
pub(crate) fn trunk(address: SocketAddr) -> SipTrunk {
    SipTrunk::new(vec![SipAddress::parse(&address.to_string()).unwrap()])
}

/// A trunk that wants to know who calls.
pub(crate) fn trunk_with_user(address: SocketAddr) -> SipTrunk {
    SipTrunk { auth_user: Some(SipUser::parse("alice").unwrap()), ..trunk(address) }
}

/// A call over a trunk, for which this is the secret.
#[expect(clippy::disallowed_methods, reason = "a test's ids are nobody's to inject")]
pub(crate) fn order(trunk: SipTrunk, secret: Option<&str>) -> CallOrder {
    let settings = LineSettings::new(LineKind::Sip(Box::new(trunk)), 10);
    let name = Name::parse("trunk").unwrap();
    let secret = secret.map(|secret| LineSecret::parse(secret).unwrap());
    let now = WallClock.now();
    let line = Line {
        id: LineId::new(Uuid::new_v4()),
        partner_id: PartnerId::new(Uuid::new_v4()),
        draft: LineDraft { name, secret, settings },
        version: 1,
        created_at: now,
        updated_at: now,
    };
    CallOrder {
        attempt: AttemptId::new(Uuid::new_v4()),
        line: Arc::new(line),
        callee: Callee { e164: 8_613_800_001_234, extension: String::new(), phone: "13800001234".to_owned() },
        caller: None,
        deadlines: CallDeadlines {
            latest_start: None,
            cancel_at: None,
            ring_limit: SignedDuration::from_secs(30),
            longest_talk: SignedDuration::from_secs(60),
            latest_end: None,
        },
        script: None,
        recording: None,
    }
}
