//! Many callees behind one address, made by hand: each has a manner of its own, and whatever comes is noted with its instant. They run in a
//! thread of their own, so that what they note is when it came, however busy the carrier is.

use std::{
    collections::{BTreeMap, HashMap},
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{chances::Chances, peer::header};

/// How long nothing may come before the time is looked at.
const PATIENCE: Duration = Duration::from_millis(2);

/// How often and how many times a last answer is repeated that nobody acknowledges.
const REPEATS: (Duration, u32) = (Duration::from_millis(500), 16);

const SOUND: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n";

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";

/// What a callee does with an INVITE. Times are from its first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CalleeManner {
    /// Rings until it is cancelled.
    Rings,
    /// The same, but no more than 100 is said of it.
    OnlyTrying,
    /// The same, with sound before an answer and no word of ringing.
    EarlySound,
    /// Says nothing, ever.
    Silent,
    /// Says nothing before this, then rings.
    Wakes(Duration),
    /// Says nothing before this, then answers.
    WakesAndAnswers(Duration),
    /// Asks after this who calls, and then rings.
    Challenges(Duration),
    /// Rings, answers after this, and talks until it is hung up on.
    Answers(Duration),
    /// Rings, answers after the first of these and hangs up after the second.
    HangsUp(Duration, Duration),
    /// Rings, and answers when it is cancelled.
    Crosses,
    /// Rings, and answers a CANCEL so much later.
    EndsLate(Duration),
    /// Rings, and never answers a CANCEL.
    EndsNever,
    /// Refuses with this.
    Refuses(&'static str),
}

/// What was seen of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct CalleeRecord {
    /// Each INVITE, and whether it was the first of its transaction.
    pub(crate) invites: Vec<(Instant, bool)>,
    /// When a phone began to ring, and when it stopped.
    pub(crate) rang: Vec<(Instant, Option<Instant>)>,
    /// When it answered.
    pub(crate) answered: Option<Instant>,
    pub(crate) acknowledged: Option<Instant>,
    /// When it was hung up on.
    pub(crate) hung_up: Option<Instant>,
    /// Whether it hung up itself.
    pub(crate) hangs_up: bool,
}

/// The callees, while they are there.
pub(crate) struct Callees {
    pub(crate) address: SocketAddr,
    known: Arc<Mutex<HashMap<String, (CalleeManner, CalleeRecord)>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Callees {
    /// Callees by a way on which so many datagrams of a hundred get lost, each way.
    pub(crate) fn new(percent: u64, chances: Chances) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = socket.local_addr().unwrap();
        let (known, ends) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut work = Work {
            socket,
            address,
            loss: (percent, chances),
            known: Arc::clone(&known),
            invites: HashMap::new(),
            timers: BTreeMap::new(),
            count: 0,
        };
        let until = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                work.hear_one();
                work.pass();
            }
        });
        Self { address, known, ends, thread: Some(thread) }
    }

    /// The callee with this number, in E.164, behaves so.
    pub(crate) fn add(&self, e164: i64, manner: CalleeManner) {
        let record = CalleeRecord::default();
        self.known.lock().unwrap().insert(format!("+{e164}"), (manner, record));
    }

    /// What was seen of its call.
    pub(crate) fn record(&self, e164: i64) -> CalleeRecord {
        self.known.lock().unwrap()[&format!("+{e164}")].1.clone()
    }
}

impl Drop for Callees {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // What failed there is told where something is missed here.
        let _ = self.thread.take().unwrap().join();
    }
}

/// An INVITE that came, by its branch.
struct CalleeInvite {
    text: String,
    from: SocketAddr,
    callee: String,
    /// What was said last, to be said again.
    last: Option<String>,
    /// Whether a last answer was given.
    is_final: bool,
    is_cancelled: bool,
    is_acknowledged: bool,
}

#[derive(Clone, Debug)]
enum Due {
    /// Say this to the INVITE with this branch.
    Say(String, &'static str),
    /// Answer this CANCEL of it.
    Cancelled(String, String),
    /// Say the last answer once more.
    Repeat(String, u32),
    HangUp(String, u32),
}

struct Work {
    socket: UdpSocket,
    address: SocketAddr,
    loss: (u64, Chances),
    known: Arc<Mutex<HashMap<String, (CalleeManner, CalleeRecord)>>>,
    invites: HashMap<String, CalleeInvite>,
    timers: BTreeMap<(Instant, u64), Due>,
    count: u64,
}

impl Work {
    fn is_lost(&mut self) -> bool {
        self.loss.1.below(100) < self.loss.0
    }

    fn send(&mut self, text: &str, to: SocketAddr) {
        if !self.is_lost() {
            self.socket.send_to(text.as_bytes(), to).unwrap();
        }
    }

