//! A URL as a store and the path of an object in it.

use super::amazon::Bucket;
use super::client::{Direction, client, retries};
use super::failure::{self, refused};
use super::{azure, google};
use crate::error::{Error, Result};
use crate::io::access;
use crate::options::is_http_url;
use object_store::http::HttpBuilder;
use object_store::list::PaginatedListStore;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreScheme};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use url::{Position, Url};

/// An object in a store.
#[derive(Clone)]
pub(super) struct Location {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The same, if it can list objects.
    pub(super) lists: Option<Arc<dyn PaginatedListStore>>,
    pub(super) path: Path,
    /// With which credentials it was asked for, for the message if it is denied.
    pub(super) credentials: Arc<str>,
    /// Whether the last bytes can be asked for without knowing the size. Azure's store cannot.
    pub(super) has_suffix_ranges: bool,
    /// The name of the store: objects of one store share its connections.
    key: Arc<str>,
    /// For S3, whose buckets lie in regions.
    bucket: Option<Arc<Bucket>>,
}

/// The stores by their keys, with an empty path.
static STORES: Mutex<BTreeMap<Arc<str>, Location>> = Mutex::new(BTreeMap::new());

impl Location {
    /// The store is not asked for anything.
    ///
    /// # Errors
    /// A URL that cannot be parsed, or of another scheme; settings that the store does not accept; no
    /// credentials.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let location = Self::below(text)?;
        if location.path.as_ref().is_empty() {
            return Err(invalid("it names no object"));
        }
        Ok(location)
    }

    /// The place of the objects below a URL that ends in `/`.
    ///
    /// # Errors
    /// Those of [`Location::parse`]; a server that only speaks HTTP.
    pub(super) fn prefix(text: &str) -> Result<Self> {
        if is_http_url(text) {
            return Err(Error::usage(
                "a web server cannot list its objects: name them, or give --files-from \
                 (in a URL, %2A is *, %5B is [ and %7B is {)",
            ));
        }
        Self::below(text)
    }

    fn below(text: &str) -> Result<Self> {
        let (url, scheme, path) = parts(text)?;
        let unknown = || invalid(SCHEMES);
        let is_http = is_http_url(text);
        // Signatures of signed URLs are for one object.
        let query = url.query().filter(|_| is_http).unwrap_or_default();
        let key: Arc<str> = format!("{}?{query}", &url[..Position::BeforePath]).into();
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match stores.get(&key) {
            Some(store) => store.clone(),
            None => {
                let store = Self::store(text, &url, &scheme, &key)?.ok_or_else(unknown)?;
                stores.entry(key).or_insert(store).clone()
            }
        };
        Ok(Self { path, ..store })
    }

    /// An object in a store that is open already.
    pub(super) fn of(store: Arc<dyn ObjectStore>, path: Path, credentials: Arc<str>) -> Self {
        Self {
            store,
            lists: None,
            path,
            credentials,
            has_suffix_ranges: false,
            key: "".into(),
            bucket: None,
        }
    }

    /// The store of a URL; none for an unknown scheme.
    fn store(
        text: &str,
        url: &Url,
        scheme: &ObjectStoreScheme,
        key: &Arc<str>,
    ) -> Result<Option<Self>> {
        let access = access();
        let bucket = match (scheme, url.host_str()) {
            (ObjectStoreScheme::AmazonS3, Some(name)) => {
                Some(Arc::new(Bucket::of(text, name, access)?))
            }
            _ => None,
        };
        let ((store, lists), credentials) = match (scheme, &bucket) {
            (ObjectStoreScheme::AmazonS3, Some(bucket)) => {
                let (builder, credentials) = bucket.builder(None, Direction::In)?;
                (with_lists(builder.build().map_err(refused)?), credentials)
            }
            (ObjectStoreScheme::GoogleCloudStorage, _) => {
                let (builder, credentials) = google::builder(text, access, Direction::In)?;
                (with_lists(builder.build().map_err(refused)?), credentials)
            }
            (ObjectStoreScheme::MicrosoftAzure, _) => {
                let (builder, credentials) = azure::builder(text, access, Direction::In)?;
                (with_lists(builder.build().map_err(refused)?), credentials)
            }
            (ObjectStoreScheme::Http, _) => {
                let (builder, credentials) = http_builder(url, Direction::In)?;
                let store: Arc<dyn ObjectStore> = Arc::new(builder.build().map_err(refused)?);
                ((store, None), credentials)
            }
            _ => return Ok(None),
        };
        let has_suffix_ranges = !matches!(scheme, ObjectStoreScheme::MicrosoftAzure);
        let (credentials, path, key) = (credentials.into(), Path::default(), Arc::clone(key));
        Ok(Some(Self { store, lists, path, credentials, has_suffix_ranges, key, bucket }))
    }

    /// The same object, if a request failed because its bucket lies in another region.
    pub(super) async fn in_its_region(&self, error: &StoreError) -> Option<Self> {
        let bucket = self.bucket.as_ref().filter(|_| failure::is_wrong_region(error))?;
        let region = bucket.stated_region().await?;
        let (builder, _) = bucket.builder(Some(&region), Direction::In).ok()?;
        let (store, lists) = with_lists(builder.build().ok()?);
        let corrected = Self { store, lists, ..self.clone() };
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = Self { path: Path::default(), ..corrected.clone() };
        stores.insert(Arc::clone(&self.key), kept);
        Some(corrected)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.path, self.store)
    }
}

