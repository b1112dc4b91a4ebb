//! Options that tools share which read parts of files: which columns, which rows.

use super::expression_file::expression_text;
use super::shared_options::Common;
use super::table::{Flag, Set};

/// What is read of files.
pub const SELECTION: &[Flag<Common>] = &[
    Flag {
        short: Some('c'),
        long: "columns",
        summary: "read only these columns, in this order",
        details: "A name a.b means the struct a, holding only b, unless a column is called a.b. A \
                  name that holds a comma stands in double quotes.",
        set: Set::Value("NAMES", |common, value| {
            common.selection.columns = Some(value.names()?);
            Ok(())
        }),
    },
    Flag {
        short: Some('w'),
        long: "where",
        summary: "only rows for which the SQL expression is true",
        details: "It may use columns that are not written. See arrow-expressions(7). @FILE reads the \
                  expression from a file.",
        set: Set::Value("EXPRESSION", |common, value| {
            common.selection.predicate = Some(expression_text(value.text()?)?);
            Ok(())
        }),
    },
    Flag {
        short: None,
        long: "skip",
        summary: "leave out the first ROWS rows",
        details: "Counted after --where, over all that is read of all files.",
        set: Set::Value("ROWS", |common, value| {
            common.selection.skip = value.count()?;
            Ok(())
        }),
    },
    Flag {
        short: Some('n'),
        long: "limit",
        summary: "stop after ROWS rows",
        details: "Counted after --where and --skip, over all that is read of all files.",
        set: Set::Value("ROWS", |common, value| {
            common.selection.limit = Some(value.count()?);
            Ok(())
        }),
    },
];
