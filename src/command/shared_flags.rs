//! Options that several tools have, each of which keeps the value in its own place.

use super::table::{Flag, Set};
use super::value::Value;
use crate::error::Result;

/// `-n`: an end after a number of rows.
pub const fn limit<O>(details: &'static str, set: fn(&mut O, Value) -> Result<()>) -> Flag<O> {
    Flag {
        short: Some('n'),
        long: "limit",
        summary: "stop after ROWS rows",
        details,
        set: Set::Value("ROWS", set),
    }
}

/// `--merge-schema`: how the schemas of several inputs become one.
pub const fn merge_schema<O>(
    details: &'static str,
    set: fn(&mut O, Value) -> Result<()>,
) -> Flag<O> {
    Flag {
        short: None,
        long: "merge-schema",
        summary: "merge schemas: strict (default) or union",
        details,
        set: Set::Value("HOW", set),
    }
}

/// `--functions`: the list of the functions of expressions.
pub const fn functions<O>(set: fn(&mut O)) -> Flag<O> {
    Flag {
        short: None,
        long: "functions",
        summary: "list the functions of expressions",
        details: "",
        set: Set::Switch(set),
    }
}
