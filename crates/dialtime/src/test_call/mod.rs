//! `dialtime line test-call`: tries a SIP line with one call, and says what comes of it as it happens.

mod advice;
mod permission;
mod registering;

use std::{
    collections::HashMap,
    io::ErrorKind,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use domain::{
    AttemptId, CallDeadlines, CallEnd, CallTrace, Clock, DEFAULT_VISITS, EndedBy, Line, LineKind, Loops,
    OnMachine, OutcomeClass, PlayStep, PromptAudio, PromptId, ScriptFlow, ScriptStep, StepAction,
    TraceKeeping,
};
use jiff::SignedDuration;
use media::wav::LINE_RATE;
use phone::PhoneNumber;
use sip::{SipCarrier, SipParts};
use store::Store;
use telephony::{CallEvent, CallOrder, CallRefusal, CallScript, Callee, Carrier as _};
use tokio::{
    runtime::Handle,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    command::TestCall,
    line_check,
    output::say,
    system::{SystemClock, SystemRandom},
};

/// How often it is asked what has happened.
const ASKED_EVERY: Duration = Duration::from_millis(10);

/// How often it is asked whether dialing was stopped.
const STOP_ASKED_EVERY: Duration = Duration::from_millis(500);

/// How long a call may take beside ringing and talking: the carrier's silence, and the goodbyes.
const BESIDE: Duration = Duration::from_mins(1);

/// How long after its limit a phone falls silent by itself, where the carrier minds what the INVITE says.
const AFTER_RINGING: SignedDuration = SignedDuration::from_secs(2);

/// How long what still comes of an INVITE is answered that was given up.
const AFTER_GIVING_UP: Duration = Duration::from_secs(2);

/// How long the last answer may take to leave.
const LAST_ANSWER: Duration = Duration::from_millis(100);

/// The largest file that is played, in bytes: as large as a prompt may be.
const LARGEST_FILE: u64 = 20 * 1024 * 1024;

/// Calls a number over a line. Fails where nobody answered.
pub(crate) async fn run(store: &Store, line: Line, asked: TestCall) -> anyhow::Result<()> {
    let number = permission::number(&asked.number, asked.default_country)?;
    let order = order(line, &number, &asked)?;
    let mut settings = asked.sip.settings(asked.default_country)?;
    permission::ask(store, &order.line, &number).await?;
    choose_port(&mut settings.listen);
    let carrier = SipCarrier::new(SipParts {
        recorder: None,
        settings,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        runtime: Handle::current(),
    });
    let running = tokio::spawn(carrier.clone().run(Loops::default().add("sip")));
    let told = async {
        registering::register(&carrier, &order.line).await?;
        Trial::new(store, &carrier, order, asked.trace)?.run().await
    };
    let told = told.await;
    registering::take_back(&carrier).await;
    tokio::time::sleep(LAST_ANSWER).await;
    running.abort();
    carrier.stop();
    match told? {
        OutcomeClass::Answered => Ok(()),
        OutcomeClass::Cancelled => bail!("the line was not tried to the end"),
        _ => bail!("nobody answered, or the line ended the call"),
    }
}

/// A call leaves from the port that was asked for, or from any other while somebody has that one.
fn choose_port(listen: &mut SocketAddr) {
    let taken = |error: std::io::Error| error.kind() == ErrorKind::AddrInUse;
    if UdpSocket::bind(*listen).is_err_and(taken) || TcpListener::bind(*listen).is_err_and(taken) {
        let port = listen.port();
        say(&format!("port {port} is taken, as by a server that runs: the call leaves from another"));
        listen.set_port(0);
    }
}

/// What the carrier is asked for. All that is sent and received is traced, whatever the line keeps.
fn order(mut line: Line, number: &PhoneNumber, asked: &TestCall) -> anyhow::Result<CallOrder> {
    let LineKind::Sip(trunk) = &mut line.draft.settings.kind else {
        bail!("a simulated line reaches nobody: there is nothing to try");
    };
    trunk.trace = TraceKeeping::All;
    let played = asked.play.as_deref().map(audio).transpose()?;
    let longest_talk =
        asked.talk + played.as_ref().map_or(0, |audio| audio.samples / i64::from(LINE_RATE) + 1);
    let ring_limit = SignedDuration::from_secs(asked.ring.min(line.draft.settings.ring_limit));
    Ok(CallOrder {
        attempt: AttemptId::generate(&SystemClock, &SystemRandom),
        callee: Callee {
            e164: number.e164(),
            extension: number.extension().to_owned(),
            phone: number.text().to_owned(),
        },
        caller: line.draft.settings.caller_ids.numbers.first().cloned(),
        deadlines: CallDeadlines {
            latest_start: None,
            // After the limit, so that the INVITE says for how long it holds, should this program be killed.
            cancel_at: SystemClock.now().saturating_add(ring_limit + AFTER_RINGING).ok(),
            ring_limit,
            longest_talk: SignedDuration::from_secs(longest_talk),
            latest_end: None,
        },
        script: played.map(script).transpose()?,
        recording: None,
        line: Arc::new(line),
    })
}

fn audio(file: &Path) -> anyhow::Result<PromptAudio> {
    let cannot = || format!("cannot play {}", file.display());
    if std::fs::metadata(file).with_context(cannot)?.len() > LARGEST_FILE {
        bail!("{}: it has more than {LARGEST_FILE} bytes", cannot());
    }
    let read = std::fs::read(file).with_context(cannot)?;
    api::read_prompt(&read).map_err(|rule| anyhow!("{}: it {}", cannot(), api::audio_fault_text(rule)))
}

/// What is played once someone answers; the call's deadline ends it.
fn script(audio: PromptAudio) -> anyhow::Result<CallScript> {
    let prompt = PromptId::generate(&SystemClock, &SystemRandom);
    let play = StepAction::Play(PlayStep { prompt, interruptible: false, next: None });
    let step = |action| ScriptStep { label: None, visits: DEFAULT_VISITS, action };
    let flow = ScriptFlow::new(vec![step(play), step(StepAction::HangUp)], OnMachine::default())
        .map_err(|_| anyhow!("the prompt makes no script"))?;
    Ok(CallScript {
        flow: Arc::new(flow),
        prompts: Arc::new(HashMap::from([(prompt, Arc::new(audio))])),
        bots: None,
    })
}

/// The call while it is under way.
struct Trial<'t> {
    store: &'t Store,
    carrier: &'t SipCarrier,
    order: CallOrder,
    shows_trace: bool,
    interrupt: [Signal; 2],
    begun: Instant,
    rang: bool,
    /// What was sent and received.
    trace: CallTrace,
    /// Whether it was ended by whoever started this program, or by a stop.
    is_called_off: bool,
}

