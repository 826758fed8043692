//! The part of a line that only SIP trunks have.

use domain::{
    Codec, FaultRule, Faults, LineRule, LineSecret, MAXIMUM_SIP_ADDRESSES, MAXIMUM_SIP_HEADERS, Name,
    NumberDisplay, SipAddress, SipHeader, SipHost, SipIdentity, SipTransport, SipTrunk, SipUser,
    TraceKeeping,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    parts::at_most,
    texts::{
        SipAddressSchema, SipHeaderNameSchema, SipHeaderValueSchema, SipHostSchema, SipIdentitySchema,
        SipProxySchema, SipUserSchema,
    },
};
use crate::http::{body::fields, choices::choice, formats::DisplayNameSchema};

choice! {
    /// By what SIP is spoken.
    pub(crate) enum SipTransportChoice as SipTransport for SipTransport {
        Udp = "udp",
        Tcp = "tcp",
        Tls = "tls",
    }
}

choice! {
    /// A codec.
    pub(crate) enum CodecChoice as Codec for Codec {
        /// G.711 A-law.
        Pcma = "pcma",
        /// G.711 mu-law.
        Pcmu = "pcmu",
    }
}

choice! {
    /// Which calls' signalling is kept.
    pub(crate) enum TraceChoice as SipTrace for TraceKeeping {
        All = "all",
        /// That of calls that nobody answered.
        Unanswered = "unanswered",
        Off = "off",
    }
}

/// A header that is put into each INVITE; none of those that the program writes itself.
#[derive(Serialize, ToSchema)]
#[schema(as = SipHeader)]
pub(crate) struct SipHeaderBody {
    #[schema(value_type = SipHeaderNameSchema, required = true, example = "X-Account")]
    name: Option<String>,
    #[schema(value_type = SipHeaderValueSchema, required = true)]
    value: Option<String>,
}

fields!(SipHeaderBody { name, value } known &[]);

/// A SIP trunk.
#[derive(Serialize, ToSchema)]
#[schema(as = SipTrunk)]
pub(crate) struct SipBody {
    /// Where calls go, in order: hosts, with a port or without.
    #[schema(value_type = Vec<SipAddressSchema>, required = true, min_items = 1, max_items = 10, example = json!(["sip.example.com:5060"]))]
    addresses: Option<Vec<String>>,
    /// Where they are sent instead, on their way there.
    #[schema(value_type = Option<SipProxySchema>)]
    outbound_proxy: Option<String>,
    /// Left out, `udp`.
    transport: Option<SipTransportChoice>,
    /// The name of the digest; left out, the carrier knows us by our address.
    #[schema(value_type = Option<SipUserSchema>)]
    auth_user: Option<String>,
    /// What proves who calls; never answered. Left out, it stays; empty, it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only, max_length = 256, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    auth_secret: Option<String>,
    /// Whether we register there.
    register: Option<bool>,
    /// The user part of `From`; left out, the caller's number.
    #[schema(value_type = Option<SipUserSchema>)]
    from_user: Option<String>,
    /// The host of `From`; left out, our own address.
    #[schema(value_type = Option<SipHostSchema>)]
    from_domain: Option<String>,
    /// The name beside the number.
    #[schema(value_type = Option<DisplayNameSchema>)]
    display_name: Option<String>,
    /// `sip:USER@HOST`, `sips:USER@HOST` or `tel:+NUMBER`.
    #[schema(value_type = Option<SipIdentitySchema>)]
    p_asserted_identity: Option<String>,
    /// More headers of each INVITE.
    #[schema(max_items = 20)]
    headers: Option<Vec<SipHeaderBody>>,
    /// What is offered, in order; left out, both.
    #[schema(max_items = 2)]
    codecs: Option<Vec<CodecChoice>>,
    /// Which calls' signalling is kept for a week, to be looked at by `record_trace`; left out, all calls'.
    trace: Option<TraceChoice>,
    /// Of an answer: whether there is a secret.
    #[schema(read_only)]
    has_secret: Option<bool>,
}

fields!(SipBody {
    addresses, outbound_proxy, transport, auth_user, auth_secret, register, from_user, from_domain, display_name,
    p_asserted_identity, headers, codecs, trace, has_secret,
} known &[]);

impl SipBody {
    pub(super) fn shown(trunk: &SipTrunk, has_secret: bool, numbers: NumberDisplay) -> Self {
        let shown = |text: &str| numbers.show(text);
        let header = |SipHeader { name, value }: &SipHeader| SipHeaderBody {
            name: Some(name.clone()),
            value: Some(value.clone()),
        };
        Self {
            addresses: Some(trunk.addresses.iter().map(|address| address.as_str().to_owned()).collect()),
            outbound_proxy: trunk.outbound_proxy.as_ref().map(|proxy| proxy.as_str().to_owned()),
            transport: Some(trunk.transport.into()),
            auth_user: trunk.auth_user.as_ref().map(|user| user.as_str().to_owned()),
            auth_secret: None,
            register: Some(trunk.register),
            from_user: trunk.from_user.as_ref().map(|user| shown(user.as_str())),
            from_domain: trunk.from_domain.as_ref().map(|host| host.as_str().to_owned()),
            display_name: trunk.display_name.as_ref().map(|name| name.as_str().to_owned()),
            p_asserted_identity: trunk.asserted_identity.as_ref().map(|identity| shown(identity.as_str())),
            headers: Some(trunk.headers.iter().map(header).collect()),
            codecs: Some(trunk.codecs.iter().map(|codec| (*codec).into()).collect()),
            trace: Some(trunk.trace.into()),
            has_secret: Some(has_secret),
        }
    }

