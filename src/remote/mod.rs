//! Objects by URL, in a store or behind HTTP (feature `remote`): bytes at ranges in, whole objects out.
//!
//! [`Stores`] opens objects for `io`: it asks for the first or the last bytes of an object, which give
//! its size and its ETag. `object` fulfils [`RangedBytes`](crate::io::RangedBytes), `location` turns a
//! URL into a store and a path (`amazon` with `aws_credentials` and `aws_profile`, `google`, `azure`),
//! `client` says how to ask, `extents` plans requests and keeps what was fetched, `blocks` is an object
//! that is sent only whole, `list` finds the objects below a prefix, `runtime` is the thread that runs
//! the requests, and `failure` words what went wrong.
//!
//! Out, an `upload` ([`NewObject`]) collects the bytes of an object in a `body` and sends them as parts
//! of a `multipart` upload, as many as may be `in_flight`, to the store of its `target` (by `settings`);
//! a small object is one request. `open_uploads` are ended when a signal ends the process. Objects below
//! a `prefix` are a tree. `upload_failure` words what went wrong.

mod amazon;
mod aws_credentials;
mod aws_profile;
mod azure;
mod blocks;
mod body;
mod client;
mod extents;
mod failure;
mod google;
mod in_flight;
mod list;
mod location;
mod multipart;
mod object;
mod open_uploads;
mod prefix;
mod request;
mod runtime;
mod settings;
mod target;
mod upload;
mod upload_failure;

use crate::error::Result;
use crate::io::{Blocks, FirstRequest, ListedObject, NewObject, ObjectPrefix, Objects, Opening};
use location::Location;
use prefix::Prefix;
use std::sync::Arc;
use target::Target;
use upload::Upload;

/// The stores of objects that URLs name: S3 and what speaks its language, Google's, Azure's, and servers
/// that speak HTTP.
#[derive(Debug)]
pub struct Stores;

impl Objects for Stores {
    fn open(&self, url: &str, first: FirstRequest) -> Result<Box<dyn Opening>> {
        Ok(Box::new(object::begin(Location::parse(url)?, first)?))
    }

    fn blocks(&self, url: &str) -> Result<Box<dyn Blocks>> {
        Ok(Box::new(blocks::of(url, Location::parse(url)?)?))
    }

    fn list(&self, prefix: &str) -> Result<Vec<ListedObject>> {
        runtime::wait(list::below(Location::prefix(prefix)?))
    }

    /// Nothing is sent yet. If the object must be new, it is looked for.
    fn create(&self, url: &str, must_be_new: bool) -> Result<Box<dyn NewObject>> {
        let target = Target::of_object(url, must_be_new)?;
        if must_be_new {
            target.refuse_existing()?;
        }
        Ok(Box::new(Upload::start(target)))
    }

    fn open_prefix(&self, url: &str) -> Result<Arc<dyn ObjectPrefix>> {
        Ok(Arc::new(Prefix::open(url)?))
    }
}
