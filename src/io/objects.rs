//! Objects by URL: the door between `io`, which knows no network, and `remote`, which does.

use super::ranged_bytes::RangedBytes;
use crate::error::{Error, Result};
use bytes::Bytes;
use std::fmt::Debug;
use std::io::IoSlice;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};

/// The stores of objects, as `io` needs them. Messages do not name the URL, which may contain secrets.
pub trait Objects: Sync {
    /// Begins to open an object for reading, with a request for its first or its last bytes. All bytes
    /// that are read are of the same version of it.
    ///
    /// # Errors
    /// An unknown kind of URL; settings that the store does not accept.
    fn open(&self, url: &str, first: FirstRequest) -> Result<Box<dyn Opening>>;

    /// The bytes of an object from its start on, by one request without a range.
    ///
    /// # Errors
    /// Those of [`Objects::open`] and of [`Opening::wait`].
    fn blocks(&self, url: &str) -> Result<Box<dyn Blocks>>;

    /// The objects below a prefix: a URL that ends in `/`. In no particular order.
    ///
    /// # Errors
    /// Those of [`Objects::open`]; a server without listing; a request that failed.
    fn list(&self, prefix: &str) -> Result<Vec<ListedObject>>;

    /// Starts an object, which appears when it is committed. With `must_be_new`, an object that exists
    /// already is an error, now or later.
    ///
    /// # Errors
    /// An unknown kind of URL, one that names no object; an object that exists.
    fn create(&self, url: &str, must_be_new: bool) -> Result<Box<dyn NewObject>>;

    /// Opens the place of many objects, whose names begin with that of the URL.
    ///
    /// # Errors
    /// An unknown kind of URL, or one of a server that has no such places.
    fn open_prefix(&self, url: &str) -> Result<Arc<dyn ObjectPrefix>>;
}

/// The first request for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRequest {
    /// Its first bytes, for reading from front to back.
    Start,
    /// Its last bytes, where a footer is.
    End,
}

/// An object that is being opened.
pub trait Opening: Debug + Send {
    /// Whether [`Opening::wait`] returns at once.
    fn is_ready(&self) -> bool;

    /// Waits for the first bytes.
    ///
    /// # Errors
    /// An object that does not exist or may not be read; a server that cannot be reached.
    fn wait(self: Box<Self>) -> Result<Opened>;
}

/// An open object.
#[derive(Debug)]
pub enum Opened {
    /// One that is read at ranges.
    Ranges(Arc<dyn RangedBytes>),
    /// The server sends only whole objects: [`Objects::blocks`] reads it.
    Whole,
}

/// The bytes of an object from front to back.
pub trait Blocks: Debug + Send {
    /// Whether [`Blocks::next`] returns at once.
    fn is_ready(&self) -> bool;

    /// The next bytes; empty at the end.
    ///
    /// # Errors
    /// A request that failed.
    fn next(&mut self) -> Result<Bytes>;
}

