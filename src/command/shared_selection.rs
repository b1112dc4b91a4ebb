//! Options shared by tools that read parts of files: columns and rows.

use super::expression_file::expression_text;
use super::group::Shared;
use super::shared_flags::limit;
use super::table::{Flag, option};
use super::value::store;
use crate::completion::Complete;
use crate::options::Selection;

impl Shared for Selection {
    const FLAGS: &'static [Flag<Self>] = &[
        option("columns", "read only these columns, in this order")
            .short('c')
            .details(
                "a.b is the struct a with only its field b, unless a column is named a.b. Enclose \
                 a name that contains a comma in double quotes.",
            )
            .completes(Complete::Columns(&[]))
            .value("NAMES", |selection, value| store(&mut selection.columns, value.names())),
        option("where", "read only rows for which EXPRESSION is true")
            .short('w')
            .details(
                "EXPRESSION is a SQL expression, and may use columns that are not written; see \
                 arrow-expressions(7). @FILE reads EXPRESSION from a file.",
            )
            .completes(Complete::Expression)
            .value("EXPRESSION", |selection, value| {
                store(&mut selection.predicate, expression_text(value.text()?))
            }),
        option("skip", "skip the first ROWS rows")
            .details("Rows are counted after --where, over all files together.")
            .value("ROWS", |selection, value| store(&mut selection.skip, value.count())),
        limit(
            "Rows are counted after --where and --skip, over all files together.",
            |selection, value| store(&mut selection.limit, value.count()),
        ),
    ];
}
