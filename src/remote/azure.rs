//! Azure's store: settings as its tools have them.

use super::aws_profile::set;
use super::client::{Direction, client, retries};
use crate::error::Result;
use crate::io::Access;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

const CREDENTIALS: &str = "the credentials in AZURE_STORAGE_CONNECTION_STRING, \
     AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_KEY or AZURE_CLIENT_ID, or of this machine, do not \
     allow this";

/// The settings for an `az` or `abfss` URL, and what to say of its credentials if access is denied.
///
/// # Errors
/// Certificates that cannot be read.
pub(super) fn builder(
    url: &str,
    access: Access,
    direction: Direction,
) -> Result<(MicrosoftAzureBuilder, String)> {
    let mut builder = MicrosoftAzureBuilder::from_env().with_url(url).with_retry(retries());
    for (key, value) in connection(&set("AZURE_STORAGE_CONNECTION_STRING").unwrap_or_default()) {
        builder = builder.with_config(key, value);
    }
    builder = builder.with_client_options(client(direction)?);
    Ok((builder.with_skip_signature(access.is_anonymous), access.denied(CREDENTIALS)))
}

/// The settings of a connection string: `AccountName=a;AccountKey=b;BlobEndpoint=https://h`.
fn connection(text: &str) -> Vec<(AzureConfigKey, &str)> {
    let settings = text.split(';').filter_map(|setting| {
        let (key, value) = setting.split_once('=')?;
        let key = match key.trim() {
            "AccountName" => AzureConfigKey::AccountName,
            "AccountKey" => AzureConfigKey::AccessKey,
            "SharedAccessSignature" => AzureConfigKey::SasKey,
            "BlobEndpoint" => AzureConfigKey::Endpoint,
            _ => return None,
        };
        Some((key, value.trim()))
    });
    settings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_has_account_key_and_place() {
        let text =
            "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=k==;BlobEndpoint=http://h/a;";
        let expected = [
            (AzureConfigKey::AccountName, "a"),
            (AzureConfigKey::AccessKey, "k=="),
            (AzureConfigKey::Endpoint, "http://h/a"),
        ];
        assert_eq!(connection(text), expected);
        assert_eq!(connection(""), []);
    }
}
