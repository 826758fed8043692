//! What two descriptions agree on.

use std::net::{IpAddr, SocketAddr};

use crate::g711::G711;

/// How many milliseconds of sound a packet holds where nobody says (RFC 3551 section 4.2).
pub const DEFAULT_FRAME_MILLISECONDS: u8 = 20;

/// Which ways sound goes, as seen from the side that says it (RFC 3264 section 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaDirection {
    /// Both.
    #[default]
    SendReceive,
    /// Only away from that side: it put the other on hold, perhaps with music.
    SendOnly,
    /// Only towards that side.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

impl MediaDirection {
    /// The direction that sends and receives as said.
    pub const fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendReceive,
            (true, false) => Self::SendOnly,
            (false, true) => Self::ReceiveOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether that side sends.
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// Whether that side receives.
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }

    /// The same, seen from the other side.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        Self::of(self.receives(), self.sends())
    }

    /// What goes both in this and in the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self::of(self.sends() && other.sends(), self.receives() && other.receives())
    }

    /// Its name in SDP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The direction of a name in SDP.
    pub fn named(name: &str) -> Option<Self> {
        [Self::SendReceive, Self::SendOnly, Self::ReceiveOnly, Self::Inactive]
            .into_iter()
            .find(|direction| direction.name() == name)
    }
}

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadKind {
    /// Sound by this law.
    Sound(G711),
    /// Digits (RFC 4733, `telephone-event/8000`).
    Digits,
}

/// What each payload type stands for that may come in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PayloadTypes([Option<PayloadKind>; 128]);

impl PayloadTypes {
    /// None.
    pub const NONE: Self = Self([None; 128]);

    /// What a payload type stands for; `None`: nothing that was agreed.
    pub fn kind(&self, payload_type: u8) -> Option<PayloadKind> {
        self.0.get(usize::from(payload_type)).copied().flatten()
    }

    /// Lets a payload type, 0 to 127, stand for something, unless it stands for something already.
    pub fn add(&mut self, payload_type: u8, kind: PayloadKind) {
        if let Some(place) = self.0.get_mut(usize::from(payload_type)) {
            place.get_or_insert(kind);
        }
    }

    /// Every payload type that stands for something, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u8, PayloadKind)> + '_ {
        (0..=127).filter_map(|payload_type| Some((payload_type, self.kind(payload_type)?)))
    }
}

impl std::fmt::Debug for PayloadTypes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

/// What our side and the other agreed on: all that a session of media must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedMedia {
    /// The law that we send by: the first of the answer that we know.
    pub codec: G711,
    /// The payload type that our sound is sent in, as the other side's description names it.
    pub send_sound: u8,
    /// The payload type that our digits are sent in, as the other side's description names it; `None`: it takes none.
    pub send_digits: Option<u8>,
    /// What may come: the payload types of the offer and those of the answer. Some send digits in the type that they named
    /// themselves, although RFC 3264 section 5.1 asks for the other's.
    pub receive: PayloadTypes,
    /// Where we send to; `None`: the other side named no address that can be sent to (`0.0.0.0`, or a host's name, which is not looked up),
    /// so that its packets must come first.
    pub remote: Option<SocketAddr>,
    /// Which ways sound goes, seen from our side.
    pub direction: MediaDirection,
    /// How many milliseconds of sound the other side wants in a packet: 10 to 60, a multiple of 10.
    pub frame_milliseconds: u8,
}

impl AgreedMedia {
    /// Whether the other side put us on hold: it wants no sound of ours.
    pub const fn is_on_hold(&self) -> bool {
        !self.direction.sends()
    }

    /// Whether the other side's address may be behind a NAT, so that sound goes where its packets come from (symmetric RTP,
    /// RFC 4961): a private, shared, link-local or loopback address, or none.
    pub fn may_be_behind_nat(&self) -> bool {
        self.remote.is_none_or(|remote| is_private(remote.ip()))
    }
}

/// Whether an address is of no use outside its own network (RFC 1918, 6598, 3927, 4193).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}
