//! Whom bots over `wss` may be vouched for by: the authorities of the public web, and an operator's own.

use std::sync::Arc;

use tokio_rustls::{
    TlsConnector,
    rustls::{
        self,
        pki_types::{CertificateDer, pem::PemObject as _},
    },
};

/// The authorities whose certificates bots may have.
#[derive(Clone, Debug)]
pub struct BotAuthorities(Arc<rustls::ClientConfig>);

/// Why a file has no authorities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotAuthoritiesFault {
    /// It is no PEM, or has a certificate that is none.
    #[error("no certificates in PEM: {0}")]
    Unreadable(String),
    /// It has none.
    #[error("no certificate in it")]
    Empty,
}

impl BotAuthorities {
    /// Those of the public web, and beside them those whose certificates stand here, as PEM.
    ///
    /// # Errors
    /// Where nothing is a certificate, or one of them is none.
    pub fn with(pem: &[u8]) -> Result<Self, BotAuthoritiesFault> {
        let unreadable = |words: String| BotAuthoritiesFault::Unreadable(words);
        let mut own = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            own.add(certificate).map_err(|error| unreadable(error.to_string()))?;
        }
        if own.is_empty() { Err(BotAuthoritiesFault::Empty) } else { Ok(Self::of(own.roots)) }
    }

    fn of(own: Vec<rustls::pki_types::TrustAnchor<'static>>) -> Self {
        let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.extend(own);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        #[expect(clippy::expect_used, reason = "see the message")]
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(Arc::new(config))
    }

    pub(super) fn connector(&self) -> TlsConnector {
        Arc::clone(&self.0).into()
    }
}

impl Default for BotAuthorities {
    /// Those of the public web.
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        for (pem, is_empty) in [("", true), ("hello", true), (BROKEN, false), (NO_CERTIFICATE, false)] {
            let fault = BotAuthorities::with(pem.as_bytes()).unwrap_err();
            assert_eq!(fault == BotAuthoritiesFault::Empty, is_empty, "{pem}: {fault}");
        }
    }

    const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
}
