//! The settings of stores for writing.

use super::amazon::Bucket;
use super::client::{Direction, client};
use super::location::{SCHEMES, http_builder, invalid, parts};
use super::{azure, google, runtime};
use crate::error::Result;
use crate::io::access;
use object_store::ObjectStoreScheme;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::path::Path;
use reqwest::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};
use std::sync::Arc;

/// How a store is opened. It is not asked for anything yet, but S3 for the region of a bucket that is written to.
#[derive(Debug, Clone)]
pub(super) enum Settings {
    S3(AmazonS3Builder),
    Google(GoogleCloudStorageBuilder),
    Azure(MicrosoftAzureBuilder),
    Http(HttpBuilder),
}

impl Settings {
    /// The store of a URL, the path in it, which is empty for all of the store, and what to say if access
    /// is denied.
    ///
    /// # Errors
    /// A URL that cannot be parsed, or of another scheme; no credentials.
    pub(super) fn parse(text: &str) -> Result<(Self, Path, Arc<str>)> {
        let (url, scheme, path) = parts(text)?;
        let unknown = || invalid(SCHEMES);
        let out = Direction::Out;
        let (settings, credentials) = match scheme {
            ObjectStoreScheme::AmazonS3 => {
                let bucket = Bucket::of(text, url.host_str().ok_or_else(unknown)?, access())?;
                let (builder, credentials) = amazon(bucket)?;
                (Self::S3(builder), credentials)
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                let (builder, credentials) = google::builder(text, access(), out)?;
                (Self::Google(builder), credentials)
            }
            ObjectStoreScheme::MicrosoftAzure => {
                let (builder, credentials) = azure::builder(text, access(), out)?;
                (Self::Azure(builder), credentials)
            }
            ObjectStoreScheme::Http => {
                let (builder, credentials) = http_builder(&url, out)?;
                (Self::Http(builder), credentials)
            }
            _ => return Err(unknown()),
        };
        Ok((settings, path, credentials.into()))
    }
}

/// The region must be right from the start: an upload is not begun again. That of the environment is
/// often the one of other buckets, so the store is always asked, once for each output: a first request
/// to the wrong region would come minutes later, when a part is full.
fn amazon(bucket: Bucket) -> Result<(AmazonS3Builder, String)> {
    let asked = Arc::new(bucket);
    let bucket = Arc::clone(&asked);
    let region = runtime::wait(async move { Ok(asked.stated_region().await) })?;
    bucket.builder(region.as_deref(), Direction::Out)
}

/// The settings of a client whose requests succeed only if there is no such object.
///
/// # Errors
/// Certificates that cannot be read.
pub(super) fn new_only(builder: AmazonS3Builder) -> Result<AmazonS3Builder> {
    let mut headers = HeaderMap::new();
    headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
    Ok(builder.with_client_options(client(Direction::Out)?.with_default_headers(headers)))
}
