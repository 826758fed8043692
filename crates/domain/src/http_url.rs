//! Addresses that accounts choose, of receivers of webhooks and of files of holidays.

use core::net::IpAddr;

use url::{Host, Url};

use crate::{FaultRule, is_public_address};

/// The longest address, in characters.
const LONGEST_URL: usize = 2_000;

/// An `http` or `https` address, without user name, password or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.chars().count() > LONGEST_URL {
            return Err(FaultRule::TooLong(LONGEST_URL));
        }
        let url = Url::parse(text).map_err(|_| FaultRule::Url)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let known = ["http", "https"].contains(&url.scheme()) && url.host().is_some();
        if plain && known { Ok(Self(url.into())) } else { Err(FaultRule::Url) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be told without asking for its name that it is not of the public Internet: it has an address of this machine or of a private network for
    /// a host.
    pub fn is_private_literally(&self) -> bool {
        let host = Url::parse(&self.0).ok().and_then(|url| match url.host()? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        });
        host.is_some_and(|address| !is_public_address(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_name_says_whether_it_is_private() {
        for private in [
            "http://127.0.0.1:9",
            "http://2130706433/",
            "http://[::1]/x",
            "http://[::ffff:10.0.0.1]/",
            "http://10.1/",
        ] {
            assert!(HttpUrl::parse(private).unwrap().is_private_literally(), "{private}");
        }
        for other in [
            "http://1.1.1.1/",
            "https://[2606:4700::1]/",
            "http://localhost/",
            "https://example.com/127.0.0.1",
        ] {
            assert!(!HttpUrl::parse(other).unwrap().is_private_literally(), "{other}");
        }
    }

    #[test]
    fn only_plain_web_addresses_are_taken() {
        for good in
            ["https://example.com/hook?x=1", "http://127.0.0.1:8080", "https://[::1]/", "https://例子.中国/"]
        {
            HttpUrl::parse(good).unwrap();
        }
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user@example.com/",
            "https://a:b@example.com/",
            "https://example.com/#x",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert_eq!(HttpUrl::parse(bad), Err(FaultRule::Url), "{bad}");
        }
        let long = format!("https://example.com/{}", "x".repeat(2_000));
        assert_eq!(HttpUrl::parse(&long), Err(FaultRule::TooLong(2_000)));
    }
}