/// An object that was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its path below the prefix, without escapes.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// An object being written. It appears as a whole when it is committed. If it is dropped before, or if a
/// signal ends the process, nothing of it is left, and an object that has its name stays.
pub trait NewObject: Debug + Send {
    /// Takes all bytes of the slices. They are sent in the background.
    ///
    /// # Errors
    /// A request that failed, maybe for earlier bytes.
    fn write(&mut self, slices: &[IoSlice<'_>]) -> Result<()>;

    /// Gives memory back until more is written.
    ///
    /// # Errors
    /// I/O errors of a temporary file.
    fn suspend(&mut self) -> Result<()>;

    /// Says that all bytes were written, and returns their number. The last ones are sent in the background.
    ///
    /// # Errors
    /// Those of [`NewObject::write`].
    fn finish(&mut self) -> Result<u64>;

    /// Waits until the store has all bytes. Nothing can be seen of them yet.
    ///
    /// # Errors
    /// Those of [`NewObject::write`].
    fn wait(&mut self) -> Result<()>;

    /// Starts to make the object appear, in the background.
    fn begin_commit(&mut self);

    /// Makes the object appear.
    ///
    /// # Errors
    /// Those of [`NewObject::write`]; an object that must be new and is not.
    fn commit(self: Box<Self>) -> Result<()>;
}

/// The objects whose names begin with that of a URL and a slash.
pub trait ObjectPrefix: Debug + Send + Sync {
    /// The paths of all objects below, in the order of their bytes; at most `most` of them.
    ///
    /// # Errors
    /// A server that cannot be reached, or refuses the request.
    fn list(&self, most: usize) -> Result<Vec<String>>;

    /// Opens an object by its path, for reading.
    ///
    /// # Errors
    /// Those of [`Objects::open`].
    fn open(&self, path: &str) -> Result<Arc<dyn RangedBytes>>;

    /// Starts an object by its path. With `in_parts`, it is given to the store piece by piece even if it is
    /// small, so that its commit sends no bytes.
    ///
    /// # Errors
    /// A path that no object can have.
    fn create(&self, path: &Path, in_parts: bool) -> Result<Box<dyn NewObject>>;

    /// Removes objects by their paths.
    ///
    /// # Errors
    /// Those of [`ObjectPrefix::list`].
    fn remove(&self, paths: &[String]) -> Result<()>;
}

/// The requests for objects, and the bytes that came and went with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Transferred {
    /// Requests that were answered.
    pub requests: u64,
    /// Bytes of objects, in both directions.
    pub bytes: u64,
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// Counts a request that was answered, and the bytes of an object that it brought or took.
pub fn count_request(bytes: u64) {
    REQUESTS.fetch_add(1, Relaxed);
    BYTES.fetch_add(bytes, Relaxed);
}

/// The amount that this process has transferred so far; nothing if it asked for no object.
pub fn transferred() -> Option<Transferred> {
    let requests = REQUESTS.load(Relaxed);
    (0 < requests).then(|| Transferred { requests, bytes: BYTES.load(Relaxed) })
}

/// How objects are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Access {
    /// Requests are not signed.
    pub is_anonymous: bool,
    /// The one who asks pays for it, not the owner of the bucket.
    pub pays: bool,
}

#[cfg(feature = "remote")]
impl Access {
    /// The reason why access may be denied; `credentials` is the one with credentials.
    pub(crate) fn denied(self, credentials: &str) -> String {
        let anonymous = "only public objects can be read without credentials (--anonymous)";
        if self.is_anonymous { anonymous } else { credentials }.to_owned()
    }
}

static IS_ANONYMOUS: AtomicBool = AtomicBool::new(false);
static PAYS: AtomicBool = AtomicBool::new(false);

/// How objects are asked for by this process: it does one job, so this needs no owner.
pub fn access() -> Access {
    Access { is_anonymous: IS_ANONYMOUS.load(Relaxed), pays: PAYS.load(Relaxed) }
}

/// Sets how objects are asked for.
pub fn set_access(access: Access) {
    IS_ANONYMOUS.store(access.is_anonymous, Relaxed);
    PAYS.store(access.pays, Relaxed);
}

static OBJECTS: OnceLock<&'static dyn Objects> = OnceLock::new();

static TELL: OnceLock<fn(&str)> = OnceLock::new();

/// Says by what URLs are opened. `command` calls this when a tool starts, if the program was built with
/// the feature `remote`.
pub fn open_urls_by(objects: &'static dyn Objects) {
    let _set_already = OBJECTS.set(objects);
}

/// Says how something that is not a failure is reported. `command` calls this, too.
pub fn tell_by(tell: fn(&str)) {
    let _set_already = TELL.set(tell);
}

/// Starts the object of a URL.
///
/// # Errors
/// Those of [`Objects::create`]; a program without the feature `remote`.
pub(super) fn create_object(url: &str, must_be_new: bool) -> Result<Box<dyn NewObject>> {
    objects()?.create(url, must_be_new)
}

/// Opens the place of many objects.
///
/// # Errors
/// Those of [`Objects::open_prefix`]; a program without the feature `remote`.
pub(super) fn open_prefix(url: &str) -> Result<Arc<dyn ObjectPrefix>> {
    objects()?.open_prefix(url)
}

pub(super) fn objects() -> Result<&'static dyn Objects> {
    let missing = || Error::usage("URLs need a build with the feature remote");
    OBJECTS.get().copied().ok_or_else(missing)
}

/// Reports something that is not a failure.
pub(super) fn tell(what: &str) {
    if let Some(tell) = TELL.get() {
        tell(what);
    }
}
