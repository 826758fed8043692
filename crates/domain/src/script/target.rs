//! Whom calls are transferred to, as numbers and in records.

use super::TransferTarget;

/// From how many digits on a target may be somebody's telephone number: no extension is as long.
const NUMBER_DIGITS: usize = 7;

/// What stands in records for a telephone number.
const HIDDEN: &str = "***";

impl TransferTarget {
    /// Who is called, without the host.
    pub fn user(&self) -> &str {
        match self {
            Self::Extension(extension) => extension.as_str(),
            Self::SipAddress(address) => {
                let address = address.as_str();
                let rest = address.split_once(':').map_or(address, |(_, rest)| rest);
                rest.split_once('@').map_or(rest, |(user, _)| user)
            }
        }
    }

    /// Whether it may be somebody's telephone number.
    pub(crate) fn may_be_number(&self) -> bool {
        self.user().bytes().filter(u8::is_ascii_digit).count() >= NUMBER_DIGITS
    }

    /// As records show it. What may be a telephone number is left out, so that no record but the callee's own holds any.
    pub fn shown(&self) -> String {
        let user = self.user();
        let shown = if self.may_be_number() { HIDDEN } else { user };
        match self {
            Self::Extension(_) => shown.to_owned(),
            Self::SipAddress(address) => {
                let host = address.as_str().split_once('@').map_or("", |(_, host)| host);
                format!("sip:{shown}@{host}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TransferAddress, TransferExtension};

    fn extension(text: &str) -> TransferTarget {
        TransferTarget::Extension(TransferExtension::parse(text).unwrap())
    }

    fn address(text: &str) -> TransferTarget {
        TransferTarget::SipAddress(TransferAddress::parse(text).unwrap())
    }

    #[test]
    fn no_record_shows_a_telephone_number() {
        for (target, shown) in [
            (extension("801"), "801"),
            (extension("sales.desk"), "sales.desk"),
            (extension("13800001234"), "***"),
            (extension("9+138-0000-1234"), "***"),
            (address("sip:1001@pbx.example.com"), "sip:1001@pbx.example.com"),
            (address("sips:+8613800001234@10.0.0.1:5061"), "sip:***@10.0.0.1:5061"),
        ] {
            assert_eq!(target.shown(), shown);
        }
    }
}
