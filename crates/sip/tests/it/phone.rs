//! The sound of a callee's phone, made by hand: it hears what is played to it and which keys are pressed, and presses keys itself.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use media::g711::G711;
use tokio::net::UdpSocket;

use crate::support::PATIENCE;

const A_LAW: u8 = 8;
const MU_LAW: u8 = 0;
const KEYS: u8 = 101;

/// A phone at a port of loopback.
pub(crate) struct Phone {
    socket: UdpSocket,
    sequence: u16,
    /// Who calls: the sender of what came first.
    caller: Option<SocketAddr>,
    /// What was heard, silence left out.
    pub(crate) heard: Vec<i16>,
    /// The keys that were pressed, each with the timestamp of its event.
    keys: Vec<(u32, u8)>,
}

impl Phone {
    pub(crate) async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Self { socket, sequence: 1, caller: None, heard: Vec::new(), keys: Vec::new() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    /// The events that were heard as keys.
    pub(crate) fn keys(&self) -> Vec<u8> {
        self.keys.iter().map(|(_, key)| *key).collect()
    }

    /// Listens until this holds.
    pub(crate) async fn listen_until(&mut self, is_enough: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_enough(self) {
            assert!(begun.elapsed() < PATIENCE, "in vain: {} samples, {:?}", self.heard.len(), self.keys);
            self.listen_for(Duration::from_millis(100)).await;
        }
    }

    /// Listens to what comes next, or for so long.
    pub(crate) async fn listen_for(&mut self, most: Duration) {
        let mut packet = [0; 1_500];
        let Ok(came) = tokio::time::timeout(most, self.socket.recv_from(&mut packet)).await else { return };
        let (length, from) = came.unwrap();
        self.caller.get_or_insert(from);
        let (head, payload) = packet[..length].split_at(12);
        match head[1] & 127 {
            law @ (A_LAW | MU_LAW) => {
                let law = if law == A_LAW { G711::ALaw } else { G711::MuLaw };
                let samples = payload.iter().map(|byte| law.decode(*byte));
                self.heard.extend(samples.filter(|sample| sample.unsigned_abs() > 100));
            }
            KEYS => {
                let pressed = (u32::from_be_bytes(head[4..8].try_into().unwrap()), payload[0]);
                if self.keys.last() != Some(&pressed) {
                    self.keys.push(pressed);
                }
            }
            other => panic!("payload type {other} was not agreed on"),
        }
    }

    /// How many samples of about this loudness were heard.
    pub(crate) fn heard_about(&self, sample: i16) -> usize {
        self.heard.iter().filter(|heard| (**heard - sample).abs() < sample / 20).count()
    }

    /// Says this sample for so many milliseconds, by a law.
    pub(crate) async fn say(&mut self, law: G711, sample: i16, milliseconds: u16) {
        let caller = self.caller.unwrap();
        for _ in 0..milliseconds / 20 {
            let mut packet = vec![0x80, law.payload_type()];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend((u32::from(self.sequence) * 160).to_be_bytes());
            packet.extend(77_u32.to_be_bytes());
            packet.extend([law.encode(sample); 160]);
            self.sequence += 1;
            self.socket.send_to(&packet, caller).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Says these samples by A-law, and hears what comes meanwhile.
    pub(crate) async fn say_sound(&mut self, samples: &[i16]) {
        let caller = self.caller.unwrap();
        let mut due = tokio::time::Instant::now();
        for frame in samples.chunks(160) {
            let mut packet = vec![0x80, A_LAW];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend((u32::from(self.sequence) * 160).to_be_bytes());
            packet.extend(77_u32.to_be_bytes());
            packet.extend(frame.iter().map(|sample| G711::ALaw.encode(*sample)));
            self.sequence += 1;
            self.socket.send_to(&packet, caller).await.unwrap();
            due += Duration::from_millis(20);
            while let Some(left) = due.checked_duration_since(tokio::time::Instant::now()) {
                self.listen_for(left).await;
            }
        }
    }

    /// Presses a key for 100 ms, as RFC 4733 has it.
    pub(crate) async fn press(&mut self, key: u8) {
        let caller = self.caller.unwrap();
        let timestamp = u32::from(self.sequence) * 160;
        for part in 1..=8_u8 {
            let is_end = part > 5;
            let duration = u16::from(part.min(5)) * 160;
            let mut packet = vec![0x80, KEYS | if part == 1 { 0x80 } else { 0 }];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend(timestamp.to_be_bytes());
            packet.extend(77_u32.to_be_bytes());
            packet.extend([key, if is_end { 0x8a } else { 10 }]);
            packet.extend(duration.to_be_bytes());
            self.sequence += 1;
            self.socket.send_to(&packet, caller).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
