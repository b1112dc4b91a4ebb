//! Objects by URL: bytes at ranges of an object in a store or behind HTTP (feature `remote`).
//!
//! [`Stores`] opens objects for `io`: it asks for the last bytes of an object, which give its size and
//! its ETag. `object` fulfils [`RangedBytes`], `location` turns a URL into a store and a path
//! (`amazon` with `aws_credentials` and `aws_profile`, `google`, `azure`), `client` says how to ask,
//! `extents` plans requests and keeps what was fetched, `runtime` is the thread that runs the
//! requests, and `failure` words what went wrong.

mod amazon;
mod aws_credentials;
mod aws_profile;
mod azure;
mod client;
mod extents;
mod failure;
mod google;
mod location;
mod object;
mod request;
mod runtime;

use crate::error::Result;
use crate::io::{Objects, RangedBytes};
use location::Location;
use object::Object;
use std::sync::Arc;

/// The stores of objects that URLs name: S3 and what speaks its language, Google's, Azure's, and servers
/// that speak HTTP.
#[derive(Debug)]
pub struct Stores;

impl Objects for Stores {
    /// Nothing is read but the last 64 KiB.
    fn open(&self, url: &str) -> Result<Arc<dyn RangedBytes>> {
        Ok(Arc::new(Object::open(Location::parse(url)?)?))
    }
}
