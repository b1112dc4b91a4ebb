//! The objects below a prefix.

use super::failure;
use super::location::Location;
use crate::error::Result;
use crate::io::ListedObject;
use futures_util::TryStreamExt;

/// Asks for all pages of the list, one after another: each says where the next begins.
///
/// # Errors
/// A request that failed.
pub(super) async fn below(location: Location) -> Result<Vec<ListedObject>> {
    let error = match listed(&location).await {
        Ok(listed) => return Ok(listed),
        Err(error) => error,
    };
    let there = location.in_its_region(&error).await;
    let there = there.ok_or_else(|| failure::told(&error, &location.credentials))?;
    listed(&there).await.map_err(|error| failure::told(&error, &there.credentials))
}

async fn listed(location: &Location) -> object_store::Result<Vec<ListedObject>> {
    let prefix = &location.path;
    let listed = location.store.list((!prefix.as_ref().is_empty()).then_some(prefix));
    // The prefix itself and the separator; nothing for a whole bucket.
    let skipped = match prefix.as_ref().len() {
        0 => 0,
        length => length + 1,
    };
    let objects = listed.map_ok(|object| ListedObject {
        path: object.location.as_ref().get(skipped..).unwrap_or_default().to_owned(),
        size: object.size,
    });
    objects.try_collect::<Vec<_>>().await
}
