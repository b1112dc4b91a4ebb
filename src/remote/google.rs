//! Google's store: settings as its tools have them.

use super::aws_profile::set;
use super::client::{client, retries};
use super::failure::refused;
use crate::error::Result;
use crate::io::Access;
use object_store::ObjectStore;
use object_store::gcp::GoogleCloudStorageBuilder;
use std::sync::Arc;

const CREDENTIALS: &str = " with the credentials of GOOGLE_APPLICATION_CREDENTIALS, of gcloud \
     (gcloud auth application-default login) or of this machine: they may not do this";

/// The store of a `gs` URL, and what to say of its credentials if access is denied. Requests to an
/// emulator (`STORAGE_EMULATOR_HOST`) are not signed.
///
/// # Errors
/// Settings that the store does not accept.
pub(super) fn store(url: &str, access: Access) -> Result<(Arc<dyn ObjectStore>, String)> {
    let emulator = set("STORAGE_EMULATOR_HOST");
    let emulator =
        emulator.map(|host| if host.contains("://") { host } else { format!("http://{host}") });
    let is_plain = emulator.as_ref().is_some_and(|host| host.starts_with("http://"));
    let is_anonymous = access.is_anonymous || emulator.is_some();
    let mut builder = GoogleCloudStorageBuilder::from_env().with_url(url).with_retry(retries());
    builder = builder.with_client_options(client()?.with_allow_http(is_plain));
    if let Some(host) = &emulator {
        builder = builder.with_base_url(host.trim_end_matches('/'));
    }
    let store = builder.with_skip_signature(is_anonymous).build().map_err(refused)?;
    Ok((Arc::new(store), access.denied(CREDENTIALS)))
}
