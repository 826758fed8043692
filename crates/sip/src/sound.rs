//! The sound of a call: a port of its own, what we say of it, and what goes and comes once that is agreed on. While nothing is played silence
//! goes, so that a NAT stays open and nobody takes the call for dead.

use std::{net::IpAddr, time::Duration};

use domain::{Codec, Line, LineKind};
use media::{
    g711::G711,
    ports::{PortFault, RtpPorts, RtpSocket},
    sdp::{AgreedMedia, MediaDirection, OwnMedia, SdpFault},
    session::{MediaControl, MediaEvent, MediaSession, MediaSettings},
};

use crate::figures;

/// How long nothing may come. Longer than a prompt that is listened to in silence over a line that sends no packets for that.
const LONGEST_SILENCE: Duration = Duration::from_mins(1);

/// The sound of a call. It ends, and its port is free again, when it is dropped.
pub(crate) struct CallSound {
    own: OwnMedia,
    chance: u32,
    /// Until something is agreed on.
    socket: Option<RtpSocket>,
    session: Option<MediaSession>,
}

impl CallSound {
    /// Takes a port. `shown` is our address as the other side sees it.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn open(
        ports: &RtpPorts,
        shown: IpAddr,
        codecs: &[Codec],
        chance: u32,
    ) -> Result<Self, PortFault> {
        let socket = ports.open()?;
        let own = OwnMedia::new(chance, shown, socket.port(), &laws(codecs));
        Ok(Self { own, chance, socket: Some(socket), session: None })
    }

    /// What we offer.
    pub(crate) fn offer(&mut self) -> Vec<u8> {
        self.own.offer(MediaDirection::SendReceive).into_bytes()
    }

    /// Reads an answer to what we offered, perhaps before anyone has answered the call; says whether both sides know a codec. An answer that
    /// says nothing leaves it at what was agreed before.
    pub(crate) fn agree(&mut self, answer: &[u8]) -> bool {
        if answer.is_empty() {
            return self.session.is_some();
        }
        match self.own.read_answer(answer) {
            Ok(agreed) => {
                self.follow(agreed);
                true
            }
            Err(_) => false,
        }
    }

    /// Someone answered the call. Gives what tells the sound what to play; `None`: nothing is agreed on.
    pub(crate) fn answered(&self) -> Option<MediaControl> {
        let control = self.session.as_ref()?.control();
        control.answered();
        Some(control.clone())
    }

    /// What tells the sound what to play; `None`: nothing is agreed on.
    pub(crate) fn control(&self) -> Option<&MediaControl> {
        self.session.as_ref().map(MediaSession::control)
    }

    /// What happens to the sound next; may be dropped and asked again.
    pub(crate) async fn event(&mut self) -> MediaEvent {
        if let Some(session) = &mut self.session
            && let Some(event) = session.event().await
        {
            return event;
        }
        std::future::pending().await
    }

    /// What we say to what the other side offers later; nothing offered: what we offer.
    ///
    /// # Errors
    /// Why it is refused.
    pub(crate) fn answer(&mut self, offer: &[u8]) -> Result<Vec<u8>, SdpFault> {
        if offer.is_empty() {
            return Ok(self.offer());
        }
        let (answer, agreed) = self.own.answer(offer, MediaDirection::SendReceive)?;
        self.follow(agreed);
        Ok(answer.into_bytes())
    }

    fn follow(&mut self, agreed: AgreedMedia) {
        if let Some(session) = &self.session {
            session.control().retarget(agreed);
        } else if let Some(socket) = self.socket.take() {
            let silence = Some(LONGEST_SILENCE);
            let settings = MediaSettings { silence, ..MediaSettings::of_chance(self.chance.into()) };
            self.session = Some(MediaSession::start(socket, agreed, settings));
        }
    }
}

impl Drop for CallSound {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            figures::end(session);
        }
    }
}

/// The codecs of a line, as the sound knows them.
pub(crate) fn laws_of(line: &Line) -> Vec<G711> {
    match &line.draft.settings.kind {
        LineKind::Sip(trunk) => laws(&trunk.codecs),
        LineKind::Simulated(_) => Vec::new(),
    }
}

fn laws(codecs: &[Codec]) -> Vec<G711> {
    codecs.iter().copied().map(law).collect()
}

const fn law(codec: Codec) -> G711 {
    match codec {
        Codec::Pcma => G711::ALaw,
        Codec::Pcmu => G711::MuLaw,
    }
}

#[cfg(test)]
mod tests {
    use media::ports::PortRange;

    use super::*;

    #[tokio::test]
    async fn each_call_has_a_port_of_its_own_while_there_are_any() {
        let here = IpAddr::from([127, 0, 0, 1]);
        let ports = RtpPorts::new(here, PortRange::new(47_001, 47_005).unwrap());
        let open = || CallSound::open(&ports, here, &[Codec::Pcma], 1);
        let (mut first, second) = (open().unwrap(), open().unwrap());
        assert!(open().is_err());
        assert!(!first.agree(b"") && !first.agree(b"v=0\r\n"));
        let answer = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
        assert!(first.agree(answer) && first.agree(b""));
        drop(second);
        assert!(open().is_ok());
    }
}
