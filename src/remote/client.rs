//! How requests are made, whatever the store: time-outs, retries, certificates.

use super::aws_profile::set;
use crate::error::{Error, Result};
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};
use std::time::Duration;

/// A server that sends nothing for this long is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// The longest time to connect.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// A busy or failing server is asked again, for a minute at most.
pub(super) fn retries() -> RetryConfig {
    let (init_backoff, max_backoff) = (Duration::from_millis(100), Duration::from_secs(5));
    RetryConfig {
        backoff: BackoffConfig { init_backoff, max_backoff, base: 2.0 },
        max_retries: 6,
        retry_timeout: Duration::from_secs(60),
    }
}

/// Whether bodies are read or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    /// The time-out for reading starts with the request, so a long body would take longer to send.
    Out,
}

/// Chooses the cryptography of TLS, with which every client is made.
pub(super) fn use_ring() {
    // Fails only if it was chosen already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
}

/// Slow links take any time, silent ones do not. Plain HTTP is spoken to endpoints whose URL says so.
/// Certificates are those of the system (`SSL_CERT_FILE`), and those in `AWS_CA_BUNDLE`. Proxies are
/// those of the environment.
///
/// # Errors
/// Certificates that cannot be read.
pub(super) fn client(direction: Direction) -> Result<ClientOptions> {
    use_ring();
    let mut options = ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(CONNECT)
        .with_allow_http(true);
    if direction == Direction::In {
        options = options.with_read_timeout(SILENCE);
    }
    if let Some(bundle) = set("AWS_CA_BUNDLE") {
        let what = format!("cannot read {bundle} (AWS_CA_BUNDLE)");
        let pem = std::fs::read(&bundle).map_err(|error| Error::io(&what, &error))?;
        let certificates = Certificate::from_pem_bundle(&pem);
        let certificates =
            certificates.map_err(|error| Error::failed(format!("{what}: {error}")))?;
        for certificate in certificates {
            options = options.with_root_certificate(certificate);
        }
    }
    Ok(options)
}
