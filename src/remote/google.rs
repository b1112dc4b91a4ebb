//! Google's store: settings as its tools have them.

use super::aws_profile::set;
use super::client::{Direction, client, retries};
use crate::error::Result;
use crate::io::Access;
use object_store::StaticCredentialProvider;
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder};
use std::sync::Arc;

const CREDENTIALS: &str = "the credentials in GOOGLE_APPLICATION_CREDENTIALS, of gcloud (gcloud auth \
     application-default login) or of this machine do not allow this";

/// The settings for a `gs` URL, and what to say of its credentials if access is denied. Requests to an
/// emulator (`STORAGE_EMULATOR_HOST`) are not signed.
///
/// # Errors
/// Certificates that cannot be read.
pub(super) fn builder(
    url: &str,
    access: Access,
    direction: Direction,
) -> Result<(GoogleCloudStorageBuilder, String)> {
    let emulator = set("STORAGE_EMULATOR_HOST");
    let emulator =
        emulator.map(|host| if host.contains("://") { host } else { format!("http://{host}") });
    let is_anonymous = access.is_anonymous || emulator.is_some();
    let mut builder = GoogleCloudStorageBuilder::from_env().with_url(url).with_retry(retries());
    builder = builder.with_client_options(client(direction)?);
    if let Some(host) = &emulator {
        builder = builder.with_base_url(host.trim_end_matches('/'));
    }
    if is_anonymous {
        // Uploads ask for credentials although no signature is wanted.
        let anonymous = GcpCredential { bearer: String::new() };
        builder = builder.with_credentials(Arc::new(StaticCredentialProvider::new(anonymous)));
    }
    Ok((builder.with_skip_signature(is_anonymous), access.denied(CREDENTIALS)))
}
