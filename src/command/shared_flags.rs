//! Options that several tools have, each of which keeps the value in its own place.

use super::table::{Flag, option};
use super::value::Value;
use crate::completion::Complete;
use crate::error::Result;

/// `-n`: an end after a number of rows.
pub const fn limit<O>(details: &'static str, set: fn(&mut O, Value) -> Result<()>) -> Flag<O> {
    option("limit", "stop after ROWS rows").short('n').details(details).value("ROWS", set)
}

/// `--merge-schema`: how the schemas of several inputs become one.
pub const fn merge_schema<O>(
    details: &'static str,
    known: Complete,
    set: fn(&mut O, Value) -> Result<()>,
) -> Flag<O> {
    option("merge-schema", "merge schemas: strict (default) or union")
        .details(details)
        .completes(known)
        .value("HOW", set)
}

/// `--functions`: the list of the functions of expressions.
pub const fn functions<O>(set: fn(&mut O)) -> Flag<O> {
    option("functions", "list the functions of expressions").switch(set)
}
