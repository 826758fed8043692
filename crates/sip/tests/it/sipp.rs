//! SIPp as the other side of one call. Its scenario is the assertion: any other message, or any other order, makes it fail.

use std::{
    fmt::Write as _,
    net::{SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::support::PATIENCE;

/// What SIPp does next.
#[derive(Clone, Copy)]
pub(crate) enum Step<'s> {
    /// Waits for an INVITE.
    Invite,
    /// Waits for another request.
    Hears(&'s str),
    /// Waits for an answer to its own request.
    HearsAnswer(u16),
    /// Answers the INVITE: status line, headers.
    Says(&'s str, &'s [&'s str]),
    /// Answers it with sound.
    SaysWithSound(&'s str),
    /// The same, with the sound at this port.
    SaysWithSoundAt(&'s str, u16),
    /// Answers it with this body.
    SaysWithBody(&'s str, &'s str),
    /// Answers the last request that is not the INVITE.
    Acknowledges,
    /// Refuses it.
    Refuses(&'s str),
    /// Sends a request in the dialog, with sound if so.
    Asks(&'s str, bool),
    /// Hangs up, with this header.
    HangsUp(&'s str),
    /// Sends an ACK for the answer to its re-INVITE.
    Acks,
    /// Checks the digest of the INVITE that is next, for alice and this secret; goes on if it is right.
    InviteWithDigest(&'s str),
    /// Does nothing for so many milliseconds.
    Waits(u32),
}

/// What most callees say first.
pub(crate) const RINGING: Step<'_> = Step::Says("180 Ringing", &[]);

const TO: &str = "To: [$3];tag=callee";

const SOUND: &str = "v=0\no=sipp 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 47800 RTP/AVP 8 101\n\
                     a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\n";

/// SIPp while it runs.
pub(crate) struct Sipp {
    child: Child,
    folder: TempDir,
    pub(crate) address: SocketAddr,
}

impl Sipp {
    /// Starts it; it is there when this returns.
    pub(crate) async fn start(steps: &[Step<'_>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scenario.xml");
        std::fs::write(&file, scenario(steps)).unwrap();
        let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args([
                "-sf",
                "scenario.xml",
                "-i",
                "127.0.0.1",
                "-p",
                &free.port().to_string(),
                "-m",
                "1",
                "-nostdin",
            ])
            .args(["-timeout", "25s", "-timeout_error", "-trace_err", "-error_file", "errors.txt"])
            .args(["-trace_msg", "-message_file", "messages.txt"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("SIPp is not installed: apt-get install sip-tester");
        let sipp = Self { child, folder, address: free };
        let is_taken = || UdpSocket::bind(free).is_err();
        for _ in 0..200 {
            if is_taken() {
                return sipp;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("SIPp did not start: {}", sipp.said());
    }

    /// Waits for it to end; everything must have been as its scenario says.
    pub(crate) async fn ended_well(mut self) -> String {
        let begun = std::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}: {}", self.said());
                return self.file("messages.txt");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("SIPp does not end: {}", self.said());
    }

    fn said(&self) -> String {
        format!("{}\n{}", self.file("errors.txt"), self.file("messages.txt"))
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn scenario(steps: &[Step<'_>]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"callee\">\n");
    for step in steps {
        write_step(&mut text, step).unwrap();
    }
    text.push_str("<timewait milliseconds=\"300\"/>\n");
    if text.contains("assign_to") {
        text.push_str("<Reference variables=\"1,2,3\"/>\n");
    }
    text.push_str("</scenario>\n");
    text
}

fn write_step(text: &mut String, step: &Step<'_>) -> std::fmt::Result {
    match step {
        Step::Invite => write_invite(text, None),
        Step::InviteWithDigest(secret) => write_invite(text, Some(secret)),
        Step::Hears(method) => writeln!(text, "<recv request=\"{method}\"/>"),
        Step::HearsAnswer(code) => writeln!(text, "<recv response=\"{code}\"/>"),
        Step::Says(line, headers) => {
            writeln!(text, "<send><![CDATA[\n{}\n]]></send>", answer(line, headers, ""))
        }
        Step::SaysWithSound(line) => write_answer(text, line, SOUND),
        Step::SaysWithSoundAt(line, port) => {
            write_answer(text, line, &SOUND.replace("47800", &port.to_string()))
        }
        Step::SaysWithBody(line, body) => write_answer(text, line, body),
        Step::Acknowledges => write_step(text, &Step::Refuses("200 OK")),
        Step::Refuses(line) => writeln!(
            text,
            "<send><![CDATA[\nSIP/2.0 {line}\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>"
        ),
        Step::Asks(method, has_sound) => {
            let sound = if *has_sound { SOUND } else { "" };
            writeln!(text, "<send retrans=\"500\"><![CDATA[\n{}\n]]></send>", request(method, sound))
        }
        Step::HangsUp(header) => {
            let bye = request("BYE", "").replacen("Max-Forwards", &format!("{header}\nMax-Forwards"), 1);
            writeln!(text, "<send retrans=\"500\"><![CDATA[\n{bye}\n]]></send>")
        }
        Step::Acks => writeln!(text, "<send><![CDATA[\n{}\n]]></send>", request("ACK", "")),
        Step::Waits(milliseconds) => writeln!(text, "<pause milliseconds=\"{milliseconds}\"/>"),
    }
}

fn write_answer(text: &mut String, line: &str, body: &str) -> std::fmt::Result {
    let repeats = if line.starts_with('2') { " retrans=\"500\"" } else { "" };
    writeln!(text, "<send{repeats}><![CDATA[\n{}\n]]></send>", answer(line, &[], body))
}

/// Takes note of the INVITE's CSeq, From and To, and checks its digest.
fn write_invite(text: &mut String, secret: Option<&str>) -> std::fmt::Result {
    text.push_str("<recv request=\"INVITE\" rrs=\"true\"><action>\n");
    for (header, pattern, variable) in [("CSeq:", "[0-9]+", 1), ("From:", ".*", 2), ("To:", ".*", 3)] {
        let found = format!("check_it=\"true\" assign_to=\"{variable}\"");
        writeln!(text, "<ereg regexp=\"{pattern}\" search_in=\"hdr\" header=\"{header}\" {found}/>")?;
    }
    if let Some(secret) = secret {
        writeln!(text, "<verifyauth assign_to=\"4\" username=\"alice\" password=\"{secret}\"/>")?;
    }
    text.push_str("</action></recv>\n");
    if secret.is_some() {
        // Nothing is ever called so: with a wrong digest the scenario is not content.
        text.push_str("<nop next=\"good\" test=\"4\"/>\n<recv request=\"DIGEST\"/>\n<label id=\"good\"/>\n");
    }
    Ok(())
}

fn with_body(head: &str, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!("{head}{kind}Content-Length: [len]\n\n{body}")
}

fn answer(line: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().flat_map(|header| [header, "\n"]).collect();
    let head = format!(
        "SIP/2.0 {line}\n[last_Via:]\n[last_Record-Route:]\nFrom: [$2]\n{TO}\n[last_Call-ID:]\nCSeq: [$1] INVITE\n\
         Contact: <sip:callee@[local_ip]:[local_port]>\n{headers}"
    );
    with_body(&head, body)
}

fn request(method: &str, body: &str) -> String {
    let head = format!(
        "{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n[routes]\nFrom: [$3];tag=callee\n\
         To: [$2]\n[last_Call-ID:]\nCSeq: [cseq] {method}\nContact: <sip:callee@[local_ip]:[local_port]>\nMax-Forwards: 70\n"
    );
    with_body(&head, body)
}
