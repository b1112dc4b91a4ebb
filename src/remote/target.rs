//! The target of an upload: its store, its path, and the requests.

use super::failure::refused;
use super::location::invalid;
use super::runtime;
use super::settings::{Settings, new_only};
use super::upload_failure::{Failure, exists};
use crate::error::{Error, Result};
use crate::io::count_request;
use object_store::list::PaginatedListStore;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, MultipartId, ObjectStore, PutMode, PutMultipartOptions,
    PutOptions, PutPayload,
};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The clients of a store for writing.
#[derive(Clone)]
pub(super) struct WritableStore {
    pub(super) store: Arc<dyn ObjectStore>,
    /// None for a server that takes an object by one request only.
    multipart: Option<Arc<dyn MultipartStore>>,
    /// The same for completing uploads of objects that must be new, if the store can check that.
    new_only: Option<Arc<dyn MultipartStore>>,
    pub(super) lists: Option<Arc<dyn PaginatedListStore>>,
    pub(super) credentials: Arc<str>,
    /// The ID of the run, which is kept with an object if the store can do so for parts. By it an object
    /// is recognised whose upload was completed by a request that seemed to fail.
    run: Option<String>,
}

/// An object to be written.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) store: WritableStore,
    pub(super) path: Path,
    pub(super) must_be_new: bool,
}

/// The metadata of an object that has the ID of the run.
const RUN: &str = "arrow-pipes-run";

/// A request without an answer is repeated this often, if the store does not do so.
const MOST_TRIES: usize = 3;

/// A small request takes this long at most, with its retries.
pub(super) const SMALL: Duration = Duration::from_secs(90);

/// The slowest link that is waited for.
const LEAST_BYTES_PER_SECOND: u64 = 32 << 10;

/// Stores take minutes to put the parts of a large object together.
const COMPLETION: Duration = Duration::from_secs(15 * 60);

impl WritableStore {
    /// # Errors
    /// A URL that cannot be parsed, or of another scheme; settings that the store does not accept.
    pub(super) fn parse(url: &str) -> Result<(Self, Path)> {
        let (settings, path, credentials) = Settings::parse(url)?;
        let run = Some(run_id()?);
        let store = match settings {
            Settings::S3(builder) => {
                let store = Arc::new(builder.clone().build().map_err(refused)?);
                let new_only = Arc::new(new_only(builder)?.build().map_err(refused)?);
                Self {
                    store: Arc::clone(&store) as _,
                    multipart: Some(Arc::clone(&store) as _),
                    new_only: Some(new_only),
                    lists: Some(store),
                    credentials,
                    run,
                }
            }
            Settings::Google(builder) => {
                let store = Arc::new(builder.build().map_err(refused)?);
                Self::of_parts(
                    Arc::clone(&store) as _,
                    Arc::clone(&store) as _,
                    store,
                    credentials,
                    run,
                )
            }
            Settings::Azure(builder) => {
                let store = Arc::new(builder.build().map_err(refused)?);
                let (multipart, lists) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
                Self::of_parts(store, multipart, lists, credentials, None)
            }
            Settings::Http(builder) => {
                let store = Arc::new(builder.build().map_err(refused)?);
                let (multipart, new_only, lists) = (None, None, None);
                Self { store, multipart, new_only, lists, credentials, run: None }
            }
        };
        Ok((store, path))
    }

    fn of_parts(
        store: Arc<dyn ObjectStore>,
        multipart: Arc<dyn MultipartStore>,
        lists: Arc<dyn PaginatedListStore>,
        credentials: Arc<str>,
        run: Option<String>,
    ) -> Self {
        let (multipart, lists) = (Some(multipart), Some(lists));
        Self { store, multipart, new_only: None, lists, credentials, run }
    }

    fn attributes(&self) -> Attributes {
        let run = self.run.iter().map(|run| (Attribute::Metadata(RUN.into()), run.clone()));
        run.collect()
    }
}

impl Target {
    /// # Errors
    /// Those of [`WritableStore::parse`]; a URL that names no object.
    pub(super) fn of_object(url: &str, must_be_new: bool) -> Result<Self> {
        let (store, path) = WritableStore::parse(url)?;
        if path.as_ref().is_empty()
            || url.split(['?', '#']).next().unwrap_or_default().ends_with('/')
        {
            return Err(invalid("it names no object"));
        }
        Ok(Self { store, path, must_be_new })
    }

    /// # Errors
    /// An object that exists; a server that cannot be reached.
    pub(super) fn refuse_existing(&self) -> Result<()> {
        let target = self.clone();
        runtime::wait(async move { target.check_new().await })
    }

    /// Whether objects are sent in parts.
    pub(super) fn has_parts(&self) -> bool {
        self.store.multipart.is_some()
    }

