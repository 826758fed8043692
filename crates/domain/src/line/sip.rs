//! What is known of a SIP trunk: where it is, how it is spoken to, and who we say we are.

use std::{fmt, net::Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{FaultRule, LineRule, Name};

/// The most addresses of one trunk, tried in order.
pub const MAXIMUM_SIP_ADDRESSES: usize = 10;

/// The most extra headers of one trunk.
pub const MAXIMUM_SIP_HEADERS: usize = 20;

const LONGEST_HOST: usize = 253;
const LONGEST_HEADER_NAME: usize = 64;
const LONGEST_TEXT: usize = 256;
const LONGEST_SECRET: usize = 256;

/// A SIP trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipTrunk {
    /// Where calls go, in order; 1 to [`MAXIMUM_SIP_ADDRESSES`].
    pub addresses: Vec<SipAddress>,
    /// Where they are sent instead, on their way there.
    pub outbound_proxy: Option<SipAddress>,
    /// By what.
    pub transport: SipTransport,
    /// The name that the secret belongs to; `None`: the carrier knows us by our address.
    pub auth_user: Option<SipUser>,
    /// Whether we register there.
    pub register: bool,
    /// The user part of `From`; `None`: the caller's number.
    pub from_user: Option<SipUser>,
    /// The host of `From`; `None`: our own address.
    pub from_domain: Option<SipHost>,
    /// The name beside the number.
    pub display_name: Option<Name>,
    /// `P-Asserted-Identity`; `None`: there is none.
    pub asserted_identity: Option<SipIdentity>,
    /// More headers of each INVITE, at most [`MAXIMUM_SIP_HEADERS`].
    pub headers: Vec<SipHeader>,
    /// What is offered, in order; at least one.
    pub codecs: Vec<Codec>,
    /// Which calls' signalling is kept.
    #[serde(default)]
    pub trace: TraceKeeping,
}

impl SipTrunk {
    /// What holds of a trunk at these addresses where nobody says anything else.
    pub fn new(addresses: Vec<SipAddress>) -> Self {
        Self {
            addresses,
            outbound_proxy: None,
            transport: SipTransport::default(),
            auth_user: None,
            register: false,
            from_user: None,
            from_domain: None,
            display_name: None,
            asserted_identity: None,
            headers: Vec::new(),
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            trace: TraceKeeping::default(),
        }
    }
}

/// Which calls' signalling is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceKeeping {
    /// All calls'.
    #[default]
    All,
    /// That of calls that nobody answered.
    Unanswered,
    /// None.
    Off,
}

impl TraceKeeping {
    /// Whether that of a call is kept.
    pub const fn keeps(self, was_answered: bool) -> bool {
        match self {
            Self::All => true,
            Self::Unanswered => !was_answered,
            Self::Off => false,
        }
    }
}

/// By what SIP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SipTransport {
    /// UDP.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
}

/// A codec of telephony, at 8,000 samples a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// G.711 A-law, as in Europe and China.
    Pcma,
    /// G.711 mu-law, as in North America and Japan.
    Pcmu,
}

/// A host and perhaps a port: `sip.example.com`, `192.0.2.1:5080`, `[2001:db8::1]:5060`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SipAddress(String);

impl SipAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// [`LineRule::Address`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let is_port = |port: &str| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        };
        if is_host(host) && port.is_none_or(is_port) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FaultRule::Line(LineRule::Address))
        }
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host: a domain name, an IPv4 address, or an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SipHost(String);

impl SipHost {
    /// Reads a host.
    ///
    /// # Errors
    /// [`LineRule::Host`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if is_host(text) { Ok(Self(text.to_owned())) } else { Err(FaultRule::Line(LineRule::Host)) }
    }

    /// The host as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.len() <= LONGEST_HOST && text.split('.').all(is_label)
}

/// The user part of a SIP address, or the name of a digest: 1 to 128 letters, digits and `-_.!~'()&=+$,;?/@`; no `*`,
/// which stands in what is shown masked. Its `Debug` form
/// shows none of it, for it may be a telephone number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SipUser(String);

impl SipUser {
    /// Reads a user part.
    ///
    /// # Errors
    /// [`LineRule::User`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~'()&=+$,;?/@".contains(&byte);
        if (1..=128).contains(&text.len()) && text.bytes().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FaultRule::Line(LineRule::User))
        }
    }

    /// The user part as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SipUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SipUser(..)")
    }
}

/// Who a network is told is calling: `sip:USER@HOST`, `sips:USER@HOST` or `tel:+NUMBER`. Its `Debug` form shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SipIdentity(String);

