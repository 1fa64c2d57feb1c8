//! TLS to sites whose certificates may be bad.
//!
//! **Invariant:** a bad certificate never stops a look and is never taken for a good one: the
//! connection accepts any, and the chain is judged afterwards, at the instant of the look, into
//! [`CertificateSeen`]. No secret is ever sent over such a connection.

use std::sync::Arc;
use std::time::Duration;

use icp_domain::look::{CertificateSeen, Failure};
use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The extra root is no certificate.
    #[error("the root certificate of the loopback sites is not readable")]
    Root(#[source] rustls::Error),
    /// The trust anchors make no verifier.
    #[error("the trust anchors could not be set up")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
    /// The cryptography lacks the protocol's versions.
    #[error("the TLS client could not be set up")]
    Client(#[from] rustls::Error),
}

/// Makes TLS connections and judges what certificate they showed.
pub(crate) struct Tls {
    connector: TlsConnector,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Tls {
    /// Trusts the web's roots, and one more where sites on loopback have their own.
    pub(crate) fn new(root: Option<CertificateDer<'_>>) -> Result<Self, TlsFault> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(root) = root {
            roots.add(root.into_owned()).map_err(TlsFault::Root)?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()?;
        let accepting = AcceptAny {
            provider: Arc::clone(&provider),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(accepting))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A resumed session shows no certificate.
        config.resumption = Resumption::disabled();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            verifier,
        })
    }

    /// Opens TLS over a connection, with the host's name in SNI, and tells the certificate.
    pub(crate) async fn open<S>(
        &self,
        stream: S,
        host: &str,
        at: Timestamp,
    ) -> Result<(TlsStream<S>, Option<CertificateSeen>), Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Malformed)?;
        let opened = self
            .connector
            .connect(name.clone(), stream)
            .await
            .map_err(|error| {
                tracing::debug!(%error, "no TLS with the site");
                if error.kind() == std::io::ErrorKind::InvalidData {
                    Failure::Malformed
                } else {
                    Failure::ConnectionBroken
                }
            })?;
        let (_, connection) = opened.get_ref();
        let shown = connection.peer_certificates().unwrap_or_default();
        let seen = self.seen(shown, &name, at);
        Ok((opened, seen))
    }

    fn seen(
        &self,
        shown: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        at: Timestamp,
    ) -> Option<CertificateSeen> {
        let (site, above) = shown.split_first()?;
        let (_, parsed) = X509Certificate::from_der(site).ok()?;
        let validity = parsed.validity();
        let second = |time: i64| Timestamp::from_second(time).ok();
        let at = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
        let now = UnixTime::since_unix_epoch(at);
        Some(CertificateSeen {
            not_before: second(validity.not_before.timestamp())?,
            not_after: second(validity.not_after.timestamp())?,
            trusted: self
                .verifier
                .verify_server_cert(site, above, name, &[], now)
                .is_ok(),
        })
    }
}

/// Accepts any certificate whose key signed the handshake.
#[derive(Debug)]
struct AcceptAny {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
