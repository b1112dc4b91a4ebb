//! Finds the leaf columns at or below a name, with errors for unknown names.

use crate::error::{Error, Result};
use crate::text::{did_you_mean, escaped, similar};
use parquet::schema::types::SchemaDescriptor;

/// The numbers of the leaf columns with this name, or below it.
pub(crate) fn below(name: &str, schema: &SchemaDescriptor, purpose: &str) -> Result<Vec<usize>> {
    let is_below = |leaf: &usize| {
        let path = schema.column(*leaf).path().string();
        path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let below: Vec<usize> = (0..schema.num_columns()).filter(is_below).collect();
    if !below.is_empty() {
        return Ok(below);
    }
    let fields = schema.root_schema().get_fields();
    let near = similar(name, fields.iter().map(|field| field.name()));
    let hint = did_you_mean(near.first().map(|name| format!("\"{}\"", escaped(name))));
    Err(Error::usage(format!("no column \"{}\" to {purpose}{hint}", escaped(name))))
}
