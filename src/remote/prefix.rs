//! The place of a tree of objects: all objects whose names begin with that of a URL and a slash.

use super::body::Spool;
use super::location::{Location, invalid};
use super::object;
use super::runtime;
use super::target::{SMALL, Target, WritableStore, within};
use super::upload::Upload;
use super::upload_failure::Failure;
use crate::error::{Error, Result};
use crate::io::{FirstRequest, NewObject, ObjectPrefix, Opened, Opening, RangedBytes};
use object_store::ObjectStoreExt;
use object_store::list::PaginatedListOptions;
use object_store::path::Path;
use std::sync::Arc;

/// A prefix of names in a store.
#[derive(Debug)]
pub(super) struct Prefix {
    store: WritableStore,
    path: Path,
    spool: Spool,
}

/// Objects are removed this many at a time.
const REMOVED_AT_A_TIME: usize = 16;

impl Prefix {
    /// # Errors
    /// A URL that cannot be parsed, or of a server that lists no objects.
    pub(super) fn open(url: &str) -> Result<Self> {
        let (store, path) = WritableStore::parse(url)?;
        if store.lists.is_none() {
            return Err(invalid(
                "a tree of files needs a store (s3, gs, az, abfss), not a web server",
            ));
        }
        Ok(Self { store, path, spool: Spool::default() })
    }

    fn below(&self, path: &str) -> Result<Path> {
        let whole = match self.path.as_ref() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        Path::parse(whole)
            .map_err(|error| Error::failed(format!("no object has this name: {error}")))
    }
}

impl ObjectPrefix for Prefix {
    fn list(&self, most: usize) -> Result<Vec<String>> {
        let (store, path) = (self.store.clone(), self.path.clone());
        let mut paths = runtime::wait(async move { listed(&store, &path, most).await })?;
        paths.sort_unstable();
        paths.truncate(most);
        Ok(paths)
    }

    fn open(&self, path: &str) -> Result<Arc<dyn RangedBytes>> {
        let store = Arc::clone(&self.store.store);
        let location = Location::of(store, self.below(path)?, Arc::clone(&self.store.credentials));
        match Box::new(object::begin(location, FirstRequest::End)?).wait()? {
            Opened::Ranges(object) => Ok(object),
            Opened::Whole => Err(Error::failed("the store does not support ranges")),
        }
    }

    fn create(&self, path: &std::path::Path, in_parts: bool) -> Result<Box<dyn NewObject>> {
        let text = path.to_str().ok_or_else(|| Error::failed("its name is not UTF-8"))?;
        let (store, path) = (self.store.clone(), self.below(text)?);
        let target = Target { store, path, must_be_new: false };
        Ok(Box::new(Upload::start_in_spool(target, Arc::clone(&self.spool), in_parts)))
    }

    fn remove(&self, paths: &[String]) -> Result<()> {
        for paths in paths.chunks(REMOVED_AT_A_TIME) {
            let paths: Vec<Path> =
                paths.iter().map(|path| self.below(path)).collect::<Result<_>>()?;
            let (sender, receiver) = std::sync::mpsc::channel();
            for path in paths {
                let (store, sender) = (self.store.clone(), sender.clone());
                runtime::spawn(async move {
                    let removed = within(SMALL, 0, store.store.delete(&path)).await;
                    let _unwanted = sender.send(match removed {
                        Err(failure) if !failure.is_missing() => {
                            Err(failure.told(false, &store.credentials))
                        }
                        _ => Ok(()),
                    });
                })?;
            }
            drop(sender);
            receiver.iter().collect::<Result<()>>()?;
        }
        Ok(())
    }
}

/// The paths below a prefix, page by page.
async fn listed(store: &WritableStore, path: &Path, most: usize) -> Result<Vec<String>> {
    let told = |failure: Failure| failure.told(false, &store.credentials);
    let prefix = if path.as_ref().is_empty() { String::new() } else { format!("{path}/") };
    let mut paths = Vec::new();
    let mut page_token = None;
    let Some(lists) = &store.lists else { return Ok(paths) };
    loop {
        let options = PaginatedListOptions {
            max_keys: (most < 1000).then_some(most.max(1)),
            page_token,
            ..PaginatedListOptions::default()
        };
        let listed = within(SMALL, 0, lists.list_paginated(Some(&prefix), options)).await;
        let page = listed.map_err(told)?;
        for object in page.result.objects {
            let Some(below) = object.location.as_ref().strip_prefix(&prefix) else {
                // The object of a console that stands for the "directory".
                continue;
            };
            paths.push(below.to_owned());
        }
        page_token = page.page_token;
        if page_token.is_none() || most <= paths.len() {
            return Ok(paths);
        }
    }
}
