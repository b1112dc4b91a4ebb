//! Objects by URL: the door between `io`, which knows no network, and `remote`, which does.

use super::ranged_bytes::RangedBytes;
use crate::error::{Error, Result};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};

/// The stores of objects, as `io` needs them. Messages do not name the URL, which may contain secrets.
pub trait Objects: Sync {
    /// Opens an object for reading. All bytes that are read are of the same version of it.
    ///
    /// # Errors
    /// An unknown kind of URL; an object that does not exist or may not be read; a server that cannot
    /// be reached.
    fn open(&self, url: &str) -> Result<Arc<dyn RangedBytes>>;
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
    /// The words for denied access, with these credentials or without any.
    pub(crate) fn denied(self, credentials: &str) -> String {
        let anonymous = " without credentials (--anonymous): is the object public?";
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

/// Says by what URLs are opened. `command` calls this when a tool starts, if the program was built with
/// the feature `remote`.
pub fn open_urls_by(objects: &'static dyn Objects) {
    let _set_already = OBJECTS.set(objects);
}

/// Opens the object of a URL for reading.
///
/// # Errors
/// Those of [`Objects::open`]; a program without the feature `remote`.
pub fn open_object(url: &str) -> Result<Arc<dyn RangedBytes>> {
    objects()?.open(url)
}

fn objects() -> Result<&'static dyn Objects> {
    let missing = || Error::usage("URLs need a build with the feature remote");
    OBJECTS.get().copied().ok_or_else(missing)
}
