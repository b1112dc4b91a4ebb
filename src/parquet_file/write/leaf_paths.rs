//! The leaves of a column, by its name.

use crate::error::{Error, Result};
use crate::text::{did_you_mean, escaped, similar};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// The numbers of the leaf columns with this name, or below it.
pub(crate) fn below(name: &str, schema: &SchemaDescriptor, purpose: &str) -> Result<Vec<usize>> {
    let leaves = schema.columns().iter().enumerate();
    let below = leaves.filter(|(_, leaf)| is_below(leaf, name)).map(|(number, _)| number);
    let below: Vec<_> = below.collect();
    if below.is_empty() { Err(unknown(name, schema, purpose)) } else { Ok(below) }
}

pub(crate) fn is_below(leaf: &ColumnDescriptor, name: &str) -> bool {
    let path = leaf.path().string();
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

pub(crate) fn unknown(name: &str, schema: &SchemaDescriptor, purpose: &str) -> Error {
    let fields = schema.root_schema().get_fields();
    let near = similar(name, fields.iter().map(|field| field.name()));
    let hint = did_you_mean(near.first().map(|name| format!("\"{}\"", escaped(name))));
    Error::usage(format!("no column \"{}\" to {purpose}{hint}", escaped(name)))
}
