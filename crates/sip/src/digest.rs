//! Proves to a trunk who calls (RFC 3261 22, RFC 8760): from its challenge the header that answers it.

use domain::{Line, SipTrunk};
use rsipstack::{
    dialog::authenticate::compute_digest,
    sip::{
        Header, Method, Response, StatusCode,
        headers::auth::{Algorithm, AuthQop},
    },
};

use crate::answer::outside_quotes;

/// How many times an INVITE is sent with a digest: once, and once more where the trunk says that its nonce was only stale.
const MOST_ANSWERS: u8 = 2;

/// The name and secret of a line.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) secret: String,
}

impl Credentials {
    /// Those of a line; `None`: it has none.
    pub(crate) fn of(line: &Line, trunk: &SipTrunk) -> Option<Self> {
        let user = trunk.auth_user.as_ref()?.as_str().to_owned();
        let secret = line.draft.secret.as_ref()?.reveal().to_owned();
        Some(Self { user, secret })
    }
}

/// What a trunk asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: DigestHash,
    has_auth: bool,
    is_stale: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DigestHash {
    Md5,
    Sha256,
}

impl DigestHash {
    fn parse(text: Option<&str>) -> Option<Self> {
        match text.map(str::to_ascii_lowercase).as_deref() {
            None | Some("md5") => Some(Self::Md5),
            Some("sha-256" | "sha256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    const fn stacks(self) -> Algorithm {
        match self {
            Self::Md5 => Algorithm::Md5,
            Self::Sha256 => Algorithm::Sha256,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }
}

impl Challenge {
    /// Reads one; `None`: it is no digest, or of a kind that is not known.
    fn parse(text: &str) -> Option<Self> {
        // What we send back of it must not end our own line.
        if text.contains(|character: char| character.is_control() && character != '\t') {
            return None;
        }
        let (scheme, parameters) = text.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let parameters: Vec<(String, String)> = outside_quotes(parameters, ',')
            .into_iter()
            .filter_map(|parameter| parameter.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), unquoted(value)))
            .collect();
        let value =
            |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let qop = value("qop");
        let has_auth =
            qop.is_some_and(|qop| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !has_auth {
            return None;
        }
        Some(Self {
            realm: value("realm")?.to_owned(),
            nonce: value("nonce")?.to_owned(),
            opaque: value("opaque").map(str::to_owned),
            algorithm: DigestHash::parse(value("algorithm"))?,
            has_auth,
            is_stale: value("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let mut characters = inner.chars();
    let mut plain = String::with_capacity(inner.len());
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// How often a call's INVITEs have answered a challenge.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Challenged(u8);

impl Challenged {
    /// The header that answers a challenge of a request to this address; `None`: it is final.
    pub(crate) fn answer(
        &mut self,
        answer: &Response,
        credentials: &Credentials,
        request: (Method, &str),
        client_nonce: &str,
    ) -> Option<Header> {
        let challenge = of_answer(answer)?;
        if self.0 >= MOST_ANSWERS || (self.0 > 0 && !challenge.is_stale) {
            return None;
        }
        self.0 += 1;
        let text = header_value(&challenge, credentials, request, client_nonce);
        Some(if answer.status_code == StatusCode::ProxyAuthenticationRequired {
            Header::ProxyAuthorization(text.into())
        } else {
            Header::Authorization(text.into())
        })
    }
}

/// The first challenge of an answer that is known: they stand in the order of the other side's preference.
fn of_answer(answer: &Response) -> Option<Challenge> {
    let is_proxy = match answer.status_code {
        StatusCode::Unauthorized => false,
        StatusCode::ProxyAuthenticationRequired => true,
        _ => return None,
    };
    let mut challenges = answer.headers.iter().filter_map(|header| match header {
        Header::WwwAuthenticate(challenge) if !is_proxy => Some(challenge.value()),
        Header::ProxyAuthenticate(challenge) if is_proxy => Some(challenge.value()),
        _ => None,
    });
    challenges.find_map(Challenge::parse)
}

fn header_value(
    challenge: &Challenge,
    credentials: &Credentials,
    (method, uri): (Method, &str),
    client_nonce: &str,
) -> String {
    let Challenge { realm, nonce, opaque, algorithm, has_auth, .. } = challenge;
    let qop = has_auth.then(|| AuthQop::Auth { cnonce: client_nonce.to_owned(), nc: 1 });
    let Credentials { user, secret } = credentials;
    let kind = algorithm.stacks();
    let response = compute_digest(user, secret, realm, nonce, &method, uri, kind, qop.as_ref());
    let mut value = format!(
        "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\", algorithm={}",
        quoted(user),
        quoted(realm),
        quoted(nonce),
        quoted(uri),
        algorithm.name(),
    );
    if let Some(opaque) = opaque {
        value.extend([", opaque=", &quoted(opaque)]);
    }
    if *has_auth {
        value.extend([", qop=auth, nc=00000001, cnonce=\"", client_nonce, "\""]);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(code: &str, header: &str) -> Response {
        let text = format!(
            "SIP/2.0 {code}\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n\
             Call-ID: x\r\nCSeq: 1 INVITE\r\n{header}\r\nContent-Length: 0\r\n\r\n"
        );
        Response::try_from(text.as_bytes()).unwrap()
    }

    fn credentials() -> Credentials {
        Credentials { user: "Mufasa".to_owned(), secret: "Circle Of Life".to_owned() }
    }

    #[test]
    fn a_challenge_is_answered_by_its_algorithm() {
        // Reckoned with another program (Python's hashlib).
        let header = "WWW-Authenticate: Digest realm=\"a, \\\"b\\\"\", nonce=\"n1\", opaque=\"o\", qop=\"auth-int,auth\", algorithm=MD5";
        let answer = Challenged::default().answer(
            &challenge("401 Unauthorized", header),
            &credentials(),
            (Method::Invite, "sip:1@h"),
            "c",
        );
        let Some(Header::Authorization(value)) = answer else { panic!("no answer") };
        let value = value.value();
        assert!(
            value.contains("realm=\"a, \\\"b\\\"\"") && value.contains("qop=auth, nc=00000001, cnonce=\"c\""),
            "{value}"
        );
        assert!(value.contains("response=\"86da89e662a1cbd6ea9fa2a319b96e09\""), "{value}");
        let header = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256";
        let answer = Challenged::default().answer(
            &challenge("407 Proxy Authentication Required", header),
            &credentials(),
            (Method::Invite, "sip:1@h"),
            "c",
        );
        let Some(Header::ProxyAuthorization(value)) = answer else { panic!("no answer") };
        assert!(
            value
                .value()
                .contains("response=\"8cfc10ecd53a72d991199be218c67c852c1a44103228f45b675321cefba37dd4\""),
            "{}",
            value.value()
        );
    }

    #[test]
    fn a_challenge_that_could_end_our_line_is_not_answered() {
        for inside in ["\r", "\0", "\\\r", "\u{7f}"] {
            let header = format!("WWW-Authenticate: Digest realm=\"a{inside}b\", nonce=\"n\"");
            let challenge = challenge("401 Unauthorized", &header);
            let answer =
                Challenged::default().answer(&challenge, &credentials(), (Method::Invite, "sip:1@h"), "c");
            assert!(answer.is_none(), "{inside:?}: {answer:?}");
        }
    }

    #[test]
    fn a_second_challenge_is_final_unless_the_nonce_was_stale() {
        let plain = challenge("401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"");
        let stale =
            challenge("401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=TRUE");
        let mut challenged = Challenged::default();
        let mut is_answered =
            |answer| challenged.answer(answer, &credentials(), (Method::Invite, "sip:1@h"), "c").is_some();
        assert!(is_answered(&plain) && !is_answered(&plain) && is_answered(&stale) && !is_answered(&stale));
    }

    #[test]
    fn what_is_not_known_is_not_answered() {
        for header in [
            "WWW-Authenticate: Basic realm=\"r\"",
            "WWW-Authenticate: Digest realm=\"r\"",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=TOKEN",
            "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"",
        ] {
            let answer = challenge("401 Unauthorized", header);
            assert!(
                Challenged::default()
                    .answer(&answer, &credentials(), (Method::Invite, "sip:1@h"), "c")
                    .is_none(),
                "{header}"
            );
        }
    }
}
