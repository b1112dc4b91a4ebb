//! Options shared by tools that read parts of files: columns and rows.

use super::expression_file::expression_text;
use super::shared_options::Common;
use super::table::{Flag, Set};

/// Options that select the columns and rows to read.
pub const SELECTION: &[Flag<Common>] = &[
    Flag {
        short: Some('c'),
        long: "columns",
        summary: "read only these columns, in this order",
        details: "a.b is the struct a with only b in it, unless a column is named a.b. Enclose a \
                  name that contains a comma in double quotes.",
        set: Set::Value("NAMES", |common, value| {
            common.selection.columns = Some(value.names()?);
            Ok(())
        }),
    },
    Flag {
        short: Some('w'),
        long: "where",
        summary: "read only rows for which EXPRESSION is true",
        details: "EXPRESSION is a SQL expression, and may use columns that are not written; see \
                  arrow-expressions(7). @FILE reads EXPRESSION from a file.",
        set: Set::Value("EXPRESSION", |common, value| {
            common.selection.predicate = Some(expression_text(value.text()?)?);
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "skip",
        summary: "skip the first ROWS rows",
        details: "Counted after --where, over all files together.",
        set: Set::Value("ROWS", |common, value| {
            common.selection.skip = value.count()?;
            Ok(())
        }),
    },
    Flag {
        short: Some('n'),
        long: "limit",
        summary: "stop after ROWS rows",
        details: "Counted after --where and --skip, over all files together.",
        set: Set::Value("ROWS", |common, value| {
            common.selection.limit = Some(value.count()?);
            Ok(())
        }),
    },
];
