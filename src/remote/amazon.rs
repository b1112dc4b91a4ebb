//! S3, and stores that speak its language: settings as the AWS tools have them.

use super::aws_credentials::{self, Source};
use super::aws_profile::{Profile, set};
use super::client::{CONNECT, Direction, client, retries, use_ring};
use crate::error::Result;
use crate::io::{Access, count_request};
use object_store::StaticCredentialProvider;
use object_store::aws::AmazonS3Builder;
use std::sync::Arc;

/// A bucket, and how to reach it.
#[derive(Debug)]
pub(super) struct Bucket {
    url: String,
    name: String,
    profile: Profile,
    access: Access,
    endpoint: Option<String>,
}

impl Bucket {
    /// The bucket of an `s3` URL.
    ///
    /// # Errors
    /// A profile that does not exist; a file of settings that cannot be read.
    pub(super) fn of(url: &str, name: &str, access: Access) -> Result<Self> {
        let profile = Profile::of_environment()?;
        let ignores = set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        let ignores = ignores.is_some_and(|ignores| ignores.eq_ignore_ascii_case("true"));
        let configured = || profile.get("endpoint_url").map(str::to_owned);
        let endpoint = || set("AWS_ENDPOINT_URL_S3").or_else(|| set("AWS_ENDPOINT_URL"));
        let endpoint = if ignores { None } else { endpoint().or_else(configured) };
        Ok(Self { url: url.to_owned(), name: name.to_owned(), profile, access, endpoint })
    }

    /// The region that is set.
    pub(super) fn region(&self) -> Option<String> {
        let of_profile = || self.profile.get("region").map(str::to_owned);
        set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).or_else(of_profile)
    }

    /// The settings, and what to say of its credentials if access is denied.
    ///
    /// # Errors
    /// No credentials anywhere; certificates that cannot be read.
    pub(super) fn builder(
        &self,
        region: Option<&str>,
        direction: Direction,
    ) -> Result<(AmazonS3Builder, String)> {
        let (source, credentials) = aws_credentials::find(&self.profile, self.access)?;
        let mut builder = AmazonS3Builder::from_env().with_url(&self.url).with_retry(retries());
        builder = builder.with_client_options(client(direction)?);
        if let Some(region) = region.map(str::to_owned).or_else(|| self.region()) {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if self.access.pays {
            builder = builder.with_request_payer(true);
        }
        builder = match source {
            Source::Environment => builder,
            Source::Keys(keys) => {
                builder.with_credentials(Arc::new(StaticCredentialProvider::new(keys)))
            }
            Source::Command(command) => builder.with_credentials(Arc::new(command)),
            Source::Anonymous => builder.with_skip_signature(true),
        };
        Ok((builder, credentials))
    }

    /// The region that the store states for the bucket; it does so to anybody, whether or not the
    /// request is allowed.
    pub(super) async fn stated_region(&self) -> Option<String> {
        let region = self.region().unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = self.endpoint.clone();
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let url = format!("{}/{}", endpoint.trim_end_matches('/'), self.name);
        use_ring();
        let none = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().redirect(none).timeout(CONNECT);
        let answer = client.build().ok()?.head(url).send().await.ok()?;
        count_request(0);
        let stated = answer.headers().get("x-amz-bucket-region")?.to_str().ok()?.to_owned();
        (stated != region).then_some(stated)
    }
}