impl<'t> Trial<'t> {
    fn new(
        store: &'t Store,
        carrier: &'t SipCarrier,
        order: CallOrder,
        shows_trace: bool,
    ) -> anyhow::Result<Self> {
        let interrupt = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        Ok(Self {
            store,
            carrier,
            order,
            shows_trace,
            interrupt,
            begun: Instant::now(),
            rang: false,
            trace: CallTrace::default(),
            is_called_off: false,
        })
    }

    /// Calls, and says what happens until the end. Gives what came of it.
    async fn run(mut self) -> anyhow::Result<OutcomeClass> {
        self.carrier.place(&self.order, SystemClock.now()).context("nothing is called")?;
        say(&format!("calling over {}; Ctrl-C ends the call", self.order.line.draft.name.as_str()));
        let mut asked_at = Instant::now();
        loop {
            for report in self.carrier.reports(SystemClock.now()) {
                if let Some(class) = self.hear(report.event).await {
                    return Ok(class);
                }
            }
            if asked_at.elapsed() > STOP_ASKED_EVERY {
                self.mind_stops().await;
                asked_at = Instant::now();
            }
            if self.begun.elapsed() > self.longest() {
                bail!("the call did not end in time");
            }
            let [interrupt, terminate] = &mut self.interrupt;
            tokio::select! {
                _ = interrupt.recv() => self.call_off("told to stop"),
                _ = terminate.recv() => self.call_off("told to stop"),
                () = tokio::time::sleep(ASKED_EVERY) => {}
            }
        }
    }

    fn longest(&self) -> Duration {
        let CallDeadlines { ring_limit, longest_talk, .. } = self.order.deadlines;
        let span = |span: SignedDuration| Duration::try_from(span).unwrap_or_default();
        span(ring_limit) + span(longest_talk) + BESIDE
    }