    fn hear_one(&mut self) {
        let mut buffer = [0; 8_192];
        let Ok((length, from)) = self.socket.recv_from(&mut buffer) else { return };
        if self.is_lost() {
            return;
        }
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        match text.split(' ').next() {
            Some("INVITE") => self.invited(text, from),
            Some("CANCEL") => self.cancelled(text, from),
            Some("ACK") => self.acknowledged(&text),
            Some("BYE") => {
                self.note(&text, |record| {
                    record.hung_up.get_or_insert_with(Instant::now);
                });
                let ok = self.answer(&text, "200 OK");
                self.send(&ok, from);
            }
            // An answer to a BYE.
            Some("SIP/2.0") => {}
            other => panic!("{other:?} in {text}"),
        }
    }

    fn invited(&mut self, text: String, from: SocketAddr) {
        let branch = branch(&text);
        let is_first = !self.invites.contains_key(&branch);
        self.note(&text, |record| record.invites.push((Instant::now(), is_first)));
        if !is_first {
            if let Some(last) = self.invites[&branch].last.clone() {
                self.send(&last, from);
            }
            return;
        }
        let callee = callee(&text);
        let manner = self.known.lock().unwrap()[&callee].0;
        let is_proved = text.contains("\r\nAuthorization:");
        let (last, is_final, is_cancelled, is_acknowledged) = (None, false, false, false);
        self.invites.insert(
            branch.clone(),
            CalleeInvite { text, from, callee, last, is_final, is_cancelled, is_acknowledged },
        );
        for (after, status) in says(manner, is_proved) {
            self.after(after, Due::Say(branch.clone(), status));
        }
        if let CalleeManner::HangsUp(_, after) = manner {
            self.after(after, Due::HangUp(branch, 0));
        }
    }

    fn cancelled(&mut self, text: String, from: SocketAddr) {
        let branch = branch(&text);
        let Some(invite) = self.invites.get_mut(&branch) else {
            let unknown = self.answer(&text, "481 Call/Transaction Does Not Exist");
            return self.send(&unknown, from);
        };
        invite.is_cancelled = true;
        self.note(&text, stop_ringing);
        let manner = self.known.lock().unwrap()[&callee(&text)].0;
        match manner {
            CalleeManner::EndsNever => {}
            CalleeManner::EndsLate(after) => self.after(after, Due::Cancelled(branch, text)),
            CalleeManner::Crosses => {
                self.say(&branch, "200 OK");
                self.end(&branch, &text);
            }
            _ => self.end(&branch, &text),
        }
    }

    /// Answers a CANCEL, and the INVITE unless it is already.
    fn end(&mut self, branch: &str, cancel: &str) {
        let from = self.invites[branch].from;
        let ok = self.answer(cancel, "200 OK");
        self.send(&ok, from);
        self.say(branch, "487 Request Terminated");
    }

    fn acknowledged(&mut self, text: &str) {
        let call_id = header(text, "Call-ID");
        let mut was_answer = false;
        let of_call =
            |invite: &&mut CalleeInvite| invite.is_final && header(&invite.text, "Call-ID") == call_id;
        for invite in self.invites.values_mut().filter(of_call) {
            invite.is_acknowledged = true;
            was_answer |= invite.last.as_ref().is_some_and(|last| last.starts_with("SIP/2.0 200"));
        }
        if was_answer {
            self.note(text, |record| {
                record.acknowledged.get_or_insert_with(Instant::now);
            });
        }
    }

    /// Does what is due.
    fn pass(&mut self) {
        while let Some(timer) = self.timers.first_entry()
            && timer.key().0 <= Instant::now()
        {
            match timer.remove() {
                Due::Say(branch, status) => self.say(&branch, status),
                Due::Cancelled(branch, cancel) => self.end(&branch, &cancel),
                Due::Repeat(branch, times) => self.repeat(branch, times),
                Due::HangUp(branch, times) => self.hang_up(branch, times),
            }
        }
    }

    fn after(&mut self, after: Duration, due: Due) {
        self.count += 1;
        self.timers.insert((Instant::now() + after, self.count), due);
    }

    /// Answers an INVITE, unless a last answer was given.
    fn say(&mut self, branch: &str, status: &'static str) {
        let Some(invite) = self.invites.get(branch).filter(|invite| !invite.is_final) else { return };
        let (text, from) = (invite.text.clone(), invite.from);
        let answer = self.answer(&text, status);
        let is_final = !status.starts_with('1');
        let rings = status.starts_with("18") && !status.starts_with("183") && !invite.is_cancelled;
        let now = Instant::now();
        self.note(&text, |record| {
            if rings {
                record.rang.push((now, None));
            }
            if is_final {
                stop_ringing(record);
            }
            if status.starts_with('2') {
                record.answered = Some(now);
            }
        });
        self.send(&answer, from);
        let invite = self.invites.get_mut(branch).unwrap();
        invite.last = Some(answer);
        invite.is_final = is_final;
        if is_final {
            self.after(REPEATS.0, Due::Repeat(branch.to_owned(), REPEATS.1));
        }
    }

