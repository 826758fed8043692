//! The files of the page, over plain HTTP.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
};

use crate::support::{Database, World};

/// What a file is served as.
const TYPES: [(&str, &str); 5] = [
    ("html", "text/html"),
    ("js", "text/javascript"),
    ("css", "text/css"),
    ("svg", "image/svg+xml"),
    ("", "application/octet-stream"),
];

/// Every file of the page with its address.
pub(super) fn files() -> Vec<(String, PathBuf)> {
    fn collect(folder: &Path, address: &str, files: &mut Vec<(String, PathBuf)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let address = format!("{address}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                collect(&path, &address, files);
            } else {
                files.push((address, path));
            }
        }
    }

    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../console/page"), "/console", &mut files);
    assert!(!files.is_empty());
    files
}

/// An answer with its body as it is: not all of it is text.
fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> ureq::http::Response<Vec<u8>> {
    let mut request = ureq::get(format!("{}{path}", world.server.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, mut body) = request.call().unwrap().into_parts();
    ureq::http::Response::from_parts(head, body.read_to_vec().unwrap())
}

/// The whole answer to a path that is sent just as it is.
fn raw(world: &World, path: &str) -> String {
    let mut stream = TcpStream::connect(world.server.address()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_root_leads_to_the_page() {
    let world = World::new(Database::Sqlite);
    for path in ["/", "/console"] {
        let answer = raw(&world, path).to_lowercase();
        assert!(answer.starts_with("http/1.1 307"), "{path}: {answer}");
        // Relative, so that a proxy may put a path of its own before it.
        assert!(answer.contains("\r\nlocation: console/\r\n"), "{path}: {answer}");
        assert_eq!(get(&world, path, &[]).into_body(), get(&world, "/console/index.html", &[]).into_body());
    }
}

#[test]
fn every_file_is_what_it_says_and_keeps_the_page_in_bounds() {
    let world = World::new(Database::Sqlite);
    let types = |path: &Path| {
        let extension = path.extension().map_or("", |extension| extension.to_str().unwrap());
        let found = TYPES.iter().find(|(known, _)| *known == extension);
        found.unwrap_or_else(|| panic!("say in TYPES what {} is served as", path.display())).1
    };
    for (address, path) in files().into_iter().chain([("/console/".to_owned(), page("index.html"))]) {
        let answer = get(&world, &address, &[]);
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("content-type").split(';').next().unwrap(), types(&path), "{address}");
        assert_eq!(header("cache-control"), "no-cache", "{address}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(answer.body(), &std::fs::read(&path).unwrap(), "{address}");
        if types(&path) != "text/html" {
            continue;
        }
        assert_eq!(header("referrer-policy"), "no-referrer", "{address}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{address}");
        let policy: Vec<&str> = header("content-security-policy").split(';').map(str::trim).collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "media-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(&rule), "{address}: {rule} is not in {policy:?}");
        }
        assert!(!policy.iter().any(|rule| rule.contains("unsafe")), "{address}: {policy:?}");
    }
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let world = World::new(Database::Sqlite);
    for (address, _) in files() {
        let first = get(&world, &address, &[]);
        let tag = first.headers()["etag"].to_str().unwrap();
        let again = get(&world, &address, &[("If-None-Match", tag)]);
        assert_eq!((again.status().as_u16(), again.body().len()), (304, 0), "{address}");
        assert_eq!(again.headers()["etag"], tag, "{address}");
        // What a browser keeps is held to the policy of its last answer.
        for name in ["cache-control", "content-security-policy"] {
            assert_eq!(again.headers().get(name), first.headers().get(name), "{address}");
        }
        let other = get(&world, &address, &[("If-None-Match", "W/\"another\"")]);
        assert_eq!((other.status().as_u16(), other.body()), (200, first.body()), "{address}");
    }
}

#[test]
fn files_are_compressed_when_asked_for() {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let world = World::new(Database::Sqlite);
    for (address, _) in files() {
        let plain = get(&world, &address, &[]);
        assert!(!plain.headers().contains_key("content-encoding"), "{address}");
        let packed = get(&world, &address, &[("Accept-Encoding", "gzip")]);
        assert_eq!(packed.headers()["content-encoding"], "gzip", "{address}");
        assert_eq!(packed.body()[..2], GZIP, "{address}");
        assert_eq!(packed.headers()["etag"], plain.headers()["etag"], "{address}");
        let vary = packed.headers().get_all("vary").iter().any(|value| value == "accept-encoding");
        assert!(vary, "{address}: a cache between must not mix them up");
    }
}

#[test]
fn what_is_no_file_of_the_page_is_not_found() {
    let world = World::new(Database::Sqlite);
    for path in [
        "/console/nothing.js",
        "/console/index.html/",
        "/console/vendor",
        "/console/../Cargo.toml",
        "/console/%2e%2e/Cargo.toml",
        "/console/..%2fCargo.toml",
        "/console/vendor/../../Cargo.toml",
        "/console//etc/passwd",
        "/console/%00",
    ] {
        let answer = raw(&world, path);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains(r#"{"code":404,"status":"error","#), "{path}: {answer}");
    }
}

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../console/page").join(name)
}
