//! Addresses that accounts choose, of receivers of webhooks and of files of holidays.

use url::Url;

use crate::FaultRule;

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
}

#[cfg(test)]
mod tests {
    use super::*;

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
