//! Bots over `wss` whose certificates an operator's own authority has signed.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use super::{
    OPTIONS,
    bots::{TestBot, converse, echo, mu_law_line, script, turned},
    record_of,
};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, OwnDatabase, ProgramWorld, run, until},
};

/// TLS in front of a bot, with a certificate that is its own authority.
struct TlsFront {
    folder: TempDir,
    url: String,
}

impl TlsFront {
    fn before(bot: &TestBot) -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_certificate(&folder);
        let certificate = CertificateDer::from_pem_file(folder.path().join("bot.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.path().join("bot.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("wss://{}/media", listener.local_addr().unwrap());
        let behind = bot.url.trim_start_matches("ws://").trim_end_matches("/media").to_owned();
        thread::spawn(move || carry(listener, &TlsAcceptor::from(Arc::new(config)), &behind));
        Self { folder, url }
    }

    fn authority(&self) -> String {
        self.folder.path().join("bot.pem").display().to_string()
    }
}

fn make_certificate(folder: &TempDir) {
    let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=bot \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -keyout bot.key -out bot.pem";
    let mut command = Command::new("openssl");
    command.current_dir(folder.path()).args(arguments.split_whitespace()).stdin(Stdio::null());
    let output = command.output().expect("OpenSSL is not installed: apt-get install openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Carries what comes over TLS to whoever is behind, and back.
#[tokio::main(flavor = "current_thread")]
async fn carry(listener: TcpListener, acceptor: &TlsAcceptor, behind: &str) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, behind) = (acceptor.clone(), behind.to_owned());
        tokio::spawn(async move {
            let Ok(mut secured) = acceptor.accept(stream).await else { return };
            let mut plain = TcpStream::connect(behind).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut secured, &mut plain).await;
        });
    }
}

#[test]
fn a_bot_behind_an_authority_of_ones_own_is_known_by_it() {
    let phone = echo();
    let (bot, told) = TestBot::start(converse);
    let front = TlsFront::before(&bot);
    let authority = front.authority();
    let options = [&OPTIONS[..], &["--bot-authorities", &authority]].concat();
    let world = ProgramWorld::with(Database::Sqlite, &options);
    let script = script(&world, &front.url, &json!({}));
    let record = record_of(&world, &task_with_script(&world, &mu_law_line(&world, phone.port), script, 1));
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!("script")), "{record}");
    assert!(told.recv_timeout(Duration::from_secs(10)).unwrap()["start"].is_object());
    let said = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(said["said_back"], true);
}

#[test]
fn a_bot_whose_authority_nobody_knows_takes_no_call() {
    let phone = echo();
    let (bot, _told) = TestBot::start(converse);
    let front = TlsFront::before(&bot);
    let world = ProgramWorld::with(Database::Sqlite, &OPTIONS);
    let script = script(&world, &front.url, &json!({}));
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 1);
    start(&world, &task);
    until("the bot is known to be down", || progress(&world, &task)["reason"]["code"] == "bot_down");
    assert_eq!(progress(&world, &task)["reason"]["bot"]["fault"]["kind"], "certificate");
    assert_eq!(phone.heard(), "", "nobody was rung up");
    until("it is told", || turned(&world, &front.url) == [("bot.down".to_owned(), "certificate".into())]);
}

#[test]
fn a_file_without_authorities_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.pem");
    fs::write(&file, "no certificate").unwrap();
    let file = file.display().to_string();
    let database = OwnDatabase::migrated(Database::Sqlite);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--bot-authorities", &file];
    let ended = run(&database.url, &arguments);
    assert!(!ended.is_good(), "{ended:?}");
    assert!(ended.error.contains("none.pem") && ended.error.contains("no certificate in it"), "{ended:?}");
}
