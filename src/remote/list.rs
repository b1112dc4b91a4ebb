//! The objects below a prefix.

use super::failure;
use super::location::Location;
use crate::error::Result;
use crate::io::{ListedObject, count_request};
use object_store::list::PaginatedListOptions;

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
    let mut objects = Vec::new();
    let Some(lists) = &location.lists else { return Ok(objects) };
    let path = location.path.as_ref();
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut page_token = None;
    loop {
        let options = PaginatedListOptions { page_token, ..PaginatedListOptions::default() };
        let page = lists.list_paginated(Some(&prefix), options).await?;
        count_request(0);
        // Not the object of a console that stands for the "directory".
        objects.extend(page.result.objects.into_iter().filter_map(|object| {
            let path = object.location.as_ref().strip_prefix(&prefix)?.to_owned();
            Some(ListedObject { path, size: object.size })
        }));
        page_token = page.page_token;
        if page_token.is_none() {
            return Ok(objects);
        }
    }
}