/// A store as one, and as one that lists objects.
fn with_lists(
    store: impl ObjectStore + PaginatedListStore,
) -> (Arc<dyn ObjectStore>, Option<Arc<dyn PaginatedListStore>>) {
    let store = Arc::new(store);
    (Arc::clone(&store) as _, Some(store))
}

/// The way out for other schemes.
pub(super) const SCHEMES: &str = "use http, https, s3, gs, az or abfss";

/// A URL, the kind of its store, and the path in it, which is empty for all of the store.
///
/// # Errors
/// A URL that cannot be parsed, or of another scheme.
pub(super) fn parts(text: &str) -> Result<(Url, ObjectStoreScheme, Path)> {
    let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
    let unknown = || invalid(SCHEMES);
    let (scheme, path) = if is_http_url(text) {
        // The host of a store, too: its URL may be signed, or public.
        (ObjectStoreScheme::Http, Path::from_url_path(url.path()).map_err(|_| unknown())?)
    } else {
        ObjectStoreScheme::parse(&url).map_err(|_| unknown())?
    };
    Ok((url, scheme, path))
}

/// The error of a URL that names nothing that can be read or written.
pub(super) fn invalid(why: &str) -> Error {
    Error::usage(format!("invalid URL: {why}"))
}

/// The settings for a server that speaks HTTP, and what to say if access is denied.
///
/// # Errors
/// Certificates that cannot be read.
pub(super) fn http_builder(url: &Url, direction: Direction) -> Result<(HttpBuilder, String)> {
    let mut base = url.clone();
    // The query of a signed URL stays.
    base.set_path("");
    base.set_fragment(None);
    let builder = HttpBuilder::new().with_url(base).with_retry(retries());
    let builder = builder.with_client_options(client(direction)?);
    Ok((builder, "the server asks for credentials: use a signed URL".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_an_object_in_a_store() {
        let path = |url: &str| {
            let location = Location::parse(url).map_err(|error| error.to_string());
            location.map(|location| location.path.to_string())
        };
        assert_eq!(path("https://example.com/a/b%20c.parquet?sig=1"), Ok("a/b c.parquet".into()));
        // Signed and public URLs of a store are those of a server.
        let host = "https://bucket.s3.eu-west-1.amazonaws.com";
        assert_eq!(path(&format!("{host}/a.parquet?X-Amz-Signature=1")), Ok("a.parquet".into()));
        let invalid = |why: &str| Err(format!("invalid URL: {why}"));
        assert_eq!(path("s3://bucket"), invalid("it names no object"));
        assert_eq!(path("ftp://host/a"), invalid("use http, https, s3, gs, az or abfss"));
    }
}