    /// Ends the call where dialing is stopped, or where nobody can say whether it is.
    async fn mind_stops(&mut self) {
        match permission::stopped(self.store, &self.order.line).await {
            Ok(None) => {}
            Ok(Some(words)) => self.call_off(&words),
            Err(_) => self.call_off("the database does not answer"),
        }
    }

    fn call_off(&mut self, why: &str) {
        if !std::mem::replace(&mut self.is_called_off, true) {
            say(&format!("{why}: the call is being ended"));
            self.carrier.end(self.order.attempt, SystemClock.now());
        }
    }

    /// Says what happened; gives what came of the call once it is over.
    async fn hear(&mut self, event: CallEvent) -> Option<OutcomeClass> {
        let after = self.begun.elapsed().as_millis();
        match event {
            CallEvent::Ringing => {
                self.rang = true;
                say(&format!("ringing after {after} ms"));
            }
            CallEvent::EarlyMedia => say(&format!("sound before an answer after {after} ms")),
            CallEvent::Answered => say(&format!("answered after {after} ms")),
            CallEvent::Noted(notes) => {
                if let Some(q850) = notes.q850 {
                    say(&format!("the other side hung up with Q.850 cause {q850}"));
                }
                if let Some(trace) = notes.trace {
                    if self.shows_trace {
                        show(&trace);
                    }
                    self.trace = trace;
                }
            }
            CallEvent::HungUp(EndedBy::Line) => {
                say(&format!("ended after {after} ms: {}", self.by_the_line()));
                return Some(OutcomeClass::LineFailure);
            }
            CallEvent::HungUp(by) => {
                say(&format!("ended after {after} ms by {}", who(by)));
                say(advice::advice(OutcomeClass::Answered, false));
                return Some(OutcomeClass::Answered);
            }
            CallEvent::Refused(refusal) => return Some(self.refused(&refusal).await),
            CallEvent::Endable(_)
            | CallEvent::Judged(_)
            | CallEvent::JudgedEarly(_)
            | CallEvent::Reached(_)
            | CallEvent::TransferWanted(_) => {}
        }
        None
    }

    /// Why a call of somebody who answered is of no use.
    const fn by_the_line(&self) -> &'static str {
        if self.order.callee.extension.is_empty() {
            "the line ended it, or brought no sound for a minute"
        } else {
            "the line ended it, brought no sound for a minute, or takes no keys, so that the extension cannot be dialed"
        }
    }

    /// Whether the line says who calls.
    fn has_name(&self) -> bool {
        matches!(&self.order.line.draft.settings.kind, LineKind::Sip(trunk) if trunk.auth_user.is_some())
    }

    /// Says how a call ended that nobody answered.
    async fn refused(&self, refusal: &CallRefusal) -> OutcomeClass {
        let after = self.begun.elapsed();
        if self.is_called_off {
            say(&format!("ended here, after {} ms", after.as_millis()));
            tokio::time::sleep(AFTER_GIVING_UP).await;
            return OutcomeClass::Cancelled;
        }
        let rang_out = self.order.deadlines.ring_limit.unsigned_abs() <= after && !refusal.cause.is_local;
        let (end, words) = if rang_out {
            (CallEnd::RingLimit, "nobody answered, and it was cancelled".to_owned())
        } else {
            (CallEnd::Refused, format!("not answered: {}", advice::said(refusal)))
        };
        let class = advice::class(&self.order.line.draft.settings, end, self.rang, refusal);
        say(&format!("{words}, after {} ms", after.as_millis()));
        say(match refusal.cause.code {
            Some(401 | 407) => line_check::to_who_is_asked(sip::has_digest(&self.trace), self.has_name()),
            _ => advice::advice(class, refusal.cause.is_local),
        });
        class
    }
}

const fn who(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Callee => "whoever answered",
        EndedBy::Line => "the line",
        EndedBy::Script => "this program, for all was played",
        EndedBy::Dialtime => "this program",
        EndedBy::Agent | EndedBy::Unknown => "somebody",
    }
}

fn show(trace: &CallTrace) {
    for message in &trace.messages {
        let (direction, peer) = (if message.is_sent { "sent to" } else { "received from" }, &message.peer);
        say(&format!("--- {} {direction} {peer}\n{}", message.at, message.text.replace('\r', "").trim_end()));
    }
    say(if trace.is_cut { "--- more was left out" } else { "---" });
}
