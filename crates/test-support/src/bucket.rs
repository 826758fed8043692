//! A service that speaks as much S3 as recordings need, and that can be away.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The service, with one bucket of any name. It ends with the test.
pub struct Bucket {
    /// Where it is.
    pub url: String,
    address: SocketAddr,
    shared: Arc<BucketState>,
}

#[derive(Default)]
struct BucketState {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The parts of uploads that are not complete, by object and number.
    parts: Mutex<BTreeMap<(String, u32), Vec<u8>>>,
    is_away: AtomicBool,
    is_over: AtomicBool,
}

struct BucketRequest {
    method: String,
    path: String,
    query: String,
    range: Option<String>,
    is_signed: bool,
    body: Vec<u8>,
}

struct BucketAnswer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Bucket {
    /// Starts it.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(BucketState::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || serve(&stream.unwrap(), &shared));
            }
        });
        Self { url: format!("http://{address}"), address, shared }
    }

    /// The variables by which a program reaches it.
    pub fn environment(&self) -> [(&'static str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "cn-north-1"),
            ("AWS_ACCESS_KEY_ID", "somebody"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
    }

    /// From now on it refuses all, or takes all again.
    pub fn set_away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::SeqCst);
    }

    /// What it has, by path.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.shared.objects.lock().unwrap().clone()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // So that the thread that accepts sees it.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: &TcpStream, shared: &BucketState) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let BucketAnswer { status, headers, body } = shared.answer(asked);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<BucketRequest> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let mut headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let mut words = lines.first()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let signature = "AWS4-HMAC-SHA256 Credential=somebody/";
    Some(BucketRequest {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        range: header("range"),
        is_signed: header("authorization").is_some_and(|text| text.starts_with(signature)),
        body,
    })
}

fn answered(status: &'static str, body: &str) -> BucketAnswer {
    BucketAnswer { status, headers: "ETag: \"tag\"\r\n".to_owned(), body: body.as_bytes().to_vec() }
}

impl BucketState {
    fn answer(&self, asked: BucketRequest) -> BucketAnswer {
        if self.is_away.load(Ordering::SeqCst) {
            return answered("503 Slow Down", "");
        }
        if !asked.is_signed {
            return answered("403 Forbidden", "");
        }
        let part = asked.query.split('&').find_map(|pair| pair.strip_prefix("partNumber="));
        let mut objects = self.objects.lock().unwrap();
        match (asked.method.as_str(), part) {
            ("PUT", Some(part)) => {
                let number = part.parse().unwrap();
                self.parts.lock().unwrap().insert((asked.path, number), asked.body);
                answered("200 OK", "")
            }
            ("PUT", None) => {
                objects.insert(asked.path, asked.body);
                answered("200 OK", "")
            }
            ("POST", _) if asked.query.contains("uploads") => answered(
                "200 OK",
                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
            ),
            ("POST", _) => {
                objects.insert(asked.path.clone(), self.joined(&asked.path));
                answered(
                    "200 OK",
                    "<CompleteMultipartUploadResult><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>",
                )
            }
            ("DELETE", _) => {
                objects.remove(&asked.path);
                answered("204 No Content", "")
            }
            ("GET", _) => objects.get(&asked.path).map_or_else(
                || answered("404 Not Found", ""),
                |object| part_of(object, asked.range.as_deref()),
            ),
            _ => answered("405 Method Not Allowed", ""),
        }
    }

    /// The parts of an object, in their order.
    fn joined(&self, path: &str) -> Vec<u8> {
        let mut parts = self.parts.lock().unwrap();
        let mut whole = Vec::new();
        parts.retain(|(of, _), bytes| {
            if of == path {
                whole.append(bytes);
            }
            of != path
        });
        whole
    }
}

fn part_of(object: &[u8], range: Option<&str>) -> BucketAnswer {
    let modified = "Last-Modified: Wed, 10 Jun 2026 04:00:00 GMT\r\nETag: \"tag\"\r\n";
    let (status, headers, body) = match range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    {
        None => ("200 OK", modified.to_owned(), object),
        Some((first, last)) => {
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            let last = last.min(object.len() - 1);
            let range = format!("{modified}Content-Range: bytes {first}-{last}/{}\r\n", object.len());
            ("206 Partial Content", range, &object[first..=last])
        }
    };
    BucketAnswer { status, headers, body: body.to_vec() }
}
