//! Kamailio as a proxy between us and a callee: it asks who calls, stays in the way of all that follows, and speaks UDP, TCP and TLS.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::{SipAddress, SipTransport, SipTrunk};
use tempfile::TempDir;
use test_support::free_port;

use crate::support::{PATIENCE, trunk_with_user};

/// A proxy that runs. It knows alice, whose secret is `secret`.
pub(crate) struct Kamailio {
    child: Child,
    folder: TempDir,
    port: u16,
    tls_port: u16,
}

impl Kamailio {
    /// A proxy in front of a callee.
    pub(crate) async fn before(callee: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_certificate(&folder);
        let (port, tls_port) = (free_port(), free_port());
        let file = folder.path().join("kamailio.cfg");
        fs::write(&file, config(&folder, callee, [port, tls_port])).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new("kamailio")
            .args(["-DD", "-E", "-m", "64", "-M", "8", "-Y"])
            .arg(folder.path())
            .arg("-f")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("Kamailio is not installed: apt-get install kamailio kamailio-tls-modules");
        let proxy = Self { child, folder, port, tls_port };
        let begun = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", tls_port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "Kamailio did not start: {}", proxy.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    /// A line whose carrier this is.
    pub(crate) fn trunk(&self, transport: SipTransport) -> SipTrunk {
        let port = if transport == SipTransport::Tls { self.tls_port } else { self.port };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let addresses = vec![SipAddress::parse(&address.to_string()).unwrap()];
        SipTrunk { addresses, transport, ..trunk_with_user(address) }
    }

    /// The authority that it can be known by.
    pub(crate) fn authority(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("authority.pem")).unwrap()
    }

    /// What became of each registration that it knew, in order, once it has said so of this many: it answers first.
    pub(crate) async fn registrations(&self, expected: usize) -> Vec<String> {
        let begun = std::time::Instant::now();
        loop {
            let said = self.said();
            let found = said.lines().filter_map(|line| Some(line.get(line.find("bindings ")?..)?.to_owned()));
            let found: Vec<String> = found.collect();
            if found.len() >= expected || begun.elapsed() > PATIENCE {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Kamailio {
    /// Its processes end with the first, which has to be asked.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// An authority, and the certificate of 127.0.0.1 that it has signed.
fn make_certificate(folder: &TempDir) {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(folder.path()).args(arguments.split(' ')).stdin(Stdio::null());
        let output = command.output().expect("OpenSSL is not installed: apt-get install openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(folder.path().join("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!("req -x509 {key} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem"));
    openssl(&format!("req {key} -subj /CN=localhost -keyout proxy.key -out proxy.csr"));
    openssl(
        "x509 -req -in proxy.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out proxy.pem",
    );
}

const MODULES: [&str; 12] = [
    "tm",
    "sl",
    "rr",
    "pv",
    "siputils",
    "textops",
    "auth",
    "nathelper",
    "tls",
    "usrloc",
    "registrar",
    "xlog",
];

/// As a registrar it keeps whoever is there in memory, and says of each REGISTER whether somebody is afterwards.
const REGISTRAR: &str = r#"    if (is_method("REGISTER")) {
        if (!pv_www_authenticate("here", "secret", "0")) {
            www_challenge("here", "0");
            exit;
        }
        save("location", "0x02");
        sl_send_reply("200", "OK");
        if (registered("location", "$tu")) {
            xlog("L_ALERT", "bindings 1\n");
        } else {
            xlog("L_ALERT", "bindings 0\n");
        }
        exit;
    }
"#;

/// Its clients are reached over the connection that they have opened, as behind a NAT: over TLS no client listens.
fn config(folder: &TempDir, callee: SocketAddr, [port, tls_port]: [u16; 2]) -> String {
    let folder = folder.path().display();
    let modules = MODULES.map(|module| format!("loadmodule \"{module}.so\"\n")).concat();
    format!(
        r#"#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
exit_timeout=1
enable_tls=yes
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
listen=tls:127.0.0.1:{tls_port}
{modules}
modparam("usrloc", "db_mode", 0)
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "private_key", "{folder}/proxy.key")
modparam("tls", "certificate", "{folder}/proxy.pem")
request_route {{
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        handle_ruri_alias();
        if (loose_route() || is_method("ACK")) t_relay();
        exit;
    }}
{REGISTRAR}    if (!pv_proxy_authenticate("here", "secret", "0")) {{
        proxy_challenge("here", "0");
        exit;
    }}
    if (is_method("OPTIONS")) {{
        sl_send_reply("200", "Alive");
        exit;
    }}
    consume_credentials();
    add_contact_alias();
    record_route();
    $du = "sip:{callee};transport=udp";
    t_relay();
}}
"#
    )
}