impl SipIdentity {
    /// Reads an identity.
    ///
    /// # Errors
    /// [`LineRule::Identity`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_sip = |rest: &str| {
            rest.split_once('@').is_some_and(|(user, address)| {
                SipUser::parse(user).is_ok() && SipAddress::parse(address).is_ok()
            })
        };
        let is_number = |rest: &str| {
            rest.strip_prefix('+').is_some_and(|digits| {
                (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let is_good = match text.split_once(':') {
            Some(("sip" | "sips", rest)) => is_sip(rest),
            Some(("tel", rest)) => is_number(rest),
            _ => false,
        };
        if is_good { Ok(Self(text.to_owned())) } else { Err(FaultRule::Line(LineRule::Identity)) }
    }

    /// The identity as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SipIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SipIdentity(..)")
    }
}

/// A header that is put into each INVITE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Headers that the program writes itself, or that have a field of their own: a second one would break the call, or say
/// something else than the call does.
const RESERVED: [&str; 39] = [
    "accept",
    "alert-info",
    "allow",
    "authorization",
    "call-id",
    "contact",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-type",
    "cseq",
    "date",
    "event",
    "expires",
    "from",
    "identity",
    "max-forwards",
    "mime-version",
    "min-expires",
    "min-se",
    "p-asserted-identity",
    "p-preferred-identity",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-require",
    "rack",
    "reason",
    "record-route",
    "refer-to",
    "replaces",
    "require",
    "route",
    "rseq",
    "session-expires",
    "supported",
    "to",
    "unsupported",
    "via",
    "www-authenticate",
];

impl SipHeader {
    /// Checks the name of a header: a token of RFC 3261, of at least two letters, for those of one are short forms of reserved ones.
    ///
    /// # Errors
    /// [`LineRule::HeaderName`], [`LineRule::HeaderReserved`].
    pub fn check_name(name: &str) -> Result<(), FaultRule> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
        if !(2..=LONGEST_HEADER_NAME).contains(&name.len()) || !name.bytes().all(is_token) {
            return Err(FaultRule::Line(LineRule::HeaderName));
        }
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(FaultRule::Line(LineRule::HeaderReserved));
        }
        Ok(())
    }

    /// Checks the value of a header: in one line, so that it cannot begin another.
    ///
    /// # Errors
    /// [`LineRule::HeaderValue`].
    pub fn check_value(value: &str) -> Result<(), FaultRule> {
        let is_short = (1..=LONGEST_TEXT).contains(&value.chars().count()) && !value.trim().is_empty();
        if is_short && !value.chars().any(char::is_control) {
            Ok(())
        } else {
            Err(FaultRule::Line(LineRule::HeaderValue))
        }
    }
}

/// What proves to a carrier who calls. It is never shown again, and its `Debug` form shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct LineSecret(String);

impl LineSecret {
    /// Takes 1 to 256 characters without control characters.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.is_empty() {
            return Err(FaultRule::Empty);
        }
        if text.chars().count() > LONGEST_SECRET {
            return Err(FaultRule::TooLong(LONGEST_SECRET));
        }
        if text.chars().any(char::is_control) {
            return Err(FaultRule::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret, for the carrier and the database alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LineSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LineSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_with_a_port_or_without() {
        for good in [
            "sip.example.com",
            "sip.example.com:5080",
            "192.0.2.1",
            "[2001:db8::1]",
            "[::1]:5060",
            "localhost:65535",
        ] {
            assert!(SipAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            ":5060",
            "a..b",
            "a:0",
            "a:65536",
            "a:+1",
            "a:",
            "::1",
            "[::1",
            "[x]",
            "a b",
            "a/b",
            "sip:a@b",
            "a@b",
            "例子.中国",
            "a\r\nb",
        ] {
            assert_eq!(SipAddress::parse(bad), Err(FaultRule::Line(LineRule::Address)), "{bad}");
        }
    }

    #[test]
    fn no_header_can_break_the_call_or_begin_another() {
        for good in ["X-Account", "Subject", "Diversion", "X-1"] {
            assert_eq!(SipHeader::check_name(good), Ok(()), "{good}");
        }
        for reserved in ["Via", "FROM", "content-length", "P-Asserted-Identity", "Route", "Session-Expires"] {
            assert_eq!(
                SipHeader::check_name(reserved),
                Err(FaultRule::Line(LineRule::HeaderReserved)),
                "{reserved}"
            );
        }
        for bad in ["", "v", "X Account", "X:Y", "X-\r\nVia", "名"] {
            assert_eq!(SipHeader::check_name(bad), Err(FaultRule::Line(LineRule::HeaderName)), "{bad}");
        }
        assert!(RESERVED.is_sorted());
        assert_eq!(SipHeader::check_value("账户 7; x=\"y\""), Ok(()));
        for bad in ["", " ", "a\r\nVia: b", "a\nb", "\0", &"x".repeat(257)] {
            assert!(SipHeader::check_value(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn identities_and_users_are_what_sip_can_carry() {
        for good in ["sip:1001@example.com", "sips:+86@[::1]:5061", "tel:+862161234567"] {
            assert!(SipIdentity::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "1001", "sip:1001", "tel:abc", "http:a@b", "sip:a b@c", "sip:a@b>\r\n", "tel:", "tel:110"]
        {
            assert!(SipIdentity::parse(bad).is_err(), "{bad}");
        }
        assert!(SipUser::parse("user@realm").is_ok() && SipUser::parse("a<b").is_err());
    }

    #[test]
    fn what_is_secret_is_not_shown_by_debug() {
        let shown = format!(
            "{:?} {:?} {:?}",
            LineSecret::parse("hunter2").unwrap(),
            SipUser::parse("13800001234").unwrap(),
            SipIdentity::parse("tel:+8613800001234").unwrap()
        );
        assert!(!shown.contains("hunter2") && !shown.contains("1380000"), "{shown}");
    }

    #[test]
    fn what_is_kept_is_said_by_the_line() {
        let kept = |keeping: TraceKeeping| [keeping.keeps(true), keeping.keeps(false)];
        assert_eq!(kept(TraceKeeping::All), [true, true]);
        assert_eq!(kept(TraceKeeping::Unanswered), [false, true]);
        assert_eq!(kept(TraceKeeping::Off), [false, false]);
    }
}