    fn repeat(&mut self, branch: String, times: u32) {
        let invite = &self.invites[&branch];
        if !invite.is_acknowledged && times > 0 {
            let (last, from) = (invite.last.clone().unwrap(), invite.from);
            self.send(&last, from);
            self.after(REPEATS.0, Due::Repeat(branch, times - 1));
        }
    }

    /// Sends a BYE to who called and was answered, a few times, whether it is answered or not.
    fn hang_up(&mut self, branch: String, times: u32) {
        let invite = &self.invites[&branch];
        if !invite.is_acknowledged {
            return self.after(PATIENCE, Due::HangUp(branch, times));
        }
        let own_tag = format!("{};tag=callee", header(&invite.text, "To"));
        let (from, callers) = (invite.from, header(&invite.text, "From"));
        let bye = format!(
            "BYE sip:dialtime@{from} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch={branch}bye\r\nFrom: {own_tag}\r\nTo: {callers}\r\n\
             Call-ID: {}\r\nCSeq: 7 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            self.address,
            header(&invite.text, "Call-ID"),
        );
        self.note(&bye, |record| record.hangs_up = true);
        self.send(&bye, from);
        if times < 4 {
            self.after(REPEATS.0, Due::HangUp(branch, times + 1));
        }
    }

    fn note(&self, message: &str, what: impl FnOnce(&mut CalleeRecord)) {
        let call_id = header(message, "Call-ID");
        let callee = match self.invites.values().find(|invite| header(&invite.text, "Call-ID") == call_id) {
            Some(invite) => invite.callee.clone(),
            None => callee(message),
        };
        if let Some((_, record)) = self.known.lock().unwrap().get_mut(&callee) {
            what(record);
        }
    }

    fn answer(&self, request: &str, status: &str) -> String {
        let [via, from, to, call_id, sequence] =
            ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| header(request, name));
        let tag = if status.starts_with("100") || to.contains(";tag=") { "" } else { ";tag=callee" };
        let is_invite = sequence.ends_with("INVITE");
        let has_sound = is_invite && (status.starts_with('2') || status.starts_with("183"));
        let sound = if has_sound { SOUND } else { "" };
        let kind = if has_sound { "Content-Type: application/sdp\r\n" } else { "" };
        let challenge = if status.starts_with("401") { CHALLENGE } else { "" };
        format!(
            "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {sequence}\r\n\
             Contact: <sip:callee@{}>\r\n{challenge}{kind}Content-Length: {}\r\n\r\n{sound}",
            self.address,
            sound.len()
        )
    }
}

/// What a manner says to an INVITE, and when.
fn says(manner: CalleeManner, is_proved: bool) -> Vec<(Duration, &'static str)> {
    let now = Duration::ZERO;
    let soon = Duration::from_millis(20);
    match manner {
        CalleeManner::Silent => vec![],
        CalleeManner::OnlyTrying => vec![(now, "100 Trying")],
        CalleeManner::EarlySound => vec![(now, "100 Trying"), (soon, "183 Session Progress")],
        CalleeManner::Wakes(after) => vec![(after, "100 Trying"), (after + soon, "180 Ringing")],
        CalleeManner::WakesAndAnswers(after) => vec![(after, "200 OK")],
        CalleeManner::Challenges(after) if !is_proved => vec![(after, "401 Unauthorized")],
        CalleeManner::Answers(after) | CalleeManner::HangsUp(after, _) => {
            vec![(now, "100 Trying"), (soon.min(after), "180 Ringing"), (after, "200 OK")]
        }
        CalleeManner::Refuses(status) => vec![(soon, status)],
        CalleeManner::Rings
        | CalleeManner::Challenges(_)
        | CalleeManner::Crosses
        | CalleeManner::EndsLate(_)
        | CalleeManner::EndsNever => vec![(now, "100 Trying"), (soon, "180 Ringing")],
    }
}

fn stop_ringing(record: &mut CalleeRecord) {
    if let Some((_, end @ None)) = record.rang.last_mut() {
        *end = Some(Instant::now());
    }
}

fn branch(message: &str) -> String {
    let via = header(message, "Via");
    let (_, branch) = via.split_once("branch=").unwrap();
    branch.split(';').next().unwrap().to_owned()
}

/// Who is called, by the first line.
fn callee(request: &str) -> String {
    let (_, uri) = request.split_once("sip:").unwrap();
    uri.split('@').next().unwrap().to_owned()
}