    /// Sends all of an object by one request.
    ///
    /// # Errors
    /// Failed requests; an object that exists and must be new.
    pub(super) async fn put(&self, body: PutPayload) -> Result<()> {
        let bytes = body.content_length() as u64;
        let is_checked = self.must_be_new && self.has_parts();
        if self.must_be_new && !is_checked {
            self.check_new().await?;
        }
        let mode = if is_checked { PutMode::Create } else { PutMode::Overwrite };
        let options =
            PutOptions { mode, attributes: self.store.attributes(), ..PutOptions::default() };
        let put = self.store.store.put_opts(&self.path, body, options);
        match within(patience(bytes), bytes, put).await {
            Ok(_) => Ok(()),
            Err(_) if self.is_of_this_run().await => Ok(()),
            Err(failure) => Err(self.told(&failure)),
        }
    }

    /// Begins to send an object in parts.
    ///
    /// # Errors
    /// Failed requests.
    pub(super) async fn begin(&self) -> Result<MultipartId> {
        let attributes = self.store.attributes();
        let multipart = self.multipart()?;
        let begun = if attributes.is_empty() {
            within(SMALL, 0, multipart.create_multipart(&self.path)).await
        } else {
            let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
            within(SMALL, 0, multipart.create_multipart_opts(&self.path, options)).await
        };
        begun.map_err(|failure| self.told(&failure))
    }

    /// Sends a part.
    ///
    /// # Errors
    /// Failed requests.
    pub(super) async fn put_part(
        &self,
        id: &MultipartId,
        number: usize,
        body: PutPayload,
    ) -> Result<PartId> {
        let bytes = body.content_length() as u64;
        let part = self.multipart()?.put_part(&self.path, id, number, body);
        within(patience(bytes), bytes, part).await.map_err(|failure| self.told(&failure))
    }

    /// Makes an object of its parts.
    ///
    /// # Errors
    /// Failed requests; an object that exists and must be new.
    pub(super) async fn complete(&self, id: &MultipartId, parts: Vec<PartId>) -> Result<()> {
        let checking = self.store.new_only.as_ref().filter(|_| self.must_be_new);
        if self.must_be_new && checking.is_none() {
            self.check_new().await?;
        }
        let multipart = checking.map_or_else(|| self.multipart(), Ok)?;
        match within(COMPLETION, 0, multipart.complete_multipart(&self.path, id, parts)).await {
            Ok(_) => Ok(()),
            // The answer to an earlier try may have been lost.
            Err(_) if self.is_of_this_run().await => Ok(()),
            Err(failure) => Err(self.told(&failure)),
        }
    }

    /// Ends an upload: the store forgets its parts.
    ///
    /// # Errors
    /// Failed requests.
    pub(super) async fn abort(&self, id: &MultipartId) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            match within(SMALL, 0, self.multipart()?.abort_multipart(&self.path, id)).await {
                // The store repeats no DELETE whose connection was cut.
                Err(failure) if failure.is_without_answer() && tries < MOST_TRIES => {}
                Err(failure) if !failure.is_missing() => return Err(self.told(&failure)),
                _ => return Ok(()),
            }
        }
    }

    pub(super) fn told(&self, failure: &Failure) -> Error {
        failure.told(self.must_be_new, &self.store.credentials)
    }

    fn multipart(&self) -> Result<&Arc<dyn MultipartStore>> {
        let missing = || Error::failed("the server takes no parts of objects");
        self.store.multipart.as_ref().ok_or_else(missing)
    }

    /// Refuses an object that exists. One that may not be looked for is left to the store's own check.
    async fn check_new(&self) -> Result<()> {
        match self.head().await {
            Ok(_) => Err(exists()),
            Err(failure) if failure.is_missing() => Ok(()),
            Err(Failure::Store(object_store::Error::PermissionDenied { .. }))
                if self.store.new_only.is_some() =>
            {
                Ok(())
            }
            Err(failure) => Err(self.told(&failure)),
        }
    }

    /// Whether the object was written by this run.
    async fn is_of_this_run(&self) -> bool {
        let (Some(run), Ok(found)) = (&self.store.run, self.head().await) else { return false };
        found.get(&Attribute::Metadata(RUN.into())).is_some_and(|value| value.as_ref() == run)
    }

    async fn head(&self) -> Result<Attributes, Failure> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        let found = within(SMALL, 0, self.store.store.get_opts(&self.path, options)).await?;
        Ok(found.attributes)
    }
}

impl fmt::Debug for WritableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.store)
    }
}

/// Waits for a request and its retries, and counts it with the bytes of its body.
///
/// # Errors
/// A request that failed, or takes longer.
pub(super) async fn within<T>(
    time: Duration,
    bytes: u64,
    request: impl Future<Output = object_store::Result<T>>,
) -> Result<T, Failure> {
    let answer = tokio::time::timeout(time, request).await;
    let answer = answer.map_err(|_| Failure::Silence(time))?.map_err(Failure::Store)?;
    count_request(bytes);
    Ok(answer)
}

/// The time for a request with a body.
fn patience(bytes: u64) -> Duration {
    SMALL + Duration::from_secs(bytes / LEAST_BYTES_PER_SECOND)
}

fn run_id() -> Result<String> {
    let mut random = [0; 16];
    let refused = |error| Error::failed(format!("the system gives no random numbers: {error}"));
    getrandom::fill(&mut random).map_err(refused)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
