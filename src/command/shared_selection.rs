//! Options shared by tools that read parts of files: columns and rows.

use super::expression_file::expression_text;
use super::group::Shared;
use super::shared_flags::limit;
use super::table::{Flag, Set};
use super::value::store;
use crate::options::Selection;

impl Shared for Selection {
    const FLAGS: &'static [Flag<Self>] = &[
        Flag {
            short: Some('c'),
            long: "columns",
            summary: "read only these columns, in this order",
            details: "a.b is the struct a with only its field b, unless a column is named a.b. \
                      Enclose a name that contains a comma in double quotes.",
            set: Set::Value("NAMES", |selection, value| {
                store(&mut selection.columns, value.names())
            }),
        },
        Flag {
            short: Some('w'),
            long: "where",
            summary: "read only rows for which EXPRESSION is true",
            details: "EXPRESSION is a SQL expression, and may use columns that are not written; \
                      see arrow-expressions(7). @FILE reads EXPRESSION from a file.",
            set: Set::Value("EXPRESSION", |selection, value| {
                selection.predicate = Some(expression_text(value.text()?)?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "skip",
            summary: "skip the first ROWS rows",
            details: "Rows are counted after --where, over all files together.",
            set: Set::Value("ROWS", |selection, value| store(&mut selection.skip, value.count())),
        },
        limit(
            "Rows are counted after --where and --skip, over all files together.",
            |selection, value| store(&mut selection.limit, value.count()),
        ),
    ];
}
