//! Objects by URL that are opened for reading at ranges, and those below a prefix.

use super::objects::{FirstRequest, ListedObject, Opened, Opening, objects};
use super::ranged_bytes::RangedBytes;
use super::spool;
use crate::error::Result;
use crate::options::Operand;
use std::path::Path;
use std::sync::Arc;

/// Begins to open the object of a URL that is read from its end.
///
/// # Errors
/// Those of [`Objects::open`](super::Objects::open); a program without the feature `remote`. Errors name the URL.
pub fn begin_object(url: &str) -> Result<Box<dyn Opening>> {
    let begun = objects().and_then(|objects| objects.open(url, FirstRequest::End));
    begun.map_err(|error| error.with(name(url)))
}

/// The object of a URL, which was begun. If the server sends only whole objects, a copy in an unlinked
/// temporary file in `directory`, else in `$TMPDIR`, else in `/var/tmp`, which is reported.
///
/// # Errors
/// Those of [`Opening::wait`]; an object that cannot be copied, or may not: `--no-spool`. Errors name
/// the URL.
pub fn finish_object(
    url: &str,
    opening: Box<dyn Opening>,
    directory: Option<&Path>,
) -> Result<Arc<dyn RangedBytes>> {
    match opening.wait().map_err(|error| error.with(name(url)))? {
        Opened::Ranges(object) => Ok(object),
        Opened::Whole => spool::whole_object(url, directory).map(Into::into),
    }
}

/// Opens the object of a URL that is read from its end.
///
/// # Errors
/// Those of [`begin_object`] and [`finish_object`].
pub fn open_object(url: &str, directory: Option<&Path>) -> Result<Arc<dyn RangedBytes>> {
    finish_object(url, begin_object(url)?, directory)
}

/// The objects below a prefix: a URL that ends in `/`.
///
/// # Errors
/// Those of [`Objects::list`](super::Objects::list); a program without the feature `remote`. Errors name the URL.
pub fn list_objects(prefix: &str) -> Result<Vec<ListedObject>> {
    let listed = objects().and_then(|objects| objects.list(prefix));
    listed.map_err(|error| error.with(name(prefix)))
}

fn name(url: &str) -> String {
    Operand::Url(url.to_owned()).name()
}
