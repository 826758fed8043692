//! A program that webhooks are sent to, and that behaves as badly as it is told.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// What a receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes it.
    Take,
    /// Refuses it with this status.
    Answer(u16),
    /// Sends elsewhere.
    Redirect,
    /// Closes the connection.
    Close,
    /// Never answers.
    Hang,
    /// Never answers, but takes tests.
    HangButForTests,
    /// Answers after a second.
    Slow,
    /// Sends a beginning, and then the rest over and over, with so many milliseconds between, until nobody takes it.
    Endless(&'static str, &'static str, u64),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its `webhook-id`.
    pub id: String,
    /// Its `webhook-timestamp`.
    pub timestamp: String,
    /// What its `webhook-signature` holds.
    pub signatures: Vec<String>,
    /// The body as it came.
    pub text: String,
    /// The body as JSON.
    pub body: Value,
    /// Whether it was taken.
    pub is_taken: bool,
}

impl Received {
    /// Which of its signatures are good for a secret.
    pub fn signed_by(&self, secret: &str) -> Vec<bool> {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.text).as_bytes());
        let good = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        self.signatures.iter().map(|signature| *signature == good).collect()
    }
}

#[derive(Default)]
struct Shared {
    /// What was answered, one way or another.
    came: Mutex<Vec<Received>>,
    changed: Condvar,
    /// How many requests are still treated badly.
    bad: AtomicUsize,
    stopped: AtomicBool,
    /// How many endless answers were cut by who received them.
    cut: AtomicUsize,
}

/// A program that webhooks are sent to; it ends with the test.
pub struct Receiver {
    /// Where to send them.
    pub url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// Treats the first `bad` requests in a manner, and takes all others.
    pub fn start(manner: Manner, bad: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { bad: AtomicUsize::new(bad), ..Shared::default() });
        let accepting = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = accepting.clone();
                thread::spawn(move || serve(&stream.unwrap(), manner, &shared));
            }
        });
        Self { url: format!("http://{address}/hook"), address, shared }
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Received> {
        taken(&self.shared.came.lock().unwrap())
    }

    /// Waits until so many requests were taken.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        taken(&self.wait_until(count, |came| came.iter().filter(|one| one.is_taken).count()))
    }

    /// Waits until so many requests were answered, whether they were taken or not.
    pub fn wait_for_answered(&self, count: usize) -> Vec<Received> {
        self.wait_until(count, <[Received]>::len)
    }

    fn wait_until(&self, count: usize, so_many: impl Fn(&[Received]) -> usize) -> Vec<Received> {
        let mut came = self.shared.came.lock().unwrap();
        while so_many(&came) < count {
            let (now, timeout) = self.shared.changed.wait_timeout(came, Duration::from_mins(2)).unwrap();
            assert!(!timeout.timed_out(), "{} of {count} came", so_many(&now));
            came = now;
        }
        came.clone()
    }

    /// From now on everything is taken; what hangs is let go.
    pub fn recover(&self) {
        self.shared.bad.store(0, Ordering::SeqCst);
        self.shared.changed.notify_all();
    }

    /// How many endless answers were cut by who received them.
    pub fn cut(&self) -> usize {
        self.shared.cut.load(Ordering::SeqCst)
    }

    /// How many requests are still treated badly.
    pub fn bad_left(&self) -> usize {
        self.shared.bad.load(Ordering::SeqCst)
    }
}

fn taken(came: &[Received]) -> Vec<Received> {
    came.iter().filter(|one| one.is_taken).cloned().collect()
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.recover();
        // So that the thread that accepts sees it.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: &TcpStream, manner: Manner, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some(mut received) = read(&mut reader) {
        let is_taken = manner == Manner::HangButForTests && received.body["type"] == "webhook.test";
        let count = |bad: usize| bad.checked_sub(1);
        let bad = !is_taken && shared.bad.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count).is_ok();
        let goes_on = (if bad { manner } else { Manner::Take }).behave(stream, shared);
        if !goes_on {
            return;
        }
        received.is_taken = !bad || matches!(manner, Manner::Take | Manner::Slow);
        shared.came.lock().unwrap().push(received);
        shared.changed.notify_all();
    }
}

impl Manner {
    /// Says whether to go on with the connection.
    fn behave(self, mut stream: &TcpStream, shared: &Shared) -> bool {
        let answer = match self {
            Self::Take => "204 No Content\r\n".to_owned(),
            Self::Answer(status) => format!("{status} No\r\nContent-Length: 4\r\n"),
            Self::Redirect => "307 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n".to_owned(),
            Self::Close => return false,
            Self::Slow => {
                thread::sleep(Duration::from_secs(1));
                "200 OK\r\nContent-Length: 0\r\n".to_owned()
            }
            Self::Endless(begin, more, pause) => {
                let mut written = write!(stream, "{begin}");
                while written.is_ok() {
                    thread::sleep(Duration::from_millis(pause));
                    written = write!(stream, "{more}");
                }
                shared.cut.fetch_add(1, Ordering::SeqCst);
                return false;
            }
            Self::Hang | Self::HangButForTests => {
                let came = shared.came.lock().unwrap();
                drop(shared.changed.wait_timeout(came, Duration::from_mins(1)));
                return false;
            }
        };
        let body = if matches!(self, Self::Answer(_)) { "away" } else { "" };
        write!(stream, "HTTP/1.1 {answer}\r\n{body}").is_ok()
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let text = String::from_utf8(body).unwrap();
    Some(Received {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signatures: header("webhook-signature")?.split(' ').map(str::to_owned).collect(),
        body: serde_json::from_str(&text).unwrap(),
        text,
        is_taken: false,
    })
}