    /// The trunk, and its secret: the new one, or the one that there is.
    pub(super) fn check(
        self,
        present: Option<LineSecret>,
        faults: &mut Faults,
    ) -> (Option<SipTrunk>, Option<LineSecret>) {
        let secret = match self.auth_secret.as_deref() {
            None => present,
            Some("") => None,
            Some(text) => faults.check("sip.auth_secret", LineSecret::parse(text)),
        };
        let auth_user = optional("sip.auth_user", self.auth_user, SipUser::parse, faults);
        if secret.is_some() && auth_user.is_none() {
            faults.add("sip.auth_secret", FaultRule::Line(LineRule::SecretAlone));
        }
        let addresses = addresses(self.addresses, faults);
        // All of it is looked at, so that all that is wrong is told.
        let trunk = SipTrunk {
            addresses: Vec::new(),
            outbound_proxy: optional("sip.outbound_proxy", self.outbound_proxy, SipAddress::parse, faults),
            transport: self.transport.map(SipTransport::from).unwrap_or_default(),
            auth_user,
            register: self.register.unwrap_or(false),
            from_user: optional("sip.from_user", self.from_user, SipUser::parse, faults),
            from_domain: optional("sip.from_domain", self.from_domain, SipHost::parse, faults),
            display_name: optional("sip.display_name", self.display_name, Name::parse, faults),
            asserted_identity: optional(
                "sip.p_asserted_identity",
                self.p_asserted_identity,
                SipIdentity::parse,
                faults,
            ),
            headers: headers(self.headers.unwrap_or_default(), faults),
            codecs: codecs(self.codecs, faults),
            trace: self.trace.map(TraceKeeping::from).unwrap_or_default(),
        };
        (addresses.map(|addresses| SipTrunk { addresses, ..trunk }), secret)
    }
}

/// Text that may be left out, or be empty, which is the same.
fn optional<T>(
    field: &str,
    text: Option<String>,
    parse: fn(&str) -> Result<T, FaultRule>,
    faults: &mut Faults,
) -> Option<T> {
    let text = text.filter(|text| !text.is_empty())?;
    faults.check(field, parse(&text))
}

fn addresses(given: Option<Vec<String>>, faults: &mut Faults) -> Option<Vec<SipAddress>> {
    let given = faults.require("sip.addresses", given)?;
    if given.is_empty() {
        faults.add("sip.addresses", FaultRule::Empty);
    }
    at_most("sip.addresses", given.len(), MAXIMUM_SIP_ADDRESSES, faults);
    let numbered = given.iter().take(MAXIMUM_SIP_ADDRESSES).enumerate();
    let parsed = numbered
        .map(|(index, text)| faults.check(&format!("sip.addresses[{index}]"), SipAddress::parse(text)));
    // All are looked at, so that all that is wrong is told.
    parsed.collect::<Vec<_>>().into_iter().collect()
}

fn headers(given: Vec<SipHeaderBody>, faults: &mut Faults) -> Vec<SipHeader> {
    at_most("sip.headers", given.len(), MAXIMUM_SIP_HEADERS, faults);
    let mut headers: Vec<SipHeader> = Vec::new();
    for (index, header) in given.into_iter().take(MAXIMUM_SIP_HEADERS).enumerate() {
        let (name_field, value_field) =
            (format!("sip.headers[{index}].name"), format!("sip.headers[{index}].value"));
        let name = faults.require(&name_field, header.name);
        let value = faults.require(&value_field, header.value);
        let Some((name, value)) = name.zip(value) else { continue };
        faults.check(&name_field, SipHeader::check_name(&name));
        faults.check(&value_field, SipHeader::check_value(&value));
        if headers.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            faults.add(name_field, FaultRule::Repeated);
        }
        headers.push(SipHeader { name, value });
    }
    headers
}

fn codecs(given: Option<Vec<CodecChoice>>, faults: &mut Faults) -> Vec<Codec> {
    let mut codecs: Vec<Codec> = Vec::new();
    for codec in given.unwrap_or_default().into_iter().map(Codec::from) {
        if codecs.contains(&codec) {
            faults.add("sip.codecs", FaultRule::Repeated);
            break;
        }
        codecs.push(codec);
    }
    if codecs.is_empty() { vec![Codec::Pcma, Codec::Pcmu] } else { codecs }
}
