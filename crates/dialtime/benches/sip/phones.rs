//! Phones made by hand, whose packets say when they were sent: as much SIP as one caller on loopback needs, and sound by the mu-law.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{net::UdpSocket, time::timeout};

use super::echo::{Course, FRAME_BYTES, Frame};

/// How long a frame of sound is.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// Answers all calls at a port of loopback: each by a phone of its own. Gives the port.
pub(crate) async fn listen(course: Arc<Course>) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut buffer, mut calls) = (vec![0; 65_536], std::collections::HashMap::new());
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let call = header(&request, "call-id").to_owned();
            let contact = format!("Contact: <sip:phone@127.0.0.1:{port}>\r\n");
            let say = |status: &str, more: &str, body: &str| answer(&request, status, more, body);
            let answers = match request.split(' ').next() {
                Some("INVITE") if !calls.contains_key(&call) => {
                    let sound = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                    let description = description(sound.local_addr().unwrap().port());
                    let ends = Arc::new(AtomicBool::new(false));
                    let phone =
                        Phone { nth: calls.len(), sound, to: sound_of(&request), ends: Arc::clone(&ends) };
                    tokio::spawn(phone.talk(Arc::clone(&course)));
                    calls.insert(call, ends);
                    let more = format!("{contact}Content-Type: application/sdp\r\n");
                    vec![say("180 Ringing", &contact, ""), say("200 OK", &more, &description)]
                }
                Some("BYE") => {
                    calls[&call].store(true, Ordering::Relaxed);
                    vec![say("200 OK", "", "")]
                }
                Some("OPTIONS") => vec![say("200 OK", "", "")],
                _ => Vec::new(),
            };
            for answer in answers {
                socket.send_to(answer.as_bytes(), from).await.unwrap();
            }
        }
    });
    port
}

fn header<'m>(message: &'m str, name: &str) -> &'m str {
    let named = message.lines().filter_map(|line| line.split_once(':'));
    let mut values = named.filter(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    values.next().unwrap()
}

fn answer(request: &str, status: &str, more: &str, body: &str) -> String {
    let [via, from, to, call, sequence] =
        ["via", "from", "to", "call-id", "cseq"].map(|name| header(request, name));
    let tag = if to.contains("tag=") { "" } else { ";tag=phone" };
    format!(
        "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call}\r\nCSeq: {sequence}\r\n{more}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn description(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n\
         a=rtpmap:0 PCMU/8000\r\n"
    )
}

/// Where an INVITE wants sound.
fn sound_of(invite: &str) -> SocketAddr {
    let port = invite.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
    SocketAddr::from(([127, 0, 0, 1], port.split(' ').next().unwrap().parse().unwrap()))
}

/// The sound of one call.
pub(crate) struct Phone {
    pub(crate) nth: usize,
    pub(crate) sound: UdpSocket,
    pub(crate) to: SocketAddr,
    /// Whether the call is over.
    pub(crate) ends: Arc<AtomicBool>,
}

impl Phone {
    /// Says a numbered frame every 20 ms, and notes when each was said and what is heard, until the call is over.
    pub(crate) async fn talk(self, course: Arc<Course>) {
        let Self { nth, sound, to, ends } = self;
        let mut packet = [0; 1_500];
        let (begun, mut number) = (Instant::now(), 0_u16);
        while !ends.load(Ordering::Relaxed) {
            let due = begun + FRAME * u32::from(number);
            let left = due.saturating_duration_since(Instant::now());
            if let Ok(length) = timeout(left, sound.recv(&mut packet)).await {
                course.heard(nth, &packet[..length.unwrap()]);
                continue;
            }
            let frame = Frame::Numbered { phone: nth, number }.bytes();
            course.saying(nth, number);
            sound.send_to(&rtp(number, &frame), to).await.unwrap();
            number += 1;
        }
    }
}

/// A packet of sound.
pub(crate) fn rtp(number: u16, sound: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * u32::try_from(FRAME_BYTES).unwrap()).to_be_bytes());
    packet.extend(7_u32.to_be_bytes());
    packet.extend(sound);
    packet
}
